//! Pods as pieces.

use super::Eye;
use api::core::v1::{Container, Pod};
use api::{Value, View as _};
use kinds::core::pod::summary;
use kubelet::Progress;
use serde::{Deserialize, Serialize};

/// How a Pod is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PodState {
    /// It has no node yet.
    Pending,
    /// Its node prepares it.
    Creating,
    /// Its node pulls an image, from one instant to the other.
    Pulling {
        /// Milliseconds since the session began.
        from_ms: u64,
        /// Likewise.
        to_ms: u64,
    },
    /// It runs and is not ready.
    NotReady,
    /// It runs and is ready.
    Ready,
    /// A container has failed and waits until it is started again.
    CrashLoop {
        /// Milliseconds since the session began.
        from_ms: u64,
        /// Likewise.
        to_ms: u64,
    },
    /// A container has failed just now.
    Crashed,
    /// An image cannot be had; it is tried again after this span.
    ImageError {
        /// Milliseconds since the session began.
        from_ms: u64,
        /// Likewise.
        to_ms: u64,
    },
    /// A container cannot be made.
    CreateError,
    /// It is being ended, at the latest by the end of its grace period.
    Terminating {
        /// Milliseconds since the session began.
        from_ms: u64,
        /// Likewise.
        to_ms: u64,
    },
    /// It has done its work.
    Succeeded,
    /// It has failed for good.
    Failed,
    /// Its node does not report.
    Unknown,
}

impl PodState {
    /// Whether it can change without any object being written.
    pub(super) fn is_moving(self) -> bool {
        use PodState::{CrashLoop, Crashed, Creating, ImageError, Pulling};
        matches!(self, Creating | Pulling { .. } | CrashLoop { .. } | Crashed | ImageError { .. })
    }

    /// Whether its requests count on its node.
    pub(super) fn holds_resources(self) -> bool {
        !matches!(self, PodState::Pending | PodState::Succeeded | PodState::Failed)
    }
}

/// A Pod in the picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PodPiece {
    /// What names it among all pieces.
    pub uid: String,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its node; empty if it has none.
    pub node: String,
    /// How it is drawn.
    pub state: PodState,
    /// The word that `kubectl get pods` has under STATUS.
    pub reason: String,
    /// Why it is as it is, in Kubernetes's own words, if it says.
    pub message: String,
    /// Containers that are ready.
    pub ready: u32,
    /// Containers.
    pub containers: u32,
    /// How often containers were started again.
    pub restarts: u32,
    /// The kind of the object that controls it; empty if none.
    pub owner_kind: String,
    /// Its name.
    pub owner: String,
    /// The image of its first container.
    pub image: String,
    /// The processor time that it asks for, in thousandths of a core.
    pub cpu_milli: i64,
    /// The memory that it asks for.
    pub memory_bytes: i64,
    /// When it was made, in milliseconds since the session began.
    pub created_ms: u64,
}

impl Eye<'_> {
    /// The piece of a Pod.
    pub(super) fn pod(&self, object: &Value) -> PodPiece {
        let pod = Pod::of(object);
        let (metadata, spec) = (pod.metadata(), pod.spec());
        let summary = summary(pod);
        let owner = metadata.owner_references().find(|owner| owner.controller() == Some(true));
        let asked = |name: &str| -> Vec<api::Quantity> {
            let of = |container: Container<'_>| container.resources().requests().get(name);
            spec.containers().filter_map(of).collect()
        };
        let mut piece = PodPiece {
            uid: metadata.uid().to_owned(),
            namespace: metadata.namespace().to_owned(),
            name: metadata.name().to_owned(),
            node: spec.node_name().to_owned(),
            state: PodState::Pending,
            reason: summary.reason.as_str().to_owned(),
            message: message(pod),
            ready: summary.ready_containers as u32,
            containers: summary.containers as u32,
            restarts: summary.restarts as u32,
            owner_kind: owner.map(|owner| owner.kind().to_owned()).unwrap_or_default(),
            owner: owner.map(|owner| owner.name().to_owned()).unwrap_or_default(),
            image: spec.containers().next().map(|c| c.image().to_owned()).unwrap_or_default(),
            cpu_milli: asked("cpu").into_iter().map(api::Quantity::milli_value).sum(),
            memory_bytes: asked("memory").into_iter().map(api::Quantity::value).sum(),
            created_ms: metadata.creation_timestamp().map_or(0, |at| self.milliseconds(at)),
        };
        piece.state = match metadata.deletion_timestamp() {
            Some(deadline) if summary.reason.as_str() != "Unknown" => {
                let to_ms = self.milliseconds(deadline);
                let grace = metadata.deletion_grace_period_seconds().unwrap_or(0).max(0) as u64;
                PodState::Terminating { from_ms: to_ms.saturating_sub(grace * 1_000), to_ms }
            }
            _ => self.pod_state(&piece),
        };
        piece
    }

    /// How a Pod that is not being ended is drawn.
    pub(super) fn pod_state(&self, piece: &PodPiece) -> PodState {
        let progress = || {
            let kubelets = self.session.cluster().kubelets().borrow();
            kubelets.progress(&piece.node, &piece.uid)
        };
        let span = || match progress() {
            Some(Progress::BackingOff { since, until }) => {
                (self.milliseconds(since), self.milliseconds(until))
            }
            _ => (0, 0),
        };
        let pulling = || match progress() {
            Some(Progress::Pulling { started, ends }) => Some(PodState::Pulling {
                from_ms: self.milliseconds(started),
                to_ms: self.milliseconds(ends),
            }),
            _ => None,
        };
        match piece.reason.strip_prefix("Init:").unwrap_or(&piece.reason) {
            "Running" if piece.ready < piece.containers => PodState::NotReady,
            "Running" => PodState::Ready,
            "NotReady" => PodState::NotReady,
            "Completed" | "Succeeded" => PodState::Succeeded,
            "CrashLoopBackOff" => {
                let (from_ms, to_ms) = span();
                PodState::CrashLoop { from_ms, to_ms }
            }
            "ImagePullBackOff" | "ErrImagePull" | "InvalidImageName" | "ErrImageNeverPull" => {
                let (from_ms, to_ms) = span();
                pulling().unwrap_or(PodState::ImageError { from_ms, to_ms })
            }
            "Unknown" | "NodeLost" => PodState::Unknown,
            "Error" | "OOMKilled" | "ContainerCannotRun" | "StartError"
                if piece.restarts > 0 || self.is_running(piece) =>
            {
                PodState::Crashed
            }
            "Failed" | "Error" | "OOMKilled" | "Evicted" | "DeadlineExceeded" => PodState::Failed,
            reason if reason.ends_with("Error") => PodState::CreateError,
            _ if piece.node.is_empty() => PodState::Pending,
            _ => pulling().unwrap_or(PodState::Creating),
        }
    }

    /// Whether the Pod's phase says that it is not over.
    fn is_running(&self, piece: &PodPiece) -> bool {
        let server = self.session.cluster().server().borrow();
        let resource = server.registry().resource(&kinds::core::pod::KIND);
        let stored = server.store().get(resource, &piece.namespace, &piece.name);
        stored.is_some_and(|stored| Pod::of(&stored.object).status().phase() == "Running")
    }
}

/// Why a Pod is not scheduled or why a container waits.
fn message(pod: Pod<'_>) -> String {
    let status = pod.status();
    let waiting = status.container_statuses().chain(status.init_container_statuses());
    let waiting = waiting.filter_map(|container| container.state().waiting());
    let mut messages = waiting.map(|state| state.message()).filter(|message| !message.is_empty());
    if let Some(message) = messages.next() {
        return message.to_owned();
    }
    let mut conditions = status.conditions();
    let unscheduled = conditions.find(|c| c.type_() == "PodScheduled" && c.status() == "False");
    unscheduled.map(|condition| condition.message().to_owned()).unwrap_or_default()
}
