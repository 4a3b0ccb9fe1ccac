//! Ranks the nodes that have passed the filters.
//!
//! Each Score plugin gives 0 to 100 after normalization over exactly these nodes; the sum counts,
//! each with its weight. Among the best a random one is chosen, as upstream does by reservoir
//! sampling.

use super::evaluation::Evaluation;
use crate::cache::{Cache, NodeId, PodClass};
use crate::plugins::pod_topology_spread::{self, Scorer};
use crate::plugins::{inter_pod_affinity, node_affinity, taint_toleration};
use sim::Rng;

/// `MaxNodeScore`
pub(crate) const SCORE_MAX: i64 = 100;

/// Scores nodes; it keeps its tables from one Pod to the next.
#[derive(Debug, Default)]
pub(crate) struct Scoring {
    totals: Vec<i64>,
    raw: Vec<i64>,
    scorer: Scorer,
}

impl Scoring {
    /// The total score of each node, in their order.
    pub(crate) fn score(
        &mut self,
        cache: &Cache,
        class: &PodClass,
        evaluation: &mut Evaluation,
        nodes: &[NodeId],
    ) -> &[i64] {
        self.totals.clear();
        let local = |node: &NodeId| {
            evaluation.local_scores(*node).resources + evaluation.image_score(*node)
        };
        self.totals.extend(nodes.iter().map(local));
        self.add_taints(cache, evaluation, nodes);
        if class.node_affinity.has_preferences() {
            let preferences = nodes.iter().map(|n| evaluation.local_scores(*n).preference);
            self.add_normalized(preferences, node_affinity::WEIGHT, false);
        }
        if !evaluation.soft_spread.is_empty() {
            let (counts, totals) = (&evaluation.soft_spread, &mut self.totals);
            let weight = pod_topology_spread::WEIGHT;
            self.scorer.add_scores(counts, cache, nodes, totals, weight);
        }
        if let Some(counts) = evaluation.inter_pod()
            && counts.has_scores()
        {
            self.raw.clear();
            let scores = nodes.iter().map(|node| counts.score(cache, *node));
            self.raw.extend(scores);
            inter_pod_affinity::normalize(&mut self.raw);
            for (total, score) in self.totals.iter_mut().zip(&self.raw) {
                *total += score * inter_pod_affinity::WEIGHT;
            }
        }
        &self.totals
    }

    fn add_taints(&mut self, cache: &Cache, evaluation: &Evaluation, nodes: &[NodeId]) {
        if cache.has_unwelcoming_nodes() {
            let taints = nodes.iter().map(|n| evaluation.local_scores(*n).taints);
            self.add_normalized(taints, taint_toleration::WEIGHT, true);
        } else {
            for total in &mut self.totals {
                *total += SCORE_MAX * taint_toleration::WEIGHT;
            }
        }
    }

    /// Scales scores so that the highest becomes 100; reversed, it becomes 0 and none 100.
    fn add_normalized(
        &mut self,
        scores: impl Iterator<Item = i64> + Clone,
        weight: i64,
        is_reversed: bool,
    ) {
        let highest = scores.clone().max().unwrap_or(0);
        for (total, score) in self.totals.iter_mut().zip(scores) {
            let scaled = if highest > 0 { SCORE_MAX * score / highest } else { 0 };
            let normal = if is_reversed { SCORE_MAX - scaled } else { scaled };
            *total += normal * weight;
        }
    }
}

/// The place of one of the highest scores, each with the same chance.
pub(crate) fn select(scores: &[i64], rng: &mut Rng) -> Option<usize> {
    let (mut selected, mut highest) = (0, *scores.first()?);
    let mut count = 1;
    for (at, score) in scores.iter().enumerate().skip(1) {
        if *score > highest {
            (selected, highest, count) = (at, *score, 1);
        } else if *score == highest {
            count += 1;
            if rng.below(count) == 0 {
                selected = at;
            }
        }
    }
    Some(selected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_of_the_best_has_the_same_chance() {
        let mut rng = Rng::new(1);
        let mut counts = [0; 5];
        for _ in 0..9_000 {
            counts[select(&[1, 7, 7, 3, 7], &mut rng).expect("some node")] += 1;
        }
        assert_eq!((counts[0], counts[3]), (0, 0));
        assert!([1, 2, 4].iter().all(|at| (2_800..3_200).contains(&counts[*at])), "{counts:?}");
        assert_eq!(select(&[], &mut rng), None);
    }
}
