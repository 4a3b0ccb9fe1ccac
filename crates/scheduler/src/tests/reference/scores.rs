//! Scores.

use super::constraints::{Spread, count, is_about, is_near, spreads, terms};
use super::filters::{allocatable, is_tolerated, request, term_matches, used};
use super::{HOSTNAME, World, ZONE, labels, namespace};
use crate::math::natural_logarithm;
use api::core::v1::{Node, NodeSelectorTerm, Pod, PodAffinityTerm, Taint};
use api::labels::Selector;
use api::{StringMap, Value, View};
use std::collections::BTreeSet;

/// The total score of each node.
pub(super) fn scores(world: &World, pod: &Value, nodes: &[&Value]) -> Vec<i64> {
    let mut totals = vec![0; nodes.len()];
    let mut add = |weight: i64, scores: Vec<i64>| {
        for (total, score) in totals.iter_mut().zip(scores) {
            assert!((0..=100).contains(&score));
            *total += weight * score;
        }
    };
    let each = |score: &dyn Fn(&Value) -> i64| nodes.iter().map(|n| score(n)).collect::<Vec<_>>();
    add(3, normalized(each(&|node| unwelcoming_taints(pod, node)), true));
    add(2, normalized(each(&|node| preference(pod, node)), false));
    add(1, each(&|node| least_allocated(world, pod, node)));
    add(1, each(&|node| balanced(world, pod, node)));
    add(1, each(&|node| image_locality(world, pod, node)));
    add(2, near_scores(world, pod, nodes));
    add(2, spread_scores(world, pod, nodes));
    totals
}

fn normalized(scores: Vec<i64>, is_reversed: bool) -> Vec<i64> {
    let highest = scores.iter().copied().max().unwrap_or(0);
    let normal = |score: i64| match (highest, is_reversed) {
        (0, true) => 100,
        (0, false) => 0,
        (_, true) => 100 - 100 * score / highest,
        (_, false) => 100 * score / highest,
    };
    scores.into_iter().map(normal).collect()
}

fn unwelcoming_taints(pod: &Value, node: &Value) -> i64 {
    let taints = Node::of(node).spec().taints();
    let is_unwelcoming = |t: &Taint<'_>| t.effect() == "PreferNoSchedule" && !is_tolerated(pod, *t);
    taints.filter(is_unwelcoming).count() as i64
}

fn preference(pod: &Value, node: &Value) -> i64 {
    let preferred = &pod["spec"]["affinity"]["nodeAffinity"];
    let preferred = &preferred["preferredDuringSchedulingIgnoredDuringExecution"];
    let weight = |item: &Value| {
        let term = NodeSelectorTerm::of(&item["preference"]);
        let weight = item["weight"].as_i64().unwrap_or(0);
        if term_matches(term, node) { weight } else { 0 }
    };
    preferred.items().iter().map(weight).sum()
}

fn least_allocated(world: &World, pod: &Value, node: &Value) -> i64 {
    let mut scores = Vec::new();
    for (resource, default) in [("cpu", "100m"), ("memory", "200Mi")] {
        let offered = allocatable(node, resource);
        let wanted = used(world, node, resource, default) + request(pod, resource, default);
        if offered > 0 {
            scores.push(if wanted > offered { 0 } else { (offered - wanted) * 100 / offered });
        }
    }
    scores.iter().sum::<i64>() / (scores.len() as i64).max(1)
}

fn balanced(world: &World, pod: &Value, node: &Value) -> i64 {
    let share = |resource| {
        let wanted = used(world, node, resource, "0") + request(pod, resource, "0");
        (wanted as f64 / allocatable(node, resource) as f64).min(1.0)
    };
    if allocatable(node, "cpu") == 0 || allocatable(node, "memory") == 0 {
        return 100;
    }
    let deviation = (share("cpu") - share("memory")).abs() / 2.0;
    ((1.0 - deviation) * 100.0) as i64
}

fn image_locality(world: &World, pod: &Value, node: &Value) -> i64 {
    const MB: i64 = 1 << 20;
    let size_on = |node: &Value, image: &str| {
        let images = Node::of(node).status().images();
        let mut found = images.filter(|i| i.names().has(image));
        found.next().map(|i| i.size_bytes())
    };
    let containers = Pod::of(pod).spec().containers();
    let most = 1000 * MB * containers.len() as i64;
    let mut sum = 0;
    for container in containers {
        if let Some(size) = size_on(node, container.image()) {
            let nodes = world.nodes.iter();
            let count = nodes.filter(|n| size_on(n, container.image()).is_some()).count();
            sum += (size as f64 * (count as f64 / world.nodes.len() as f64)) as i64;
        }
    }
    100 * (sum.clamp(23 * MB, most) - 23 * MB) / (most - 23 * MB)
}

fn near_scores(world: &World, pod: &Value, nodes: &[&Value]) -> Vec<i64> {
    let score = |node: &Value| {
        let mut sum = 0;
        for other in &world.pods {
            let mut add = |owner: &Value, target: &Value, terms: Vec<_>, sign: i64| {
                for (weight, term) in terms {
                    let term: PodAffinityTerm<'_> = term;
                    let is_near = is_near(world, node, other, term.topology_key());
                    if is_near && is_about(world, owner, term, target) {
                        sum += sign * weight;
                    }
                }
            };
            add(pod, other, terms(pod, "podAffinity", false), 1);
            add(pod, other, terms(pod, "podAntiAffinity", false), -1);
            add(other, pod, terms(other, "podAffinity", true), 1);
            add(other, pod, terms(other, "podAffinity", false), 1);
            add(other, pod, terms(other, "podAntiAffinity", false), -1);
        }
        sum
    };
    let sums: Vec<i64> = nodes.iter().map(|node| score(node)).collect();
    let lowest = sums.iter().copied().min().unwrap_or(0);
    let range = sums.iter().copied().max().unwrap_or(0) - lowest;
    let normal = |sum: &i64| match range {
        0 => 0,
        _ => (100.0 * ((sum - lowest) as f64 / range as f64)) as i64,
    };
    sums.iter().map(normal).collect()
}

/// What the system spreads a Pod by that says nothing: nodes and zones.
fn default_spreads(world: &World, pod: &Value) -> Vec<Spread> {
    let mut selectors = Vec::new();
    for service in &world.services {
        let selector = service["spec"]["selector"].as_map();
        let Some(selector) = selector.filter(|_| namespace(service) == namespace(pod)) else {
            continue;
        };
        let selector = Selector::from_labels(StringMap(selector));
        if selector.matches(labels(pod)) {
            selectors.push(selector);
        }
    }
    let mut owners = kinds::table::metadata(pod).owner_references();
    let owner = owners.find(|owner| owner.controller() == Some(true));
    if let Some(selector) = owner.and_then(|owner| world.replica_sets.get(owner.name())) {
        selectors.push(Selector::from_document(selector));
    }
    if selectors.iter().all(Selector::is_everything) {
        return Vec::new();
    }
    let spread = |(key, max_skew): (&str, i64)| Spread {
        key: key.to_owned(),
        max_skew,
        min_domains: 1,
        selectors: selectors.clone(),
        honors_affinity: true,
        honors_taints: false,
    };
    [(HOSTNAME, 3), (ZONE, 5)].map(spread).into()
}

fn spread_scores(world: &World, pod: &Value, nodes: &[&Value]) -> Vec<i64> {
    let has_own = !Pod::of(pod).spec().topology_spread_constraints().is_empty();
    let constraints = match has_own {
        true => spreads(pod, "ScheduleAnyway"),
        false => default_spreads(world, pod),
    };
    if constraints.is_empty() {
        return vec![0; nodes.len()];
    }
    let has_all =
        |node: &Value| !has_own || constraints.iter().all(|c| labels(node).get(&c.key).is_some());
    let included: Vec<&Value> = nodes.iter().copied().filter(|node| has_all(node)).collect();
    let score = |node: &Value| {
        if !has_all(node) {
            return None;
        }
        let mut sum = 0.0;
        for constraint in &constraints {
            let Some(domain) = labels(node).get(&constraint.key) else {
                continue;
            };
            let (count, domains) = if constraint.key == HOSTNAME {
                (count(world, pod, node, &constraint.selectors), included.len())
            } else {
                let counted = world.nodes.iter().filter(|other| {
                    has_all(other)
                        && constraint.includes(pod, other)
                        && labels(other).get(&constraint.key) == Some(domain)
                });
                let count = counted.map(|n| count(world, pod, n, &constraint.selectors)).sum();
                let domains: BTreeSet<Option<&str>> =
                    included.iter().map(|n| labels(n).get(&constraint.key)).collect();
                (count, domains.len())
            };
            let weight = natural_logarithm(domains as u32 + 2);
            sum += count as f64 * weight + (constraint.max_skew - 1) as f64;
        }
        Some(sum.round() as i64)
    };
    let sums: Vec<Option<i64>> = nodes.iter().map(|node| score(node)).collect();
    let highest = sums.iter().flatten().copied().max().unwrap_or(0);
    let lowest = sums.iter().flatten().copied().min().unwrap_or(0);
    let normal = |sum: &Option<i64>| match sum {
        None => 0,
        Some(_) if highest == 0 => 100,
        Some(sum) => 100 * (highest + lowest - sum) / highest,
    };
    sums.iter().map(normal).collect()
}
