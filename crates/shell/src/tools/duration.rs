//! Durations as `sleep` and `timeout` take them.

use sim::Duration;

/// The longest time anybody waits: what `infinity` is.
const FOREVER: Duration = Duration::from_secs(100 * 365 * 86_400);

/// Reads `1.5`, `2m`, `1h`, `3d`, `infinity`.
pub(crate) fn parse(text: &str) -> Option<Duration> {
    if matches!(text, "infinity" | "inf") {
        return Some(FOREVER);
    }
    let (number, factor) = match text.chars().last()? {
        's' => (text.strip_suffix('s')?, 1),
        'm' => (text.strip_suffix('m')?, 60),
        'h' => (text.strip_suffix('h')?, 3600),
        'd' => (text.strip_suffix('d')?, 86_400),
        _ => (text, 1),
    };
    Some(decimal(number)?.checked_mul(factor)?.min(FOREVER))
}

/// Reads seconds with a fraction.
pub(crate) fn parse_seconds(text: &str) -> Option<Duration> {
    decimal(text)
}

/// Without floating point, so that every machine agrees.
fn decimal(text: &str) -> Option<Duration> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_number = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    if !is_number(whole) || !is_number(fraction) || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    let seconds = if whole.is_empty() { 0 } else { whole.parse().unwrap_or(FOREVER.as_secs()) };
    let digits: String = fraction.chars().chain("000000000".chars()).take(9).collect();
    Some(Duration::new(seconds, digits.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        let check = |text: &str, millis: Option<u64>| {
            assert_eq!(parse(text), millis.map(Duration::from_millis), "{text}");
        };
        check("1", Some(1_000));
        check("0.25", Some(250));
        check(".5m", Some(30_000));
        check("2h", Some(7_200_000));
        check("infinity", Some(FOREVER.as_millis() as u64));
        check("99999999999999999999", Some(FOREVER.as_millis() as u64));
        for wrong in ["", "x", "1x", "-1", "1.2.3", "."] {
            check(wrong, None);
        }
    }
}
