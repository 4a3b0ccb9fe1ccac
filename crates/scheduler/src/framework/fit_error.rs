//! The message of a Pod that fits nowhere.

use super::rejection::Rejection;
use std::collections::BTreeMap;
use std::fmt::Write;

/// `0/3 nodes are available: 1 Insufficient memory, 2 Insufficient cpu.`
///
/// Reasons are counted over all nodes and sorted as text, so that `10 …` comes before `2 …`.
pub(crate) fn message<'a>(
    node_count: usize,
    rejections: impl Iterator<Item = (usize, &'a Rejection)>,
) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (times, rejection) in rejections {
        for reason in &rejection.reasons {
            *counts.entry(reason).or_default() += times;
        }
    }
    let histogram = counts.iter().filter(|(_, count)| **count > 0);
    let mut parts: Vec<String> =
        histogram.map(|(reason, count)| format!("{count} {reason}")).collect();
    parts.sort_unstable();
    let mut message = prefix(node_count);
    if !parts.is_empty() {
        append(&mut message, &format!("{}.", parts.join(", ")));
    }
    message
}

/// The message when a PreFilter plugin has turned the Pod down for all nodes.
pub(crate) fn pre_filter_message(node_count: usize, reason: &str) -> String {
    let mut message = prefix(node_count);
    append(&mut message, &format!("{reason}."));
    message
}

/// Adds what the PostFilter plugin had to say.
pub(crate) fn append(message: &mut String, more: &str) {
    if !more.is_empty() {
        write!(message, " {more}").expect("a string takes it");
    }
}

fn prefix(node_count: usize) -> String {
    format!("0/{node_count} nodes are available:")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::rejection::Plugin;

    #[test]
    fn reasons_are_counted_and_sorted() {
        let taint = "node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }";
        let tainted = Rejection::unresolvable(Plugin::TaintToleration, taint);
        let mut full = Rejection::resolvable(Plugin::NodeResourcesFit, "Insufficient cpu");
        full.reasons.push("Insufficient memory".into());
        let mut text = message(13, [(1, &tainted), (2, &full), (10, &full)].into_iter());
        append(&mut text, "preemption: none.");
        assert_eq!(
            text,
            "0/13 nodes are available: 1 node(s) had untolerated taint \
             {node-role.kubernetes.io/control-plane: }, 12 Insufficient cpu, \
             12 Insufficient memory. preemption: none."
        );
        assert_eq!(message(0, [].into_iter()), "0/0 nodes are available:");
    }

    #[test]
    fn a_pod_turned_down_before_any_node_is_looked_at() {
        assert_eq!(
            pre_filter_message(1, "pod has unbound immediate PersistentVolumeClaims"),
            "0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims."
        );
    }
}
