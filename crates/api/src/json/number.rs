//! Numbers in Go's layouts.

use std::fmt::Write;

/// Appends a whole number.
pub(crate) fn push_int(out: &mut String, number: i64) {
    let mut digits = [0u8; 20];
    let mut start = digits.len();
    let mut rest = number.unsigned_abs();
    loop {
        start -= 1;
        digits[start] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if number < 0 {
        out.push('-');
    }
    out.extend(digits[start..].iter().map(|&digit| char::from(digit)));
}

/// The shortest digits that identify a float, and where its decimal point stands.
struct Digits {
    negative: bool,
    /// The significant digits without a point.
    digits: String,
    /// The power of ten of the first digit.
    exponent: i32,
}

impl Digits {
    fn of(number: f64) -> Digits {
        Digits::parse(number.is_sign_negative(), &format!("{:e}", number.abs()))
    }

    /// From Rust's `1.5e-7`.
    fn parse(negative: bool, scientific: &str) -> Digits {
        let (mantissa, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
        Digits {
            negative,
            digits: mantissa.chars().filter(char::is_ascii_digit).collect(),
            exponent: exponent.parse().unwrap_or(0),
        }
    }

    fn push_sign(&self, out: &mut String) {
        if self.negative {
            out.push('-');
        }
    }

    /// `1e+21`, `1.5e-07`: the exponent has at least `width` digits.
    fn push_scientific(&self, out: &mut String, width: usize) {
        self.push_sign(out);
        let (first, rest) = self.digits.split_at(1);
        out.push_str(first);
        if !rest.is_empty() {
            out.push('.');
            out.push_str(rest);
        }
        let sign = if self.exponent < 0 { '-' } else { '+' };
        let exponent = self.exponent.unsigned_abs();
        // Writing into a string cannot fail.
        let _ = write!(out, "e{sign}{exponent:0width$}");
    }

    /// `1500`, `0.015`.
    fn push_decimal(&self, out: &mut String) {
        self.push_sign(out);
        let Ok(whole) = usize::try_from(self.exponent + 1) else {
            out.push_str("0.");
            out.extend(std::iter::repeat_n('0', (-1 - self.exponent) as usize));
            out.push_str(&self.digits);
            return;
        };
        if whole == 0 {
            out.push_str("0.");
            out.push_str(&self.digits);
        } else if self.digits.len() <= whole {
            out.push_str(&self.digits);
            out.extend(std::iter::repeat_n('0', whole - self.digits.len()));
        } else {
            out.push_str(&self.digits[..whole]);
            out.push('.');
            out.push_str(&self.digits[whole..]);
        }
    }
}

/// Appends a finite float as Go's JSON writer lays it out.
pub(crate) fn push_float(out: &mut String, number: f64) {
    let digits = Digits::of(number);
    let size = number.abs();
    if size != 0.0 && !(1e-6..1e21).contains(&size) {
        digits.push_scientific(out, 1);
    } else {
        digits.push_decimal(out);
    }
}

/// A float as Go's `%v` and as its YAML writer lay it out, infinities and NaN included.
pub(crate) fn general_float(number: f64) -> String {
    general(number, || Digits::of(number))
}

/// [`general_float`] of a number with 32 bits, which has fewer digits.
pub(crate) fn general_float32(number: f32) -> String {
    let scientific = || format!("{:e}", number.abs());
    general(number.into(), || Digits::parse(number.is_sign_negative(), &scientific()))
}

fn general(number: f64, digits: impl FnOnce() -> Digits) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let digits = digits();
    let mut out = String::new();
    // The shortest form counts as six digits precise when Go decides about the exponent.
    if digits.exponent < -4 || digits.exponent >= 6 {
        digits.push_scientific(&mut out, 2);
    } else {
        digits.push_decimal(&mut out);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(number: f64, json: &str, general: &str) {
        let mut out = String::new();
        push_float(&mut out, number);
        assert_eq!(out, json);
        assert_eq!(general_float(number), general);
    }

    #[test]
    fn whole_numbers() {
        for number in [0, 1, -1, 10, 99, 1234567890, i64::MAX, i64::MIN] {
            let mut out = String::new();
            push_int(&mut out, number);
            assert_eq!(out, number.to_string());
        }
    }

    #[test]
    fn floats() {
        check(0.0, "0", "0");
        check(-0.0, "-0", "-0");
        check(0.5, "0.5", "0.5");
        check(-1.5, "-1.5", "-1.5");
        check(100_000.0, "100000", "100000");
        check(1e6, "1000000", "1e+06");
        check(1_000_000.5, "1000000.5", "1.0000005e+06");
        check(123_456_789.125, "123456789.125", "1.23456789125e+08");
        check(1e20, "100000000000000000000", "1e+20");
        check(1e21, "1e+21", "1e+21");
        check(0.0001, "0.0001", "0.0001");
        check(0.00001, "0.00001", "1e-05");
        check(1e-7, "1e-7", "1e-07");
        check(5e-324, "5e-324", "5e-324");
        check(f64::MAX, "1.7976931348623157e+308", "1.7976931348623157e+308");
    }
}
