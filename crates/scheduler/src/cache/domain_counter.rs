//! Counts by topology domain that follow the nodes one at a time.

use super::NodeId;
use super::topology::{DomainId, KeyId};

/// What each node contributes under one topology key, and the sum of each domain.
#[derive(Debug)]
pub(crate) struct DomainCounter {
    pub(crate) key: KeyId,
    of_node: Vec<(DomainId, i64)>,
    totals: Vec<i64>,
    sum: i64,
}

impl DomainCounter {
    /// Nothing counted yet.
    pub(crate) fn new(key: KeyId) -> DomainCounter {
        DomainCounter { key, of_node: Vec::new(), totals: Vec::new(), sum: 0 }
    }

    /// Lets a node, now in `domain`, contribute `count`. Nodes without the label do not count.
    pub(crate) fn set(&mut self, node: NodeId, domain: DomainId, count: i64) {
        let count = if domain == DomainId::NONE { 0 } else { count };
        if self.of_node.len() <= node.index() {
            self.of_node.resize(node.index() + 1, (DomainId::NONE, 0));
        }
        let (old_domain, old_count) = self.of_node[node.index()];
        if (old_domain, old_count) == (domain, count) {
            return;
        }
        self.add(old_domain, -old_count);
        self.add(domain, count);
        self.of_node[node.index()] = (domain, count);
    }

    fn add(&mut self, domain: DomainId, count: i64) {
        if domain == DomainId::NONE {
            return;
        }
        if self.totals.len() <= domain.index() {
            self.totals.resize(domain.index() + 1, 0);
        }
        self.totals[domain.index()] += count;
        self.sum += count;
    }

    /// What a node contributes.
    pub(crate) fn of_node(&self, node: NodeId) -> i64 {
        self.of_node.get(node.index()).map_or(0, |(_, count)| *count)
    }

    /// The sum of a domain.
    pub(crate) fn total(&self, domain: DomainId) -> i64 {
        self.totals.get(domain.index()).copied().unwrap_or(0)
    }

    /// The sum of all domains.
    pub(crate) fn sum(&self) -> i64 {
        self.sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::topology::Topology;
    use api::Map;

    #[test]
    fn totals_follow_nodes_that_change_and_move() {
        let labels = |zone: &'static str| [("zone", zone)].into_iter().collect::<Map>();
        let (a, b) = (labels("a"), labels("b"));
        let mut topology = Topology::default();
        let nodes = [(NodeId(0), &a), (NodeId(1), &a), (NodeId(2), &b)];
        let key = topology.key("zone", nodes.into_iter());
        let mut counter = DomainCounter::new(key);
        let domain = |topology: &Topology, node| topology.domain(key, NodeId(node));
        for (node, count) in [(0, 1), (1, 2), (2, 4)] {
            counter.set(NodeId(node), domain(&topology, node), count);
        }
        let (zone_a, zone_b) = (domain(&topology, 0), domain(&topology, 2));
        assert_eq!((counter.total(zone_a), counter.total(zone_b)), (3, 4));
        topology.set_node(NodeId(1), &b);
        counter.set(NodeId(1), domain(&topology, 1), 5);
        assert_eq!((counter.total(zone_a), counter.total(zone_b)), (1, 9));
        topology.set_node(NodeId(2), &Map::EMPTY);
        counter.set(NodeId(2), domain(&topology, 2), 7);
        assert_eq!((counter.total(zone_b), counter.sum()), (5, 6));
        assert_eq!(counter.of_node(NodeId(2)), 0);
    }
}
