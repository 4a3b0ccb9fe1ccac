//! On which nodes the Pods of a DaemonSet run, and what binds them there.

use crate::controller_revision::HASH_LABEL;
use crate::nodes;
use crate::pods;
use api::apps::v1::DaemonSet;
use api::core::v1::PodSpec;
use api::{Value, View, list, names, object};
use apiserver::store::Change;
use kinds::apps::daemon_set;
use kinds::table;

const TEMPLATE_GENERATION: &str = "deprecated.daemonset.template.generation";
const TEMPLATE_GENERATION_LABEL: &str = "pod-template-generation";

/// (key, effect) of what every Pod of a DaemonSet tolerates.
const TOLERATED: [(&str, &str); 6] = [
    ("node.kubernetes.io/not-ready", "NoExecute"),
    ("node.kubernetes.io/unreachable", "NoExecute"),
    ("node.kubernetes.io/disk-pressure", "NoSchedule"),
    ("node.kubernetes.io/memory-pressure", "NoSchedule"),
    ("node.kubernetes.io/pid-pressure", "NoSchedule"),
    ("node.kubernetes.io/unschedulable", "NoSchedule"),
];
const NETWORK_UNAVAILABLE: &str = "node.kubernetes.io/network-unavailable";

/// What a node is for a DaemonSet.
#[derive(Clone, Copy)]
pub(super) struct Verdict {
    /// A Pod belongs there.
    pub(super) should_run: bool,
    /// A Pod that is there may stay.
    pub(super) may_stay: bool,
}

pub(super) fn judge(object: &Value, node: &Value) -> Verdict {
    let template = object.get(&names::SPEC).get(&names::TEMPLATE);
    let mut spec = template.get(&names::SPEC).clone();
    add_tolerations(&mut spec);
    let pod = PodSpec::of(&spec);
    if !nodes::selects(pod, node) {
        return Verdict { should_run: false, may_stay: false };
    }
    let is_kept_out = |effects: &[&str]| nodes::untolerated(node, pod, effects).next().is_some();
    Verdict {
        should_run: !is_kept_out(&["NoSchedule", "NoExecute"]),
        may_stay: !is_kept_out(&["NoExecute"]),
    }
}

fn add_tolerations(spec: &mut Value) {
    let uses_host_network = PodSpec::of(spec).host_network();
    let network = uses_host_network.then_some((NETWORK_UNAVAILABLE, "NoSchedule"));
    spec.update(&names::TOLERATIONS, |tolerations| {
        let mut items = tolerations.items().to_vec();
        for (key, effect) in TOLERATED.into_iter().chain(network) {
            let toleration = object! { "key": key, "operator": "Exists", "effect": effect };
            if !items.contains(&toleration) {
                items.push(toleration);
            }
        }
        *tolerations = items.into();
    });
}

/// The Pod of a DaemonSet for one node.
pub(super) fn new_pod(object: &Value, hash: &str, node: &str) -> Value {
    let template = object.get(&names::SPEC).get(&names::TEMPLATE);
    let mut pod = pods::from_template(template, &daemon_set::KIND, object);
    let generation = DaemonSet::of(object).metadata().annotations().get(TEMPLATE_GENERATION);
    pod.update(&names::METADATA, |metadata| {
        metadata.update(&names::LABELS, |labels| {
            labels.make_map().insert(HASH_LABEL, hash.to_owned());
            if let Some(generation) = generation {
                labels.make_map().insert(TEMPLATE_GENERATION_LABEL, generation.to_owned());
            }
        });
    });
    pod.update(&names::SPEC, |spec| {
        add_tolerations(spec);
        spec.update(&names::AFFINITY, |affinity| bind(affinity, node));
    });
    pod
}

/// Lets the affinity allow one node only, by its name; what it asked for has been checked.
fn bind(affinity: &mut Value, node: &str) {
    let field = object! {
        "key": "metadata.name",
        "operator": "In",
        "values": list![node.to_owned()],
    };
    let term = object! { "matchFields": list![field] };
    affinity.update(&names::NODE_AFFINITY, |node_affinity| {
        node_affinity.make_map().insert(
            &names::REQUIRED_DURING_SCHEDULING_IGNORED_DURING_EXECUTION,
            object! { "nodeSelectorTerms": list![term] },
        );
    });
}

/// Whether a change of a node can matter to DaemonSets.
pub(super) fn is_other_place(change: &Change) -> bool {
    let facts = |object: &Value| {
        let labels = object.get(&names::METADATA).get(&names::LABELS).clone();
        (labels, object.get(&names::SPEC).clone(), table::metadata(object).deletion_timestamp())
    };
    change.ty != apiserver::store::ChangeType::Modified
        || change.previous.as_ref().is_none_or(|old| facts(old) != facts(&change.object))
}
