//! PrioritySort: which of the Pods that wait is looked at first.

use sim::Time;
use std::cmp::Reverse;

/// The place of a Pod in the queue: by priority, then by the time it began to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rank {
    priority: Reverse<i32>,
    since: Time,
    /// Pods that began to wait in the same instant keep their order.
    sequence: u64,
}

impl Rank {
    /// The place of a Pod.
    pub(crate) fn new(priority: i32, since: Time, sequence: u64) -> Rank {
        Rank { priority: Reverse(priority), since, sequence }
    }
}
