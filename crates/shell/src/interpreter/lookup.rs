//! Reading and writing parameters by name, with those whose values are made when they are asked.

use super::{Content, Shell, Variable};
use sim::Rng;
use std::collections::BTreeMap;

/// How many namerefs may lead to one another.
const LIMIT_REFERENCES: u32 = 8;
/// How large a value may grow.
const LIMIT_VALUE_BYTES: usize = 32 * 1024 * 1024;

/// Names an element of an array.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Key {
    /// Of an indexed array.
    Number(i64),
    /// Of an associative array.
    Name(String),
}

/// The variable may not be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ReadOnly;

impl Shell {
    /// The variable that a name leads to, through namerefs.
    pub(crate) fn resolve(&self, name: &str) -> String {
        let mut name = name.to_owned();
        for _ in 0..LIMIT_REFERENCES {
            match self.variables.get(&name) {
                Some(variable) if variable.reference => match variable.text() {
                    Some(target) => name = target.to_owned(),
                    None => break,
                },
                _ => break,
            }
        }
        name
    }

    /// The value of a variable.
    pub(crate) fn variable_text(&mut self, name: &str) -> Option<String> {
        if let Some(variable) = self.variables.get(name) {
            if !variable.reference {
                return variable.text().map(str::to_owned).or_else(|| self.made_value(name));
            }
            let target = self.resolve(name);
            if let Some((array, index)) = target.strip_suffix(']').and_then(|t| t.split_once('[')) {
                let key = self.key(array, index).ok()?;
                return self.element_text(array, &key);
            }
            return self.variables.text(&target).map(str::to_owned);
        }
        self.made_value(name)
    }

    /// The element that an index names.
    pub(crate) fn key(
        &mut self,
        name: &str,
        index: &str,
    ) -> Result<Key, super::arithmetic::Failure> {
        if self.is_map(name) {
            return Ok(Key::Name(index.to_owned()));
        }
        self.evaluate(index).map(Key::Number)
    }

    /// Values that nobody set.
    fn made_value(&mut self, name: &str) -> Option<String> {
        match name {
            "LINENO" => return Some(self.line.to_string()),
            "PPID" => return Some(self.context.process().parent.get().to_string()),
            "HOSTNAME" if self.dialect.has_bash_words() => {
                return Some(self.context.machine().config().hostname.to_string());
            }
            "RANDOM" if self.dialect.has_bash_words() => {
                return Some(self.rng.below(32_768).to_string());
            }
            _ if !self.dialect.is_bash() => return None,
            _ => {}
        }
        let machine = self.context.machine().clone();
        Some(match name {
            "SECONDS" => self.context.now().since(self.started).as_secs().to_string(),
            "SRANDOM" => self.rng.next_u32().to_string(),
            "EPOCHSECONDS" => self.context.now().seconds().to_string(),
            "EPOCHREALTIME" => {
                let nanos = self.context.now().nanos();
                format!("{}.{:06}", nanos / 1_000_000_000, nanos / 1_000 % 1_000_000)
            }
            "BASHPID" => self.context.pid().to_string(),
            "BASH_SUBSHELL" => u32::from(self.is_subshell).to_string(),
            "BASH_VERSION" => "5.2.15(1)-release".to_owned(),
            "BASH" => "/bin/bash".to_owned(),
            "BASHOPTS" | "BASH_SOURCE" => self.name.to_string(),
            "UID" | "EUID" => self.context.caller().user.uid.to_string(),
            "OSTYPE" => "linux-gnu".to_owned(),
            "HOSTTYPE" => machine.config().hardware.architecture.clone(),
            "MACHTYPE" => {
                format!("{}-pc-linux-gnu", machine.config().hardware.architecture)
            }
            "FUNCNAME" => self.frames.last()?.name.to_string(),
            "PIPESTATUS" => self.pipe_statuses.first()?.to_string(),
            "COLUMNS" => self.context.terminal()?.size().0.to_string(),
            "LINES" => self.context.terminal()?.size().1.to_string(),
            "_" => self.last_argument.to_string(),
            _ => return None,
        })
    }

    /// Arrays that nobody set.
    fn made_list(&self, name: &str) -> Option<Vec<String>> {
        if !self.dialect.is_bash() {
            return None;
        }
        match name {
            "PIPESTATUS" => Some(self.pipe_statuses.iter().map(i32::to_string).collect()),
            "FUNCNAME" => {
                Some(self.frames.iter().rev().map(|frame| frame.name.to_string()).collect())
            }
            _ => None,
        }
    }

    /// All elements of an array.
    pub(crate) fn elements(&mut self, name: &str) -> Vec<String> {
        let name = self.resolve(name);
        match self.variables.get(&name) {
            Some(variable) => variable.elements(),
            None => match self.made_list(&name) {
                Some(list) => list,
                None => self.made_value(&name).into_iter().collect(),
            },
        }
    }

    /// The keys of an array's elements.
    pub(crate) fn keys(&mut self, name: &str) -> Vec<String> {
        let name = self.resolve(name);
        self.variables.get(&name).map(Variable::keys).unwrap_or_default()
    }

    pub(crate) fn is_map(&self, name: &str) -> bool {
        let name = self.resolve(name);
        matches!(self.variables.get(&name), Some(Variable { content: Content::Map(_), .. }))
    }

    /// One element of an array. A negative number counts from the end.
    pub(crate) fn element_text(&mut self, name: &str, key: &Key) -> Option<String> {
        let name = self.resolve(name);
        let Some(variable) = self.variables.get(&name) else {
            let list = self.made_list(&name).or_else(|| Some(vec![self.made_value(&name)?]))?;
            let Key::Number(number) = key else {
                return None;
            };
            return list.get(usize::try_from(*number).ok()?).cloned();
        };
        match (&variable.content, key) {
            (Content::List(list), Key::Number(number)) => {
                list.get(&counted(list, *number)?).cloned()
            }
            (Content::Map(map), Key::Name(name)) => map.get(name).cloned(),
            (Content::Text(text), Key::Number(0 | -1)) => Some(text.clone()),
            _ => None,
        }
    }

    /// Sets a variable.
    pub(crate) fn assign(&mut self, name: &str, value: String) -> Result<(), ReadOnly> {
        let name = self.resolve(name);
        if let Some((array, index)) = name.strip_suffix(']').and_then(|name| name.split_once('[')) {
            let (array, index) = (array.to_owned(), index.to_owned());
            let key = self.key(&array, &index).unwrap_or(Key::Number(0));
            return self.assign_element(&array, &key, value);
        }
        self.check_writable(&name)?;
        match name.as_str() {
            "OPTIND" => self.getopts_offset = 0,
            "RANDOM" if self.dialect.has_bash_words() => {
                self.rng = Rng::new(value.parse().unwrap_or(0));
                return Ok(());
            }
            "SECONDS" if self.dialect.is_bash() => {
                let seconds = value.parse().unwrap_or(0);
                self.started = self.context.now() - sim::Duration::from_secs(seconds);
                return Ok(());
            }
            _ => {}
        }
        let value = self.shaped(&name, value);
        let allexport = self.options.allexport;
        let variable = self.variables.entry(&name);
        match &mut variable.content {
            Content::List(list) => {
                list.insert(0, value);
            }
            Content::Map(map) => {
                map.insert("0".to_owned(), value);
            }
            content => *content = Content::Text(value),
        }
        variable.exported |= allexport;
        Ok(())
    }

    /// The value as the variable's attributes want it.
    fn shaped(&mut self, name: &str, value: String) -> String {
        let Some(variable) = self.variables.get(name) else {
            return limited(value);
        };
        let (integer, upper) = (variable.integer, variable.upper);
        if integer {
            return self.evaluate(&value).unwrap_or(0).to_string();
        }
        match upper {
            Some(true) => value.to_uppercase(),
            Some(false) => value.to_lowercase(),
            None => limited(value),
        }
    }

    /// Sets an element, making the variable an array.
    pub(crate) fn assign_element(
        &mut self,
        name: &str,
        key: &Key,
        value: String,
    ) -> Result<(), ReadOnly> {
        let name = self.resolve(name);
        self.check_writable(&name)?;
        let value = self.shaped(&name, value);
        let content = &mut self.variables.entry(&name).content;
        if let Content::Text(text) = content {
            *content = Content::List([(0, std::mem::take(text))].into());
        }
        match (content, key) {
            (Content::Map(map), Key::Name(key)) => {
                map.insert(key.clone(), value);
            }
            (Content::List(list), Key::Number(number)) => {
                if let Some(number) = counted(list, *number) {
                    list.insert(number, value);
                }
            }
            (content, Key::Number(number)) => *content = Content::List([(*number, value)].into()),
            (content, Key::Name(key)) => *content = Content::Map([(key.clone(), value)].into()),
        }
        Ok(())
    }

    /// Makes a variable an array of these elements; `append`: after those it has.
    pub(crate) fn assign_list(
        &mut self,
        name: &str,
        elements: Vec<(Option<Key>, String)>,
        append: bool,
    ) -> Result<(), ReadOnly> {
        let name = self.resolve(name);
        self.check_writable(&name)?;
        let is_map = self.is_map(&name);
        let entry = self.variables.entry(&name);
        if !append {
            entry.content =
                if is_map { Content::Map(BTreeMap::new()) } else { Content::List(BTreeMap::new()) };
        } else if let Content::Text(text) = &mut entry.content {
            entry.content = Content::List([(0, std::mem::take(text))].into());
        }
        let mut next = match &entry.content {
            Content::List(list) => list.keys().next_back().map_or(0, |last| last + 1),
            _ => 0,
        };
        for (key, value) in elements {
            let key = key.unwrap_or(Key::Number(next));
            if let Key::Number(number) = key {
                next = number + 1;
            }
            self.assign_element(&name, &key, value)?;
        }
        Ok(())
    }

    fn check_writable(&self, name: &str) -> Result<(), ReadOnly> {
        match self.variables.get(name) {
            Some(variable) if variable.read_only => Err(ReadOnly),
            _ => Ok(()),
        }
    }

    /// Declares a variable local to the function that runs, if it is not yet.
    pub(crate) fn make_local(&mut self, name: &str) {
        let old = self.variables.get(name).cloned();
        if let Some(frame) = self.frames.last_mut()
            && !frame.locals.contains_key(name)
        {
            frame.locals.insert(name.into(), old);
            if self.dialect.is_bash() {
                // dash and ash let the new variable begin with the old one's value.
                self.variables.remove(name);
            }
        }
    }
}

fn counted(list: &BTreeMap<i64, String>, number: i64) -> Option<i64> {
    if number >= 0 {
        return Some(number);
    }
    let end = list.keys().next_back().map_or(0, |last| last + 1);
    (end + number >= 0).then_some(end + number)
}

fn limited(mut value: String) -> String {
    if value.len() > LIMIT_VALUE_BYTES {
        let cut = (0..=LIMIT_VALUE_BYTES).rev().find(|at| value.is_char_boundary(*at));
        value.truncate(cut.unwrap_or(0));
    }
    value
}
