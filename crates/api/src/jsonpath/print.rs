//! From values to text.

use crate::Value;
use crate::gotemplate::format::push_plain;
use crate::json::{self, Html};

/// What was found, part by part; values of one part have spaces between them.
pub(super) fn text(parts: &[Vec<&Value>]) -> String {
    let mut out = String::new();
    for part in parts {
        for (at, value) in part.iter().enumerate() {
            if at > 0 {
                out.push(' ');
            }
            push_value(&mut out, value);
        }
    }
    out
}

/// Appends one value.
pub(super) fn push_value(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("null"),
        Value::List(_) | Value::Map(_) => json::append(out, value, Html::Escaped),
        scalar => push_plain(out, scalar),
    }
}

/// Each part as a JSON list on lines of its own.
pub(super) fn json(parts: &[Vec<&Value>]) -> String {
    let mut out = String::new();
    for part in parts {
        let list: Vec<Value> = part.iter().map(|value| (*value).clone()).collect();
        out.push_str(&json::to_string_pretty(&list.into()));
        out.push('\n');
    }
    out
}
