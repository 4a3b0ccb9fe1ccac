//! Schedules, and when they are next due: `*/5 * * * *`, `@daily`, `@every 1h30m`.
//!
//! Models `github.com/robfig/cron/v3`. What is no schedule has been refused by the API server.

use super::time_zone::{TimeZone, civil, days, weekday};
use sim::{Duration, Time};

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const DAY: i64 = 86_400;
/// A schedule that is not due within five years is never due.
const YEARS_MAX: i64 = 5;

/// The numbers that a field admits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Field {
    bits: u64,
    /// Whether it says nothing: `*`.
    is_any: bool,
}

impl Field {
    fn parse(text: &str, low: u32, high: u32, names: &[&str]) -> Option<Field> {
        let mut field = Field { bits: 0, is_any: false };
        for range in text.split(',').filter(|range| !range.is_empty()) {
            let (span, step) = match range.split_once('/') {
                Some((span, step)) => (span, Some(step.parse::<u32>().ok()?)),
                None => (range, None),
            };
            let number = |text: &str| match names.iter().position(|n| text.eq_ignore_ascii_case(n))
            {
                Some(index) => Some(low + index as u32),
                None => text.parse().ok(),
            };
            let (first, last) = match (span, span.split_once('-')) {
                ("*" | "?", _) => {
                    field.is_any |= step.is_none_or(|step| step <= 1);
                    (low, high)
                }
                (_, Some((first, last))) => (number(first)?, number(last)?),
                (_, None) if step.is_some() => (number(span)?, high),
                (_, None) => (number(span)?, number(span)?),
            };
            for number in (first..=last.min(63)).step_by(step.unwrap_or(1).max(1) as usize) {
                field.bits |= 1 << number;
            }
        }
        Some(field)
    }

    fn admits(self, number: i64) -> bool {
        self.bits >> number & 1 == 1
    }
}

/// When a CronJob is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Schedule {
    /// Again and again after the same time.
    Every(Duration),
    /// At certain times of certain days.
    At(Times),
}

/// The times of day, and the days, of a schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Times {
    zone: TimeZone,
    minute: Field,
    hour: Field,
    day: Field,
    month: Field,
    weekday: Field,
}

impl Schedule {
    /// Reads a schedule; its own `TZ=` or `CRON_TZ=` goes before `zone`.
    pub(super) fn parse(text: &str, zone: TimeZone) -> Option<Schedule> {
        let mut zone = zone;
        let mut text = text;
        for prefix in ["CRON_TZ=", "TZ="] {
            if let Some((name, rest)) = text.strip_prefix(prefix).and_then(|t| t.split_once(' ')) {
                zone = TimeZone::find(name)?;
                text = rest.trim();
            }
        }
        let text = match text {
            "@yearly" | "@annually" => "0 0 1 1 *",
            "@monthly" => "0 0 1 * *",
            "@weekly" => "0 0 * * 0",
            "@daily" | "@midnight" => "0 0 * * *",
            "@hourly" => "0 * * * *",
            text => text,
        };
        if let Some(duration) = text.strip_prefix("@every ") {
            let seconds = seconds(duration)?;
            return Some(Schedule::Every(Duration::from_secs(seconds.max(1.0) as u64)));
        }
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minute, hour, day, month, weekday] = fields[..] else {
            return None;
        };
        Some(Schedule::At(Times {
            zone,
            minute: Field::parse(minute, 0, 59, &[])?,
            hour: Field::parse(hour, 0, 23, &[])?,
            day: Field::parse(day, 1, 31, &[])?,
            month: Field::parse(month, 1, 12, &MONTHS)?,
            weekday: Field::parse(weekday, 0, 6, &DAYS)?,
        }))
    }

    /// The first time after `time`, if there is one.
    pub(super) fn next(&self, time: Time) -> Option<Time> {
        match self {
            Schedule::Every(period) => Some(time.truncated_to_second() + *period),
            Schedule::At(times) => times.next(time),
        }
    }
}

impl Times {
    fn next(&self, time: Time) -> Option<Time> {
        let minute = 60;
        let mut at = (time.seconds() as i64).div_euclid(minute) * minute + minute;
        let (first_year, ..) = civil(at.div_euclid(DAY));
        loop {
            let local = at + self.zone.offset_at(at);
            let day = local.div_euclid(DAY);
            let (year, month, date) = civil(day);
            let second = local.rem_euclid(DAY);
            if year > first_year + YEARS_MAX {
                return None;
            }
            if !self.month.admits(month) {
                let (year, month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
                at = self.midnight(days(year, month, 1));
            } else if !self.is_day(date, weekday(day)) {
                at = self.midnight(day + 1);
            } else if !self.hour.admits(second / 3_600) {
                at += 3_600 - second % 3_600;
            } else if !self.minute.admits(second / minute % 60) {
                at += minute;
            } else {
                return Some(Time::from_seconds(u64::try_from(at).ok()?));
            }
        }
    }

    /// A day must be right in the month and in the week; if both are restricted, in one of them.
    fn is_day(&self, date: i64, weekday: i64) -> bool {
        let (in_month, in_week) = (self.day.admits(date), self.weekday.admits(weekday));
        if self.day.is_any || self.weekday.is_any {
            in_month && in_week
        } else {
            in_month || in_week
        }
    }

    /// The instant at which a day begins in the zone.
    fn midnight(&self, day: i64) -> i64 {
        let local = day * DAY;
        local - self.zone.offset_at(local - self.zone.offset_at(local))
    }
}

/// `1h30m` in seconds.
fn seconds(text: &str) -> Option<f64> {
    let mut total = 0.0;
    let mut rest = text.trim_start_matches('+');
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let number: f64 = rest[..end].parse().ok()?;
        rest = &rest[end..];
        let end = rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len());
        let unit = match &rest[..end] {
            "h" => 3_600.0,
            "m" => 60.0,
            "s" => 1.0,
            "" if number == 0.0 => 0.0,
            "ms" => 1e-3,
            "us" | "µs" | "μs" => 1e-6,
            "ns" => 1e-9,
            _ => return None,
        };
        total += number * unit;
        rest = &rest[end..];
    }
    Some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(schedule: &str, zone: &str, after: &str, expected: &[&str]) {
        let zone = TimeZone::find(zone).expect("a zone");
        let parsed = Schedule::parse(schedule, zone).expect("a schedule");
        let mut time = Time::parse_rfc3339(after).expect("a time");
        for expected in expected {
            time = parsed.next(time).expect("a next time");
            assert_eq!(time.rfc3339(), *expected, "{schedule}");
        }
    }

    #[test]
    fn schedules_are_due_when_they_say() {
        let start = "2026-11-23T12:46:12Z";
        check("* * * * *", "", start, &["2026-11-23T12:47:00Z", "2026-11-23T12:48:00Z"]);
        check("*/15 * * * *", "", start, &["2026-11-23T13:00:00Z", "2026-11-23T13:15:00Z"]);
        check("30 2 1 jan *", "", start, &["2027-01-01T02:30:00Z", "2028-01-01T02:30:00Z"]);
        check("0 0 13 * fri", "", start, &["2026-11-27T00:00:00Z", "2026-12-04T00:00:00Z"]);
        check("0 9 * * 1-5", "Asia/Tokyo", start, &["2026-11-24T00:00:00Z"]);
        check("0 9 * * *", "America/New_York", start, &["2026-11-23T14:00:00Z"]);
        check("TZ=Asia/Tokyo 0 9 * * *", "", start, &["2026-11-24T00:00:00Z"]);
        check("@every 1m30s", "", start, &["2026-11-23T12:47:42Z", "2026-11-23T12:49:12Z"]);
        check("@weekly", "", start, &["2026-11-29T00:00:00Z"]);
    }

    #[test]
    fn an_hour_that_the_clock_skips_is_skipped() {
        let before = "2026-03-28T03:00:00Z";
        check("30 2 * * *", "Europe/Berlin", before, &["2026-03-30T00:30:00Z"]);
    }

    #[test]
    fn the_thirtieth_of_february_never_comes() {
        let schedule = Schedule::parse("0 0 30 2 *", TimeZone::UTC).expect("a schedule");
        assert_eq!(schedule.next(Time::EPOCH), None);
    }
}
