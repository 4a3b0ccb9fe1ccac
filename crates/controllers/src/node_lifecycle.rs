//! The node lifecycle controller: notices nodes that are silent, and taints nodes by their state.
//!
//! Models `k8s.io/kubernetes/pkg/controller/nodelifecycle`. A node is looked at when its lease is
//! about to have run out, not every five seconds, so that thousands of healthy nodes cost little.

use crate::Parts;
use crate::pods::POD;
use api::coordination::v1::Lease;
use api::core::v1::{Node, Pod};
use api::{List, Status, Text, Value, View, names, object};
use apiserver::store::{Change, ChangeType, ObjectKey};
use client::{Client, EventRecorder, ObjectReference, Reconcile, Reconciler};
use kinds::coordination::lease;
use kinds::core::node;
use kinds::{Kind, table};
use sim::{Duration, Sim, Time};

/// `--node-monitor-period`
const MONITOR_PERIOD: Duration = Duration::from_secs(5);
/// `--node-monitor-grace-period`
const GRACE_PERIOD: Duration = Duration::from_secs(40);
const LEASE_NAMESPACE: &str = "kube-node-lease";
const SILENT_MESSAGE: &str = "Kubelet stopped posting node status.";
/// The conditions that become unknown when a node is silent.
const CONDITIONS: [&str; 4] = ["MemoryPressure", "DiskPressure", "PIDPressure", "Ready"];
const UNREACHABLE: &str = "node.kubernetes.io/unreachable";
const NOT_READY: &str = "node.kubernetes.io/not-ready";
const UNSCHEDULABLE: &str = "node.kubernetes.io/unschedulable";

pub(crate) struct NodeLifecycleController {
    sim: Sim,
    recorder: EventRecorder,
}

impl NodeLifecycleController {
    pub(crate) fn new(parts: Parts<'_>) -> NodeLifecycleController {
        NodeLifecycleController { sim: parts.sim.clone(), recorder: parts.recorder }
    }
}

impl Reconciler for NodeLifecycleController {
    type Key = ObjectKey;

    fn name(&self) -> &'static str {
        "node-controller"
    }

    fn interests(&self) -> Vec<&'static Kind> {
        vec![&node::KIND]
    }

    fn keys(&self, change: &Change, _: &Client, add: &mut dyn FnMut(ObjectKey, Duration)) {
        if change.ty == ChangeType::Deleted {
            return;
        }
        let facts =
            |object: &Value| (object.get(&names::SPEC).clone(), readiness(object).to_owned());
        if change.previous.as_ref().is_none_or(|old| facts(old) != facts(&change.object)) {
            add(change.key.clone(), Duration::ZERO);
        }
    }

    fn reconcile(&mut self, key: &ObjectKey, client: &Client) -> Result<Reconcile, Status> {
        let Some(mut object) = client.get(&node::KIND, "", &key.name) else {
            return Ok(Reconcile::Done);
        };
        let now = self.sim.now();
        let silent_at = last_sign(key, &object, client) + GRACE_PERIOD;
        if silent_at <= now && readiness(&object) != "Unknown" {
            object = self.mark_silent(object, client)?;
        }
        if let Some(delay) = set_taints(&object, now, client)? {
            return Ok(Reconcile::After(delay));
        }
        if silent_at <= now {
            return Ok(Reconcile::After(MONITOR_PERIOD));
        }
        // The first pass of the monitor after the lease has run out.
        let pass = silent_at.next_tick(Time::EPOCH, MONITOR_PERIOD);
        Ok(Reconcile::After(pass.since(now)))
    }
}

/// `True`, `False` or `Unknown`.
fn readiness(node: &Value) -> &str {
    let mut conditions = Node::of(node).status().conditions();
    conditions.find(|c| c.type_() == "Ready").map_or("Unknown", |ready| ready.status())
}

/// When a node was last heard of.
fn last_sign(key: &ObjectKey, node: &Value, client: &Client) -> Time {
    let created = table::metadata(node).creation_timestamp().unwrap_or_default();
    let lease = client.get(&lease::KIND, LEASE_NAMESPACE, &key.name).unwrap_or_default();
    Lease::of(&lease).spec().renew_time().unwrap_or(created).max(created)
}

impl NodeLifecycleController {
    /// Nobody knows how a silent node is; its Pods count as not ready.
    fn mark_silent(&mut self, object: Value, client: &Client) -> Result<Value, Status> {
        let now = self.sim.now();
        let mut changed = object.clone();
        changed.update(&names::STATUS, |status| {
            status.update(&names::CONDITIONS, |conditions| {
                conditions.update_items(|condition| {
                    let ty = condition.get(&names::TYPE).as_str().unwrap_or_default();
                    if CONDITIONS.contains(&ty) && *condition.get(&names::STATUS) != "Unknown" {
                        let map = condition.make_map();
                        map.insert(&names::STATUS, "Unknown");
                        map.insert(&names::REASON, "NodeStatusUnknown");
                        map.insert(&names::MESSAGE, SILENT_MESSAGE);
                        map.insert(&names::LAST_TRANSITION_TIME, now.rfc3339());
                    }
                });
            });
        });
        let stored = client.update_status(&node::KIND, changed)?;
        let name = table::metadata(&stored).name().to_owned();
        let message = format!("Node {name} status is now: NodeNotReady");
        // Events of nodes name the node as its uid.
        let mut about = ObjectReference::to(&node::KIND, &stored);
        about.uid = Text::from(name.clone());
        self.recorder.normal(&about, "NodeNotReady", message);
        for pod in client.pods_on_node(&name) {
            self.mark_pod_unready(&pod, client)?;
        }
        Ok(stored)
    }

    fn mark_pod_unready(&mut self, pod: &Value, client: &Client) -> Result<(), Status> {
        let now = self.sim.now();
        let mut changed = pod.clone();
        let was_ready = Pod::of(pod)
            .status()
            .conditions()
            .any(|c| c.type_() == "Ready" && c.status() == "True");
        if !was_ready {
            return Ok(());
        }
        changed.update(&names::STATUS, |status| {
            status.update(&names::CONDITIONS, |conditions| {
                conditions.update_items(|condition| {
                    if *condition.get(&names::TYPE) == "Ready" {
                        let map = condition.make_map();
                        map.insert(&names::STATUS, "False");
                        map.insert(&names::LAST_TRANSITION_TIME, now.rfc3339());
                    }
                });
            });
        });
        client.update_status(POD, changed)?;
        let about = ObjectReference::to(POD, pod);
        self.recorder.warning(&about, "NodeNotReady", "Node is not ready");
        Ok(())
    }
}

/// Taints a node by its state; says in how long Pods are to be evicted from it, if they are.
fn set_taints(object: &Value, now: Time, client: &Client) -> Result<Option<Duration>, Status> {
    let view = Node::of(object);
    let state = match readiness(object) {
        "True" => None,
        "False" => Some(NOT_READY),
        _ => Some(UNREACHABLE),
    };
    let old = object.get(&names::SPEC).get(&names::TAINTS).items();
    let has = |key: &str, effect: &str| {
        let is_it = |t: &Value| *t.get(&names::KEY) == *key && *t.get(&names::EFFECT) == *effect;
        old.iter().any(is_it)
    };
    let taint = |key: &'static str, effect: &'static str| {
        object! { "key": key, "effect": effect, "timeAdded": now.rfc3339() }
    };
    let is_ours = |t: &Value| {
        let key = t.get(&names::KEY).as_str().unwrap_or_default();
        [UNREACHABLE, NOT_READY, UNSCHEDULABLE].contains(&key)
    };
    let is_right = |t: &Value| {
        let key = t.get(&names::KEY).as_str().unwrap_or_default();
        Some(key) == state || (key == UNSCHEDULABLE && view.spec().unschedulable())
    };
    let mut taints: Vec<Value> =
        old.iter().filter(|t| !is_ours(t) || is_right(t)).cloned().collect();
    // Pods are evicted at the pass of the monitor after the one that found the node silent.
    let mut eviction_in = None;
    if let Some(key) = state {
        let found_at = view
            .spec()
            .taints()
            .find(|taint| taint.key() == key && taint.effect() == "NoSchedule")
            .map(|taint| taint.time_added().unwrap_or(now));
        if found_at.is_none() {
            taints.push(taint(key, "NoSchedule"));
        }
        let evicts_at = found_at.unwrap_or(now) + MONITOR_PERIOD;
        if now < evicts_at {
            eviction_in = Some(evicts_at.since(now));
        } else if !has(key, "NoExecute") {
            taints.push(taint(key, "NoExecute"));
        }
    }
    if view.spec().unschedulable() && !has(UNSCHEDULABLE, "NoSchedule") {
        taints.push(taint(UNSCHEDULABLE, "NoSchedule"));
    }
    if taints != old {
        let mut changed = object.clone();
        changed.update(&names::SPEC, |spec| match taints.is_empty() {
            true => {
                spec.make_map().remove(&names::TAINTS);
            }
            false => {
                spec.make_map().insert(&names::TAINTS, taints.into_iter().collect::<List>());
            }
        });
        client.update(&node::KIND, changed)?;
    }
    Ok(eviction_in)
}
