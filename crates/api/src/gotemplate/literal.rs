//! What literals mean.

use super::format::quote;
use super::node::Number;
use crate::jsonpath::unquote;

/// A string in double quotes or backquotes.
pub(super) fn string(text: &str) -> Result<String, String> {
    let inner = &text[1..text.len() - 1];
    if text.starts_with('`') {
        return Ok(inner.replace('\r', ""));
    }
    unquote(inner, '"').ok_or_else(|| "invalid syntax".to_owned())
}

/// `'a'` is the number of the character.
pub(super) fn character(text: &str) -> Result<Number, String> {
    let inner = &text[1..text.len() - 1];
    let unquoted = unquote(inner, '\'').filter(|unquoted| !unquoted.is_empty());
    let unquoted = unquoted.ok_or_else(|| "invalid syntax".to_owned())?;
    let mut chars = unquoted.chars();
    match (chars.next(), chars.next()) {
        (Some(c), None) => Ok(Number::Int(u32::from(c).into())),
        _ => Err(format!("malformed character constant: {text}")),
    }
}

/// A number in Go's syntax. Imaginary numbers and floats in base 16 are not supported.
pub(super) fn number(text: &str) -> Result<Number, String> {
    let illegal = || format!("illegal number syntax: {}", quote(text));
    let plain = without_underscores(text).ok_or_else(illegal)?;
    let (negative, unsigned) = match plain.as_bytes().first() {
        Some(b'-') => (true, &plain[1..]),
        Some(b'+') => (false, &plain[1..]),
        _ => (false, plain.as_str()),
    };
    let (radix, digits) = radix_of(unsigned);
    let has_point = text.contains(['.', 'p', 'P']) || radix == 10 && text.contains(['e', 'E']);
    if !has_point && !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix)) {
        let sign = if negative { "-" } else { "" };
        if let Ok(number) = i64::from_str_radix(&format!("{sign}{digits}"), radix) {
            return Ok(Number::Int(number));
        }
        if !negative && u64::from_str_radix(digits, radix).is_ok() {
            return Ok(Number::Overflow);
        }
    }
    let float = if radix == 16 { None } else { unsigned.parse().ok() };
    match float.filter(|float: &f64| float.is_finite()) {
        Some(_) if !has_point => Err(format!("integer overflow: {}", quote(text))),
        Some(float) => Ok(Number::Float(if negative { -float } else { float })),
        None => Err(illegal()),
    }
}

fn radix_of(unsigned: &str) -> (u32, &str) {
    match unsigned.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &unsigned[2..]),
        [b'0', b'o' | b'O', ..] => (8, &unsigned[2..]),
        [b'0', b'b' | b'B', ..] => (2, &unsigned[2..]),
        [b'0', b'0'..=b'9', ..] if unsigned.bytes().all(|byte| byte.is_ascii_digit()) => {
            (8, &unsigned[1..])
        }
        _ => (10, unsigned),
    }
}

/// Underscores stand between digits.
fn without_underscores(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_hexdigit);
    // Behind the prefix of a base there may be one, too.
    let after_prefix = |at: usize| at >= 2 && matches!(bytes[at - 1], b'x' | b'X' | b'o' | b'O');
    let mut underscores = text.match_indices('_');
    let fits = underscores
        .all(|(at, _)| at > 0 && (is_digit(at - 1) || after_prefix(at)) && is_digit(at + 1));
    fits.then(|| text.replace('_', ""))
}
