//! Pods that wait for a particular node, since they have made room there.

use crate::cache::{ClassId, Uid};
use std::collections::BTreeMap;
use std::rc::Rc;

/// A Pod that is nominated for a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Nomination {
    pub(crate) uid: Uid,
    pub(crate) class: ClassId,
}

/// Who is nominated for which node.
#[derive(Debug, Default)]
pub(crate) struct Nominator {
    by_node: BTreeMap<Rc<str>, Vec<Nomination>>,
    nodes: BTreeMap<Uid, Rc<str>>,
}

impl Nominator {
    /// Nominates a Pod, for this node only.
    pub(crate) fn add(&mut self, uid: Uid, node: &str, class: ClassId) {
        self.remove(uid);
        let node: Rc<str> = node.into();
        let nominations = self.by_node.entry(node.clone()).or_default();
        nominations.push(Nomination { uid, class });
        self.nodes.insert(uid, node);
    }

    /// Ends the nomination of a Pod.
    pub(crate) fn remove(&mut self, uid: Uid) {
        let Some(node) = self.nodes.remove(&uid) else {
            return;
        };
        if let Some(nominations) = self.by_node.get_mut(&node) {
            nominations.retain(|nomination| nomination.uid != uid);
            if nominations.is_empty() {
                self.by_node.remove(&node);
            }
        }
    }

    /// The Pods that are nominated for a node, in the order in which they were.
    pub(crate) fn on(&self, node: &str) -> &[Nomination] {
        self.by_node.get(node).map_or(&[], Vec::as_slice)
    }

    /// The nodes that any Pod is nominated for.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = &Rc<str>> {
        self.by_node.keys()
    }
}
