//! `backoffLimitPerIndex`: each index of an Indexed Job has failures of its own.
//!
//! Upstream keeps the finalizer of the last failed Pod of an index until its successor is there, so
//! that the number of failures, which the Pod carries, cannot be lost. Here failed Pods are looked
//! at for as long as they exist.

use super::failure_policy::{self, Verdict};
use super::indexes;
use super::sync::{Sync, has_failed};
use api::batch::v1::Job;
use api::{Value, names};
use kinds::table;
use sim::{Duration, Time};
use std::collections::BTreeSet;

/// How often Pods of the same index have failed before a Pod.
pub(super) const FAILURE_COUNT: &str = "batch.kubernetes.io/job-index-failure-count";
/// The same for failures that the Job's policy ignores.
const IGNORED_COUNT: &str = "batch.kubernetes.io/job-index-ignored-failure-count";

/// The failures of one index.
#[derive(Clone, Copy, Default)]
pub(super) struct IndexFailures {
    counted: i64,
    ignored: i64,
    /// When the last of them ended.
    last: Option<Time>,
}

/// The most failures of one index; `None` if they count for the whole Job.
pub(super) fn limit(job: Job<'_>) -> Option<i64> {
    job.spec().backoff_limit_per_index().filter(|_| indexes::is_indexed(job))
}

fn carried(pod: &Value, annotation: &str) -> i64 {
    let count = table::metadata(pod).annotations().get(annotation);
    count.and_then(|count| count.parse().ok()).unwrap_or(0)
}

impl Sync<'_> {
    /// The failures of an index so far.
    pub(super) fn failures_of(&self, index: i64) -> IndexFailures {
        let job = self.view();
        let completions = job.spec().completions().unwrap_or(0);
        let is_of_index = |pod: &&Value| indexes::index_of(pod, completions) == Some(index);
        let failed = self.pods.iter().filter(is_of_index).filter(|pod| has_failed(job, pod));
        failed.fold(IndexFailures::default(), |before, pod| {
            let is_ignored = matches!(failure_policy::judge(job, pod), Verdict::Ignored);
            let counted = carried(pod, FAILURE_COUNT) + i64::from(!is_ignored);
            let ignored = carried(pod, IGNORED_COUNT) + i64::from(is_ignored);
            IndexFailures {
                counted: before.counted.max(counted),
                ignored: before.ignored.max(ignored),
                last: before.last.max(super::manage::end_of(pod)),
            }
        })
    }

    /// The indexes that have failed for good: those recorded, and those that fail now.
    pub(super) fn find_failed_indexes(&self) -> BTreeSet<i64> {
        let job = self.view();
        let Some(limit) = limit(job) else {
            return BTreeSet::new();
        };
        let completions = job.spec().completions().unwrap_or(0);
        let mut failed =
            indexes::parse(job.status().failed_indexes().unwrap_or_default(), completions);
        for pod in self.pods.iter().filter(|pod| has_failed(job, pod)) {
            let Some(index) = indexes::index_of(pod, completions) else { continue };
            let is_fatal = match failure_policy::judge(job, pod) {
                Verdict::FailsIndex => true,
                Verdict::Ignored => false,
                _ => carried(pod, FAILURE_COUNT) + 1 > limit,
            };
            if is_fatal {
                failed.insert(index);
            }
        }
        failed
    }

    /// Leaves out the indexes that have to wait after a failure.
    pub(super) fn without_waiting(&mut self, missing: Vec<i64>) -> Vec<i64> {
        if limit(self.view()).is_none() {
            return missing;
        }
        let now = self.now;
        let mut ready = Vec::new();
        for index in missing {
            let failures = self.failures_of(index);
            match super::manage::wait(failures.counted, failures.last, now) {
                Duration::ZERO => ready.push(index),
                wait => self.look_again_in(wait),
            }
        }
        ready
    }

    /// Tells a new Pod how often its index has failed.
    pub(super) fn note_failures(&self, pod: &mut Value, index: i64) {
        if limit(self.view()).is_none() {
            return;
        }
        let failures = self.failures_of(index);
        pod.update(&names::METADATA, |metadata| {
            metadata.update(&names::ANNOTATIONS, |annotations| {
                let map = annotations.make_map();
                map.insert(FAILURE_COUNT, failures.counted.to_string());
                if failures.ignored > 0 {
                    map.insert(IGNORED_COUNT, failures.ignored.to_string());
                }
            });
        });
    }
}
