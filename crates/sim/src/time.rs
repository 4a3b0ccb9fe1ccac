//! Instants of virtual time.

use std::fmt;
use std::ops::{Add, AddAssign, Sub};
use std::time::Duration;

const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// An instant of virtual time: nanoseconds since the Unix epoch.
///
/// The zero point is the epoch and not the start of the session, because Kubernetes prints dates.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(u64);

/// The length of `2026-11-23T12:46:12Z`.
const TEXT_LENGTH: usize = 20;

impl Time {
    /// The Unix epoch, 1970-01-01T00:00:00Z.
    pub const EPOCH: Time = Time(0);
    /// Later than every instant that a session can reach.
    pub const NEVER: Time = Time(u64::MAX);

    /// The instant `nanos` nanoseconds after the epoch.
    pub const fn from_nanos(nanos: u64) -> Time {
        Time(nanos)
    }

    /// The instant `seconds` seconds after the epoch.
    pub const fn from_seconds(seconds: u64) -> Time {
        Time(seconds.saturating_mul(NANOS_PER_SECOND))
    }

    /// Nanoseconds since the epoch.
    pub const fn nanos(self) -> u64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    pub const fn seconds(self) -> u64 {
        self.0 / NANOS_PER_SECOND
    }

    /// This instant without its fraction of a second, as `metav1.Time` keeps it.
    pub const fn truncated_to_second(self) -> Time {
        Time(self.0 - self.0 % NANOS_PER_SECOND)
    }

    /// The time that has passed since `earlier`; zero if `earlier` is later.
    pub const fn since(self, earlier: Time) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }

    /// The first instant at or after this one that lies a whole number of periods after `phase`.
    ///
    /// This is how a component with a ticker (the kubelet's relist, say) notices a change without
    /// the simulator having to run every idle tick.
    ///
    /// ```
    /// use sim::{Duration, Time};
    /// let tick = Duration::from_secs(1);
    /// let phase = Time::from_nanos(250_000_000);
    /// assert_eq!(Time::from_seconds(5).next_tick(phase, tick).nanos(), 5_250_000_000);
    /// ```
    pub fn next_tick(self, phase: Time, period: Duration) -> Time {
        let period = period.as_nanos() as u64;
        let offset = phase.0 % period;
        let behind = (self.0 + period - offset) % period;
        if behind == 0 { self } else { Time(self.0 + (period - behind)) }
    }

    /// The date and time of day in UTC; instants past the year 9999 are shown as its last second.
    pub fn to_utc(self) -> time::OffsetDateTime {
        const LAST: i64 = 253_402_300_799;
        let seconds = (self.seconds() as i64).min(LAST);
        time::OffsetDateTime::from_unix_timestamp(seconds)
            .expect("clamped to the years that the type can hold")
    }

    /// `2026-11-23T12:46:12Z`: how `metav1.Time` is written.
    pub fn rfc3339(self) -> String {
        let mut text = String::with_capacity(TEXT_LENGTH);
        self.write_date_and_time(&mut text);
        text.push('Z');
        text
    }

    /// Most objects carry several times, so this does without the formatting machinery.
    fn write_date_and_time(self, text: &mut String) {
        let t = self.to_utc();
        let mut digits = |number: u32, separator: &str| {
            for place in [10, 1] {
                text.push(char::from(b'0' + (number / place % 10) as u8));
            }
            text.push_str(separator);
        };
        let year = t.year().unsigned_abs();
        digits(year / 100, "");
        digits(year, "-");
        digits(u8::from(t.month()).into(), "-");
        digits(t.day().into(), "T");
        digits(t.hour().into(), ":");
        digits(t.minute().into(), ":");
        digits(t.second().into(), "");
    }

    /// `2026-11-23T12:46:12.345678Z`: how `metav1.MicroTime` is written.
    pub fn rfc3339_micros(self) -> String {
        let micros = self.0 % NANOS_PER_SECOND / 1_000;
        let mut text = String::with_capacity(TEXT_LENGTH + ".000000".len());
        self.write_date_and_time(&mut text);
        format!("{text}.{micros:06}Z")
    }

    /// `Mon, 23 Nov 2026 12:46:12 GMT`: how HTTP writes dates, and Go with `+0000` as the zone.
    pub fn rfc1123(self, zone: &str) -> String {
        let utc = self.to_utc();
        let (weekday, month) = (utc.weekday().to_string(), utc.month().to_string());
        format!(
            "{weekday:.3}, {:02} {month:.3} {} {:02}:{:02}:{:02} {zone}",
            utc.day(),
            utc.year(),
            utc.hour(),
            utc.minute(),
            utc.second()
        )
    }

    /// Reads an RFC 3339 date; `None` if it is not one or lies before the epoch.
    pub fn parse_rfc3339(text: &str) -> Option<Time> {
        let format = &time::format_description::well_known::Rfc3339;
        let parsed = time::OffsetDateTime::parse(text, format).ok()?;
        u64::try_from(parsed.unix_timestamp_nanos()).ok().map(Time)
    }
}

impl Add<Duration> for Time {
    type Output = Time;
    fn add(self, by: Duration) -> Time {
        Time(self.0.saturating_add(u64::try_from(by.as_nanos()).unwrap_or(u64::MAX)))
    }
}

impl AddAssign<Duration> for Time {
    fn add_assign(&mut self, by: Duration) {
        *self = *self + by;
    }
}

impl Sub<Duration> for Time {
    type Output = Time;
    fn sub(self, by: Duration) -> Time {
        Time(self.0.saturating_sub(u64::try_from(by.as_nanos()).unwrap_or(u64::MAX)))
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rfc3339_micros())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_and_reads_dates() {
        let check = |nanos: u64, text: &str| {
            let time = Time::from_nanos(nanos);
            assert_eq!(time.rfc3339_micros(), text);
            assert_eq!(Time::parse_rfc3339(text), Some(Time(nanos / 1_000 * 1_000)));
        };
        check(0, "1970-01-01T00:00:00.000000Z");
        check(951_782_400_000_001_000, "2000-02-29T00:00:00.000001Z");
        check(1_795_437_972_345_678_901, "2026-11-23T12:46:12.345678Z");
        let time = Time::from_nanos(1_795_437_972_345_678_901);
        assert_eq!(time.rfc1123("GMT"), "Mon, 23 Nov 2026 12:46:12 GMT");
        assert_eq!(Time::parse_rfc3339("1969-12-31T23:59:59Z"), None);
        assert_eq!(Time::parse_rfc3339("yesterday"), None);
        assert_eq!(Time::NEVER.rfc3339(), "2554-07-21T23:34:33Z");
    }

    #[test]
    fn reads_dates_with_an_offset() {
        let utc = Time::parse_rfc3339("2024-07-13T00:54:43Z");
        assert_eq!(Time::parse_rfc3339("2024-07-13T09:54:43+09:00"), utc);
    }

    #[test]
    fn ticks_lie_on_the_phase() {
        let second = Duration::from_secs(1);
        let phase = Time::from_nanos(400_000_000);
        let check = |from: u64, to: u64| {
            assert_eq!(Time::from_nanos(from).next_tick(phase, second), Time::from_nanos(to));
        };
        check(0, 400_000_000);
        check(400_000_000, 400_000_000);
        check(400_000_001, 1_400_000_000);
        check(2_000_000_000, 2_400_000_000);
    }
}
