//! Topology: which nodes share a value of a label.

use super::NodeId;
use api::{Map, StringMap};
use std::collections::BTreeMap;

/// A label by which nodes are grouped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct KeyId(pub(crate) u16);

/// The nodes with one value of a topology key. Domains of different keys have nothing in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct DomainId(u32);

impl DomainId {
    /// The domain of the nodes that lack the label.
    pub(crate) const NONE: DomainId = DomainId(u32::MAX);

    /// Its place in a table by domain.
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

struct TopologyKey {
    name: String,
    domains: BTreeMap<String, DomainId>,
    of_node: Vec<DomainId>,
}

impl TopologyKey {
    fn set(&mut self, node: NodeId, labels: &Map) {
        let domain = match StringMap(labels).get(&self.name) {
            None => DomainId::NONE,
            Some(value) => match self.domains.get(value) {
                Some(domain) => *domain,
                None => {
                    let domain = DomainId(self.domains.len() as u32);
                    self.domains.insert(value.to_owned(), domain);
                    domain
                }
            },
        };
        if self.of_node.len() <= node.index() {
            self.of_node.resize(node.index() + 1, DomainId::NONE);
        }
        self.of_node[node.index()] = domain;
    }
}

/// The topology keys that any Pod has used, and the domain of each node under each.
#[derive(Default)]
pub(crate) struct Topology {
    keys: Vec<TopologyKey>,
}

impl Topology {
    /// The key called `name`. `nodes` tells the labels of all nodes, for a key that is new.
    pub(crate) fn key<'a>(
        &mut self,
        name: &str,
        nodes: impl Iterator<Item = (NodeId, &'a Map)>,
    ) -> KeyId {
        if let Some(at) = self.keys.iter().position(|key| key.name == name) {
            return KeyId(at as u16);
        }
        let mut key =
            TopologyKey { name: name.to_owned(), domains: BTreeMap::new(), of_node: Vec::new() };
        for (node, labels) in nodes {
            key.set(node, labels);
        }
        self.keys.push(key);
        KeyId((self.keys.len() - 1) as u16)
    }

    /// Takes note of a node's labels.
    pub(crate) fn set_node(&mut self, node: NodeId, labels: &Map) {
        for key in &mut self.keys {
            key.set(node, labels);
        }
    }

    /// The domain of a node.
    pub(crate) fn domain(&self, key: KeyId, node: NodeId) -> DomainId {
        let of_node = &self.keys[usize::from(key.0)].of_node;
        of_node.get(node.index()).copied().unwrap_or(DomainId::NONE)
    }

    /// The domains of all nodes, by their place.
    pub(crate) fn domains(&self, key: KeyId) -> &[DomainId] {
        &self.keys[usize::from(key.0)].of_node
    }
}
