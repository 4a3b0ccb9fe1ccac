//! What a scalar without quotes means: the rules of go-yaml v2.

/// A scalar that has been resolved. Text stays where it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Scalar {
    Null,
    Bool(bool),
    Int(i64),
    /// A number beyond `i64`.
    Uint(u64),
    Float(f64),
    /// A date or time, which stays a string but needs quotes when it is written.
    Timestamp,
    Text,
}

impl Scalar {
    /// The name of its type, as error texts have it.
    fn tag(self) -> &'static str {
        match self {
            Scalar::Null => "!!null",
            Scalar::Bool(_) => "!!bool",
            Scalar::Int(_) | Scalar::Uint(_) => "!!int",
            Scalar::Float(_) => "!!float",
            Scalar::Timestamp => "!!timestamp",
            Scalar::Text => "!!str",
        }
    }
}

/// Resolves a scalar that carries an explicit tag in its short form (`!!int`).
pub(super) fn resolve_tagged(tag: &str, text: &str) -> Result<Scalar, String> {
    let scalar = match tag {
        "!!bool" | "!!int" | "!!float" | "!!null" => match resolve(text) {
            // Only a tag for times makes something a time.
            Scalar::Timestamp => Scalar::Text,
            other => other,
        },
        "!!timestamp" => resolve(text),
        _ => return Ok(Scalar::Text),
    };
    match (tag, scalar) {
        ("!!float", Scalar::Int(number)) => Ok(Scalar::Float(number as f64)),
        ("!!float", Scalar::Uint(number)) => Ok(Scalar::Float(number as f64)),
        _ if scalar.tag() == tag => Ok(scalar),
        _ => Err(format!("cannot decode {} `{text}` as a {tag}", scalar.tag())),
    }
}

/// Resolves a scalar without quotes and without a tag.
pub(super) fn resolve(text: &str) -> Scalar {
    match text.as_bytes().first() {
        None => Scalar::Null,
        Some(b'+' | b'-' | b'.') => word(text).unwrap_or_else(|| match text.as_bytes()[0] {
            b'.' => float_after_point(text),
            _ => number(text),
        }),
        Some(b'0'..=b'9') => number(text),
        Some(b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~') => {
            word(text).unwrap_or(Scalar::Text)
        }
        _ => Scalar::Text,
    }
}

fn word(text: &str) -> Option<Scalar> {
    Some(match text {
        "y" | "Y" | "yes" | "Yes" | "YES" => Scalar::Bool(true),
        "true" | "True" | "TRUE" => Scalar::Bool(true),
        "on" | "On" | "ON" => Scalar::Bool(true),
        "n" | "N" | "no" | "No" | "NO" => Scalar::Bool(false),
        "false" | "False" | "FALSE" => Scalar::Bool(false),
        "off" | "Off" | "OFF" => Scalar::Bool(false),
        "~" | "null" | "Null" | "NULL" => Scalar::Null,
        ".nan" | ".NaN" | ".NAN" => Scalar::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Scalar::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Scalar::Float(f64::NEG_INFINITY),
        _ => return None,
    })
}

/// A number, a time, or text that begins like one.
fn number(text: &str) -> Scalar {
    if is_timestamp(text) {
        return Scalar::Timestamp;
    }
    let without_underscores;
    let plain = if text.contains('_') {
        without_underscores = text.replace('_', "");
        &without_underscores
    } else {
        text
    };
    if let Some(whole) = integer(plain) {
        return whole;
    }
    if has_float_shape(plain) {
        return float(plain);
    }
    Scalar::Text
}

/// A whole number: decimal, `0x`, `0o`, `0b`, or octal after a `0`.
fn integer(text: &str) -> Option<Scalar> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &digits[2..]),
        [b'0', b'o' | b'O', ..] => (8, &digits[2..]),
        [b'0', b'b' | b'B', ..] => (2, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        _ => (10, digits),
    };
    if !digits.starts_with(|c: char| c.is_digit(radix)) {
        return binary_with_inner_sign(text);
    }
    let size = u64::from_str_radix(digits, radix).ok()?;
    match (negative, i64::try_from(size)) {
        (false, Ok(number)) => Some(Scalar::Int(number)),
        // go-yaml accepts a sign in front of signed numbers only.
        (false, Err(_)) => (!text.starts_with('+')).then_some(Scalar::Uint(size)),
        (true, Ok(number)) => Some(Scalar::Int(-number)),
        (true, Err(_)) => (size == i64::MIN.unsigned_abs()).then_some(Scalar::Int(i64::MIN)),
    }
}

/// go-yaml's own reading of `0b` takes a sign after it.
fn binary_with_inner_sign(text: &str) -> Option<Scalar> {
    let signed = text.strip_prefix("0b")?;
    let number = i64::from_str_radix(signed, 2).ok()?;
    Some(Scalar::Int(number))
}

/// Whether this is a sign, digits with at most one point, and an exponent, all but one digit
/// being optional.
fn has_float_shape(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let exponent_fits = exponent.is_none_or(|exponent| {
        let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        !digits.is_empty() && is_digits(digits)
    });
    is_digits(whole)
        && is_digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent_fits
}

/// Behind a point at the beginning, underscores must stand between digits.
fn float_after_point(text: &str) -> Scalar {
    let bytes = text.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let mut underscores = text.match_indices('_');
    if !underscores.all(|(at, _)| is_digit(at - 1) && is_digit(at + 1)) {
        return Scalar::Text;
    }
    let plain = text.replace('_', "");
    if has_float_shape(&plain) { float(&plain) } else { Scalar::Text }
}

/// A number beyond the range of floats stays text.
fn float(text: &str) -> Scalar {
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => Scalar::Float(number),
        _ => Scalar::Text,
    }
}

/// Whether this is `2001-12-14`, `2001-12-14t21:59:43.10-05:00` or `2001-12-14 21:59:43.1`.
pub(super) fn is_timestamp(text: &str) -> bool {
    let mut rest = Cursor(text.as_bytes());
    let Some(year) = rest.number(4, 4).filter(|_| rest.take(b"-")) else {
        return false;
    };
    let Some(month) = rest.number(1, 2).filter(|_| rest.take(b"-")) else {
        return false;
    };
    let Some(day) = rest.number(1, 2) else {
        return false;
    };
    if !(1..=12).contains(&month) || day == 0 || day > days_in(year, month) {
        return false;
    }
    match rest.0.first() {
        None => true,
        Some(b'T' | b't') => rest.take(b"Tt") && rest.clock() && rest.zone() && rest.0.is_empty(),
        Some(b' ') => rest.spaces() && rest.clock() && rest.0.is_empty(),
        Some(_) => false,
    }
}

fn days_in(year: u32, month: u32) -> u32 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The part of a time that has not been looked at.
struct Cursor<'a>(&'a [u8]);

impl Cursor<'_> {
    fn take(&mut self, any_of: &[u8]) -> bool {
        let fits = self.0.first().is_some_and(|byte| any_of.contains(byte));
        if fits {
            self.0 = &self.0[1..];
        }
        fits
    }

    fn spaces(&mut self) -> bool {
        while self.take(b" ") {}
        true
    }

    fn number(&mut self, fewest: usize, most: usize) -> Option<u32> {
        let digits = self.0.iter().take(most).take_while(|b| b.is_ascii_digit());
        let length = digits.count();
        if length < fewest {
            return None;
        }
        let (digits, rest) = self.0.split_at(length);
        self.0 = rest;
        Some(digits.iter().fold(0, |number, digit| number * 10 + u32::from(digit - b'0')))
    }

    fn number_up_to(&mut self, greatest: u32) -> bool {
        self.number(1, 2).is_some_and(|number| number <= greatest)
    }

    /// `21:59:43.10`
    fn clock(&mut self) -> bool {
        let whole = self.number_up_to(23)
            && self.take(b":")
            && self.number_up_to(59)
            && self.take(b":")
            && self.number_up_to(59);
        if whole && matches!(self.0, [b'.' | b',', digit, ..] if digit.is_ascii_digit()) {
            self.0 = &self.0[1..];
            let digits = self.0.iter().take_while(|b| b.is_ascii_digit()).count();
            self.0 = &self.0[digits..];
        }
        whole
    }

    /// `Z`, `+09:00`
    fn zone(&mut self) -> bool {
        self.take(b"Z")
            || self.take(b"+-")
                && self.number(2, 2).is_some()
                && self.take(b":")
                && self.number(2, 2).is_some()
    }
}
