//! Spread and affinity.

use super::filters::{matches_node, untolerated};
use super::{Verdict, World, labels, name, namespace, pods_on, refuse};
use api::core::v1::{Pod, PodAffinityTerm, TopologySpreadConstraint};
use api::labels::Selector;
use api::{Map, StringMap, Value, View, names};
use std::collections::BTreeMap;

/// How many Pods of a node a constraint of `pod` counts.
pub(super) fn count(world: &World, pod: &Value, node: &Value, selectors: &[Selector]) -> i64 {
    if selectors.iter().all(Selector::is_everything) {
        return 0;
    }
    let counts = |other: &&&Value| {
        namespace(other) == namespace(pod)
            && kinds::table::metadata(other).deletion_timestamp().is_none()
            && selectors.iter().all(|s| s.matches(labels(other)))
    };
    pods_on(world, node).iter().filter(counts).count() as i64
}

/// A constraint in plain form.
pub(super) struct Spread {
    pub(super) key: String,
    pub(super) max_skew: i64,
    pub(super) min_domains: i64,
    pub(super) selectors: Vec<Selector>,
    pub(super) honors_affinity: bool,
    pub(super) honors_taints: bool,
}

impl Spread {
    /// Whether the node is part of the domains.
    pub(super) fn includes(&self, pod: &Value, node: &Value) -> bool {
        (!self.honors_affinity || matches_node(pod, node))
            && (!self.honors_taints || untolerated(pod, node).is_none())
    }
}

pub(super) fn spreads(pod: &Value, action: &str) -> Vec<Spread> {
    let constraints = Pod::of(pod).spec().topology_spread_constraints();
    let of = |c: TopologySpreadConstraint<'_>| {
        let mut selectors = vec![Selector::from_document(c.value().get(&names::LABEL_SELECTOR))];
        for key in c.match_label_keys() {
            if let Some(value) = labels(pod).get(key) {
                let wanted: Map = [(key, value.to_owned())].into_iter().collect();
                selectors.push(Selector::from_labels(StringMap(&wanted)));
            }
        }
        Spread {
            key: c.topology_key().to_owned(),
            max_skew: c.max_skew(),
            min_domains: c.min_domains().unwrap_or(1),
            selectors,
            honors_affinity: c.node_affinity_policy().unwrap_or("Honor") == "Honor",
            honors_taints: c.node_taints_policy().unwrap_or("Ignore") == "Honor",
        }
    };
    let of_action = constraints.filter(|c| c.when_unsatisfiable() == action);
    of_action.map(of).collect()
}

pub(super) fn check_spread(world: &World, pod: &Value, node: &Value) -> Verdict {
    const REASON: &str = "node(s) didn't match pod topology spread constraints";
    let constraints = spreads(pod, "DoNotSchedule");
    let has_all = |node: &Value| constraints.iter().all(|c| labels(node).get(&c.key).is_some());
    for constraint in &constraints {
        let Some(domain) = labels(node).get(&constraint.key) else {
            return refuse(false, &format!("{REASON} (missing required label)"));
        };
        let mut totals: BTreeMap<&str, i64> = BTreeMap::new();
        for other in &world.nodes {
            if has_all(other) && constraint.includes(pod, other) {
                let domain = labels(other).get(&constraint.key).unwrap_or_default();
                let count = count(world, pod, other, &constraint.selectors);
                *totals.entry(domain).or_default() += count;
            }
        }
        let fewest = match totals.len() as i64 >= constraint.min_domains {
            true => totals.values().copied().min().unwrap_or(0),
            false => 0,
        };
        let itself = i64::from(constraint.selectors.iter().all(|s| s.matches(labels(pod))));
        let total = totals.get(domain).copied().unwrap_or(0);
        if total + itself - fewest > constraint.max_skew {
            return refuse(true, REASON);
        }
    }
    Ok(())
}

/// Whether a term of `owner` is about `other`.
pub(super) fn is_about(
    world: &World,
    owner: &Value,
    term: PodAffinityTerm<'_>,
    other: &Value,
) -> bool {
    let by_name = match term.namespaces().is_empty() && term.namespace_selector().is_none() {
        true => namespace(owner) == namespace(other),
        false => term.namespaces().has(namespace(other)),
    };
    let selector = Selector::from_document(term.value().get(&names::NAMESPACE_SELECTOR));
    let none = Map::EMPTY;
    let namespace_labels = world.namespaces.get(namespace(other)).unwrap_or(&none);
    let by_labels = selector.matches(StringMap(namespace_labels));
    let selector = Selector::from_document(term.value().get(&names::LABEL_SELECTOR));
    (by_name || by_labels) && selector.matches(labels(other))
}

/// A list of terms: what it is called in, and whether they are required.
pub(super) fn terms<'a>(
    pod: &'a Value,
    side: &str,
    is_required: bool,
) -> Vec<(i64, PodAffinityTerm<'a>)> {
    let field = match is_required {
        true => "requiredDuringSchedulingIgnoredDuringExecution",
        false => "preferredDuringSchedulingIgnoredDuringExecution",
    };
    let items = pod["spec"]["affinity"][side][field].items();
    let term = |item: &'a Value| match is_required {
        true => (1, PodAffinityTerm::of(item)),
        false => {
            (item["weight"].as_i64().unwrap_or(0), PodAffinityTerm::of(&item["podAffinityTerm"]))
        }
    };
    items.iter().map(term).collect()
}

pub(super) fn node_of<'a>(world: &'a World, pod: &Value) -> Option<&'a Value> {
    let wanted = Pod::of(pod).spec().node_name();
    world.nodes.iter().find(|node| name(node) == wanted)
}

/// Whether both nodes exist and share the value of a label.
pub(super) fn is_near(world: &World, node: &Value, pod: &Value, key: &str) -> bool {
    let own = labels(node).get(key);
    let other = node_of(world, pod).and_then(|node| labels(node).get(key));
    own.is_some() && own == other
}

pub(super) fn check_affinity(world: &World, pod: &Value, node: &Value) -> Verdict {
    let required = terms(pod, "podAffinity", true);
    let is_wanted = |other: &Value| {
        !required.is_empty() && required.iter().all(|(_, t)| is_about(world, pod, *t, other))
    };
    if !required.is_empty() {
        let has_labels = required.iter().all(|(_, t)| labels(node).get(t.topology_key()).is_some());
        let is_met = required.iter().all(|(_, t)| {
            let mut pods = world.pods.iter().filter(|other| is_wanted(other));
            pods.any(|other| is_near(world, node, other, t.topology_key()))
        });
        // Nobody to be near to: the first of a group may go anywhere.
        let nobody = !world.pods.iter().any(|other| {
            let has_key = |key: &str| {
                node_of(world, other).is_some_and(|node| labels(node).get(key).is_some())
            };
            is_wanted(other) && required.iter().any(|(_, t)| has_key(t.topology_key()))
        });
        if !has_labels || !(is_met || nobody && is_wanted(pod)) {
            return refuse(false, "node(s) didn't match pod affinity rules");
        }
    }
    for (_, term) in terms(pod, "podAntiAffinity", true) {
        let mut pods = world.pods.iter().filter(|other| is_about(world, pod, term, other));
        if pods.any(|other| is_near(world, node, other, term.topology_key())) {
            return refuse(true, "node(s) didn't match pod anti-affinity rules");
        }
    }
    for other in &world.pods {
        for (_, term) in terms(other, "podAntiAffinity", true) {
            if is_about(world, other, term, pod) && is_near(world, node, other, term.topology_key())
            {
                return refuse(true, "node(s) didn't satisfy existing pods anti-affinity rules");
            }
        }
    }
    Ok(())
}
