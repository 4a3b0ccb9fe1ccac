//! What the scheduler knows of a node.

use super::{ClassId, PodClass, PodId};
use crate::plugins::node_ports::HostPort;
use crate::resources::{Allocatable, Resources};
use crate::taints::{self, Taint};
use api::core::v1::Node;
use api::{Map, Value, View, names};
use std::rc::Rc;

/// Names a node for as long as it exists or any Pod names it; a small number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct NodeId(pub(crate) u32);

impl NodeId {
    /// Its place in a table by node.
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// How many Pods of a class a node has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ClassCount {
    pub(crate) class: ClassId,
    pub(crate) pods: u32,
    /// Those of them that are being deleted.
    pub(crate) terminating: u32,
}

/// What the Pods of a node add up to. It is copied where a plugin asks "what if".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct NodeState {
    pub(crate) requested: Resources,
    /// What scores count: containers without a request count as small ones.
    pub(crate) nonzero_milli_cpu: i64,
    pub(crate) nonzero_memory: i64,
    pub(crate) pod_count: u32,
    /// The host ports in use, once per Pod that uses them.
    pub(crate) ports: Vec<HostPort>,
    /// By class.
    pub(crate) classes: Vec<ClassCount>,
}

impl NodeState {
    /// Adds a Pod.
    pub(crate) fn add(&mut self, id: ClassId, class: &PodClass, is_terminating: bool) {
        self.account(class, 1);
        self.pod_count += 1;
        self.ports.extend(class.ports.iter().cloned());
        let at = self.classes.binary_search_by_key(&id, |c| c.class);
        let at = at.unwrap_or_else(|at| {
            let none = ClassCount { class: id, pods: 0, terminating: 0 };
            self.classes.insert(at, none);
            at
        });
        self.classes[at].pods += 1;
        self.classes[at].terminating += u32::from(is_terminating);
    }

    /// Takes a Pod away that was added.
    pub(crate) fn remove(&mut self, id: ClassId, class: &PodClass, is_terminating: bool) {
        self.account(class, -1);
        self.pod_count -= 1;
        for port in &class.ports {
            if let Some(at) = self.ports.iter().position(|used| used == port) {
                self.ports.swap_remove(at);
            }
        }
        if let Ok(at) = self.classes.binary_search_by_key(&id, |c| c.class) {
            let count = &mut self.classes[at];
            count.pods -= 1;
            count.terminating -= u32::from(is_terminating);
            if count.pods == 0 {
                self.classes.remove(at);
            }
        }
    }

    fn account(&mut self, class: &PodClass, times: i64) {
        let requests = &class.requests;
        self.requested.add(&requests.resources, times);
        self.nonzero_milli_cpu += times * requests.nonzero_milli_cpu;
        self.nonzero_memory += times * requests.nonzero_memory;
    }
}

/// A node, or the name of one that only Pods know.
#[derive(Debug)]
pub(crate) struct NodeInfo {
    pub(crate) name: Rc<str>,
    /// Whether the node itself exists.
    pub(crate) exists: bool,
    pub(crate) labels: Map,
    pub(crate) taints: Vec<Taint>,
    pub(crate) is_unschedulable: bool,
    pub(crate) allocatable: Allocatable,
    /// Where the node tree has it.
    pub(super) zone: String,
    pub(crate) state: NodeState,
    pub(crate) pods: Vec<PodId>,
    /// The object as it was seen last.
    object: Value,
}

impl NodeInfo {
    pub(super) fn new(name: Rc<str>) -> NodeInfo {
        NodeInfo {
            name,
            exists: false,
            labels: Map::EMPTY,
            taints: Vec::new(),
            is_unschedulable: false,
            allocatable: Allocatable::default(),
            zone: String::new(),
            state: NodeState::default(),
            pods: Vec::new(),
            object: Value::Null,
        }
    }

    /// Takes over what an object says; true if anything has changed that placing Pods depends on.
    pub(super) fn set_object(&mut self, object: &Value) -> bool {
        let (old, new) = (Node::of(&self.object), Node::of(object));
        let is_same = self.exists
            && old.metadata().labels() == new.metadata().labels()
            && old.status().value().get(&names::ALLOCATABLE)
                == new.status().value().get(&names::ALLOCATABLE)
            && old.spec().value().get(&names::TAINTS) == new.spec().value().get(&names::TAINTS)
            && old.spec().unschedulable() == new.spec().unschedulable();
        if !is_same {
            self.exists = true;
            self.labels = new.metadata().labels().0.clone();
            self.taints = taints::taints_of(new.spec());
            self.is_unschedulable = new.spec().unschedulable();
            self.allocatable = Allocatable::of(new.status().allocatable());
        }
        self.object = object.clone();
        !is_same
    }

    /// Forgets the object; its Pods stay.
    pub(super) fn clear_object(&mut self) {
        self.exists = false;
        self.labels = Map::EMPTY;
        self.taints.clear();
        self.object = Value::Null;
    }

    /// The images that the node reports.
    pub(super) fn images(&self) -> &Value {
        Node::of(&self.object).status().value().get(&names::IMAGES)
    }
}
