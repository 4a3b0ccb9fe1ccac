//! The layout of `kubectl -o yaml`.

use super::order;
use super::scalar::{Place, is_simple_key, push};
use crate::json::{self, Html};
use crate::{Map, Value};

/// A document as `kubectl -o yaml` prints it, with a newline at the end.
pub fn to_string(value: &Value) -> String {
    let mut writer = Writer { out: String::new() };
    writer.root(value);
    writer.out
}

/// [`to_string`] with the failures of kubectl, which writes JSON first and reads that as YAML:
/// some characters must not occur there, and U+0085 is a line end.
pub fn try_to_string(value: &Value) -> Result<String, WriteError> {
    if !survives_json(value) {
        let read = super::parse(&json::to_string(value)).map_err(WriteError)?;
        return Ok(to_string(&read));
    }
    Ok(to_string(value))
}

/// kubectl cannot print this document as YAML. It prints as kubectl's message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("error converting JSON to YAML: {0}")]
pub struct WriteError(super::Error);

/// Whether the document, written as JSON, is certainly the same when it is read as YAML.
fn survives_json(value: &Value) -> bool {
    match value {
        Value::Str(text) => !text.contains(is_trouble),
        Value::List(list) => list.iter().all(survives_json),
        Value::Map(map) => map.iter().all(|(key, value)| {
            let key = key.as_str();
            // A colon must follow a key within 1,024 characters.
            key.len() < 500 && !key.contains(is_trouble) && survives_json(value)
        }),
        _ => true,
    }
}

/// JSON leaves these as they are; lower control characters are escaped.
fn is_trouble(c: char) -> bool {
    matches!(c, '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}')
}

/// What ends a line of what was written; other line breaks are escaped.
const LINE_ENDS: [char; 3] = ['\n', '\u{2028}', '\u{2029}'];

struct Writer {
    out: String,
}

/// Where the value of an entry or an item goes.
#[derive(Clone, Copy)]
enum After {
    /// Behind `key:`
    Key,
    /// Behind `- `, `: ` of a long key, or at the start of the document: a list or a map can begin
    /// on this line.
    Indicator,
}

impl Writer {
    fn root(&mut self, value: &Value) {
        match value {
            Value::List(list) if !list.is_empty() => self.list(list, 0),
            Value::Map(map) if !map.is_empty() => self.map(map, 0),
            scalar => self.scalar(scalar, 2),
        }
        self.end_line();
    }

    fn indent(&mut self, indent: usize) {
        self.end_line();
        self.out.extend(std::iter::repeat_n(' ', indent));
    }

    /// Text in a block brings its own line end.
    fn end_line(&mut self) {
        if !self.out.ends_with(LINE_ENDS) {
            self.out.push('\n');
        }
    }

    /// Writes the entries; the first one where the cursor is.
    fn map(&mut self, map: &Map, indent: usize) {
        let mut entries: Vec<_> = map.iter().collect();
        order::sort(&mut entries, |(key, _)| key.as_str());
        for (at, (key, value)) in entries.into_iter().enumerate() {
            if at > 0 {
                self.indent(indent);
            }
            if is_simple_key(key.as_str()) {
                self.text(key.as_str(), indent, false);
                self.out.push(':');
                self.value(value, indent, After::Key);
            } else {
                self.out.push_str("? ");
                self.text(key.as_str(), indent + 2, true);
                self.indent(indent);
                self.out.push_str(": ");
                self.value(value, indent, After::Indicator);
            }
        }
    }

    fn list(&mut self, list: &[Value], indent: usize) {
        for (at, item) in list.iter().enumerate() {
            if at > 0 {
                self.indent(indent);
            }
            self.out.push_str("- ");
            self.value(item, indent, After::Indicator);
        }
    }

    /// Writes a value that belongs to an entry or an item at `indent`.
    fn value(&mut self, value: &Value, indent: usize, after: After) {
        match (value, after) {
            (Value::List(list), After::Key) if !list.is_empty() => {
                self.indent(indent);
                self.list(list, indent);
            }
            (Value::List(list), After::Indicator) if !list.is_empty() => {
                self.list(list, indent + 2);
            }
            (Value::Map(map), _) if !map.is_empty() => {
                if matches!(after, After::Key) {
                    self.indent(indent + 2);
                }
                self.map(map, indent + 2);
            }
            (scalar, _) => {
                if matches!(after, After::Key) {
                    self.out.push(' ');
                }
                self.scalar(scalar, indent + 2);
            }
        }
    }

    fn scalar(&mut self, value: &Value, indent: usize) {
        match value {
            Value::Str(text) => self.text(text, indent, true),
            Value::Float(number) => self.float(*number),
            other => json::append(&mut self.out, other, Html::Plain),
        }
    }

    /// A float goes through JSON, where it may become a whole number.
    fn float(&mut self, number: f64) {
        if !number.is_finite() {
            return self.out.push_str("null");
        }
        let mut written = String::new();
        json::push_float(&mut written, number);
        if let Ok(whole) = written.parse::<i64>() {
            json::push_int(&mut self.out, whole);
        } else if written.parse::<u64>().is_ok() {
            self.out.push_str(&written);
        } else {
            self.out.push_str(&json::general_float(number));
        }
    }

    fn text(&mut self, text: &str, indent: usize, folds: bool) {
        // Lines are folded at spaces; for other texts the column does not matter.
        let column = if folds && text.contains(' ') {
            let line = self.out.rsplit(LINE_ENDS).next().unwrap_or_default();
            line.chars().count()
        } else {
            0
        };
        let place = Place { column, indent, folds };
        push(&mut self.out, text, place);
    }
}
