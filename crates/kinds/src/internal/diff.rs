//! What differs between two Go values, told as `github.com/google/go-cmp` 0.6 tells it.
//!
//! Removed lines start with `-`, added ones with `+`. Of what is equal only the two neighbours of
//! a difference are shown, the rest is counted (`... // 5 identical fields`), and deep or long
//! values are cut short.
//!
//! What is different: long strings that differ are split into their common ends and the middle,
//! and items of lists are matched by a longest common sequence; go-cmp's own choice is random to
//! a degree.

use super::compare::{Compared, compare};
use super::layout::{Mark, Record, Stats, Text};
use super::node::Node;
use api::go;

/// The difference as text, empty if there is none.
pub(super) fn report(old: &Node, new: &Node) -> String {
    let compared = compare(old, new);
    if compared.different == 0 {
        return String::new();
    }
    Options::default().difference(&compared).to_block()
}

/// How many equal neighbours of a difference are shown on each side.
const CONTEXT: usize = 2;
/// Strings at least this long are compared piece by piece.
const LONG_STRING: usize = 32;
/// How often a value is shown again in more detail if its two sides look the same.
const DETAILS_MAX: u32 = 6;

#[derive(Clone, Copy, Default, PartialEq)]
enum Mode {
    /// Both sides.
    #[default]
    Both,
    /// What is the same on both sides.
    Same,
    /// The old side of a difference.
    Old,
    /// The new side of a difference.
    New,
}

#[derive(Clone, Copy, Default, PartialEq)]
enum Types {
    /// Only where they are not obvious.
    #[default]
    Auto,
    Shown,
    Hidden,
}

#[derive(Clone, Copy, Default)]
struct Options {
    mode: Mode,
    types: Types,
    /// How much is shown; each level of nesting takes one.
    detail: u32,
    /// Whether types that can print themselves are looked into all the same.
    avoids_stringers: bool,
}

impl Options {
    fn with_mode(self, mode: Mode) -> Options {
        Options { mode, ..self }
    }

    fn with_types(self, types: Types) -> Options {
        Options { types, ..self }
    }

    /// More and more detail.
    fn preset(self, step: u32) -> Options {
        Options {
            detail: self.detail + 2 * step,
            avoids_stringers: self.avoids_stringers || step > 0,
            ..self
        }
    }

    /// How many parts of a value are shown.
    fn parts_max(self) -> usize {
        ((1 << self.detail.min(16)) >> 1) << 2
    }

    fn deeper(self) -> Options {
        Options { detail: self.detail.saturating_sub(1), ..self }
    }

    /// One place of the two values.
    fn difference(self, place: &Compared<'_>) -> Text {
        let detail = match self.mode {
            Mode::Same => 1,
            _ => self.detail.max(3),
        };
        let options = Options { detail, ..self };
        if options.mode == Mode::Both
            && let Some(text) = long_strings(place)
        {
            return text;
        }
        if place.depth == 0 {
            return options.leaf(place);
        }
        let Some(node) = place.node() else {
            return Text::line("nil");
        };
        match node {
            Node::Pointer { .. } => {
                let inner = place.records.first().map(|(_, inner)| options.difference(inner));
                Text::wrap("&", inner.unwrap_or_else(|| Text::line("nil")), "")
            }
            _ => {
                let text = options.list(place, node);
                options.typed(node, text)
            }
        }
    }

    fn leaf(self, place: &Compared<'_>) -> Text {
        match self.mode {
            Mode::Old => self.side(place.old),
            Mode::New => self.side(place.new),
            Mode::Same => self.side(place.new),
            Mode::Both if place.different == 0 => self.side(place.new),
            Mode::Both => {
                let plain = self.with_types(Types::Hidden);
                let (old, new) = sides(plain, |options, is_old| {
                    options.side(if is_old { place.old } else { place.new })
                });
                let mut records = Vec::new();
                records.extend(old.map(|text| Record::marked(Mark::Removed, "", text)));
                records.extend(new.map(|text| Record::marked(Mark::Added, "", text)));
                let list = Text::List(records);
                match place.node() {
                    Some(node) => self.with_types(Types::Shown).typed(node, list),
                    None => list,
                }
            }
        }
    }

    fn side(self, node: Option<&Node>) -> Text {
        node.map_or_else(|| Text::Nothing, |node| self.value(node))
    }

    /// The fields, items or entries of a place.
    fn list(self, place: &Compared<'_>, node: &Node) -> Text {
        let types = if matches!(node, Node::Struct { .. }) { Types::Auto } else { Types::Hidden };
        let options = self.with_types(types);
        let records = match options.mode {
            Mode::Both => options.mixed_records(place, node),
            _ => options.one_sided_records(place, node),
        };
        Text::braces(records)
    }

    fn one_sided_records(self, place: &Compared<'_>, node: &Node) -> Vec<Record> {
        let most = match self.mode {
            Mode::Same => self.parts_max(),
            _ => (1 << self.detail.min(16)) << 1,
        };
        let options = self.deeper();
        let mut records: Vec<Record> = Vec::new();
        for (key, part) in &place.records {
            if records.len() == most {
                push_ellipsis(&mut records, None);
                break;
            }
            let shown = if options.mode == Mode::Old { part.old } else { part.new };
            if matches!(node, Node::Struct { .. }) && shown.is_none_or(Node::is_zero) {
                continue;
            }
            match options.difference(part) {
                Text::Nothing => {}
                text => records.push(Record::new(key_text(node, key), text)),
            }
        }
        records
    }

    fn mixed_records(self, place: &Compared<'_>, node: &Node) -> Vec<Record> {
        let most = (1 << self.detail.min(16)) << 1;
        let options = self.deeper();
        let name = match node {
            Node::Struct { .. } => "field",
            Node::Map { .. } => "entry",
            _ => "element",
        };
        let groups = groups(&place.records);
        let mut records = Vec::new();
        let mut shown = 0;
        let mut hidden = Stats::named(name);
        for (i, group) in groups.iter().enumerate() {
            if shown >= most {
                hidden.add(group);
                continue;
            }
            if group[0].1.different > 0 {
                for (key, part) in *group {
                    options.changed(part, key_text(node, key), &mut records);
                }
                shown += group.len();
                continue;
            }
            let (head, tail) = context(group.len(), i == 0, i + 1 == groups.len());
            let same = options.with_mode(Mode::Same);
            let push = |records: &mut Vec<Record>, parts: &[(String, Compared<'_>)]| {
                for (key, part) in parts {
                    records.push(Record::new(key_text(node, key), same.difference(part)));
                }
            };
            push(&mut records, &group[..head]);
            if head + tail < group.len() {
                let mut stats = Stats::named(name);
                stats.identical = group.len() - head - tail;
                push_ellipsis(&mut records, Some(stats));
            }
            push(&mut records, &group[group.len() - tail..]);
        }
        if !hidden.is_zero() {
            push_ellipsis(&mut records, Some(hidden));
        }
        records
    }

    /// A part that differs: as one record if only parts of it do, else as one for each side.
    fn changed(self, part: &Compared<'_>, key: String, records: &mut Vec<Record>) {
        if let Some(text) = long_strings(part) {
            records.push(Record::new(key, text));
            return;
        }
        if part.below != part.depth {
            records.push(Record::new(key, self.difference(part)));
            return;
        }
        let (old, new) = sides(self, |options, is_old| {
            let mode = if is_old { Mode::Old } else { Mode::New };
            options.with_mode(mode).difference(part)
        });
        records.extend(old.map(|text| Record::marked(Mark::Removed, &key, text)));
        records.extend(new.map(|text| Record::marked(Mark::Added, &key, text)));
    }

    /// A whole value.
    fn value(self, node: &Node) -> Text {
        if !self.avoids_stringers
            && let Some(text) = self.stringer(node)
        {
            return text;
        }
        let text = match node {
            Node::Bool(flag) => Text::line(flag.to_string()),
            Node::Int(number) => Text::line(number.to_string()),
            Node::Float(number) => Text::line(number.to_string()),
            Node::Str { text, .. } => Text::line(self.quoted(text)),
            Node::Pointer { to: None, .. }
            | Node::Slice { items: None, .. }
            | Node::Map { entries: None, .. } => return Text::line("nil"),
            Node::Pointer { to: Some(to), .. } => return Text::wrap("&", self.value(to), ""),
            Node::Struct { fields, .. } => self.fields(fields),
            Node::Quantity(quantity) => self.fields(&quantity_fields(*quantity)),
            Node::Time(_) => Text::line("{}"),
            Node::Slice { items: Some(items), .. } => {
                let most = self.parts_max();
                let options = self.deeper().with_types(Types::Hidden);
                let mut records = Vec::new();
                for item in items {
                    if records.len() == most {
                        push_ellipsis(&mut records, None);
                        break;
                    }
                    records.push(Record::new(String::new(), options.value(item)));
                }
                Text::braces(records)
            }
            Node::Map { entries: Some(entries), .. } => {
                let most = self.parts_max();
                let options = self.deeper().with_types(Types::Hidden);
                let mut records = Vec::new();
                for (key, value) in entries {
                    if records.len() == most {
                        push_ellipsis(&mut records, None);
                        break;
                    }
                    records.push(Record::new(key_text(node, key), options.value(value)));
                }
                Text::braces(records)
            }
        };
        self.typed(node, text)
    }

    fn fields(self, fields: &[(&'static str, Node)]) -> Text {
        let most = self.parts_max();
        let options = self.deeper().with_types(Types::Auto);
        let mut records = Vec::new();
        for (name, field) in fields.iter().filter(|(_, field)| !field.is_zero()) {
            if records.len() == most {
                push_ellipsis(&mut records, None);
                break;
            }
            records.push(Record::new((*name).to_owned(), options.value(field)));
        }
        Text::braces(records)
    }

    /// What types that can print themselves say.
    fn stringer(self, node: &Node) -> Option<Text> {
        let said = match node {
            Node::Str { is_stringer: true, text } => text.clone(),
            Node::Time(time) => time_text(*time),
            Node::Pointer { to: Some(to), .. } => match &**to {
                Node::Time(time) => time_text(*time),
                Node::Quantity(quantity) => quantity.to_string(),
                Node::Struct { ty, fields } if ty == "intstr.IntOrString" => int_or_string(fields),
                Node::Struct { ty, fields } if ty == "v1.LabelSelector" => selector(fields),
                _ => return None,
            },
            _ => return None,
        };
        Some(Text::line(format!("s{}", self.quoted(&said))))
    }

    fn quoted(self, text: &str) -> String {
        let most = (1_usize << self.detail.min(16)) << 5;
        if text.len() <= most + "...".len() {
            return quote(text);
        }
        let end = (0..=most).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        format!("{}...", quote(&text[..end]))
    }

    /// A value with its type before it, where that is wanted.
    fn typed(self, node: &Node, text: Text) -> Text {
        let ty = match (self.types, node.literal_type()) {
            (Types::Hidden, _) => return text,
            (Types::Auto, None) => return text,
            (Types::Auto, Some(_)) if self.mode == Mode::Same => return text,
            (_, Some(ty)) => ty.to_owned(),
            (Types::Shown, None) => scalar_type(node),
        };
        match text {
            Text::Wrap { ref prefix, .. } if prefix == "{" => Text::wrap(&ty, text, ""),
            text => Text::wrap(&format!("{ty}("), text, ")"),
        }
    }
}

fn scalar_type(node: &Node) -> String {
    match node {
        Node::Bool(_) => "bool".into(),
        Node::Int(_) => "int64".into(),
        Node::Float(_) => "float64".into(),
        Node::Pointer { ty, .. } => format!("(*{ty})"),
        _ => "string".into(),
    }
}

/// The two sides of a difference, in so much detail that they do not look the same.
fn sides(options: Options, show: impl Fn(Options, bool) -> Text) -> (Option<Text>, Option<Text>) {
    let mut old = show(options, true);
    let mut new = show(options, false);
    for step in 0..=DETAILS_MAX {
        if old != new {
            break;
        }
        old = show(options.preset(step), true);
        new = show(options.preset(step), false);
    }
    let present = |text| (text != Text::Nothing).then_some(text);
    (present(old), present(new))
}

/// How many items at the start and the end of equal ones are shown.
fn context(count: usize, is_first: bool, is_last: bool) -> (usize, usize) {
    let head = if is_first { 0 } else { CONTEXT.min(count) };
    let mut tail = if is_last { 0 } else { CONTEXT.min(count - head) };
    if count - head - tail == 1 {
        // A line that says that one line is left out saves nothing.
        tail += 1;
    }
    (head, tail)
}

/// Neighbours that are all equal, or all not.
fn groups<'a, 'b>(records: &'b [(String, Compared<'a>)]) -> Vec<&'b [(String, Compared<'a>)]> {
    records.chunk_by(|(_, a), (_, b)| (a.different > 0) == (b.different > 0)).collect()
}

fn push_ellipsis(records: &mut Vec<Record>, stats: Option<Stats>) {
    records.push(Record::ellipsis(stats));
}

/// What stands before a part: the name of a field, or the key of an entry in quotes.
fn key_text(node: &Node, key: &str) -> String {
    match node {
        Node::Struct { .. } => key.to_owned(),
        // Resource names can print themselves.
        Node::Map { ty, .. } if ty == "core.ResourceList" => format!("s{}", quote(key)),
        Node::Map { .. } => quote(key),
        _ => String::new(),
    }
}

/// In double quotes; in backquotes where double quotes would need escapes.
fn quote(text: &str) -> String {
    let quoted = go::quote(text);
    let is_raw = |c: char| c != '`' && c != '\n' && (c == '\t' || !c.is_control());
    if quoted.len() > text.len() + 2 && text.chars().all(is_raw) {
        return format!("`{text}`");
    }
    quoted
}

/// The inside of a quantity.
fn quantity_fields(quantity: api::Quantity) -> Vec<(&'static str, Node)> {
    let (value, scale) = quantity.go_amount();
    let amount = Node::Struct {
        ty: "resource.int64Amount".into(),
        fields: vec![("value", Node::Int(value)), ("scale", Node::Int(scale.into()))],
    };
    vec![
        ("i", amount),
        ("s", Node::text(&quantity.to_string())),
        ("Format", Node::text(quantity.format().as_str())),
    ]
}

fn time_text(time: Option<sim::Time>) -> String {
    match time {
        None => "0001-01-01 00:00:00 +0000 UTC".into(),
        Some(time) => {
            format!("{} +0000 UTC", time.rfc3339().trim_end_matches('Z').replace('T', " "))
        }
    }
}

fn int_or_string(fields: &[(&'static str, Node)]) -> String {
    match fields {
        [(_, Node::Int(0)), (_, Node::Int(number)), _] => number.to_string(),
        [_, _, (_, Node::Str { text, .. })] => text.clone(),
        _ => String::new(),
    }
}

/// A label selector as its generated code prints it.
fn selector(fields: &[(&'static str, Node)]) -> String {
    let mut labels = String::new();
    let mut expressions = String::new();
    for (name, field) in fields {
        match field {
            Node::Map { entries: Some(entries), .. } => {
                for (key, value) in entries {
                    if let Node::Str { text, .. } = value {
                        labels += &format!("{key}: {text},");
                    }
                }
            }
            Node::Slice { items: Some(items), .. } if *name == "MatchExpressions" => {
                for item in items {
                    expressions += &requirement(item);
                }
            }
            _ => {}
        }
    }
    format!(
        "&LabelSelector{{MatchLabels:map[string]string{{{labels}}},\
         MatchExpressions:[]LabelSelectorRequirement{{{expressions}}},}}"
    )
}

fn requirement(item: &Node) -> String {
    let Node::Struct { fields, .. } = item else {
        return String::new();
    };
    let mut out = String::from("LabelSelectorRequirement{");
    for (name, field) in fields {
        match field {
            Node::Str { text, .. } => out += &format!("{name}:{text},"),
            Node::Slice { items, .. } => {
                let texts: Vec<&str> = items
                    .iter()
                    .flatten()
                    .map(|item| if let Node::Str { text, .. } = item { text.as_str() } else { "" })
                    .collect();
                out += &format!("{name}:[{}],", texts.join(" "));
            }
            _ => {}
        }
    }
    out + "},"
}

/// Long strings that differ only in the middle, as the pieces that would be joined.
fn long_strings(place: &Compared<'_>) -> Option<Text> {
    let (Some(Node::Str { text: old, .. }), Some(Node::Str { text: new, .. })) =
        (place.old, place.new)
    else {
        return None;
    };
    if place.different == 0 || old.len() < LONG_STRING || new.len() < LONG_STRING {
        return None;
    }
    let same = |pairs: &mut dyn Iterator<Item = (char, char)>| -> usize {
        pairs.take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum()
    };
    let head = same(&mut old.chars().zip(new.chars()));
    let (old_rest, new_rest) = (&old[head..], &new[head..]);
    let tail = same(&mut old_rest.chars().rev().zip(new_rest.chars().rev()));
    let mut records = Vec::new();
    let mut push = |mark: Option<Mark>, text: &str| {
        if !text.is_empty() {
            let text = Text::line(quote(text));
            records.push(match mark {
                Some(mark) => Record::marked(mark, "", text),
                None => Record::new(String::new(), text),
            });
        }
    };
    push(None, &old[..head]);
    push(Some(Mark::Removed), &old_rest[..old_rest.len() - tail]);
    push(Some(Mark::Added), &new_rest[..new_rest.len() - tail]);
    push(None, &old_rest[old_rest.len() - tail..]);
    Some(Text::wrap("strings.Join(", Text::braces(records), ", \"\")"))
}
