//! Which time of its schedule a CronJob has reached, and when to look at it next.

use super::schedule::Schedule;
use super::time_zone::TimeZone;
use api::batch::v1::CronJob;
use api::{Value, View};
use sim::{Duration, Time};

/// `nextScheduleDelta`: how long after a time its Job is started.
const DELAY: Duration = Duration::from_millis(100);
/// So many missed times are worth a warning.
const MANY_MISSED: u64 = 100;
/// A schedule that is never due is looked at again after a day.
const NEVER: Duration = Duration::from_secs(86_400);

/// Where a CronJob stands.
pub(super) struct Due {
    /// The latest time that has come since the last one.
    pub(super) at: Option<Time>,
    pub(super) missed_many: bool,
    /// How long until the next time.
    pub(super) next_look: Duration,
}

impl Due {
    /// Where `object` stands at `now`. With `with_deadline`, times before its deadline for starting
    /// are passed over.
    pub(super) fn of(object: &Value, schedule: &Schedule, now: Time, with_deadline: bool) -> Due {
        let view = CronJob::of(object);
        let created = view.metadata().creation_timestamp().unwrap_or(now);
        let mut earliest = view.status().last_schedule_time().unwrap_or(created);
        if let Some(seconds) = view.spec().starting_deadline_seconds().filter(|_| with_deadline) {
            let ago =
                now.since(Time::EPOCH).saturating_sub(Duration::from_secs(seconds.max(0) as u64));
            earliest = earliest.max(Time::EPOCH + ago);
        }
        let (at, missed) = latest(schedule, earliest, now);
        let base = match at {
            Some(at) => at,
            None if missed == 0 => earliest,
            None => now,
        };
        let next_look = match schedule.next(base) {
            Some(next) => (next + DELAY).since(now),
            None => NEVER,
        };
        Due { at, missed_many: missed > MANY_MISSED, next_look }
    }
}

/// The latest time after `earliest` that has come, and about how many have.
fn latest(schedule: &Schedule, earliest: Time, now: Time) -> (Option<Time>, u64) {
    let Some(first) = schedule.next(earliest).filter(|first| *first <= now) else {
        return (None, 0);
    };
    let Some(second) = schedule.next(first).filter(|second| *second <= now) else {
        return (Some(first), 0);
    };
    let period = second.since(first).as_secs().max(1);
    let missed = now.since(first).as_secs() / period + 1;
    // One period earlier than it should be, since not all schedules are regular.
    let mut time = first + Duration::from_secs(period * missed.saturating_sub(2));
    let mut found = None;
    while let Some(next) = schedule.next(time).filter(|next| *next <= now) {
        found = Some(next);
        time = next;
    }
    (found, missed)
}

/// A time as clocks in a zone show it: `2026-11-23T21:39:00+09:00`.
pub(super) fn in_zone(time: Time, zone: TimeZone) -> String {
    let offset = zone.offset_at(time.seconds() as i64);
    if offset == 0 {
        return time.rfc3339();
    }
    let local = Time::from_seconds((time.seconds() as i64 + offset).max(0) as u64).rfc3339();
    let sign = if offset < 0 { '-' } else { '+' };
    let minutes = offset.abs() / 60;
    format!("{}{sign}{:02}:{:02}", local.trim_end_matches('Z'), minutes / 60, minutes % 60)
}
