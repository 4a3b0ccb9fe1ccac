//! Counting Pods that have ended, each exactly once, and recording the status.

use super::conditions::{self, COMPLETE, Condition, FAILED, FAILURE_TARGET};
use super::failure_policy::{self, Verdict};
use super::sync::{Sync, has_failed, phase};
use super::{KIND, TRACKING_FINALIZER, indexes, is_tracked};
use crate::finalizers;
use crate::pods::POD;
use api::batch::v1::{Job, JobMut};
use api::{Key, Status, Value, View, ViewMut, names};
use apiserver::store::ObjectKey;
use kinds::table;
use sim::Duration;
use std::collections::BTreeSet;

/// How long it takes to remove finalizers, by requests of 5 to 10 ms each.
const FINALIZER_LATENCY: Duration = Duration::from_millis(10);
/// `MaxUncountedPods`: how many uids a status holds at most.
const UNCOUNTED_PODS_MAX: usize = 500;

impl Sync<'_> {
    /// Records the status in the steps that keep every Pod from being counted twice or not at all.
    pub(super) fn record(&mut self, before: &Value, mut has_news: bool) -> Result<(), Status> {
        let mut with_finalizer: BTreeSet<String> = (self.pods.iter().filter(|pod| is_tracked(pod)))
            .map(|pod| table::metadata(pod).uid().to_owned())
            .collect();
        has_news |= self.count_noted(&with_finalizer);
        let counted = self.note_ended(&mut has_news);
        if indexes::is_indexed(self.view()) {
            let text = indexes::format(&self.succeeded_indexes);
            has_news |= text != Job::of(before).status().completed_indexes();
            let mut view = JobMut::of(&mut self.job);
            let mut status = view.status_mut();
            status.set_succeeded(self.succeeded_indexes.len() as i64);
            status.set_completed_indexes(text);
            if super::failed_indexes::limit(self.view()).is_some() {
                let text = indexes::format(&self.failed_indexes);
                has_news |= text != Job::of(before).status().failed_indexes().unwrap_or_default();
                JobMut::of(&mut self.job).status_mut().set_failed_indexes(text);
            }
        }
        if let Some(target) = self.end.take_if(|end| end.ty == FAILURE_TARGET) {
            conditions::set(&mut self.job, &target, self.now);
            has_news = true;
            self.end = Some(Condition { ty: FAILED, ..target });
        }
        if has_news {
            self.flush()?;
        }
        self.controller.failures.insert(self.key.clone(), self.failures);
        for key in &counted {
            finalizers::remove(self.client, POD, &key.0, TRACKING_FINALIZER)?;
            with_finalizer.remove(&key.1);
        }
        if !counted.is_empty() && self.end.as_ref().is_some_and(|end| end.ty == COMPLETE) {
            // Others see that the Pods are counted before they see that the Job is complete.
            self.look_again_in(FINALIZER_LATENCY);
            return Ok(());
        }
        let mut has_news = self.count_noted(&with_finalizer);
        let ended = self.finish();
        has_news |= ended.is_some();
        if has_news {
            self.flush()?;
        }
        if let Some(end) = ended {
            self.tell_of_end(&end);
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), Status> {
        self.job = self.client.update_status(KIND, self.job.clone())?;
        Ok(())
    }

    /// Notes the uids of Pods that have ended; returns those whose finalizers may go.
    fn note_ended(&mut self, has_news: &mut bool) -> Vec<(ObjectKey, String)> {
        let mut released = Vec::new();
        let is_indexed = indexes::is_indexed(self.view());
        let completions = self.view().spec().completions().unwrap_or(0);
        let is_deleting = self.view().metadata().deletion_timestamp().is_some();
        for pod in self.pods.clone().iter().filter(|pod| is_tracked(pod)) {
            let job = self.view();
            let is_good = phase(pod) == "Succeeded";
            let is_bad = !is_good && (has_failed(job, pod) || self.end.is_some());
            if !is_good && !is_bad && !is_deleting {
                continue;
            }
            let uid = table::metadata(pod).uid();
            released.push((ObjectKey::of(pod), uid.to_owned()));
            let has_index = !is_indexed || indexes::index_of(pod, completions).is_some();
            let is_ignored = is_bad && matches!(failure_policy::judge(job, pod), Verdict::Ignored);
            let list = if is_good { &names::SUCCEEDED } else { &names::FAILED };
            // The index is enough to know a success again.
            let is_listed = has_index && (is_bad || (is_good && !is_indexed)) && !is_ignored;
            if is_listed && !uncounted(&self.job, list).iter().any(|u| u == uid) {
                let uid = Value::from(uid.to_owned());
                JobMut::of(&mut self.job)
                    .status_mut()
                    .uncounted_terminated_pods_mut()
                    .0
                    .entry(list)
                    .make_list()
                    .push(uid);
                *has_news = true;
            }
            if released.len() >= UNCOUNTED_PODS_MAX {
                self.look_again_in(super::BATCH_PERIOD);
                break;
            }
        }
        released
    }

    /// Turns the uids of Pods without finalizer into numbers; true if there were any.
    fn count_noted(&mut self, with_finalizer: &BTreeSet<String>) -> bool {
        let mut has_news = false;
        for list in [&names::SUCCEEDED, &names::FAILED] {
            let noted = uncounted(&self.job, list);
            let waits = |uid: &&Value| uid.as_str().is_some_and(|uid| with_finalizer.contains(uid));
            let waiting: Vec<Value> = noted.iter().filter(waits).cloned().collect();
            let count = (noted.len() - waiting.len()) as i64;
            if count == 0 {
                continue;
            }
            has_news = true;
            let total = self.view().status().value().get(list).as_i64().unwrap_or(0) + count;
            let mut view = JobMut::of(&mut self.job);
            let mut status = view.status_mut();
            let uncounted = status.uncounted_terminated_pods_mut().0.make_map();
            if waiting.is_empty() {
                uncounted.remove(list);
            } else {
                uncounted.insert(list, waiting);
            }
            // The number of successes of an Indexed Job follows from its indexes.
            status.0.make_map().insert(list, total);
        }
        has_news
    }

    /// Writes down how the Job ends, once all its Pods are counted.
    fn finish(&mut self) -> Option<Condition> {
        let end = self.end.take()?;
        let is_uncounted = |list: &Key| !uncounted(&self.job, list).is_empty();
        if is_uncounted(&names::SUCCEEDED) || is_uncounted(&names::FAILED) {
            return None;
        }
        conditions::set(&mut self.job, &end, self.now);
        if end.ty == COMPLETE {
            JobMut::of(&mut self.job).status_mut().set_completion_time(self.now);
        }
        Some(end)
    }

    fn tell_of_end(&mut self, end: &Condition) {
        let about = self.about();
        let completions = self.view().spec().completions();
        let has_surplus = completions.is_some_and(|c| self.view().status().succeeded() > c);
        let recorder = &mut self.controller.recorder;
        if end.ty != COMPLETE {
            return recorder.warning(&about, end.reason, end.message.clone());
        }
        if has_surplus {
            let message = "Too many succeeded pods running after completion count reached";
            recorder.warning(&about, "TooManySucceededPods", message);
        }
        recorder.normal(&about, "Completed", "Job completed");
    }
}

/// The uids that are noted and not yet counted.
fn uncounted<'a>(job: &'a Value, list: &Key) -> &'a [Value] {
    let status = Job::of(job).status();
    status.uncounted_terminated_pods().map_or(&[], |u| u.value().get(list).items())
}
