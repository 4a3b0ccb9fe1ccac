//! Which nodes have changed, in order.

use super::NodeId;
use std::collections::VecDeque;

/// A bounded log: who reads too seldom looks at all nodes again.
#[derive(Debug, Default)]
pub(super) struct ChangeLog {
    nodes: VecDeque<NodeId>,
    first: u64,
}

impl ChangeLog {
    /// Notes a change; `node_count` bounds how much is worth remembering.
    pub(super) fn push(&mut self, node: NodeId, node_count: usize) {
        self.nodes.push_back(node);
        if self.nodes.len() > 2 * node_count + 1_024 {
            self.nodes.pop_front();
            self.first += 1;
        }
    }

    /// The number that the next change will have.
    pub(super) fn next(&self) -> u64 {
        self.first + self.nodes.len() as u64
    }

    /// The changes from number `change` on; `None` if the first of them is forgotten.
    pub(super) fn since(&self, change: u64) -> Option<impl Iterator<Item = NodeId> + '_> {
        let skip = change.checked_sub(self.first)?;
        let skip = usize::try_from(skip).unwrap_or(usize::MAX);
        Some(self.nodes.range(skip.min(self.nodes.len())..).copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_sees_what_it_has_missed_or_that_it_missed_too_much() {
        let mut log = ChangeLog::default();
        for i in 0..2_000 {
            log.push(NodeId(i % 7), 100);
        }
        let missed = |change| log.since(change).map(Iterator::count);
        assert_eq!(log.next(), 2_000);
        assert_eq!(missed(2_000), Some(0));
        assert_eq!(missed(1_990), Some(10));
        assert_eq!(missed(776), Some(1_224));
        assert_eq!(missed(775), None);
    }
}
