//! Which nodes a DaemonSet is meant for.

use crate::nodes::{selects, untolerated};
use api::apps::v1::DaemonSet;
use api::core::v1::PodSpec;
use api::{Value, View, names, object};

/// What a DaemonSet has to do with a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It runs a Pod there.
    Runs,
    /// It starts no Pod there, and lets one that runs there be.
    Stays,
    /// It has no Pod there.
    Avoids,
}

impl Standing {
    pub(super) fn of(set: DaemonSet<'_>, node: &Value) -> Standing {
        let spec = daemon_tolerations(set.spec().template().spec().value());
        let pod = PodSpec::of(&spec);
        if !selects(pod, node) {
            return Standing::Avoids;
        }
        let is_kept_out = |effects: &[&str]| untolerated(node, pod, effects).next().is_some();
        if !is_kept_out(&["NoSchedule", "NoExecute"]) {
            Standing::Runs
        } else if is_kept_out(&["NoExecute"]) {
            Standing::Avoids
        } else {
            Standing::Stays
        }
    }

    pub(super) fn runs(self) -> bool {
        self == Standing::Runs
    }
}

/// The spec of a Pod with the tolerations that every daemon has
/// (`util.AddOrUpdateDaemonPodTolerations`).
pub(super) fn daemon_tolerations(spec: &Value) -> Value {
    const ADDED: [(&str, &str); 6] = [
        ("node.kubernetes.io/not-ready", "NoExecute"),
        ("node.kubernetes.io/unreachable", "NoExecute"),
        ("node.kubernetes.io/disk-pressure", "NoSchedule"),
        ("node.kubernetes.io/memory-pressure", "NoSchedule"),
        ("node.kubernetes.io/pid-pressure", "NoSchedule"),
        ("node.kubernetes.io/unschedulable", "NoSchedule"),
    ];
    const ON_HOST_NETWORK: (&str, &str) = ("node.kubernetes.io/network-unavailable", "NoSchedule");
    let on_host_network = PodSpec::of(spec).host_network().then_some(ON_HOST_NETWORK);
    let mut spec = spec.clone();
    spec.update(&names::TOLERATIONS, |tolerations| {
        for (key, effect) in ADDED.into_iter().chain(on_host_network) {
            let toleration = object! { "key": key, "operator": "Exists", "effect": effect };
            let items = tolerations.make_list().make_mut();
            if !items.contains(&toleration) {
                items.push(toleration);
            }
        }
    });
    spec
}

/// Pins a Pod to a node by its name (`util.ReplaceDaemonSetPodNodeNameNodeAffinity`): in every
/// term of the required affinity, or in one of its own.
pub(super) fn pin_to_node(spec: &mut Value, node: &str) {
    let fields = api::list![object! {
        "key": "metadata.name",
        "operator": "In",
        "values": api::list![node.to_owned()],
    }];
    spec.update(&names::AFFINITY, |affinity| {
        affinity.update(&names::NODE_AFFINITY, |affinity| {
            affinity.update(
                &names::REQUIRED_DURING_SCHEDULING_IGNORED_DURING_EXECUTION,
                |required| {
                    required.update(&names::NODE_SELECTOR_TERMS, |terms| {
                        if terms.items().is_empty() {
                            *terms = api::list![object! {}];
                        }
                        terms.update_items(|term| {
                            term.make_map().insert(&names::MATCH_FIELDS, &fields);
                        });
                    });
                },
            );
        });
    });
}

/// Whether nothing about a node has changed that could make a Pod fit.
pub(super) fn is_same_place(old: &Value, new: &Value) -> bool {
    let labels = |node: &Value| node.get(&names::METADATA).get(&names::LABELS).clone();
    let taints = |node: &Value| node.get(&names::SPEC).get(&names::TAINTS).clone();
    labels(old) == labels(new) && taints(old) == taints(new)
}
