//! PodTopologySpread: Pods that want to be spread evenly over zones, nodes or other domains.
//!
//! Constraints with `DoNotSchedule` filter nodes, those with `ScheduleAnyway` rank them. A Pod
//! without constraints of its own is spread by the system's defaults over what its Services and
//! its owner select ([`default_constraints`]).

mod counts;
mod score;

pub(crate) use counts::Counts;
pub(crate) use score::Scorer;

use crate::cache::{KeyId, PodClass};
use api::core::v1::{PodSpec, TopologySpreadConstraint};
use api::labels::Selector;
use api::{Map, StringMap, Value, View, names, object};

/// The weight of its score in the default profile.
pub(crate) const WEIGHT: i64 = 2;

pub(crate) const HOSTNAME: &str = "kubernetes.io/hostname";
pub(crate) const ZONE: &str = "topology.kubernetes.io/zone";
const DEFAULT_MAX_SKEW_OF_NODES: i64 = 3;
const DEFAULT_MAX_SKEW_OF_ZONES: i64 = 5;

/// Selectors that must all match.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Selectors(pub(crate) Vec<Selector>);

impl Selectors {
    /// Whether labels are selected.
    pub(crate) fn matches(&self, labels: &Map) -> bool {
        self.0.iter().all(|selector| selector.matches(StringMap(labels)))
    }

    /// Whether there is no requirement at all.
    pub(crate) fn is_everything(&self) -> bool {
        self.0.iter().all(Selector::is_everything)
    }
}

/// One constraint, with its defaults.
#[derive(Clone, Debug)]
pub(crate) struct Constraint {
    pub(crate) key: KeyId,
    pub(crate) is_hostname: bool,
    /// Whether nodes that violate it are turned down.
    pub(crate) is_hard: bool,
    pub(crate) max_skew: i64,
    pub(crate) min_domains: i64,
    pub(crate) selectors: Selectors,
    pub(crate) honors_affinity: bool,
    pub(crate) honors_taints: bool,
}

/// The constraints of a Pod with these labels.
pub(crate) fn constraints_of(
    labels: StringMap<'_>,
    spec: PodSpec<'_>,
    key: &mut dyn FnMut(&str) -> KeyId,
) -> Vec<Constraint> {
    spec.topology_spread_constraints()
        .map(|constraint| Constraint {
            key: key(constraint.topology_key()),
            is_hostname: constraint.topology_key() == HOSTNAME,
            is_hard: constraint.when_unsatisfiable() == "DoNotSchedule",
            max_skew: constraint.max_skew(),
            min_domains: constraint.min_domains().unwrap_or(1),
            selectors: Selectors(vec![selector_of(constraint, labels)]),
            honors_affinity: constraint.node_affinity_policy() != Some("Ignore"),
            honors_taints: constraint.node_taints_policy() == Some("Honor"),
        })
        .collect()
}

/// The selector of a constraint; `matchLabelKeys` add the Pod's own values of these labels.
fn selector_of(constraint: TopologySpreadConstraint<'_>, labels: StringMap<'_>) -> Selector {
    let mut document = constraint.value().get(&names::LABEL_SELECTOR).clone();
    if document.is_null() {
        return Selector::nothing();
    }
    for key in constraint.match_label_keys() {
        if let Some(value) = labels.get(key) {
            let requirement = object! {
                "key": key.to_owned(),
                "operator": "In",
                "values": api::list![value.to_owned()],
            };
            let expressions = document.entry(&names::MATCH_EXPRESSIONS);
            expressions.make_list().push(requirement);
        }
    }
    Selector::from_document(&document)
}

/// What is spread over nodes and zones when a Pod says nothing: the defaults of the scheduler's
/// configuration (`defaultingType: System`). None if nothing selects the Pod.
pub(crate) fn default_constraints(selectors: Selectors, keys: [KeyId; 2]) -> Vec<Constraint> {
    if selectors.is_everything() {
        return Vec::new();
    }
    let [hostname, zone] = keys;
    let constraint = |key, max_skew, is_hostname| Constraint {
        key,
        is_hostname,
        is_hard: false,
        max_skew,
        min_domains: 1,
        selectors: selectors.clone(),
        honors_affinity: true,
        honors_taints: false,
    };
    vec![
        constraint(hostname, DEFAULT_MAX_SKEW_OF_NODES, true),
        constraint(zone, DEFAULT_MAX_SKEW_OF_ZONES, false),
    ]
}

/// What selects a Pod of `class`: its Services and the workload that owns it.
///
/// `services` are those of the Pod's namespace, `owner` is the owning object, if it exists.
pub(crate) fn default_selectors<'a>(
    class: &PodClass,
    services: impl Iterator<Item = &'a Value>,
    owner: Option<&Value>,
) -> Selectors {
    let labels = StringMap(&class.labels);
    let mut merged = Map::EMPTY;
    for service in services {
        let Some(selector) = service.get(&names::SPEC).get(&names::SELECTOR).as_map() else {
            continue;
        };
        if Selector::from_labels(StringMap(selector)).matches(labels) {
            for (key, value) in selector.iter() {
                merged.insert(key, value);
            }
        }
    }
    let mut selectors = Vec::new();
    let of_owner = owner.map(|owner| owner.get(&names::SPEC).get(&names::SELECTOR));
    match (&class.owner, of_owner) {
        (Some(owner), Some(selector)) if owner.kind == "ReplicationController" => {
            for (key, value) in selector.as_map().into_iter().flat_map(Map::iter) {
                merged.insert(key, value);
            }
        }
        (Some(_), Some(selector)) if !selector.is_null() => {
            selectors.push(Selector::from_document(selector));
        }
        _ => {}
    }
    if !merged.is_empty() {
        selectors.push(Selector::from_labels(StringMap(&merged)));
    }
    Selectors(selectors)
}
