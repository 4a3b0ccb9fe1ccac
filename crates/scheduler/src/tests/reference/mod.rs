//! The scheduler the plain way: lists of nodes and Pods, looked through from end to end.
//!
//! Nothing is indexed, remembered or counted ahead. Each rule is written down as the
//! documentation states it and reads the documents directly, so that it shares no code with what
//! it is held against but selectors, quantities and the logarithm.

mod constraints;
mod filters;
mod preemption;
mod scores;

pub(super) use preemption::preempt;

use api::core::v1::Pod;
use api::{Map, StringMap, Value, View};
use filters::filter_with_nominated;
use sim::Rng;
use std::collections::{BTreeMap, BTreeSet};

pub(super) const HOSTNAME: &str = "kubernetes.io/hostname";
pub(super) const ZONE: &str = "topology.kubernetes.io/zone";

/// All that there is.
#[derive(Clone, Default)]
pub(super) struct World {
    /// In the order in which they came, or came to their zone.
    pub(super) nodes: Vec<Value>,
    /// The zones that have nodes, in the order in which they came.
    zones: Vec<String>,
    /// Those that have a node.
    pub(super) pods: Vec<Value>,
    /// Pods that wait, and the nodes they are nominated for.
    pub(super) nominated: Vec<(Value, String)>,
    pub(super) namespaces: BTreeMap<String, Map>,
    pub(super) services: Vec<Value>,
    /// The selectors of ReplicaSets by name.
    pub(super) replica_sets: BTreeMap<String, Value>,
}

/// What is said of one node: nothing, or the reasons against it.
type Verdict = Result<(), Refusal>;

/// Why a node is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) reasons: Vec<String>,
    pub(super) is_resolvable: bool,
}

fn refuse(is_resolvable: bool, reason: &str) -> Verdict {
    Err(Refusal { reasons: vec![reason.to_owned()], is_resolvable })
}

/// How the search for a node went.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Found {
    pub(super) feasible: Vec<String>,
    pub(super) refused: BTreeMap<String, Refusal>,
    pub(super) scores: Vec<i64>,
    pub(super) selected: Option<String>,
}

pub(super) fn name(object: &Value) -> &str {
    kinds::table::metadata(object).name()
}

fn namespace(object: &Value) -> &str {
    kinds::table::metadata(object).namespace()
}

fn labels(object: &Value) -> StringMap<'_> {
    kinds::table::metadata(object).labels()
}

fn priority(pod: &Value) -> i64 {
    Pod::of(pod).spec().priority().unwrap_or(0)
}

fn uid(pod: &Value) -> &str {
    kinds::table::metadata(pod).uid()
}

fn zone(node: &Value) -> &str {
    labels(node).get(ZONE).unwrap_or_default()
}

impl World {
    /// Adds a node, or replaces the one of the same name.
    pub(super) fn set_node(&mut self, node: &Value) {
        let is_it = |other: &&mut Value| name(other) == name(node);
        if let Some(old) = self.nodes.iter_mut().find(is_it)
            && zone(old) == zone(node)
        {
            *old = node.clone();
            return;
        }
        self.remove_node(name(node));
        self.nodes.push(node.clone());
        if !self.zones.iter().any(|known| known == zone(node)) {
            self.zones.push(zone(node).to_owned());
        }
    }

    /// Removes a node.
    pub(super) fn remove_node(&mut self, gone: &str) {
        self.nodes.retain(|node| name(node) != gone);
        let nodes = &self.nodes;
        self.zones.retain(|known| nodes.iter().any(|node| zone(node) == known));
    }
}

/// Nodes zone by zone in turns.
fn order(world: &World) -> Vec<&Value> {
    let nodes = world.nodes.iter();
    let mut zones: Vec<Vec<&Value>> = vec![Vec::new(); world.zones.len()];
    for node in nodes {
        let at = world.zones.iter().position(|known| known == zone(node));
        zones[at.expect("every zone is known")].push(node);
    }
    let mut result = Vec::new();
    for row in 0..world.nodes.len() {
        result.extend(zones.iter().filter_map(|nodes| nodes.get(row)));
    }
    result
}

fn pods_on<'a>(world: &'a World, node: &Value) -> Vec<&'a Value> {
    let on = |pod: &&Value| Pod::of(pod).spec().node_name() == name(node);
    world.pods.iter().filter(on).collect()
}

/// Finds a node for a Pod.
pub(super) fn schedule(world: &World, pod: &Value, next_start: &mut usize, rng: &mut Rng) -> Found {
    let mut found = Found::default();
    let all = order(world);
    let only = node_names(pod);
    let is_left = |node: &&&Value| only.as_ref().is_none_or(|names| names.contains(name(node)));
    let nodes: Vec<&Value> = all.iter().filter(is_left).copied().collect();
    let wanted = match nodes.len() {
        few @ 0..100 => few,
        many => (many * (50 - many / 125).max(5) / 100).max(100),
    };
    for i in 0..nodes.len() {
        let node = nodes[(*next_start + i) % nodes.len()];
        if found.feasible.len() >= wanted {
            break;
        }
        match filter_with_nominated(world, world, pod, node) {
            Ok(()) => found.feasible.push(name(node).to_owned()),
            Err(refusal) => {
                found.refused.insert(name(node).to_owned(), refusal);
            }
        }
    }
    if !all.is_empty() {
        *next_start = (*next_start + found.feasible.len() + found.refused.len()) % all.len();
    }
    let feasible: Vec<&Value> = found
        .feasible
        .iter()
        .filter_map(|wanted| world.nodes.iter().find(|node| name(node) == wanted))
        .collect();
    found.scores = scores::scores(world, pod, &feasible);
    if feasible.len() == 1 {
        found.selected = Some(found.feasible[0].clone());
        return found;
    }
    let (mut best, mut met) = (i64::MIN, 0);
    for (at, score) in found.scores.iter().enumerate() {
        if *score > best {
            (best, met) = (*score, 1);
            found.selected = Some(found.feasible[at].clone());
        } else if *score == best {
            met += 1;
            if rng.below(met) == 0 {
                found.selected = Some(found.feasible[at].clone());
            }
        }
    }
    found
}

/// The nodes that the required affinity names, if all of its alternatives name some.
fn node_names(pod: &Value) -> Option<BTreeSet<&str>> {
    let affinity = Pod::of(pod).spec().affinity()?.node_affinity()?;
    let required = affinity.required_during_scheduling_ignored_during_execution()?;
    let mut names = BTreeSet::new();
    for term in required.node_selector_terms() {
        let mut fields = term.match_fields().peekable();
        fields.peek()?;
        names.extend(fields.flat_map(|field| field.values().collect::<Vec<_>>()));
    }
    Some(names)
}
