//! The CronJob controller: Jobs at certain times.
//!
//! Models version 2 of `k8s.io/kubernetes/pkg/controller/cronjob`.

mod due;
mod schedule;
mod time_zone;

use crate::Parts;
use crate::job::conditions;
use crate::{pod_control, pods};
use api::batch::v1::{CronJob, CronJobMut, Job};
use api::{Reason, Status, Text, Value, View, ViewMut, names, object};
use apiserver::Propagation;
use apiserver::store::{Change, ChangeType, ObjectKey};
use client::{Client, DeleteOptions, EventRecorder, ObjectReference, Reconcile, Reconciler};
use due::Due;
use kinds::batch::{cron_job, job};
use kinds::{Kind, table};
use schedule::Schedule;
use sim::{Duration, Sim, Time};
use time_zone::TimeZone;

const KIND: &Kind = &cron_job::KIND;
/// The annotation of a Job that tells which time it was started for.
const SCHEDULED_TIMESTAMP: &str = "batch.kubernetes.io/cronjob-scheduled-timestamp";

pub(crate) struct CronJobController {
    sim: Sim,
    recorder: EventRecorder,
}

impl CronJobController {
    pub(crate) fn new(parts: Parts<'_>) -> CronJobController {
        CronJobController { sim: parts.sim.clone(), recorder: parts.recorder }
    }
}

impl Reconciler for CronJobController {
    type Key = ObjectKey;

    fn name(&self) -> &'static str {
        "cronjob-controller"
    }

    fn interests(&self) -> Vec<&'static Kind> {
        vec![KIND, &job::KIND]
    }

    fn keys(&self, change: &Change, client: &Client, add: &mut dyn FnMut(ObjectKey, Duration)) {
        let kind = client.read(|server| server.registry().kind_of(change.resource));
        if kind != KIND {
            if let Some(key) = pods::controller_key(&change.object, KIND) {
                add(key, Duration::ZERO);
            }
            return;
        }
        // A changed schedule is not applied to the past.
        let delay = match &change.previous {
            Some(old) if change.ty != ChangeType::Deleted && has_other_schedule(old, change) => {
                let now = self.sim.now();
                schedule_of(&change.object)
                    .map_or(Duration::ZERO, |s| Due::of(&change.object, &s, now, false).next_look)
            }
            _ => Duration::ZERO,
        };
        add(change.key.clone(), delay);
    }

    fn reconcile(&mut self, key: &ObjectKey, client: &Client) -> Result<Reconcile, Status> {
        let Some(object) = client.get(KIND, &key.namespace, &key.name) else {
            return Ok(Reconcile::Done);
        };
        let jobs = client.controlled_by(&job::KIND, table::metadata(&object).uid());
        let now = self.sim.now();
        let before = object.clone();
        let completed = Vec::new();
        let mut sync = Sync { controller: self, client, now, before, object, jobs, completed };
        sync.clean_up()?;
        let outcome = sync.run();
        sync.record()?;
        Ok(outcome?.map_or(Reconcile::Done, Reconcile::After))
    }
}

fn has_other_schedule(old: &Value, change: &Change) -> bool {
    let (old, new) = (CronJob::of(old).spec(), CronJob::of(&change.object).spec());
    old.schedule() != new.schedule() || old.time_zone() != new.time_zone()
}

fn schedule_of(object: &Value) -> Option<Schedule> {
    let spec = CronJob::of(object).spec();
    let zone = TimeZone::find(spec.time_zone().unwrap_or_default())?;
    Schedule::parse(spec.schedule(), zone)
}

/// One look at a CronJob.
struct Sync<'a> {
    controller: &'a mut CronJobController,
    client: &'a Client,
    now: Time,
    before: Value,
    /// The CronJob, with the status as it is to become.
    object: Value,
    jobs: Vec<Value>,
    /// What was said of Jobs that have ended.
    completed: Vec<String>,
}

impl Sync<'_> {
    fn view(&self) -> CronJob<'_> {
        CronJob::of(&self.object)
    }

    fn about(&self) -> ObjectReference {
        ObjectReference::to(KIND, &self.object)
    }

    fn normal(&mut self, reason: &'static str, message: String) {
        let about = self.about();
        self.controller.recorder.normal(&about, reason, message);
    }

    fn warning(&mut self, reason: &'static str, message: String) {
        let about = self.about();
        self.controller.recorder.warning(&about, reason, message);
    }

    fn record(&mut self) -> Result<(), Status> {
        if self.object.get(&names::STATUS) == self.before.get(&names::STATUS) {
            return Ok(());
        }
        match self.client.update_status(KIND, self.object.clone()) {
            Err(status) if status.reason != Reason::NotFound => Err(status),
            _ => Ok(()),
        }
    }

    /// Deletes the oldest Jobs that are over, beyond the limits of the history.
    fn clean_up(&mut self) -> Result<(), Status> {
        let spec = self.view().spec();
        let limits = [
            (conditions::COMPLETE, spec.successful_jobs_history_limit()),
            (conditions::FAILED, spec.failed_jobs_history_limit()),
        ];
        for (how, limit) in limits {
            let Some(limit) = limit else { continue };
            let mut ended: Vec<Value> = self.jobs.clone();
            ended.retain(|job| conditions::finished(job) == Some(how));
            ended.sort_by_key(|job| {
                let view = Job::of(job);
                // Those that never started are the youngest.
                let start = view.status().start_time();
                (start.is_none(), start, view.metadata().name().to_owned())
            });
            let excess = ended.len().saturating_sub(limit.max(0) as usize);
            for job in &ended[..excess] {
                self.delete_job(job)?;
            }
        }
        Ok(())
    }

    fn delete_job(&mut self, job: &Value) -> Result<(), Status> {
        let options = DeleteOptions {
            propagation: Some(Propagation::Background),
            ..DeleteOptions::default()
        };
        let metadata = table::metadata(job);
        let outcome = self.client.delete(&job::KIND, &ObjectKey::of(job), "", options);
        if let Err(status) = outcome {
            self.warning("FailedDelete", format!("Deleted job: {status}"));
            return Err(status);
        }
        self.forget_active(metadata.uid());
        self.jobs.retain(|other| table::metadata(other).uid() != metadata.uid());
        self.normal("SuccessfulDelete", format!("Deleted job {}", metadata.name()));
        Ok(())
    }

    fn is_active(&self, uid: &str) -> bool {
        self.view().status().active().any(|reference| reference.uid() == uid)
    }

    fn forget_active(&mut self, uid: &str) {
        if !self.is_active(uid) {
            return;
        }
        let mut view = CronJobMut::of(&mut self.object);
        let mut status = view.status_mut();
        status.active_mut().retain(|reference| *reference.get(&names::UID) != *uid);
        if status.0.get(&names::ACTIVE).items().is_empty() {
            status.0.make_map().remove(&names::ACTIVE);
        }
    }

    /// Follows the Jobs, and starts one if it is time; tells when to look again.
    fn run(&mut self) -> Result<Option<Duration>, Status> {
        self.follow_jobs();
        let spec = self.view().spec();
        let is_suspended = spec.suspend() == Some(true);
        if self.view().metadata().deletion_timestamp().is_some() {
            return Ok(None);
        }
        let zone = spec.time_zone().unwrap_or_default().to_owned();
        if TimeZone::find(&zone).is_none() {
            let quoted = api::go::quote(&zone);
            let message = format!("invalid timeZone: {quoted}: unknown time zone {zone}");
            self.warning("UnknownTimeZone", message);
            return Ok(None);
        }
        if is_suspended {
            return Ok(None);
        }
        let written = self.view().spec().schedule().to_owned();
        if written.contains("TZ=") {
            let message = format!(
                "CRON_TZ or TZ used in schedule {} is not officially supported, see \
                 https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ \
                 for more details",
                api::go::quote(&written)
            );
            self.warning("UnsupportedSchedule", message);
        }
        let Some(schedule) = schedule_of(&self.object) else {
            let message = format!("unparseable schedule: {}", api::go::quote(&written));
            self.warning("UnparseableSchedule", message);
            return Ok(None);
        };
        let due = Due::of(&self.object, &schedule, self.now, true);
        if due.missed_many {
            let message = "too many missed start times. Set or decrease \
                           .spec.startingDeadlineSeconds or check clock skew";
            self.warning("TooManyMissedTimes", message.to_owned());
        }
        if let Some(at) = due.at {
            self.start_if_due(at)?;
        }
        Ok(Some(Due::of(&self.object, &schedule, self.now, false).next_look))
    }

    /// Notes which Jobs have ended, and which are gone.
    fn follow_jobs(&mut self) {
        for job in self.jobs.clone() {
            let metadata = table::metadata(&job);
            let (uid, name) = (metadata.uid(), metadata.name());
            match (self.is_active(uid), conditions::finished(&job)) {
                (false, None) => {
                    let message =
                        format!("Saw a job that the controller did not create or forgot: {name}");
                    self.warning("UnexpectedJob", message);
                }
                (true, Some(how)) => {
                    self.forget_active(uid);
                    let message = format!("Saw completed job: {name}, status: {how}");
                    self.completed.push(message.clone());
                    self.normal("SawCompletedJob", message);
                }
                (false, Some(conditions::COMPLETE)) => {
                    let completed = Job::of(&job).status().completion_time();
                    if completed > self.view().status().last_successful_time() {
                        let mut view = CronJobMut::of(&mut self.object);
                        view.status_mut().set_last_successful_time(completed);
                    }
                }
                _ => {}
            }
        }
        let missing: Vec<(String, String)> = self
            .view()
            .status()
            .active()
            .filter(|reference| {
                !self.jobs.iter().any(|job| table::metadata(job).uid() == reference.uid())
            })
            .map(|reference| (reference.uid().to_owned(), reference.name().to_owned()))
            .collect();
        for (uid, name) in missing {
            self.normal("MissingJob", format!("Active job went missing: {name}"));
            self.forget_active(&uid);
        }
    }

    /// Starts the Job of a time that has come, unless it is too late or another one runs.
    fn start_if_due(&mut self, at: Time) -> Result<(), Status> {
        let view = self.view();
        let spec = view.spec();
        if let Some(seconds) = spec.starting_deadline_seconds()
            && at + Duration::from_secs(seconds.max(0) as u64) < self.now
        {
            let time = at.rfc1123("+0000");
            self.warning("MissSchedule", format!("Missed scheduled time to start a job: {time}"));
            return Ok(());
        }
        let name = format!("{}-{}", view.metadata().name(), at.seconds() / 60);
        let is_started = view.status().active().any(|reference| reference.name() == name)
            || view.status().last_schedule_time() == Some(at);
        if is_started {
            return Ok(());
        }
        let is_running = !view.status().active().is_empty();
        match spec.concurrency_policy() {
            "Forbid" if is_running => {
                let message = "Not starting job because prior execution is running and \
                               concurrency policy is Forbid";
                self.normal("JobAlreadyActive", message.to_owned());
                return Ok(());
            }
            "Replace" => {
                let is_active = |job: &Value| self.is_active(table::metadata(job).uid());
                let doomed: Vec<Value> =
                    self.jobs.iter().filter(|job| is_active(job)).cloned().collect();
                for job in &doomed {
                    self.delete_job(job)?;
                }
            }
            _ => {}
        }
        self.start(at, name)
    }

    fn start(&mut self, at: Time, name: String) -> Result<(), Status> {
        let created = match self.client.create(&job::KIND, self.job_at(at, name)) {
            Ok(created) => created,
            Err(status) if pod_control::is_namespace_terminating(&status) => return Ok(()),
            // It was started, and the status could not be written.
            Err(status) if status.reason == Reason::AlreadyExists => return Ok(()),
            Err(status) => {
                self.warning("FailedCreate", format!("Error creating job: {status}"));
                return Err(status);
            }
        };
        let metadata = table::metadata(&created);
        self.normal("SuccessfulCreate", format!("Created job {}", metadata.name()));
        // The new Job makes upstream look again before its cache holds the new status: it sees
        // what has ended a second time.
        for message in std::mem::take(&mut self.completed) {
            self.normal("SawCompletedJob", message);
        }
        let text = |key| Value::from(metadata.value().get(key));
        let reference = object! {
            "kind": job::KIND.kind,
            "apiVersion": job::KIND.api_version(),
            "namespace": text(&names::NAMESPACE),
            "name": text(&names::NAME),
            "uid": text(&names::UID),
            "resourceVersion": text(&names::RESOURCE_VERSION),
        };
        let mut view = CronJobMut::of(&mut self.object);
        let mut status = view.status_mut();
        status.active_mut().push(reference);
        status.set_last_schedule_time(at);
        Ok(())
    }

    /// The Job for a time.
    fn job_at(&self, at: Time, name: String) -> Value {
        let template = self.view().spec().job_template();
        let zone = self.view().spec().time_zone().and_then(TimeZone::find);
        let mut annotations =
            template.value().get(&names::METADATA).get(&names::ANNOTATIONS).clone();
        let time = Text::from(due::in_zone(at, zone.unwrap_or(TimeZone::UTC)));
        annotations.make_map().insert(SCHEDULED_TIMESTAMP, time);
        let mut metadata = object! {
            "name": name,
            "namespace": self.object.get(&names::METADATA).get(&names::NAMESPACE),
            "annotations": annotations,
            "ownerReferences": api::list![client::controller_reference(KIND, &self.object)],
        };
        let labels = template.value().get(&names::METADATA).get(&names::LABELS);
        if !labels.is_null() {
            metadata.make_map().insert(&names::LABELS, labels);
        }
        object! { "metadata": metadata, "spec": template.spec().value() }
    }
}
