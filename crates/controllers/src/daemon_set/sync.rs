//! Which Pods a DaemonSet lacks and which it has too many of, and its status.

use super::nodes::{self, Standing};
use super::{FAILED_POD_BACKOFF, FAILED_POD_BACKOFF_MAX, KIND, Rollout};
use crate::history::CONTROLLER_REVISION_HASH;
use crate::{pod_control, pods};
use api::apps::v1::{DaemonSet, DaemonSetMut};
use api::core::v1::Pod;
use api::{Status, Value, View, ViewMut, names};
use kinds::apps::daemon_set::TEMPLATE_GENERATION;
use kinds::table;
use sim::Duration;
use std::collections::BTreeMap;

/// The old way to tell which template a Pod was made from; it is still written.
pub(super) const GENERATION_LABEL: &str = "pod-template-generation";
/// `BurstReplicas`: the most Pods created or deleted in one go.
const BURST_REPLICAS: usize = 250;

/// How often the template has been changed.
pub(super) fn template_generation(set: DaemonSet<'_>) -> Option<i64> {
    set.metadata().annotations().get(TEMPLATE_GENERATION)?.parse().ok()
}

/// Sorts Pods by their nodes, without those that are over and on their way out: they no longer
/// keep a new one from being created.
pub(super) fn by_node(owned: Vec<Value>) -> BTreeMap<String, Vec<Value>> {
    let mut sorted: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for object in owned {
        let pod = Pod::of(&object);
        let is_over = matches!(pod.status().phase(), "Succeeded" | "Failed");
        let node = crate::nodes::target_of(pod);
        if let Some(node) = node
            && !(is_over && pod.metadata().deletion_timestamp().is_some())
        {
            sorted.entry(node).or_default().push(object);
        }
    }
    for pods in sorted.values_mut() {
        pods.sort_by_key(|object| {
            let pod = Pod::of(object);
            let metadata = pod.metadata();
            (
                pod.spec().node_name().is_empty(),
                metadata.creation_timestamp(),
                metadata.name().to_owned(),
            )
        });
    }
    sorted
}

fn is_deleting(pod: &Value) -> bool {
    table::metadata(pod).deletion_timestamp().is_some()
}

impl Rollout<'_> {
    /// Creates what is missing and deletes what is too much; true if there was anything to do.
    pub(super) fn manage(&mut self, hash: &str) -> Result<bool, Status> {
        let mut lacking = Vec::new();
        let mut doomed = Vec::new();
        for node in self.nodes.clone() {
            let name = table::metadata(&node).name().to_owned();
            let pods = self.pods.get(&name).cloned().unwrap_or_default();
            match Standing::of(self.view(), &node) {
                Standing::Runs if pods.is_empty() => lacking.push(name),
                Standing::Avoids => doomed.extend(pods.into_iter().filter(|p| !is_deleting(p))),
                Standing::Runs | Standing::Stays => {
                    self.find_excess(&name, &pods, hash, &mut doomed);
                }
            }
        }
        let exists = |node: &str| self.nodes.iter().any(|n| table::metadata(n).name() == node);
        let lost = self.pods.iter().filter(|(node, _)| !exists(node)).flat_map(|(_, pods)| pods);
        let is_unbound = |pod: &&Value| Pod::of(pod).spec().node_name().is_empty();
        doomed.extend(lost.filter(|pod| is_unbound(pod) && !is_deleting(pod)).cloned());
        self.sync_nodes(&lacking, &doomed, hash)
    }

    /// The Pods of a node that are over, and those beyond one, or beyond an old one with its
    /// successor while the DaemonSet surges.
    fn find_excess(&mut self, node: &str, pods: &[Value], hash: &str, doomed: &mut Vec<Value>) {
        let mut running = Vec::new();
        for pod in pods.iter().filter(|pod| !is_deleting(pod)) {
            match Pod::of(pod).status().phase() {
                "Failed" if self.is_backing_off(node) => {}
                "Failed" => {
                    let message =
                        format!("Found failed daemon pod {}, will try to kill it", at(pod, node));
                    let about = self.about();
                    self.controller.recorder.warning(&about, "FailedDaemonPod", message);
                    doomed.push(pod.clone());
                }
                "Succeeded" => {
                    let message = format!(
                        "Found succeeded daemon pod {}, will try to delete it",
                        at(pod, node)
                    );
                    let about = self.about();
                    self.controller.recorder.normal(&about, "SucceededDaemonPod", message);
                    doomed.push(pod.clone());
                }
                _ => running.push(pod),
            }
        }
        if running.len() <= 1 {
            return;
        }
        if self.limits().0 == 0 {
            return doomed.extend(running[1..].iter().map(|pod| (*pod).clone()));
        }
        let (mut newest, mut oldest) = (None, None);
        for pod in running {
            let place = if self.is_updated(pod, hash) { &mut newest } else { &mut oldest };
            if place.is_some() {
                doomed.push(pod.clone());
            } else {
                *place = Some(pod);
            }
        }
        if let (Some(new), Some(old)) = (newest, oldest) {
            let min_ready_seconds = self.view().spec().min_ready_seconds();
            if !pods::is_ready(Pod::of(old))
                || pods::is_available(Pod::of(new), min_ready_seconds, self.now)
            {
                doomed.push(old.clone());
            }
        }
    }

    /// Whether the last failed Pod on a node was replaced so recently that the next has to wait.
    fn is_backing_off(&mut self, node: &str) -> bool {
        let key = (self.view().metadata().uid().to_owned(), node.to_owned());
        let failed_pods = &mut self.controller.failed_pods;
        let delay = match failed_pods.get(&key) {
            None => FAILED_POD_BACKOFF,
            Some((since, delay)) if self.now < *since + *delay => {
                let delay = *delay;
                self.look_again_in(delay);
                return true;
            }
            // After twice the longest wait it counts as well again.
            Some((since, _)) if self.now > *since + FAILED_POD_BACKOFF_MAX * 2 => {
                FAILED_POD_BACKOFF
            }
            Some((_, delay)) => (*delay * 2).min(FAILED_POD_BACKOFF_MAX),
        };
        failed_pods.insert(key, (self.now, delay));
        false
    }

    /// Creates a Pod for each node in `lacking`, and deletes `doomed`; true if there was any.
    pub(super) fn sync_nodes(
        &mut self,
        lacking: &[String],
        doomed: &[Value],
        hash: &str,
    ) -> Result<bool, Status> {
        let about = self.about();
        let template = self.object.get(&names::SPEC).get(&names::TEMPLATE);
        let mut pod = pods::from_template(template, KIND, &self.object);
        let generation = template_generation(self.view());
        pod.update(&names::METADATA, |metadata| {
            metadata.update(&names::LABELS, |labels| {
                let labels = labels.make_map();
                labels.insert(CONTROLLER_REVISION_HASH, hash.to_owned());
                if let Some(generation) = generation {
                    labels.insert(GENERATION_LABEL, generation.to_string());
                }
            });
        });
        pod.update(&names::SPEC, |spec| *spec = nodes::daemon_tolerations(spec));
        let recorder = &mut self.controller.recorder;
        for node in lacking.iter().take(BURST_REPLICAS) {
            let mut pod = pod.clone();
            pod.update(&names::SPEC, |spec| nodes::pin_to_node(spec, node));
            if pod_control::create(self.client, recorder, &about, pod)?.is_none() {
                break;
            }
        }
        for pod in doomed.iter().take(BURST_REPLICAS) {
            pod_control::delete(self.client, recorder, &about, pod)?;
        }
        Ok(!lacking.is_empty() || !doomed.is_empty())
    }

    /// Records how many nodes should have a Pod, have one, and have a good one.
    pub(super) fn record_status(&mut self, hash: &str) -> Result<(), Status> {
        let min_ready_seconds = self.view().spec().min_ready_seconds();
        let (mut desired, mut current, mut misscheduled) = (0, 0, 0);
        let (mut ready, mut available, mut updated) = (0, 0, 0);
        for node in &self.nodes {
            let oldest = self.pods.get(table::metadata(node).name()).and_then(|pods| pods.first());
            if !Standing::of(self.view(), node).runs() {
                misscheduled += i64::from(oldest.is_some());
                continue;
            }
            desired += 1;
            let Some(pod) = oldest else { continue };
            let view = Pod::of(pod);
            current += 1;
            ready += i64::from(pods::is_ready(view));
            available += i64::from(pods::is_available(view, min_ready_seconds, self.now));
            updated += i64::from(self.is_updated(pod, hash));
        }
        let mut changed = self.object.clone();
        let mut view = DaemonSetMut::of(&mut changed);
        let mut status = view.status_mut();
        status.set_desired_number_scheduled(desired);
        status.set_current_number_scheduled(current);
        status.set_number_misscheduled(misscheduled);
        status.set_number_ready(ready);
        status.set_updated_number_scheduled(updated);
        status.set_number_available(available);
        status.set_number_unavailable(desired - available);
        status.set_observed_generation(self.view().metadata().generation());
        if changed.get(&names::STATUS) != self.object.get(&names::STATUS) {
            self.client.update_status(KIND, changed)?;
        }
        if min_ready_seconds > 0 && ready != available {
            self.look_again_in(Duration::from_secs(min_ready_seconds as u64));
        }
        Ok(())
    }
}

fn at(pod: &Value, node: &str) -> String {
    let metadata = table::metadata(pod);
    format!("{}/{} on node {node}", metadata.namespace(), metadata.name())
}
