//! What becomes of a Pod that could not be placed: it learns why, and waits.

use crate::event_recorder::Report;
use crate::framework::rejection::PluginSet;
use crate::queue::QueuedPod;
use crate::scheduler::Scheduler;
use api::core::v1::{Pod, PodCondition};
use api::{Text, Value, View, names, object};
use apiserver::PatchType;
use client::ObjectReference;
use kinds::core::pod;
use kinds::table;
use sim::Time;
use std::rc::Rc;

/// What is to become of a Pod's nomination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Nominating {
    /// It stays as it is.
    Unchanged,
    /// It is nominated for no node.
    None,
    /// It is nominated for this node.
    Node(Rc<str>),
}

/// Why a Pod could not be placed.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    /// In words.
    pub(crate) message: String,
    /// Who turned it down.
    pub(crate) plugins: PluginSet,
    pub(crate) nominating: Nominating,
    /// Whether something went wrong, rather than that no node would do.
    pub(crate) is_error: bool,
}

/// Whom an event about a Pod is about.
pub(crate) fn pod_reference(pod: &Value) -> ObjectReference {
    ObjectReference::to(&pod::KIND, pod)
}

impl Scheduler {
    /// Tells people and the Pod itself, and puts the Pod back into the queue.
    pub(crate) fn handle_failure(&mut self, mut pod: QueuedPod, failure: Failure, now: Time) {
        let key = pod.key.clone();
        let current = self.client.get(&pod::KIND, &key.namespace, &key.name);
        let tried = std::mem::replace(&mut pod.object, Value::Null);
        pod.plugins = failure.plugins;
        let is_same = |object: &&Value| {
            let (now, then) = (table::metadata(object).uid(), table::metadata(&tried).uid());
            now == then && Pod::of(object).spec().node_name().is_empty()
        };
        let is_queued = self.queue.get(pod.uid).is_some();
        match current.as_ref().filter(is_same) {
            _ if is_queued => self.cache.release_class(pod.class),
            // It is gone, or somebody else has placed it.
            None => {
                self.queue.nominator.remove(pod.uid);
                self.cache.release_class(pod.class);
            }
            Some(object) => {
                pod.object = object.clone();
                let (uid, class) = (pod.uid, pod.class);
                self.queue.add_unschedulable(pod, now);
                match &failure.nominating {
                    Nominating::Unchanged => {}
                    Nominating::None => self.queue.nominator.remove(uid),
                    Nominating::Node(node) => self.queue.nominator.add(uid, node, class),
                }
            }
        }
        self.recorder.report(Report {
            about: &pod_reference(&tried),
            related: None,
            ty: "Warning",
            reason: "FailedScheduling",
            action: "Scheduling",
            message: failure.message.clone(),
        });
        self.write_status(&tried, &failure, now);
    }

    /// Writes the Pod's condition and nomination if they have changed.
    fn write_status(&mut self, pod: &Value, failure: &Failure, now: Time) {
        let reason = if failure.is_error { "SchedulerError" } else { "Unschedulable" };
        let condition = object! {
            "type": "PodScheduled",
            "status": "False",
            "reason": reason,
            "message": failure.message.clone(),
        };
        let mut status = Value::EMPTY_MAP;
        if let Some(condition) = set_condition(pod, condition, now) {
            let conditions = api::list![condition];
            status.make_map().insert(&names::CONDITIONS, conditions);
        }
        let nominated = Pod::of(pod).status().nominated_node_name();
        let wanted = match &failure.nominating {
            Nominating::Unchanged => nominated,
            Nominating::None => "",
            Nominating::Node(node) => node,
        };
        if wanted != nominated {
            let value = match wanted {
                "" => Value::Null,
                node => Text::from(node.to_owned()).into(),
            };
            status.make_map().insert(&names::NOMINATED_NODE_NAME, value);
        }
        if status == Value::EMPTY_MAP {
            return;
        }
        let key = apiserver::store::ObjectKey::of(pod);
        let patch = object! { "status": status };
        // A Pod that is gone needs no status.
        let ty = PatchType::Strategic;
        let _ = self.client.patch(&pod::KIND, &key, "status", ty, patch);
    }

    /// Tells that a Pod which is being deleted is not looked at.
    pub(crate) fn report_skipped(&mut self, pod: &QueuedPod) {
        self.recorder.report(Report {
            about: &pod_reference(&pod.object),
            related: None,
            ty: "Warning",
            reason: "FailedScheduling",
            action: "Scheduling",
            message: format!("skip schedule deleting pod: {}", pod.key),
        });
    }
}

/// A condition with its times, or `None` if the Pod has it already (`UpdatePodCondition`).
pub(crate) fn set_condition(pod: &Value, mut condition: Value, now: Time) -> Option<Value> {
    let new = PodCondition::of(&condition);
    let mut conditions = Pod::of(pod).status().conditions();
    let old = conditions.find(|old| old.type_() == new.type_());
    let mut since = now.rfc3339();
    if let Some(old) = old.filter(|old| old.status() == new.status()) {
        if old.reason() == new.reason() && old.message() == new.message() {
            return None;
        }
        let then = old.value().get(&names::LAST_TRANSITION_TIME);
        since = then.as_str().map_or(since, str::to_owned);
    }
    let map = condition.make_map();
    map.insert(&names::LAST_PROBE_TIME, Value::Null);
    map.insert(&names::LAST_TRANSITION_TIME, since);
    Some(condition)
}
