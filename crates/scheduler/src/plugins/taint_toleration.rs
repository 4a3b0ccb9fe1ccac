//! TaintToleration: taints keep Pods away, or make a node less liked.

use crate::cache::{NodeInfo, PodClass};
use crate::framework::rejection::{Plugin, Rejection, Verdict};
use crate::taints::{self, Effect};

/// The weight of its score in the default profile.
pub(crate) const WEIGHT: i64 = 3;

/// Whether the Pod tolerates all taints that forbid placing it.
pub(crate) fn filter(class: &PodClass, node: &NodeInfo) -> Verdict {
    let Some(taint) = taints::first_untolerated(&node.taints, &class.tolerations) else {
        return Ok(());
    };
    let reason = format!("node(s) had untolerated taint {{{}: {}}}", taint.key, taint.value);
    Err(Rejection::unresolvable(Plugin::TaintToleration, reason))
}

/// How many `PreferNoSchedule` taints the Pod does not tolerate; fewer are better.
pub(crate) fn score(class: &PodClass, node: &NodeInfo) -> i64 {
    let is_unwelcome = |taint: &&taints::Taint| {
        taint.effect == Effect::PreferNoSchedule
            && !class
                .tolerations
                .iter()
                .any(|t| t.tolerates(&taint.key, &taint.value, taint.effect))
    };
    node.taints.iter().filter(is_unwelcome).count() as i64
}
