//! Starting and stopping the Pods of a Job.

use super::indexes::{self, COMPLETION_INDEX};
use super::sync::{Sync, is_suspended, phase};
use super::{Failures, KIND, TRACKING_FINALIZER, failed_indexes};
use crate::pods::{self, POD};
use crate::{finalizers, pod_control};
use api::core::v1::Pod;
use api::{Status, Value, View, names, object};
use apiserver::store::ObjectKey;
use kinds::table;
use sim::{Duration, Time};
use std::collections::BTreeSet;

/// `DefaultJobPodFailureBackOff` and `MaxJobPodFailureBackOff`
const FAILURE_BACKOFF: Duration = Duration::from_secs(10);
const FAILURE_BACKOFF_MAX: Duration = Duration::from_secs(600);
/// `MaxPodCreateDeletePerSync`
const PODS_PER_SYNC: usize = 500;
const INDEX_VARIABLE: &str = "JOB_COMPLETION_INDEX";

impl Failures {
    /// What the record becomes when these Pods have ended.
    pub(super) fn after(self, succeeded: &[&Value], failed: &[&Value], now: Time) -> Failures {
        let ended = |pod: &&Value| end_of(pod).unwrap_or(now);
        let last_success = succeeded.iter().map(ended).max();
        let base = if last_success.is_some() { Failures::default() } else { self };
        let since = failed.iter().map(ended).filter(|at| last_success.is_none_or(|s| *at > s));
        since.fold(base, |record, at| Failures {
            count: record.count + 1,
            last: record.last.max(Some(at)),
        })
    }

    /// How long no new Pod is started.
    fn wait(self, now: Time) -> Duration {
        wait(i64::from(self.count), self.last, now)
    }
}

/// How long after the last of so many failures no new Pod is started.
pub(super) fn wait(count: i64, last: Option<Time>, now: Time) -> Duration {
    let Some(last) = last.filter(|_| count > 0) else {
        return Duration::ZERO;
    };
    let doublings = (count - 1).min(10);
    let backoff = (FAILURE_BACKOFF * (1 << doublings)).min(FAILURE_BACKOFF_MAX);
    (last + backoff).since(now)
}

/// When the last container of a Pod ended.
pub(super) fn end_of(pod: &Value) -> Option<Time> {
    let view = Pod::of(pod);
    let containers = view.status().container_statuses();
    let ends = containers.filter_map(|c| c.state().terminated()?.finished_at());
    ends.max().or_else(|| view.metadata().deletion_timestamp())
}

impl Sync<'_> {
    /// Starts Pods that are missing or stops those too many. `active` becomes what the status
    /// says.
    pub(super) fn manage(&mut self, active: &mut i64) -> Result<(), Status> {
        let wanted = self.wanted_active();
        let excess = (*active - wanted).max(0) as usize;
        let doomed = self.first_to_go(excess);
        if !doomed.is_empty() {
            for pod in &doomed {
                // It was stopped on purpose, so it is not counted.
                finalizers::remove(self.client, POD, &ObjectKey::of(pod), TRACKING_FINALIZER)?;
            }
            return self.delete_pods(&doomed, active);
        }
        let replaces_only_failed = self.view().spec().pod_replacement_policy() == Some("Failed");
        let terminating = self.pods.iter().filter(|pod| {
            replaces_only_failed
                && table::metadata(pod).deletion_timestamp().is_some()
                && !matches!(phase(pod), "Succeeded" | "Failed")
        });
        let missing = wanted - *active - terminating.count() as i64;
        if missing <= 0 || is_suspended(self.view()) {
            return Ok(());
        }
        let wait = self.failures.wait(self.now);
        if !wait.is_zero() && failed_indexes::limit(self.view()).is_none() {
            self.look_again_in(wait);
            *active = 0;
            return Ok(());
        }
        self.create_pods((missing as usize).min(PODS_PER_SYNC), active)
    }

    /// How many Pods should run now.
    fn wanted_active(&self) -> i64 {
        let spec = self.view().spec();
        let parallelism = spec.parallelism().unwrap_or(1);
        if is_suspended(self.view()) {
            return 0;
        }
        match spec.completions() {
            Some(completions) => {
                let over = self.succeeded + self.failed_indexes.len() as i64;
                (completions - over).clamp(0, parallelism.max(0))
            }
            // After the first success no more are started, and those that run may finish.
            None if self.succeeded > 0 => self.active.len() as i64,
            None => parallelism,
        }
    }

    /// The Pods to stop: those whose index another one has or the Job no longer has, and then as
    /// many as are too many.
    fn first_to_go(&self, excess: usize) -> Vec<Value> {
        let mut rest = self.active.clone();
        let mut doomed = Vec::new();
        if indexes::is_indexed(self.view()) && !is_suspended(self.view()) {
            let completions = self.view().spec().completions().unwrap_or(0);
            let mut seen = BTreeSet::new();
            // The most useful of the same index stays.
            let count = rest.len();
            pods::first_to_go(&mut rest, count, self.now, |_| 0);
            rest.reverse();
            rest.retain(|pod| {
                let stays = indexes::index_of(pod, completions).is_some_and(|i| seen.insert(i));
                if !stays {
                    doomed.push(pod.clone());
                }
                stays
            });
        }
        let more = excess.saturating_sub(doomed.len());
        doomed.extend_from_slice(pods::first_to_go(&mut rest, more, self.now, |_| 0));
        doomed.truncate(PODS_PER_SYNC);
        doomed
    }

    /// Deletes Pods, and takes those deleted off `active`.
    pub(super) fn delete_pods(&mut self, doomed: &[Value], active: &mut i64) -> Result<(), Status> {
        let about = self.about();
        for pod in doomed {
            pod_control::delete(self.client, &mut self.controller.recorder, &about, pod)?;
            *active -= 1;
        }
        Ok(())
    }

    fn create_pods(&mut self, count: usize, active: &mut i64) -> Result<(), Status> {
        let about = self.about();
        let template = self.view().spec().template().value();
        let mut pod = pods::from_template(template, KIND, &self.job);
        pod.update(&names::METADATA, |metadata| {
            metadata.update(&names::FINALIZERS, |finalizers| {
                if !finalizers.items().iter().any(|f| *f == TRACKING_FINALIZER) {
                    finalizers.make_list().push(TRACKING_FINALIZER);
                }
            });
        });
        let pods: Vec<Value> = if indexes::is_indexed(self.view()) {
            let name = self.view().metadata().name();
            let name = name.to_owned();
            let missing = self.missing_indexes(count);
            let missing = self.without_waiting(missing);
            let with_index = |index: &i64| {
                let mut pod = with_index(&pod, &name, *index);
                self.note_failures(&mut pod, *index);
                pod
            };
            missing.iter().map(with_index).collect()
        } else {
            vec![pod; count]
        };
        for pod in pods {
            let recorder = &mut self.controller.recorder;
            if pod_control::create(self.client, recorder, &about, pod)?.is_none() {
                break;
            }
            *active += 1;
        }
        Ok(())
    }

    /// The lowest indexes that have neither succeeded nor failed nor a Pod.
    fn missing_indexes(&self, count: usize) -> Vec<i64> {
        let spec = self.view().spec();
        let completions = spec.completions().unwrap_or(0);
        let replaces_only_failed = spec.pod_replacement_policy() == Some("Failed");
        let occupies = |pod: &&Value| {
            pods::is_active(Pod::of(pod))
                || (replaces_only_failed && !matches!(phase(pod), "Succeeded" | "Failed"))
        };
        let taken: BTreeSet<i64> = (self.pods.iter().filter(occupies))
            .filter_map(|pod| indexes::index_of(pod, completions))
            .collect();
        (0..completions)
            .filter(|index| !self.succeeded_indexes.contains(index) && !taken.contains(index))
            .filter(|index| !self.failed_indexes.contains(index))
            .take(count)
            .collect()
    }
}

/// A Pod for one index: it is told in a label, an annotation, a variable and the host name.
fn with_index(pod: &Value, job: &str, index: i64) -> Value {
    let mut pod = pod.clone();
    pod.update(&names::METADATA, |metadata| {
        metadata.make_map().insert(&names::GENERATE_NAME, format!("{job}-{index}-"));
        for place in [&names::LABELS, &names::ANNOTATIONS] {
            metadata.update(place, |map| {
                map.make_map().insert(COMPLETION_INDEX, index.to_string());
            });
        }
    });
    let variable = object! {
        "name": INDEX_VARIABLE,
        "valueFrom": object! { "fieldRef": object! {
            "fieldPath": format!("metadata.labels['{COMPLETION_INDEX}']"),
        } },
    };
    pod.update(&names::SPEC, |spec| {
        spec.make_map().insert(&names::HOSTNAME, format!("{job}-{index}"));
        for containers in [&names::INIT_CONTAINERS, &names::CONTAINERS] {
            spec.update(containers, |containers| {
                containers.update_items(|container| {
                    container.update(&names::ENV, |env| {
                        if !env.items().iter().any(|v| *v.get(&names::NAME) == INDEX_VARIABLE) {
                            env.make_list().push(&variable);
                        }
                    });
                });
            });
        }
    });
    pod
}
