//! Deployments as rails on which ReplicaSets trade Pods.

use api::apps::v1::{Deployment, ReplicaSet};
use api::{IntOrString, Value, View as _};
use serde::{Deserialize, Serialize};

const REVISION: &str = "deployment.kubernetes.io/revision";

/// How a rollout stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RolloutState {
    /// All Pods are of the newest template and available.
    Complete,
    /// Pods are being traded.
    Progressing,
    /// No old Pod may leave before a new one is available.
    Held,
    /// Its deadline has passed.
    DeadlineExceeded,
    /// It is paused.
    Paused,
}

/// A ReplicaSet of a Deployment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplicaSetPiece {
    /// Its name.
    pub name: String,
    /// The hash of its template.
    pub hash: String,
    /// The revision of the Deployment that it is.
    pub revision: u32,
    /// The Pods that it is to have.
    pub desired: u32,
    /// The Pods that are ready.
    pub ready: u32,
    /// The image of its first container.
    pub image: String,
}

/// A Deployment in the picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeploymentPiece {
    /// What names it among all pieces.
    pub uid: String,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// The revision that is rolled out.
    pub revision: u32,
    /// The Pods that it is to have.
    pub desired: u32,
    /// Pods of the newest template.
    pub updated: u32,
    /// Pods that are ready.
    pub ready: u32,
    /// Pods that are available.
    pub available: u32,
    /// The Pods that must stay available.
    pub floor: u32,
    /// The most Pods there may be.
    pub ceiling: u32,
    /// Whether old Pods go before new ones come.
    pub is_recreate: bool,
    /// `maxSurge` as it was written.
    pub max_surge: String,
    /// `maxUnavailable` as it was written.
    pub max_unavailable: String,
    /// How the rollout stands.
    pub state: RolloutState,
    /// Those with Pods, and the newest, oldest first.
    pub replica_sets: Vec<ReplicaSetPiece>,
}

fn revision(object: &Value) -> u32 {
    let annotations = kinds::table::metadata(object).annotations();
    annotations.get(REVISION).and_then(|text| text.parse().ok()).unwrap_or(0)
}

fn count(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(0)
}

fn written(value: IntOrString<'_>) -> String {
    match value {
        IntOrString::Int(number) => number.to_string(),
        IntOrString::Str(text) => text.to_owned(),
    }
}

/// The piece of a Deployment; `sets` are all ReplicaSets.
pub(super) fn piece(object: &Value, sets: &[Value]) -> DeploymentPiece {
    let deployment = Deployment::of(object);
    let (metadata, spec, status) = (deployment.metadata(), deployment.spec(), deployment.status());
    let replicas = spec.replicas().unwrap_or(1);
    let strategy = spec.strategy();
    let is_recreate = strategy.type_() == "Recreate";
    let zero = IntOrString::Int(0);
    let update = strategy.rolling_update();
    let surge = update.and_then(|u| u.max_surge()).unwrap_or(zero);
    let unavailable = update.and_then(|u| u.max_unavailable()).unwrap_or(zero);
    let up = surge.scaled(replicas, true).unwrap_or(0);
    let mut down = unavailable.scaled(replicas, false).unwrap_or(0);
    if up == 0 && down == 0 {
        down = 1;
    }
    let newest = revision(object);
    let mut own: Vec<_> = sets
        .iter()
        .filter(|set| {
            let mut owners = kinds::table::metadata(set).owner_references();
            owners.any(|owner| owner.uid() == metadata.uid())
        })
        .map(set_piece)
        .filter(|set| set.desired > 0 || set.ready > 0 || set.revision == newest)
        .collect();
    own.sort_by_key(|set| set.revision);
    let mut piece = DeploymentPiece {
        uid: metadata.uid().to_owned(),
        namespace: metadata.namespace().to_owned(),
        name: metadata.name().to_owned(),
        revision: newest,
        desired: count(replicas),
        updated: count(status.updated_replicas()),
        ready: count(status.ready_replicas()),
        available: count(status.available_replicas()),
        floor: if is_recreate { 0 } else { count(replicas - down) },
        ceiling: if is_recreate { count(replicas) } else { count(replicas + up) },
        is_recreate,
        max_surge: written(surge),
        max_unavailable: written(unavailable),
        state: RolloutState::Progressing,
        replica_sets: own,
    };
    piece.state = state(deployment, &piece);
    piece
}

fn state(deployment: Deployment<'_>, piece: &DeploymentPiece) -> RolloutState {
    let status = deployment.status();
    let is_current = status.observed_generation() >= deployment.metadata().generation();
    let is_whole = [piece.updated, piece.available].iter().all(|count| *count == piece.desired);
    if is_current && is_whole && count(status.replicas()) == piece.desired {
        return RolloutState::Complete;
    }
    if deployment.spec().paused() {
        return RolloutState::Paused;
    }
    let mut conditions = status.conditions();
    if conditions.any(|condition| condition.reason() == "ProgressDeadlineExceeded") {
        return RolloutState::DeadlineExceeded;
    }
    let total: u32 = piece.replica_sets.iter().map(|set| set.desired).sum();
    let is_trading = piece.replica_sets.len() > 1;
    if is_trading && total >= piece.ceiling && piece.available <= piece.floor {
        return RolloutState::Held;
    }
    RolloutState::Progressing
}

fn set_piece(object: &Value) -> ReplicaSetPiece {
    let set = ReplicaSet::of(object);
    let containers = &object["spec"]["template"]["spec"]["containers"];
    let image = containers.items().first().and_then(|first| first["image"].as_str());
    let hash = set.metadata().labels().get("pod-template-hash");
    ReplicaSetPiece {
        name: set.metadata().name().to_owned(),
        hash: hash.unwrap_or_default().to_owned(),
        revision: revision(object),
        desired: count(set.spec().replicas().unwrap_or(1)),
        ready: count(set.status().ready_replicas()),
        image: image.unwrap_or_default().to_owned(),
    }
}
