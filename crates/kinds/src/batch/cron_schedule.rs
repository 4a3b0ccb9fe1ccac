//! Schedules: `*/5 * * * *`, `@daily`, `@every 1h30m`.
//!
//! Models what `github.com/robfig/cron/v3` accepts and how it complains; the times themselves are
//! the business of the CronJob controller.

/// The names of the time zones that `time.LoadLocation` finds.
const TIME_ZONES: &str = include_str!("time_zones.txt");

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// What a field of a schedule can hold.
struct Bounds {
    low: u64,
    high: u64,
    /// Names for the numbers from `low` on.
    names: &'static [&'static str],
}

const FIELDS: [Bounds; 5] = [
    Bounds { low: 0, high: 59, names: &[] },
    Bounds { low: 0, high: 23, names: &[] },
    Bounds { low: 1, high: 31, names: &[] },
    Bounds { low: 1, high: 12, names: &MONTHS },
    Bounds { low: 0, high: 6, names: &DAYS },
];

/// What is wrong with a schedule, if anything.
pub fn schedule_problem(schedule: &str) -> Option<String> {
    let mut spec = schedule;
    if spec.is_empty() {
        return Some("empty spec string".into());
    }
    for prefix in ["TZ=", "CRON_TZ="] {
        if let Some(rest) = schedule.strip_prefix(prefix) {
            let (zone, rest) = rest.split_once(' ').unwrap_or((rest, ""));
            if !is_time_zone(zone) {
                return Some(format!("provided bad location {zone}: unknown time zone {zone}"));
            }
            spec = rest.trim();
        }
    }
    if spec.starts_with('@') {
        return descriptor_problem(spec);
    }
    let fields: Vec<&str> = spec.split_whitespace().collect();
    if fields.len() != FIELDS.len() {
        return Some(format!(
            "expected exactly {} fields, found {}: [{}]",
            FIELDS.len(),
            fields.len(),
            fields.join(" ")
        ));
    }
    fields.iter().zip(&FIELDS).find_map(|(field, bounds)| field_problem(field, bounds))
}

/// Whether the name is that of a time zone.
pub fn is_time_zone(name: &str) -> bool {
    matches!(name, "" | "UTC" | "Local") || TIME_ZONES.lines().any(|zone| zone == name)
}

fn descriptor_problem(descriptor: &str) -> Option<String> {
    match descriptor {
        "@yearly" | "@annually" | "@monthly" | "@weekly" | "@daily" | "@midnight" | "@hourly" => {
            return None;
        }
        _ => {}
    }
    let Some(duration) = descriptor.strip_prefix("@every ") else {
        return Some(format!("unrecognized descriptor: {descriptor}"));
    };
    let problem = duration_problem(duration)?;
    Some(format!("failed to parse duration {descriptor}: {problem}"))
}

/// What `time.ParseDuration` says against a text, if anything.
fn duration_problem(text: &str) -> Option<String> {
    let quoted = api::go::quote(text);
    let invalid = || Some(format!("time: invalid duration {quoted}"));
    let mut rest = text.strip_prefix(['+', '-']).unwrap_or(text);
    if rest == "0" {
        return None;
    }
    if rest.is_empty() {
        return invalid();
    }
    while !rest.is_empty() {
        let number_end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let number = &rest[..number_end];
        let digits = number.bytes().filter(u8::is_ascii_digit).count();
        if digits == 0 || number.len() - digits > 1 || digits > 18 {
            return invalid();
        }
        rest = &rest[number_end..];
        let unit_end = rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len());
        let unit = &rest[..unit_end];
        if unit.is_empty() {
            return Some(format!("time: missing unit in duration {quoted}"));
        }
        if !matches!(unit, "ns" | "us" | "µs" | "μs" | "ms" | "s" | "m" | "h") {
            let unit = api::go::quote(unit);
            return Some(format!("time: unknown unit {unit} in duration {quoted}"));
        }
        rest = &rest[unit_end..];
    }
    None
}

fn field_problem(field: &str, bounds: &Bounds) -> Option<String> {
    field
        .split(',')
        .filter(|range| !range.is_empty())
        .find_map(|range| range_problem(range, bounds).err())
}

fn range_problem(range: &str, bounds: &Bounds) -> Result<(), String> {
    let mut parts = range.split('/');
    let (span, step) = (parts.next().unwrap_or_default(), parts.next());
    if parts.next().is_some() {
        return Err(format!("too many slashes: {range}"));
    }
    let mut ends = span.split('-');
    let (low, high) = (ends.next().unwrap_or_default(), ends.next());
    let too_many = ends.next().is_some();
    let (start, mut end) = match low {
        "*" | "?" => (bounds.low, bounds.high),
        low => {
            let start = number(low, bounds)?;
            match high {
                _ if too_many => return Err(format!("too many hyphens: {range}")),
                None => (start, start),
                Some(high) => (start, number(high, bounds)?),
            }
        }
    };
    let step = match step {
        None => 1,
        Some(step) => {
            if high.is_none() {
                end = bounds.high;
            }
            plain_number(step)?
        }
    };
    if start < bounds.low {
        let low = bounds.low;
        return Err(format!("beginning of range ({start}) below minimum ({low}): {range}"));
    }
    if end > bounds.high {
        let high = bounds.high;
        return Err(format!("end of range ({end}) above maximum ({high}): {range}"));
    }
    if start > end {
        return Err(format!("beginning of range ({start}) beyond end of range ({end}): {range}"));
    }
    if step == 0 {
        return Err(format!("step of range should be a positive number: {range}"));
    }
    Ok(())
}

fn number(text: &str, bounds: &Bounds) -> Result<u64, String> {
    let lower = text.to_lowercase();
    match bounds.names.iter().position(|name| *name == lower) {
        Some(index) => Ok(bounds.low + index as u64),
        None => plain_number(text),
    }
}

fn plain_number(text: &str) -> Result<u64, String> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    let quoted = api::go::quote(text);
    if !is_number {
        return Err(format!(
            "failed to parse int from {text}: strconv.Atoi: parsing {quoted}: invalid syntax"
        ));
    }
    match text.parse::<i64>() {
        Err(_) => Err(format!(
            "failed to parse int from {text}: strconv.Atoi: parsing {quoted}: value out of range"
        )),
        Ok(number) if number < 0 => Err(format!("negative number ({number}) not allowed: {text}")),
        Ok(number) => Ok(number as u64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedules_that_are_fine() {
        for schedule in [
            "* * * * *",
            "*/5 * * * *",
            "0 0 1 jan sun-tue",
            "1,2,3 4-6/2 ? * *",
            "@daily",
            "@every 1h30m",
            "TZ=Asia/Tokyo 0 0 * * *",
        ] {
            assert_eq!(schedule_problem(schedule), None, "{schedule}");
        }
    }

    #[test]
    fn schedules_that_are_not() {
        for (schedule, problem) in [
            ("", "empty spec string"),
            ("* * * *", "expected exactly 5 fields, found 4: [* * * *]"),
            ("61 * * * *", "end of range (61) above maximum (59): 61"),
            ("* * 0 * *", "beginning of range (0) below minimum (1): 0"),
            ("5-1 * * * *", "beginning of range (5) beyond end of range (1): 5-1"),
            ("*/0 * * * *", "step of range should be a positive number: */0"),
            ("1-2-3 * * * *", "too many hyphens: 1-2-3"),
            ("1/2/3 * * * *", "too many slashes: 1/2/3"),
            (
                "x * * * *",
                "failed to parse int from x: strconv.Atoi: parsing \"x\": invalid syntax",
            ),
            ("@often", "unrecognized descriptor: @often"),
            (
                "@every 1x",
                "failed to parse duration @every 1x: time: unknown unit \"x\" in duration \"1x\"",
            ),
            ("@every 1", "failed to parse duration @every 1: time: missing unit in duration \"1\""),
            ("TZ=Nowhere * * * * *", "provided bad location Nowhere: unknown time zone Nowhere"),
        ] {
            assert_eq!(schedule_problem(schedule).as_deref(), Some(problem), "{schedule}");
        }
    }
}
