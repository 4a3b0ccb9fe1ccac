//! Time zones: how far their clocks are ahead of UTC.
//!
//! `time_zones.txt` holds the present rule of every zone in POSIX's notation, followed by the
//! zones that have it. Rules of the past are missing: sessions play in the present.

const ZONES: &str = include_str!("time_zones.txt");
const DAY: i64 = 86_400;

/// A time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TimeZone {
    standard: i64,
    summer: Option<Summer>,
}

/// Summer time: how far ahead its clocks are, and when it begins and ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Summer {
    offset: i64,
    begin: Turn,
    end: Turn,
}

/// `M3.5.0/2`: the month, the week (5 is the last), the day of the week, and seconds after
/// midnight on the clock that is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Turn {
    month: i64,
    week: i64,
    weekday: i64,
    seconds: i64,
}

impl TimeZone {
    pub(super) const UTC: TimeZone = TimeZone { standard: 0, summer: None };

    /// The zone called `name`.
    pub(super) fn find(name: &str) -> Option<TimeZone> {
        if matches!(name, "" | "UTC" | "Local") {
            return Some(TimeZone::UTC);
        }
        ZONES.lines().find_map(|line| {
            let mut words = line.split(' ');
            let rule = words.next()?;
            words.any(|zone| zone == name).then(|| TimeZone::parse(rule))?
        })
    }

    fn parse(rule: &str) -> Option<TimeZone> {
        let (names, turns) = match rule.split_once(',') {
            Some((names, turns)) => (names, Some(turns)),
            None => (rule, None),
        };
        let (standard, rest) = offset(skip_name(names))?;
        let Some((begin, end)) = turns.and_then(|turns| turns.split_once(',')) else {
            return Some(TimeZone { standard, summer: None });
        };
        let rest = skip_name(rest);
        let summer = if rest.is_empty() { standard + 3_600 } else { offset(rest)?.0 };
        let summer = Summer { offset: summer, begin: Turn::parse(begin)?, end: Turn::parse(end)? };
        Some(TimeZone { standard, summer: Some(summer) })
    }

    /// How many seconds its clocks are ahead of UTC at an instant.
    pub(super) fn offset_at(self, utc: i64) -> i64 {
        let Some(summer) = self.summer else {
            return self.standard;
        };
        let (year, ..) = civil((utc + self.standard).div_euclid(DAY));
        let begin = summer.begin.in_year(year) - self.standard;
        let end = summer.end.in_year(year) - summer.offset;
        let is_summer =
            if begin < end { (begin..end).contains(&utc) } else { !(end..begin).contains(&utc) };
        if is_summer { summer.offset } else { self.standard }
    }
}

impl Turn {
    fn parse(text: &str) -> Option<Turn> {
        let (day, time) = text.split_once('/').unwrap_or((text, "2"));
        let mut parts = day.strip_prefix('M')?.split('.').map(|part| part.parse().ok());
        let (month, week, weekday) = (parts.next()??, parts.next()??, parts.next()??);
        Some(Turn { month, week, weekday, seconds: -offset(time)?.0 })
    }

    /// The seconds since the epoch, on the clock of that place.
    fn in_year(self, year: i64) -> i64 {
        let first = days(year, self.month, 1);
        let mut day = first + (self.weekday - weekday(first)).rem_euclid(7) + 7 * (self.week - 1);
        while day >= first + month_days(year, self.month) {
            day -= 7;
        }
        day * DAY + self.seconds
    }
}

/// What follows a name: letters, or anything in angle brackets.
fn skip_name(text: &str) -> &str {
    match text.strip_prefix('<') {
        Some(rest) => rest.split_once('>').map_or("", |(_, rest)| rest),
        None => text.trim_start_matches(|c: char| c.is_ascii_alphabetic()),
    }
}

/// `-5:30`, hours and minutes *behind* UTC: the seconds ahead of it, and what follows.
fn offset(text: &str) -> Option<(i64, &str)> {
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, ':' | '-' | '+');
    let end = text.find(|c| !is_part(c)).unwrap_or(text.len());
    let (number, rest) = text.split_at(end);
    let (is_ahead, number) = match number.strip_prefix('-') {
        Some(number) => (true, number),
        None => (false, number.trim_start_matches('+')),
    };
    let (hours, minutes) = number.split_once(':').unwrap_or((number, "0"));
    let seconds = hours.parse::<i64>().ok()? * 3_600 + minutes.parse::<i64>().ok()? * 60;
    Some((if is_ahead { seconds } else { -seconds }, rest))
}

/// The days from the epoch to a date of the Gregorian calendar.
pub(super) fn days(year: i64, month: i64, day: i64) -> i64 {
    // Years begin in March here, so that the leap day is the last of them.
    let (year, month) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year
        - 719_468
}

/// (year, month, day) of a number of days after the epoch.
pub(super) fn civil(days_since_epoch: i64) -> (i64, i64, i64) {
    let shifted = days_since_epoch + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let (month, carry) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (era * 400 + year_of_era + carry, month, day)
}

/// The day of the week, Sunday being 0, of a number of days after the epoch.
pub(super) fn weekday(days_since_epoch: i64) -> i64 {
    (days_since_epoch + 4).rem_euclid(7)
}

fn month_days(year: i64, month: i64) -> i64 {
    let next = if month == 12 { days(year + 1, 1, 1) } else { days(year, month + 1, 1) };
    next - days(year, month, 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_can_be_read() {
        for line in ZONES.lines() {
            let zone = line.split(' ').nth(1).expect("a rule has a zone");
            assert!(TimeZone::find(zone).is_some(), "{line}");
        }
    }

    #[test]
    fn clocks_turn_when_they_should() {
        // 2026-03-29T01:00:00Z and 2026-10-25T01:00:00Z
        let (begin, end) = (1_774_746_000, 1_792_890_000);
        let berlin = TimeZone::find("Europe/Berlin").expect("a zone");
        for (at, hours) in [(begin - 1, 1), (begin, 2), (end - 1, 2), (end, 1)] {
            assert_eq!(berlin.offset_at(at), hours * 3_600, "{at}");
        }
        let check = |zone: &str, minutes: i64| {
            let zone = TimeZone::find(zone).expect("a zone");
            assert_eq!(zone.offset_at(begin), minutes * 60);
        };
        check("Asia/Tokyo", 540);
        check("Asia/Kolkata", 330);
        check("America/New_York", -240);
        check("Australia/Sydney", 660);
        check("UTC", 0);
    }

    #[test]
    fn dates_go_there_and_back() {
        for day in (-1_000..40_000).step_by(13) {
            let (year, month, date) = civil(day);
            assert_eq!(days(year, month, date), day);
        }
        assert_eq!(civil(0), (1970, 1, 1));
        assert_eq!(weekday(0), 4);
    }
}
