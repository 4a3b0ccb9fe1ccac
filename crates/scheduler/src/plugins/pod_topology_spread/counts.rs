//! How many Pods each node and each domain has, for the constraints of one class.

use super::Constraint;
use crate::cache::{
    Cache, ClassId, DomainCounter, DomainId, NodeId, NodeInfo, NodeState, PodClass,
};
use crate::framework::rejection::{Plugin, Rejection, Verdict};
use crate::taints;
use std::collections::BTreeMap;

const REASON: &str = "node(s) didn't match pod topology spread constraints";
const REASON_LABEL: &str =
    "node(s) didn't match pod topology spread constraints (missing required label)";

/// The counts of one constraint.
#[derive(Debug)]
pub(super) struct ConstraintCounts {
    pub(super) constraint: Constraint,
    /// Whether a Pod of the class counts for itself.
    counts_itself: bool,
    /// The classes whose Pods count, in the order of their numbers.
    matching: Vec<ClassId>,
    /// How many classes of the namespace have been looked at.
    n_classes_met: usize,
    /// The Pods of each node that count.
    pub(super) of_node: Vec<u32>,
    /// The same, of the nodes that are part of the domains.
    pub(super) domains: DomainCounter,
    /// The domain that each node is part of; none if the constraint leaves the node out.
    member_of: Vec<DomainId>,
    /// How many nodes each domain has.
    members: Vec<u32>,
    /// How many domains have so many Pods.
    histogram: BTreeMap<i64, u32>,
}

impl ConstraintCounts {
    fn new(constraint: Constraint, class: &PodClass) -> ConstraintCounts {
        ConstraintCounts {
            counts_itself: constraint.selectors.matches(&class.labels),
            matching: Vec::new(),
            n_classes_met: 0,
            of_node: Vec::new(),
            domains: DomainCounter::new(constraint.key),
            member_of: Vec::new(),
            members: Vec::new(),
            histogram: BTreeMap::new(),
            constraint,
        }
    }

    /// How many Pods of `state` count. Those that are being deleted do not.
    pub(super) fn count(&mut self, class: &PodClass, cache: &Cache, state: &NodeState) -> i64 {
        // As upstream: a selector without requirements finds nothing among the Pods that run.
        if self.constraint.selectors.is_everything() {
            return 0;
        }
        self.meet_classes(class, cache);
        let find = |id: &ClassId| {
            let at = state.classes.binary_search_by_key(id, |count| count.class);
            at.ok().map(|at| &state.classes[at])
        };
        let counted = self.matching.iter().filter_map(find);
        counted.map(|count| i64::from(count.pods - count.terminating)).sum()
    }

    /// Looks at the classes that have come since the last time: only those of the same namespace
    /// can count. What is remembered of classes ends with their epoch.
    fn meet_classes(&mut self, class: &PodClass, cache: &Cache) {
        let known = cache.classes_of(&class.namespace);
        for id in &known[self.n_classes_met.min(known.len())..] {
            if self.constraint.selectors.matches(&cache.class(*id).labels)
                && let Err(at) = self.matching.binary_search(id)
            {
                self.matching.insert(at, *id);
            }
        }
        self.n_classes_met = known.len();
    }

    fn includes(&self, class: &PodClass, info: &NodeInfo) -> bool {
        let tolerates = || taints::first_untolerated(&info.taints, &class.tolerations).is_none();
        (!self.constraint.honors_affinity || class.node_affinity.matches(info))
            && (!self.constraint.honors_taints || tolerates())
    }

    fn set(&mut self, node: NodeId, domain: DomainId, count: i64) {
        let at = node.index();
        if self.of_node.len() <= at {
            self.of_node.resize(at + 1, 0);
            self.member_of.resize(at + 1, DomainId::NONE);
        }
        let old = std::mem::replace(&mut self.member_of[at], domain);
        let moved_to = (old != domain).then_some(domain);
        for changed in std::iter::once(old).chain(moved_to) {
            self.forget_total(changed);
        }
        self.domains.set(node, domain, count);
        if old != domain {
            self.add_member(old, false);
            self.add_member(domain, true);
        }
        for changed in std::iter::once(old).chain(moved_to) {
            self.remember_total(changed);
        }
    }

    fn add_member(&mut self, domain: DomainId, joins: bool) {
        if domain == DomainId::NONE {
            return;
        }
        if self.members.len() <= domain.index() {
            self.members.resize(domain.index() + 1, 0);
        }
        let members = &mut self.members[domain.index()];
        *members = if joins { *members + 1 } else { *members - 1 };
    }

    fn has_members(&self, domain: DomainId) -> bool {
        self.members.get(domain.index()).is_some_and(|count| *count > 0)
    }

    fn forget_total(&mut self, domain: DomainId) {
        if !self.has_members(domain) {
            return;
        }
        let total = self.domains.total(domain);
        if let Some(count) = self.histogram.get_mut(&total) {
            *count -= 1;
            if *count == 0 {
                self.histogram.remove(&total);
            }
        }
    }

    fn remember_total(&mut self, domain: DomainId) {
        if self.has_members(domain) {
            *self.histogram.entry(self.domains.total(domain)).or_default() += 1;
        }
    }

    fn domain_count(&self) -> u32 {
        self.histogram.values().sum()
    }

    /// The fewest Pods of any domain, if that of `changed` had `total` instead of its own; 0 if
    /// there are fewer domains than the constraint wants.
    fn fewest(&self, changed: Option<(DomainId, i64)>) -> i64 {
        if i64::from(self.domain_count()) < self.constraint.min_domains {
            return 0;
        }
        let mut totals = self.histogram.iter();
        let changed = changed.filter(|(domain, _)| self.has_members(*domain));
        let Some((domain, total)) = changed else {
            return totals.next().map_or(0, |(fewest, _)| *fewest);
        };
        let replaced = self.domains.total(domain);
        let others = totals.find(|(total, count)| **total != replaced || **count > 1);
        others.map_or(total, |(fewest, _)| total.min(*fewest))
    }
}

/// The counts of all constraints of a class that filter, or of all that rank.
#[derive(Debug)]
pub(crate) struct Counts {
    pub(super) constraints: Vec<ConstraintCounts>,
    /// Whether a node counts only if it has the labels of all constraints. The system's defaults
    /// are content with one.
    pub(super) requires_all: bool,
    /// The fewest Pods of any domain, by constraint; found once per cycle.
    fewest: Vec<i64>,
}

impl Counts {
    /// Counts with no node looked at yet.
    pub(crate) fn new(
        constraints: Vec<Constraint>,
        class: &PodClass,
        requires_all: bool,
    ) -> Counts {
        let count = |constraint| ConstraintCounts::new(constraint, class);
        Counts {
            constraints: constraints.into_iter().map(count).collect(),
            requires_all,
            fewest: Vec::new(),
        }
    }

    /// Whether nothing is constrained.
    pub(crate) fn is_empty(&self) -> bool {
        self.constraints.is_empty()
    }

    /// Whether a node has the labels that it needs to be counted.
    pub(super) fn has_labels(&self, cache: &Cache, node: NodeId) -> bool {
        let has = |counts: &ConstraintCounts| {
            cache.topology().domain(counts.constraint.key, node) != DomainId::NONE
        };
        !self.requires_all || self.constraints.iter().all(has)
    }

    /// Looks at a node again.
    pub(crate) fn update(&mut self, class: &PodClass, cache: &Cache, node: NodeId) {
        let info = cache.node(node);
        let is_counted = info.exists && self.has_labels(cache, node);
        self.fewest.clear();
        for counts in &mut self.constraints {
            let count = counts.count(class, cache, &info.state);
            let domain = match is_counted && counts.includes(class, info) {
                true => cache.topology().domain(counts.constraint.key, node),
                false => DomainId::NONE,
            };
            counts.set(node, domain, count);
            counts.of_node[node.index()] = count as u32;
        }
    }

    /// Whether the Pod may go to the node, if that had the Pods of `state` instead of its own.
    pub(crate) fn filter(
        &mut self,
        class: &PodClass,
        cache: &Cache,
        node: NodeId,
        state: Option<&NodeState>,
    ) -> Verdict {
        if self.fewest.is_empty() {
            self.fewest = self.constraints.iter().map(|c| c.fewest(None)).collect();
        }
        for at in 0..self.constraints.len() {
            let counts = &mut self.constraints[at];
            let domain = cache.topology().domain(counts.constraint.key, node);
            if domain == DomainId::NONE {
                let plugin = Plugin::PodTopologySpread;
                return Err(Rejection::unresolvable(plugin, REASON_LABEL));
            }
            let (mut total, mut fewest) = (counts.domains.total(domain), self.fewest[at]);
            if let Some(state) = state
                && counts.member_of[node.index()] != DomainId::NONE
            {
                total += counts.count(class, cache, state) - counts.domains.of_node(node);
                fewest = counts.fewest(Some((domain, total)));
            }
            let itself = i64::from(counts.counts_itself);
            if total + itself - fewest > counts.constraint.max_skew {
                return Err(Rejection::resolvable(Plugin::PodTopologySpread, REASON));
            }
        }
        Ok(())
    }
}
