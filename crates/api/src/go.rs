//! How Go prints values: in messages (`%q`, `%#v`) and in the dump that is hashed for the
//! pod-template-hash.

use crate::schema::{Field, Struct, Type, go_name};
use crate::{Quantity, Value};
use std::fmt::Write;

/// `%q`: a string in double quotes.
pub fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{b}' => out.push_str("\\v"),
            '\u{c}' => out.push_str("\\f"),
            c if (c as u32) < 0x20 || c as u32 == 0x7f => {
                write!(out, "\\x{:02x}", c as u32).expect("a string takes it");
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// `%v` of a decoded JSON document: `map[a:1 b:[x y]]`.
pub fn plain(value: &Value) -> String {
    match value {
        Value::Null => "<nil>".into(),
        Value::Bool(flag) => flag.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Str(text) => text.to_string(),
        Value::List(list) => {
            let items: Vec<String> = list.iter().map(plain).collect();
            format!("[{}]", items.join(" "))
        }
        Value::Map(map) => {
            let entries: Vec<String> =
                map.iter().map(|(key, value)| format!("{key}:{}", plain(value))).collect();
            format!("map[{}]", entries.join(" "))
        }
    }
}

/// `%#v` of a struct, as `v1.LabelSelector{MatchLabels:map[string]string{"app":"web"}, …}`.
pub fn syntax(ty: &Struct, value: &Value) -> String {
    let mut out = String::new();
    syntax_struct(&mut out, ty, value);
    out
}

/// `%#v` of a value of the type `ty`.
pub fn syntax_of(ty: &Type, value: &Value) -> String {
    let mut out = String::new();
    syntax_type(&mut out, ty, value);
    out
}

/// An address in memory as Go prints it where it has a pointer to something. No two runs of a real
/// program share it, so any looks like any other; `of` makes it differ within one output.
pub fn address(of: &str) -> String {
    format!("0xc00{:07x}", crate::hash::fnv32a(of.as_bytes()) >> 4 & !0xf)
}

fn syntax_struct(out: &mut String, ty: &Struct, value: &Value) {
    out.push_str(ty.go_name());
    out.push('{');
    for (i, field) in ty.fields.iter().enumerate() {
        if i > 0 {
            out.push_str(", ");
        }
        out.push_str(field.go);
        out.push(':');
        syntax_type(out, &field.ty, value_of(field, value));
    }
    out.push('}');
}

/// An inlined struct reads its fields from its parent's document.
fn value_of<'a>(field: &Field, parent: &'a Value) -> &'a Value {
    if field.is_inline { parent } else { parent.get(&field.key()) }
}

fn syntax_type(out: &mut String, ty: &Type, value: &Value) {
    match ty {
        Type::String(_) => out.push_str(&quote(value.as_str().unwrap_or_default())),
        Type::Bool => write!(out, "{}", value.as_bool().unwrap_or_default()).expect("a string"),
        Type::Int32 | Type::Int64 => {
            write!(out, "{}", value.as_i64().unwrap_or_default()).expect("a string");
        }
        Type::Float64 => write!(out, "{}", value.as_f64().unwrap_or_default()).expect("a string"),
        Type::Struct(id) => syntax_struct(out, id.get(), value),
        Type::Pointer(inner) if value.is_null() => {
            write!(out, "(*{})(nil)", type_name(inner)).expect("a string");
        }
        Type::Pointer(inner) => match inner {
            Type::Struct(_) => {
                out.push('&');
                syntax_type(out, inner, value);
            }
            _ => {
                let name = type_name(inner);
                write!(out, "(*{name})({})", address(&name)).expect("a string");
            }
        },
        Type::Slice(inner) => syntax_items(out, ty, inner, value),
        Type::Map(inner) => syntax_entries(out, ty, inner, value),
        Type::IntOrString => {
            let (kind, number, text) = match value {
                Value::Str(text) => (1, 0, text.to_string()),
                other => (0, other.as_i64().unwrap_or_default(), String::new()),
            };
            write!(
                out,
                "intstr.IntOrString{{Type:{kind}, IntVal:{number}, StrVal:{}}}",
                quote(&text)
            )
            .expect("a string");
        }
        Type::Bytes | Type::Time | Type::MicroTime | Type::Quantity | Type::Any => {
            out.push_str(&plain(value));
        }
    }
}

fn syntax_items(out: &mut String, ty: &Type, inner: &Type, value: &Value) {
    let Value::List(items) = value else {
        return write!(out, "{}(nil)", type_name(ty)).expect("a string");
    };
    write!(out, "{}{{", type_name(ty)).expect("a string");
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            out.push_str(", ");
        }
        syntax_type(out, inner, item);
    }
    out.push('}');
}

fn syntax_entries(out: &mut String, ty: &Type, inner: &Type, value: &Value) {
    let Value::Map(map) = value else {
        return write!(out, "{}(nil)", type_name(ty)).expect("a string");
    };
    write!(out, "{}{{", type_name(ty)).expect("a string");
    for (i, (key, item)) in map.iter().enumerate() {
        if i > 0 {
            out.push_str(", ");
        }
        write!(out, "{}:", quote(key.as_str())).expect("a string");
        syntax_type(out, inner, item);
    }
    out.push('}');
}

/// The name of a type as `%T` prints it: `[]v1.Container`.
pub fn type_name(ty: &Type) -> String {
    match ty {
        Type::String(go) => go_name(go).to_owned(),
        Type::Int32 => "int32".into(),
        Type::Int64 => "int64".into(),
        Type::Float64 => "float64".into(),
        Type::Bool => "bool".into(),
        Type::Bytes => "[]uint8".into(),
        Type::Time => "v1.Time".into(),
        Type::MicroTime => "v1.MicroTime".into(),
        Type::Quantity => "resource.Quantity".into(),
        Type::IntOrString => "intstr.IntOrString".into(),
        Type::Any => "runtime.RawExtension".into(),
        Type::Struct(id) => id.get().go_name().to_owned(),
        Type::Pointer(inner) => type_name(inner),
        Type::Slice(inner) => format!("[]{}", pointer_name(inner)),
        Type::Map(inner) if **inner == Type::Quantity => "v1.ResourceList".into(),
        Type::Map(inner) => format!("map[string]{}", pointer_name(inner)),
    }
}

fn pointer_name(ty: &Type) -> String {
    match ty {
        Type::Pointer(inner) => format!("*{}", type_name(inner)),
        other => type_name(other),
    }
}

/// The dump of a struct that `hash.DeepHashObject` feeds to FNV: every field with its type,
/// strings bare, maps sorted, pointers followed.
pub fn dump(ty: &Struct, value: &Value) -> String {
    let mut out = String::with_capacity(4096);
    write!(out, "({})", ty.go_name()).expect("a string");
    dump_fields(&mut out, ty, value);
    out
}

fn dump_fields(out: &mut String, ty: &Struct, value: &Value) {
    out.push('{');
    for (i, field) in ty.fields.iter().enumerate() {
        if i > 0 {
            out.push(' ');
        }
        let value = value_of(field, value);
        out.push_str(field.go);
        out.push(':');
        match &field.ty {
            Type::Pointer(inner) => dump_pointer(out, inner, value),
            ty => {
                write!(out, "({})", type_name(ty)).expect("a string");
                dump_value(out, ty, value);
            }
        }
    }
    out.push('}');
}

fn dump_pointer(out: &mut String, inner: &Type, value: &Value) {
    write!(out, "(*{})", type_name(inner)).expect("a string");
    match value {
        Value::Null => out.push_str("<nil>"),
        value => dump_value(out, inner, value),
    }
}

/// A value whose type has been printed already, or is known from the list that holds it.
fn dump_value(out: &mut String, ty: &Type, value: &Value) {
    match ty {
        Type::String(_) => out.push_str(value.as_str().unwrap_or_default()),
        Type::Bool => write!(out, "{}", value.as_bool().unwrap_or_default()).expect("a string"),
        Type::Int32 | Type::Int64 => {
            write!(out, "{}", value.as_i64().unwrap_or_default()).expect("a string");
        }
        Type::Float64 => write!(out, "{}", value.as_f64().unwrap_or_default()).expect("a string"),
        Type::Struct(id) => dump_fields(out, id.get(), value),
        Type::Pointer(inner) => dump_pointer(out, inner, value),
        Type::Slice(inner) => match value {
            Value::List(items) => {
                out.push('[');
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        out.push(' ');
                    }
                    dump_value(out, inner, item);
                }
                out.push(']');
            }
            _ => out.push_str("<nil>"),
        },
        Type::Map(inner) => match value {
            Value::Map(map) => {
                out.push_str("map[");
                for (i, (key, item)) in map.iter().enumerate() {
                    if i > 0 {
                        out.push(' ');
                    }
                    write!(out, "{key}:").expect("a string");
                    dump_value(out, inner, item);
                }
                out.push(']');
            }
            _ => out.push_str("<nil>"),
        },
        Type::Time | Type::MicroTime => out
            .push_str("{Time:(time.Time){wall:(uint64)0 ext:(int64)0 loc:(*time.Location)<nil>}}"),
        Type::Quantity => dump_quantity(out, value),
        Type::IntOrString => dump_int_or_string(out, value),
        Type::Bytes | Type::Any => out.push_str(&plain(value)),
    }
}

fn dump_quantity(out: &mut String, value: &Value) {
    let text = match value {
        Value::Str(text) => text.to_string(),
        other => other.as_i64().unwrap_or_default().to_string(),
    };
    let quantity = text.parse::<Quantity>().unwrap_or(Quantity::ZERO);
    let (amount, scale) = quantity.go_amount();
    let canonical = quantity.to_string();
    // Go's parser returns before it looks at the format.
    let format = if canonical == "0" { "" } else { quantity.format().as_str() };
    let kept = if keeps_text(&canonical) { canonical.as_str() } else { "" };
    write!(
        out,
        "{{i:(resource.int64Amount){{value:(int64){amount} scale:(resource.Scale){scale}}} \
         d:(resource.infDecAmount){{Dec:(*inf.Dec)<nil>}} s:(string){kept} \
         Format:(resource.Format){format}}}"
    )
    .expect("a string");
}

/// Whether Go's parser keeps the text of a canonical quantity beside its amount: it does not where
/// the text might be shortened, and takes every binary multiple of eight for such a one. That can be
/// seen in the hash of a template: `128Mi` is not kept, `100Mi` is.
fn keeps_text(canonical: &str) -> bool {
    let digits = canonical.trim_end_matches(|c: char| !c.is_ascii_digit());
    match canonical.ends_with('i') {
        true => digits.parse::<i64>().is_ok_and(|number| number % 8 != 0),
        false => canonical == "0" || !digits.ends_with("000"),
    }
}

fn dump_int_or_string(out: &mut String, value: &Value) {
    let (kind, number, text) = match value {
        Value::Str(text) => (1, 0, text.as_str()),
        other => (0, other.as_i64().unwrap_or_default(), ""),
    };
    write!(out, "{{Type:(intstr.Type){kind} IntVal:(int32){number} StrVal:(string){text}}}")
        .expect("a string");
}
