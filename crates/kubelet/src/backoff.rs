//! Back-off: waiting longer each time something fails.
//!
//! Models `k8s.io/client-go/util/flowcontrol.Backoff`.

use crate::latency::{BACKOFF_INITIAL, BACKOFF_MAX};
use sim::{Duration, Time};
use std::collections::BTreeMap;

#[derive(Clone, Copy, Debug)]
struct Entry {
    delay: Duration,
    updated: Time,
}

/// Delays by what they are about.
#[derive(Debug)]
pub(crate) struct Backoff<K>(BTreeMap<K, Entry>);

impl<K> Default for Backoff<K> {
    fn default() -> Backoff<K> {
        Backoff(BTreeMap::new())
    }
}

impl<K: Ord> Backoff<K> {
    /// Lengthens the delay of `key` after a failure at `event`; a delay long past begins anew.
    pub(crate) fn next(&mut self, key: K, event: Time, now: Time) {
        let entry = self.0.entry(key).or_insert(Entry { delay: Duration::ZERO, updated: now });
        let has_expired = event.since(entry.updated) > BACKOFF_MAX * 2;
        entry.delay = if has_expired || entry.delay.is_zero() {
            BACKOFF_INITIAL
        } else {
            (entry.delay * 2).min(BACKOFF_MAX)
        };
        entry.updated = now;
    }

    /// The delay of `key`, if that much time has not passed since `event`.
    pub(crate) fn waits_since(&self, key: &K, event: Time, now: Time) -> Option<Duration> {
        let entry = self.live(key, now)?;
        (now.since(event) < entry.delay).then_some(entry.delay)
    }

    /// The delay of `key`, if that much time has not passed since it was last lengthened.
    pub(crate) fn waits_since_update(&self, key: &K, now: Time) -> Option<Duration> {
        let entry = self.live(key, now)?;
        (now.since(entry.updated) < entry.delay).then_some(entry.delay)
    }

    /// The delay of `key`, whether it has passed or not.
    pub(crate) fn delay(&self, key: &K) -> Option<Duration> {
        self.0.get(key).map(|entry| entry.delay)
    }

    /// From when to when the delay of `key` lasts, if it counts from its last lengthening.
    pub(crate) fn span(&self, key: &K) -> Option<(Time, Time)> {
        self.0.get(key).map(|entry| (entry.updated, entry.updated + entry.delay))
    }

    fn live(&self, key: &K, now: Time) -> Option<&Entry> {
        self.0.get(key).filter(|entry| now.since(entry.updated) <= BACKOFF_MAX * 2)
    }
}

/// A delay as Go prints it: `10s`, `2m40s`, `5m0s`.
pub(crate) fn print_delay(delay: Duration) -> String {
    match (delay.as_secs() / 60, delay.as_secs() % 60) {
        (0, seconds) => format!("{seconds}s"),
        (minutes, seconds) => format!("{minutes}m{seconds}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_five_minutes_and_expire() {
        let mut backoff = Backoff::default();
        let mut now = Time::EPOCH;
        let mut delays = Vec::new();
        for _ in 0..7 {
            backoff.next("c", now, now);
            let delay = backoff.waits_since_update(&"c", now).expect("just failed");
            delays.push(delay.as_secs());
            now += delay;
            assert_eq!(backoff.waits_since_update(&"c", now), None);
        }
        assert_eq!(delays, [10, 20, 40, 80, 160, 300, 300]);
        now += Duration::from_secs(601);
        backoff.next("c", now, now);
        assert_eq!(backoff.waits_since(&"c", now, now).map(print_delay).as_deref(), Some("10s"));
    }
}
