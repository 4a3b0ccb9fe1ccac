//! Floating-point numbers as C's `printf` writes them.
//!
//! Only formatting is done here; Rust's own routines give exact decimal digits on every machine.

use super::printf::FloatShape;

/// More digits than this are never useful.
const LIMIT_PRECISION: usize = 1000;

/// Writes a number that is not negative by one of the conversions `e`, `f`, `g` and their
/// capitals.
pub(crate) fn format(value: f64, conversion: char, shape: &FloatShape) -> String {
    let upper = conversion.is_ascii_uppercase();
    if !value.is_finite() {
        let text = if value.is_nan() { "nan" } else { "inf" };
        return if upper { text.to_ascii_uppercase() } else { text.to_owned() };
    }
    let precision = shape.precision.unwrap_or(6).min(LIMIT_PRECISION);
    let text = match conversion.to_ascii_lowercase() {
        'e' => exponential(value, precision, shape.alternative),
        'g' | 'a' => general(value, precision, shape.alternative),
        _ => fixed(value, precision, shape.alternative),
    };
    if upper { text.to_ascii_uppercase() } else { text }
}

fn fixed(value: f64, precision: usize, alternative: bool) -> String {
    let point = if precision == 0 && alternative { "." } else { "" };
    format!("{value:.precision$}{point}")
}

fn exponential(value: f64, precision: usize, alternative: bool) -> String {
    let text = format!("{value:.precision$e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let point = if precision == 0 && alternative { "." } else { "" };
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}{point}e{sign}{:02}", exponent.unsigned_abs())
}

fn general(value: f64, precision: usize, alternative: bool) -> String {
    let precision = precision.max(1);
    let shown = format!("{value:.*e}", precision - 1);
    let exponent: i32 = shown.split_once('e').and_then(|(_, e)| e.parse().ok()).unwrap_or(0);
    let text = if exponent < -4 || exponent >= precision as i32 {
        exponential(value, precision - 1, alternative)
    } else {
        fixed(value, (precision as i32 - 1 - exponent).max(0) as usize, alternative)
    };
    if alternative || !text.contains('.') {
        return text;
    }
    let (digits, exponent) = match text.split_once('e') {
        Some((digits, exponent)) => (digits, format!("e{exponent}")),
        None => (text.as_str(), String::new()),
    };
    let digits = digits.trim_end_matches('0').trim_end_matches('.');
    format!("{digits}{exponent}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_in_c() {
        let check = |value: f64, conversion, precision, text: &str| {
            let shape = FloatShape { precision, alternative: false };
            assert_eq!(format(value, conversion, &shape), text);
        };
        check(1.23456, 'f', None, "1.234560");
        check(2.5, 'f', Some(0), "2");
        check(1234.5678, 'e', Some(2), "1.23e+03");
        check(0.0001, 'g', None, "0.0001");
        check(0.00001, 'g', None, "1e-05");
        check(1_000_000.0, 'g', None, "1e+06");
        check(100_000.0, 'g', None, "100000");
        check(0.1 + 0.2, 'g', None, "0.3");
        check(f64::INFINITY, 'F', None, "INF");
    }
}
