//! Which node has which image.

use super::NodeId;
use api::Value;
use api::Views;
use api::core::v1::ContainerImage;
use std::collections::{BTreeMap, BTreeSet};

/// An image that at least one node has.
#[derive(Debug)]
pub(crate) struct Image {
    /// Its bytes, as the first node reported them.
    pub(crate) size: i64,
    pub(crate) nodes: BTreeSet<NodeId>,
}

/// The images of all nodes, by each of their names.
#[derive(Debug, Default)]
pub(crate) struct Images {
    by_name: BTreeMap<String, Image>,
    version: u64,
}

impl Images {
    /// The image of this name.
    pub(crate) fn get(&self, name: &str) -> Option<&Image> {
        self.by_name.get(name)
    }

    /// Grows with every change.
    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    /// A node has come or gone, so that shares of nodes are others.
    pub(super) fn node_count_changed(&mut self) {
        self.version += 1;
    }

    /// A node reports other images than before.
    pub(super) fn set_node(&mut self, node: NodeId, old: &Value, new: &Value) {
        if old == new {
            return;
        }
        self.version += 1;
        for (name, _) in names_of(old) {
            if let Some(image) = self.by_name.get_mut(name) {
                image.nodes.remove(&node);
                if image.nodes.is_empty() {
                    self.by_name.remove(name);
                }
            }
        }
        for (name, size) in names_of(new) {
            let image = self
                .by_name
                .entry(name.to_owned())
                .or_insert_with(|| Image { size, nodes: BTreeSet::new() });
            image.nodes.insert(node);
        }
    }
}

fn names_of(images: &Value) -> impl Iterator<Item = (&str, i64)> {
    Views::<ContainerImage<'_>>::of(images.items())
        .flat_map(|image| image.names().map(move |name| (name, image.size_bytes())))
}
