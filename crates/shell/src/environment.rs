//! Environment variables, in the order in which they were set.

use std::rc::Rc;

/// A process's environment. Cloning is cheap.
#[derive(Clone, Debug, Default)]
pub struct Environment(Rc<Vec<(Rc<str>, Rc<str>)>>);

impl Environment {
    /// An empty environment.
    pub fn new() -> Environment {
        Environment::default()
    }

    /// The value of `name`.
    pub fn get(&self, name: &str) -> Option<&Rc<str>> {
        self.0.iter().find(|(known, _)| &**known == name).map(|(_, value)| value)
    }

    /// Sets `name`, at its old place if it was set before.
    pub fn set(&mut self, name: &str, value: &str) {
        let variables = Rc::make_mut(&mut self.0);
        match variables.iter_mut().find(|(known, _)| &**known == name) {
            Some((_, old)) => *old = value.into(),
            None => variables.push((name.into(), value.into())),
        }
    }

    /// Removes `name`.
    pub fn remove(&mut self, name: &str) {
        Rc::make_mut(&mut self.0).retain(|(known, _)| &**known != name);
    }

    /// All variables.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (&**name, &**value))
    }

    /// How many bytes they take, as exec counts them.
    pub(crate) fn size(&self) -> usize {
        self.0.iter().map(|(name, value)| name.len() + value.len() + 2).sum()
    }
}

impl<'a> FromIterator<(&'a str, &'a str)> for Environment {
    fn from_iter<T: IntoIterator<Item = (&'a str, &'a str)>>(variables: T) -> Environment {
        let mut environment = Environment::new();
        for (name, value) in variables {
            environment.set(name, value);
        }
        environment
    }
}
