//! Values: numbers, strings, and strings that look like numbers.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

#[derive(Clone, Debug, Default)]
pub(super) enum Value {
    #[default]
    Unset,
    Number(f64),
    Text(Rc<str>),
    /// Input that looks like a number is compared as one.
    Numeric(Rc<str>, f64),
}

/// An array, shared with the functions it is passed to.
pub(super) type Array = Rc<RefCell<BTreeMap<Rc<str>, Value>>>;

impl Value {
    pub(super) fn text(text: &str) -> Value {
        Value::Text(text.into())
    }

    /// A value from outside, which is a number if it looks like one.
    pub(super) fn input(text: &str) -> Value {
        match looks_numeric(text) {
            Some(number) => Value::Numeric(text.into(), number),
            None => Value::Text(text.into()),
        }
    }

    pub(super) fn number(&self) -> f64 {
        match self {
            Value::Unset => 0.0,
            Value::Number(number) | Value::Numeric(_, number) => *number,
            Value::Text(text) => leading_number(text),
        }
    }

    pub(super) fn is_true(&self) -> bool {
        match self {
            Value::Unset => false,
            Value::Number(number) | Value::Numeric(_, number) => *number != 0.0,
            Value::Text(text) => !text.is_empty(),
        }
    }

    pub(super) fn to_text(&self, format: &str) -> Rc<str> {
        match self {
            Value::Unset => "".into(),
            Value::Text(text) | Value::Numeric(text, _) => text.clone(),
            Value::Number(number) => number_text(*number, format).into(),
        }
    }

    fn is_number(&self) -> bool {
        !matches!(self, Value::Text(_))
    }

    /// Numbers are compared as such, anything else as text.
    pub(super) fn compare(&self, other: &Value, format: &str) -> Option<std::cmp::Ordering> {
        if self.is_number() && other.is_number() {
            return self.number().partial_cmp(&other.number());
        }
        Some(self.to_text(format).as_bytes().cmp(other.to_text(format).as_bytes()))
    }
}

/// A number as text: whole numbers without a point, others by the format.
pub(super) fn number_text(number: f64, format: &str) -> String {
    if number.fract() == 0.0 && number.abs() < 1e16 {
        return format!("{}", number as i64);
    }
    super::format::format_number(format, number)
}

/// How many bytes at the start are a number.
fn number_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digits = |from: usize| bytes.iter().skip(from).take_while(|b| b.is_ascii_digit()).count();
    let mut at = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    let whole = digits(at);
    at += whole;
    let mut fraction = 0;
    if bytes.get(at) == Some(&b'.') {
        fraction = digits(at + 1);
        at += 1 + fraction;
    }
    if whole + fraction == 0 {
        return 0;
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        let exponent = digits(at + 1 + sign);
        if exponent > 0 {
            at += 1 + sign + exponent;
        }
    }
    at
}

pub(super) fn leading_number(text: &str) -> f64 {
    let text = text.trim_start();
    let length = number_length(text);
    text.get(..length).and_then(|text| text.parse().ok()).unwrap_or(0.0)
}

fn looks_numeric(text: &str) -> Option<f64> {
    let trimmed = text.trim();
    let length = number_length(trimmed);
    (length > 0 && length == trimmed.len()).then(|| trimmed.parse().ok())?
}

/// A number raised to a power. Only whole exponents: others would need a logarithm.
pub(super) fn power(base: f64, exponent: f64) -> f64 {
    if exponent == 0.5 {
        return base.sqrt();
    }
    if exponent.fract() != 0.0 || exponent.abs() > 1e6 {
        return f64::NAN;
    }
    let (mut result, mut factor, mut left) = (1.0, base, exponent.abs() as u64);
    while left > 0 {
        if left & 1 == 1 {
            result *= factor;
        }
        factor *= factor;
        left >>= 1;
    }
    if exponent < 0.0 { 1.0 / result } else { result }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_text() {
        let check = |text: &str, number: f64| assert_eq!(leading_number(text), number, "{text}");
        check(" 12abc", 12.0);
        check("-1.5e2x", -150.0);
        check(".5", 0.5);
        check("1e", 1.0);
        check("abc", 0.0);
        assert_eq!(looks_numeric(" 10 "), Some(10.0));
        assert_eq!(looks_numeric("10x"), None);
        assert_eq!(number_text(0.1 + 0.2, "%.6g"), "0.3");
        assert_eq!(number_text(1e15, "%.6g"), "1000000000000000");
        assert_eq!(power(2.0, 10.0), 1024.0);
        assert_eq!(power(2.0, -1.0), 0.5);
    }
}
