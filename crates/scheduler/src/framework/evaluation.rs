//! What the plugins have said about each node for one class of Pods, for as long as it holds.
//!
//! The next replica of a Deployment asks the same questions again, and since the last one only
//! one node has changed. An [`Evaluation`] keeps the verdict and the score of each node, reads in
//! the cache's log which nodes have changed since, and asks the plugins anew for these alone, when
//! somebody comes to look at them. Counts over the whole cluster are kept the same way.

use super::filter;
use super::rejection::Rejection;
use crate::cache::{Cache, ClassId, NodeId, PodClass};
use crate::plugins::pod_topology_spread::{self, Selectors};
use crate::plugins::{
    image_locality, inter_pod_affinity, node_affinity, node_resources_balanced_allocation,
    node_resources_fit, taint_toleration,
};
use std::collections::BTreeMap;

/// So many classes are remembered; each takes some 40 bytes a node.
const EVALUATIONS_MAX: usize = 32;

/// Names a rejection among those of one [`Evaluation`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RejectionId(u32);

impl RejectionId {
    /// Its place among the rejections.
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// What the plugins that look at one node alone have said of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Local {
    #[default]
    Unknown,
    Fits,
    Rejected(RejectionId),
}

/// The scores that depend on one node alone.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LocalScores {
    /// NodeResourcesFit and NodeResourcesBalancedAllocation, with their weights.
    pub(crate) resources: i64,
    /// TaintToleration, before it is normalized.
    pub(crate) taints: i64,
    /// NodeAffinity, before it is normalized.
    pub(crate) preference: i64,
}

/// All that is remembered for one class.
#[derive(Debug)]
pub(crate) struct Evaluation {
    /// The number of the first change of the cache that has not been read.
    next_change: u64,
    locals: Vec<Local>,
    scores: Vec<LocalScores>,
    rejections: Vec<Rejection>,
    rejection_ids: BTreeMap<Rejection, RejectionId>,
    image_version: Option<u64>,
    /// By node; empty if no node has any of the images.
    image_scores: Vec<i64>,
    namespace_version: u64,
    inter_pod: Option<inter_pod_affinity::Counts>,
    spread_version: Option<u64>,
    pub(super) hard_spread: pod_topology_spread::Counts,
    pub(super) soft_spread: pod_topology_spread::Counts,
    default_selectors: Selectors,
}

impl Evaluation {
    fn new(class: &PodClass) -> Evaluation {
        let (hard, soft) = class.spread.iter().cloned().partition(|c| c.is_hard);
        Evaluation {
            next_change: 0,
            locals: Vec::new(),
            scores: Vec::new(),
            rejections: Vec::new(),
            rejection_ids: BTreeMap::new(),
            image_version: None,
            image_scores: Vec::new(),
            namespace_version: 0,
            inter_pod: None,
            spread_version: None,
            hard_spread: pod_topology_spread::Counts::new(hard, class, true),
            soft_spread: pod_topology_spread::Counts::new(soft, class, true),
            default_selectors: Selectors::default(),
        }
    }

    /// Brings everything up to date. `version` and `selectors` tell what selects Pods that have
    /// no constraints of their own.
    fn sync(
        &mut self,
        cache: &Cache,
        class: &PodClass,
        version: u64,
        selectors: impl FnOnce() -> Selectors,
    ) {
        let slots = cache.node_slots();
        let is_new = self.locals.is_empty();
        self.locals.resize(slots, Local::Unknown);
        self.scores.resize(slots, LocalScores::default());
        let spread_is_new = self.sync_spread(cache, class, version, selectors);
        let inter_pod_is_new = self.sync_inter_pod(cache, class);
        let from = std::mem::replace(&mut self.next_change, cache.next_change());
        match cache.changes_since(from) {
            Some(changed) if !is_new => {
                for node in changed {
                    self.update(cache, class, node, !spread_is_new, !inter_pod_is_new);
                }
            }
            _ => {
                for at in 0..slots {
                    let node = NodeId(at as u32);
                    self.update(cache, class, node, !spread_is_new, !inter_pod_is_new);
                }
            }
        }
        if spread_is_new || inter_pod_is_new {
            for at in 0..slots {
                let node = NodeId(at as u32);
                self.update_counts(cache, class, node, spread_is_new, inter_pod_is_new);
            }
        }
        self.sync_images(cache, class);
    }

    fn update(
        &mut self,
        cache: &Cache,
        class: &PodClass,
        node: NodeId,
        with_spread: bool,
        with_inter_pod: bool,
    ) {
        self.locals[node.index()] = Local::Unknown;
        self.update_counts(cache, class, node, with_spread, with_inter_pod);
    }

    fn update_counts(
        &mut self,
        cache: &Cache,
        class: &PodClass,
        node: NodeId,
        with_spread: bool,
        with_inter_pod: bool,
    ) {
        if with_spread {
            self.hard_spread.update(class, cache, node);
            self.soft_spread.update(class, cache, node);
        }
        if with_inter_pod && let Some(counts) = &mut self.inter_pod {
            counts.update(class, cache, node);
        }
    }

    /// Finds out by what a Pod without constraints is spread; true if all nodes are to be counted.
    fn sync_spread(
        &mut self,
        cache: &Cache,
        class: &PodClass,
        version: u64,
        selectors: impl FnOnce() -> Selectors,
    ) -> bool {
        let is_first = self.spread_version.is_none();
        if !class.spread.is_empty() {
            self.spread_version = Some(version);
            return is_first;
        }
        if self.spread_version == Some(version) {
            return false;
        }
        self.spread_version = Some(version);
        let selectors = selectors();
        if selectors == self.default_selectors {
            return false;
        }
        let keys = cache.default_spread_keys();
        let constraints = pod_topology_spread::default_constraints(selectors.clone(), keys);
        self.default_selectors = selectors;
        self.soft_spread = pod_topology_spread::Counts::new(constraints, class, false);
        true
    }

    /// True if all nodes are to be counted.
    fn sync_inter_pod(&mut self, cache: &Cache, class: &PodClass) -> bool {
        let matters = cache.has_affinity() || !class.pod_affinity.is_empty();
        let version = cache.namespaces().version();
        if !matters {
            self.inter_pod = None;
            return false;
        }
        if self.inter_pod.is_some() && self.namespace_version == version {
            return false;
        }
        self.namespace_version = version;
        let counts = inter_pod_affinity::Counts::new(class, cache.namespaces());
        self.inter_pod = Some(counts);
        true
    }

    fn sync_images(&mut self, cache: &Cache, class: &PodClass) {
        let version = cache.images().version();
        if self.image_version == Some(version) {
            return;
        }
        self.image_version = Some(version);
        self.image_scores.clear();
        let scores = image_locality::scores(class, cache.images(), cache.node_count());
        for (node, score) in scores.into_iter().filter(|(_, score)| *score > 0) {
            self.image_scores.resize(cache.node_slots(), 0);
            self.image_scores[node.index()] = score * image_locality::WEIGHT;
        }
    }

    /// What the plugins that look at one node alone say.
    #[inline]
    pub(super) fn local(
        &mut self,
        cache: &Cache,
        class: &PodClass,
        node: NodeId,
    ) -> Result<(), RejectionId> {
        let local = match self.locals[node.index()] {
            Local::Unknown => self.ask(cache, class, node),
            known => known,
        };
        match local {
            Local::Rejected(rejection) => Err(rejection),
            _ => Ok(()),
        }
    }

    fn ask(&mut self, cache: &Cache, class: &PodClass, node: NodeId) -> Local {
        let info = cache.node(node);
        let local = match filter::check_node(class, info, &info.state) {
            Ok(()) => Local::Fits,
            Err(rejection) => Local::Rejected(self.intern(rejection)),
        };
        self.locals[node.index()] = local;
        if local != Local::Fits {
            return local;
        }
        let state = &info.state;
        let fit = node_resources_fit::score(class, info, state);
        let balance = node_resources_balanced_allocation::score(class, info, state);
        self.scores[node.index()] = LocalScores {
            resources: fit * node_resources_fit::WEIGHT
                + balance * node_resources_balanced_allocation::WEIGHT,
            taints: taint_toleration::score(class, info),
            preference: node_affinity::score(class, info),
        };
        local
    }

    /// The scores of a node that [`Evaluation::local`] has found to fit.
    pub(super) fn local_scores(&self, node: NodeId) -> LocalScores {
        self.scores[node.index()]
    }

    /// The score of the node for the images that it has, with its weight.
    pub(super) fn image_score(&self, node: NodeId) -> i64 {
        self.image_scores.get(node.index()).copied().unwrap_or(0)
    }

    /// What the Pods of the cluster mean to the class; none if they mean nothing.
    pub(super) fn inter_pod(&mut self) -> Option<&mut inter_pod_affinity::Counts> {
        self.inter_pod.as_mut()
    }

    /// Remembers a rejection.
    pub(super) fn intern(&mut self, rejection: Rejection) -> RejectionId {
        if let Some(id) = self.rejection_ids.get(&rejection) {
            return *id;
        }
        let id = RejectionId(self.rejections.len() as u32);
        self.rejections.push(rejection.clone());
        self.rejection_ids.insert(rejection, id);
        id
    }

    /// A rejection.
    pub(crate) fn rejection(&self, id: RejectionId) -> &Rejection {
        &self.rejections[id.index()]
    }

    /// All rejections there have been, by their place.
    pub(crate) fn rejections(&self) -> &[Rejection] {
        &self.rejections
    }
}

/// The evaluations of the classes that were placed last.
#[derive(Debug, Default)]
pub(crate) struct Evaluations {
    by_class: BTreeMap<ClassId, (u64, Evaluation)>,
    uses: u64,
    class_epoch: u64,
}

impl Evaluations {
    /// The evaluation of a class, up to date.
    pub(crate) fn get(
        &mut self,
        cache: &Cache,
        id: ClassId,
        version: u64,
        selectors: impl FnOnce() -> Selectors,
    ) -> &mut Evaluation {
        if self.class_epoch != cache.class_epoch() {
            self.class_epoch = cache.class_epoch();
            self.by_class.clear();
        }
        self.uses += 1;
        if self.by_class.len() >= EVALUATIONS_MAX && !self.by_class.contains_key(&id) {
            let oldest = self.by_class.iter().min_by_key(|(_, (used, _))| *used);
            if let Some(oldest) = oldest.map(|(id, _)| *id) {
                self.by_class.remove(&oldest);
            }
        }
        let class = cache.class(id);
        let entry = self.by_class.entry(id);
        let (used, evaluation) = entry.or_insert_with(|| (0, Evaluation::new(class)));
        *used = self.uses;
        evaluation.sync(cache, class, version, selectors);
        evaluation
    }
}
