//! Memory of things recently seen, within a bound.

use sim::{Duration, Time};
use std::collections::{BTreeMap, VecDeque};

/// So many uses that are no longer the last one of their key may be waiting to be forgotten,
/// beside as many as there are keys.
const STALE_USES_MAX: usize = 16;

/// A map that forgets what was used longest ago.
#[derive(Debug)]
pub(crate) struct RecentlyUsed<V> {
    entries: BTreeMap<u64, (u64, V)>,
    /// (use, key), the longest ago first. Only the last use of a key counts.
    uses: VecDeque<(u64, u64)>,
    capacity: usize,
    use_count: u64,
}

impl<V> RecentlyUsed<V> {
    pub(crate) fn new(capacity: usize) -> RecentlyUsed<V> {
        let (entries, uses) = (BTreeMap::new(), VecDeque::new());
        RecentlyUsed { entries, uses, capacity, use_count: 0 }
    }

    /// The value of `key`, made if it is missing, now the one used last.
    pub(crate) fn entry(&mut self, key: u64, make: impl FnOnce() -> V) -> &mut V {
        self.use_count += 1;
        if !self.entries.contains_key(&key) && self.entries.len() >= self.capacity {
            self.forget_oldest();
        }
        self.uses.push_back((self.use_count, key));
        if self.uses.len() > 2 * self.entries.len() + STALE_USES_MAX {
            let RecentlyUsed { entries, uses, use_count, .. } = self;
            let is_last = |(used, key): &(u64, u64)| {
                used == use_count || entries.get(key).is_some_and(|(last, _)| last == used)
            };
            uses.retain(is_last);
        }
        let entry = self.entries.entry(key).or_insert_with(|| (0, make()));
        entry.0 = self.use_count;
        &mut entry.1
    }

    fn forget_oldest(&mut self) {
        while let Some((used, key)) = self.uses.pop_front() {
            if self.entries.get(&key).is_some_and(|(last, _)| *last == used) {
                self.entries.remove(&key);
                return;
            }
        }
    }
}

/// A bucket of tokens: at most so many at once, refilled steadily.
#[derive(Debug)]
pub(crate) struct TokenBucket {
    tokens: f64,
    refilled: Time,
}

impl TokenBucket {
    pub(crate) fn full(burst: u32, now: Time) -> TokenBucket {
        TokenBucket { tokens: f64::from(burst), refilled: now }
    }

    /// Takes a token, if one is left.
    pub(crate) fn take(&mut self, burst: u32, refill: Duration, now: Time) -> bool {
        let passed = now.since(self.refilled).as_secs_f64() / refill.as_secs_f64();
        self.tokens = (self.tokens + passed).min(f64::from(burst));
        self.refilled = now;
        let has_one = self.tokens >= 1.0;
        if has_one {
            self.tokens -= 1.0;
        }
        has_one
    }
}

/// A 64-bit hash (FNV-1a) of texts, told apart.
pub(crate) fn hash_texts<'a>(texts: impl IntoIterator<Item = &'a str>) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut feed = |byte: u8| hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    for text in texts {
        text.bytes().for_each(&mut feed);
        feed(0xff);
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_recently_used_is_forgotten() {
        let mut recent = RecentlyUsed::new(2);
        *recent.entry(1, || 0) = 10;
        *recent.entry(2, || 0) = 20;
        recent.entry(1, || 0);
        recent.entry(3, || 0);
        assert_eq!((*recent.entry(1, || 0), *recent.entry(2, || 0)), (10, 0));
    }

    #[test]
    fn uses_in_between_leave_nothing_behind() {
        let mut recent = RecentlyUsed::new(2);
        for _ in 0..1_000 {
            recent.entry(1, || 0);
            recent.entry(2, || 0);
        }
        assert!(recent.uses.len() <= 2 * 2 + STALE_USES_MAX + 1);
        *recent.entry(1, || 0) = 10;
        recent.entry(3, || 30);
        assert_eq!((*recent.entry(1, || 0), *recent.entry(3, || 0)), (10, 30));
    }

    #[test]
    fn a_bucket_empties_and_refills() {
        let second = Duration::from_secs(1);
        let mut bucket = TokenBucket::full(2, Time::EPOCH);
        let mut take = |seconds| bucket.take(2, second, Time::from_seconds(seconds));
        assert_eq!([take(0), take(0), take(0), take(1), take(1)], [true, true, false, true, false]);
    }
}
