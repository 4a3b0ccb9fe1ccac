//! Ranks nodes by how many Pods their domains have.

use super::Counts;
use super::counts::ConstraintCounts;
use crate::cache::{Cache, DomainId, NodeId};
use crate::framework::score::SCORE_MAX;
use crate::math;

/// What a node gets that the constraints leave out, before normalization.
const LEFT_OUT: i64 = -1;

/// Scores the nodes that have passed the filters.
///
/// A domain with many Pods has a high score at first; normalization turns that round. A constraint
/// weighs the more the more domains it has, by the logarithm of their number.
#[derive(Debug, Default)]
pub(crate) struct Scorer {
    sums: Vec<f64>,
    scores: Vec<i64>,
    /// Marks the domains that have been met; a mark is good for one count.
    met: Vec<u64>,
    mark: u64,
    /// The logarithms that were needed last.
    logarithms: Vec<(u32, f64)>,
}

impl Scorer {
    /// Adds to each total the score of its node, from 0 to 100, times `weight`.
    pub(crate) fn add_scores(
        &mut self,
        counts: &Counts,
        cache: &Cache,
        nodes: &[NodeId],
        totals: &mut [i64],
        weight: i64,
    ) {
        self.sums.clear();
        self.sums.resize(nodes.len(), 0.0);
        let left_out = match counts.requires_all {
            true => nodes.iter().filter(|node| !counts.has_labels(cache, **node)).count(),
            false => 0,
        };
        for counted in &counts.constraints {
            let size = match (counted.constraint.is_hostname, left_out) {
                (true, _) => (nodes.len() - left_out) as u32,
                (false, 0) => self.count_domains(counted, cache, nodes.iter()),
                (false, _) => {
                    let included = nodes.iter().filter(|node| counts.has_labels(cache, **node));
                    self.count_domains(counted, cache, included)
                }
            };
            let logarithm = self.logarithm(size + 2);
            self.add_constraint(counted, cache, nodes, logarithm);
        }
        self.scores.clear();
        self.scores.extend(self.sums.iter().map(|sum| math::round(*sum)));
        if left_out > 0 {
            for (score, node) in self.scores.iter_mut().zip(nodes) {
                if !counts.has_labels(cache, *node) {
                    *score = LEFT_OUT;
                }
            }
        }
        add_normalized(&self.scores, totals, weight);
    }

    /// Adds what one constraint says of each node that has its label.
    fn add_constraint(
        &mut self,
        counted: &ConstraintCounts,
        cache: &Cache,
        nodes: &[NodeId],
        logarithm: f64,
    ) {
        let domains = cache.topology().domains(counted.constraint.key);
        let base = (counted.constraint.max_skew - 1) as f64;
        for (sum, node) in self.sums.iter_mut().zip(nodes) {
            let domain = domains.get(node.index()).copied().unwrap_or(DomainId::NONE);
            if domain == DomainId::NONE {
                continue;
            }
            let count = match counted.constraint.is_hostname {
                true => i64::from(counted.of_node[node.index()]),
                false => counted.domains.total(domain),
            };
            *sum += count as f64 * logarithm + base;
        }
    }

    /// How many domains there are; the nodes without the label are one of their own.
    fn count_domains<'a>(
        &mut self,
        counted: &ConstraintCounts,
        cache: &Cache,
        nodes: impl Iterator<Item = &'a NodeId>,
    ) -> u32 {
        let domains = cache.topology().domains(counted.constraint.key);
        self.mark += 1;
        let (mut count, mut has_none) = (0, false);
        for node in nodes {
            let domain = domains.get(node.index()).copied().unwrap_or(DomainId::NONE);
            if domain == DomainId::NONE {
                has_none = true;
                continue;
            }
            if self.met.len() <= domain.index() {
                self.met.resize(domain.index() + 1, 0);
            }
            let met = &mut self.met[domain.index()];
            count += u32::from(*met != self.mark);
            *met = self.mark;
        }
        count + u32::from(has_none)
    }

    fn logarithm(&mut self, number: u32) -> f64 {
        const REMEMBERED: usize = 8;
        if let Some((_, known)) = self.logarithms.iter().find(|(n, _)| *n == number) {
            return *known;
        }
        let logarithm = math::natural_logarithm(number);
        if self.logarithms.len() >= REMEMBERED {
            self.logarithms.remove(0);
        }
        self.logarithms.push((number, logarithm));
        logarithm
    }
}

/// Turns many Pods into a low score, from 0 to 100. Nodes that were left out get 0.
fn add_normalized(scores: &[i64], totals: &mut [i64], weight: i64) {
    let (mut lowest, mut highest) = (i64::MAX, 0);
    for score in scores.iter().filter(|score| **score != LEFT_OUT) {
        lowest = lowest.min(*score);
        highest = highest.max(*score);
    }
    // Neighbours often have the same score: a division costs more than a comparison.
    let (mut last, mut last_normal) = (LEFT_OUT, 0);
    for (total, score) in totals.iter_mut().zip(scores) {
        if *score != last {
            last = *score;
            last_normal = match *score {
                LEFT_OUT => 0,
                _ if highest == 0 => SCORE_MAX,
                score => SCORE_MAX * (highest + lowest - score) / highest,
            };
        }
        *total += last_normal * weight;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fewest_pods_get_the_highest_score() {
        let check = |scores: &[i64], expected: &[i64]| {
            let mut totals = vec![0; scores.len()];
            add_normalized(scores, &mut totals, 1);
            assert_eq!(totals, expected, "{scores:?}");
        };
        check(&[3, 6, 12], &[100, 75, 25]);
        check(&[0, 0], &[100, 100]);
        check(&[0, LEFT_OUT, 4], &[100, 0, 0]);
        check(&[LEFT_OUT, 5, LEFT_OUT], &[0, 100, 0]);
        check(&[LEFT_OUT], &[0]);
    }
}
