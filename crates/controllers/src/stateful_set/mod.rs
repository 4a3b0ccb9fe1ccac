//! The StatefulSet controller: Pods with names that last, one after the other.
//!
//! Models `k8s.io/kubernetes/pkg/controller/statefulset` with default feature gates, thus without
//! `maxUnavailable`.

mod claims;
mod identity;
mod pod_control;
mod revisions;
mod sync;

use crate::Parts;
use crate::pods::{self, POD};
use api::apps::v1::StatefulSet;
use api::{Status, Value, View};
use apiserver::store::{Change, ObjectKey};
use client::{Client, EventRecorder, ObjectReference, Reconcile, Reconciler};
use kinds::apps::{controller_revision, stateful_set};
use kinds::{Kind, table};
use sim::{Duration, Sim, Time};

const KIND: &Kind = &stateful_set::KIND;

pub(crate) struct StatefulSetController {
    sim: Sim,
    recorder: EventRecorder,
}

impl StatefulSetController {
    pub(crate) fn new(parts: Parts<'_>) -> StatefulSetController {
        StatefulSetController { sim: parts.sim.clone(), recorder: parts.recorder }
    }
}

impl Reconciler for StatefulSetController {
    type Key = ObjectKey;

    fn name(&self) -> &'static str {
        "statefulset-controller"
    }

    fn interests(&self) -> Vec<&'static Kind> {
        vec![KIND, &controller_revision::KIND, POD]
    }

    fn keys(&self, change: &Change, client: &Client, add: &mut dyn FnMut(ObjectKey, Duration)) {
        let kind = client.read(|server| server.registry().kind_of(change.resource));
        if kind == KIND {
            return add(change.key.clone(), Duration::ZERO);
        }
        if kind == POD
            && let Some(key) = pods::controller_key(&change.object, KIND)
            && let Some(set) = client.get(KIND, &key.namespace, &key.name)
        {
            let seconds = StatefulSet::of(&set).spec().min_ready_seconds();
            if let Some(delay) = pods::becomes_available_in(change, seconds) {
                add(key, delay);
            }
        }
        pods::concerned_owners(KIND, change, client, add);
    }

    fn reconcile(&mut self, key: &ObjectKey, client: &Client) -> Result<Reconcile, Status> {
        let Some(object) = client.get(KIND, &key.namespace, &key.name) else {
            return Ok(Reconcile::Done);
        };
        let selector = pods::selector(&object);
        let is_member =
            |pod: &Value| identity::ordinal(&object, table::metadata(pod).name()).is_some();
        let pods = pods::claim_if(client, POD, KIND, &object, &selector, &is_member);
        let now = self.sim.now();
        Sync { controller: self, client, now, object, pods }.run()
    }
}

/// One look at a StatefulSet: it and its Pods as they are now.
struct Sync<'a> {
    controller: &'a mut StatefulSetController,
    client: &'a Client,
    now: Time,
    /// The StatefulSet.
    object: Value,
    pods: Vec<Value>,
}

impl Sync<'_> {
    fn view(&self) -> StatefulSet<'_> {
        StatefulSet::of(&self.object)
    }

    fn about(&self) -> ObjectReference {
        ObjectReference::to(KIND, &self.object)
    }
}
