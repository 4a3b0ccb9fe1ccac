//! The picture as the page knows it: the pieces that were reported, and their places.

use session::view::{Changes, DeploymentPiece, NodePiece, PodPiece, PodState};
use std::collections::BTreeMap;
use std::rc::Rc;

/// All pieces.
#[derive(Clone, Debug, Default)]
pub struct Picture {
    /// Grows with every change.
    pub version: u64,
    /// By uid.
    pub nodes: BTreeMap<String, Rc<NodePiece>>,
    /// By uid.
    pub pods: BTreeMap<String, Rc<PodPiece>>,
    /// By uid.
    pub deployments: BTreeMap<String, Rc<DeploymentPiece>>,
    /// Pods that are there no more and are still shown to leave, by uid.
    pub leaving: BTreeMap<String, Rc<PodPiece>>,
    /// The uids of the Pods in the compartments of each node.
    places: BTreeMap<String, Vec<Option<String>>>,
}

impl PartialEq for Picture {
    fn eq(&self, other: &Picture) -> bool {
        self.version == other.version
    }
}

impl Picture {
    /// Takes over what has changed; the uids of Pods that begin to leave.
    pub fn apply(&mut self, changes: &Changes) -> Vec<String> {
        self.version += 1;
        for node in &changes.nodes {
            self.places.entry(node.name.clone()).or_default();
            self.nodes.insert(node.uid.clone(), Rc::new(node.clone()));
        }
        for deployment in &changes.deployments {
            self.deployments.insert(deployment.uid.clone(), Rc::new(deployment.clone()));
        }
        for pod in &changes.pods {
            if !pod.node.is_empty() {
                self.place(pod);
            }
            self.pods.insert(pod.uid.clone(), Rc::new(pod.clone()));
        }
        let mut leaving = Vec::new();
        for uid in &changes.removed {
            if let Some(pod) = self.pods.remove(uid) {
                self.leaving.insert(uid.clone(), pod);
                leaving.push(uid.clone());
            }
            if let Some(node) = self.nodes.remove(uid) {
                self.places.remove(&node.name);
            }
            self.deployments.remove(uid);
        }
        leaving
    }

    /// Stops to show Pods that leave.
    pub fn forget(&mut self, uids: &[String]) {
        self.version += 1;
        for uid in uids {
            self.leaving.remove(uid);
        }
        for places in self.places.values_mut() {
            for place in places.iter_mut() {
                if place.as_ref().is_some_and(|uid| uids.contains(uid)) {
                    *place = None;
                }
            }
            while places.last().is_some_and(Option::is_none) {
                places.pop();
            }
        }
    }

    fn place(&mut self, pod: &PodPiece) {
        let places = self.places.entry(pod.node.clone()).or_default();
        if places.iter().flatten().any(|uid| *uid == pod.uid) {
            return;
        }
        match places.iter_mut().find(|place| place.is_none()) {
            Some(place) => *place = Some(pod.uid.clone()),
            None => places.push(Some(pod.uid.clone())),
        }
    }

    /// A Pod that is there or leaves, and whether it leaves.
    pub fn pod(&self, uid: &str) -> Option<(Rc<PodPiece>, bool)> {
        let there = self.pods.get(uid).map(|pod| (pod.clone(), false));
        there.or_else(|| self.leaving.get(uid).map(|pod| (pod.clone(), true)))
    }

    /// The compartments of a node.
    pub fn places(&self, node: &str) -> &[Option<String>] {
        self.places.get(node).map_or(&[], Vec::as_slice)
    }

    /// Pods without a node, oldest first.
    pub fn waiting(&self) -> Vec<Rc<PodPiece>> {
        let mut pods: Vec<_> =
            self.pods.values().filter(|pod| pod.node.is_empty()).cloned().collect();
        pods.sort_by(|a, b| (a.created_ms, &a.name).cmp(&(b.created_ms, &b.name)));
        pods
    }

    /// The Pods of a ReplicaSet, oldest first.
    pub fn owned(&self, namespace: &str, replica_set: &str) -> Vec<Rc<PodPiece>> {
        let is_owned = |pod: &&Rc<PodPiece>| {
            pod.owner == replica_set && pod.namespace == namespace && pod.owner_kind == "ReplicaSet"
        };
        let mut pods: Vec<_> = self.pods.values().filter(is_owned).cloned().collect();
        pods.sort_by(|a, b| (a.created_ms, &a.name).cmp(&(b.created_ms, &b.name)));
        pods
    }
}

/// How much of a span has passed, from 0 to 1.
pub fn passed(from_ms: u64, to_ms: u64, now_ms: u64) -> f64 {
    match to_ms.saturating_sub(from_ms) {
        0 => 1.0,
        span => (now_ms.saturating_sub(from_ms) as f64 / span as f64).clamp(0.0, 1.0),
    }
}

/// The span that a state counts down, if it does.
pub fn span(state: PodState) -> Option<(u64, u64)> {
    match state {
        PodState::Pulling { from_ms, to_ms }
        | PodState::CrashLoop { from_ms, to_ms }
        | PodState::ImageError { from_ms, to_ms }
        | PodState::Terminating { from_ms, to_ms } => Some((from_ms, to_ms)),
        _ => None,
    }
}
