//! NodeAffinity: which nodes a Pod requires, and which it prefers.

use crate::cache::{NodeInfo, PodClass};
use crate::framework::rejection::{Plugin, Rejection, Verdict};
use crate::node_selector::{self, Term};
use api::core::v1::PodSpec;
use api::{Map, StringMap};
use std::collections::BTreeSet;

/// The weight of its score in the default profile.
pub(crate) const WEIGHT: i64 = 2;

/// What a Pod asks of its node: `nodeSelector` and `affinity.nodeAffinity`.
#[derive(Debug, Default)]
pub(crate) struct NodeAffinity {
    node_selector: Map,
    /// The alternatives; `None` if there is no required affinity.
    required: Option<Vec<Term>>,
    preferred: Vec<(i64, Term)>,
}

impl NodeAffinity {
    /// What a Pod asks for.
    pub(crate) fn of(spec: PodSpec<'_>) -> NodeAffinity {
        let affinity = spec.affinity().and_then(|affinity| affinity.node_affinity());
        let required =
            affinity.and_then(|a| a.required_during_scheduling_ignored_during_execution());
        let preferred = affinity
            .into_iter()
            .flat_map(|a| a.preferred_during_scheduling_ignored_during_execution());
        NodeAffinity {
            node_selector: spec.node_selector().0.clone(),
            required: required.map(node_selector::terms_of),
            preferred: preferred
                .filter(|term| term.weight() != 0)
                .filter_map(|term| Some((term.weight(), Term::of(term.preference())?)))
                .collect(),
        }
    }

    /// Whether a node is one that the Pod requires.
    pub(crate) fn matches(&self, node: &NodeInfo) -> bool {
        let labels = StringMap(&node.labels);
        let has = |(key, value): (&str, &str)| labels.get(key) == Some(value);
        let is_required =
            |terms: &Vec<Term>| terms.iter().any(|term| term.matches(&node.name, &node.labels));
        StringMap(&self.node_selector).iter().all(has)
            && self.required.as_ref().is_none_or(is_required)
    }

    /// Whether any node is liked better than another.
    pub(crate) fn has_preferences(&self) -> bool {
        !self.preferred.is_empty()
    }
}

/// The only nodes that can match, by name, if all alternatives name nodes: what the DaemonSet
/// controller asks for. An error if they contradict each other.
pub(crate) fn pre_filter(class: &PodClass) -> Result<Option<BTreeSet<&str>>, Rejection> {
    let terms = class.node_affinity.required.as_deref().unwrap_or(&[]);
    let mut names = BTreeSet::new();
    for term in terms {
        match term.node_names() {
            Some(named) => names.extend(named),
            None => return Ok(None),
        }
    }
    match names.is_empty() {
        true if terms.is_empty() => Ok(None),
        true => {
            let reason = "pod affinity terms conflict";
            Err(Rejection::unresolvable(Plugin::NodeAffinity, reason))
        }
        false => Ok(Some(names)),
    }
}

/// Whether the node is one that the Pod requires.
pub(crate) fn filter(class: &PodClass, node: &NodeInfo) -> Verdict {
    if class.node_affinity.matches(node) {
        return Ok(());
    }
    let reason = "node(s) didn't match Pod's node affinity/selector";
    Err(Rejection::unresolvable(Plugin::NodeAffinity, reason))
}

/// The sum of the weights of the preferences that the node fulfils.
pub(crate) fn score(class: &PodClass, node: &NodeInfo) -> i64 {
    let fulfilled = |(weight, term): &(i64, Term)| {
        let is_fulfilled = term.matches(&node.name, &node.labels);
        if is_fulfilled { *weight } else { 0 }
    };
    class.node_affinity.preferred.iter().map(fulfilled).sum()
}
