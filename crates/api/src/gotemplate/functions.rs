//! The functions of Go's templates, and kubectl's own.

use super::datum::{Datum, Kind};
use super::format::plain;
use super::printf::printf;
use crate::Value;
use crate::yaml::base64;
use std::cmp::Ordering;

/// What a function takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Parameter {
    /// Anything.
    Any,
    /// A string.
    Text,
}

/// A function.
pub(super) struct Function {
    pub(super) name: &'static str,
    /// The first parameters.
    pub(super) fixed: &'static [Parameter],
    /// Whether more of anything may follow.
    pub(super) variadic: bool,
    pub(super) call: fn(&[Datum]) -> Result<Datum, String>,
}

const ONE: &[Parameter] = &[Parameter::Any];
const TWO: &[Parameter] = &[Parameter::Any, Parameter::Any];
const TEXT: &[Parameter] = &[Parameter::Text];

const fn function(
    name: &'static str,
    fixed: &'static [Parameter],
    variadic: bool,
    call: fn(&[Datum]) -> Result<Datum, String>,
) -> Function {
    Function { name, fixed, variadic, call }
}

/// `and` and `or` are executed elsewhere: they do not look at all of their arguments.
pub(super) const FUNCTIONS: &[Function] = &[
    function("and", ONE, true, |_| Ok(Datum::Missing)),
    function("or", ONE, true, |_| Ok(Datum::Missing)),
    function("not", ONE, false, |args| Ok(flag(!args[0].is_true()))),
    function("len", ONE, false, |args| len(&args[0])),
    function("index", ONE, true, |args| index(&args[0], &args[1..])),
    function("slice", ONE, true, |args| slice(&args[0], &args[1..])),
    function("print", &[], true, |args| Ok(text(print(args)))),
    function("println", &[], true, |args| Ok(text(println(args)))),
    function("printf", TEXT, true, |args| {
        Ok(text(printf(args[0].as_text().unwrap_or_default(), &args[1..])))
    }),
    function("html", &[], true, |args| Ok(text(html(&shown(args))))),
    function("js", &[], true, |args| Ok(text(js(&shown(args))))),
    function("urlquery", &[], true, |args| Ok(text(urlquery(&shown(args))))),
    function("eq", ONE, true, |args| eq(&args[0], &args[1..]).map(flag)),
    function("ne", TWO, false, |args| Ok(flag(!eq(&args[0], &args[1..])?))),
    function("lt", TWO, false, |args| Ok(flag(compare(args)?.is_lt()))),
    function("le", TWO, false, |args| Ok(flag(compare(args)?.is_le()))),
    function("gt", TWO, false, |args| Ok(flag(compare(args)?.is_gt()))),
    function("ge", TWO, false, |args| Ok(flag(compare(args)?.is_ge()))),
    function("call", ONE, true, |args| Err(call_problem(&args[0]))),
    function("base64decode", TEXT, false, |args| base64decode(&args[0])),
    function("exists", ONE, true, |args| Ok(flag(exists(&args[0], &args[1..])))),
];

fn text(text: String) -> Datum {
    Datum::known(text)
}

fn flag(flag: bool) -> Datum {
    Datum::known(flag)
}

fn call_problem(function: &Datum) -> String {
    match function.clone().unboxed() {
        Datum::Missing => "call of nil".to_owned(),
        other => format!("non-function of type {}", other.type_name()),
    }
}

fn len(item: &Datum) -> Result<Datum, String> {
    let length = match item.value() {
        // A slip of Go's.
        Value::Null => {
            return Err("reflect: call of reflect.Value.Type on zero Value".to_owned());
        }
        Value::Str(text) => text.len(),
        Value::List(list) => list.len(),
        Value::Map(map) => map.len(),
        _ => return Err(format!("len of type {}", item.type_name())),
    };
    Ok(Datum::Int(length as i64))
}

/// An index into something of this length; the end itself is allowed.
fn place(index: &Datum, length: usize) -> Result<usize, String> {
    if index.kind() == Kind::Missing {
        return Err("cannot index slice/array with nil".to_owned());
    }
    let Some(number) = index.as_whole() else {
        let type_name = index.type_name();
        return Err(format!("cannot index slice/array with type {type_name}"));
    };
    match usize::try_from(number) {
        Ok(place) if place <= length => Ok(place),
        _ => Err(format!("index out of range: {number}")),
    }
}

/// Go's lists have room for more items than they have.
fn capacity(length: usize) -> usize {
    if length > 256 { length } else { length.next_power_of_two() }
}

fn index(item: &Datum, indexes: &[Datum]) -> Result<Datum, String> {
    let mut item = item.clone().unboxed();
    if item.kind() == Kind::Missing {
        return Err("index of untyped nil".to_owned());
    }
    for index in indexes {
        item = match item.value() {
            Value::List(list) => {
                let place = place(index, list.len())?;
                let found = list.get(place).map(Datum::boxed);
                found.ok_or_else(|| "reflect: slice index out of range".to_owned())?
            }
            Value::Str(text) => {
                let place = place(index, text.len())?;
                let found = text.as_bytes().get(place);
                Datum::Byte(*found.ok_or_else(|| "reflect: string index out of range".to_owned())?)
            }
            Value::Map(map) => match index.as_text() {
                Some(name) => map.get_str(name).map_or(Datum::boxed(&Value::Null), Datum::boxed),
                None if index.kind() == Kind::Missing => {
                    return Err("value is nil; should be of type string".to_owned());
                }
                None => {
                    let type_name = index.type_name();
                    return Err(format!("value has type {type_name}; should be string"));
                }
            },
            Value::Null => return Err("index of nil pointer".to_owned()),
            _ => return Err(format!("can't index item of type {}", item.type_name())),
        };
    }
    Ok(item)
}

fn slice(item: &Datum, indexes: &[Datum]) -> Result<Datum, String> {
    if item.kind() == Kind::Missing {
        return Err("slice of untyped nil".to_owned());
    }
    if indexes.len() > 3 {
        return Err(format!("too many slice indexes: {}", indexes.len()));
    }
    let value = item.value();
    let (length, capacity) = match &value {
        Value::Str(_) if indexes.len() == 3 => {
            return Err("cannot 3-index slice a string".to_owned());
        }
        Value::Str(text) => (text.len(), text.len()),
        Value::List(list) => (list.len(), capacity(list.len())),
        _ => return Err(format!("can't slice item of type {}", item.type_name())),
    };
    let mut places = [0, length, capacity];
    for (at, index) in indexes.iter().enumerate() {
        places[at] = place(index, capacity)?;
    }
    let [start, end, limit] = places;
    if start > end {
        return Err(format!("invalid slice index: {start} > {end}"));
    }
    if indexes.len() == 3 && end > limit {
        return Err(format!("invalid slice index: {end} > {limit}"));
    }
    Ok(match &value {
        Value::Str(text) => {
            let bytes = &text.as_bytes()[start..end];
            Datum::known(String::from_utf8_lossy(bytes).into_owned())
        }
        list => {
            let item = |at: usize| list.items().get(at).cloned().unwrap_or_default();
            Datum::known((start..end).map(item).collect::<Vec<Value>>())
        }
    })
}

/// `print` puts a space between two arguments that are no strings.
fn print(args: &[Datum]) -> String {
    let mut out = String::new();
    for (at, arg) in args.iter().enumerate() {
        let is_text = |arg: &Datum| arg.as_text().is_some();
        if at > 0 && !is_text(arg) && !is_text(&args[at - 1]) {
            out.push(' ');
        }
        out.push_str(&plain(&arg.value()));
    }
    out
}

fn println(args: &[Datum]) -> String {
    let args: Vec<String> = args.iter().map(|arg| plain(&arg.value())).collect();
    format!("{}\n", args.join(" "))
}

/// What the escaping functions work on.
fn shown(args: &[Datum]) -> String {
    let shown = |arg: &Datum| match arg.kind() {
        Kind::Missing => Datum::known("<no value>"),
        _ => arg.clone(),
    };
    print(&args.iter().map(shown).collect::<Vec<Datum>>())
}

fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&#34;"),
            '\'' => out.push_str("&#39;"),
            '\0' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

fn js(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '\'' | '"' => out.extend(['\\', c]),
            '<' | '>' | '&' | '=' | '\0'..' ' => {
                out.push_str(&format!("\\u{:04X}", u32::from(c)));
            }
            c if c.is_ascii() || super::format::is_visible(c) => out.push(c),
            c => out.push_str(&format!("\\u{:04X}", u32::from(c))),
        }
    }
    out
}

fn urlquery(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b' ' => out.push('+'),
            b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            byte if byte.is_ascii_alphanumeric() => out.push(char::from(byte)),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

const INCOMPATIBLE: &str = "incompatible types for comparison";

/// Whether the first argument is equal to one of the others.
fn eq(first: &Datum, others: &[Datum]) -> Result<bool, String> {
    if others.is_empty() {
        return Err("missing argument for comparison".to_owned());
    }
    let first = first.clone().unboxed();
    for other in others {
        let other = other.clone().unboxed();
        let equal = match (first.kind(), other.kind()) {
            (Kind::Missing, Kind::Missing) => true,
            (Kind::Missing, _) | (_, Kind::Missing) => false,
            (a, b) if a != b => return Err(INCOMPATIBLE.to_owned()),
            (Kind::Other, _) => return Err(not_comparable(&first, &other)),
            _ => order(&first, &other).is_some_and(Ordering::is_eq),
        };
        if equal {
            return Ok(true);
        }
    }
    Ok(false)
}

fn not_comparable(first: &Datum, other: &Datum) -> String {
    let shown = |datum: &Datum| printf("%s", std::slice::from_ref(datum));
    let (first_type, other_type) = (first.type_name(), other.type_name());
    if first_type == other_type {
        format!("non-comparable type {}: {other_type}", shown(other))
    } else {
        format!(
            "non-comparable types {}: {first_type}, {other_type}: {}",
            shown(first),
            shown(other)
        )
    }
}

fn compare(args: &[Datum]) -> Result<Ordering, String> {
    let (first, other) = (args[0].clone().unboxed(), args[1].clone().unboxed());
    let is_basic = |datum: &Datum| !matches!(datum.kind(), Kind::Missing | Kind::Other);
    if !is_basic(&first) || !is_basic(&other) || first.kind() == Kind::Bool {
        if is_basic(&first) && is_basic(&other) && first.kind() != other.kind() {
            return Err(INCOMPATIBLE.to_owned());
        }
        return Err("invalid type for comparison".to_owned());
    }
    if first.kind() != other.kind() {
        return Err(INCOMPATIBLE.to_owned());
    }
    // Nothing is less than what is not a number.
    Ok(order(&first, &other).unwrap_or(Ordering::Greater))
}

/// The order of two of the same kind.
fn order(a: &Datum, b: &Datum) -> Option<Ordering> {
    if let (Some(a), Some(b)) = (a.as_whole(), b.as_whole()) {
        return Some(a.cmp(&b));
    }
    match (a.value(), b.value()) {
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(&b)),
        (Value::Float(a), Value::Float(b)) => a.partial_cmp(&b),
        (Value::Str(a), Value::Str(b)) => Some(a.cmp(&b)),
        _ => None,
    }
}

fn base64decode(argument: &Datum) -> Result<Datum, String> {
    match base64::decode(argument.as_text().unwrap_or_default()) {
        Ok(bytes) => Ok(text(String::from_utf8_lossy(&bytes).into_owned())),
        Err(at) => Err(format!("base64 decode failed: illegal base64 data at input byte {at}")),
    }
}

/// Whether the indexes lead to something.
fn exists(item: &Datum, indexes: &[Datum]) -> bool {
    let mut value = item.value();
    for index in indexes {
        value = match &value {
            Value::List(list) => {
                let place = index.as_whole().and_then(|place| usize::try_from(place).ok());
                match place.and_then(|place| list.get(place)) {
                    Some(found) => found.clone(),
                    None => return false,
                }
            }
            Value::Str(text) => {
                let place = index.as_whole().and_then(|place| usize::try_from(place).ok());
                match place.and_then(|place| text.as_bytes().get(place)) {
                    Some(byte) => Value::Int(i64::from(*byte)),
                    None => return false,
                }
            }
            Value::Map(map) => {
                let found = index.as_text().and_then(|name| map.get_str(name));
                found.cloned().unwrap_or_default()
            }
            _ => return false,
        };
    }
    indexes.is_empty() || !value.is_null()
}
