//! NodeResourcesFit: a node takes what it has room for, and emptier nodes are better.
//!
//! The score is `LeastAllocated` over CPU and memory with equal weights, the default.

use crate::cache::{NodeInfo, NodeState, PodClass};
use crate::framework::rejection::{Plugin, Rejection, Verdict};
use crate::framework::score::SCORE_MAX;
use api::Text;

/// The weight of its score in the default profile.
pub(crate) const WEIGHT: i64 = 1;

/// Whether the node has room. All that is missing is named.
pub(crate) fn filter(class: &PodClass, node: &NodeInfo, state: &NodeState) -> Verdict {
    let mut reasons: Vec<Text> = Vec::new();
    if i64::from(state.pod_count) + 1 > node.allocatable.pods {
        reasons.push("Too many pods".into());
    }
    let wanted = &class.requests.resources;
    if !wanted.is_empty() {
        let (offered, used) = (&node.allocatable.resources, &state.requested);
        let is_missing =
            |wanted: i64, offered: i64, used: i64| wanted > 0 && wanted > offered - used;
        if is_missing(wanted.milli_cpu, offered.milli_cpu, used.milli_cpu) {
            reasons.push("Insufficient cpu".into());
        }
        if is_missing(wanted.memory, offered.memory, used.memory) {
            reasons.push("Insufficient memory".into());
        }
        if is_missing(wanted.ephemeral_storage, offered.ephemeral_storage, used.ephemeral_storage) {
            reasons.push("Insufficient ephemeral-storage".into());
        }
        for (name, amount) in &wanted.scalars {
            if *amount != 0 && *amount > offered.scalar(name) - used.scalar(name) {
                reasons.push(format!("Insufficient {name}").into());
            }
        }
    }
    if reasons.is_empty() {
        return Ok(());
    }
    Err(Rejection { plugin: Plugin::NodeResourcesFit, is_resolvable: true, reasons })
}

/// The share of CPU and of memory that stays free, on average, in percent.
pub(crate) fn score(class: &PodClass, node: &NodeInfo, state: &NodeState) -> i64 {
    let offered = &node.allocatable.resources;
    let requests = &class.requests;
    let parts = [
        (state.nonzero_milli_cpu + requests.nonzero_milli_cpu, offered.milli_cpu),
        (state.nonzero_memory + requests.nonzero_memory, offered.memory),
    ];
    let (mut sum, mut count) = (0, 0);
    for (requested, offered) in parts {
        if offered == 0 {
            continue;
        }
        if requested <= offered {
            sum += (offered - requested).saturating_mul(SCORE_MAX) / offered;
        }
        count += 1;
    }
    if count == 0 { 0 } else { sum / count }
}
