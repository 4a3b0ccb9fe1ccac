//! One look at a Job.

use super::pod::{self, index_of};
use super::{Backoff, JobController, indexes, is_tracked, phase};
use crate::pods::{self, POD};
use api::batch::v1::Job;
use api::core::v1::Pod;
use api::labels::Selector;
use api::{Status, Value, View, names, object};
use apiserver::store::ObjectKey;
use client::{Client, DeleteOptions, ObjectReference, Reconcile};
use kinds::batch::job;
use kinds::table;
use sim::{Duration, Time};
use std::collections::BTreeSet;

/// `MaxPodCreateDeletePerSync`
const PODS_PER_SYNC: i64 = 500;
/// `DefaultJobPodFailureBackOff` and `MaxJobPodFailureBackOff`
const BACKOFF_INITIAL: Duration = Duration::from_secs(10);
const BACKOFF_MAX: Duration = Duration::from_secs(600);

/// Whether a Job has come to its end.
pub(super) fn is_finished(object: &Value) -> bool {
    let mut conditions = Job::of(object).status().conditions();
    conditions.any(|c| matches!(c.type_(), "Complete" | "Failed") && c.status() == "True")
}

/// How a Job ends.
#[derive(Clone, Copy)]
enum End {
    Complete,
    Failed { reason: &'static str, message: &'static str },
}

const BACKOFF_LIMIT_EXCEEDED: End = End::Failed {
    reason: "BackoffLimitExceeded",
    message: "Job has reached the specified backoff limit",
};
const DEADLINE_EXCEEDED: End = End::Failed {
    reason: "DeadlineExceeded",
    message: "Job was active longer than specified deadline",
};

pub(super) struct Sync<'a> {
    controller: &'a mut JobController,
    client: &'a Client,
    key: ObjectKey,
    now: Time,
    /// The Job, its status as it becomes.
    object: Value,
    pods: Vec<Value>,
    active: Vec<Value>,
    /// The Pods that have ended and have not been counted before.
    newly_succeeded: Vec<Value>,
    newly_failed: Vec<Value>,
    completed: BTreeSet<i64>,
}

impl<'a> Sync<'a> {
    pub(super) fn load(
        controller: &'a mut JobController,
        client: &'a Client,
        key: ObjectKey,
        object: Value,
    ) -> Sync<'a> {
        let selector = Selector::from_document(object.get(&names::SPEC).get(&names::SELECTOR));
        let pods = pods::claim(client, POD, &job::KIND, &object, &selector);
        let kept = |keeps: &dyn Fn(&Value) -> bool| -> Vec<Value> {
            pods.iter().filter(|pod| keeps(pod)).cloned().collect()
        };
        let active = kept(&|pod| pods::is_active(Pod::of(pod)));
        let newly_succeeded = kept(&|pod| is_tracked(pod) && phase(pod) == "Succeeded");
        // A Pod on its way out will be replaced, so it counts as failed already.
        let newly_failed = kept(&|pod| {
            let is_going = table::metadata(pod).deletion_timestamp().is_some();
            is_tracked(pod) && phase(pod) != "Succeeded" && (phase(pod) == "Failed" || is_going)
        });
        let mut completed = indexes::parse(Job::of(&object).status().completed_indexes());
        completed.extend(newly_succeeded.iter().filter_map(index_of));
        let now = controller.sim.now();
        Sync {
            controller,
            client,
            key,
            now,
            object,
            pods,
            active,
            newly_succeeded,
            newly_failed,
            completed,
        }
    }

    fn view(&self) -> Job<'_> {
        Job::of(&self.object)
    }

    fn is_indexed(&self) -> bool {
        self.view().spec().completion_mode() == Some("Indexed")
    }

    fn is_suspended(&self) -> bool {
        self.view().spec().suspend() == Some(true)
    }

    fn succeeded(&self) -> i64 {
        match self.is_indexed() {
            true => self.completed.len() as i64,
            false => self.view().status().succeeded() + self.newly_succeeded.len() as i64,
        }
    }

    fn failed(&self) -> i64 {
        self.view().status().failed() + self.newly_failed.len() as i64
    }

    pub(super) fn run(mut self) -> Result<Reconcile, Status> {
        let before = self.object.clone();
        self.note_failures();
        if self.view().status().start_time().is_none() && !self.is_suspended() {
            self.set(&names::START_TIME, self.now.rfc3339());
        }
        let ready = self.active.iter().filter(|pod| pods::is_ready(Pod::of(pod))).count() as i64;
        let is_deleting = self.view().metadata().deletion_timestamp().is_some();
        let end = self.end();
        let mut outcome = Ok(self.next_look());
        if let Some(End::Failed { .. }) = end {
            self.give_up()?;
        } else if end.is_none() && !is_deleting {
            outcome = self.manage();
        }
        self.untrack_counted(is_deleting)?;
        self.update_status(before, ready, end)?;
        outcome
    }

    fn set(&mut self, key: &api::Key, value: impl Into<Value>) {
        self.object.update(&names::STATUS, |status| {
            status.make_map().insert(key, value);
        });
    }

    /// Counts failures in a row; a success begins anew.
    fn note_failures(&mut self) {
        let now = self.now;
        let backoff = self.controller.backoffs.entry(self.key.clone()).or_default();
        if !self.newly_succeeded.is_empty() {
            *backoff = Backoff::default();
        }
        for pod in &self.newly_failed {
            backoff.failures += 1;
            backoff.last_failure = backoff.last_failure.max(pod::finish_time(pod, now));
        }
    }

    /// How long no new Pod is made, after failures.
    fn backoff_left(&self) -> Duration {
        let backoff = self.controller.backoffs.get(&self.key).copied().unwrap_or_default();
        if backoff.failures == 0 {
            return Duration::ZERO;
        }
        let doublings = (backoff.failures - 1).min(6);
        let pause = BACKOFF_INITIAL.saturating_mul(1 << doublings).min(BACKOFF_MAX);
        (backoff.last_failure + pause).since(self.now)
    }

    fn end(&self) -> Option<End> {
        let spec = self.view().spec();
        let limit = spec.backoff_limit().unwrap_or(6);
        if self.failed() > limit || self.restarts_exceed(limit) {
            return Some(BACKOFF_LIMIT_EXCEEDED);
        }
        if self.deadline().is_some_and(|deadline| deadline <= self.now) {
            return Some(DEADLINE_EXCEEDED);
        }
        let is_complete = match spec.completions() {
            Some(completions) => self.succeeded() >= completions,
            None => self.succeeded() > 0,
        };
        (is_complete && self.active.is_empty()).then_some(End::Complete)
    }

    /// With the policy OnFailure, containers are started again in their Pods.
    fn restarts_exceed(&self, limit: i64) -> bool {
        if self.view().spec().template().spec().restart_policy() != "OnFailure" {
            return false;
        }
        let counted = self.active.iter().filter(|p| matches!(phase(p), "Running" | "Pending"));
        let restarts: i64 = counted.map(pod::restarts).sum();
        if limit == 0 { restarts > 0 } else { restarts >= limit }
    }

    fn deadline(&self) -> Option<Time> {
        let seconds = self.view().spec().active_deadline_seconds()?;
        if self.is_suspended() {
            return None;
        }
        Some(self.view().status().start_time()? + Duration::from_secs(seconds.max(0) as u64))
    }

    fn next_look(&self) -> Reconcile {
        match self.deadline() {
            Some(deadline) if deadline > self.now => Reconcile::After(deadline.since(self.now)),
            _ => Reconcile::Done,
        }
    }

    /// All that still runs ends, and counts as failed.
    fn give_up(&mut self) -> Result<(), Status> {
        let active = std::mem::take(&mut self.active);
        self.delete_pods(&active)?;
        self.newly_failed.extend(active);
        Ok(())
    }

    /// Makes and deletes Pods until as many run as are to.
    fn manage(&mut self) -> Result<Reconcile, Status> {
        if self.is_suspended() {
            let active = std::mem::take(&mut self.active);
            self.delete_pods(&active)?;
            self.tell_suspension("True", ("Suspended", "JobSuspended", "Job suspended"));
            return Ok(Reconcile::Done);
        }
        if self.tell_suspension("False", ("Resumed", "JobResumed", "Job resumed")) {
            self.set(&names::START_TIME, self.now.rfc3339());
        }
        let parallelism = self.view().spec().parallelism().unwrap_or(1);
        let active = self.active.len() as i64;
        let wanted = match self.view().spec().completions() {
            Some(completions) => (completions - self.succeeded()).min(parallelism).max(0),
            None if self.succeeded() > 0 => active.min(parallelism),
            None => parallelism,
        };
        if active > wanted {
            return self.delete_surplus((active - wanted).min(PODS_PER_SYNC));
        }
        if active == wanted {
            return Ok(self.next_look());
        }
        let pause = self.backoff_left();
        if pause > Duration::ZERO {
            return Ok(Reconcile::After(pause));
        }
        self.create_pods((wanted - active).min(PODS_PER_SYNC))?;
        Ok(self.next_look())
    }

    fn delete_surplus(&mut self, count: i64) -> Result<Reconcile, Status> {
        let mut active = std::mem::take(&mut self.active);
        let chosen = pods::first_to_go(&mut active, count as usize, self.now, |_| 0).to_vec();
        self.delete_pods(&chosen)?;
        self.active = active.split_off(chosen.len());
        Ok(self.next_look())
    }

    fn about(&self) -> ObjectReference {
        ObjectReference::to(&job::KIND, &self.object)
    }

    fn create_pods(&mut self, count: i64) -> Result<(), Status> {
        let about = self.about();
        let mut indexes = self.pending_indexes().into_iter();
        for _ in 0..count {
            let index = match self.is_indexed() {
                true => match indexes.next() {
                    Some(index) => Some(index),
                    None => return Ok(()),
                },
                false => None,
            };
            match self.client.create(POD, pod::new_pod(&self.object, index)) {
                Ok(created) => {
                    let message = format!("Created pod: {}", table::metadata(&created).name());
                    self.controller.recorder.normal(&about, "SuccessfulCreate", message);
                    self.active.push(created);
                }
                Err(status) => {
                    let message = format!("Error creating: {status}");
                    self.controller.recorder.warning(&about, "FailedCreate", message);
                    return Err(status);
                }
            }
        }
        Ok(())
    }

    /// The indexes that nobody works on and that are not done, the lowest first; as many as can
    /// be made in one go.
    fn pending_indexes(&self) -> Vec<i64> {
        let completions = self.view().spec().completions().unwrap_or(0);
        let active: BTreeSet<i64> = self.active.iter().filter_map(index_of).collect();
        let is_pending = |index: &i64| !active.contains(index) && !self.completed.contains(index);
        (0..completions).filter(is_pending).take(PODS_PER_SYNC as usize).collect()
    }

    fn delete_pods(&mut self, pods: &[Value]) -> Result<(), Status> {
        let about = self.about();
        for pod in pods {
            let metadata = table::metadata(pod);
            let options = DeleteOptions::default();
            match self.client.delete(POD, &ObjectKey::of(pod), metadata.uid(), options) {
                Ok(_) => {
                    let message = format!("Deleted pod: {}", metadata.name());
                    self.controller.recorder.normal(&about, "SuccessfulDelete", message);
                }
                Err(status) if status.reason == api::Reason::NotFound => {}
                Err(status) => {
                    let message = format!("Error deleting: {status}");
                    self.controller.recorder.warning(&about, "FailedDelete", message);
                    return Err(status);
                }
            }
        }
        Ok(())
    }

    /// Sets the condition Suspended; true if it has changed. A Job that never was suspended does
    /// not say that it is not.
    fn tell_suspension(
        &mut self,
        status: &'static str,
        (event, reason, message): (&'static str, &'static str, &'static str),
    ) -> bool {
        let conditions = self.view().status().conditions();
        let before = conditions.clone().find(|condition| condition.type_() == "Suspended");
        let is_news = match before {
            Some(before) => before.status() != status,
            None => status == "True",
        };
        if !is_news {
            return false;
        }
        let condition = self.condition("Suspended", status, Some((reason, message)));
        let mut all: Vec<Value> = conditions
            .filter(|condition| condition.type_() != "Suspended")
            .map(|condition| condition.value().clone())
            .collect();
        all.push(condition);
        self.set(&names::CONDITIONS, all);
        let about = self.about();
        self.controller.recorder.normal(&about, event, message);
        true
    }

    fn condition(
        &self,
        ty: &'static str,
        status: &'static str,
        why: Option<(&'static str, &'static str)>,
    ) -> Value {
        let now = self.now.rfc3339();
        let mut condition = object! {
            "type": ty,
            "status": status,
            "lastProbeTime": now.clone(),
            "lastTransitionTime": now,
        };
        if let Some((reason, message)) = why {
            condition.make_map().insert(&names::REASON, reason);
            condition.make_map().insert(&names::MESSAGE, message);
        }
        condition
    }

    /// Lets the Pods go that are counted now; all of them once the Job is being deleted.
    fn untrack_counted(&self, is_deleting: bool) -> Result<(), Status> {
        let all = self.pods.iter().filter(|pod| is_deleting && is_tracked(pod));
        let counted = self.newly_succeeded.iter().chain(&self.newly_failed);
        let mut seen = BTreeSet::new();
        for pod in counted.chain(all) {
            if seen.insert(table::metadata(pod).uid().to_owned()) {
                pod::untrack(pod, self.client)?;
            }
        }
        Ok(())
    }

    fn update_status(&mut self, before: Value, ready: i64, end: Option<End>) -> Result<(), Status> {
        let (succeeded, failed) = (self.succeeded(), self.failed());
        let is_ending = |pod: &&Value| {
            table::metadata(pod).deletion_timestamp().is_some()
                && !matches!(phase(pod), "Succeeded" | "Failed")
        };
        let terminating = self.pods.iter().filter(is_ending).count() as i64;
        let active = self.active.len() as i64;
        let completed = indexes::print(&self.completed);
        let is_indexed = self.is_indexed();
        self.object.update(&names::STATUS, |status| {
            let map = status.make_map();
            for (key, number) in
                [(&names::ACTIVE, active), (&names::SUCCEEDED, succeeded), (&names::FAILED, failed)]
            {
                match number {
                    0 => map.remove(key),
                    number => map.insert(key, number),
                };
            }
            map.insert(&names::READY, ready);
            map.insert(&names::TERMINATING, terminating);
            map.insert(&names::UNCOUNTED_TERMINATED_PODS, Value::EMPTY_MAP);
            if is_indexed && !completed.is_empty() {
                map.insert(&names::COMPLETED_INDEXES, completed);
            }
        });
        if let Some(end) = end {
            self.finish(end);
        }
        if self.object.get(&names::STATUS) == before.get(&names::STATUS) {
            return Ok(());
        }
        self.client.update_status(&job::KIND, self.object.clone())?;
        if let Some(end) = end {
            let about = self.about();
            let recorder = &mut self.controller.recorder;
            match end {
                End::Complete => recorder.normal(&about, "Completed", "Job completed"),
                End::Failed { reason, message } => recorder.warning(&about, reason, message),
            }
        }
        Ok(())
    }

    fn finish(&mut self, end: End) {
        let condition = match end {
            End::Complete => {
                self.set(&names::COMPLETION_TIME, self.now.rfc3339());
                self.condition("Complete", "True", None)
            }
            End::Failed { reason, message } => {
                self.condition("Failed", "True", Some((reason, message)))
            }
        };
        let mut all: Vec<Value> = self.view().status().conditions().values().to_vec();
        all.push(condition);
        self.set(&names::CONDITIONS, all);
    }
}
