//! Anchors, and how much aliases may multiply.

use super::MAX_ALIAS_BYTES;
use super::resolve::Scalar;
use crate::Value;
use std::collections::BTreeMap;

/// A finished part of a document.
#[derive(Clone)]
pub(super) struct Node {
    pub(super) value: Value,
    /// What it was before JSON had to express it; none for lists and maps.
    pub(super) scalar: Option<Scalar>,
    /// How many nodes it has, aliases expanded.
    pub(super) nodes: u64,
    /// How many bytes of text it has, aliases expanded.
    pub(super) bytes: u64,
    /// How deeply lists and maps are nested in it.
    pub(super) depth: usize,
}

/// The anchors of a document. A name can be given again; aliases mean the latest.
#[derive(Default)]
pub(super) struct Anchors {
    names: BTreeMap<String, usize>,
    /// None while the anchored node is still being read.
    nodes: Vec<Option<Node>>,
}

/// What an alias refers to.
pub(super) enum Target<'a> {
    Unknown,
    /// A node that the alias is a part of.
    Itself,
    Node(&'a Node),
}

impl Anchors {
    /// Gives a name to the node that begins here.
    pub(super) fn open(&mut self, name: &str) -> usize {
        let id = self.nodes.len();
        self.nodes.push(None);
        self.names.insert(name.to_owned(), id);
        id
    }

    pub(super) fn close(&mut self, id: usize, node: &Node) {
        self.nodes[id] = Some(node.clone());
    }

    pub(super) fn target(&self, name: &str) -> Target<'_> {
        match self.names.get(name).map(|&id| &self.nodes[id]) {
            None => Target::Unknown,
            Some(None) => Target::Itself,
            Some(Some(node)) => Target::Node(node),
        }
    }
}

/// Counts nodes as go-yaml does, which gives up when too many of them come from aliases.
#[derive(Default)]
pub(super) struct Budget {
    decoded: u64,
    aliased: u64,
    aliased_bytes: u64,
}

/// Below this many nodes, nearly all may come from aliases.
const FEW_NODES: f64 = 400_000.0;
/// From this many nodes on, only a tenth may.
const MANY_NODES: f64 = 4_000_000.0;

impl Budget {
    /// Counts a node; false if the document is beyond the limit.
    pub(super) fn spend(&mut self) -> bool {
        self.decoded += 1;
        self.is_kept()
    }

    /// Counts an alias and all that it stands for.
    pub(super) fn spend_alias(&mut self, target: &Node) -> bool {
        self.decoded = self.decoded.saturating_add(target.nodes);
        self.aliased = self.aliased.saturating_add(target.nodes);
        self.aliased_bytes = self.aliased_bytes.saturating_add(target.bytes);
        self.aliased_bytes <= MAX_ALIAS_BYTES && self.spend()
    }

    fn is_kept(&self) -> bool {
        if self.aliased <= 100 || self.decoded <= 1000 {
            return true;
        }
        let decoded = self.decoded as f64;
        let progress = ((decoded - FEW_NODES) / (MANY_NODES - FEW_NODES)).clamp(0.0, 1.0);
        let allowed = 0.99 - 0.89 * progress;
        self.aliased as f64 / decoded <= allowed
    }
}
