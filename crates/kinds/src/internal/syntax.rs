//! `%#v`: a Go value in Go's own syntax.

use super::node::Node;
use api::{Quantity, go};
use sim::Time;
use std::fmt::Write;

/// Prints a value.
pub(super) fn print(node: &Node) -> String {
    let mut out = String::new();
    write_node(&mut out, node);
    out
}

fn write_node(out: &mut String, node: &Node) {
    match node {
        Node::Bool(flag) => push(out, flag),
        Node::Int(number) => push(out, number),
        Node::Float(number) => push(out, number),
        Node::Str { text, .. } => out.push_str(&go::quote(text)),
        Node::Struct { ty, fields } => {
            write_entries(out, ty, fields.iter().map(|(name, field)| ((*name).to_owned(), field)));
        }
        Node::Pointer { ty, to } => write_pointer(out, ty, to.as_deref()),
        Node::Slice { ty, items: Some(items) } => {
            push(out, format_args!("{ty}{{"));
            for (i, item) in items.iter().enumerate() {
                out.push_str(if i > 0 { ", " } else { "" });
                write_node(out, item);
            }
            out.push('}');
        }
        Node::Map { ty, entries: Some(entries) } => {
            write_entries(out, ty, entries.iter().map(|(key, value)| (go::quote(key), value)));
        }
        Node::Slice { ty, items: None } | Node::Map { ty, entries: None } => {
            push(out, format_args!("{ty}(nil)"));
        }
        Node::Time(time) => out.push_str(&time_literal(*time)),
        Node::Quantity(quantity) => out.push_str(&quantity_literal(*quantity)),
    }
}

fn push(out: &mut String, what: impl std::fmt::Display) {
    write!(out, "{what}").expect("a string takes it");
}

fn write_entries<'a>(
    out: &mut String,
    ty: &str,
    entries: impl Iterator<Item = (String, &'a Node)>,
) {
    push(out, format_args!("{ty}{{"));
    for (i, (name, value)) in entries.enumerate() {
        let comma = if i > 0 { ", " } else { "" };
        push(out, format_args!("{comma}{name}:"));
        write_node(out, value);
    }
    out.push('}');
}

fn write_pointer(out: &mut String, ty: &str, to: Option<&Node>) {
    match to {
        // Times print themselves, and through a pointer that leads nowhere as badly as can be.
        None if ty == "v1.Time" || ty == "v1.MicroTime" => out.push_str("<nil>"),
        Some(Node::Time(time)) => out.push_str(&time_literal(*time)),
        None => push(out, format_args!("(*{ty})(nil)")),
        Some(_) => push(out, format_args!("(*{ty})({})", api::go::address(ty))),
    }
}

fn time_literal(time: Option<Time>) -> String {
    let Some(time) = time else {
        return "time.Date(1, time.January, 1, 0, 0, 0, 0, time.UTC)".into();
    };
    let utc = time.to_utc();
    format!(
        "time.Date({}, time.{}, {}, {}, {}, {}, {}, time.Local)",
        utc.year(),
        utc.month(),
        utc.day(),
        utc.hour(),
        utc.minute(),
        utc.second(),
        time.nanos() % 1_000_000_000,
    )
}

fn quantity_literal(quantity: Quantity) -> String {
    let (value, scale) = quantity.go_amount();
    format!(
        "resource.Quantity{{i:resource.int64Amount{{value:{value}, scale:{scale}}}, \
         d:resource.infDecAmount{{Dec:(*inf.Dec)(nil)}}, s:\"{quantity}\", Format:\"{}\"}}",
        quantity.format().as_str()
    )
}
