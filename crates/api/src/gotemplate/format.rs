//! Values as Go's `fmt` prints them.

use crate::Value;
use crate::json::general_float;
use std::fmt::Write;

/// How a map without a type of its own was declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MapType {
    /// `map[string]interface {}`, as JSON is read.
    String,
    /// `map[interface {}]interface {}`, as YAML is read.
    Any,
}

/// `%#v`: `map[string]interface {}{"kind":"Pod"}`.
pub(crate) fn syntax(value: &Value, map_type: MapType) -> String {
    let mut out = String::new();
    push_syntax(&mut out, value, map_type);
    out
}

fn push_syntax(out: &mut String, value: &Value, map_type: MapType) {
    match value {
        Value::Null => out.push_str("interface {}(nil)"),
        Value::Str(text) => push_quoted(out, text),
        Value::List(list) => {
            out.push_str("[]interface {}{");
            for (at, item) in list.iter().enumerate() {
                if at > 0 {
                    out.push_str(", ");
                }
                push_syntax(out, item, map_type);
            }
            out.push('}');
        }
        Value::Map(map) => {
            out.push_str(match map_type {
                MapType::String => "map[string]interface {}{",
                MapType::Any => "map[interface {}]interface {}{",
            });
            for (at, (key, value)) in map.iter().enumerate() {
                if at > 0 {
                    out.push_str(", ");
                }
                push_quoted(out, key.as_str());
                out.push(':');
                push_syntax(out, value, map_type);
            }
            out.push('}');
        }
        scalar => push_plain(out, scalar),
    }
}

/// `%v`: `map[kind:Pod]`.
pub(crate) fn plain(value: &Value) -> String {
    let mut out = String::new();
    push_plain(&mut out, value);
    out
}

/// Appends [`plain`].
pub(crate) fn push_plain(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("<nil>"),
        Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Value::Int(number) => crate::json::push_int(out, *number),
        Value::Float(number) => out.push_str(&general_float(*number)),
        Value::Str(text) => out.push_str(text),
        Value::List(list) => {
            out.push('[');
            for (at, item) in list.iter().enumerate() {
                if at > 0 {
                    out.push(' ');
                }
                push_plain(out, item);
            }
            out.push(']');
        }
        Value::Map(map) => {
            out.push_str("map[");
            for (at, (key, value)) in map.iter().enumerate() {
                if at > 0 {
                    out.push(' ');
                }
                out.push_str(key.as_str());
                out.push(':');
                push_plain(out, value);
            }
            out.push(']');
        }
    }
}

/// `%q`: a string in double quotes.
pub(crate) fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    push_quoted(&mut out, text);
    out
}

/// Appends [`quote`].
pub(crate) fn push_quoted(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            ' '..='~' => out.push(c),
            _ => push_escaped(out, c),
        }
    }
    out.push('"');
}

/// Appends a character beyond ASCII's visible ones, escaped unless it is visible.
fn push_escaped(out: &mut String, c: char) {
    let code = u32::from(c);
    let escaped = match c {
        '\u{7}' => "\\a",
        '\u{8}' => "\\b",
        '\t' => "\\t",
        '\n' => "\\n",
        '\u{b}' => "\\v",
        '\u{c}' => "\\f",
        '\r' => "\\r",
        c if is_visible(c) => return out.push(c),
        _ => {
            // Writing into a string cannot fail.
            let _ = match code {
                0..0x80 => write!(out, "\\x{code:02x}"),
                0x80..0x10000 => write!(out, "\\u{code:04x}"),
                _ => write!(out, "\\U{code:08x}"),
            };
            return;
        }
    };
    out.push_str(escaped);
}

/// Whether a character has a shape of its own, combining marks included.
pub(crate) fn is_visible(c: char) -> bool {
    if c.is_ascii() {
        return !c.is_ascii_control();
    }
    // Behind another character, Rust's debug form leaves combining marks alone, as Go does.
    let text: String = ['a', c].iter().collect();
    text.escape_debug().count() == 2
}
