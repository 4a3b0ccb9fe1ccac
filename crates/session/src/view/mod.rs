//! What the picture shows, in the picture's terms.
//!
//! A [`View`] looks at a session and gives what has changed since it looked last: nodes, Pods and
//! Deployments as they are to be drawn, never objects of the API. It decides everything about
//! Kubernetes that the page shows, so that the page decides nothing. Looking changes nothing.

mod deployment;
mod node;
mod pod;
#[cfg(test)]
mod tests;

pub use deployment::{DeploymentPiece, ReplicaSetPiece, RolloutState};
pub use node::{Gauge, NodePiece};
pub use pod::{PodPiece, PodState};

use crate::Session;
use apiserver::store::Stored;
use kinds::Kind;
use serde::{Deserialize, Serialize};
use sim::Time;
use std::collections::BTreeMap;

/// What has changed in the picture.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Changes {
    /// Nodes that are new or look different.
    pub nodes: Vec<NodePiece>,
    /// Pods that are new or look different.
    pub pods: Vec<PodPiece>,
    /// Deployments that are new or look different.
    pub deployments: Vec<DeploymentPiece>,
    /// The uids of what is there no more.
    pub removed: Vec<String>,
}

impl Changes {
    /// Whether nothing has changed.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
            && self.pods.is_empty()
            && self.deployments.is_empty()
            && self.removed.is_empty()
    }
}

/// Somebody who looks at a session and remembers what there was to see.
#[derive(Clone, Debug, Default)]
pub struct View {
    revision: Option<u64>,
    nodes: BTreeMap<String, NodePiece>,
    pods: BTreeMap<String, (u64, PodPiece)>,
    deployments: BTreeMap<String, DeploymentPiece>,
}

impl View {
    /// What has changed since the last look; everything, at the first.
    pub fn look(&mut self, session: &Session) -> Changes {
        let mut changes = Changes::default();
        let revision = session.cluster().server().borrow().store().revision();
        let is_still = self.revision.replace(revision) == Some(revision);
        self.look_at_pods(session, is_still, &mut changes);
        if !is_still || !changes.pods.is_empty() {
            self.look_at_nodes(session, &mut changes);
            self.look_at_deployments(session, &mut changes);
        }
        changes
    }

    /// How many Pods there were at the last look.
    pub fn pod_count(&self) -> usize {
        self.pods.len()
    }

    fn look_at_pods(&mut self, session: &Session, is_still: bool, changes: &mut Changes) {
        let eye = Eye::new(session);
        if is_still {
            for (_, piece) in self.pods.values_mut().filter(|(_, piece)| piece.state.is_moving()) {
                let state = eye.pod_state(piece);
                if state != piece.state {
                    piece.state = state;
                    if !is_system(&piece.namespace) {
                        changes.pods.push(piece.clone());
                    }
                }
            }
            return;
        }
        let mut seen = BTreeMap::new();
        eye.list(&kinds::core::pod::KIND, |stored| {
            let uid = kinds::table::metadata(&stored.object).uid().to_owned();
            let old = self.pods.remove(&uid);
            let piece = match old {
                Some((revision, piece))
                    if revision == stored.revision && !piece.state.is_moving() =>
                {
                    piece
                }
                old => {
                    let piece = eye.pod(&stored.object);
                    let is_new = old.is_none_or(|(_, old)| old != piece);
                    if is_new && !is_system(&piece.namespace) {
                        changes.pods.push(piece.clone());
                    }
                    piece
                }
            };
            seen.insert(uid, (stored.revision, piece));
        });
        let gone = std::mem::replace(&mut self.pods, seen).into_iter();
        let gone = gone.filter(|(_, (_, piece))| !is_system(&piece.namespace));
        changes.removed.extend(gone.map(|(uid, _)| uid));
    }

    fn look_at_nodes(&mut self, session: &Session, changes: &mut Changes) {
        let mut requested: BTreeMap<&str, (i64, i64, u32)> = BTreeMap::new();
        for (_, pod) in self.pods.values().filter(|(_, pod)| pod.state.holds_resources()) {
            let sum = requested.entry(&pod.node).or_default();
            *sum = (sum.0 + pod.cpu_milli, sum.1 + pod.memory_bytes, sum.2 + 1);
        }
        let mut seen = BTreeMap::new();
        Eye::new(session).list(&kinds::core::node::KIND, |stored| {
            let name = kinds::table::metadata(&stored.object).name();
            let sum = requested.get(name).copied().unwrap_or_default();
            let piece = node::piece(&stored.object, sum);
            seen.insert(piece.uid.clone(), piece);
        });
        replace(&mut self.nodes, seen, &mut changes.nodes, &mut changes.removed);
    }

    fn look_at_deployments(&mut self, session: &Session, changes: &mut Changes) {
        let eye = Eye::new(session);
        let mut sets = Vec::new();
        eye.list(&kinds::apps::replica_set::KIND, |stored| sets.push(stored.object.clone()));
        let mut seen = BTreeMap::new();
        eye.list(&kinds::apps::deployment::KIND, |stored| {
            if is_system(kinds::table::metadata(&stored.object).namespace()) {
                return;
            }
            let piece = deployment::piece(&stored.object, &sets);
            seen.insert(piece.uid.clone(), piece);
        });
        replace(&mut self.deployments, seen, &mut changes.deployments, &mut changes.removed);
    }
}

/// Whether a namespace holds what the cluster runs for itself. The picture is of what a learner
/// does: it counts what such Pods take of their node and shows nothing else of them.
fn is_system(namespace: &str) -> bool {
    matches!(namespace, "kube-system" | "local-path-storage")
}

/// Puts `new` in the place of `old` and notes what is different.
fn replace<T: Clone + PartialEq>(
    old: &mut BTreeMap<String, T>,
    new: BTreeMap<String, T>,
    changed: &mut Vec<T>,
    removed: &mut Vec<String>,
) {
    changed.extend(
        new.iter().filter(|(uid, piece)| old.get(*uid) != Some(piece)).map(|e| e.1.clone()),
    );
    removed.extend(old.keys().filter(|uid| !new.contains_key(*uid)).cloned());
    *old = new;
}

/// One look.
struct Eye<'a> {
    session: &'a Session,
}

impl<'a> Eye<'a> {
    fn new(session: &'a Session) -> Eye<'a> {
        Eye { session }
    }

    fn list(&self, kind: &'static Kind, mut each: impl FnMut(&Stored)) {
        let server = self.session.cluster().server().borrow();
        let resource = server.registry().resource(kind);
        server.store().list(resource, None).for_each(&mut each);
    }

    /// Milliseconds from the beginning of the session; 0 for what was before it.
    fn milliseconds(&self, at: Time) -> u64 {
        at.since(self.session.begin()).as_millis() as u64
    }
}
