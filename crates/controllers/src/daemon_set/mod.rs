//! The DaemonSet controller: one Pod on every node that the DaemonSet is meant for.
//!
//! Models `k8s.io/kubernetes/pkg/controller/daemon`. The scheduler binds the Pods; each is made
//! for one node by a node affinity.

mod nodes;
mod revisions;
mod rolling;
mod sync;

use crate::Parts;
use crate::pods::{self, POD};
use api::apps::v1::DaemonSet;
use api::{Status, Value, View, names, object};
use apiserver::store::{Change, ChangeType, ObjectKey};
use client::{Client, EventRecorder, ObjectReference, Reconcile, Reconciler};
use kinds::apps::{controller_revision, daemon_set};
use kinds::core::node;
use kinds::{Kind, table};
use sim::{Duration, Sim, Time};
use std::collections::BTreeMap;

const KIND: &Kind = &daemon_set::KIND;

/// `failedPodsBackoff`: a failed Pod is replaced at once, the next ones on its node later.
const FAILED_POD_BACKOFF: Duration = Duration::from_secs(1);
const FAILED_POD_BACKOFF_MAX: Duration = Duration::from_secs(900);

pub(crate) struct DaemonSetController {
    sim: Sim,
    recorder: EventRecorder,
    /// When a failed Pod of a DaemonSet was last replaced on a node, and how long the next waits.
    failed_pods: BTreeMap<(String, String), (Time, Duration)>,
}

impl DaemonSetController {
    pub(crate) fn new(parts: Parts<'_>) -> DaemonSetController {
        DaemonSetController {
            sim: parts.sim.clone(),
            recorder: parts.recorder,
            failed_pods: BTreeMap::new(),
        }
    }
}

impl Reconciler for DaemonSetController {
    type Key = ObjectKey;

    fn name(&self) -> &'static str {
        "daemonset-controller"
    }

    fn interests(&self) -> Vec<&'static Kind> {
        vec![KIND, &controller_revision::KIND, POD, &node::KIND]
    }

    fn keys(&self, change: &Change, client: &Client, add: &mut dyn FnMut(ObjectKey, Duration)) {
        let kind = client.read(|server| server.registry().kind_of(change.resource));
        if kind == KIND {
            return add(change.key.clone(), Duration::ZERO);
        }
        if kind == &node::KIND {
            return sets_for_node(change, client, add);
        }
        if kind == POD
            && let Some(key) = pods::controller_key(&change.object, KIND)
            && let Some(set) = client.get(KIND, &key.namespace, &key.name)
        {
            let seconds = DaemonSet::of(&set).spec().min_ready_seconds();
            if let Some(delay) = pods::becomes_available_in(change, seconds) {
                add(key, delay);
            }
        }
        pods::concerned_owners(KIND, change, client, add);
    }

    fn reconcile(&mut self, key: &ObjectKey, client: &Client) -> Result<Reconcile, Status> {
        match client.get(KIND, &key.namespace, &key.name) {
            Some(object) => Rollout::load(self, client, object).run(),
            None => Ok(Reconcile::Done),
        }
    }
}

/// The DaemonSets that a change of a node can concern.
fn sets_for_node(change: &Change, client: &Client, add: &mut dyn FnMut(ObjectKey, Duration)) {
    if change.ty != ChangeType::Deleted
        && change.previous.as_ref().is_some_and(|old| nodes::is_same_place(old, &change.object))
    {
        return;
    }
    for set in client.list(KIND, None) {
        let standing = nodes::Standing::of(DaemonSet::of(&set), &change.object);
        let old = change.previous.as_ref();
        let before = old.map(|old| nodes::Standing::of(DaemonSet::of(&set), old));
        if change.ty == ChangeType::Deleted || before != Some(standing) {
            add(ObjectKey::of(&set), Duration::ZERO);
        }
    }
}

/// One look at a DaemonSet: it, its Pods and the nodes as they are now.
struct Rollout<'a> {
    controller: &'a mut DaemonSetController,
    client: &'a Client,
    now: Time,
    /// The DaemonSet.
    object: Value,
    nodes: Vec<Value>,
    /// The Pods by the node they run on or are made for.
    pods: BTreeMap<String, Vec<Value>>,
    /// When to look again.
    look_again: Option<Duration>,
}

impl<'a> Rollout<'a> {
    fn load(
        controller: &'a mut DaemonSetController,
        client: &'a Client,
        object: Value,
    ) -> Rollout<'a> {
        let selector = pods::selector(&object);
        let owned = pods::claim(client, POD, KIND, &object, &selector);
        let now = controller.sim.now();
        let nodes = client.list(&node::KIND, None);
        let pods = sync::by_node(owned);
        Rollout { controller, client, now, object, nodes, pods, look_again: None }
    }

    fn view(&self) -> DaemonSet<'_> {
        DaemonSet::of(&self.object)
    }

    fn about(&self) -> ObjectReference {
        ObjectReference::to(KIND, &self.object)
    }

    fn run(&mut self) -> Result<Reconcile, Status> {
        if *self.object.get(&names::SPEC).get(&names::SELECTOR) == object! {} {
            let message =
                "This daemon set is selecting all pods. A non-empty selector is required.";
            let about = self.about();
            self.controller.recorder.warning(&about, "SelectingAll", message);
            return Ok(Reconcile::Done);
        }
        if self.view().metadata().deletion_timestamp().is_some() {
            return Ok(Reconcile::Done);
        }
        let (current, old) = self.revisions()?;
        let hash = table::metadata(&current)
            .labels()
            .get(crate::history::CONTROLLER_REVISION_HASH)
            .unwrap_or_default()
            .to_owned();
        let outcome = self.update(&hash, &old);
        self.record_status(&hash)?;
        outcome?;
        Ok(self.look_again.map_or(Reconcile::Done, Reconcile::After))
    }

    fn update(&mut self, hash: &str, old: &[Value]) -> Result<(), Status> {
        // What was begun here has to be seen before Pods are replaced.
        if !self.manage(hash)? && self.view().spec().update_strategy().type_() == "RollingUpdate" {
            self.roll(hash)?;
        }
        self.clean_up_revisions(old)
    }

    fn look_again_in(&mut self, delay: Duration) {
        self.look_again = Some(self.look_again.map_or(delay, |other| other.min(delay)));
    }

    /// Whether a Pod was made from the present template.
    fn is_updated(&self, pod: &Value, hash: &str) -> bool {
        let labels = table::metadata(pod).labels();
        let has_generation = sync::template_generation(self.view())
            .is_some_and(|g| labels.get(sync::GENERATION_LABEL) == Some(&g.to_string()));
        has_generation || labels.get(crate::history::CONTROLLER_REVISION_HASH) == Some(hash)
    }
}
