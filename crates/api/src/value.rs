//! The object tree.

use crate::{Key, List, Map, Text};
use std::fmt;
use std::ops::Index;

/// A document or a part of one. Copying is cheap: maps, lists and strings are shared, and a
/// write copies only the maps on the way to what changes.
#[derive(Clone, Default, PartialEq)]
pub enum Value {
    /// `null`
    #[default]
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// A string.
    Str(Text),
    /// A sequence.
    List(List),
    /// A mapping.
    Map(Map),
}

/// What [`Value::index`] gives for something that is not there.
const ABSENT: &Value = &Value::Null;

impl Value {
    /// `{}`
    pub const EMPTY_MAP: Value = Value::Map(Map::EMPTY);

    /// The string, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The string in its shared form, if it is one.
    pub fn as_text(&self) -> Option<&Text> {
        match self {
            Value::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The number, if it is a whole one.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Value::Int(number) => Some(*number),
            _ => None,
        }
    }

    /// The number, whole or not.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Value::Int(number) => Some(*number as f64),
            Value::Float(number) => Some(*number),
            _ => None,
        }
    }

    /// The truth value, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Value::Bool(flag) => Some(*flag),
            _ => None,
        }
    }

    /// The map, if it is one.
    pub fn as_map(&self) -> Option<&Map> {
        match self {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The items; none if this is not a list.
    pub fn items(&self) -> &[Value] {
        match self {
            Value::List(list) => list,
            _ => &[],
        }
    }

    /// Whether this is `null`.
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// The entry of `key`, or `null` if this is not a map or has none.
    pub fn get(&self, key: &Key) -> &Value {
        self.as_map().and_then(|map| map.get(key)).unwrap_or(ABSENT)
    }

    /// The map, to be changed. Anything else is replaced by an empty map first.
    pub fn make_map(&mut self) -> &mut Map {
        if !matches!(self, Value::Map(_)) {
            *self = Value::EMPTY_MAP;
        }
        match self {
            Value::Map(map) => map,
            _ => unreachable!("made a map above"),
        }
    }

    /// The list, to be changed. Anything else is replaced by an empty list first.
    pub fn make_list(&mut self) -> &mut List {
        if !matches!(self, Value::List(_)) {
            *self = Value::List(List::EMPTY);
        }
        match self {
            Value::List(list) => list,
            _ => unreachable!("made a list above"),
        }
    }

    /// The entry of `key`, made `null` if it is missing.
    pub fn entry(&mut self, key: &Key) -> &mut Value {
        self.make_map().get_or_insert_with(key, || Value::Null)
    }

    /// Lets `change` work on the entry of `key`, and copies this map only if it changed something.
    /// An entry that is missing is worked on as `null`, and stays missing if it remains `null`.
    pub fn update(&mut self, key: &Key, change: impl FnOnce(&mut Value)) {
        let mut entry = self.get(key).clone();
        change(&mut entry);
        if !entry.is_same(self.get(key)) {
            self.make_map().insert(key, entry);
        }
    }

    /// Lets `change` work on each item, and copies this list only if it changed something.
    pub fn update_items(&mut self, mut change: impl FnMut(&mut Value)) {
        for at in 0..self.items().len() {
            let mut item = self.items()[at].clone();
            change(&mut item);
            if !item.is_same(&self.items()[at]) {
                self.make_list().make_mut()[at] = item;
            }
        }
    }

    /// Sets the entry of `key` unless it has a value other than `null`.
    pub fn set_default(&mut self, key: &Key, default: impl Into<Value>) {
        if self.get(key).is_null() {
            self.make_map().insert(key, default);
        }
    }

    /// Whether both share the same memory or are equal scalars; cheap, and may miss equals.
    pub fn is_same(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::Map(a), Value::Map(b)) => a.is_same(b),
            (Value::List(a), Value::List(b)) => a.is_same(b),
            (Value::Str(a), Value::Str(b)) => a.is_same(b),
            (Value::Int(a), Value::Int(b)) => a == b,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Null, Value::Null) => true,
            _ => false,
        }
    }

    /// The bytes of memory that this tree needs beyond what `other` already holds. Shared parts
    /// are found where they stand at the same place in both.
    pub fn bytes_beyond(&self, other: &Value) -> usize {
        if self.is_same(other) {
            return 0;
        }
        match self {
            Value::Str(Text::Shared(text)) => text.len() + 2 * size_of::<usize>(),
            Value::List(list) => {
                let theirs = other.items();
                let beyond =
                    |(i, item): (usize, &Value)| item.bytes_beyond(theirs.get(i).unwrap_or(ABSENT));
                list.own_bytes() + list.iter().enumerate().map(beyond).sum::<usize>()
            }
            Value::Map(map) => {
                let beyond = |(key, value): (&Key, &Value)| value.bytes_beyond(other.get(key));
                map.own_bytes() + map.iter().map(beyond).sum::<usize>()
            }
            _ => 0,
        }
    }

    /// How deep the tree is: 0 for a scalar.
    pub fn depth(&self) -> usize {
        match self {
            Value::List(list) => 1 + list.iter().map(Value::depth).max().unwrap_or(0),
            Value::Map(map) => 1 + map.iter().map(|(_, v)| v.depth()).max().unwrap_or(0),
            _ => 0,
        }
    }
}

/// `value["spec"]["replicas"]`: `null` where there is nothing.
impl Index<&str> for Value {
    type Output = Value;
    fn index(&self, name: &str) -> &Value {
        self.as_map().and_then(|map| map.get_str(name)).unwrap_or(ABSENT)
    }
}

/// `value["containers"][0]`: `null` where there is nothing.
impl Index<usize> for Value {
    type Output = Value;
    fn index(&self, at: usize) -> &Value {
        self.items().get(at).unwrap_or(ABSENT)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Value {
        Value::Bool(flag)
    }
}
impl From<i64> for Value {
    fn from(number: i64) -> Value {
        Value::Int(number)
    }
}
impl From<i32> for Value {
    fn from(number: i32) -> Value {
        Value::Int(number.into())
    }
}
impl From<f64> for Value {
    fn from(number: f64) -> Value {
        Value::Float(number)
    }
}
impl From<&'static str> for Value {
    fn from(text: &'static str) -> Value {
        Value::Str(text.into())
    }
}
impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::Str(text.into())
    }
}
impl From<Text> for Value {
    fn from(text: Text) -> Value {
        Value::Str(text)
    }
}
impl From<&Text> for Value {
    fn from(text: &Text) -> Value {
        Value::Str(text.clone())
    }
}
impl From<Map> for Value {
    fn from(map: Map) -> Value {
        Value::Map(map)
    }
}
impl From<List> for Value {
    fn from(list: List) -> Value {
        Value::List(list)
    }
}
impl From<Vec<Value>> for Value {
    fn from(items: Vec<Value>) -> Value {
        Value::List(items.into())
    }
}
impl From<&Value> for Value {
    fn from(value: &Value) -> Value {
        value.clone()
    }
}

impl PartialEq<str> for Value {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == Some(other)
    }
}
impl PartialEq<&str> for Value {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == Some(*other)
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null => f.write_str("null"),
            Value::Bool(flag) => flag.fmt(f),
            Value::Int(number) => number.fmt(f),
            Value::Float(number) => number.fmt(f),
            Value::Str(text) => text.fmt(f),
            Value::List(list) => list.fmt(f),
            Value::Map(map) => map.fmt(f),
        }
    }
}

/// A document written in place: `object! { "kind": "Pod", "spec": object! { "nodeName": node } }`.
#[macro_export]
macro_rules! object {
    ($($name:literal : $value:expr),* $(,)?) => {
        $crate::Value::Map(
            <[($crate::Key, $crate::Value); _]>::into_iter(
                [$(($crate::Key::from($name), $crate::Value::from($value))),*]
            )
            .collect()
        )
    };
}

/// A list written in place: `list![1, "two"]`.
#[macro_export]
macro_rules! list {
    ($($item:expr),* $(,)?) => {
        $crate::Value::List($crate::List::from(vec![$($crate::Value::from($item)),*]))
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_copies_only_the_way_to_it() {
        let old =
            object! { "spec": object! { "a": "x" }, "status": object! { "phase": "Pending" } };
        let mut new = old.clone();
        new.entry(&"status".into()).make_map().insert("phase", "Running");
        assert!(new["spec"].is_same(&old["spec"]));
        assert!(!new["status"].is_same(&old["status"]));
        assert_eq!(old["status"]["phase"], "Pending");
        assert!(new.bytes_beyond(&old) < new.bytes_beyond(&Value::Null));
        assert_eq!(new.bytes_beyond(&new.clone()), 0);
    }

    #[test]
    fn absent_things_are_null() {
        let value = object! { "list": list![1, 2] };
        assert!(value["nothing"]["at"][3].is_null());
        assert_eq!(value["list"][1].as_i64(), Some(2));
    }
}
