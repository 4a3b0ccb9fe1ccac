//! Numbers that must come out the same on every machine.

/// The bits after the point of the fixed-point numbers below.
const FRACTION_BITS: u32 = 62;
/// The natural logarithm of two.
const LN_2: u128 = 3_196_577_161_300_663_915;

/// The natural logarithm of a whole number, at least 1.
///
/// The platform's own logarithm may differ in its last digit between native code and wasm; this
/// one is computed with integers and rounded once. It agrees with a correctly rounded logarithm
/// wherever the score of a node can notice.
pub(crate) fn natural_logarithm(number: u32) -> f64 {
    let number = number.max(1);
    let exponent = number.ilog2();
    // number = 2^exponent * x, and ln(x) = 2 * artanh(t) for t = (x - 1) / (x + 1) below 1/3.
    let (number, power) = (u128::from(number), 1_u128 << exponent);
    let t = ((number - power) << FRACTION_BITS) / (number + power);
    let t_squared = (t * t) >> FRACTION_BITS;
    let (mut term, mut sum, mut divisor) = (t, 0, 1);
    while term > 0 {
        sum += term / divisor;
        term = (term * t_squared) >> FRACTION_BITS;
        divisor += 2;
    }
    let fixed = 2 * sum + u128::from(exponent) * LN_2;
    fixed as f64 / (1_u128 << FRACTION_BITS) as f64
}

/// Rounds a number that is not negative to the nearest whole one, halves up.
pub(crate) fn round(number: f64) -> i64 {
    let whole = number as i64;
    whole + i64::from(number - whole as f64 >= 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_agree_with_the_platform_to_the_last_digit() {
        for number in 1..20_000_u32 {
            let (ours, theirs) = (natural_logarithm(number), f64::from(number).ln());
            let distance = ours.to_bits().abs_diff(theirs.to_bits());
            assert!(distance <= 1, "ln({number}): {ours} {theirs}");
        }
    }

    #[test]
    fn halves_are_rounded_up() {
        let rounded = [0.0, 0.499_999_999_999_999_94, 0.5, 1.5, 2.499_999, 7.0].map(round);
        assert_eq!(rounded, [0, 0, 1, 2, 2, 7]);
    }
}
