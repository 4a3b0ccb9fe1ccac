//! The StatefulSet controller: Pods with names that last, made and replaced in order.
//!
//! Models `k8s.io/kubernetes/pkg/controller/statefulset`. Missing: claims are not deleted when the
//! set shrinks (`whenScaled: Delete`).

mod identity;
mod status;

use crate::Parts;
use crate::controller_revision;
use crate::pods::{self, POD};
use api::apps::v1::StatefulSet;
use api::core::v1::Pod;
use api::labels::Selector;
use api::{Status, Value, View, names};
use apiserver::store::{Change, ChangeType, ObjectKey};
use client::{Client, DeleteOptions, EventRecorder, ObjectReference, Reconcile, Reconciler};
use identity::{ordinal_of, revision_of};
use kinds::apps::stateful_set;
use kinds::core::persistent_volume_claim;
use kinds::{Kind, table};
use sim::{Duration, Sim, Time};
use status::Counts;
use std::collections::BTreeMap;

/// The most Pods made in one go, so that a set of any size is made step by step.
const PODS_PER_SYNC: usize = 500;
const HASH_LABEL: &str = "controller.kubernetes.io/hash";

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
        vec![&stateful_set::KIND, POD]
    }

    fn keys(&self, change: &Change, client: &Client, add: &mut dyn FnMut(ObjectKey, Duration)) {
        if client.read(|server| server.registry().kind_of(change.resource)) == &stateful_set::KIND {
            return add(change.key.clone(), Duration::ZERO);
        }
        let versions = [Some(&change.object), change.previous.as_ref()];
        for version in versions.into_iter().flatten() {
            if let Some(key) = pods::controller_key(version, &stateful_set::KIND) {
                add(key, Duration::ZERO);
            }
        }
        let is_orphan = !table::metadata(&change.object)
            .owner_references()
            .any(|owner| owner.controller() == Some(true));
        if is_orphan && change.ty != ChangeType::Deleted {
            let labels = table::metadata(&change.object).labels();
            for object in client.list(&stateful_set::KIND, Some(&change.key.namespace)) {
                if !labels.is_empty() && selector_of(&object).matches(labels) {
                    add(ObjectKey::of(&object), Duration::ZERO);
                }
            }
        }
    }

    fn reconcile(&mut self, key: &ObjectKey, client: &Client) -> Result<Reconcile, Status> {
        let Some(object) = client.get(&stateful_set::KIND, &key.namespace, &key.name) else {
            return Ok(Reconcile::Done);
        };
        Sync::load(self, client, object)?.run()
    }
}

fn selector_of(object: &Value) -> Selector {
    Selector::from_document(object.get(&names::SPEC).get(&names::SELECTOR))
}

/// One look at a StatefulSet.
struct Sync<'a> {
    controller: &'a mut StatefulSetController,
    client: &'a Client,
    now: Time,
    object: Value,
    /// Its Pods by ordinal.
    pods: BTreeMap<i64, Value>,
    revisions: Vec<Value>,
    current: Value,
    update: Value,
    /// How many Pods this look has made.
    made: usize,
}

/// Whether the rest of the work has to wait.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    GoOn,
    Wait,
}

impl<'a> Sync<'a> {
    fn load(
        controller: &'a mut StatefulSetController,
        client: &'a Client,
        object: Value,
    ) -> Result<Sync<'a>, Status> {
        let selector = selector_of(&object);
        let name = table::metadata(&object).name().to_owned();
        let claimed = pods::claim(client, POD, &stateful_set::KIND, &object, &selector);
        let numbered = claimed.into_iter().filter_map(|pod| Some((ordinal_of(&pod, &name)?, pod)));
        let mut revisions =
            controller_revision::revisions(client, &stateful_set::KIND, &object, &selector);
        let collisions = StatefulSet::of(&object).status().collision_count().unwrap_or(0);
        let hash = controller_revision::hash_of(&controller_revision::data(&object), collisions);
        let update = controller_revision::current(
            client,
            &stateful_set::KIND,
            &object,
            &revisions,
            (hash, HASH_LABEL),
        )?;
        let name_of = |revision: &Value| table::metadata(revision).name().to_owned();
        revisions.retain(|revision| name_of(revision) != name_of(&update));
        revisions.push(update.clone());
        let status = StatefulSet::of(&object).status();
        let current = revisions.iter().find(|r| name_of(r) == status.current_revision());
        let current = current.unwrap_or(&update).clone();
        let now = controller.sim.now();
        let pods = numbered.collect();
        Ok(Sync { controller, client, now, object, pods, revisions, current, update, made: 0 })
    }

    fn view(&self) -> StatefulSet<'_> {
        StatefulSet::of(&self.object)
    }

    fn about(&self) -> ObjectReference {
        ObjectReference::to(&stateful_set::KIND, &self.object)
    }

    fn is_ordered(&self) -> bool {
        self.view().spec().pod_management_policy() != "Parallel"
    }

    /// The ordinals that Pods are to have.
    fn ordinals(&self) -> std::ops::Range<i64> {
        let spec = self.view().spec();
        let start = spec.ordinals().map_or(0, |ordinals| ordinals.start());
        start..start.saturating_add(spec.replicas().unwrap_or(1).max(0))
    }

    fn run(mut self) -> Result<Reconcile, Status> {
        let mut counts = Counts::of(&self);
        let mut failure = None;
        if self.view().metadata().deletion_timestamp().is_none() {
            failure = self.work(&mut counts).err();
        }
        status::store(&self, counts)?;
        self.clean_up()?;
        match failure {
            Some(status) => Err(status),
            None => Ok(self.next_look()),
        }
    }

    /// A Pod that is ready but not yet available is looked at again.
    fn next_look(&self) -> Reconcile {
        if self.made >= PODS_PER_SYNC {
            return Reconcile::After(Duration::ZERO);
        }
        let seconds = self.view().spec().min_ready_seconds();
        let waits = self.pods.values().any(|pod| {
            let pod = Pod::of(pod);
            pods::is_ready(pod) && !pods::is_available(pod, seconds, self.now)
        });
        if seconds > 0 && waits {
            return Reconcile::After(Duration::from_secs(seconds as u64));
        }
        Reconcile::Done
    }

    fn work(&mut self, counts: &mut Counts) -> Result<(), Status> {
        for ordinal in self.ordinals() {
            if self.made >= PODS_PER_SYNC {
                return Ok(());
            }
            if self.keep_replica(ordinal, counts)? == Step::Wait {
                return Ok(());
            }
        }
        if self.remove_condemned(counts)? == Step::Wait {
            return Ok(());
        }
        self.replace_outdated(counts)
    }

    /// Brings the Pod of one ordinal to life.
    fn keep_replica(&mut self, ordinal: i64, counts: &mut Counts) -> Result<Step, Status> {
        let waits = if self.is_ordered() { Step::Wait } else { Step::GoOn };
        let Some(object) = self.pods.get(&ordinal).cloned() else {
            self.create_pod(ordinal, counts)?;
            return Ok(waits);
        };
        let pod = Pod::of(&object);
        let is_terminating = pod.metadata().deletion_timestamp().is_some();
        let phase = pod.status().phase();
        if matches!(phase, "Failed" | "Succeeded") {
            if !is_terminating {
                let (reason, word) = match phase {
                    "Failed" => ("RecreatingFailedPod", "failed"),
                    _ => ("RecreatingTerminatedPod", "terminated"),
                };
                let metadata = self.view().metadata();
                let message = format!(
                    "StatefulSet {}/{} is recreating {word} Pod {}",
                    metadata.namespace(),
                    metadata.name(),
                    pod.metadata().name()
                );
                let about = self.about();
                self.controller.recorder.warning(&about, reason, message);
                self.delete_pod(&object)?;
            }
            return Ok(waits);
        }
        if phase == "Pending" {
            self.create_claims(ordinal)?;
        }
        let min_ready_seconds = self.view().spec().min_ready_seconds();
        let is_available =
            phase == "Running" && pods::is_available(pod, min_ready_seconds, self.now);
        if is_terminating || !is_available { Ok(waits) } else { Ok(Step::GoOn) }
    }

    /// Deletes the Pods beyond those that are wanted, the last one first.
    fn remove_condemned(&mut self, counts: &mut Counts) -> Result<Step, Status> {
        let wanted = self.ordinals();
        let condemned: Vec<Value> = self
            .pods
            .iter()
            .rev()
            .filter(|(ordinal, _)| !wanted.contains(ordinal))
            .map(|(_, pod)| pod.clone())
            .collect();
        let mut step = Step::GoOn;
        for object in condemned {
            let is_terminating = table::metadata(&object).deletion_timestamp().is_some();
            if !is_terminating {
                self.delete_pod(&object)?;
                counts.forget(self, &object);
            }
            if self.is_ordered() {
                return Ok(Step::Wait);
            }
            step = Step::GoOn;
        }
        Ok(step)
    }

    /// Deletes the last Pod of an old revision; it comes back with the new one.
    fn replace_outdated(&mut self, counts: &mut Counts) -> Result<(), Status> {
        let strategy = self.view().spec().update_strategy();
        if strategy.type_() == "OnDelete" {
            return Ok(());
        }
        let partition = strategy.rolling_update().and_then(|u| u.partition()).unwrap_or(0);
        let wanted = self.ordinals();
        let update = table::metadata(&self.update).name().to_owned();
        let first = wanted.start.saturating_add(partition);
        for ordinal in (first..wanted.end).rev() {
            let Some(object) = self.pods.get(&ordinal).cloned() else { return Ok(()) };
            let pod = Pod::of(&object);
            let is_terminating = pod.metadata().deletion_timestamp().is_some();
            if revision_of(&object) != update && !is_terminating {
                self.delete_pod(&object)?;
                counts.forget(self, &object);
                return Ok(());
            }
            if is_terminating || !pods::is_ready(pod) {
                return Ok(());
            }
        }
        Ok(())
    }

    fn delete_pod(&mut self, object: &Value) -> Result<(), Status> {
        let uid = table::metadata(object).uid();
        let deleted =
            self.client.delete(POD, &ObjectKey::of(object), uid, DeleteOptions::default());
        let name = table::metadata(object).name();
        self.tell(deleted.map(|_| ()), "Delete", &format!("delete Pod {name}"))
    }

    fn create_pod(&mut self, ordinal: i64, counts: &mut Counts) -> Result<(), Status> {
        self.create_claims(ordinal)?;
        let revision = if self.keeps_current(ordinal) { &self.current } else { &self.update };
        let pod = identity::new_pod(&self.object, revision, ordinal);
        let name = table::metadata(&pod).name().to_owned();
        let created = self.client.create(POD, pod);
        self.made += 1;
        if let Ok(created) = &created {
            counts.add(self, created);
        }
        self.tell(created.map(|_| ()), "Create", &format!("create Pod {name}"))
    }

    /// Whether a Pod of this ordinal stays at the revision from before the update.
    fn keeps_current(&self, ordinal: i64) -> bool {
        let strategy = self.view().spec().update_strategy();
        let start = self.ordinals().start;
        strategy.type_() == "RollingUpdate"
            && match strategy.rolling_update() {
                Some(update) => ordinal < start.saturating_add(update.partition().unwrap_or(0)),
                None => ordinal < start + self.view().status().current_replicas(),
            }
    }

    fn create_claims(&mut self, ordinal: i64) -> Result<(), Status> {
        for claim in identity::claims(&self.object, ordinal) {
            let key = ObjectKey::of(&claim);
            let kind = &persistent_volume_claim::KIND;
            if self.client.get(kind, &key.namespace, &key.name).is_some() {
                continue;
            }
            let created = self.client.create(kind, claim);
            let pod = identity::pod_name(&self.object, ordinal);
            let set = self.view().metadata().name().to_owned();
            let about = self.about();
            let what = format!("create Claim {} Pod {pod} in StatefulSet {set}", key.name);
            match created {
                Ok(_) => {
                    let message = format!("{what} success");
                    self.controller.recorder.normal(&about, "SuccessfulCreate", message);
                }
                Err(status) => {
                    let message = format!("{what} failed error: {status}");
                    self.controller.recorder.warning(&about, "FailedCreate", message);
                    return Err(status);
                }
            }
        }
        Ok(())
    }

    /// Reports how a request about a Pod went.
    fn tell(&mut self, result: Result<(), Status>, verb: &str, what: &str) -> Result<(), Status> {
        let set = self.view().metadata().name().to_owned();
        let about = self.about();
        let recorder = &mut self.controller.recorder;
        let reason = |is_success: bool| match (is_success, verb) {
            (true, "Create") => "SuccessfulCreate",
            (true, _) => "SuccessfulDelete",
            (false, "Create") => "FailedCreate",
            (false, _) => "FailedDelete",
        };
        match &result {
            Ok(()) => {
                let message = format!("{what} in StatefulSet {set} successful");
                recorder.normal(&about, reason(true), message);
            }
            Err(status) => {
                let message = format!("{what} in StatefulSet {set} failed error: {status}");
                recorder.warning(&about, reason(false), message);
            }
        }
        result
    }

    /// Deletes revisions that neither the set nor a Pod uses, beyond those that are kept.
    fn clean_up(&self) -> Result<(), Status> {
        let limit = self.view().spec().revision_history_limit().unwrap_or(10);
        let name_of = |revision: &Value| table::metadata(revision).name().to_owned();
        let (current, update) = (name_of(&self.current), name_of(&self.update));
        controller_revision::clean_up(self.client, &self.revisions, limit, |revision| {
            let name = name_of(revision);
            name == current
                || name == update
                || self.pods.values().any(|pod| revision_of(pod) == name)
        })
    }
}
