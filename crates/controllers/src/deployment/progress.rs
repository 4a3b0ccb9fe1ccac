//! Where a rollout stands: the Deployment's status and conditions.

use super::replica_sets::max_unavailable;
use super::{Rollout, actual_replicas, spec_replicas, sum};
use api::apps::v1::{Deployment, DeploymentCondition, DeploymentMut, ReplicaSet};
use api::{Status, Text, Value, View, ViewMut, names, object};
use client::Reconcile;
use kinds::apps::deployment;
use kinds::table;
use sim::{Duration, Time};

const PROGRESSING: &str = "Progressing";
const AVAILABLE: &str = "Available";
const REPLICA_FAILURE: &str = "ReplicaFailure";
const NEW_SET_AVAILABLE: &str = "NewReplicaSetAvailable";
const DEADLINE_EXCEEDED: &str = "ProgressDeadlineExceeded";
const PAUSED: &str = "DeploymentPaused";
/// `deployment.spec.progressDeadlineSeconds` at its largest means that there is no deadline.
const NO_DEADLINE: i64 = i32::MAX as i64;

/// A condition that begins now.
pub(super) fn condition(
    ty: &'static str,
    status: &'static str,
    reason: &'static str,
    message: String,
    now: Time,
) -> Value {
    let now = Text::from(now.rfc3339());
    object! {
        "type": ty,
        "status": status,
        "reason": reason,
        "message": message,
        "lastUpdateTime": &now,
        "lastTransitionTime": &now,
    }
}

fn find<'a>(object: &'a Value, ty: &str) -> Option<DeploymentCondition<'a>> {
    Deployment::of(object).status().conditions().find(|condition| condition.type_() == ty)
}

/// The condition that tells how the rollout gets on.
pub(super) fn progressing(object: &Value) -> Option<DeploymentCondition<'_>> {
    find(object, PROGRESSING)
}

/// Sets a condition, last in the list. One with the same status and reason stays as it is; one
/// with the same status keeps its time of transition.
pub(super) fn set_condition(object: &mut Value, mut condition: Value) {
    let ty = condition[names::TYPE.as_str()].as_str().unwrap_or_default().to_owned();
    if let Some(old) = find(object, &ty) {
        let is_same_status = *condition.get(&names::STATUS) == old.status();
        if is_same_status && *condition.get(&names::REASON) == old.reason() {
            return;
        }
        if is_same_status {
            let since = old.value().get(&names::LAST_TRANSITION_TIME).clone();
            condition.make_map().insert(&names::LAST_TRANSITION_TIME, since);
        }
    }
    remove_condition(object, &ty);
    DeploymentMut::of(object).status_mut().conditions_mut().push(condition);
}

fn remove_condition(object: &mut Value, ty: &str) {
    if find(object, ty).is_some() {
        let mut view = DeploymentMut::of(object);
        view.status_mut().conditions_mut().retain(|c| *c.get(&names::TYPE) != *ty);
    }
}

/// Whether a status says that the rollout is over and observed.
fn is_complete(object: &Value, status: &Value) -> bool {
    let deployment = Deployment::of(object);
    let wanted = deployment.spec().replicas().unwrap_or(1);
    let status = api::apps::v1::DeploymentStatus::of(status);
    status.updated_replicas() == wanted
        && status.replicas() == wanted
        && status.available_replicas() == wanted
        && status.observed_generation() >= deployment.metadata().generation()
}

impl Rollout<'_> {
    pub(super) fn has_deadline(&self) -> bool {
        self.view().spec().progress_deadline_seconds().is_some_and(|s| s != NO_DEADLINE)
    }

    /// Whether the recorded status says that the rollout is over.
    pub(super) fn is_complete(&self) -> bool {
        is_complete(&self.object, self.object.get(&names::STATUS))
    }

    /// Stores the status and the annotations of `changed`, if they differ.
    pub(super) fn store_status(&mut self, changed: Value) -> Result<(), Status> {
        if changed != self.object {
            self.object = self.client.update_status(&deployment::KIND, changed)?;
        }
        Ok(())
    }

    /// The condition that the rollout is paused, or no longer.
    pub(super) fn check_paused(&mut self) -> Result<(), Status> {
        if !self.has_deadline() {
            return Ok(());
        }
        let reason = progressing(&self.object).map(|c| c.reason().to_owned()).unwrap_or_default();
        if reason == DEADLINE_EXCEEDED {
            return Ok(());
        }
        let (reason, message) = match (self.view().spec().paused(), reason == PAUSED) {
            (true, false) => (PAUSED, "Deployment is paused"),
            (false, true) => ("DeploymentResumed", "Deployment is resumed"),
            _ => return Ok(()),
        };
        let mut changed = self.object.clone();
        let condition = condition(PROGRESSING, "Unknown", reason, message.to_owned(), self.now);
        set_condition(&mut changed, condition);
        self.store_status(changed)
    }

    /// Records the numbers, without judging the progress.
    pub(super) fn record_status(
        &mut self,
        new: Option<&Value>,
        old: &[Value],
    ) -> Result<Reconcile, Status> {
        let changed = self.with_numbers(new, old);
        self.store_status(changed)?;
        Ok(Reconcile::Done)
    }

    /// Records the numbers and how the rollout gets on.
    pub(super) fn record_progress(
        &mut self,
        new: Option<&Value>,
        old: &[Value],
    ) -> Result<Reconcile, Status> {
        let mut changed = self.with_numbers(new, old);
        self.judge_progress(&mut changed, new);
        match failure_condition(new, old) {
            Some(condition) => set_condition(&mut changed, condition),
            None => remove_condition(&mut changed, REPLICA_FAILURE),
        }
        if changed == self.object {
            return Ok(self.look_at_deadline());
        }
        self.store_status(changed)?;
        Ok(Reconcile::Done)
    }

    fn with_numbers(&self, new: Option<&Value>, old: &[Value]) -> Value {
        let all: Vec<Value> = old.iter().chain(new).cloned().collect();
        let ready = sum(&all, |set| ReplicaSet::of(set).status().ready_replicas());
        let available = sum(&all, |set| ReplicaSet::of(set).status().available_replicas());
        let total = sum(&all, spec_replicas);
        let mut changed = self.object.clone();
        let mut view = DeploymentMut::of(&mut changed);
        let mut status = view.status_mut();
        status.set_observed_generation(self.view().metadata().generation());
        status.set_replicas(sum(&all, actual_replicas));
        status.set_updated_replicas(new.map_or(0, actual_replicas));
        status.set_ready_replicas(ready);
        status.set_available_replicas(available);
        status.set_unavailable_replicas((total - available).max(0));
        let is_enough = available >= self.replicas() - max_unavailable(self.view());
        let condition = if is_enough {
            let message = "Deployment has minimum availability.";
            condition(AVAILABLE, "True", "MinimumReplicasAvailable", message.into(), self.now)
        } else {
            let message = "Deployment does not have minimum availability.";
            condition(AVAILABLE, "False", "MinimumReplicasUnavailable", message.into(), self.now)
        };
        set_condition(&mut changed, condition);
        changed
    }

    fn judge_progress(&self, changed: &mut Value, new: Option<&Value>) {
        let current = progressing(&self.object);
        if !self.has_deadline() {
            return remove_condition(changed, PROGRESSING);
        }
        let status = Deployment::of(changed).status();
        let was_complete = status.replicas() == status.updated_replicas()
            && current.is_some_and(|c| c.reason() == NEW_SET_AVAILABLE);
        if was_complete {
            return;
        }
        let subject = match new {
            Some(set) => format!("ReplicaSet \"{}\"", table::metadata(set).name()),
            None => format!("Deployment \"{}\"", self.view().metadata().name()),
        };
        let now = self.now;
        if is_complete(&self.object, changed.get(&names::STATUS)) {
            let message = format!("{subject} has successfully progressed.");
            set_condition(changed, condition(PROGRESSING, "True", NEW_SET_AVAILABLE, message, now));
        } else if has_progressed(&self.object, changed) {
            let message = format!("{subject} is progressing.");
            let mut condition = condition(PROGRESSING, "True", "ReplicaSetUpdated", message, now);
            if let Some(current) = current {
                if current.status() == "True" {
                    let since = current.value().get(&names::LAST_TRANSITION_TIME).clone();
                    condition.make_map().insert(&names::LAST_TRANSITION_TIME, since);
                }
                // Taken away first, so that the time of the update is renewed.
                remove_condition(changed, PROGRESSING);
            }
            set_condition(changed, condition);
        } else if self.is_past_deadline() {
            let message = format!("{subject} has timed out progressing.");
            set_condition(
                changed,
                condition(PROGRESSING, "False", DEADLINE_EXCEEDED, message, now),
            );
        }
    }

    fn deadline(&self) -> Option<Time> {
        let seconds = self.view().spec().progress_deadline_seconds()?;
        let since = progressing(&self.object)?.last_update_time()?;
        Some(since + Duration::from_secs(seconds.max(0) as u64))
    }

    fn is_past_deadline(&self) -> bool {
        match progressing(&self.object).map(|c| c.reason()) {
            None | Some(NEW_SET_AVAILABLE) => false,
            Some(DEADLINE_EXCEEDED) => true,
            Some(_) => self.deadline().is_some_and(|deadline| deadline < self.now),
        }
    }

    /// A rollout that has not got on looks again when its deadline has passed.
    fn look_at_deadline(&self) -> Reconcile {
        let is_settled = self.is_complete()
            || progressing(&self.object).is_none_or(|c| c.reason() == DEADLINE_EXCEEDED);
        match self.deadline() {
            Some(deadline) if self.has_deadline() && !is_settled => {
                Reconcile::After(deadline.since(self.now) + Duration::from_secs(1))
            }
            _ => Reconcile::Done,
        }
    }
}

/// Whether more new Pods are up, fewer old ones are left, or more are ready or available.
fn has_progressed(object: &Value, changed: &Value) -> bool {
    let (old, new) = (Deployment::of(object).status(), Deployment::of(changed).status());
    let outdated =
        |status: api::apps::v1::DeploymentStatus<'_>| status.replicas() - status.updated_replicas();
    new.updated_replicas() > old.updated_replicas()
        || outdated(new) < outdated(old)
        || new.ready_replicas() > old.ready_replicas()
        || new.available_replicas() > old.available_replicas()
}

/// The failure of a set to create its Pods, the new set's before any other's.
fn failure_condition(new: Option<&Value>, old: &[Value]) -> Option<Value> {
    new.into_iter().chain(old).find_map(|set| {
        let status = ReplicaSet::of(set).status();
        let found = status.conditions().find(|c| c.type_() == REPLICA_FAILURE)?;
        let value = found.value();
        Some(object! {
            "type": REPLICA_FAILURE,
            "status": value.get(&names::STATUS),
            "reason": value.get(&names::REASON),
            "message": value.get(&names::MESSAGE),
            "lastUpdateTime": value.get(&names::LAST_TRANSITION_TIME),
            "lastTransitionTime": value.get(&names::LAST_TRANSITION_TIME),
        })
    })
}
