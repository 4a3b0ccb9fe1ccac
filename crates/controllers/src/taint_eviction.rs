//! The taint eviction controller: Pods leave nodes whose taints they do not tolerate.
//!
//! Models `k8s.io/kubernetes/pkg/controller/tainteviction`.

use crate::Parts;
use crate::nodes;
use crate::pods::POD;
use api::core::v1::{Node, Pod};
use api::{Status, Value, View, names, object};
use apiserver::store::{Change, ChangeType, ObjectKey};
use client::{Client, DeleteOptions, EventRecorder, ObjectReference, Reconcile, Reconciler};
use kinds::Kind;
use kinds::core::node;
use sim::{Duration, Sim, Time};
use std::collections::BTreeMap;

pub(crate) struct TaintEvictionController {
    sim: Sim,
    recorder: EventRecorder,
    /// Since when each Pod that is to leave has been on a tainted node.
    since: BTreeMap<ObjectKey, Time>,
}

impl TaintEvictionController {
    pub(crate) fn new(parts: Parts<'_>) -> TaintEvictionController {
        let (sim, recorder) = (parts.sim.clone(), parts.recorder);
        TaintEvictionController { sim, recorder, since: BTreeMap::new() }
    }
}

impl Reconciler for TaintEvictionController {
    /// A Pod.
    type Key = ObjectKey;

    fn name(&self) -> &'static str {
        "taint-eviction-controller"
    }

    fn interests(&self) -> Vec<&'static Kind> {
        vec![&node::KIND, POD]
    }

    fn keys(&self, change: &Change, client: &Client, add: &mut dyn FnMut(ObjectKey, Duration)) {
        if change.ty == ChangeType::Deleted {
            return;
        }
        if client.read(|server| server.registry().kind_of(change.resource)) == &node::KIND {
            let taints = |object: &Value| object.get(&names::SPEC).get(&names::TAINTS).clone();
            let old = change.previous.as_ref().map(taints).unwrap_or_default();
            if old != taints(&change.object) {
                for pod in client.pods_on_node(&change.key.name) {
                    add(ObjectKey::of(&pod), Duration::ZERO);
                }
            }
            return;
        }
        let facts = |object: &Value| {
            let spec = object.get(&names::SPEC);
            (spec.get(&names::NODE_NAME).clone(), spec.get(&names::TOLERATIONS).clone())
        };
        let is_placed = !Pod::of(&change.object).spec().node_name().is_empty();
        if is_placed && change.previous.as_ref().is_none_or(|o| facts(o) != facts(&change.object)) {
            add(change.key.clone(), Duration::ZERO);
        }
    }

    fn reconcile(&mut self, key: &ObjectKey, client: &Client) -> Result<Reconcile, Status> {
        let now = self.sim.now();
        let stay = client.get(POD, &key.namespace, &key.name).map(|pod| (stay(&pod, client), pod));
        let Some((Stay::For(time), pod)) = stay else {
            self.since.remove(key);
            return Ok(Reconcile::Done);
        };
        let since = *self.since.entry(key.clone()).or_insert(now);
        if since + time > now {
            return Ok(Reconcile::After((since + time).since(now)));
        }
        self.since.remove(key);
        let about = ObjectReference::to(POD, &pod);
        let message = format!("Marking for deletion Pod {key}");
        self.recorder.normal(&about, "TaintManagerEviction", message);
        mark_disrupted(&pod, now, client)?;
        let uid = kinds::table::metadata(&pod).uid();
        match client.delete(POD, key, uid, DeleteOptions::default()) {
            Err(status) if status.reason != api::Reason::NotFound => Err(status),
            _ => Ok(Reconcile::Done),
        }
    }
}

/// How long a Pod may stay where it is.
enum Stay {
    Forever,
    For(Duration),
}

fn stay(object: &Value, client: &Client) -> Stay {
    let pod = Pod::of(object);
    if pod.metadata().deletion_timestamp().is_some() {
        return Stay::Forever;
    }
    let Some(node) = client.get(&node::KIND, "", pod.spec().node_name()) else {
        return Stay::Forever;
    };
    let mut shortest: Option<Duration> = None;
    for taint in Node::of(&node).spec().taints().filter(|taint| taint.effect() == "NoExecute") {
        let tolerations = pod.spec().tolerations().filter(|t| nodes::tolerates(*t, taint));
        let mut limits = tolerations.map(|toleration| toleration.toleration_seconds());
        let Some(first) = limits.next() else {
            return Stay::For(Duration::ZERO);
        };
        // The first toleration that covers the taint counts.
        if let Some(seconds) = first {
            let time = Duration::from_secs(seconds.max(0) as u64);
            shortest = Some(shortest.map_or(time, |shortest| shortest.min(time)));
        }
    }
    shortest.map_or(Stay::Forever, Stay::For)
}

fn mark_disrupted(pod: &Value, now: Time, client: &Client) -> Result<(), Status> {
    let mut changed = pod.clone();
    changed.update(&names::STATUS, |status| {
        status.update(&names::CONDITIONS, |conditions| {
            conditions.make_list().push(object! {
                "type": "DisruptionTarget",
                "status": "True",
                "reason": "DeletionByTaintManager",
                "message": "Taint manager: deleting due to NoExecute taint",
                "lastProbeTime": Value::Null,
                "lastTransitionTime": now.rfc3339(),
            });
        });
    });
    client.update_status(POD, changed).map(|_| ())
}
