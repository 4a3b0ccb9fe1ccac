//! Amounts of resources: `500m`, `1Gi`, `1e3`.
//!
//! Models `resource.Quantity`: an exact decimal number no finer than a billionth, and the form it
//! was written in. Finer digits are rounded up; amounts past 2^63-1 are capped there.

use std::fmt;
use std::str::FromStr;

const NANOS: i128 = 1_000_000_000;
const LARGEST: i128 = i64::MAX as i128 * NANOS;

/// The family of suffixes that a quantity is written with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `Ki`, `Mi`, `Gi`, …
    BinarySI,
    /// `m`, `k`, `M`, …
    DecimalSI,
    /// `e3`, `e6`, …
    DecimalExponent,
}

impl Format {
    /// The name as Go has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Format::BinarySI => "BinarySI",
            Format::DecimalSI => "DecimalSI",
            Format::DecimalExponent => "DecimalExponent",
        }
    }
}

/// An amount of a resource.
#[derive(Clone, Copy, Debug)]
pub struct Quantity {
    nanos: i128,
    format: Format,
}

/// Why a text is no quantity, in the words of the API server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuantityError {
    /// Not of the form of a quantity at all.
    #[error(
        "quantities must match the regular expression \
         '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
    )]
    Format,
    /// The number is not one.
    #[error("unable to parse numeric part of quantity")]
    Number,
    /// The suffix is not one.
    #[error("unable to parse quantity's suffix")]
    Suffix,
}

impl Quantity {
    /// Nothing.
    pub const ZERO: Quantity = Quantity { nanos: 0, format: Format::DecimalSI };

    /// An amount of thousandths.
    pub fn from_millis(millis: i64, format: Format) -> Quantity {
        Quantity { nanos: i128::from(millis) * (NANOS / 1_000), format }
    }

    /// An amount of whole units.
    pub fn from_units(units: i64, format: Format) -> Quantity {
        Quantity { nanos: i128::from(units) * NANOS, format }
    }

    /// The form it was written in.
    pub fn format(self) -> Format {
        self.format
    }

    /// The amount in whole units, rounded up (`Quantity.Value`).
    pub fn value(self) -> i64 {
        clamp(div_up(self.nanos, NANOS))
    }

    /// The amount in thousandths, rounded up (`Quantity.MilliValue`).
    pub fn milli_value(self) -> i64 {
        clamp(div_up(self.nanos, NANOS / 1_000))
    }

    /// The amount in billionths, exact.
    pub fn nanos(self) -> i128 {
        self.nanos
    }

    /// The amount as a floating-point number of units.
    pub fn as_f64(self) -> f64 {
        self.nanos as f64 / NANOS as f64
    }

    /// Whether it is nothing.
    pub fn is_zero(self) -> bool {
        self.nanos == 0
    }

    /// -1, 0 or 1.
    pub fn sign(self) -> i32 {
        self.nanos.signum() as i32
    }

    /// Whether it has a part finer than a whole unit.
    pub fn is_fractional(self) -> bool {
        self.nanos % NANOS != 0
    }

    /// The (value, scale) that Go holds after it has read the canonical text: what a struct dump,
    /// and therefore the pod-template-hash, contains.
    pub fn go_amount(self) -> (i64, i32) {
        let text = self.to_string();
        if self.effective_format() == Format::BinarySI {
            return (self.value(), 0);
        }
        let digits = text.find(|c: char| !c.is_ascii_digit() && c != '-').unwrap_or(text.len());
        let scale = match &text[digits..] {
            "n" => -9,
            "u" => -6,
            "m" => -3,
            "k" => 3,
            "M" => 6,
            "G" => 9,
            "T" => 12,
            "P" => 15,
            "E" => 18,
            exponent => exponent.get(1..).and_then(|e| e.parse().ok()).unwrap_or(0),
        };
        (text[..digits].parse().unwrap_or(0), scale)
    }

    /// Binary suffixes are given up for amounts that they cannot show.
    fn effective_format(self) -> Format {
        let is_small = self.nanos.abs() < 1024 * NANOS;
        let is_broken = self.nanos % NANOS != 0;
        if self.format == Format::BinarySI && (is_small || is_broken) {
            Format::DecimalSI
        } else {
            self.format
        }
    }
}

fn div_up(a: i128, b: i128) -> i128 {
    a.div_euclid(b) + i128::from(a.rem_euclid(b) != 0)
}

fn clamp(amount: i128) -> i64 {
    amount.clamp(i64::MIN.into(), i64::MAX.into()) as i64
}

impl From<i64> for Quantity {
    fn from(units: i64) -> Quantity {
        Quantity::from_units(units, Format::DecimalSI)
    }
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Quantity) -> bool {
        self.nanos == other.nanos
    }
}
impl Eq for Quantity {}
impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Quantity) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Quantity {
    fn cmp(&self, other: &Quantity) -> std::cmp::Ordering {
        self.nanos.cmp(&other.nanos)
    }
}

/// The sum keeps the form of the left side, unless that is zero.
impl std::ops::Add for Quantity {
    type Output = Quantity;
    fn add(self, other: Quantity) -> Quantity {
        let format = if self.is_zero() { other.format } else { self.format };
        Quantity { nanos: self.nanos.saturating_add(other.nanos), format }
    }
}
impl std::ops::AddAssign for Quantity {
    fn add_assign(&mut self, other: Quantity) {
        *self = *self + other;
    }
}
/// The difference keeps the form of the left side, unless that is zero.
impl std::ops::Sub for Quantity {
    type Output = Quantity;
    fn sub(self, other: Quantity) -> Quantity {
        let format = if self.is_zero() { other.format } else { self.format };
        Quantity { nanos: self.nanos.saturating_sub(other.nanos), format }
    }
}
impl std::ops::SubAssign for Quantity {
    fn sub_assign(&mut self, other: Quantity) {
        *self = *self - other;
    }
}

/// What a suffix multiplies by: 2^binary * 10^decimal.
fn read_suffix(suffix: &str) -> Option<(Format, u32, i32)> {
    const BINARY: [&str; 6] = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    if let Some(index) = BINARY.iter().position(|b| *b == suffix) {
        return Some((Format::BinarySI, 10 * (index as u32 + 1), 0));
    }
    let decimal = match suffix {
        "n" => -9,
        "u" => -6,
        "m" => -3,
        "" => 0,
        "k" => 3,
        "M" => 6,
        "G" => 9,
        "T" => 12,
        "P" => 15,
        "E" => 18,
        _ => {
            let exponent = suffix.strip_prefix(['e', 'E'])?;
            return Some((Format::DecimalExponent, 0, exponent.parse().ok()?));
        }
    };
    Some((Format::DecimalSI, 0, decimal))
}

impl FromStr for Quantity {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Quantity, QuantityError> {
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
        let number_end =
            unsigned.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(unsigned.len());
        let (number, suffix) = unsigned.split_at(number_end);
        if number.is_empty() || !has_form_of_suffix(suffix) {
            return Err(QuantityError::Format);
        }
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if fraction.contains('.') || (whole.is_empty() && fraction.is_empty()) {
            return Err(QuantityError::Number);
        }
        let (format, binary, decimal) = read_suffix(suffix).ok_or(QuantityError::Suffix)?;
        let digits: String = format!("{whole}{fraction}");
        let scale = decimal.saturating_sub(fraction.len() as i32).saturating_add(9);
        let magnitude = scaled(digits.trim_start_matches('0'), binary, scale);
        let nanos = if text.starts_with('-') { -magnitude } else { magnitude };
        Ok(Quantity { nanos, format })
    }
}

/// Whether `suffix` matches `[eEinumkKMGTP]*[-+]?[0-9]*`.
fn has_form_of_suffix(suffix: &str) -> bool {
    let rest = suffix.trim_start_matches(|c| "eEinumkKMGTP".contains(c));
    let rest = rest.strip_prefix(['+', '-']).unwrap_or(rest);
    rest.bytes().all(|b| b.is_ascii_digit())
}

/// `digits` * 2^binary * 10^scale, rounded up, capped at the largest amount.
fn scaled(digits: &str, binary: u32, scale: i32) -> i128 {
    if digits.is_empty() {
        return 0;
    }
    if digits.len() as i32 + scale > 28 {
        return LARGEST;
    }
    if digits.len() as i32 + scale + 18 < 0 {
        return 1;
    }
    // Digits too fine to matter only decide whether the last kept one is rounded up.
    let kept = digits.len().min(if binary == 0 { 28 } else { 19 });
    let is_inexact = digits[kept..].bytes().any(|b| b != b'0');
    let scale = scale + (digits.len() - kept) as i32;
    let mantissa = digits[..kept].parse::<i128>().expect("up to 28 digits");
    let binary_factor = 1_i128 << binary;
    let exact = if scale >= 0 {
        mantissa
            .checked_mul(10_i128.checked_pow(scale as u32).unwrap_or(LARGEST))
            .and_then(|m| m.checked_mul(binary_factor))
    } else {
        let divisor = 10_i128.pow(scale.unsigned_abs().min(37));
        mantissa.checked_mul(binary_factor).map(|m| div_up(m, divisor))
    };
    let amount = exact.unwrap_or(LARGEST).saturating_add(i128::from(is_inexact && scale <= 0));
    amount.min(LARGEST)
}

/// The canonical text: no fraction, the largest suffix that keeps the number whole.
impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.nanos == 0 {
            return f.pad("0");
        }
        let sign = if self.nanos < 0 { "-" } else { "" };
        match self.effective_format() {
            Format::BinarySI => {
                let mut amount = (self.nanos / NANOS).unsigned_abs();
                let mut suffix = 0;
                while amount.is_multiple_of(1024) && suffix < 6 {
                    amount /= 1024;
                    suffix += 1;
                }
                let suffix = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"][suffix];
                f.pad(&format!("{sign}{amount}{suffix}"))
            }
            format => {
                let mut amount = self.nanos.unsigned_abs();
                let mut exponent = -9;
                while amount.is_multiple_of(1_000) && exponent < 18 {
                    amount /= 1_000;
                    exponent += 3;
                }
                if format == Format::DecimalExponent {
                    return match exponent {
                        0 => f.pad(&format!("{sign}{amount}")),
                        _ => f.pad(&format!("{sign}{amount}e{exponent}")),
                    };
                }
                let suffix = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"]
                    [((exponent + 9) / 3) as usize];
                f.pad(&format!("{sign}{amount}{suffix}"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_canonical_text() {
        let check = |text: &str, canonical: &str| {
            let parsed = text.parse::<Quantity>().map(|q| q.to_string());
            assert_eq!(parsed.as_deref(), Ok(canonical), "{text}");
        };
        for (text, canonical) in [
            ("0", "0"),
            ("0m", "0"),
            ("1000m", "1"),
            ("0.5", "500m"),
            ("1.5", "1500m"),
            ("+2", "2"),
            ("-1Gi", "-1Gi"),
            ("1024Mi", "1Gi"),
            ("2048Mi", "2Gi"),
            ("1536Mi", "1536Mi"),
            ("1.5Gi", "1536Mi"),
            ("0.5Ki", "512"),
            ("1000Ki", "1000Ki"),
            ("0.1Gi", "107374182400m"),
            ("-1.1Ki", "-1126400m"),
            ("1.5555555Gi", "1670264999903232u"),
            ("2.7Ei", "3112888062438486835200m"),
            ("3112888062438486835200m", "3112888062438486835200m"),
            ("1000", "1k"),
            ("1500000", "1500k"),
            ("128M", "128M"),
            ("1e3", "1e3"),
            ("1E3", "1e3"),
            ("12e-1", "1200e-3"),
            ("1E", "1E"),
            ("0.0001", "100u"),
            ("0.1n", "1n"),
            (".5", "500m"),
            ("5.", "5"),
            ("24641472Ki", "24641472Ki"),
            ("9223372036854775807", "9223372036854775807"),
            ("10E", "9223372036854775807"),
            ("100m", "100m"),
            ("100Ei", "9223372036854775807"),
        ] {
            check(text, canonical);
        }
    }

    #[test]
    fn what_is_no_quantity() {
        let check = |text: &str, error: QuantityError| {
            assert_eq!(text.parse::<Quantity>().err(), Some(error), "{text}");
        };
        check("", QuantityError::Format);
        check("abc", QuantityError::Format);
        check("1 Gi", QuantityError::Format);
        check("128MB", QuantityError::Format);
        check("1.2.3", QuantityError::Number);
        check(".", QuantityError::Number);
        check("1ki", QuantityError::Suffix);
        check("1K", QuantityError::Suffix);
        check("1e", QuantityError::Suffix);
        check("1Mi5", QuantityError::Suffix);
    }

    #[test]
    fn amounts_round_up() {
        let quantity = |text: &str| text.parse::<Quantity>().expect("a quantity");
        assert_eq!(quantity("1500m").value(), 2);
        assert_eq!(quantity("100u").milli_value(), 1);
        assert_eq!(quantity("-1500m").value(), -1);
        assert_eq!(quantity("2").milli_value(), 2_000);
    }

    #[test]
    fn sums_keep_the_form_of_the_left_side() {
        let sum = |a: &str, b: &str| {
            let parse = |text: &str| text.parse::<Quantity>().expect("a quantity");
            (parse(a) + parse(b)).to_string()
        };
        assert_eq!(sum("1Gi", "1G"), "2073741824");
        assert_eq!(sum("0", "512Mi"), "512Mi");
        assert_eq!(sum("100m", "900m"), "1");
    }

    #[test]
    fn what_go_holds_after_reading_the_canonical_text() {
        let check = |text: &str, amount: (i64, i32)| {
            assert_eq!(text.parse::<Quantity>().map(Quantity::go_amount), Ok(amount), "{text}");
        };
        check("1000m", (1, 0));
        check("0.5", (500, -3));
        check("2048Mi", (2_147_483_648, 0));
        check("5k", (5, 3));
        check("1e3", (1, 3));
        check("0", (0, 0));
    }
}
