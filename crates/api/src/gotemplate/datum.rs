//! What a template works with.

use super::format::plain;
use crate::Value;

/// A value and the Go type that it has.
#[derive(Clone, Debug)]
pub(super) enum Datum {
    /// Nothing: an entry that is not there, or `null` once it is looked at.
    Missing,
    /// `int`: what the template itself counts with.
    Int(i64),
    /// `uint8`: a byte of a string.
    Byte(u8),
    /// What a document holds; its whole numbers are `int64`.
    Value {
        value: Value,
        /// Whether Go knows no more than that it is something: the static type of entries and
        /// items, which shows in error texts.
        boxed: bool,
    },
}

/// The kinds that can be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Missing,
    Bool,
    Whole,
    Float,
    Text,
    Other,
}

impl Datum {
    pub(super) fn known(value: impl Into<Value>) -> Datum {
        Datum::Value { value: value.into(), boxed: false }
    }

    pub(super) fn boxed(value: &Value) -> Datum {
        Datum::Value { value: value.clone(), boxed: true }
    }

    /// The same with the type that it really has.
    pub(super) fn unboxed(self) -> Datum {
        match self {
            Datum::Value { value: Value::Null, .. } => Datum::Missing,
            Datum::Value { value, .. } => Datum::known(value),
            other => other,
        }
    }

    /// The part of a document that this is; `null` for what is not there.
    pub(super) fn value(&self) -> Value {
        match self {
            Datum::Missing => Value::Null,
            Datum::Int(number) => Value::Int(*number),
            Datum::Byte(byte) => Value::Int(i64::from(*byte)),
            Datum::Value { value, .. } => value.clone(),
        }
    }

    pub(super) fn as_text(&self) -> Option<&str> {
        match self {
            Datum::Value { value, .. } => value.as_str(),
            _ => None,
        }
    }

    pub(super) fn as_whole(&self) -> Option<i64> {
        match self {
            Datum::Int(number) => Some(*number),
            Datum::Byte(byte) => Some(i64::from(*byte)),
            Datum::Value { value, .. } => value.as_i64(),
            Datum::Missing => None,
        }
    }

    /// Whether a condition holds: not if this is zero or empty.
    pub(super) fn is_true(&self) -> bool {
        match self {
            Datum::Missing => false,
            Datum::Int(number) => *number != 0,
            Datum::Byte(byte) => *byte != 0,
            Datum::Value { value, .. } => match value {
                Value::Null => false,
                Value::Bool(flag) => *flag,
                Value::Int(number) => *number != 0,
                Value::Float(number) => *number != 0.0,
                Value::Str(text) => !text.is_empty(),
                Value::List(list) => !list.is_empty(),
                Value::Map(map) => !map.is_empty(),
            },
        }
    }

    pub(super) fn kind(&self) -> Kind {
        match self {
            Datum::Missing => Kind::Missing,
            Datum::Int(_) | Datum::Byte(_) => Kind::Whole,
            Datum::Value { value, .. } => match value {
                Value::Null => Kind::Missing,
                Value::Bool(_) => Kind::Bool,
                Value::Int(_) => Kind::Whole,
                Value::Float(_) => Kind::Float,
                Value::Str(_) => Kind::Text,
                Value::List(_) | Value::Map(_) => Kind::Other,
            },
        }
    }

    /// The name of the type that it really has.
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Datum::Missing => "<nil>",
            Datum::Int(_) => "int",
            Datum::Byte(_) => "uint8",
            Datum::Value { value, .. } => type_name(value),
        }
    }

    /// The name of the type that Go knows it to have.
    pub(super) fn static_type_name(&self) -> &'static str {
        match self {
            Datum::Value { boxed: true, .. } => "interface {}",
            other => other.type_name(),
        }
    }

    /// As `{{.}}` prints it.
    pub(super) fn print(&self) -> String {
        match self {
            Datum::Missing | Datum::Value { value: Value::Null, .. } => "<no value>".to_owned(),
            other => plain(&other.value()),
        }
    }
}

/// The name of Go's type for a part of a document.
pub(super) fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "<nil>",
        Value::Bool(_) => "bool",
        Value::Int(_) => "int64",
        Value::Float(_) => "float64",
        Value::Str(_) => "string",
        Value::List(_) => "[]interface {}",
        Value::Map(_) => "map[string]interface {}",
    }
}
