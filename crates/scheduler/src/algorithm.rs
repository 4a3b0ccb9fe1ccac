//! Finds a node for a Pod: filters, then scores.
//!
//! Models `schedulePod` of kube-scheduler: nodes are looked at in the order of the node tree,
//! beginning where the last search ended, until enough have passed the filters; the best of these
//! wins. Upstream filters with sixteen workers at once, which makes the choice of the nodes that
//! are looked at a little random; here it is the order that counts.

use crate::cache::{ClassId, NodeId};
use crate::framework::evaluation::{Evaluation, Evaluations, RejectionId};
use crate::framework::filter::Candidate;
use crate::framework::score::{self, Scoring};
use crate::plugins::pod_topology_spread::Selectors;
use sim::Rng;

/// `minFeasibleNodesToFind`: fewer nodes than this are all looked at.
const MIN_FEASIBLE_NODES: usize = 100;
/// `minFeasibleNodesPercentageToFind`
const MIN_PERCENTAGE: usize = 5;

/// How many nodes that pass the filters are enough (`percentageOfNodesToScore: 0`, the default):
/// half of them in a small cluster, a twentieth in a large one.
fn enough(node_count: usize) -> usize {
    if node_count < MIN_FEASIBLE_NODES {
        return node_count;
    }
    let percentage = 50_usize.saturating_sub(node_count / 125).max(MIN_PERCENTAGE);
    (node_count * percentage / 100).max(MIN_FEASIBLE_NODES)
}

/// What selects the Pods that say nothing of how they want to be spread: a number that grows
/// whenever that may have changed, and how to find out.
pub(crate) struct DefaultSpread<F> {
    pub(crate) version: u64,
    pub(crate) selectors: F,
}

/// Where a Pod may be looked for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SearchSpace<'a> {
    /// The only nodes that the PreFilter plugins have left, in the order of the tree.
    pub(crate) nodes: Option<&'a [NodeId]>,
    /// The node that the Pod has been nominated for: it is tried first.
    pub(crate) nominated: Option<NodeId>,
}

/// Finds nodes; it keeps what it has learnt from one Pod to the next.
#[derive(Debug, Default)]
pub(crate) struct Algorithm {
    evaluations: Evaluations,
    scoring: Scoring,
    next_start: usize,
    feasible: Vec<NodeId>,
    rejected: Vec<(NodeId, RejectionId)>,
}

/// The nodes that were looked at for a Pod.
pub(crate) struct Search<'a> {
    /// Those that take it, in the order in which they were met.
    pub(crate) feasible: &'a [NodeId],
    /// The others.
    pub(crate) rejected: &'a [(NodeId, RejectionId)],
    pub(crate) evaluation: &'a mut Evaluation,
    scoring: &'a mut Scoring,
}

impl Algorithm {
    /// Filters nodes until enough have passed.
    pub(crate) fn search<F: FnOnce() -> Selectors>(
        &mut self,
        pod: &Candidate<'_>,
        class: ClassId,
        space: SearchSpace<'_>,
        spread: DefaultSpread<F>,
    ) -> Search<'_> {
        let evaluations = &mut self.evaluations;
        let evaluation = evaluations.get(pod.cache, class, spread.version, spread.selectors);
        self.feasible.clear();
        self.rejected.clear();
        let questions = pod.questions(evaluation);
        let (feasible, rejected) = (&mut self.feasible, &mut self.rejected);
        let mut look_at = |nodes: &[NodeId], wanted: usize, known: Option<NodeId>| {
            for &node in nodes.iter().filter(|node| known != Some(**node)) {
                if feasible.len() >= wanted {
                    break;
                }
                match pod.filter(evaluation, node, &questions) {
                    Ok(()) => feasible.push(node),
                    Err(rejection) => rejected.push((node, rejection)),
                }
            }
            feasible.len()
        };
        let is_settled = space.nominated.is_some_and(|node| look_at(&[node], 1, None) > 0);
        if !is_settled {
            let all = pod.cache.order();
            let nodes = space.nodes.unwrap_or(all);
            let wanted = enough(nodes.len());
            let start = self.next_start % nodes.len().max(1);
            look_at(&nodes[start..], wanted, space.nominated);
            look_at(&nodes[..start], wanted, space.nominated);
            let looked_at = feasible.len() + rejected.len();
            self.next_start = (self.next_start + looked_at) % all.len().max(1);
        }
        Search { feasible, rejected, evaluation, scoring: &mut self.scoring }
    }
}

impl Search<'_> {
    /// The total score of each feasible node.
    pub(crate) fn scores(&mut self, pod: &Candidate<'_>) -> &[i64] {
        self.scoring.score(pod.cache, pod.class, self.evaluation, self.feasible)
    }

    /// The best node; none if none is feasible.
    pub(crate) fn select(&mut self, pod: &Candidate<'_>, rng: &mut Rng) -> Option<NodeId> {
        // As upstream: what has no alternative is not scored.
        if let [only] = self.feasible {
            return Some(*only);
        }
        let feasible = self.feasible;
        let at = score::select(self.scores(pod), rng)?;
        Some(feasible[at])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_clusters_are_sampled() {
        let nodes = [1, 99, 100, 150, 200, 1_000, 5_000, 6_000, 10_000];
        assert_eq!(nodes.map(enough), [1, 99, 100, 100, 100, 420, 500, 300, 500]);
    }
}
