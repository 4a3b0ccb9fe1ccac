//! NodeName: a Pod that names its node goes there.
//!
//! Such a Pod is not scheduled at all: it counts as placed from the moment it exists. The plugin
//! matters only where a Pod that waits is looked at together with one node.

use crate::cache::{NodeInfo, PodClass};
use crate::framework::rejection::{Plugin, Rejection, Verdict};

/// Whether the Pod names this node or none.
pub(crate) fn filter(class: &PodClass, node: &NodeInfo) -> Verdict {
    if class.node_name.is_empty() || *class.node_name == *node.name {
        return Ok(());
    }
    let reason = "node(s) didn't match the requested node name";
    Err(Rejection::unresolvable(Plugin::NodeName, reason))
}
