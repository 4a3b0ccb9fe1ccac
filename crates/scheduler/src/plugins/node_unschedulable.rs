//! NodeUnschedulable: cordoned nodes take no Pods, but for those that tolerate it.

use crate::cache::{NodeInfo, PodClass};
use crate::framework::rejection::{Plugin, Rejection, Verdict};
use crate::taints::Effect;

const TAINT_KEY: &str = "node.kubernetes.io/unschedulable";

/// Whether the node may be used at all.
pub(crate) fn filter(class: &PodClass, node: &NodeInfo) -> Verdict {
    let tolerates =
        || class.tolerations.iter().any(|t| t.tolerates(TAINT_KEY, "", Effect::NoSchedule));
    if !node.is_unschedulable || tolerates() {
        return Ok(());
    }
    let reason = "node(s) were unschedulable";
    Err(Rejection::unresolvable(Plugin::NodeUnschedulable, reason))
}
