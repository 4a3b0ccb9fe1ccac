//! Backslash escapes, as `echo -e`, `printf`, `$'..'` and tools read them.

use std::iter::Peekable;
use std::str::Chars;

/// What one escape stands for.
pub(crate) enum Escape {
    /// Bytes or characters.
    Text(String),
    /// `\c`: no more output.
    Stop,
    /// Not an escape: the backslash and what follows stand for themselves.
    None,
}

/// Where escapes differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Style {
    /// Octal as `\0nnn`.
    zero: bool,
    /// Octal as `\nnn`.
    octal: bool,
    /// `\x41`, `\u00e9`, `\e`: not in dash.
    modern: bool,
    /// `\c`: no more output.
    stop: bool,
    /// `\"`
    quote: bool,
}

impl Style {
    /// The format of `printf`, `$'..'`.
    pub(crate) const FORMAT: Style =
        Style { zero: false, octal: true, modern: true, stop: false, quote: true };
    /// `echo -e` of bash and GNU.
    pub(crate) const ECHO: Style =
        Style { zero: true, octal: false, modern: true, stop: true, quote: false };
    /// `%b`, and busybox's `echo -e`.
    pub(crate) const BOTH: Style =
        Style { zero: true, octal: true, modern: true, stop: true, quote: false };
    /// dash's `echo` and `%b`.
    pub(crate) const DASH: Style = Style { modern: false, ..Style::BOTH };
    /// The format of dash's `printf`.
    pub(crate) const DASH_FORMAT: Style = Style { modern: false, ..Style::FORMAT };
}

/// A byte as text: itself, or the escape that stands for it.
fn byte_text(byte: u8) -> String {
    crate::text::decode(&[byte])
}

fn number(chars: &mut Peekable<Chars>, radix: u32, most: usize) -> Option<u32> {
    let mut value = None;
    for _ in 0..most {
        let Some(digit) = chars.peek().and_then(|c| c.to_digit(radix)) else {
            break;
        };
        chars.next();
        value = Some(value.unwrap_or(0) * radix + digit);
    }
    value
}

/// Reads the escape after a backslash that was just passed.
pub(crate) fn read(chars: &mut Peekable<Chars>, style: Style) -> Escape {
    let simple = match chars.peek() {
        Some('a') => '\u{7}',
        Some('b') => '\u{8}',
        Some('e' | 'E') if style.modern => '\u{1b}',
        Some('f') => '\u{c}',
        Some('n') => '\n',
        Some('r') => '\r',
        Some('t') => '\t',
        Some('v') => '\u{b}',
        Some('\\') => '\\',
        Some('"') if style.quote => '"',
        Some('c') if style.stop => return Escape::Stop,
        Some('x') if style.modern => return hexadecimal(chars, 2),
        Some('u') if style.modern => return code_point(chars, 4),
        Some('U') if style.modern => return code_point(chars, 8),
        Some('0') if style.zero => {
            chars.next();
            return Escape::Text(byte_text(number(chars, 8, 3).unwrap_or(0) as u8));
        }
        Some('0'..='7') if style.octal => {
            return Escape::Text(byte_text(number(chars, 8, 3).unwrap_or(0) as u8));
        }
        _ => return Escape::None,
    };
    chars.next();
    Escape::Text(simple.to_string())
}

fn hexadecimal(chars: &mut Peekable<Chars>, most: usize) -> Escape {
    let mut ahead = chars.clone();
    ahead.next();
    match number(&mut ahead, 16, most) {
        Some(value) => {
            *chars = ahead;
            Escape::Text(byte_text(value as u8))
        }
        None => Escape::None,
    }
}

fn code_point(chars: &mut Peekable<Chars>, most: usize) -> Escape {
    let mut ahead = chars.clone();
    ahead.next();
    match number(&mut ahead, 16, most).and_then(char::from_u32) {
        Some(character) => {
            *chars = ahead;
            Escape::Text(character.to_string())
        }
        None => Escape::None,
    }
}

/// Joins bytes that were written one by one into the characters they make up.
pub(crate) fn rejoin(text: String) -> String {
    if text.is_ascii() { text } else { crate::text::decode(&crate::text::encode(&text)) }
}

/// Replaces the escapes in `text`; `false`: a `\c` cut it short.
pub(crate) fn expand(text: &str, style: Style) -> (String, bool) {
    let mut result = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(character) = chars.next() {
        if character != '\\' {
            result.push(character);
            continue;
        }
        match read(&mut chars, style) {
            Escape::Text(text) => result.push_str(&text),
            Escape::Stop => return (rejoin(result), false),
            Escape::None => result.push('\\'),
        }
    }
    (rejoin(result), true)
}

/// The text of `$'..'`.
pub(crate) fn ansi_quoted(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(character) = chars.next() {
        if character != '\\' {
            result.push(character);
            continue;
        }
        match (chars.peek().copied(), read(&mut chars, Style::FORMAT)) {
            (_, Escape::Text(text)) => result.push_str(&text),
            (Some(quote @ ('\'' | '"' | '?')), _) => {
                chars.next();
                result.push(quote);
            }
            (Some('c'), _) => {
                chars.next();
                let control = chars.next().map_or(0, |c| u32::from(c) as u8 & 0x1f);
                result.push(char::from(control));
            }
            _ => result.push('\\'),
        }
    }
    rejoin(result)
}
