//! Rolling updates: old Pods make room for new ones, a few nodes at a time.

use super::{Rollout, nodes::Standing};
use crate::pods;
use api::core::v1::Pod;
use api::{IntOrString, Status, Value, View};
use kinds::table;

/// The Pods of a node that are not on their way out, as an update sees them.
enum OnNode<'a> {
    /// Several of the same age, which must be cleaned up first.
    Muddled,
    Pods {
        new: Option<&'a Value>,
        old: Option<&'a Value>,
    },
}

impl Rollout<'_> {
    fn pods_on_node<'a>(&self, all: &'a [Value], hash: &str) -> OnNode<'a> {
        let (mut new, mut old) = (None, None);
        for pod in all.iter().filter(|pod| table::metadata(pod).deletion_timestamp().is_none()) {
            let place = if self.is_updated(pod, hash) { &mut new } else { &mut old };
            if place.replace(pod).is_some() {
                return OnNode::Muddled;
            }
        }
        OnNode::Pods { new, old }
    }

    fn is_available(&self, pod: &Value) -> bool {
        pods::is_available(Pod::of(pod), self.view().spec().min_ready_seconds(), self.now)
    }

    /// (maxSurge, maxUnavailable) as numbers of nodes; both are rounded up.
    pub(super) fn limits(&self) -> (usize, usize) {
        let runs = |node: &&Value| Standing::of(self.view(), node).runs();
        let desired = self.nodes.iter().filter(runs).count() as i64;
        let update = self.view().spec().update_strategy().rolling_update();
        let zero = IntOrString::Int(0);
        let surge = update.and_then(|u| u.max_surge()).unwrap_or(zero);
        let unavailable = update.and_then(|u| u.max_unavailable()).unwrap_or(IntOrString::Int(1));
        let number = |limit: IntOrString<'_>| limit.scaled(desired, true).unwrap_or(0).max(0);
        match (number(surge) as usize, number(unavailable) as usize) {
            (0, 0) if desired > 0 => (0, 1),
            limits => limits,
        }
    }

    /// The Pods of every node, those included that should have one and have none.
    fn all_nodes(&self) -> Vec<(String, Vec<Value>)> {
        let mut all = self.pods.clone();
        for node in &self.nodes {
            if Standing::of(self.view(), node).runs() {
                all.entry(table::metadata(node).name().to_owned()).or_default();
            }
        }
        all.into_iter().collect()
    }

    /// Replaces as many old Pods as the limits allow.
    pub(super) fn roll(&mut self, hash: &str) -> Result<(), Status> {
        let (max_surge, max_unavailable) = self.limits();
        if max_surge > 0 { self.surge(hash, max_surge) } else { self.trade(hash, max_unavailable) }
    }

    /// Deletes old Pods; that their nodes are without one starts the new ones.
    fn trade(&mut self, hash: &str, max_unavailable: usize) -> Result<(), Status> {
        let mut unavailable = 0;
        let mut doomed = Vec::new();
        let mut candidates = Vec::new();
        let all = self.all_nodes();
        for (_, pods) in &all {
            match self.pods_on_node(pods, hash) {
                OnNode::Pods { new: Some(new), old: None } if self.is_available(new) => {}
                OnNode::Pods { new: None, old: Some(old) } if !self.is_available(old) => {
                    doomed.push(old.clone());
                }
                OnNode::Pods { new: None, old: Some(old) } => candidates.push(old.clone()),
                _ => unavailable += 1,
            }
        }
        candidates.truncate(max_unavailable.saturating_sub(unavailable));
        doomed.append(&mut candidates);
        self.sync_nodes(&[], &doomed, hash).map(|_| ())
    }

    /// Starts new Pods beside old ones; an old one goes when the new one is available.
    fn surge(&mut self, hash: &str, max_surge: usize) -> Result<(), Status> {
        let mut surging = 0;
        let mut doomed = Vec::new();
        let mut allowed = Vec::new();
        let mut candidates = Vec::new();
        let all = self.all_nodes();
        for (node, pods) in &all {
            match self.pods_on_node(pods, hash) {
                OnNode::Muddled => surging += 1,
                OnNode::Pods { old: None, .. } => {}
                OnNode::Pods { new: None, old: Some(old) } if self.is_available(old) => {
                    candidates.push(node.clone());
                }
                OnNode::Pods { new: None, .. } => allowed.push(node.clone()),
                OnNode::Pods { new: Some(new), .. } if !self.is_available(new) => surging += 1,
                OnNode::Pods { old: Some(old), .. } => doomed.push(old.clone()),
            }
        }
        candidates.truncate(max_surge.saturating_sub(surging));
        allowed.append(&mut candidates);
        self.sync_nodes(&allowed, &doomed, hash).map(|_| ())
    }
}
