//! InterPodAffinity: Pods that want others near by, or far away.
//!
//! For each class of Pods that is being placed the plugin keeps [`Counts`]: what the Pods of each
//! node contribute to the class's own terms, and what the terms of those Pods say about the class.
//! A node that changes changes only its own contribution.

use crate::cache::{Cache, ClassId, DomainCounter, KeyId, Namespaces, NodeId, NodeState, PodClass};
use crate::framework::rejection::{Plugin, Rejection, Verdict};
use crate::framework::score::SCORE_MAX;
use api::core::v1::{PodAffinityTerm, PodSpec};
use api::labels::Selector;
use api::{StringMap, View, names};
use std::rc::Rc;

/// The weight of its score in the default profile.
pub(crate) const WEIGHT: i64 = 2;
/// `hardPodAffinityWeight`: what the required affinity of a Pod that runs counts for one that
/// it wants near.
const HARD_POD_AFFINITY_WEIGHT: i64 = 1;

/// Which Pods a term is about, and what "near" means.
#[derive(Debug)]
pub(crate) struct Term {
    key: KeyId,
    namespaces: Vec<String>,
    namespace_selector: Selector,
    selector: Selector,
}

impl Term {
    fn of(namespace: &str, term: PodAffinityTerm<'_>, key: &mut dyn FnMut(&str) -> KeyId) -> Term {
        let mut namespaces: Vec<String> = term.namespaces().map(str::to_owned).collect();
        if namespaces.is_empty() && term.namespace_selector().is_none() {
            namespaces.push(namespace.to_owned());
        }
        let selector = |name| Selector::from_document(term.value().get(name));
        Term {
            key: key(term.topology_key()),
            namespaces,
            namespace_selector: selector(&names::NAMESPACE_SELECTOR),
            selector: selector(&names::LABEL_SELECTOR),
        }
    }

    /// Whether the term is about Pods of a class.
    pub(crate) fn matches(&self, class: &PodClass, namespaces: &Namespaces) -> bool {
        let is_named = || self.namespaces.iter().any(|name| **name == *class.namespace);
        let is_selected =
            || self.namespace_selector.matches(StringMap(namespaces.labels(&class.namespace)));
        self.selector.matches(StringMap(&class.labels)) && (is_named() || is_selected())
    }
}

/// `affinity.podAffinity` and `affinity.podAntiAffinity` of a Pod.
#[derive(Debug, Default)]
pub(crate) struct PodAffinity {
    pub(crate) required: Vec<Term>,
    required_anti: Vec<Term>,
    /// With negative weights for anti-affinity.
    preferred: Vec<(i64, Term)>,
}

impl PodAffinity {
    /// What a Pod in `namespace` asks for.
    pub(crate) fn of(
        namespace: &str,
        spec: PodSpec<'_>,
        key: &mut dyn FnMut(&str) -> KeyId,
    ) -> PodAffinity {
        let mut result = PodAffinity::default();
        let Some(affinity) = spec.affinity() else {
            return result;
        };
        if let Some(near) = affinity.pod_affinity() {
            for term in near.required_during_scheduling_ignored_during_execution() {
                result.required.push(Term::of(namespace, term, key));
            }
            for term in near.preferred_during_scheduling_ignored_during_execution() {
                let preferred = Term::of(namespace, term.pod_affinity_term(), key);
                result.preferred.push((term.weight(), preferred));
            }
        }
        if let Some(far) = affinity.pod_anti_affinity() {
            for term in far.required_during_scheduling_ignored_during_execution() {
                result.required_anti.push(Term::of(namespace, term, key));
            }
            for term in far.preferred_during_scheduling_ignored_during_execution() {
                let preferred = Term::of(namespace, term.pod_affinity_term(), key);
                result.preferred.push((-term.weight(), preferred));
            }
        }
        result
    }

    /// Whether the Pod asks for nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.required.is_empty() && self.required_anti.is_empty() && self.preferred.is_empty()
    }

    fn has_required(&self) -> bool {
        !self.required.is_empty() || !self.required_anti.is_empty()
    }
}

/// What one Pod of another class contributes.
#[derive(Debug, Default)]
struct Relation {
    /// Whether it matches all terms of the required affinity.
    is_wanted: bool,
    /// By topology key, how many terms of the required anti-affinity it matches.
    anti: Vec<(KeyId, i64)>,
    /// By topology key, how many terms of its own anti-affinity are about the class.
    existing_anti: Vec<(KeyId, i64)>,
    score: Vec<(KeyId, i64)>,
}

fn add(list: &mut Vec<(KeyId, i64)>, key: KeyId, amount: i64) {
    match list.iter_mut().find(|(k, _)| *k == key) {
        Some((_, sum)) => *sum += amount,
        None => list.push((key, amount)),
    }
}

impl Relation {
    fn of(class: &PodClass, other: &PodClass, namespaces: &Namespaces) -> Relation {
        let (own, theirs) = (&class.pod_affinity, &other.pod_affinity);
        let mut relation = Relation {
            is_wanted: matches_all(&own.required, other, namespaces),
            ..Relation::default()
        };
        for term in &own.required_anti {
            if term.matches(other, namespaces) {
                add(&mut relation.anti, term.key, 1);
            }
        }
        for term in &theirs.required_anti {
            if term.matches(class, namespaces) {
                add(&mut relation.existing_anti, term.key, 1);
            }
        }
        for (weight, term) in &own.preferred {
            if term.matches(other, namespaces) {
                add(&mut relation.score, term.key, *weight);
            }
        }
        let hard = theirs.required.iter().map(|t| (HARD_POD_AFFINITY_WEIGHT, t));
        for (weight, term) in hard.chain(theirs.preferred.iter().map(|(w, t)| (*w, t))) {
            if term.matches(class, namespaces) {
                add(&mut relation.score, term.key, weight);
            }
        }
        relation
    }
}

fn matches_all(terms: &[Term], class: &PodClass, namespaces: &Namespaces) -> bool {
    !terms.is_empty() && terms.iter().all(|term| term.matches(class, namespaces))
}

/// The kinds of counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Affinity,
    Anti,
    ExistingAnti,
    Score,
}

/// What the Pods of the cluster mean to one class.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    counters: Vec<(Kind, DomainCounter)>,
    relations: Vec<Option<Rc<Relation>>>,
    /// Whether a Pod of the class fulfils its own required affinity.
    matches_itself: bool,
}

impl Counts {
    /// Counts for a class, with no node looked at yet.
    pub(crate) fn new(class: &PodClass, namespaces: &Namespaces) -> Counts {
        let mut counts = Counts {
            matches_itself: matches_all(&class.pod_affinity.required, class, namespaces),
            ..Counts::default()
        };
        for term in &class.pod_affinity.required {
            counts.counter(Kind::Affinity, term.key);
        }
        for term in &class.pod_affinity.required_anti {
            counts.counter(Kind::Anti, term.key);
        }
        counts
    }

    fn counter(&mut self, kind: Kind, key: KeyId) -> usize {
        let is_it = |(k, counter): &(Kind, DomainCounter)| *k == kind && counter.key == key;
        self.counters.iter().position(is_it).unwrap_or_else(|| {
            self.counters.push((kind, DomainCounter::new(key)));
            self.counters.len() - 1
        })
    }

    /// Looks at a node again.
    pub(crate) fn update(&mut self, class: &PodClass, cache: &Cache, node: NodeId) {
        let info = cache.node(node);
        let state = if info.exists { &info.state } else { &NodeState::default() };
        let contributions = self.contributions(class, cache, state);
        for (at, (_, counter)) in self.counters.iter_mut().enumerate() {
            let count = contributions.get(at).copied().unwrap_or(0);
            let domain = cache.topology().domain(counter.key, node);
            counter.set(node, domain, count);
        }
    }

    /// What a node with these Pods contributes to each counter.
    fn contributions(&mut self, class: &PodClass, cache: &Cache, state: &NodeState) -> Vec<i64> {
        let mut sums = vec![0; self.counters.len()];
        for count in &state.classes {
            let other = cache.class(count.class);
            if class.pod_affinity.is_empty() && other.pod_affinity.is_empty() {
                continue;
            }
            let relation = self.relation(class, count.class, other, cache.namespaces());
            let pods = i64::from(count.pods);
            if relation.is_wanted {
                for term in &class.pod_affinity.required {
                    let at = self.counter(Kind::Affinity, term.key);
                    sums[at] += pods;
                }
            }
            for (kind, list) in [
                (Kind::Anti, &relation.anti),
                (Kind::ExistingAnti, &relation.existing_anti),
                (Kind::Score, &relation.score),
            ] {
                for (key, amount) in list {
                    let at = self.counter(kind, *key);
                    sums.resize(self.counters.len(), 0);
                    sums[at] += pods * amount;
                }
            }
        }
        sums
    }

    fn relation(
        &mut self,
        class: &PodClass,
        id: ClassId,
        other: &PodClass,
        namespaces: &Namespaces,
    ) -> Rc<Relation> {
        if self.relations.len() <= id.index() {
            self.relations.resize(id.index() + 1, None);
        }
        let slot = &mut self.relations[id.index()];
        slot.get_or_insert_with(|| Rc::new(Relation::of(class, other, namespaces))).clone()
    }

    /// Whether nothing that any Pod requires can turn the class down.
    pub(crate) fn is_indifferent(&self, class: &PodClass) -> bool {
        let is_anti = |(kind, counter): &(Kind, DomainCounter)| {
            *kind == Kind::ExistingAnti && counter.sum() > 0
        };
        !class.pod_affinity.has_required() && !self.counters.iter().any(is_anti)
    }

    /// Whether the Pod may go to the node, if that had the Pods of `state` instead of its own.
    pub(crate) fn filter(
        &mut self,
        class: &PodClass,
        cache: &Cache,
        node: NodeId,
        state: Option<&NodeState>,
    ) -> Verdict {
        let changed = state.map(|state| self.contributions(class, cache, state));
        // The total of the node's domain; `None` if the node lacks the label.
        let total = |at: usize| {
            let counter = &self.counters[at].1;
            let domain = cache.topology().domain(counter.key, node);
            let more = changed
                .as_ref()
                .map_or(0, |changed| changed.get(at).copied().unwrap_or(0) - counter.of_node(node));
            (domain != crate::cache::DomainId::NONE).then(|| counter.total(domain) + more)
        };
        let of_kind = |wanted: Kind| {
            let counters = self.counters.iter().enumerate();
            counters.filter_map(move |(at, (kind, _))| (*kind == wanted).then_some(at))
        };
        self.check_affinity(&total, of_kind(Kind::Affinity), changed.as_deref(), node)?;
        let reject =
            |reason: &'static str| Err(Rejection::resolvable(Plugin::InterPodAffinity, reason));
        if of_kind(Kind::Anti).any(|at| total(at).is_some_and(|count| count > 0)) {
            return reject("node(s) didn't match pod anti-affinity rules");
        }
        if of_kind(Kind::ExistingAnti).any(|at| total(at).is_some_and(|count| count > 0)) {
            return reject("node(s) didn't satisfy existing pods anti-affinity rules");
        }
        Ok(())
    }

    /// The first Pod of a group that wants to be together may go anywhere.
    fn check_affinity(
        &self,
        total: &dyn Fn(usize) -> Option<i64>,
        counters: impl Iterator<Item = usize> + Clone,
        changed: Option<&[i64]>,
        node: NodeId,
    ) -> Verdict {
        let mut is_fulfilled = true;
        let mut has_labels = true;
        for at in counters.clone() {
            match total(at) {
                Some(count) => is_fulfilled &= count > 0,
                None => has_labels = false,
            }
        }
        let is_first = || {
            let all: i64 = counters
                .clone()
                .map(|at| {
                    let counter = &self.counters[at].1;
                    let more = changed.map_or(0, |changed| changed[at] - counter.of_node(node));
                    counter.sum() + more
                })
                .sum();
            all == 0 && self.matches_itself
        };
        if has_labels && (is_fulfilled || is_first()) {
            return Ok(());
        }
        let reason = "node(s) didn't match pod affinity rules";
        Err(Rejection::unresolvable(Plugin::InterPodAffinity, reason))
    }

    /// Whether any preference tells nodes apart.
    pub(crate) fn has_scores(&self) -> bool {
        self.counters.iter().any(|(kind, _)| *kind == Kind::Score)
    }

    /// The sum of the weights of the preferences around the node.
    pub(crate) fn score(&self, cache: &Cache, node: NodeId) -> i64 {
        let scores = self.counters.iter().filter(|(kind, _)| *kind == Kind::Score);
        scores.map(|(_, counter)| counter.total(cache.topology().domain(counter.key, node))).sum()
    }
}

/// Spreads the scores over 0 to 100.
pub(crate) fn normalize(scores: &mut [i64]) {
    let lowest = scores.iter().copied().min().unwrap_or(0);
    let highest = scores.iter().copied().max().unwrap_or(0);
    for score in scores {
        *score = if highest > lowest {
            let share = (*score - lowest) as f64 / (highest - lowest) as f64;
            (SCORE_MAX as f64 * share) as i64
        } else {
            0
        };
    }
}
