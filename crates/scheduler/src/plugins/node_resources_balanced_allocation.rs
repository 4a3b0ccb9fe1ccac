//! NodeResourcesBalancedAllocation: nodes whose CPU and memory fill up evenly are better.

use crate::cache::{NodeInfo, NodeState, PodClass};
use crate::framework::score::SCORE_MAX;

/// The weight of its score in the default profile.
pub(crate) const WEIGHT: i64 = 1;

/// How close the shares of CPU and memory in use would be. Sums, differences and quotients of
/// floating-point numbers are the same on every machine.
pub(crate) fn score(class: &PodClass, node: &NodeInfo, state: &NodeState) -> i64 {
    let (offered, used) = (&node.allocatable.resources, &state.requested);
    let wanted = &class.requests.resources;
    let share = |requested: i64, offered: i64| {
        let share = requested as f64 / offered as f64;
        (offered != 0).then_some(share.min(1.0))
    };
    let cpu = share(used.milli_cpu + wanted.milli_cpu, offered.milli_cpu);
    let memory = share(used.memory + wanted.memory, offered.memory);
    // The standard deviation of two numbers is half their distance.
    let deviation = match (cpu, memory) {
        (Some(cpu), Some(memory)) => ((cpu - memory) / 2.0).abs(),
        _ => 0.0,
    };
    ((1.0 - deviation) * SCORE_MAX as f64) as i64
}
