//! The Job controller: Pods that run until enough of them have succeeded.
//!
//! Models `k8s.io/kubernetes/pkg/controller/job`. Every Pod of a Job has a finalizer until it has
//! been counted: its uid is first written into the status, then the finalizer is taken off, then
//! the uid becomes a number.

pub(crate) mod conditions;
mod failed_indexes;
mod failure_policy;
mod indexes;
mod manage;
mod sync;
mod tracking;

use crate::Parts;
use crate::finalizers;
use crate::pods::{self, POD};
use api::{Status, Value};
use apiserver::store::{Change, ChangeType, ObjectKey};
use client::{Client, EventRecorder, Reconcile, Reconciler};
use kinds::batch::job;
use kinds::{Kind, table};
use sim::{Duration, Sim, Time};
use std::collections::BTreeMap;

const KIND: &Kind = &job::KIND;

/// What keeps a Pod from vanishing before it has been counted.
const TRACKING_FINALIZER: &str = "batch.kubernetes.io/job-tracking";

/// `syncJobBatchPeriod`: what happens to Pods is looked at together.
const BATCH_PERIOD: Duration = Duration::from_secs(1);

pub(crate) struct JobController {
    sim: Sim,
    recorder: EventRecorder,
    failures: BTreeMap<ObjectKey, Failures>,
}

/// The failures of a Job's Pods since one last succeeded.
#[derive(Clone, Copy, Default)]
struct Failures {
    count: u32,
    last: Option<Time>,
}

impl JobController {
    pub(crate) fn new(parts: Parts<'_>) -> JobController {
        JobController {
            sim: parts.sim.clone(),
            recorder: parts.recorder,
            failures: BTreeMap::new(),
        }
    }
}

/// What the controller looks at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Item {
    Job(ObjectKey),
    /// A Pod whose Job is over or gone: nobody counts it any more.
    OrphanPod(ObjectKey),
}

impl Reconciler for JobController {
    type Key = Item;

    fn name(&self) -> &'static str {
        "job-controller"
    }

    fn interests(&self) -> Vec<&'static Kind> {
        vec![KIND, POD]
    }

    fn keys(&self, change: &Change, client: &Client, add: &mut dyn FnMut(Item, Duration)) {
        let kind = client.read(|server| server.registry().kind_of(change.resource));
        if kind == POD {
            return pod_keys(change, client, add);
        }
        if change.ty == ChangeType::Deleted {
            for pod in client.controlled_by(POD, table::metadata(&change.object).uid()) {
                if is_tracked(&pod) {
                    add(Item::OrphanPod(ObjectKey::of(&pod)), Duration::ZERO);
                }
            }
        }
        let generation = |object: &Value| table::metadata(object).generation();
        let is_same_spec = change
            .previous
            .as_ref()
            .is_some_and(|old| generation(old) == generation(&change.object));
        let delay = if is_same_spec { BATCH_PERIOD } else { Duration::ZERO };
        add(Item::Job(change.key.clone()), delay);
    }

    fn reconcile(&mut self, item: &Item, client: &Client) -> Result<Reconcile, Status> {
        match item {
            Item::Job(key) => self.sync(key, client),
            Item::OrphanPod(key) => {
                let pod = client.get(POD, &key.namespace, &key.name);
                if pod.is_some_and(|pod| is_tracked(&pod) && is_nobodys(&pod, client)) {
                    finalizers::remove(client, POD, key, TRACKING_FINALIZER)?;
                }
                Ok(Reconcile::Done)
            }
        }
    }
}

fn pod_keys(change: &Change, client: &Client, add: &mut dyn FnMut(Item, Duration)) {
    let pod = &change.object;
    if change.ty != ChangeType::Deleted && is_tracked(pod) && is_nobodys(pod, client) {
        return add(Item::OrphanPod(change.key.clone()), Duration::ZERO);
    }
    pods::concerned_owners(KIND, change, client, &mut |key, delay| {
        add(Item::Job(key), delay + BATCH_PERIOD);
    });
}

fn is_tracked(pod: &Value) -> bool {
    table::metadata(pod).finalizers().has(TRACKING_FINALIZER)
}

/// Whether a Pod has no Job, or one that is over.
fn is_nobodys(pod: &Value, client: &Client) -> bool {
    let Some(owner) = pods::controller_of(pod, KIND) else {
        return true;
    };
    let job = client.get(KIND, table::metadata(pod).namespace(), owner.name());
    job.is_none_or(|job| {
        table::metadata(&job).uid() != owner.uid() || conditions::finished(&job).is_some()
    })
}
