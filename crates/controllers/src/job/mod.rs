//! The Job controller: Pods that run until enough of them have succeeded.
//!
//! Models `k8s.io/kubernetes/pkg/controller/job`. Pods are tracked by a finalizer, so that none is
//! forgotten before it is counted. Missing: back-off limits per index and rules for failures
//! (`podFailurePolicy`).

mod indexes;
mod pod;
mod sync;

use crate::Parts;
use crate::pods::{self, POD};
use api::{Status, Value, View, names};
use apiserver::store::{Change, ChangeType, ObjectKey};
use client::{Client, EventRecorder, Reconcile, Reconciler};
use kinds::batch::job;
use kinds::{Kind, table};
use sim::{Duration, Sim, Time};
use std::collections::BTreeMap;

/// `syncJobBatchPeriod`: changes of Pods are looked at together.
const BATCH_PERIOD: Duration = Duration::from_secs(1);
/// The finalizer of Pods that have not been counted yet.
const TRACKING: &str = "batch.kubernetes.io/job-tracking";

pub(crate) struct JobController {
    sim: Sim,
    recorder: EventRecorder,
    backoffs: BTreeMap<ObjectKey, Backoff>,
}

/// The failures in a row of a Job's Pods.
#[derive(Clone, Copy, Default)]
struct Backoff {
    failures: u32,
    last_failure: Time,
}

impl JobController {
    pub(crate) fn new(parts: Parts<'_>) -> JobController {
        let (sim, recorder) = (parts.sim.clone(), parts.recorder);
        JobController { sim, recorder, backoffs: BTreeMap::new() }
    }
}

/// What the controller looks at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Item {
    /// A Job.
    Job(ObjectKey),
    /// A Pod whose Job is gone.
    Orphan(ObjectKey),
}

impl Reconciler for JobController {
    type Key = Item;

    fn name(&self) -> &'static str {
        "job-controller"
    }

    fn interests(&self) -> Vec<&'static Kind> {
        vec![&job::KIND, POD]
    }

    fn keys(&self, change: &Change, client: &Client, add: &mut dyn FnMut(Item, Duration)) {
        if client.read(|server| server.registry().kind_of(change.resource)) == &job::KIND {
            let generation = |object: &Value| table::metadata(object).generation();
            let is_new_spec = change
                .previous
                .as_ref()
                .is_none_or(|old| generation(old) != generation(&change.object));
            let delay = if is_new_spec { Duration::ZERO } else { BATCH_PERIOD };
            return add(Item::Job(change.key.clone()), delay);
        }
        let versions = [Some(&change.object), change.previous.as_ref()];
        for version in versions.into_iter().flatten() {
            let Some(key) = pods::controller_key(version, &job::KIND) else { continue };
            if client.get(&job::KIND, &key.namespace, &key.name).is_some() {
                add(Item::Job(key), BATCH_PERIOD);
            } else if change.ty != ChangeType::Deleted && is_tracked(&change.object) {
                add(Item::Orphan(change.key.clone()), Duration::ZERO);
            }
        }
    }

    fn reconcile(&mut self, item: &Item, client: &Client) -> Result<Reconcile, Status> {
        let key = match item {
            Item::Job(key) => key,
            Item::Orphan(key) => {
                if let Some(pod) = client.get(POD, &key.namespace, &key.name)
                    && !pods::controller_key(&pod, &job::KIND).is_some_and(|owner| {
                        client.get(&job::KIND, &owner.namespace, &owner.name).is_some()
                    })
                {
                    pod::untrack(&pod, client)?;
                }
                return Ok(Reconcile::Done);
            }
        };
        match client.get(&job::KIND, &key.namespace, &key.name) {
            Some(object) if !sync::is_finished(&object) => {
                sync::Sync::load(self, client, key.clone(), object).run()
            }
            _ => {
                self.backoffs.remove(key);
                Ok(Reconcile::Done)
            }
        }
    }
}

/// Whether a Pod has yet to be counted.
fn is_tracked(pod: &Value) -> bool {
    pod.get(&names::METADATA).get(&names::FINALIZERS).items().iter().any(|f| *f == TRACKING)
}

/// The phase of a Pod.
fn phase(pod: &Value) -> &str {
    api::core::v1::Pod::of(pod).status().phase()
}
