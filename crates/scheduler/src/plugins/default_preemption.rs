//! DefaultPreemption: a Pod that fits nowhere may push aside Pods of lower priority.
//!
//! For each node that could help it is found out which Pods would have to go: all of lower
//! priority are taken away, then as many as possible are put back, the most important first and
//! those that a PodDisruptionBudget protects before others. Of the nodes the one is chosen whose
//! victims are missed least.

use crate::cache::{Cache, NodeId, NodeState, PodId, PodInfo};
use crate::framework::evaluation::Evaluation;
use crate::framework::filter::Candidate;
use crate::framework::fit_error;
use crate::framework::rejection::{Plugin, Rejection};
use api::labels::Selector;
use api::policy::v1::PodDisruptionBudget;
use api::{StringMap, Value, View, names};
use sim::{Rng, Time};
use std::cmp::Reverse;

/// `minCandidateNodesPercentage` and `minCandidateNodesAbsolute`
const MIN_SHORTLIST_PERCENTAGE: usize = 10;
const MIN_SHORTLIST: usize = 100;

/// What is said of nodes that turned the Pod down for good.
pub(crate) const NOT_HELPFUL: &str = "Preemption is not helpful for scheduling";
const NO_VICTIMS: &str = "No preemption victims found for incoming pod";

/// A PodDisruptionBudget.
#[derive(Debug)]
pub(crate) struct Budget {
    namespace: String,
    selector: Selector,
    allowed: i64,
    /// Pods whose disruption is already accounted for.
    disrupted: Vec<String>,
}

impl Budget {
    /// Reads a budget.
    pub(crate) fn of(object: &Value) -> Budget {
        let view = PodDisruptionBudget::of(object);
        let selector = view.spec().value().get(&names::SELECTOR);
        let status = view.status();
        let disrupted = status.disrupted_pods().iter();
        Budget {
            namespace: view.metadata().namespace().to_owned(),
            selector: Selector::from_document(selector),
            allowed: status.disruptions_allowed(),
            disrupted: disrupted.map(|(name, _)| name.as_str().to_owned()).collect(),
        }
    }

    fn protects(&self, cache: &Cache, pod: &PodInfo) -> bool {
        let labels = &cache.class(pod.class).labels;
        *self.namespace == *pod.key.namespace
            && !labels.is_empty()
            && !self.selector.is_everything()
            && self.selector.matches(StringMap(labels))
            && !self.disrupted.iter().any(|name| **name == *pod.key.name)
    }
}

/// A node, and who would have to go there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shortlisted {
    pub(crate) node: NodeId,
    pub(crate) victims: Vec<PodId>,
    /// How many of these a budget protects.
    violations: usize,
}

/// What is asked of the world beyond the cache.
pub(crate) struct Surroundings<'a> {
    pub(crate) budgets: &'a [Budget],
    /// When a Pod started; the present if it has not.
    pub(crate) start_time: &'a dyn Fn(&PodInfo) -> Time,
}

/// Looks for a node where preemption helps; an error with the reasons if there is none.
///
/// `is_unresolvable` tells of each node whether it turned the Pod down for good.
pub(crate) fn find(
    pod: &Candidate<'_>,
    evaluation: &mut Evaluation,
    is_unresolvable: impl Fn(NodeId) -> bool,
    surroundings: &Surroundings<'_>,
    rng: &mut Rng,
) -> Result<Shortlisted, String> {
    let nodes = pod.cache.order();
    let (hopeless, hopeful): (Vec<NodeId>, Vec<NodeId>) =
        nodes.iter().copied().partition(|node| is_unresolvable(*node));
    let not_helpful = Rejection::unresolvable(Plugin::NodeResourcesFit, NOT_HELPFUL);
    let mut rejections = vec![(hopeless.len(), not_helpful)];
    let mut shortlist = Vec::new();
    if !hopeful.is_empty() {
        let wanted =
            (hopeful.len() * MIN_SHORTLIST_PERCENTAGE / 100).max(MIN_SHORTLIST).min(hopeful.len());
        let start = rng.below(hopeful.len() as u32) as usize;
        let mut has_harmless = false;
        for &node in hopeful[start..].iter().chain(&hopeful[..start]) {
            match victims_on(pod, evaluation, node, surroundings) {
                Ok(found) => {
                    has_harmless |= found.violations == 0;
                    shortlist.push(found);
                }
                Err(rejection) => rejections.push((1, rejection)),
            }
            if has_harmless && shortlist.len() >= wanted {
                break;
            }
        }
    }
    // Nodes without violations come first; among equals the first wins.
    shortlist.sort_by_key(|found| found.violations > 0);
    match choose(pod.cache, shortlist, surroundings.start_time) {
        Some(best) => Ok(best),
        None => {
            let count = rejections.iter().map(|(times, _)| times).sum();
            let rejections = rejections.iter().map(|(times, r)| (*times, r));
            Err(fit_error::message(count, rejections))
        }
    }
}

/// The fewest Pods that have to go from a node; an error if even all are not enough.
fn victims_on(
    pod: &Candidate<'_>,
    evaluation: &mut Evaluation,
    node: NodeId,
    surroundings: &Surroundings<'_>,
) -> Result<Shortlisted, Rejection> {
    let cache = pod.cache;
    let info = cache.node(node);
    let priority = |id: PodId| cache.class(cache.pod(id).class).priority;
    let has_lower =
        |count: &crate::cache::ClassCount| cache.class(count.class).priority < pod.class.priority;
    if !info.state.classes.iter().any(has_lower) {
        return Err(Rejection::unresolvable(Plugin::NodeResourcesFit, NO_VICTIMS));
    }
    let mut state = info.state.clone();
    let mut potential: Vec<PodId> = info.pods.clone();
    potential.retain(|id| priority(*id) < pod.class.priority);
    for id in &potential {
        remove(cache, &mut state, *id);
    }
    pod.filter_state(evaluation, node, &state)?;
    let start_time = surroundings.start_time;
    potential.sort_by_cached_key(|id| (Reverse(priority(*id)), start_time(cache.pod(*id))));
    let (protected, others) = split_by_budget(cache, potential, surroundings.budgets);
    let protected_count = protected.len();
    let mut found = Shortlisted { node, victims: Vec::new(), violations: 0 };
    for (at, id) in protected.into_iter().chain(others).enumerate() {
        add(cache, &mut state, id);
        if pod.filter_state(evaluation, node, &state).is_err() {
            remove(cache, &mut state, id);
            found.victims.push(id);
            found.violations += usize::from(at < protected_count);
        }
    }
    if found.victims.is_empty() {
        let reason =
            format!("expected at least one victim pod on node {}", api::go::quote(&info.name));
        return Err(Rejection::unresolvable(Plugin::NodeResourcesFit, reason));
    }
    Ok(found)
}

fn remove(cache: &Cache, state: &mut NodeState, id: PodId) {
    let pod = cache.pod(id);
    state.remove(pod.class, cache.class(pod.class), pod.is_terminating);
}

fn add(cache: &Cache, state: &mut NodeState, id: PodId) {
    let pod = cache.pod(id);
    state.add(pod.class, cache.class(pod.class), pod.is_terminating);
}

/// Those whose going would violate a budget, then the others, each in their order.
fn split_by_budget(
    cache: &Cache,
    pods: Vec<PodId>,
    budgets: &[Budget],
) -> (Vec<PodId>, Vec<PodId>) {
    let mut left: Vec<i64> = budgets.iter().map(|budget| budget.allowed).collect();
    pods.into_iter().partition(|id| {
        let pod = cache.pod(*id);
        let mut is_violated = false;
        for (budget, left) in budgets.iter().zip(&mut left) {
            if budget.protects(cache, pod) {
                *left -= 1;
                is_violated |= *left < 0;
            }
        }
        is_violated
    })
}

/// The node whose victims are missed least: the fewest violated budgets, then the lowest of the
/// highest priorities, the lowest sum of priorities, the fewest victims, the youngest of the most
/// important victims.
fn choose(
    cache: &Cache,
    shortlist: Vec<Shortlisted>,
    start_time: &dyn Fn(&PodInfo) -> Time,
) -> Option<Shortlisted> {
    let priority = |id: &PodId| cache.class(cache.pod(*id).class).priority;
    let damage = |found: &Shortlisted| {
        let victims = &found.victims;
        let first = victims.first().map_or(0, priority);
        // Priorities may be negative: each victim counts as something.
        let offset = i64::from(i32::MAX) + 1;
        let sum: i64 = victims.iter().map(|id| i64::from(priority(id)) + offset).sum();
        let highest = victims.iter().map(priority).max();
        let important = victims.iter().filter(|id| Some(priority(id)) == highest);
        let earliest = important.map(|id| start_time(cache.pod(*id))).min();
        (found.violations, first, sum, victims.len(), Reverse(earliest))
    };
    shortlist.into_iter().min_by_key(damage)
}
