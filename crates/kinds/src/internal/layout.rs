//! How the parts of a difference are laid out in lines.
//!
//! What fits stands on one line; a list with marked lines is opened, one part to a line, and the
//! values of neighbours are aligned. The look is that of `github.com/google/go-cmp` 0.6.

use std::fmt::Write;

/// Past this many columns a removed or added list is opened.
const COLUMNS_MAX: usize = 80;

/// A piece of text that can be laid out.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Text {
    /// There is nothing to be shown.
    Nothing,
    /// A piece that stays on one line.
    Line(String),
    /// Something before and after a piece.
    Wrap { prefix: String, inner: Box<Text>, suffix: String },
    /// Parts, separated by commas.
    List(Vec<Record>),
}

/// A part of a list.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Record {
    mark: Option<Mark>,
    key: String,
    text: Text,
    comment: Option<Stats>,
    has_comma: bool,
}

/// Which side of a difference a line belongs to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Mark {
    Removed,
    Added,
}

/// How many parts are left out.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Stats {
    name: &'static str,
    pub(super) identical: usize,
    removed: usize,
    inserted: usize,
    modified: usize,
}

impl Stats {
    pub(super) fn named(name: &'static str) -> Stats {
        Stats { name, identical: 0, removed: 0, inserted: 0, modified: 0 }
    }

    pub(super) fn is_zero(&self) -> bool {
        self.identical + self.removed + self.inserted + self.modified == 0
    }

    /// Counts the places of a group.
    pub(super) fn add(&mut self, group: &[(String, super::compare::Compared<'_>)]) {
        for (_, place) in group {
            match (place.different, place.old, place.new) {
                (0, _, _) => self.identical += 1,
                (_, Some(_), None) => self.removed += 1,
                (_, None, Some(_)) => self.inserted += 1,
                _ => self.modified += 1,
            }
        }
    }
}

impl std::fmt::Display for Stats {
    /// `5 identical fields`, `1 removed, 2 inserted, and 1 modified entries`
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let counts = [
            (self.identical, "identical"),
            (self.removed, "removed"),
            (self.inserted, "inserted"),
            (self.modified, "modified"),
        ];
        let parts: Vec<String> = counts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, label)| format!("{count} {label}"))
            .collect();
        let sum: usize = counts.iter().map(|(count, _)| count).sum();
        let name = match (sum, self.name) {
            (0 | 1, name) => name.to_owned(),
            (_, "entry") => "entries".to_owned(),
            (_, name) => format!("{name}s"),
        };
        match parts.as_slice() {
            [first @ .., last] if parts.len() > 2 => {
                write!(f, "{}, and {last} {name}", first.join(", "))
            }
            parts => write!(f, "{} {name}", parts.join(" and ")),
        }
    }
}

impl Record {
    pub(super) fn new(key: String, text: Text) -> Record {
        Record { mark: None, key, text, comment: None, has_comma: true }
    }

    pub(super) fn marked(mark: Mark, key: &str, text: Text) -> Record {
        Record { mark: Some(mark), ..Record::new(key.to_owned(), text) }
    }

    pub(super) fn ellipsis(comment: Option<Stats>) -> Record {
        Record { comment, has_comma: false, ..Record::new(String::new(), Text::line("...")) }
    }
}

impl Text {
    pub(super) fn line(text: impl Into<String>) -> Text {
        Text::Line(text.into())
    }

    pub(super) fn wrap(prefix: &str, inner: Text, suffix: &str) -> Text {
        Text::Wrap { prefix: prefix.to_owned(), inner: Box::new(inner), suffix: suffix.to_owned() }
    }

    /// A list in braces.
    pub(super) fn braces(records: Vec<Record>) -> Text {
        Text::wrap("{", Text::List(records), "}")
    }

    /// The whole as a block of lines, the last with its end.
    pub(super) fn to_block(&self) -> String {
        let mut out = String::from("  ");
        self.compact(None).expand(&mut out, None, 0);
        out.push('\n');
        out
    }

    /// The same with everything on one line that can be.
    fn compact(&self, side: Option<Mark>) -> Text {
        match self {
            Text::Nothing => Text::line(""),
            Text::Line(_) => self.clone(),
            Text::Wrap { prefix, inner, suffix } => match inner.compact(side) {
                Text::Line(line) => Text::Line(format!("{prefix}{line}{suffix}")),
                inner => Text::wrap(prefix, inner, suffix),
            },
            Text::List(records) => compact_list(records, side),
        }
    }

    fn expand(&self, out: &mut String, side: Option<Mark>, depth: usize) {
        match self {
            Text::Nothing => {}
            Text::Line(line) => out.push_str(line),
            Text::Wrap { prefix, inner, suffix } => {
                out.push_str(prefix);
                inner.expand(out, side, depth);
                out.push_str(suffix);
            }
            Text::List(records) if records.iter().all(Record::is_simple) => {
                expand_simple(records, out, side, depth);
            }
            Text::List(records) => expand_list(records, out, side, depth),
        }
    }
}

impl Record {
    fn line(&self) -> Option<&str> {
        match &self.text {
            Text::Line(line) => Some(line),
            _ => None,
        }
    }

    /// Whether the record is a bare value that can share its line with others.
    fn is_simple(&self) -> bool {
        self.mark.is_none()
            && self.key.is_empty()
            && self.comment.is_none()
            && self.line().is_some()
    }
}

fn compact_list(records: &[Record], side: Option<Mark>) -> Text {
    let mut records = records.to_vec();
    let mut line = String::new();
    let mut needs_lines = false;
    let count = records.len();
    for (i, record) in records.iter_mut().enumerate() {
        record.text = record.text.compact(record.mark.or(side));
        needs_lines |= record.mark.is_some() || record.comment.is_some() || record.line().is_none();
        if !record.key.is_empty() {
            line += &format!("{}: ", record.key);
        }
        line += record.line().unwrap_or_default();
        line += if i + 1 < count { ", " } else { "" };
    }
    needs_lines |= side.is_some() && line.len() > COLUMNS_MAX;
    if needs_lines { Text::List(records) } else { Text::Line(line) }
}

fn new_line(out: &mut String, side: Option<Mark>, depth: usize) {
    out.push('\n');
    out.push_str(match side {
        None => "  ",
        Some(Mark::Removed) => "- ",
        Some(Mark::Added) => "+ ",
    });
    out.extend(std::iter::repeat_n('\t', depth));
}

/// Bare values, as many to a line as fit.
fn expand_simple(records: &[Record], out: &mut String, side: Option<Mark>, depth: usize) {
    let mut batch = String::new();
    for record in records {
        let line = record.line().unwrap_or_default();
        if !batch.is_empty() && batch.len() + line.len() + ", ".len() > COLUMNS_MAX {
            new_line(out, side, depth + 1);
            out.push_str(batch.trim_end_matches(' '));
            batch.clear();
        }
        batch += line;
        batch += ", ";
    }
    if !batch.is_empty() {
        new_line(out, side, depth + 1);
        out.push_str(batch.trim_end_matches(' '));
    }
    new_line(out, side, depth);
}

fn expand_list(records: &[Record], out: &mut String, side: Option<Mark>, depth: usize) {
    let widths = key_widths(records);
    for (record, width) in records.iter().zip(widths) {
        let side_here = record.mark.or(side);
        new_line(out, side_here, depth + 1);
        if !record.key.is_empty() {
            let padding = width.saturating_sub(record.key.chars().count());
            out.push_str(&record.key);
            out.push_str(": ");
            out.extend(std::iter::repeat_n(' ', padding));
        }
        record.text.expand(out, side_here, depth + 1);
        if record.has_comma {
            out.push(',');
        }
        if let Some(comment) = &record.comment {
            write!(out, " // {comment}").expect("a string takes it");
        }
    }
    new_line(out, side, depth);
}

/// How wide each key is made, so that the values of neighbours stand below each other.
fn key_widths(records: &[Record]) -> Vec<usize> {
    let mut widths = vec![0; records.len()];
    let is_aligned = |record: &Record| !record.key.is_empty() && record.line().is_some();
    let mut start = 0;
    for run in records.chunk_by(|a, b| is_aligned(a) && is_aligned(b)) {
        if is_aligned(&run[0]) {
            let widest = run.iter().map(|record| record.key.chars().count()).max().unwrap_or(0);
            widths[start..start + run.len()].fill(widest);
        }
        start += run.len();
    }
    widths
}
