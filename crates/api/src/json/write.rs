//! The writers.

use super::number::{push_float, push_int};
use crate::{Map, Value};

/// Whether `<`, `>` and `&` are written as `\u003c` and so on, as Go does by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Html {
    /// `\u003c`
    Escaped,
    /// `<`
    Plain,
}

/// `{"kind":"Pod"}`: one line without spaces, with HTML escapes.
pub fn to_string(value: &Value) -> String {
    to_string_with(value, Html::Escaped)
}

/// [`to_string`], with or without HTML escapes.
pub fn to_string_with(value: &Value, html: Html) -> String {
    let mut out = String::new();
    append(&mut out, value, html);
    out
}

/// The layout of `kubectl -o json`, without a newline at the end: four spaces for each level.
pub fn to_string_pretty(value: &Value) -> String {
    let mut out = String::new();
    append_pretty(&mut out, value, 0);
    out
}

/// Appends [`to_string_with`] to a text.
pub fn append(out: &mut String, value: &Value, html: Html) {
    match value {
        Value::List(list) => {
            out.push('[');
            for (at, item) in list.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                append(out, item, html);
            }
            out.push(']');
        }
        Value::Map(map) => append_map(out, map, html),
        scalar => append_scalar(out, scalar, html),
    }
}

fn append_map(out: &mut String, map: &Map, html: Html) {
    out.push('{');
    for (at, (key, value)) in map.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        append_string(out, key.as_str(), html);
        out.push(':');
        append(out, value, html);
    }
    out.push('}');
}

fn append_pretty(out: &mut String, value: &Value, depth: usize) {
    match value {
        Value::List(list) if !list.is_empty() => {
            out.push('[');
            for (at, item) in list.iter().enumerate() {
                push_line(out, at > 0, depth + 1);
                append_pretty(out, item, depth + 1);
            }
            push_line(out, false, depth);
            out.push(']');
        }
        Value::Map(map) if !map.is_empty() => {
            out.push('{');
            for (at, (key, value)) in map.iter().enumerate() {
                push_line(out, at > 0, depth + 1);
                append_string(out, key.as_str(), Html::Escaped);
                out.push_str(": ");
                append_pretty(out, value, depth + 1);
            }
            push_line(out, false, depth);
            out.push('}');
        }
        other => append(out, other, Html::Escaped),
    }
}

fn push_line(out: &mut String, comma: bool, depth: usize) {
    out.push_str(if comma { ",\n" } else { "\n" });
    out.extend(std::iter::repeat_n("    ", depth));
}

fn append_scalar(out: &mut String, value: &Value, html: Html) {
    match value {
        Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Value::Int(number) => push_int(out, *number),
        Value::Float(number) if number.is_finite() => push_float(out, *number),
        Value::Str(text) => append_string(out, text, html),
        _ => out.push_str("null"),
    }
}

/// What a byte of a string needs.
#[derive(Clone, Copy, PartialEq)]
enum Class {
    Plain,
    Escape,
    /// `<`, `>` and `&`
    Html,
    /// May begin U+2028 or U+2029, which JavaScript takes for line ends.
    LineSeparator,
}

const CLASSES: [Class; 256] = {
    let mut classes = [Class::Plain; 256];
    let mut byte = 0;
    while byte < 0x20 {
        classes[byte] = Class::Escape;
        byte += 1;
    }
    classes[b'"' as usize] = Class::Escape;
    classes[b'\\' as usize] = Class::Escape;
    classes[b'<' as usize] = Class::Html;
    classes[b'>' as usize] = Class::Html;
    classes[b'&' as usize] = Class::Html;
    classes[0xe2] = Class::LineSeparator;
    classes
};

/// Appends a string in double quotes.
pub fn append_string(out: &mut String, text: &str, html: Html) {
    out.push('"');
    let bytes = text.as_bytes();
    let mut written = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        let length = match CLASSES[usize::from(byte)] {
            Class::Plain => continue,
            Class::Html if html == Html::Plain => continue,
            Class::LineSeparator => match bytes.get(at + 1..at + 3) {
                Some([0x80, 0xa8 | 0xa9]) => 3,
                _ => continue,
            },
            _ => 1,
        };
        out.push_str(&text[written..at]);
        push_escape(out, byte, bytes[at + length - 1]);
        written = at + length;
    }
    out.push_str(&text[written..]);
    out.push('"');
}

/// Appends the escape of a character with this first and last byte.
fn push_escape(out: &mut String, first: u8, last: u8) {
    let escape = match (first, last) {
        (b'"', _) => "\\\"",
        (b'\\', _) => "\\\\",
        (b'\n', _) => "\\n",
        (b'\r', _) => "\\r",
        (b'\t', _) => "\\t",
        (0xe2, 0xa8) => "\\u2028",
        (0xe2, _) => "\\u2029",
        _ => {
            const HEX: &[u8; 16] = b"0123456789abcdef";
            out.push_str("\\u00");
            out.push(char::from(HEX[usize::from(first >> 4)]));
            out.push(char::from(HEX[usize::from(first & 15)]));
            return;
        }
    };
    out.push_str(escape);
}
