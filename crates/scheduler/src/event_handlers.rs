//! What changes of the cluster mean to the cache and to the queue.

use crate::cache::{NodeInfo, PodClass, Uid};
use crate::framework::rejection::Verdict;
use crate::kinds_in_use::Subject;
use crate::plugins::{node_affinity, node_name, node_ports, node_resources_fit};
use crate::queue::{ClusterEvent, QueuedPod};
use crate::scheduler::{NAME, Scheduler};
use crate::taints::Effect;
use api::core::v1::{Node, Pod};
use api::storage::v1::StorageClass;
use api::{Value, View, names};
use apiserver::store::ObjectKey;
use kinds::table;
use sim::Cause;

/// Where a Pod stands, as far as the scheduler cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// It is over, or another scheduler's.
    Elsewhere,
    /// It waits for a node.
    Waiting,
    /// It has a node.
    Assigned,
}

fn standing(pod: Option<&Value>) -> Standing {
    let Some(pod) = pod.map(Pod::of) else {
        return Standing::Elsewhere;
    };
    if matches!(pod.status().phase(), "Succeeded" | "Failed") {
        Standing::Elsewhere
    } else if !pod.spec().node_name().is_empty() {
        Standing::Assigned
    } else if pod.spec().scheduler_name() == NAME {
        Standing::Waiting
    } else {
        Standing::Elsewhere
    }
}

impl Scheduler {
    /// Takes note of a change: the object before and after it.
    pub(crate) fn handle(
        &mut self,
        subject: Subject,
        key: &ObjectKey,
        old: Option<&Value>,
        new: Option<&Value>,
        cause: Cause,
    ) {
        match subject {
            Subject::Node => self.handle_node(key, old, new, cause),
            Subject::Pod => self.handle_pod(key, old, new, cause),
            Subject::Namespace => {
                let labels = new.map(|object| table::metadata(object).labels().0);
                self.cache.set_namespace(&key.name, labels);
            }
            Subject::Selecting => {
                let selector =
                    |object: &Value| object.get(&names::SPEC).get(&names::SELECTOR).clone();
                if old.map(selector) != new.map(selector) {
                    self.spread_version += 1;
                }
            }
            Subject::Volume => {
                self.reservations.set_volume(&key.name, old, new);
                self.handle_storage(ClusterEvent::PvAdd, ClusterEvent::PvUpdate, old, new, cause);
            }
            Subject::Claim => {
                self.handle_storage(ClusterEvent::PvcAdd, ClusterEvent::PvcUpdate, old, new, cause);
            }
            Subject::StorageClass => {
                // A class that binds at once helps nobody by coming.
                let waits = |class: &Value| {
                    StorageClass::of(class).volume_binding_mode() == Some("WaitForFirstConsumer")
                };
                if old.is_some() || new.is_some_and(waits) {
                    let (added, changed) =
                        (ClusterEvent::StorageClassAdd, ClusterEvent::StorageClassUpdate);
                    self.handle_storage(added, changed, old, new, cause);
                }
            }
            Subject::Csi => {
                let event = ClusterEvent::CsiChange;
                self.handle_storage(event, event, old, new, cause);
            }
        }
    }

    fn handle_storage(
        &mut self,
        added: ClusterEvent,
        changed: ClusterEvent,
        old: Option<&Value>,
        new: Option<&Value>,
        cause: Cause,
    ) {
        if new.is_some() {
            let event = if old.is_some() { changed } else { added };
            self.move_all(event, cause);
        }
    }

    /// Takes the Pods back into the queue that an event may have helped.
    pub(crate) fn move_all(&mut self, event: ClusterEvent, cause: Cause) {
        self.queue.move_all(event, cause, self.sim.now(), |_| true);
    }

    fn handle_node(
        &mut self,
        key: &ObjectKey,
        old: Option<&Value>,
        new: Option<&Value>,
        cause: Cause,
    ) {
        let Some(new) = new else {
            self.cache.remove_node(&key.name);
            return;
        };
        let (node, is_new) = self.cache.set_node(&key.name, new);
        let event = match old {
            _ if is_new => Some(ClusterEvent::NodeAdd),
            Some(old) => what_changed(Node::of(old), Node::of(new)),
            None => None,
        };
        if let Some(event) = event {
            let cache = &self.cache;
            let info = cache.node(node);
            self.queue.move_all(event, cause, self.sim.now(), |pod| {
                is_worth_a_try(cache.class(pod.class), info).is_ok()
            });
        }
    }

    fn handle_pod(
        &mut self,
        key: &ObjectKey,
        old: Option<&Value>,
        new: Option<&Value>,
        cause: Cause,
    ) {
        let Some(object) = new.or(old) else {
            return;
        };
        let uid = Uid::of(object);
        match (standing(old), standing(new)) {
            (was, Standing::Assigned) => {
                if was == Standing::Waiting {
                    self.dequeue(uid);
                }
                self.cache.set_pod(key, object);
                let event = match was {
                    Standing::Assigned => ClusterEvent::AssignedPodUpdate,
                    _ => ClusterEvent::AssignedPodAdd,
                };
                self.handle_assigned(event, uid, cause);
            }
            (Standing::Assigned, _) => {
                self.cache.remove_pod(uid);
                self.move_all(ClusterEvent::AssignedPodDelete, cause);
            }
            (_, Standing::Waiting) => self.enqueue(uid, key, object, cause),
            (Standing::Waiting, Standing::Elsewhere) => self.dequeue(uid),
            (Standing::Elsewhere, Standing::Elsewhere) => {}
        }
    }

    fn dequeue(&mut self, uid: Uid) {
        if let Some(pod) = self.queue.delete(uid) {
            self.cache.release_class(pod.class);
        }
    }

    /// Queues a Pod, or takes over its new state. One that is being bound is left alone.
    fn enqueue(&mut self, uid: Uid, key: &ObjectKey, object: &Value, cause: Cause) {
        if self.cache.is_assumed(uid) {
            return;
        }
        let now = self.sim.now();
        let class = self.cache.acquire_class(object);
        let wants_others = !self.cache.class(class).pod_affinity.required.is_empty();
        match self.queue.get(uid).map(|queued| queued.class) {
            Some(old_class) => {
                self.queue.update(uid, now, |queued| {
                    queued.object = object.clone();
                    queued.class = class;
                    queued.wants_others = wants_others;
                    queued.cause = cause;
                });
                self.cache.release_class(old_class);
            }
            None => {
                let class = (class, wants_others);
                let pod = QueuedPod::new(uid, key.clone(), object, class, now, cause);
                self.queue.add(pod);
            }
        }
    }

    /// A Pod on a node that is new or has changed helps those that want one like it near by.
    fn handle_assigned(&mut self, event: ClusterEvent, uid: Uid, cause: Cause) {
        if !self.queue.has_affinity() {
            self.queue.note_event();
            return;
        }
        let Some(class) = self.cache.class_of(uid) else {
            return;
        };
        let cache = &self.cache;
        let assigned = cache.class(class);
        self.queue.move_all(event, cause, self.sim.now(), |pod| {
            let wanted = &cache.class(pod.class).pod_affinity.required;
            wanted.iter().any(|term| term.matches(assigned, cache.namespaces()))
        });
    }
}

/// The first change of a node, in upstream's order, that may help a Pod.
fn what_changed(old: Node<'_>, new: Node<'_>) -> Option<ClusterEvent> {
    let statuses = |node: Node<'_>| {
        let conditions = node.status().conditions();
        let mut statuses: Vec<(String, String)> =
            conditions.map(|c| (c.type_().to_owned(), c.status().to_owned())).collect();
        statuses.sort();
        statuses
    };
    let status = |node: Node<'_>| node.status().value().clone();
    if old.spec().unschedulable() && !new.spec().unschedulable() {
        Some(ClusterEvent::NodeSpecUnschedulableChange)
    } else if status(old).get(&names::ALLOCATABLE) != status(new).get(&names::ALLOCATABLE) {
        Some(ClusterEvent::NodeAllocatableChange)
    } else if old.metadata().labels() != new.metadata().labels() {
        Some(ClusterEvent::NodeLabelChange)
    } else if old.spec().value().get(&names::TAINTS) != new.spec().value().get(&names::TAINTS) {
        Some(ClusterEvent::NodeTaintChange)
    } else if statuses(old) != statuses(new) {
        Some(ClusterEvent::NodeConditionChange)
    } else {
        None
    }
}

/// Whether a node that has changed could take a Pod, by what is quickly seen of it alone.
fn is_worth_a_try(class: &PodClass, info: &NodeInfo) -> Verdict {
    node_resources_fit::filter(class, info, &info.state)?;
    node_affinity::filter(class, info)?;
    node_name::filter(class, info)?;
    node_ports::filter(class, &info.state)?;
    let is_repelled = |taint: &&crate::taints::Taint| {
        taint.effect == Effect::NoSchedule
            && !class
                .tolerations
                .iter()
                .any(|t| t.tolerates(&taint.key, &taint.value, taint.effect))
    };
    match info.taints.iter().find(is_repelled) {
        None => Ok(()),
        Some(_) => crate::plugins::taint_toleration::filter(class, info),
    }
}
