//! Dates: time zones, `strftime`, and what `date -d` understands.

use sim::Time;
use time::{Date, Month, OffsetDateTime};

/// A time zone that never changes its offset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Zone {
    name: String,
    offset_seconds: i32,
}

/// Zones by name: the ones a learner may have set. Daylight saving is not simulated.
const ZONES: [(&str, &str, i32); 12] = [
    ("Asia/Tokyo", "JST", 9 * 3600),
    ("Japan", "JST", 9 * 3600),
    ("Asia/Seoul", "KST", 9 * 3600),
    ("Asia/Shanghai", "CST", 8 * 3600),
    ("Asia/Singapore", "+08", 8 * 3600),
    ("Asia/Kolkata", "IST", 19_800),
    ("Etc/UTC", "UTC", 0),
    ("Etc/GMT", "GMT", 0),
    ("Europe/London", "GMT", 0),
    ("Europe/Berlin", "CET", 3600),
    ("America/New_York", "EST", -5 * 3600),
    ("America/Los_Angeles", "PST", -8 * 3600),
];

impl Zone {
    pub(crate) const UTC: Zone = Zone { name: String::new(), offset_seconds: 0 };

    /// The zone that `TZ` names: one of the common names, or `JST-9`.
    pub(crate) fn parse(text: &str) -> Zone {
        if let Some((_, name, offset)) = ZONES.iter().find(|(known, ..)| *known == text) {
            return Zone { name: (*name).to_owned(), offset_seconds: *offset };
        }
        let end = text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len());
        let (name, offset) = text.split_at(end);
        if name.len() < 3 {
            return Zone::UTC;
        }
        // POSIX counts westwards.
        let (sign, digits) = match offset.strip_prefix('-') {
            Some(digits) => (1, digits),
            None => (-1, offset.strip_prefix('+').unwrap_or(offset)),
        };
        let mut parts = digits.split(':').map(|part| part.parse::<i32>().unwrap_or(0).min(24));
        let hours = parts.next().unwrap_or(0);
        let minutes = parts.next().unwrap_or(0);
        Zone { name: name.to_owned(), offset_seconds: sign * (hours * 3600 + minutes * 60) }
    }

    pub(crate) fn name(&self) -> &str {
        if self.name.is_empty() { "UTC" } else { &self.name }
    }

    fn offset_text(&self, colon: &str) -> String {
        let sign = if self.offset_seconds < 0 { '-' } else { '+' };
        let minutes = self.offset_seconds.unsigned_abs() / 60;
        format!("{sign}{:02}{colon}{:02}", minutes / 60, minutes % 60)
    }

    fn local(&self, time: Time) -> OffsetDateTime {
        let shifted = time.seconds() as i64 + i64::from(self.offset_seconds);
        Time::from_seconds(shifted.max(0) as u64).to_utc()
    }
}

const DAYS: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Writes a time by a format, as `date +FORMAT` does.
pub(crate) fn strftime(format: &str, time: Time, zone: &Zone) -> String {
    let local = zone.local(time);
    let mut text = String::new();
    let mut chars = format.chars().peekable();
    while let Some(character) = chars.next() {
        if character != '%' {
            text.push(character);
            continue;
        }
        let mut flag = None;
        while let Some(next) = chars.peek().copied().filter(|c| "-_0^#".contains(*c)) {
            flag = Some(next);
            chars.next();
        }
        let mut width = String::new();
        while let Some(next) = chars.peek().copied().filter(char::is_ascii_digit) {
            width.push(next);
            chars.next();
        }
        let mut colons = 0;
        while chars.peek() == Some(&':') {
            colons += 1;
            chars.next();
        }
        let Some(kind) = chars.next() else {
            text.push('%');
            break;
        };
        let field = field(kind, flag, width.parse().ok(), colons, &local, time, zone);
        text.push_str(&field.unwrap_or_else(|| format!("%{kind}")));
    }
    text
}

fn field(
    kind: char,
    flag: Option<char>,
    width: Option<usize>,
    colons: u32,
    local: &OffsetDateTime,
    time: Time,
    zone: &Zone,
) -> Option<String> {
    let padded = |value: i64, digits: usize, blank: bool| {
        let digits = width.unwrap_or(digits).min(100);
        match (flag, blank) {
            (Some('-'), _) => value.to_string(),
            (Some('_'), _) => format!("{value:digits$}"),
            (Some('0'), _) | (_, false) => format!("{value:0digits$}"),
            (_, true) => format!("{value:digits$}"),
        }
    };
    let number = |value: i64, digits: usize| Some(padded(value, digits, false));
    let blank = |value: i64, digits: usize| Some(padded(value, digits, true));
    let cased =
        |text: &str| Some(if flag == Some('^') { text.to_uppercase() } else { text.to_owned() });
    let again = |format: &str| Some(strftime(format, time, zone));
    let day = usize::from(local.weekday().number_days_from_monday());
    let day_name = DAYS.get(day).copied().unwrap_or_default();
    let month_name =
        MONTHS.get(usize::from(u8::from(local.month()) - 1)).copied().unwrap_or_default();
    let short = |name: &str| name.get(..3).unwrap_or_default().to_owned();
    let hour = i64::from(local.hour());
    let twelve = if hour % 12 == 0 { 12 } else { hour % 12 };
    match kind {
        '%' => Some("%".to_owned()),
        'n' => Some("\n".to_owned()),
        't' => Some("\t".to_owned()),
        'a' => cased(&short(day_name)),
        'A' => cased(day_name),
        'b' | 'h' => cased(&short(month_name)),
        'B' => cased(month_name),
        'c' => again("%a %b %e %H:%M:%S %Y"),
        'C' => number(i64::from(local.year()) / 100, 2),
        'd' => number(i64::from(local.day()), 2),
        'D' | 'x' => again("%m/%d/%y"),
        'e' => blank(i64::from(local.day()), 2),
        'F' => again("%Y-%m-%d"),
        'g' => number(i64::from(local.to_iso_week_date().0) % 100, 2),
        'G' => number(i64::from(local.to_iso_week_date().0), 4),
        'H' => number(hour, 2),
        'I' => number(twelve, 2),
        'j' => number(i64::from(local.ordinal()), 3),
        'k' => blank(hour, 2),
        'l' => blank(twelve, 2),
        'm' => number(i64::from(u8::from(local.month())), 2),
        'M' => number(i64::from(local.minute()), 2),
        'N' => {
            let nanos = format!("{:09}", time.nanos() % 1_000_000_000);
            Some(nanos.chars().take(width.unwrap_or(9)).collect())
        }
        'p' => Some(if hour < 12 { "AM" } else { "PM" }.to_owned()),
        'P' => Some(if hour < 12 { "am" } else { "pm" }.to_owned()),
        'q' => number((i64::from(u8::from(local.month())) + 2) / 3, 1),
        'r' => again("%I:%M:%S %p"),
        'R' => again("%H:%M"),
        's' => Some(time.seconds().to_string()),
        'S' => number(i64::from(local.second()), 2),
        'T' | 'X' => again("%H:%M:%S"),
        'u' => number(day as i64 + 1, 1),
        'w' => number((day as i64 + 1) % 7, 1),
        'U' => number(i64::from(local.sunday_based_week()), 2),
        'V' => number(i64::from(local.iso_week()), 2),
        'W' => number(i64::from(local.monday_based_week()), 2),
        'y' => number(i64::from(local.year()) % 100, 2),
        'Y' => number(i64::from(local.year()), 1),
        'z' if colons > 0 => Some(zone.offset_text(":")),
        'z' => Some(zone.offset_text("")),
        'Z' => Some(zone.name().to_owned()),
        _ => None,
    }
}

/// Reads what `date -d` takes: `@seconds`, ISO dates and times, `now`, `today`, `yesterday`,
/// `tomorrow`, `2 days ago`, `+1 hour`.
pub(crate) fn parse_date(text: &str, now: Time, zone: &Zone) -> Option<Time> {
    let text = text.trim();
    if let Some(seconds) = text.strip_prefix('@') {
        return seconds.split('.').next()?.parse().ok().map(Time::from_seconds);
    }
    if let Some(time) = Time::parse_rfc3339(text) {
        return Some(time);
    }
    let mut seconds = now.seconds() as i64;
    let mut zone = zone.clone();
    let mut words = text.split_whitespace().peekable();
    let mut nanos = now.nanos() % 1_000_000_000;
    let mut time_of_day = None;
    while let Some(word) = words.next() {
        if let Some(date) = date(word) {
            let midnight = date.midnight().assume_utc().unix_timestamp();
            seconds = midnight;
            time_of_day.get_or_insert(0);
            nanos = 0;
        } else if let Some(of_day) = clock(word) {
            time_of_day = Some(of_day);
            nanos = 0;
        } else if matches!(word, "UTC" | "Z" | "GMT") {
            zone = Zone::UTC;
        } else if let Some((date_part, clock_part)) = word.split_once('T') {
            seconds = date(date_part)?.midnight().assume_utc().unix_timestamp();
            time_of_day = Some(clock(clock_part.trim_end_matches('Z'))?);
            nanos = 0;
            if clock_part.ends_with('Z') {
                zone = Zone::UTC;
            }
        } else {
            match word {
                "now" | "today" => {}
                "yesterday" => seconds -= 86_400,
                "tomorrow" => seconds += 86_400,
                _ => seconds += relative(word, &mut words)?,
            }
        }
    }
    if let Some(of_day) = time_of_day {
        let offset = i64::from(zone.offset_seconds);
        let midnight = (seconds + if nanos == 0 { 0 } else { offset }).div_euclid(86_400) * 86_400;
        seconds = midnight + of_day - offset;
    }
    let seconds = u64::try_from(seconds).ok()?;
    Some(Time::from_nanos(seconds.checked_mul(1_000_000_000)?.checked_add(nanos)?))
}

fn date(word: &str) -> Option<Date> {
    let separator = if word.contains('-') { '-' } else { '/' };
    let mut parts = word.split(separator);
    let (first, second, third) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let (year, month, day) =
        if first.len() == 4 { (first, second, third) } else { (third, first, second) };
    let month = Month::try_from(month.parse::<u8>().ok()?).ok()?;
    Date::from_calendar_date(year.parse().ok()?, month, day.parse().ok()?).ok()
}

fn clock(word: &str) -> Option<i64> {
    let mut parts = word.split(':');
    let hours: i64 = parts.next()?.parse().ok()?;
    let minutes: i64 = parts.next()?.parse().ok()?;
    let seconds: i64 = match parts.next() {
        Some(seconds) => seconds.split('.').next()?.parse().ok()?,
        None => 0,
    };
    let fits = (0..24).contains(&hours) && (0..60).contains(&minutes) && (0..61).contains(&seconds);
    fits.then_some(hours * 3600 + minutes * 60 + seconds)
}

/// `2 days`, `1 hour ago`, `next week`: seconds.
fn relative<'w>(
    word: &str,
    words: &mut std::iter::Peekable<impl Iterator<Item = &'w str>>,
) -> Option<i64> {
    let (count, unit) = match word {
        "next" => (1, words.next()?),
        "last" => (-1, words.next()?),
        _ => {
            let end = word.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(word.len());
            let (number, unit) = word.split_at(end);
            let count = match number {
                "" => 1,
                number => number.trim_start_matches('+').parse::<i64>().ok()?,
            };
            (count, if unit.is_empty() { words.next()? } else { unit })
        }
    };
    let length = match unit.trim_end_matches('s') {
        "sec" | "second" => 1,
        "min" | "minute" => 60,
        "hour" => 3600,
        "day" => 86_400,
        "week" => 7 * 86_400,
        "fortnight" => 14 * 86_400,
        // Calendar arithmetic is left out: a month has thirty days.
        "month" => 30 * 86_400,
        "year" => 365 * 86_400,
        _ => return None,
    };
    let sign = if words.peek() == Some(&"ago") {
        words.next();
        -1
    } else {
        1
    };
    count.checked_mul(length)?.checked_mul(sign)
}
