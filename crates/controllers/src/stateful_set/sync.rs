//! One step towards what a StatefulSet asks for.

use super::identity::{self, revision_of};
use super::revisions::{Revisions, template_of};
use super::{KIND, Sync};
use crate::pods;
use api::apps::v1::{StatefulSet, StatefulSetMut};
use api::core::v1::Pod;
use api::{Status, Value, View, ViewMut, names};
use client::Reconcile;
use kinds::table;
use sim::Duration;

/// A place in the set: a Pod that exists, or one that is to be created.
struct Replica {
    pod: Value,
    ordinal: i64,
    exists: bool,
}

/// How many Pods are made in one go; those beyond wait for the next look at the set.
const MISSING_MAX: usize = 500;

impl Replica {
    fn phase(&self) -> &str {
        Pod::of(&self.pod).status().phase()
    }

    fn is_over(&self) -> bool {
        matches!(self.phase(), "Succeeded" | "Failed")
    }

    fn is_terminating(&self) -> bool {
        table::metadata(&self.pod).deletion_timestamp().is_some()
    }

    fn is_running_and_ready(&self) -> bool {
        self.phase() == "Running" && pods::is_ready(Pod::of(&self.pod))
    }

    fn is_healthy(&self) -> bool {
        self.is_running_and_ready() && !self.is_terminating()
    }
}

/// Whether a step is to be the last one of this look.
#[derive(PartialEq, Eq)]
enum Step {
    Last,
    GoOn,
}

impl Sync<'_> {
    pub(super) fn run(&mut self) -> Result<Reconcile, Status> {
        let revisions = self.revisions()?;
        let (mut replicas, mut condemned) = self.sort_pods(&revisions);
        let outcome = self.step(&revisions, &mut replicas, &mut condemned);
        let trailing = i64::from(matches!(outcome, Ok(Some(_))));
        let status = self.status(&revisions, &replicas, &condemned, trailing);
        self.store_status(status)?;
        outcome?;
        self.clean_up_revisions(&revisions)?;
        let seconds = self.view().spec().min_ready_seconds();
        let view = self.view();
        if seconds > 0 && view.status().available_replicas() != view.spec().replicas().unwrap_or(1)
        {
            return Ok(Reconcile::After(Duration::from_secs(seconds as u64)));
        }
        Ok(Reconcile::Done)
    }

    /// The Pods that the set should have, those to be created included, by their numbers; and
    /// those beyond them, highest number first.
    fn sort_pods(&self, revisions: &Revisions) -> (Vec<Replica>, Vec<Replica>) {
        let start = identity::start(self.view());
        let count = self.view().spec().replicas().unwrap_or(1).max(0);
        let mut condemned = Vec::new();
        let mut present = std::collections::BTreeMap::new();
        for pod in &self.pods {
            let Some(ordinal) = identity::ordinal(&self.object, table::metadata(pod).name()) else {
                continue;
            };
            let replica = Replica { pod: pod.clone(), ordinal, exists: true };
            if self.has_ordinal(ordinal) {
                present.insert(ordinal, replica);
            } else {
                condemned.push(replica);
            }
        }
        let mut replicas = Vec::new();
        let mut missing_count = 0;
        for ordinal in start..start + count {
            let replica = present.remove(&ordinal).unwrap_or_else(|| {
                missing_count += 1;
                self.missing(revisions, ordinal)
            });
            replicas.push(replica);
            if missing_count == MISSING_MAX {
                break;
            }
        }
        condemned.sort_by_key(|replica| std::cmp::Reverse(replica.ordinal));
        (replicas, condemned)
    }

    /// A Pod to be created: below the partition from the old template.
    fn missing(&self, revisions: &Revisions, ordinal: i64) -> Replica {
        let view = self.view();
        let strategy = view.spec().update_strategy();
        let start = identity::start(view);
        let is_old = match strategy.rolling_update() {
            Some(update) => ordinal < start + update.partition().unwrap_or(0),
            None => {
                strategy.type_() == "RollingUpdate"
                    && ordinal < start + view.status().current_replicas()
            }
        };
        let revision = if is_old { &revisions.current } else { &revisions.update };
        let name = table::metadata(revision).name();
        let pod = identity::new_pod(&self.object, &template_of(revision), name, ordinal);
        Replica { pod, ordinal, exists: false }
    }

    fn is_monotonic(&self) -> bool {
        self.view().spec().pod_management_policy() != "Parallel"
    }

    fn is_available(&self, replica: &Replica) -> bool {
        let seconds = self.view().spec().min_ready_seconds();
        replica.is_running_and_ready()
            && pods::is_available(Pod::of(&replica.pod), seconds, self.now)
    }

    /// Creates, scales down or updates. Gives the number of an up-to-date set's Pod that was just
    /// deleted for an update.
    fn step(
        &mut self,
        revisions: &Revisions,
        replicas: &mut [Replica],
        condemned: &mut [Replica],
    ) -> Result<Option<i64>, Status> {
        if self.view().metadata().deletion_timestamp().is_some() {
            return Ok(None);
        }
        let is_monotonic = self.is_monotonic();
        let first_unhealthy = replicas
            .iter()
            .chain(condemned.iter().rev())
            .find(|replica| !replica.is_healthy())
            .map(|replica| replica.ordinal);
        let mut is_last = false;
        for replica in replicas.iter_mut() {
            is_last |= self.process(revisions, replica)? == Step::Last;
            if is_last && is_monotonic {
                break;
            }
        }
        if is_last {
            return Ok(None);
        }
        for replica in condemned.iter() {
            self.own_claims(replica.ordinal, &replica.pod)?;
        }
        for replica in condemned.iter() {
            is_last |= self.process_condemned(replica, first_unhealthy)? == Step::Last;
            if is_last && is_monotonic {
                break;
            }
        }
        if is_last || self.view().spec().update_strategy().type_() == "OnDelete" {
            return Ok(None);
        }
        self.update_one(revisions, replicas)
    }

    /// Sees to one of the Pods that the set should have.
    fn process(&mut self, revisions: &Revisions, replica: &mut Replica) -> Result<Step, Status> {
        let is_monotonic = self.is_monotonic();
        let blocks = |holds: bool| if holds && is_monotonic { Step::Last } else { Step::GoOn };
        if replica.exists && replica.is_over() {
            if replica.is_terminating() {
                // The name is free when the kubelet has let go of it.
                return Ok(Step::Last);
            }
            self.tell_of_recreation(replica);
            self.delete_pod(&replica.pod)?;
            *replica = self.missing(revisions, replica.ordinal);
        }
        if !replica.exists {
            self.create_pod(replica.pod.clone())?;
            return Ok(blocks(true));
        }
        if replica.phase() == "Pending" {
            self.create_claims(replica.ordinal)?;
        }
        if is_monotonic && (replica.is_terminating() || !self.is_available(replica)) {
            return Ok(Step::Last);
        }
        self.own_claims(replica.ordinal, &replica.pod)?;
        if !replica.is_terminating() {
            self.restore_identity(&replica.pod, replica.ordinal)?;
        }
        Ok(Step::GoOn)
    }

    fn tell_of_recreation(&mut self, replica: &Replica) {
        let metadata = self.view().metadata();
        let set = format!("StatefulSet {}/{}", metadata.namespace(), metadata.name());
        let pod = table::metadata(&replica.pod).name();
        let about = self.about();
        let recorder = &mut self.controller.recorder;
        if replica.phase() == "Failed" {
            let message = format!("{set} is recreating failed Pod {pod}");
            recorder.warning(&about, "RecreatingFailedPod", message);
        } else {
            let message = format!("{set} is recreating terminated Pod {pod}");
            recorder.normal(&about, "RecreatingTerminatedPod", message);
        }
    }

    /// Sees to one of the Pods beyond those that the set should have.
    fn process_condemned(
        &mut self,
        replica: &Replica,
        first_unhealthy: Option<i64>,
    ) -> Result<Step, Status> {
        let is_monotonic = self.is_monotonic();
        if replica.is_terminating() {
            return Ok(if is_monotonic { Step::Last } else { Step::GoOn });
        }
        let is_good = self.is_available(replica) || first_unhealthy == Some(replica.ordinal);
        if is_good || !is_monotonic {
            self.delete_pod(&replica.pod)?;
        }
        Ok(Step::Last)
    }

    /// Deletes the Pod with the highest number that is not up to date, unless one above it is not
    /// healthy yet.
    fn update_one(
        &mut self,
        revisions: &Revisions,
        replicas: &[Replica],
    ) -> Result<Option<i64>, Status> {
        let update = self.view().spec().update_strategy().rolling_update();
        let partition = update.and_then(|update| update.partition()).unwrap_or(0).max(0) as usize;
        let wanted = table::metadata(&revisions.update).name();
        for replica in replicas.iter().skip(partition).rev() {
            if revision_of(&replica.pod) != wanted && !replica.is_terminating() {
                self.delete_pod(&replica.pod)?;
                return Ok(Some(replica.ordinal));
            }
            if !replica.is_healthy() {
                return Ok(None);
            }
        }
        Ok(None)
    }

    /// The status: what there was before this step. `trailing` Pods of the old revision have just
    /// been deleted.
    fn status(
        &self,
        revisions: &Revisions,
        replicas: &[Replica],
        condemned: &[Replica],
        trailing: i64,
    ) -> Value {
        let current = table::metadata(&revisions.current).name();
        let update = table::metadata(&revisions.update).name();
        let all = || replicas.iter().chain(condemned).filter(|replica| replica.exists);
        let count = |holds: &dyn Fn(&Replica) -> bool| all().filter(|r| holds(r)).count() as i64;
        let of = |name: &str| count(&|r| !r.is_terminating() && revision_of(&r.pod) == name);
        let total = count(&|_| true);
        let ready = count(&Replica::is_running_and_ready);
        let updated = of(update);
        let is_rolling = self.view().spec().update_strategy().type_() == "RollingUpdate";
        let is_complete = is_rolling && updated == total && ready == total;
        let mut changed = self.object.clone();
        let mut view = StatefulSetMut::of(&mut changed);
        let mut status = view.status_mut();
        status.set_observed_generation(self.view().metadata().generation());
        status.set_replicas(total);
        status.set_ready_replicas(ready);
        status.set_available_replicas(count(&|r| self.is_available(r)));
        status.set_updated_replicas(updated);
        status.set_current_replicas(if is_complete { updated } else { of(current) - trailing });
        let revision = if is_complete { update } else { current };
        status.set_current_revision(revision.to_owned());
        status.set_update_revision(update.to_owned());
        status.set_collision_count(revisions.collisions);
        changed
    }

    fn store_status(&mut self, changed: Value) -> Result<(), Status> {
        let old = StatefulSet::of(&self.object).status().value();
        if changed.get(&names::STATUS) != old {
            self.object = self.client.update_status(KIND, changed)?;
        }
        Ok(())
    }
}
