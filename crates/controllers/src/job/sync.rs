//! One look at a Job.

use super::conditions::{self, COMPLETE, Condition, FAILED, FAILURE_TARGET, SUSPENDED};
use super::failure_policy::{self, Verdict};
use super::{Failures, JobController, KIND, indexes, is_tracked};
use crate::pods::{self, POD};
use api::batch::v1::{Job, JobMut};
use api::core::v1::Pod;
use api::{Status, Value, View, ViewMut};
use apiserver::store::ObjectKey;
use client::{Client, ObjectReference, Reconcile};
use kinds::table;
use sim::{Duration, Time};
use std::collections::BTreeSet;

/// The phase of a Pod.
pub(super) fn phase(pod: &Value) -> &str {
    Pod::of(pod).status().phase()
}

/// Whether a Job is told to wait.
pub(super) fn is_suspended(job: Job<'_>) -> bool {
    job.spec().suspend() == Some(true)
}

/// Whether a Pod counts as failed. One that is being deleted does so before it has ended, unless
/// the Job says that only ended Pods are replaced.
pub(super) fn has_failed(job: Job<'_>, pod: &Value) -> bool {
    match phase(pod) {
        "Failed" => true,
        "Succeeded" => false,
        _ => {
            job.spec().pod_replacement_policy() != Some("Failed")
                && table::metadata(pod).deletion_timestamp().is_some()
        }
    }
}

/// A Job and its Pods as they are now.
pub(super) struct Sync<'a> {
    pub(super) controller: &'a mut JobController,
    pub(super) client: &'a Client,
    pub(super) now: Time,
    pub(super) key: &'a ObjectKey,
    /// The Job, with the status as it is to become.
    pub(super) job: Value,
    pub(super) pods: Vec<Value>,
    pub(super) active: Vec<Value>,
    pub(super) succeeded: i64,
    pub(super) succeeded_indexes: BTreeSet<i64>,
    pub(super) failed_indexes: BTreeSet<i64>,
    pub(super) failures: Failures,
    /// How the Job ends, if it does.
    pub(super) end: Option<Condition>,
    /// When to look again.
    pub(super) look_again: Option<Duration>,
}

impl JobController {
    pub(super) fn sync(&mut self, key: &ObjectKey, client: &Client) -> Result<Reconcile, Status> {
        let job = client.get(KIND, &key.namespace, &key.name);
        let Some(job) = job.filter(|job| conditions::finished(job).is_none()) else {
            self.failures.remove(key);
            return Ok(Reconcile::Done);
        };
        let selector = pods::selector(&job);
        let pods = pods::claim(client, POD, KIND, &job, &selector);
        let active = pods.iter().filter(|pod| pods::is_active(Pod::of(pod))).cloned().collect();
        let now = self.sim.now();
        let failures = self.failures.get(key).copied().unwrap_or_default();
        Sync {
            controller: self,
            client,
            now,
            key,
            job,
            pods,
            active,
            succeeded: 0,
            succeeded_indexes: BTreeSet::new(),
            failed_indexes: BTreeSet::new(),
            failures,
            end: None,
            look_again: None,
        }
        .run()
    }
}

impl Sync<'_> {
    pub(super) fn view(&self) -> Job<'_> {
        Job::of(&self.job)
    }

    pub(super) fn about(&self) -> ObjectReference {
        ObjectReference::to(KIND, &self.job)
    }

    pub(super) fn look_again_in(&mut self, delay: Duration) {
        self.look_again = Some(self.look_again.map_or(delay, |other| other.min(delay)));
    }

    fn run(mut self) -> Result<Reconcile, Status> {
        let before = self.job.clone();
        if self.view().status().uncounted_terminated_pods().is_none() {
            JobMut::of(&mut self.job).status_mut().set_uncounted_terminated_pods(Value::EMPTY_MAP);
        }
        let failed = self.count();
        if self.view().status().start_time().is_none() && !is_suspended(self.view()) {
            JobMut::of(&mut self.job).status_mut().set_start_time(self.now);
        }
        self.end = self.why_it_ends(failed);
        let ready = self.active.iter().filter(|pod| pods::is_ready(Pod::of(pod))).count() as i64;
        let mut active = self.active.len() as i64;
        let mut outcome = Ok(());
        let mut has_news = false;
        if self.end.is_some() {
            let doomed = std::mem::take(&mut self.active);
            outcome = self.delete_pods(&doomed, &mut active);
            if outcome.is_err() {
                self.end = None;
            }
        } else {
            let is_managed = self.view().metadata().deletion_timestamp().is_none();
            if is_managed {
                outcome = self.manage(&mut active);
            }
            let wanted = self.view().spec().completions();
            if active == 0 && self.succeeded >= wanted.unwrap_or(1) {
                self.end = Some(Condition::new(COMPLETE, "", ""));
            } else if is_managed {
                has_news = self.note_suspension();
            }
        }
        let terminating = self.pods.iter().filter(|pod| is_terminating(pod)).count() as i64;
        let mut view = JobMut::of(&mut self.job);
        let mut status = view.status_mut();
        status.set_active(active);
        status.set_ready(ready);
        status.set_terminating(terminating);
        let old = Job::of(&before).status();
        has_news |= old.active() != active
            || old.ready() != Some(ready)
            || old.terminating() != Some(terminating);
        self.record(&before, has_news)?;
        outcome?;
        Ok(self.look_again.map_or(Reconcile::Done, Reconcile::After))
    }

    /// Counts the Pods that have ended; returns how many failures count against the limit.
    fn count(&mut self) -> i64 {
        let job = Job::of(&self.job);
        let status = job.status();
        let uncounted = status.uncounted_terminated_pods();
        let is_noted = |pod: &Value, good: bool| {
            let uid = table::metadata(pod).uid();
            uncounted
                .is_some_and(|u| if good { u.succeeded().has(uid) } else { u.failed().has(uid) })
        };
        let completions = job.spec().completions().unwrap_or(0);
        let is_new = |pod: &&Value| {
            is_tracked(pod)
                && (!indexes::is_indexed(job) || indexes::index_of(pod, completions).is_some())
        };
        let new_succeeded: Vec<&Value> = (self.pods.iter().filter(is_new))
            .filter(|pod| phase(pod) == "Succeeded" && !is_noted(pod, true))
            .collect();
        let new_failed: Vec<&Value> = (self.pods.iter().filter(is_new))
            .filter(|pod| has_failed(job, pod) && !is_noted(pod, false))
            .collect();
        let counts = |pod: &&&Value| !matches!(failure_policy::judge(job, pod), Verdict::Ignored);
        let counted_failed = new_failed.iter().filter(counts).count();
        let noted = |good| {
            uncounted.map_or(0, |u| if good { u.succeeded().len() } else { u.failed().len() })
        };
        let succeeded = status.succeeded() + (new_succeeded.len() + noted(true)) as i64;
        let failed = status.failed() + (counted_failed + noted(false)) as i64;
        let failures = self.failures.after(&new_succeeded, &new_failed, self.now);
        self.failures = failures;
        self.succeeded = succeeded;
        if indexes::is_indexed(self.view()) {
            self.succeeded_indexes = indexes::succeeded(self.view(), &self.pods);
            self.succeeded = self.succeeded_indexes.len() as i64;
            self.failed_indexes = self.find_failed_indexes();
        }
        failed
    }

    /// Why the Job is to end before enough Pods have succeeded, if it is.
    fn why_it_ends(&mut self, failed: i64) -> Option<Condition> {
        if let Some(target) = conditions::find(&self.job, FAILURE_TARGET) {
            let message = target.message().to_owned();
            return Some(Condition { message, ..Condition::new(FAILED, "PodFailurePolicy", "") });
        }
        let job = self.view();
        let fatal = self.pods.iter().filter(|pod| has_failed(job, pod)).find_map(|pod| {
            match failure_policy::judge(job, pod) {
                Verdict::FailsJob(message) => Some(message),
                _ => None,
            }
        });
        if let Some(message) = fatal {
            return Some(Condition::new(FAILURE_TARGET, "PodFailurePolicy", &message));
        }
        let limit = job.spec().backoff_limit().unwrap_or(6);
        if failed > limit || self.has_restarted_too_often(limit) {
            let message = "Job has reached the specified backoff limit";
            return Some(Condition::new(FAILED, "BackoffLimitExceeded", message));
        }
        if let Some(end) = self.why_indexes_end_it() {
            return Some(end);
        }
        let seconds = job.spec().active_deadline_seconds()?.max(0) as u64;
        let since = job.status().start_time()?;
        if is_suspended(job) {
            return None;
        }
        let deadline = since + Duration::from_secs(seconds);
        if deadline <= self.now {
            let message = "Job was active longer than specified deadline";
            return Some(Condition::new(FAILED, "DeadlineExceeded", message));
        }
        self.look_again_in(deadline.since(self.now));
        None
    }

    /// Too many indexes have failed, or some have and none is left to run.
    fn why_indexes_end_it(&self) -> Option<Condition> {
        let spec = self.view().spec();
        let failed = self.failed_indexes.len() as i64;
        if failed == 0 {
            return None;
        }
        if spec.max_failed_indexes().is_some_and(|max| failed > max) {
            let message = "Job has exceeded the specified maximal number of failed indexes";
            return Some(Condition::new(FAILED, "MaxFailedIndexesExceeded", message));
        }
        let is_over = failed + self.succeeded >= spec.completions().unwrap_or(0);
        is_over.then(|| Condition::new(FAILED, "FailedIndexes", "Job has failed indexes"))
    }

    /// With restartPolicy OnFailure the restarts of containers count, not failed Pods.
    fn has_restarted_too_often(&self, limit: i64) -> bool {
        if self.view().spec().template().spec().restart_policy() != "OnFailure" {
            return false;
        }
        let is_alive = |pod: &&Value| matches!(phase(pod), "Running" | "Pending");
        let restarts = self.pods.iter().filter(is_alive).flat_map(|pod| {
            let status = Pod::of(pod).status();
            status.init_container_statuses().chain(status.container_statuses())
        });
        let restarts: i64 = restarts.map(|container| container.restart_count()).sum();
        if limit == 0 { restarts > 0 } else { restarts >= limit }
    }

    /// Notes that the Job was suspended or resumed; true if it was.
    fn note_suspension(&mut self) -> bool {
        let is_suspended = is_suspended(self.view());
        let (reason, message, event) = if is_suspended {
            ("JobSuspended", "Job suspended", "Suspended")
        } else {
            ("JobResumed", "Job resumed", "Resumed")
        };
        let condition =
            Condition { is_true: is_suspended, ..Condition::new(SUSPENDED, reason, message) };
        if !conditions::set(&mut self.job, &condition, self.now) {
            return false;
        }
        let about = self.about();
        self.controller.recorder.normal(&about, event, message);
        if !is_suspended {
            // The deadline counts from when the Job went on.
            JobMut::of(&mut self.job).status_mut().set_start_time(self.now);
        }
        true
    }
}

fn is_terminating(pod: &Value) -> bool {
    !matches!(phase(pod), "Succeeded" | "Failed")
        && table::metadata(pod).deletion_timestamp().is_some()
}
