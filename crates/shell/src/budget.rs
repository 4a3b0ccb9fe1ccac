//! Keeps a busy program from standing still in virtual time.
//!
//! Builtins and reads cost no virtual time, so `while true; do :; done` would never let the clock
//! go on, and the host would hang. Every command, read and write therefore counts as some units
//! of work; when a machine has used up what fits into an instant, whoever asks next must sleep.

use sim::{Duration, Time};
use std::cell::Cell;

/// Units of work that take no time.
const UNITS_PER_PAUSE: u32 = 10_000;
/// How long the pause is: about what ten thousand builtins take.
const PAUSE: Duration = Duration::from_millis(1);
/// After so many pauses in a row, each lasts twice as long as the one before. The machine then
/// computes more slowly than a real one would, but an hour of a busy loop stays affordable.
const STEADY_PAUSES: u32 = 100;
/// The longest pause is the steady one times two to this power.
const DOUBLINGS: u32 = 11;

#[derive(Debug, Default)]
pub(crate) struct Budget {
    instant: Cell<Time>,
    used: Cell<u32>,
    pauses: Cell<u32>,
    /// When the last pause ends: work that goes on right then has not rested.
    pause_ends: Cell<Time>,
    busy: Cell<Duration>,
}

impl Budget {
    /// Counts work; says how long to sleep when the instant is full.
    pub(crate) fn charge(&self, now: Time, units: u32) -> Option<Duration> {
        if self.instant.get() != now {
            self.instant.set(now);
            self.used.set(0);
            if self.pause_ends.get() != now {
                self.pauses.set(0);
            }
        }
        self.used.set(self.used.get().saturating_add(units));
        if self.used.get() <= UNITS_PER_PAUSE {
            return None;
        }
        self.used.set(0);
        self.pauses.set(self.pauses.get().saturating_add(1));
        let doublings = self.pauses.get().saturating_sub(STEADY_PAUSES).min(DOUBLINGS);
        let pause = PAUSE * 2_u32.pow(doublings);
        self.pause_ends.set(now + pause);
        self.spend(pause);
        Some(pause)
    }

    /// Counts work that was just done; the next charge includes it.
    pub(crate) fn note(&self, units: u32) {
        self.used.set(self.used.get().saturating_add(units));
    }

    /// Counts processor time that a program uses.
    pub(crate) fn spend(&self, time: Duration) {
        self.busy.set(self.busy.get().saturating_add(time));
    }

    /// Processor time used so far.
    pub(crate) fn busy(&self) -> Duration {
        self.busy.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_loop_moves_the_clock_ever_faster() {
        let budget = Budget::default();
        let mut now = Time::from_seconds(1);
        assert_eq!(budget.charge(now, UNITS_PER_PAUSE), None);
        assert_eq!(budget.charge(now, 1), Some(PAUSE));
        for _ in 0..300 {
            if let Some(pause) = budget.charge(now, UNITS_PER_PAUSE + 1) {
                now += pause;
            }
        }
        assert_eq!(budget.charge(now, 20_000), Some(PAUSE * 2048));
        now += Duration::from_secs(60);
        assert_eq!(budget.charge(now, 20_000), Some(PAUSE), "it has rested");
    }
}
