//! How a string is written: which quotes it needs, where a long one is folded.

use super::resolve::{Scalar, resolve};

/// Lines are folded at the first space behind this column.
const WIDTH: usize = 80;

/// The ways to write a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    SingleQuoted,
    DoubleQuoted,
    /// Lines after a `|`.
    Literal,
}

/// Where a string is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// The column where the next character goes.
    pub(super) column: usize,
    /// How far following lines are indented.
    pub(super) indent: usize,
    /// Whether it may go over several lines; a simple key may not.
    pub(super) folds: bool,
}

/// Whether a key of this text stands before its colon on one line; others need a `?`.
pub(super) fn is_simple_key(text: &str) -> bool {
    text.len() <= 128 && !text.contains(is_break)
}

/// Appends a string in the style it needs.
pub(super) fn push(out: &mut String, text: &str, place: Place) {
    match style(text) {
        Style::Plain => Folder::new(out, place).plain(text),
        Style::SingleQuoted => Folder::new(out, place).single_quoted(text),
        Style::DoubleQuoted => Folder::new(out, place).double_quoted(text),
        Style::Literal => push_literal(out, text, place.indent),
    }
}

/// What stands in a string that decides about its style.
#[derive(Default)]
struct Traits {
    /// Signs that mean something to YAML.
    indicators: bool,
    line_breaks: bool,
    /// Characters that only double quotes can express.
    special: bool,
    /// A space or a line break at an end.
    blank_end: bool,
    trailing_space: bool,
    /// A space behind a line break.
    break_space: bool,
    /// A line break behind a space.
    space_break: bool,
}

impl Traits {
    fn of(text: &str) -> Traits {
        let mut traits = Traits {
            indicators: text.starts_with("---") || text.starts_with("..."),
            ..Traits::default()
        };
        let mut before = None;
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            let after = chars.peek().copied();
            traits.indicators |= is_indicator(before, c, after);
            traits.special |= !is_printable(c);
            let at_end = before.is_none() || after.is_none();
            if c == ' ' {
                traits.blank_end |= at_end;
                traits.trailing_space |= after.is_none();
                traits.break_space |= before.is_some_and(is_break);
            } else if is_break(c) {
                traits.line_breaks = true;
                traits.blank_end |= at_end;
                traits.space_break |= before == Some(' ');
            }
            before = Some(c);
        }
        traits
    }
}

fn style(text: &str) -> Style {
    let traits = Traits::of(text);
    let needs_escapes = traits.special || traits.space_break;
    if text.contains('\n') {
        return if needs_escapes || traits.trailing_space {
            Style::DoubleQuoted
        } else {
            Style::Literal
        };
    }
    if resolve(text) != Scalar::Text || is_sexagesimal(text) {
        return Style::DoubleQuoted;
    }
    if needs_escapes || traits.break_space {
        Style::DoubleQuoted
    } else if traits.indicators || traits.line_breaks || traits.blank_end {
        Style::SingleQuoted
    } else {
        Style::Plain
    }
}

/// Whether a character, between its neighbours, would be taken for syntax.
fn is_indicator(before: Option<char>, c: char, after: Option<char>) -> bool {
    let blank_after = after.is_none_or(is_blank);
    match (before, c) {
        (_, ':') => blank_after,
        (None, '-' | '?') => blank_after,
        (None, '#' | ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>') => true,
        (None, '\'' | '"' | '%' | '@' | '`') => true,
        (Some(before), '#') => is_blank(before),
        _ => false,
    }
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\0') || is_break(c)
}

fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Emoji and everything else outside the basic plane count as unprintable.
fn is_printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}')
        && c != '\u{feff}'
}

/// `12:30:45`: base 60 in YAML 1.1. go-yaml reads it as text, but others may not.
fn is_sexagesimal(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let mut parts = unsigned.split(':');
    let first = parts.next().unwrap_or_default();
    let is_digit_or_underscore = |byte: u8| byte.is_ascii_digit() || byte == b'_';
    if !first.starts_with(|c: char| c.is_ascii_digit())
        || !first.bytes().all(is_digit_or_underscore)
    {
        return false;
    }
    let rest: Vec<&str> = parts.collect();
    let Some((last, middle)) = rest.split_last() else {
        return false;
    };
    let is_sixtieth = |part: &str| match part.as_bytes() {
        [digit] => digit.is_ascii_digit(),
        [b'0'..=b'5', digit] => digit.is_ascii_digit(),
        _ => false,
    };
    let (seconds, fraction) = last.split_once('.').unwrap_or((last, ""));
    middle.iter().all(|part| is_sixtieth(part))
        && is_sixtieth(seconds)
        && fraction.bytes().all(is_digit_or_underscore)
}

/// Appends lines after a `|`, with a digit if the first of them begins with a blank, and a sign
/// that tells about the line breaks at the end.
fn push_literal(out: &mut String, text: &str, indent: usize) {
    out.push('|');
    if text.starts_with(' ') || text.starts_with(is_break) {
        out.push('2');
    }
    match text.strip_suffix(is_break) {
        None => out.push('-'),
        Some(rest) if rest.is_empty() || rest.ends_with(is_break) => out.push('+'),
        Some(_) => {}
    }
    out.push('\n');
    for line in text.split_inclusive(is_break) {
        if !line.starts_with(is_break) {
            out.extend(std::iter::repeat_n(' ', indent));
        }
        out.push_str(line);
    }
}

/// Writes a string that may be folded at its spaces.
struct Folder<'a> {
    out: &'a mut String,
    place: Place,
    /// Whether the character before was a space.
    after_space: bool,
}

impl<'a> Folder<'a> {
    fn new(out: &'a mut String, place: Place) -> Folder<'a> {
        Folder { out, place, after_space: false }
    }

    fn push(&mut self, c: char) {
        self.out.push(c);
        self.place.column += 1;
    }

    fn wants_fold(&self) -> bool {
        self.place.folds && !self.after_space && self.place.column > WIDTH
    }

    fn indent(&mut self) {
        self.out.extend(std::iter::repeat_n(' ', self.place.indent));
        self.place.column = self.place.indent;
    }

    fn fold(&mut self) {
        self.out.push('\n');
        self.indent();
    }

    fn plain(&mut self, text: &str) {
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            if c == ' ' && self.wants_fold() && chars.peek() != Some(&' ') {
                self.fold();
            } else {
                self.push(c);
            }
            self.after_space = c == ' ';
        }
    }

    fn single_quoted(&mut self, text: &str) {
        self.push('\'');
        let mut after_break = false;
        let mut chars = text.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            let inside = at > 0 && chars.peek().is_some();
            let space_follows = chars.peek().is_some_and(|(_, next)| *next == ' ');
            if c == ' ' && self.wants_fold() && inside && !space_follows {
                self.fold();
            } else if is_break(c) {
                self.out.push(c);
                self.place.column = 0;
            } else {
                if after_break && c != ' ' {
                    self.indent();
                }
                if c == '\'' {
                    self.push('\'');
                }
                self.push(c);
            }
            self.after_space = c == ' ';
            after_break = is_break(c);
        }
        self.push('\'');
    }

    fn double_quoted(&mut self, text: &str) {
        self.push('"');
        // go-yaml looks for a byte order mark at the beginning, whichever character it writes.
        let escapes_all = text.starts_with('\u{feff}');
        let mut chars = text.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            let is_escaped = c == '"' || c == '\\' || is_break(c) || !is_printable(c);
            let inside = at > 0 && chars.peek().is_some();
            if is_escaped || escapes_all {
                self.escape(c);
            } else if c == ' ' && self.wants_fold() && inside {
                self.fold();
                if chars.peek().is_some_and(|(_, next)| *next == ' ') {
                    self.push('\\');
                }
            } else {
                self.push(c);
            }
            self.after_space = c == ' ';
        }
        self.push('"');
    }

    fn escape(&mut self, c: char) {
        let code = u32::from(c);
        let short = match c {
            '\0' => '0',
            '\u{7}' => 'a',
            '\u{8}' => 'b',
            '\t' => 't',
            '\n' => 'n',
            '\u{b}' => 'v',
            '\u{c}' => 'f',
            '\r' => 'r',
            '\u{1b}' => 'e',
            '"' => '"',
            '\\' => '\\',
            '\u{85}' => 'N',
            '\u{a0}' => '_',
            '\u{2028}' => 'L',
            '\u{2029}' => 'P',
            _ => {
                let digits = match code {
                    0..=0xff => format!("\\x{code:02X}"),
                    0x100..=0xffff => format!("\\u{code:04X}"),
                    _ => format!("\\U{code:08X}"),
                };
                self.out.push_str(&digits);
                self.place.column += digits.len();
                return;
            }
        };
        self.push('\\');
        self.push(short);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_needs_quotes() {
        assert_eq!(style("2026-11-23T12:42:16Z"), Style::DoubleQuoted);
        assert_eq!(style("12:30:45"), Style::DoubleQuoted);
        assert_eq!(style("12:77"), Style::Plain);
    }
}
