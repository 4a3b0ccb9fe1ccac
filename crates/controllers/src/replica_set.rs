//! The ReplicaSet controller: as many Pods as asked for, no more and no fewer. It looks after
//! ReplicationControllers as well, as upstream does.
//!
//! Models `k8s.io/kubernetes/pkg/controller/replicaset`.

use crate::Parts;
use crate::pods::{self, POD};
use api::apps::v1::{ReplicaSet, ReplicaSetMut};
use api::core::v1::Pod;
use api::labels::Selector;
use api::{Status, Value, View, ViewMut, names, object};
use apiserver::store::{Change, ChangeType, ObjectKey};
use client::{Client, DeleteOptions, EventRecorder, ObjectReference, Reconcile, Reconciler};
use kinds::apps::{deployment, replica_set};
use kinds::core::replication_controller;
use kinds::{Kind, table};
use sim::{Duration, Sim, Time};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// `BurstReplicas`: the most Pods created or deleted in one go.
const BURST_REPLICAS: usize = 500;

pub(crate) struct ReplicaSetController {
    /// ReplicaSet or ReplicationController, whose fields are the same but for the selector.
    kind: &'static Kind,
    name: &'static str,
    sim: Sim,
    recorder: EventRecorder,
    /// Sets that are creating Pods batch by batch.
    batches: BTreeMap<ObjectKey, Batches>,
    /// Sets whose Pods must be looked at one by one, since the labels of one have changed.
    unsorted: RefCell<BTreeSet<ObjectKey>>,
}

/// Pods are created one, two, four, … at a time, so that a quota or a broken template is noticed
/// before hundreds of requests have failed.
struct Batches {
    remaining: usize,
    next: usize,
    /// What the status says while they are being created: the Pods there were when it began.
    before: Counts,
}

/// The Pods of a set, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    active: usize,
    fully_labeled: usize,
    ready: usize,
    available: usize,
}

impl ReplicaSetController {
    pub(crate) fn new(parts: Parts<'_>) -> ReplicaSetController {
        ReplicaSetController::of(&replica_set::KIND, "replicaset-controller", parts)
    }

    /// The same for ReplicationControllers.
    pub(crate) fn for_replication_controllers(parts: Parts<'_>) -> ReplicaSetController {
        ReplicaSetController::of(&replication_controller::KIND, "replication-controller", parts)
    }

    fn of(kind: &'static Kind, name: &'static str, parts: Parts<'_>) -> ReplicaSetController {
        ReplicaSetController {
            kind,
            name,
            sim: parts.sim.clone(),
            recorder: parts.recorder,
            batches: BTreeMap::new(),
            unsorted: RefCell::default(),
        }
    }
}

impl Reconciler for ReplicaSetController {
    type Key = ObjectKey;

    fn name(&self) -> &'static str {
        self.name
    }

    fn interests(&self) -> Vec<&'static Kind> {
        vec![self.kind, POD]
    }

    fn keys(&self, change: &Change, client: &Client, add: &mut dyn FnMut(ObjectKey, Duration)) {
        if client.read(|server| server.registry().kind_of(change.resource)) == self.kind {
            return add(change.key.clone(), Duration::ZERO);
        }
        let owner = pods::controller_key(&change.object, self.kind);
        let old_owner =
            change.previous.as_ref().and_then(|old| pods::controller_key(old, self.kind));
        if old_owner != owner
            && let Some(key) = old_owner
        {
            add(key, Duration::ZERO);
        }
        match owner {
            Some(key) => {
                if has_other_labels(change) {
                    self.unsorted.borrow_mut().insert(key.clone());
                }
                if let Some(delay) = becomes_available_in(change, self.kind, &key, client) {
                    add(key.clone(), delay);
                }
                add(key, Duration::ZERO);
            }
            None if change.ty != ChangeType::Deleted => {
                matching_sets(change, self.kind, client, add)
            }
            None => {}
        }
    }

    fn reconcile(&mut self, key: &ObjectKey, client: &Client) -> Result<Reconcile, Status> {
        let Some(object) = client.get(self.kind, &key.namespace, &key.name) else {
            self.batches.remove(key);
            return Ok(Reconcile::Done);
        };
        let set = ReplicaSet::of(&object);
        let pods = self.owned_pods(key, &object, client);
        let mut counts = pods.counts(set, client, self.sim.now());
        let mut failure = None;
        if set.metadata().deletion_timestamp().is_none() {
            match self.manage(key, &object, &pods, &mut counts, client) {
                Ok(true) => return Ok(Reconcile::After(Duration::ZERO)),
                Ok(false) => {}
                Err(status) => failure = Some(status),
            }
        }
        self.update_status(&object, counts, failure.as_ref(), client)?;
        match failure {
            Some(status) => Err(status),
            None => Ok(next_look(set, counts)),
        }
    }
}

/// The Pods of a set: all of them, or only the knowledge that counting is enough.
enum Owned {
    Listed(Vec<Value>),
    Counted,
}

impl Owned {
    fn counts(&self, set: ReplicaSet<'_>, client: &Client, now: Time) -> Counts {
        let Owned::Listed(active) = self else {
            let (active, ready) = client.controlled_pod_counts(set.metadata().uid());
            return Counts { active, fully_labeled: active, ready, available: ready };
        };
        let template_labels = set.spec().template().metadata().labels();
        let has_all_labels = |pod: &Value| {
            let labels = table::metadata(pod).labels();
            template_labels.iter().all(|(key, value)| labels.get(key) == Some(value))
        };
        let min_ready_seconds = set.spec().min_ready_seconds();
        let count = |holds: &dyn Fn(&Value) -> bool| active.iter().filter(|p| holds(p)).count();
        Counts {
            active: active.len(),
            fully_labeled: count(&has_all_labels),
            ready: count(&|pod| pods::is_ready(Pod::of(pod))),
            available: count(&|pod| pods::is_available(Pod::of(pod), min_ready_seconds, now)),
        }
    }
}

/// Whether the labels of a Pod were changed: it may no longer belong to its set.
fn has_other_labels(change: &Change) -> bool {
    let labels = |object: &Value| object.get(&names::METADATA).get(&names::LABELS).clone();
    change.previous.as_ref().is_some_and(|old| labels(old) != labels(&change.object))
}

/// When a Pod becomes ready, its set looks again once it counts as available.
fn becomes_available_in(
    change: &Change,
    kind: &'static Kind,
    key: &ObjectKey,
    client: &Client,
) -> Option<Duration> {
    let was_ready = change.previous.as_ref().is_some_and(|old| pods::is_ready(Pod::of(old)));
    if was_ready || !pods::is_ready(Pod::of(&change.object)) {
        return None;
    }
    let set = client.get(kind, &key.namespace, &key.name)?;
    let seconds = ReplicaSet::of(&set).spec().min_ready_seconds();
    // One second more, since times are kept to the second.
    (seconds > 0).then(|| Duration::from_secs(seconds as u64 + 1))
}

fn matching_sets(
    change: &Change,
    kind: &'static Kind,
    client: &Client,
    add: &mut dyn FnMut(ObjectKey, Duration),
) {
    let labels = table::metadata(&change.object).labels();
    if labels.is_empty() {
        return;
    }
    for set in client.list(kind, Some(&change.key.namespace)) {
        if selector_of(&set).matches(labels) {
            add(ObjectKey::of(&set), Duration::ZERO);
        }
    }
}

/// The selector of a set: of a ReplicationController it is a plain map of labels.
fn selector_of(set: &Value) -> Selector {
    let selector = set.get(&names::SPEC).get(&names::SELECTOR);
    let is_document = ["matchLabels", "matchExpressions"]
        .iter()
        .any(|key| matches!(selector[*key], Value::Map(_) | Value::List(_)));
    match selector {
        Value::Map(labels) if !is_document => Selector::from_labels(api::StringMap(labels)),
        _ => Selector::from_document(selector),
    }
}

impl ReplicaSetController {
    /// The Pods of a set. They are listed only where counting does not do: when Pods must be
    /// chosen, adopted or let go, or when readiness must last before it counts.
    fn owned_pods(&self, key: &ObjectKey, object: &Value, client: &Client) -> Owned {
        let set = ReplicaSet::of(object);
        let (active, _) = client.controlled_pod_counts(set.metadata().uid());
        let wanted = set.spec().replicas().unwrap_or(1).max(0) as usize;
        let counting_is_enough = active <= wanted
            && set.spec().min_ready_seconds() == 0
            && !self.unsorted.borrow().contains(key)
            && !client.has_orphans(POD, &key.namespace);
        if counting_is_enough {
            return Owned::Counted;
        }
        self.unsorted.borrow_mut().remove(key);
        let selector = selector_of(object);
        let mut pods = pods::claim(client, POD, self.kind, object, &selector);
        pods.retain(|pod| pods::is_active(Pod::of(pod)));
        Owned::Listed(pods)
    }

    /// Creates or deletes Pods; true if more batches follow. `counts` becomes what the status is
    /// to say: the Pods there were before.
    fn manage(
        &mut self,
        key: &ObjectKey,
        object: &Value,
        pods: &Owned,
        counts: &mut Counts,
        client: &Client,
    ) -> Result<bool, Status> {
        let wanted = ReplicaSet::of(object).spec().replicas().unwrap_or(1).max(0) as usize;
        if counts.active > wanted {
            self.batches.remove(key);
            let excess = (counts.active - wanted).min(BURST_REPLICAS);
            let Owned::Listed(active) = pods else {
                return Ok(false);
            };
            return self.delete_pods(object, active.clone(), excess, client).map(|()| false);
        }
        let missing = wanted - counts.active;
        if missing == 0 {
            if let Some(batches) = self.batches.remove(key) {
                *counts = batches.before;
            }
            return Ok(false);
        }
        let batches = self.batches.entry(key.clone()).or_insert_with(|| Batches {
            remaining: missing.min(BURST_REPLICAS),
            next: 1,
            before: *counts,
        });
        let count = batches.next.min(batches.remaining).min(missing);
        batches.remaining -= count;
        batches.next *= 2;
        let is_last = batches.remaining == 0;
        let before = batches.before;
        let created = self.create_pods(object, count, client);
        if is_last || created.is_err() {
            self.batches.remove(key);
            *counts = before;
        }
        created.map(|()| !is_last)
    }

    fn create_pods(&mut self, object: &Value, count: usize, client: &Client) -> Result<(), Status> {
        let about = ObjectReference::to(self.kind, object);
        let template = object.get(&names::SPEC).get(&names::TEMPLATE);
        let pod = pods::from_template(template, self.kind, object);
        for _ in 0..count {
            match client.create(POD, pod.clone()) {
                Ok(created) => {
                    let name = table::metadata(&created).name();
                    let message = format!("Created pod: {name}");
                    self.recorder.normal(&about, "SuccessfulCreate", message);
                }
                Err(status) if is_namespace_terminating(&status) => return Ok(()),
                Err(status) => {
                    let message = format!("Error creating: {status}");
                    self.recorder.warning(&about, "FailedCreate", message);
                    return Err(status);
                }
            }
        }
        Ok(())
    }

    fn delete_pods(
        &mut self,
        object: &Value,
        mut active: Vec<Value>,
        excess: usize,
        client: &Client,
    ) -> Result<(), Status> {
        let about = ObjectReference::to(self.kind, object);
        let per_node = related_pods_per_node(object, client);
        let rank = |node: &str| per_node.get(node).copied().unwrap_or(0);
        let chosen = pods::first_to_go(&mut active, excess, self.sim.now(), rank);
        for pod in chosen {
            let name = table::metadata(pod).name();
            let uid = table::metadata(pod).uid();
            match client.delete(POD, &ObjectKey::of(pod), uid, DeleteOptions::default()) {
                Ok(_) => {
                    let message = format!("Deleted pod: {name}");
                    self.recorder.normal(&about, "SuccessfulDelete", message);
                }
                Err(status) if status.reason == api::Reason::NotFound => {}
                Err(status) => {
                    let message = format!("Error deleting: {status}");
                    self.recorder.warning(&about, "FailedDelete", message);
                    return Err(status);
                }
            }
        }
        Ok(())
    }

    fn update_status(
        &self,
        object: &Value,
        counts: Counts,
        failure: Option<&Status>,
        client: &Client,
    ) -> Result<(), Status> {
        let set = ReplicaSet::of(object);
        let mut updated = object.clone();
        let mut view = ReplicaSetMut::of(&mut updated);
        let mut status = view.status_mut();
        status.set_replicas(counts.active as i64);
        status.set_fully_labeled_replicas(counts.fully_labeled as i64);
        status.set_ready_replicas(counts.ready as i64);
        status.set_available_replicas(counts.available as i64);
        status.set_observed_generation(set.metadata().generation());
        status.set_conditions(conditions(set, failure, self.sim.now()));
        if updated.get(&names::STATUS) == object.get(&names::STATUS) {
            return Ok(());
        }
        client.update_status(self.kind, updated).map(|_| ())
    }
}

/// A set whose Pods are all ready but not yet all available looks again.
fn next_look(set: ReplicaSet<'_>, counts: Counts) -> Reconcile {
    let seconds = set.spec().min_ready_seconds();
    let wanted = set.spec().replicas().unwrap_or(1).max(0) as usize;
    if seconds > 0 && counts.ready == wanted && counts.available != wanted {
        return Reconcile::After(Duration::from_secs(seconds as u64));
    }
    Reconcile::Done
}

fn is_namespace_terminating(status: &Status) -> bool {
    status
        .details
        .as_ref()
        .is_some_and(|d| d.causes.iter().any(|cause| cause.reason == "NamespaceTerminating"))
}

/// A set that cannot create or delete Pods says so in a condition.
fn conditions(set: ReplicaSet<'_>, failure: Option<&Status>, now: sim::Time) -> Value {
    const REPLICA_FAILURE: &str = "ReplicaFailure";
    let old = set.status().conditions();
    let has_failure = old.clone().any(|c| c.type_() == REPLICA_FAILURE);
    match failure {
        Some(status) if !has_failure => {
            let mut conditions: Vec<Value> = old.values().to_vec();
            conditions.push(object! {
                "type": REPLICA_FAILURE,
                "status": "True",
                "reason": "FailedCreate",
                "message": status.message.clone(),
                "lastTransitionTime": now.rfc3339(),
            });
            conditions.into()
        }
        None if has_failure => {
            let rest = old.filter(|c| c.type_() != REPLICA_FAILURE);
            Value::List(rest.map(|c| c.value().clone()).collect())
        }
        _ => set.status().value().get(&names::CONDITIONS).clone(),
    }
}

/// How many active Pods each node runs of all sets that have the same owner as this one.
fn related_pods_per_node(object: &Value, client: &Client) -> BTreeMap<String, usize> {
    let owner = pods::controller_of(object, &deployment::KIND);
    let sets = match owner {
        Some(owner) => client.controlled_by(&replica_set::KIND, owner.uid()),
        None => vec![object.clone()],
    };
    let mut counts = BTreeMap::new();
    for set in &sets {
        for pod in client.controlled_by(POD, table::metadata(set).uid()) {
            let view = Pod::of(&pod);
            if pods::is_active(view) {
                *counts.entry(view.spec().node_name().to_owned()).or_default() += 1;
            }
        }
    }
    counts
}
