//! Shell variables.

use crate::environment::Environment;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// What a variable holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Content {
    /// Declared without a value.
    #[default]
    Unset,
    Text(String),
    List(BTreeMap<i64, String>),
    /// An associative array; bash's order is a hash table's, ours that of the keys.
    Map(BTreeMap<String, String>),
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Variable {
    pub(crate) content: Content,
    pub(crate) exported: bool,
    pub(crate) read_only: bool,
    /// `declare -i`
    pub(crate) integer: bool,
    /// `declare -u`, `declare -l`
    pub(crate) upper: Option<bool>,
    /// `declare -n`: the content names another variable.
    pub(crate) reference: bool,
}

impl Variable {
    /// Its value as a plain variable: an array's first element.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Unset => None,
            Content::Text(text) => Some(text),
            Content::List(list) => list.get(&0).map(String::as_str),
            Content::Map(map) => map.get("0").map(String::as_str),
        }
    }

    pub(crate) fn is_set(&self) -> bool {
        self.content != Content::Unset
    }

    /// All its elements in order.
    pub(crate) fn elements(&self) -> Vec<String> {
        match &self.content {
            Content::Unset => Vec::new(),
            Content::Text(text) => vec![text.clone()],
            Content::List(list) => list.values().cloned().collect(),
            Content::Map(map) => map.values().cloned().collect(),
        }
    }

    /// The keys of its elements in the same order.
    pub(crate) fn keys(&self) -> Vec<String> {
        match &self.content {
            Content::Unset => Vec::new(),
            Content::Text(_) => vec!["0".to_owned()],
            Content::List(list) => list.keys().map(i64::to_string).collect(),
            Content::Map(map) => map.keys().cloned().collect(),
        }
    }

    pub(crate) fn is_array(&self) -> bool {
        matches!(self.content, Content::List(_) | Content::Map(_))
    }
}

/// All variables of a shell; a subshell's copy costs nothing until it changes.
#[derive(Clone, Default)]
pub(crate) struct Variables {
    table: Rc<BTreeMap<Rc<str>, Variable>>,
    /// The environment made of the exported ones, as long as none of them changes.
    environment: RefCell<Option<Environment>>,
}

impl Variables {
    /// Variables that begin as an environment.
    pub(crate) fn new(environment: &Environment) -> Variables {
        let importable = environment.iter().filter(|(name, _)| super::substitution::is_name(name));
        let table = importable.map(|(name, value)| {
            let content = Content::Text(value.to_owned());
            (name.into(), Variable { content, exported: true, ..Variable::default() })
        });
        Variables { table: Rc::new(table.collect()), environment: RefCell::default() }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Variable> {
        self.table.get(name)
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.table.get(name)?.text()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Rc<str>, &Variable)> {
        self.table.iter()
    }

    /// The variable to change it, made if it is missing.
    pub(crate) fn entry(&mut self, name: &str) -> &mut Variable {
        self.environment.take();
        let table = Rc::make_mut(&mut self.table);
        if !table.contains_key(name) {
            table.insert(name.into(), Variable::default());
        }
        // Just inserted if it was missing; `or_default` would copy the name every time.
        table.entry(name.into()).or_default()
    }

    /// Sets a value without asking for permission.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.entry(name).content = Content::Text(value.into());
    }

    pub(crate) fn remove(&mut self, name: &str) -> Option<Variable> {
        self.environment.take();
        Rc::make_mut(&mut self.table).remove(name)
    }

    /// Puts back what [`Variables::remove`] or a copy gave.
    pub(crate) fn restore(&mut self, name: &str, variable: Option<Variable>) {
        self.environment.take();
        let table = Rc::make_mut(&mut self.table);
        match variable {
            Some(variable) => {
                table.insert(name.into(), variable);
            }
            None => {
                table.remove(name);
            }
        }
    }

    /// What programs that are started inherit.
    pub(crate) fn environment(&self) -> Environment {
        let mut cached = self.environment.borrow_mut();
        let environment = cached.get_or_insert_with(|| {
            let exported = self.table.iter().filter(|(_, variable)| variable.exported);
            exported
                .filter_map(|(name, variable)| {
                    let is_plain = !variable.is_array();
                    Some((&**name, variable.text().filter(|_| is_plain)?))
                })
                .collect()
        });
        environment.clone()
    }
}
