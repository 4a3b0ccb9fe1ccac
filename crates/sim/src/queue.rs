//! The event queue: what happens next, by time and then by the order of scheduling.

use crate::Time;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::task::Waker;

/// What an event means to whoever scheduled it: an index into the owner's own closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Token(pub u32);

/// What the queue holds.
#[derive(Debug)]
pub(crate) enum Entry {
    /// An event of the owner of the queue.
    Event(Token),
    /// A task whose sleep is over.
    Wake(Waker),
}

#[derive(Debug)]
struct Scheduled {
    at: Time,
    sequence: u64,
    entry: Entry,
}

impl PartialEq for Scheduled {
    fn eq(&self, other: &Self) -> bool {
        self.sequence == other.sequence
    }
}
impl Eq for Scheduled {}
impl PartialOrd for Scheduled {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Scheduled {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.sequence).cmp(&(other.at, other.sequence))
    }
}

/// Entries popped by (time, sequence).
#[derive(Debug, Default)]
pub(crate) struct Queue {
    heap: BinaryHeap<Reverse<Scheduled>>,
    next_sequence: u64,
}

impl Queue {
    pub(crate) fn push(&mut self, at: Time, entry: Entry) {
        let sequence = self.next_sequence;
        self.next_sequence += 1;
        self.heap.push(Reverse(Scheduled { at, sequence, entry }));
    }

    pub(crate) fn next_time(&self) -> Option<Time> {
        self.heap.peek().map(|Reverse(next)| next.at)
    }

    /// The earliest entry, if it is due at `limit` or before.
    pub(crate) fn pop_until(&mut self, limit: Time) -> Option<(Time, Entry)> {
        if self.next_time()? > limit {
            return None;
        }
        self.heap.pop().map(|Reverse(next)| (next.at, next.entry))
    }
}
