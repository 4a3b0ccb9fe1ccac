//! The order in which nodes are looked at: zones take turns, within a zone the oldest comes first.
//!
//! Models `nodeTree` of kube-scheduler's cache.

use super::NodeId;
use api::{Map, StringMap};

/// Nodes by zone; zones and nodes in the order in which they were added.
#[derive(Default)]
pub(crate) struct NodeTree {
    zones: Vec<(String, Vec<NodeId>)>,
}

impl NodeTree {
    /// Adds a node to the end of its zone.
    pub(crate) fn add(&mut self, zone: &str, node: NodeId) {
        match self.zones.iter_mut().find(|(name, _)| name == zone) {
            Some((_, nodes)) => nodes.push(node),
            None => self.zones.push((zone.to_owned(), vec![node])),
        }
    }

    /// Takes a node out of its zone.
    pub(crate) fn remove(&mut self, zone: &str, node: NodeId) {
        if let Some((_, nodes)) = self.zones.iter_mut().find(|(name, _)| name == zone) {
            nodes.retain(|other| *other != node);
        }
        self.zones.retain(|(_, nodes)| !nodes.is_empty());
    }

    /// All nodes: the first of each zone, then the second of each, and so on.
    pub(crate) fn list(&self) -> Vec<NodeId> {
        let longest = self.zones.iter().map(|(_, nodes)| nodes.len()).max();
        let mut order = Vec::new();
        for row in 0..longest.unwrap_or(0) {
            order.extend(self.zones.iter().filter_map(|(_, nodes)| nodes.get(row)));
        }
        order
    }
}

/// The zone of a node with these labels: region and zone, old or new labels.
pub(crate) fn zone_of(labels: &Map) -> String {
    let labels = StringMap(labels);
    let either = |old: &str, new: &str| labels.get(old).or(labels.get(new)).unwrap_or_default();
    let zone = either("failure-domain.beta.kubernetes.io/zone", "topology.kubernetes.io/zone");
    let region =
        either("failure-domain.beta.kubernetes.io/region", "topology.kubernetes.io/region");
    if zone.is_empty() && region.is_empty() {
        return String::new();
    }
    format!("{region}:\0:{zone}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_take_turns() {
        let mut tree = NodeTree::default();
        for (i, zone) in ["a", "a", "b", "a", "c", "b"].into_iter().enumerate() {
            tree.add(zone, NodeId(i as u32));
        }
        let order = |tree: &NodeTree| tree.list().iter().map(|n| n.0).collect::<Vec<_>>();
        assert_eq!(order(&tree), [0, 2, 4, 1, 5, 3]);
        tree.remove("b", NodeId(2));
        tree.remove("c", NodeId(4));
        assert_eq!(order(&tree), [0, 5, 1, 3]);
    }

    #[test]
    fn a_zone_is_named_by_region_and_zone() {
        let zone = |labels: &[(&'static str, &'static str)]| {
            zone_of(&labels.iter().copied().collect::<Map>())
        };
        assert_eq!(zone(&[]), "");
        assert_eq!(zone(&[("topology.kubernetes.io/zone", "z")]), ":\0:z");
        assert_eq!(zone(&[("topology.kubernetes.io/region", "r")]), "r:\0:");
    }
}
