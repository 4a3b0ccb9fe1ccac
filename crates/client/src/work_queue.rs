//! A queue of keys to reconcile.

use sim::{Cause, Duration, Time};
use std::collections::{BTreeMap, BTreeSet};

/// `workqueue.DefaultControllerRateLimiter`: the first retry after 5 ms, then twice as long each
/// time, at most 1,000 s.
const RETRY_BASE: Duration = Duration::from_millis(5);
const RETRY_MAX: Duration = Duration::from_secs(1_000);

/// Keys to reconcile, each at most once at a time, the earliest first.
///
/// A key that is added again while it waits keeps its place; one that is added for later moves to
/// the earlier of both times.
#[derive(Debug)]
pub struct WorkQueue<K> {
    /// In order of time, then of adding.
    order: BTreeSet<(Time, u64, K)>,
    waiting: BTreeMap<K, (Time, u64, Cause)>,
    failures: BTreeMap<K, u32>,
    sequence: u64,
}

impl<K> Default for WorkQueue<K> {
    fn default() -> WorkQueue<K> {
        WorkQueue {
            order: BTreeSet::new(),
            waiting: BTreeMap::new(),
            failures: BTreeMap::new(),
            sequence: 0,
        }
    }
}

impl<K: Clone + Ord> WorkQueue<K> {
    /// Lets `key` become due at `at`, because of `cause`.
    pub fn add_at(&mut self, at: Time, key: K, cause: Cause) {
        if let Some((waits_for, sequence, _)) = self.waiting.get(&key) {
            if *waits_for <= at {
                return;
            }
            self.order.remove(&(*waits_for, *sequence, key.clone()));
        }
        self.sequence += 1;
        self.order.insert((at, self.sequence, key.clone()));
        self.waiting.insert(key, (at, self.sequence, cause));
    }

    /// Lets `key` become due again after a failure, later each time.
    pub fn add_after_failure(&mut self, now: Time, key: K, cause: Cause) {
        let failures = self.failures.entry(key.clone()).or_default();
        let delay = RETRY_BASE.saturating_mul(1 << (*failures).min(18)).min(RETRY_MAX);
        *failures += 1;
        self.add_at(now + delay, key, cause);
    }

    /// Forgets that `key` ever failed.
    pub fn forget(&mut self, key: &K) {
        self.failures.remove(key);
    }

    /// How often `key` has failed in a row.
    pub fn failures(&self, key: &K) -> u32 {
        self.failures.get(key).copied().unwrap_or(0)
    }

    /// When the next key is due.
    pub fn next_time(&self) -> Option<Time> {
        self.order.first().map(|(at, _, _)| *at)
    }

    /// Takes the next key that is due at `now`.
    pub fn pop(&mut self, now: Time) -> Option<(K, Cause)> {
        if self.next_time()? > now {
            return None;
        }
        let (_, _, key) = self.order.pop_first()?;
        let (_, _, cause) = self.waiting.remove(&key)?;
        Some((key, cause))
    }

    /// Whether no key waits.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Time {
        Time::EPOCH + Duration::from_millis(millis)
    }

    #[test]
    fn keys_come_once_and_in_order_of_time() {
        let mut queue = WorkQueue::default();
        queue.add_at(at(5), "b", Cause::Setup);
        queue.add_at(at(5), "a", Cause::Setup);
        queue.add_at(at(9), "a", Cause::Setup);
        queue.add_at(at(9), "c", Cause::Setup);
        queue.add_at(at(1), "c", Cause::Setup);
        let popped: Vec<_> = std::iter::from_fn(|| queue.pop(at(5)).map(|(key, _)| key)).collect();
        assert_eq!(popped, ["c", "b", "a"]);
        assert!(queue.is_empty());
    }

    #[test]
    fn failures_wait_longer_each_time() {
        let mut queue = WorkQueue::default();
        let mut delays = Vec::new();
        for _ in 0..3 {
            queue.add_after_failure(at(0), "a", Cause::Setup);
            delays.push(queue.next_time().map(|t| t.since(at(0)).as_millis()));
            queue.pop(at(1_000));
        }
        assert_eq!(delays, [Some(5), Some(10), Some(20)]);
        assert_eq!(queue.failures(&"a"), 3);
        queue.forget(&"a");
        assert_eq!(queue.failures(&"a"), 0);
    }
}
