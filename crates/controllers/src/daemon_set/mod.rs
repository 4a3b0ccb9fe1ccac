//! The DaemonSet controller: one Pod on every node that may run it.
//!
//! Models `k8s.io/kubernetes/pkg/controller/daemon`.

mod placement;
mod status;

use crate::Parts;
use crate::controller_revision;
use crate::nodes;
use crate::pods::{self, POD};
use api::apps::v1::DaemonSet;
use api::core::v1::Pod;
use api::labels::Selector;
use api::{IntOrString, Status, Value, View, hash, names};
use apiserver::store::{Change, ChangeType, ObjectKey};
use client::{Client, DeleteOptions, EventRecorder, ObjectReference, Reconcile, Reconciler};
use kinds::apps::daemon_set;
use kinds::core::node;
use kinds::{Kind, table};
use placement::{Verdict, judge};
use sim::{Duration, Sim, Time};
use std::collections::BTreeMap;

/// `BurstReplicas`: the most Pods made in one go.
const BURST_REPLICAS: usize = 250;

pub(crate) struct DaemonSetController {
    sim: Sim,
    recorder: EventRecorder,
}

impl DaemonSetController {
    pub(crate) fn new(parts: Parts<'_>) -> DaemonSetController {
        DaemonSetController { sim: parts.sim.clone(), recorder: parts.recorder }
    }
}

impl Reconciler for DaemonSetController {
    type Key = ObjectKey;

    fn name(&self) -> &'static str {
        "daemonset-controller"
    }

    fn interests(&self) -> Vec<&'static Kind> {
        vec![&daemon_set::KIND, POD, &node::KIND]
    }

    fn keys(&self, change: &Change, client: &Client, add: &mut dyn FnMut(ObjectKey, Duration)) {
        let kind = client.read(|server| server.registry().kind_of(change.resource));
        if kind == &daemon_set::KIND {
            return add(change.key.clone(), Duration::ZERO);
        }
        if kind == &node::KIND {
            if placement::is_other_place(change) {
                for object in client.list(&daemon_set::KIND, None) {
                    add(ObjectKey::of(&object), Duration::ZERO);
                }
            }
            return;
        }
        let versions = [Some(&change.object), change.previous.as_ref()];
        for version in versions.into_iter().flatten() {
            if let Some(key) = pods::controller_key(version, &daemon_set::KIND) {
                add(key, Duration::ZERO);
            }
        }
        let has_controller = table::metadata(&change.object)
            .owner_references()
            .any(|owner| owner.controller() == Some(true));
        if !has_controller && change.ty != ChangeType::Deleted {
            let labels = table::metadata(&change.object).labels();
            for object in client.list(&daemon_set::KIND, Some(&change.key.namespace)) {
                if !labels.is_empty() && selector_of(&object).matches(labels) {
                    add(ObjectKey::of(&object), Duration::ZERO);
                }
            }
        }
    }

    fn reconcile(&mut self, key: &ObjectKey, client: &Client) -> Result<Reconcile, Status> {
        let Some(object) = client.get(&daemon_set::KIND, &key.namespace, &key.name) else {
            return Ok(Reconcile::Done);
        };
        if table::metadata(&object).deletion_timestamp().is_some() {
            return Ok(Reconcile::Done);
        }
        Sync::load(self, client, object)?.run()
    }
}

fn selector_of(object: &Value) -> Selector {
    Selector::from_document(object.get(&names::SPEC).get(&names::SELECTOR))
}

/// One look at a DaemonSet.
struct Sync<'a> {
    controller: &'a mut DaemonSetController,
    client: &'a Client,
    now: Time,
    object: Value,
    /// The nodes, each with the verdict about it.
    nodes: Vec<(String, Verdict)>,
    /// Its Pods by the node they are on or made for.
    pods: BTreeMap<String, Vec<Value>>,
    revisions: Vec<Value>,
    hash: String,
}

impl<'a> Sync<'a> {
    fn load(
        controller: &'a mut DaemonSetController,
        client: &'a Client,
        object: Value,
    ) -> Result<Sync<'a>, Status> {
        let selector = selector_of(&object);
        let mut by_node: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for pod in pods::claim(client, POD, &daemon_set::KIND, &object, &selector) {
            if let Some(node) = nodes::target_of(Pod::of(&pod)) {
                by_node.entry(node).or_default().push(pod);
            }
        }
        for pods in by_node.values_mut() {
            pods.sort_by_key(|pod| table::metadata(pod).creation_timestamp());
        }
        let mut revisions =
            controller_revision::revisions(client, &daemon_set::KIND, &object, &selector);
        let collisions = DaemonSet::of(&object).status().collision_count();
        let hash = hash::pod_template(object.get(&names::SPEC).get(&names::TEMPLATE), collisions);
        let label = controller_revision::HASH_LABEL;
        let current = controller_revision::current(
            client,
            &daemon_set::KIND,
            &object,
            &revisions,
            (hash, label),
        )?;
        let hash = table::metadata(&current).labels().get(label).unwrap_or_default().to_owned();
        let name = table::metadata(&current).name().to_owned();
        revisions.retain(|revision| table::metadata(revision).name() != name);
        revisions.push(current);
        let nodes = client.list(&node::KIND, None);
        let judged = nodes
            .iter()
            .map(|node| (table::metadata(node).name().to_owned(), judge(&object, node)));
        let nodes = judged.collect();
        let now = controller.sim.now();
        Ok(Sync { controller, client, now, object, nodes, pods: by_node, revisions, hash })
    }

    fn view(&self) -> DaemonSet<'_> {
        DaemonSet::of(&self.object)
    }

    fn pods_on(&self, node: &str) -> &[Value] {
        self.pods.get(node).map_or(&[], Vec::as_slice)
    }

    fn is_available(&self, pod: &Value) -> bool {
        pods::is_available(Pod::of(pod), self.view().spec().min_ready_seconds(), self.now)
    }

    fn is_updated(&self, pod: &Value) -> bool {
        let label = controller_revision::HASH_LABEL;
        table::metadata(pod).labels().get(label) == Some(self.hash.as_str())
    }

    fn run(mut self) -> Result<Reconcile, Status> {
        let worked = self.manage().and_then(|()| self.roll());
        self.clean_up()?;
        status::store(&self)?;
        worked?;
        let seconds = self.view().spec().min_ready_seconds();
        let waits = self
            .pods
            .values()
            .flatten()
            .any(|pod| pods::is_ready(Pod::of(pod)) && !self.is_available(pod));
        if seconds > 0 && waits {
            return Ok(Reconcile::After(Duration::from_secs(seconds as u64)));
        }
        Ok(Reconcile::Done)
    }

    /// Makes Pods where they are missing and deletes them where they must not be.
    fn manage(&mut self) -> Result<(), Status> {
        let mut missing = Vec::new();
        let mut surplus = Vec::new();
        for (node, verdict) in self.nodes.clone() {
            let pods = self.pods_on(&node).to_vec();
            if verdict.should_run && pods.is_empty() {
                missing.push(node);
            } else if verdict.may_stay {
                self.look_at_running(&node, &pods, &mut surplus);
            } else {
                surplus.extend(pods.into_iter().filter(|pod| !is_terminating(pod)));
            }
        }
        let is_known = |node: &String| self.nodes.iter().any(|(name, _)| name == node);
        let lost = self.pods.iter().filter(|(node, _)| !is_known(node));
        let lost = lost.flat_map(|(_, pods)| pods).filter(|pod| {
            // A Pod that is bound to a node that is gone is left to the garbage collector.
            Pod::of(pod).spec().node_name().is_empty() && !is_terminating(pod)
        });
        surplus.extend(lost.cloned());
        self.delete_pods(&surplus)?;
        for node in missing.iter().take(BURST_REPLICAS) {
            self.create_pod(node)?;
        }
        Ok(())
    }

    /// A Pod that has ended makes room for another, and of several only the oldest stays.
    fn look_at_running(&mut self, node: &str, pods: &[Value], surplus: &mut Vec<Value>) {
        let mut running: Vec<&Value> = Vec::new();
        for pod in pods.iter().filter(|pod| !is_terminating(pod)) {
            let metadata = table::metadata(pod);
            let name = format!("{}/{}", metadata.namespace(), metadata.name());
            let about = self.about();
            let recorder = &mut self.controller.recorder;
            match Pod::of(pod).status().phase() {
                "Failed" => {
                    let message = format!(
                        "Found failed daemon pod {name} on node {node}, will try to kill it"
                    );
                    recorder.warning(&about, "FailedDaemonPod", message);
                    surplus.push(pod.clone());
                }
                "Succeeded" => {
                    let message = format!(
                        "Found succeeded daemon pod {name} on node {node}, will try to delete it"
                    );
                    recorder.normal(&about, "SucceededDaemonPod", message);
                    surplus.push(pod.clone());
                }
                _ => running.push(pod),
            }
        }
        let surges = self.limits().0 > 0;
        if !surges {
            surplus.extend(running.into_iter().skip(1).cloned());
            return;
        }
        // While it surges, an old Pod stays until the new one is available.
        let new_is_available =
            running.iter().any(|pod| self.is_updated(pod) && self.is_available(pod));
        if new_is_available {
            surplus.extend(running.into_iter().filter(|p| !self.is_updated(p)).cloned());
        }
    }

    /// (maxSurge, maxUnavailable) as numbers of nodes.
    fn limits(&self) -> (i64, i64) {
        let total = self.nodes.iter().filter(|(_, verdict)| verdict.should_run).count() as i64;
        let update = self.view().spec().update_strategy().rolling_update();
        let zero = IntOrString::Int(0);
        let surge = update.and_then(|u| u.max_surge()).unwrap_or(zero).scaled(total, true);
        let unavailable =
            update.and_then(|u| u.max_unavailable()).unwrap_or(zero).scaled(total, true);
        match (surge.unwrap_or(0), unavailable.unwrap_or(0)) {
            (0, 0) => (0, 1),
            limits => limits,
        }
    }

    /// Replaces old Pods, as far as availability allows.
    fn roll(&mut self) -> Result<(), Status> {
        if self.view().spec().update_strategy().type_() != "RollingUpdate" {
            return Ok(());
        }
        let (max_surge, max_unavailable) = self.limits();
        if max_surge > 0 {
            return self.surge(max_surge);
        }
        let (mut unavailable, mut broken, mut candidates) = (0, Vec::new(), Vec::new());
        for pods in self.pods.values() {
            let alive = || pods.iter().filter(|pod| !is_terminating(pod));
            let new = alive().find(|pod| self.is_updated(pod));
            let old = alive().find(|pod| !self.is_updated(pod));
            match (new, old) {
                (None, None) | (Some(_), Some(_)) => unavailable += 1,
                (Some(new), None) => unavailable += i64::from(!self.is_available(new)),
                (None, Some(old)) if !self.is_available(old) => broken.push(old.clone()),
                (None, Some(old)) => candidates.push(old.clone()),
            }
        }
        candidates.truncate((max_unavailable - unavailable).max(0) as usize);
        broken.append(&mut candidates);
        self.delete_pods(&broken)
    }

    /// Makes new Pods beside old ones.
    fn surge(&mut self, max_surge: i64) -> Result<(), Status> {
        let (mut surging, mut wanted) = (0, Vec::new());
        for (node, verdict) in &self.nodes {
            let pods = self.pods_on(node);
            let alive = || pods.iter().filter(|pod| !is_terminating(pod));
            let has_new = alive().any(|pod| self.is_updated(pod));
            let has_old = alive().any(|pod| !self.is_updated(pod));
            if has_new && has_old {
                surging += 1;
            } else if has_old && verdict.should_run {
                wanted.push(node.clone());
            }
        }
        for node in wanted.iter().take((max_surge - surging).max(0) as usize) {
            self.create_pod(node)?;
        }
        Ok(())
    }

    fn about(&self) -> ObjectReference {
        ObjectReference::to(&daemon_set::KIND, &self.object)
    }

    fn create_pod(&mut self, node: &str) -> Result<(), Status> {
        let about = self.about();
        let pod = placement::new_pod(&self.object, &self.hash, node);
        match self.client.create(POD, pod) {
            Ok(created) => {
                let message = format!("Created pod: {}", table::metadata(&created).name());
                self.controller.recorder.normal(&about, "SuccessfulCreate", message);
                Ok(())
            }
            Err(status) => {
                let message = format!("Error creating: {status}");
                self.controller.recorder.warning(&about, "FailedCreate", message);
                Err(status)
            }
        }
    }

    fn delete_pods(&mut self, pods: &[Value]) -> Result<(), Status> {
        let about = self.about();
        for pod in pods {
            let metadata = table::metadata(pod);
            let key = ObjectKey::of(pod);
            match self.client.delete(POD, &key, metadata.uid(), DeleteOptions::default()) {
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

    fn clean_up(&self) -> Result<(), Status> {
        let limit = self.view().spec().revision_history_limit().unwrap_or(10);
        let label = controller_revision::HASH_LABEL;
        let hash_of = |object: &Value| {
            table::metadata(object).labels().get(label).unwrap_or_default().to_owned()
        };
        controller_revision::clean_up(self.client, &self.revisions, limit, |revision| {
            let hash = hash_of(revision);
            hash == self.hash || self.pods.values().flatten().any(|pod| hash_of(pod) == hash)
        })
    }
}

fn is_terminating(pod: &Value) -> bool {
    table::metadata(pod).deletion_timestamp().is_some()
}
