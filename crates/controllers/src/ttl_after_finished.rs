//! The TTL-after-finished controller: Jobs that ended some time ago go.
//!
//! Models `k8s.io/kubernetes/pkg/controller/ttlafterfinished`.

use crate::Parts;
use api::batch::v1::Job;
use api::{Status, View};
use apiserver::Propagation;
use apiserver::store::{Change, ChangeType, ObjectKey};
use client::{Client, DeleteOptions, Reconcile, Reconciler};
use kinds::Kind;
use kinds::batch::job;
use sim::{Duration, Sim};

pub(crate) struct TtlAfterFinishedController {
    sim: Sim,
}

impl TtlAfterFinishedController {
    pub(crate) fn new(parts: Parts<'_>) -> TtlAfterFinishedController {
        TtlAfterFinishedController { sim: parts.sim.clone() }
    }
}

impl Reconciler for TtlAfterFinishedController {
    type Key = ObjectKey;

    fn name(&self) -> &'static str {
        "ttl-after-finished-controller"
    }

    fn interests(&self) -> Vec<&'static Kind> {
        vec![&job::KIND]
    }

    fn keys(&self, change: &Change, _: &Client, add: &mut dyn FnMut(ObjectKey, Duration)) {
        let has_ttl = Job::of(&change.object).spec().ttl_seconds_after_finished().is_some();
        if has_ttl && change.ty != ChangeType::Deleted {
            add(change.key.clone(), Duration::ZERO);
        }
    }

    fn reconcile(&mut self, key: &ObjectKey, client: &Client) -> Result<Reconcile, Status> {
        let Some(object) = client.get(&job::KIND, &key.namespace, &key.name) else {
            return Ok(Reconcile::Done);
        };
        let view = Job::of(&object);
        let ended = view.status().conditions().find(|condition| {
            matches!(condition.type_(), "Complete" | "Failed") && condition.status() == "True"
        });
        let (Some(seconds), Some(ended)) = (view.spec().ttl_seconds_after_finished(), ended) else {
            return Ok(Reconcile::Done);
        };
        if view.metadata().deletion_timestamp().is_some() {
            return Ok(Reconcile::Done);
        }
        let ended_at = ended.last_transition_time().unwrap_or_default();
        let expires = ended_at + Duration::from_secs(seconds.max(0) as u64);
        let now = self.sim.now();
        if expires > now {
            return Ok(Reconcile::After(expires.since(now)));
        }
        let options = DeleteOptions {
            propagation: Some(Propagation::Foreground),
            ..DeleteOptions::default()
        };
        match client.delete(&job::KIND, key, view.metadata().uid(), options) {
            Err(status) if status.reason != api::Reason::NotFound => Err(status),
            _ => Ok(Reconcile::Done),
        }
    }
}
