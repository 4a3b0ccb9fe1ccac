//! Durations as Go reads and writes them: `1m30s`.

use crate::errors::quote;

const UNITS: [(&str, f64); 8] = [
    ("ns", 1.0),
    ("us", 1e3),
    ("µs", 1e3),
    ("μs", 1e3),
    ("ms", 1e6),
    ("s", 1e9),
    ("m", 60e9),
    ("h", 3600e9),
];

/// Reads a duration; the result is in nanoseconds. The error is that of `time.ParseDuration`.
pub fn parse_duration(text: &str) -> Result<i64, String> {
    let invalid = || format!("time: invalid duration {}", quote(text));
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut total = 0f64;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, after) = rest.split_at(end);
        let is_number = number.bytes().any(|b| b.is_ascii_digit())
            && number.bytes().filter(|b| *b == b'.').count() <= 1;
        if !is_number {
            return Err(invalid());
        }
        let end = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let (unit, after) = after.split_at(end);
        if unit.is_empty() {
            return Err(format!("time: missing unit in duration {}", quote(text)));
        }
        let Some((_, nanos)) = UNITS.iter().find(|(name, _)| *name == unit) else {
            let (unit, text) = (quote(unit), quote(text));
            return Err(format!("time: unknown unit {unit} in duration {text}"));
        };
        total += number.parse::<f64>().map_err(|_| invalid())? * nanos;
        rest = after;
    }
    if total > i64::MAX as f64 {
        return Err(invalid());
    }
    let nanos = total.round() as i64;
    Ok(if negative { -nanos } else { nanos })
}

/// Writes nanoseconds as `time.Duration` prints itself.
pub fn format_duration(nanos: i64) -> String {
    let (sign, amount) = if nanos < 0 { ("-", nanos.unsigned_abs()) } else { ("", nanos as u64) };
    let fraction = |whole: u64, part: u64, digits: usize| {
        let text = format!("{whole}.{part:0digits$}");
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    };
    let text = match amount {
        0 => "0s".to_owned(),
        1..1_000 => format!("{amount}ns"),
        1_000..1_000_000 => format!("{}µs", fraction(amount / 1_000, amount % 1_000, 3)),
        1_000_000..1_000_000_000 => {
            format!("{}ms", fraction(amount / 1_000_000, amount % 1_000_000, 6))
        }
        _ => {
            let (seconds, rest) = (amount / 1_000_000_000, amount % 1_000_000_000);
            let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60);
            let seconds = fraction(seconds % 60, rest, 9);
            match (hours, minutes) {
                (0, 0) => format!("{seconds}s"),
                (0, minutes) => format!("{minutes}m{seconds}s"),
                (hours, minutes) => format!("{hours}h{minutes}m{seconds}s"),
            }
        }
    };
    format!("{sign}{text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_and_written_as_go_does() {
        for (text, nanos) in [
            ("0s", 0),
            ("1m0s", 60_000_000_000),
            ("1h0m30s", 3_630_000_000_000),
            ("1.5s", 1_500_000_000),
            ("10ms", 10_000_000),
            ("-1s", -1_000_000_000),
        ] {
            assert_eq!(parse_duration(text), Ok(nanos), "{text}");
            assert_eq!(format_duration(nanos), text);
        }
        assert_eq!(parse_duration("2m"), Ok(120_000_000_000));
    }

    #[test]
    fn errors_are_those_of_go() {
        let check = |text: &str, message: &str| {
            assert_eq!(parse_duration(text).expect_err(text), message);
        };
        check("5", "time: missing unit in duration \"5\"");
        check("5y", "time: unknown unit \"y\" in duration \"5y\"");
        check("x", "time: invalid duration \"x\"");
        check("", "time: invalid duration \"\"");
    }
}
