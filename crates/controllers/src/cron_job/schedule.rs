//! The times that a schedule names.
//!
//! Reads what `robfig/cron` reads as its standard form: five fields, descriptors such as `@daily`,
//! `@every` with a duration. All times are UTC: the simulator has no table of time zones.

use sim::{Duration, Time};

const MINUTE: u64 = 60;
const HOUR: u64 = 3_600;
const DAY: u64 = 86_400;
/// A schedule that names no time within so many days never does (29 February: 8 years).
const DAYS_MAX: u64 = 8 * 366;

/// When something is to be done again and again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Schedule {
    /// At these times of these days.
    Calendar(Calendar),
    /// After so long, again and again.
    Every(Duration),
}

/// The fields of a schedule, each as a set of bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Calendar {
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
    /// Whether the days of the month, or of the week, are all of them.
    has_any_day: bool,
}

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

impl Schedule {
    /// Reads a schedule; `None` if it is not one.
    pub(super) fn parse(text: &str) -> Option<Schedule> {
        if let Some(interval) = text.strip_prefix("@every ") {
            return Some(Schedule::Every(parse_duration(interval)?.max(Duration::from_secs(1))));
        }
        let fields = match text {
            "@yearly" | "@annually" => "0 0 1 1 *",
            "@monthly" => "0 0 1 * *",
            "@weekly" => "0 0 * * 0",
            "@daily" | "@midnight" => "0 0 * * *",
            "@hourly" => "0 * * * *",
            fields => fields,
        };
        let parts: Vec<&str> = fields.split_whitespace().collect();
        let [minute, hour, day, month, weekday] = parts[..] else {
            return None;
        };
        let starts_any = |field: &str| field.starts_with(['*', '?']);
        Some(Schedule::Calendar(Calendar {
            minutes: parse_field(minute, 0, 59, &[])?,
            hours: parse_field(hour, 0, 23, &[])?,
            days: parse_field(day, 1, 31, &[])?,
            months: parse_field(month, 1, 12, &MONTHS)?,
            weekdays: parse_field(weekday, 0, 6, &WEEKDAYS)?,
            has_any_day: starts_any(day) || starts_any(weekday),
        }))
    }

    /// The first time after `after`.
    pub(super) fn next(&self, after: Time) -> Option<Time> {
        match self {
            Schedule::Every(interval) => Some((after + *interval).truncated_to_second()),
            Schedule::Calendar(calendar) => calendar.next(after),
        }
    }

    /// The last time after `after` and not after `now`, and how many there were.
    pub(super) fn most_recent(&self, after: Time, now: Time) -> (Option<Time>, u64) {
        if let Schedule::Every(interval) = self {
            let count = now.since(after).as_secs() / interval.as_secs().max(1);
            let passed = interval.saturating_mul(count.min(u64::from(u32::MAX)) as u32);
            return ((count > 0).then(|| (after + passed).truncated_to_second()), count);
        }
        let (mut last, mut count, mut at) = (None, 0, after);
        while let Some(next) = self.next(at).filter(|next| *next <= now) {
            (last, count, at) = (Some(next), count + 1, next);
        }
        (last, count)
    }
}

impl Calendar {
    fn next(&self, after: Time) -> Option<Time> {
        let first = after.seconds() / MINUTE * MINUTE + MINUTE;
        let today = first / DAY;
        (today..today + DAYS_MAX).find_map(|day| {
            if !self.has_day(day) {
                return None;
            }
            let begin = if day == today { first % DAY } else { 0 };
            let minute = (begin / MINUTE..DAY / MINUTE).find(|minute| {
                has(self.hours, minute * MINUTE / HOUR) && has(self.minutes, minute % 60)
            })?;
            Some(Time::from_seconds(day * DAY + minute * MINUTE))
        })
    }

    /// Whether a day, counted from 1 January 1970, a Thursday, is one of the schedule's.
    fn has_day(&self, day: u64) -> bool {
        let date = Time::from_seconds(day * DAY).to_utc();
        let is_day = has(self.days, date.day().into());
        let is_weekday = has(self.weekdays, (day + 4) % 7);
        let fits = if self.has_any_day { is_day && is_weekday } else { is_day || is_weekday };
        fits && has(self.months, u8::from(date.month()).into())
    }
}

fn has(bits: u64, number: u64) -> bool {
    bits >> number & 1 == 1
}

fn parse_field(field: &str, min: u64, max: u64, words: &[&str]) -> Option<u64> {
    let number = |text: &str| {
        let word = text.to_ascii_lowercase();
        match words.iter().position(|known| **known == *word) {
            Some(at) => Some(min + at as u64),
            None => text.parse::<u64>().ok(),
        }
    };
    let mut bits = 0;
    for part in field.split(',') {
        let (range, step) = part.split_once('/').unwrap_or((part, ""));
        let step_size = if step.is_empty() { 1 } else { number(step).filter(|step| *step > 0)? };
        let (first, last) = match range {
            "*" | "?" => (min, max),
            range => match range.split_once('-') {
                Some((first, last)) => (number(first)?, number(last)?),
                // A number with a step goes on to the end.
                None if !step.is_empty() => (number(range)?, max),
                None => (number(range)?, number(range)?),
            },
        };
        if first < min || last > max || first > last {
            return None;
        }
        let mut at = first;
        while at <= last {
            bits |= 1 << at;
            at += step_size;
        }
    }
    Some(bits)
}

/// `1h30m`, `90s`
fn parse_duration(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut total = Duration::ZERO;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let amount: f64 = rest[..digits].parse().ok()?;
        let unit_end = rest[digits..].find(|c: char| c.is_ascii_digit());
        let unit = &rest[digits..unit_end.map_or(rest.len(), |end| digits + end)];
        let seconds = match unit {
            "h" => 3_600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 0.001,
            _ => return None,
        };
        total += Duration::from_millis((amount * seconds * 1_000.0) as u64);
        rest = &rest[digits + unit.len()..];
    }
    Some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(schedule: &str, after: &str, expected: &str) {
        let after = Time::parse_rfc3339(after).expect("a time");
        let next = Schedule::parse(schedule).and_then(|schedule| schedule.next(after));
        assert_eq!(next.map(|time| time.rfc3339()).unwrap_or_default(), expected, "{schedule}");
    }

    #[test]
    fn the_next_time() {
        let after = "2026-11-23T12:38:16Z";
        check("* * * * *", after, "2026-11-23T12:39:00Z");
        check("*/15 * * * *", after, "2026-11-23T12:45:00Z");
        check("5 4 * * *", after, "2026-11-24T04:05:00Z");
        check("0 0 1 * *", after, "2026-12-01T00:00:00Z");
        check("0 9-17/4 * * MON-FRI", after, "2026-11-23T13:00:00Z");
        check("0 0 13 * 5", after, "2026-11-27T00:00:00Z");
        check("0 0 29 2 *", after, "2028-02-29T00:00:00Z");
        check("@hourly", after, "2026-11-23T13:00:00Z");
        check("@every 1h30m", after, "2026-11-23T14:08:16Z");
        check("0 0 30 2 *", after, "");
        check("* * * *", after, "");
    }

    #[test]
    fn a_time_is_not_its_own_successor() {
        check("* * * * *", "2026-11-23T12:39:00Z", "2026-11-23T12:40:00Z");
    }
}
