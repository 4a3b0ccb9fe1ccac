//! The CronJob controller: Jobs at the times of a schedule.
//!
//! Models `k8s.io/kubernetes/pkg/controller/cronjob` (its second version). Time zones other than
//! UTC count as UTC.

mod schedule;

use crate::Parts;
use crate::pods;
use api::batch::v1::{CronJob, Job};
use api::{Status, Text, Value, View, names, object};
use apiserver::Propagation;
use apiserver::store::{Change, ObjectKey};
use client::{
    Client, DeleteOptions, EventRecorder, ObjectReference, Reconcile, Reconciler,
    controller_reference,
};
use kinds::batch::{cron_job, job};
use kinds::{Kind, table};
use schedule::Schedule;
use sim::{Duration, Sim, Time};

/// `nextScheduleDelta`: how long after its time a Job is made at the earliest.
const SCHEDULE_DELTA: Duration = Duration::from_millis(100);
/// More missed times than this are worth a warning.
const MISSED_MAX: u64 = 100;
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
        vec![&cron_job::KIND, &job::KIND]
    }

    fn keys(&self, change: &Change, client: &Client, add: &mut dyn FnMut(ObjectKey, Duration)) {
        if client.read(|server| server.registry().kind_of(change.resource)) == &cron_job::KIND {
            return add(change.key.clone(), Duration::ZERO);
        }
        if let Some(key) = pods::controller_key(&change.object, &cron_job::KIND) {
            add(key, Duration::ZERO);
        }
    }

    fn reconcile(&mut self, key: &ObjectKey, client: &Client) -> Result<Reconcile, Status> {
        let Some(object) = client.get(&cron_job::KIND, &key.namespace, &key.name) else {
            return Ok(Reconcile::Done);
        };
        let uid = table::metadata(&object).uid();
        let jobs = client.controlled_by(&job::KIND, uid);
        let now = self.sim.now();
        let before = object.clone();
        let mut sync = Sync { controller: self, client, now, object, jobs };
        sync.note_finished();
        let outcome = sync.schedule();
        sync.clean_up()?;
        if sync.object.get(&names::STATUS) != before.get(&names::STATUS) {
            client.update_status(&cron_job::KIND, sync.object.clone())?;
        }
        outcome
    }
}

/// `Complete` or `Failed`, once a Job has ended.
fn ending(object: &Value) -> Option<&str> {
    let mut conditions = Job::of(object).status().conditions();
    let ended = conditions.find(|condition| {
        matches!(condition.type_(), "Complete" | "Failed") && condition.status() == "True"
    })?;
    Some(ended.type_())
}

/// One look at a CronJob.
struct Sync<'a> {
    controller: &'a mut CronJobController,
    client: &'a Client,
    now: Time,
    /// The CronJob, its status as it becomes.
    object: Value,
    jobs: Vec<Value>,
}

impl Sync<'_> {
    fn view(&self) -> CronJob<'_> {
        CronJob::of(&self.object)
    }

    fn about(&self) -> ObjectReference {
        ObjectReference::to(&cron_job::KIND, &self.object)
    }

    fn active(&self) -> Vec<Value> {
        self.object.get(&names::STATUS).get(&names::ACTIVE).items().to_vec()
    }

    fn set_active(&mut self, active: Vec<Value>) {
        self.object.update(&names::STATUS, |status| match active.is_empty() {
            true => {
                status.make_map().remove(&names::ACTIVE);
            }
            false => {
                status.make_map().insert(&names::ACTIVE, active);
            }
        });
    }

    /// Takes Jobs off the list that have ended or are gone.
    fn note_finished(&mut self) {
        let about = self.about();
        let mut active = self.active();
        for object in self.jobs.clone() {
            let metadata = table::metadata(&object);
            let is_it = |item: &Value| item.get(&names::UID).as_str() == Some(metadata.uid());
            let is_listed = active.iter().any(is_it);
            let Some(ending) = ending(&object) else {
                if !is_listed {
                    let message = format!(
                        "Saw a job that the controller did not create or forgot: {}",
                        metadata.name()
                    );
                    self.controller.recorder.warning(&about, "UnexpectedJob", message);
                }
                continue;
            };
            if is_listed {
                active.retain(|item| !is_it(item));
                let name = metadata.name();
                let message = format!("Saw completed job: {name}, status: {ending}");
                self.controller.recorder.normal(&about, "SawCompletedJob", message);
            }
            if ending == "Complete" {
                self.note_success(&object);
            }
        }
        for item in active.clone() {
            let uid = item.get(&names::UID);
            let is_there = self.jobs.iter().any(|j| Some(table::metadata(j).uid()) == uid.as_str());
            if !is_there {
                let name = item.get(&names::NAME).as_str().unwrap_or_default();
                let message = format!("Active job went missing: {name}");
                self.controller.recorder.normal(&about, "MissingJob", message);
                active.retain(|other| other.get(&names::UID) != uid);
            }
        }
        self.set_active(active);
    }

    fn note_success(&mut self, object: &Value) {
        let Some(completed) = Job::of(object).status().completion_time() else { return };
        if self.view().status().last_successful_time().is_none_or(|last| last < completed) {
            self.object.update(&names::STATUS, |status| {
                status.make_map().insert(&names::LAST_SUCCESSFUL_TIME, completed.rfc3339());
            });
        }
    }

    /// Makes a Job if one is due; says when to look again.
    fn schedule(&mut self) -> Result<Reconcile, Status> {
        let view = self.view();
        if view.metadata().deletion_timestamp().is_some() || view.spec().suspend() == Some(true) {
            return Ok(Reconcile::Done);
        }
        let Some(schedule) = Schedule::parse(view.spec().schedule()) else {
            let message = format!("unparseable schedule: {}", view.spec().schedule());
            let about = self.about();
            self.controller.recorder.warning(&about, "UnparseableSchedule", message);
            return Ok(Reconcile::Done);
        };
        let Some(next) = schedule.next(self.now) else { return Ok(Reconcile::Done) };
        let again = Reconcile::After((next + SCHEDULE_DELTA).since(self.now));
        let Some(due) = self.due(&schedule) else { return Ok(again) };
        let name = format!("{}-{}", self.view().metadata().name(), due.seconds() / 60);
        let is_made = self.view().status().last_schedule_time() == Some(due)
            || self.active().iter().any(|item| *item.get(&names::NAME) == *name);
        if is_made || !self.may_start()? {
            return Ok(again);
        }
        self.create_job(name, due)?;
        Ok(again)
    }

    /// The last time at which a Job should have been made, if it is not too late.
    fn due(&mut self, schedule: &Schedule) -> Option<Time> {
        let view = self.view();
        let created = view.metadata().creation_timestamp().unwrap_or(self.now);
        let mut earliest = view.status().last_schedule_time().unwrap_or(created);
        let deadline = view.spec().starting_deadline_seconds();
        if let Some(seconds) = deadline {
            earliest = earliest.max(self.now - Duration::from_secs(seconds.max(0) as u64));
        }
        let (due, missed) = schedule.most_recent(earliest, self.now);
        if missed > MISSED_MAX {
            let message = format!(
                "too many missed start times: {missed}. Set or decrease \
                 .spec.startingDeadlineSeconds or check clock skew"
            );
            let about = self.about();
            self.controller.recorder.warning(&about, "TooManyMissedTimes", message);
        }
        due
    }

    /// Whether the policy lets another Job run; Jobs that are to be replaced are deleted.
    fn may_start(&mut self) -> Result<bool, Status> {
        let active = self.active();
        let policy = self.view().spec().concurrency_policy().to_owned();
        if active.is_empty() {
            return Ok(true);
        }
        if policy == "Forbid" {
            let about = self.about();
            let message = "Not starting job because prior execution is running and concurrency \
                           policy is Forbid";
            self.controller.recorder.normal(&about, "JobAlreadyActive", message);
            return Ok(false);
        }
        if policy == "Replace" {
            for item in active {
                let uid = item.get(&names::UID).clone();
                let found =
                    self.jobs.iter().find(|j| Some(table::metadata(j).uid()) == uid.as_str());
                if let Some(object) = found.cloned() {
                    self.delete_job(&object)?;
                }
            }
            self.set_active(Vec::new());
        }
        Ok(true)
    }

    fn create_job(&mut self, name: String, due: Time) -> Result<(), Status> {
        let about = self.about();
        let template = self.object.get(&names::SPEC).get(&names::JOB_TEMPLATE);
        let of_template = template.get(&names::METADATA);
        let mut annotations = of_template.get(&names::ANNOTATIONS).clone();
        annotations.make_map().insert(SCHEDULED_TIMESTAMP, due.rfc3339());
        let metadata = table::metadata(&self.object);
        let wanted = object! {
            "metadata": object! {
                "name": name.clone(),
                "namespace": Text::from(metadata.namespace().to_owned()),
                "labels": of_template.get(&names::LABELS),
                "annotations": annotations,
                "ownerReferences": api::list![controller_reference(&cron_job::KIND, &self.object)],
            },
            "spec": template.get(&names::SPEC),
        };
        match self.client.create(&job::KIND, wanted) {
            Ok(created) => {
                let message = format!("Created job {name}");
                self.controller.recorder.normal(&about, "SuccessfulCreate", message);
                let reference = ObjectReference::to(&job::KIND, &created);
                let mut active = self.active();
                active.push(object! {
                    "apiVersion": &reference.api_version,
                    "kind": &reference.kind,
                    "name": &reference.name,
                    "namespace": &reference.namespace,
                    "resourceVersion": &reference.resource_version,
                    "uid": &reference.uid,
                });
                self.set_active(active);
                self.object.update(&names::STATUS, |status| {
                    status.make_map().insert(&names::LAST_SCHEDULE_TIME, due.rfc3339());
                });
                Ok(())
            }
            // Made before, and not noted.
            Err(status) if status.reason == api::Reason::AlreadyExists => Ok(()),
            Err(status) => {
                let message = format!("Error creating job: {status}");
                self.controller.recorder.warning(&about, "FailedCreate", message);
                Err(status)
            }
        }
    }

    fn delete_job(&mut self, object: &Value) -> Result<(), Status> {
        let about = self.about();
        let metadata = table::metadata(object);
        let options = DeleteOptions {
            propagation: Some(Propagation::Background),
            ..DeleteOptions::default()
        };
        match self.client.delete(&job::KIND, &ObjectKey::of(object), metadata.uid(), options) {
            Ok(_) => {
                let message = format!("Deleted job {}", metadata.name());
                self.controller.recorder.normal(&about, "SuccessfulDelete", message);
                Ok(())
            }
            Err(status) if status.reason == api::Reason::NotFound => Ok(()),
            Err(status) => {
                let message = format!("Deleted job: {status}");
                self.controller.recorder.warning(&about, "FailedDelete", message);
                Err(status)
            }
        }
    }

    /// Deletes the oldest Jobs that have ended, beyond those that the history keeps.
    fn clean_up(&mut self) -> Result<(), Status> {
        let spec = self.view().spec();
        let limits = [
            ("Complete", spec.successful_jobs_history_limit()),
            ("Failed", spec.failed_jobs_history_limit()),
        ];
        for (wanted, limit) in limits {
            let Some(limit) = limit else { continue };
            let mut ended: Vec<Value> =
                self.jobs.iter().filter(|object| ending(object) == Some(wanted)).cloned().collect();
            ended.sort_by_key(|object| {
                let start = Job::of(object).status().start_time();
                (start, table::metadata(object).name().to_owned())
            });
            let excess = ended.len().saturating_sub(limit.max(0) as usize);
            for object in ended.into_iter().take(excess) {
                self.delete_job(&object)?;
            }
        }
        Ok(())
    }
}
