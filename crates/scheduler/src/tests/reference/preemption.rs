//! Preemption.

use super::filters::filter_with_nominated;
use super::{Refusal, World, name, order, pods_on, priority, uid};
use api::Value;
use sim::Rng;
use std::collections::BTreeMap;

/// A node on which a Pod would have room if others went, and who would have to go.
pub(in crate::tests) type Victims = (String, Vec<String>);

/// Looks for Pods of lower priority that could make room. All count as having started at once.
pub(in crate::tests) fn preempt(
    world: &World,
    pod: &Value,
    refused: &BTreeMap<String, Refusal>,
    rng: &mut Rng,
) -> Option<Victims> {
    let all = order(world);
    let is_hopeful = |node: &&&Value| refused.get(name(node)).is_some_and(|r| r.is_resolvable);
    let nodes: Vec<&Value> = all.iter().filter(is_hopeful).copied().collect();
    if nodes.is_empty() {
        return None;
    }
    let start = rng.below(nodes.len() as u32) as usize;
    let mut best: Option<((i64, i64, usize), Victims)> = None;
    for i in 0..nodes.len() {
        let node = nodes[(start + i) % nodes.len()];
        let Some(victims) = victims_on(world, pod, node) else {
            continue;
        };
        let priorities: Vec<i64> = victims.iter().map(|v| priority(v)).collect();
        let sum = priorities.iter().map(|p| p + (1 << 31)).sum();
        let damage = (priorities[0], sum, victims.len());
        let names = victims.iter().map(|victim| name(victim).to_owned()).collect();
        if best.as_ref().is_none_or(|(least, _)| damage < *least) {
            best = Some((damage, (name(node).to_owned(), names)));
        }
    }
    best.map(|(_, found)| found)
}

fn victims_on<'a>(world: &'a World, pod: &Value, node: &Value) -> Option<Vec<&'a Value>> {
    let mut lower = pods_on(world, node);
    lower.retain(|other| priority(other) < priority(pod));
    if lower.is_empty() {
        return None;
    }
    let mut left = world.clone();
    let without = |world: &mut World, gone: &Value| world.pods.retain(|p| uid(p) != uid(gone));
    for other in &lower {
        without(&mut left, other);
    }
    filter_with_nominated(world, &left, pod, node).ok()?;
    lower.sort_by_key(|other| std::cmp::Reverse(priority(other)));
    let mut victims = Vec::new();
    for other in lower {
        left.pods.push(other.clone());
        if filter_with_nominated(world, &left, pod, node).is_err() {
            without(&mut left, other);
            victims.push(other);
        }
    }
    (!victims.is_empty()).then_some(victims)
}
