//! The Deployment controller: replaces Pods step by step by trading them between ReplicaSets.
//!
//! Models `k8s.io/kubernetes/pkg/controller/deployment`. Each look at a Deployment does at most one
//! thing: it scales one side, or it records where the rollout stands.

mod progress;
mod recreate;
mod replica_sets;
mod rolling;
mod scaling;

use crate::Parts;
use crate::pods::{self, POD};
use api::apps::v1::{Deployment, ReplicaSet};
use api::labels::Selector;
use api::{Status, Value, View, names};
use apiserver::store::{Change, ChangeType, ObjectKey};
use client::{Client, EventRecorder, ObjectReference, Reconcile, Reconciler};
use kinds::apps::{deployment, replica_set};
use kinds::{Kind, table};
use sim::{Duration, Sim, Time};

pub(crate) struct DeploymentController {
    sim: Sim,
    recorder: EventRecorder,
}

impl DeploymentController {
    pub(crate) fn new(parts: Parts<'_>) -> DeploymentController {
        DeploymentController { sim: parts.sim.clone(), recorder: parts.recorder }
    }
}

impl Reconciler for DeploymentController {
    type Key = ObjectKey;

    fn name(&self) -> &'static str {
        "deployment-controller"
    }

    fn interests(&self) -> Vec<&'static Kind> {
        vec![&deployment::KIND, &replica_set::KIND, POD]
    }

    fn keys(&self, change: &Change, client: &Client, add: &mut dyn FnMut(ObjectKey, Duration)) {
        let kind = client.read(|server| server.registry().kind_of(change.resource));
        if kind == &deployment::KIND {
            return add(change.key.clone(), Duration::ZERO);
        }
        if kind == POD {
            if change.ty == ChangeType::Deleted
                && let Some(key) = recreating_deployment_of(&change.object, client)
            {
                add(key, Duration::ZERO);
            }
            return;
        }
        let owner = pods::controller_key(&change.object, &deployment::KIND);
        let old_owner =
            change.previous.as_ref().and_then(|old| pods::controller_key(old, &deployment::KIND));
        if old_owner != owner
            && let Some(key) = old_owner
        {
            add(key, Duration::ZERO);
        }
        match owner {
            Some(key) => add(key, Duration::ZERO),
            None if change.ty != ChangeType::Deleted => matching_deployments(change, client, add),
            None => {}
        }
    }

    fn reconcile(&mut self, key: &ObjectKey, client: &Client) -> Result<Reconcile, Status> {
        let Some(object) = client.get(&deployment::KIND, &key.namespace, &key.name) else {
            return Ok(Reconcile::Done);
        };
        Rollout::load(self, client, object)?.run()
    }
}

/// A Deployment of the strategy Recreate waits for its old Pods to go.
fn recreating_deployment_of(pod: &Value, client: &Client) -> Option<ObjectKey> {
    let set_key = pods::controller_key(pod, &replica_set::KIND)?;
    let set = client.get(&replica_set::KIND, &set_key.namespace, &set_key.name)?;
    let key = pods::controller_key(&set, &deployment::KIND)?;
    let object = client.get(&deployment::KIND, &key.namespace, &key.name)?;
    (Deployment::of(&object).spec().strategy().type_() == "Recreate").then_some(key)
}

fn matching_deployments(
    change: &Change,
    client: &Client,
    add: &mut dyn FnMut(ObjectKey, Duration),
) {
    let labels = table::metadata(&change.object).labels();
    for object in client.list(&deployment::KIND, Some(&change.key.namespace)) {
        let selector = Selector::from_document(object.get(&names::SPEC).get(&names::SELECTOR));
        if !labels.is_empty() && selector.matches(labels) {
            add(ObjectKey::of(&object), Duration::ZERO);
        }
    }
}

/// One look at a Deployment: it and its ReplicaSets as they are now.
struct Rollout<'a> {
    controller: &'a mut DeploymentController,
    client: &'a Client,
    now: Time,
    /// The Deployment.
    object: Value,
    /// The ReplicaSets it owns, by name.
    sets: Vec<Value>,
}

impl<'a> Rollout<'a> {
    fn load(
        controller: &'a mut DeploymentController,
        client: &'a Client,
        object: Value,
    ) -> Result<Rollout<'a>, Status> {
        let selector = Selector::from_document(object.get(&names::SPEC).get(&names::SELECTOR));
        let sets = pods::claim(client, &replica_set::KIND, &deployment::KIND, &object, &selector);
        let now = controller.sim.now();
        Ok(Rollout { controller, client, now, object, sets })
    }

    fn view(&self) -> Deployment<'_> {
        Deployment::of(&self.object)
    }

    fn replicas(&self) -> i64 {
        self.view().spec().replicas().unwrap_or(1)
    }

    fn about(&self) -> ObjectReference {
        ObjectReference::to(&deployment::KIND, &self.object)
    }

    fn run(&mut self) -> Result<Reconcile, Status> {
        if self.view().metadata().deletion_timestamp().is_some() {
            let (new, old) = self.split_sets(false)?;
            return self.record_status(new.as_ref(), &old);
        }
        self.check_paused()?;
        if self.view().spec().paused() || self.is_scaling() {
            return self.scale();
        }
        match self.view().spec().strategy().type_() {
            "Recreate" => self.recreate(),
            _ => self.roll(),
        }
    }

    /// Whether the number of replicas was changed since the sets were last scaled to it.
    fn is_scaling(&self) -> bool {
        let wanted = self.replicas();
        self.sets.iter().any(|set| {
            let is_active = ReplicaSet::of(set).spec().replicas().unwrap_or(0) > 0;
            let desired = replica_sets::annotated(set, replica_sets::DESIRED);
            is_active && desired.is_some_and(|desired| desired != wanted)
        })
    }
}

/// The replicas that a set is asked for.
fn spec_replicas(set: &Value) -> i64 {
    ReplicaSet::of(set).spec().replicas().unwrap_or(1)
}

/// The replicas that a set has.
fn actual_replicas(set: &Value) -> i64 {
    ReplicaSet::of(set).status().replicas()
}

fn sum(sets: &[Value], count: impl Fn(&Value) -> i64) -> i64 {
    sets.iter().map(count).sum()
}

/// Oldest first, by creation and then by name.
fn by_age(sets: &mut [Value]) {
    sets.sort_by_key(|set| {
        let metadata = table::metadata(set);
        (metadata.creation_timestamp(), metadata.name().to_owned())
    });
}
