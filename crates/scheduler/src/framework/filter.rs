//! Asks the Filter plugins about a node, in the order of the default profile.

use super::evaluation::{Evaluation, RejectionId};
use super::rejection::Verdict;
use super::volumes::Volumes;
use crate::cache::{Cache, NodeId, NodeInfo, NodeState, PodClass, Uid};
use crate::plugins::{
    node_affinity, node_name, node_ports, node_resources_fit, node_unschedulable, taint_toleration,
};
use crate::queue::Nominator;

/// A Pod that is looked at, and what filtering it depends on.
#[derive(Clone, Copy)]
pub(crate) struct Candidate<'a> {
    pub(crate) cache: &'a Cache,
    pub(crate) class: &'a PodClass,
    pub(crate) uid: Uid,
    pub(crate) nominator: &'a Nominator,
    /// What its claims ask for; none if it has no volumes that matter.
    pub(crate) volumes: Option<&'a Volumes>,
}

/// What has to be asked about each node.
pub(crate) struct Questions {
    /// The nodes that others are nominated for, with these added, by their number.
    nominated: Vec<(NodeId, NodeState)>,
    /// Whether any plugin that looks beyond the node could turn it down.
    concern_cluster: bool,
}

/// The plugins that look at one node alone. What they say holds until the node changes.
pub(super) fn check_node(class: &PodClass, info: &NodeInfo, state: &NodeState) -> Verdict {
    node_unschedulable::filter(class, info)?;
    node_name::filter(class, info)?;
    taint_toleration::filter(class, info)?;
    node_affinity::filter(class, info)?;
    node_ports::filter(class, state)?;
    node_resources_fit::filter(class, info, state)
}

impl Candidate<'_> {
    /// Whether the Pod may go to the node as it is now.
    ///
    /// Pods of at least its priority that are nominated for the node count as if they were there;
    /// but since they may end up elsewhere, the Pod has to fit without them too.
    pub(crate) fn filter(
        &self,
        evaluation: &mut Evaluation,
        node: NodeId,
        questions: &Questions,
    ) -> Result<(), RejectionId> {
        if let Ok(at) = questions.nominated.binary_search_by_key(&node, |(node, _)| *node) {
            let with_nominated = self.check_state(evaluation, node, &questions.nominated[at].1);
            with_nominated.map_err(|rejection| evaluation.intern(rejection))?;
        }
        evaluation.local(self.cache, self.class, node)?;
        if !questions.concern_cluster {
            return Ok(());
        }
        self.check_cluster(evaluation, node, None).map_err(|rejection| evaluation.intern(rejection))
    }

    /// What has to be asked about each node, found out once for all.
    pub(crate) fn questions(&self, evaluation: &mut Evaluation) -> Questions {
        let class = self.class;
        let is_indifferent = match evaluation.inter_pod() {
            Some(counts) => counts.is_indifferent(class),
            None => true,
        };
        Questions {
            nominated: self.nominated_nodes(),
            concern_cluster: self.volumes.is_some()
                || !evaluation.hard_spread.is_empty()
                || !is_indifferent,
        }
    }

    /// Whether the Pod could go to the node if that had the Pods of `state`, with and without
    /// those that are nominated for it.
    pub(crate) fn filter_state(
        &self,
        evaluation: &mut Evaluation,
        node: NodeId,
        state: &NodeState,
    ) -> Verdict {
        let mut with_nominated = state.clone();
        if self.add_nominated(node, &mut with_nominated) {
            self.check_state(evaluation, node, &with_nominated)?;
        }
        self.check_state(evaluation, node, state)
    }

    fn check_state(&self, evaluation: &mut Evaluation, node: NodeId, state: &NodeState) -> Verdict {
        check_node(self.class, self.cache.node(node), state)?;
        self.check_cluster(evaluation, node, Some(state))
    }

    /// The plugins that look beyond the node.
    fn check_cluster(
        &self,
        evaluation: &mut Evaluation,
        node: NodeId,
        state: Option<&NodeState>,
    ) -> Verdict {
        if let Some(volumes) = self.volumes {
            volumes.filter(self.cache, self.class, node, state)?;
        }
        if !evaluation.hard_spread.is_empty() {
            let spread = &mut evaluation.hard_spread;
            spread.filter(self.class, self.cache, node, state)?;
        }
        match evaluation.inter_pod() {
            // As upstream: a plugin that has nothing to say about the cluster as it is does not
            // look at Pods that are only nominated either.
            Some(counts) if !counts.is_indifferent(self.class) => {
                counts.filter(self.class, self.cache, node, state)
            }
            _ => Ok(()),
        }
    }

    /// Adds the Pods that are nominated for a node and count as if they were there.
    fn add_nominated(&self, node: NodeId, state: &mut NodeState) -> bool {
        let mut has_any = false;
        for nomination in self.nominator.on(&self.cache.node(node).name) {
            let class = self.cache.class(nomination.class);
            if nomination.uid != self.uid && class.priority >= self.class.priority {
                state.add(nomination.class, class, false);
                has_any = true;
            }
        }
        has_any
    }

    /// The nodes that others are nominated for, with these added, by their number.
    fn nominated_nodes(&self) -> Vec<(NodeId, NodeState)> {
        let mut nodes: Vec<(NodeId, NodeState)> = Vec::new();
        for name in self.nominator.nodes() {
            let Some(node) = self.cache.find_node(name) else {
                continue;
            };
            let mut state = self.cache.node(node).state.clone();
            if self.add_nominated(node, &mut state) {
                nodes.push((node, state));
            }
        }
        nodes.sort_by_key(|(node, _)| *node);
        nodes
    }
}
