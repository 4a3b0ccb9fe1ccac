//! The changes that are remembered, within a budget of memory.

use super::Change;
use std::collections::VecDeque;
use std::rc::Rc;

/// A revision was asked for that is no longer remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too old resource version: {asked} ({oldest})")]
pub struct Compacted {
    /// The revision that was asked for.
    pub asked: u64,
    /// The oldest one that can be.
    pub oldest: u64,
}

pub(super) struct History {
    /// Consecutive revisions.
    changes: VecDeque<(Rc<Change>, usize)>,
    first_revision: u64,
    bytes: usize,
    bytes_max: usize,
}

impl History {
    pub(super) fn new(bytes_max: usize) -> History {
        History { changes: VecDeque::new(), first_revision: 1, bytes: 0, bytes_max }
    }

    /// Remembers a change; `own_bytes` of its object are nowhere else.
    pub(super) fn push(&mut self, change: Rc<Change>, own_bytes: usize) {
        debug_assert_eq!(change.revision, self.first_revision + self.changes.len() as u64);
        let bytes = change.bytes() + own_bytes;
        self.bytes += bytes;
        self.changes.push_back((change, bytes));
        while self.bytes > self.bytes_max && self.changes.len() > 1 {
            let (_, bytes) = self.changes.pop_front().expect("more than one is left");
            self.bytes -= bytes;
            self.first_revision += 1;
        }
    }

    pub(super) fn get(&self, revision: u64) -> Option<&Rc<Change>> {
        let index = usize::try_from(revision.checked_sub(self.first_revision)?).ok()?;
        self.changes.get(index).map(|(change, _)| change)
    }

    pub(super) fn since(
        &self,
        revision: u64,
    ) -> Result<impl Iterator<Item = &Rc<Change>>, Compacted> {
        match (revision + 1).checked_sub(self.first_revision) {
            Some(skip) => {
                let skip = usize::try_from(skip).unwrap_or(usize::MAX);
                Ok(self.changes.iter().skip(skip).map(|(change, _)| change))
            }
            None => Err(Compacted { asked: revision, oldest: self.first_revision }),
        }
    }

    pub(super) fn first_revision(&self) -> u64 {
        self.first_revision
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }
}
