//! Memory of things recently seen, within a bound.

use sim::{Duration, Time};
use std::collections::BTreeMap;

/// A map that forgets what was used longest ago.
#[derive(Debug)]
pub(crate) struct RecentlyUsed<V> {
    entries: BTreeMap<u128, (u64, V)>,
    by_use: BTreeMap<u64, u128>,
    capacity: usize,
    uses: u64,
}

impl<V> RecentlyUsed<V> {
    pub(crate) fn new(capacity: usize) -> RecentlyUsed<V> {
        RecentlyUsed { entries: BTreeMap::new(), by_use: BTreeMap::new(), capacity, uses: 0 }
    }

    /// The value of `key`, made if it is missing, now the one used last.
    pub(crate) fn entry(&mut self, key: u128, make: impl FnOnce() -> V) -> &mut V {
        self.uses += 1;
        let uses = self.uses;
        match self.entries.get_mut(&key) {
            Some((used, _)) => {
                self.by_use.remove(used);
                *used = uses;
            }
            None => {
                if self.entries.len() >= self.capacity
                    && let Some((_, oldest)) = self.by_use.pop_first()
                {
                    self.entries.remove(&oldest);
                }
                self.entries.insert(key, (uses, make()));
            }
        }
        self.by_use.insert(uses, key);
        &mut self.entries.get_mut(&key).expect("present or just inserted").1
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

/// A 128-bit hash (FNV-1a) of texts, told apart.
pub(crate) fn hash_texts<'a>(texts: impl IntoIterator<Item = &'a str>) -> u128 {
    let mut hash = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d_u128;
    let mut feed = |byte: u8| {
        hash = (hash ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
    };
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
    fn a_bucket_empties_and_refills() {
        let second = Duration::from_secs(1);
        let mut bucket = TokenBucket::full(2, Time::EPOCH);
        let mut take = |seconds| bucket.take(2, second, Time::from_seconds(seconds));
        assert_eq!([take(0), take(0), take(0), take(1), take(1)], [true, true, false, true, false]);
    }
}
