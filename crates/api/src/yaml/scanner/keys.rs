//! Tokens that may turn out to be keys.

use super::super::problem::{Mark, Problem, Step};
use std::collections::VecDeque;

/// A key stands on one line, and its colon within so many characters.
const LONGEST_KEY: usize = 1024;

/// A token that becomes a key if a colon follows.
#[derive(Clone, Copy, Debug)]
pub(super) struct PossibleKey {
    /// The number of the token in the stream.
    pub(super) number: usize,
    pub(super) mark: Mark,
    /// Whether nothing else can stand there.
    is_required: bool,
}

impl PossibleKey {
    fn is_too_far(&self, now: Mark) -> bool {
        self.mark.line < now.line || self.mark.column + LONGEST_KEY < now.column
    }

    fn missing_colon(&self, now: Mark) -> Problem {
        Problem {
            step: Step::Scanner,
            text: "could not find expected ':'",
            mark: now,
            context: Some(self.mark),
        }
    }
}

/// A level of brackets.
struct Level {
    /// The number of its bracket, or of its last possible key.
    number: usize,
    key: Option<PossibleKey>,
}

/// The possible key of each level of brackets; the first level is outside of all.
pub(super) struct Keys {
    levels: Vec<Level>,
    /// The numbers of the keys that tokens wait for and their levels, oldest first. The keys may
    /// be gone.
    awaited: VecDeque<(usize, usize)>,
}

impl Keys {
    pub(super) fn new() -> Keys {
        Keys { levels: vec![Level { number: 0, key: None }], awaited: VecDeque::new() }
    }

    /// Goes inside the bracket with this number.
    pub(super) fn push_level(&mut self, number: usize) {
        self.levels.push(Level { number, key: None });
    }

    pub(super) fn pop_level(&mut self) {
        // Nobody waits any longer for a bracket without any possible key in it, as in go-yaml:
        // `[]: x` is no map.
        if let Some(level) = self.levels.pop() {
            self.awaited.retain(|(number, _)| *number != level.number);
        }
    }

    fn current(&mut self) -> &mut Option<PossibleKey> {
        if self.levels.is_empty() {
            self.push_level(0);
        }
        let last = self.levels.len() - 1;
        &mut self.levels[last].key
    }

    pub(super) fn save(
        &mut self,
        number: usize,
        is_required: bool,
        mark: Mark,
    ) -> Result<(), Problem> {
        self.forget(mark)?;
        *self.current() = Some(PossibleKey { number, mark, is_required });
        let level = self.levels.len() - 1;
        self.levels[level].number = number;
        self.awaited.push_back((number, level));
        Ok(())
    }

    /// The token of this level is no key after all.
    pub(super) fn forget(&mut self, now: Mark) -> Result<(), Problem> {
        match self.current().take() {
            Some(key) if key.is_required => Err(key.missing_colon(now)),
            _ => Ok(()),
        }
    }

    /// The key that a colon at `now` belongs to.
    pub(super) fn take_valid(&mut self, now: Mark) -> Result<Option<PossibleKey>, Problem> {
        match self.current().take() {
            Some(key) if !key.is_too_far(now) => Ok(Some(key)),
            Some(key) if key.is_required => Err(key.missing_colon(now)),
            _ => Ok(None),
        }
    }

    /// Whether the token with this number may still become a key.
    pub(super) fn may_be_key(&mut self, number: usize, now: Mark) -> Result<bool, Problem> {
        while let Some(&(awaited, level)) = self.awaited.front() {
            let key = self.levels.get(level).and_then(|level| level.key);
            let Some(key) = key.filter(|key| key.number == awaited && awaited >= number) else {
                self.awaited.pop_front();
                continue;
            };
            if awaited > number {
                return Ok(false);
            }
            if !key.is_too_far(now) {
                return Ok(true);
            }
            self.levels[level].key = None;
            if key.is_required {
                return Err(key.missing_colon(now));
            }
        }
        Ok(false)
    }
}
