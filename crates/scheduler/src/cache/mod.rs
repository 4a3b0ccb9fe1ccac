//! What the scheduler knows of the cluster: nodes, the Pods on them, and what these add up to.
//!
//! The cache is fed with changes and never lists the cluster. A Pod that has been given a node is
//! *assumed* to be there before the API server has heard of it, so that the next one is placed
//! with it in mind. Whatever changes about a node is noted in a log; what is remembered elsewhere
//! about nodes ([`crate::framework::evaluation`]) reads on in it from where it stopped.

mod change_log;
mod classes;
mod domain_counter;
mod images;
mod node;
mod node_tree;
mod pod_class;
mod topology;

pub(crate) use domain_counter::DomainCounter;
pub(crate) use images::Images;
pub(crate) use node::{ClassCount, NodeId, NodeInfo, NodeState};
pub(crate) use pod_class::{ClassId, PodClass};
pub(crate) use topology::{DomainId, KeyId, Topology};

use crate::plugins::pod_topology_spread;
use api::core::v1::Pod;
use api::{Map, Text, Value, View, names};
use apiserver::store::ObjectKey;
use change_log::ChangeLog;
use classes::Classes;
use node_tree::NodeTree;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The identity of a Pod: its uid as a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Uid(u128);

impl Uid {
    /// The uid of an object.
    pub(crate) fn of(object: &Value) -> Uid {
        let text = object.get(&names::METADATA).get(&names::UID);
        Uid::parse(text.as_str().unwrap_or_default())
    }

    /// The same for a uid as it is written.
    pub(crate) fn parse(text: &str) -> Uid {
        // A uid that is no UUID is hashed.
        let digits = text.bytes().filter(|byte| *byte != b'-');
        let hex = digits.clone().try_fold(0_u128, |number, byte| {
            let digit = char::from(byte).to_digit(16)?;
            Some(number << 4 | u128::from(digit))
        });
        // FNV-1a, 128 bits.
        let hash = || {
            digits.fold(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d, |hash, byte| {
                (hash ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b)
            })
        };
        Uid(hex.filter(|_| text.len() == 36).unwrap_or_else(hash))
    }
}

/// Names a Pod while it is on a node; a small number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PodId(u32);

/// A Pod that has a node.
#[derive(Clone, Debug)]
pub(crate) struct PodInfo {
    pub(crate) uid: Uid,
    pub(crate) key: ObjectKey,
    pub(crate) class: ClassId,
    pub(crate) node: NodeId,
    pub(crate) is_terminating: bool,
    /// Whether the API server has not yet confirmed it.
    is_assumed: bool,
}

/// The labels of the namespaces.
#[derive(Debug, Default)]
pub(crate) struct Namespaces {
    labels: BTreeMap<Rc<str>, Map>,
    version: u64,
}

impl Namespaces {
    /// The labels of a namespace; none if it is unknown.
    pub(crate) fn labels(&self, name: &str) -> &Map {
        const NONE: &Map = &Map::EMPTY;
        self.labels.get(name).unwrap_or(NONE)
    }

    /// Grows with every change.
    pub(crate) fn version(&self) -> u64 {
        self.version
    }
}

/// The scheduler's view of the cluster.
pub(crate) struct Cache {
    nodes: Vec<NodeInfo>,
    node_ids: BTreeMap<Rc<str>, NodeId>,
    free_nodes: Vec<NodeId>,
    tree: NodeTree,
    order: Rc<[NodeId]>,
    pods: Vec<Option<PodInfo>>,
    pod_ids: BTreeMap<Uid, PodId>,
    free_pods: Vec<PodId>,
    classes: Classes,
    topology: Topology,
    default_spread_keys: [KeyId; 2],
    images: Images,
    namespaces: Namespaces,
    /// How many Pods have affinity to others.
    affinity_pods: usize,
    /// How many nodes have a `PreferNoSchedule` taint.
    unwelcoming_nodes: usize,
    changes: ChangeLog,
}

impl Default for Cache {
    fn default() -> Cache {
        let mut topology = Topology::default();
        let default_spread_keys = [pod_topology_spread::HOSTNAME, pod_topology_spread::ZONE]
            .map(|name| topology.key(name, std::iter::empty()));
        Cache {
            nodes: Vec::new(),
            node_ids: BTreeMap::new(),
            free_nodes: Vec::new(),
            tree: NodeTree::default(),
            order: Rc::default(),
            pods: Vec::new(),
            pod_ids: BTreeMap::new(),
            free_pods: Vec::new(),
            classes: Classes::default(),
            topology,
            default_spread_keys,
            images: Images::default(),
            namespaces: Namespaces::default(),
            affinity_pods: 0,
            unwelcoming_nodes: 0,
            changes: ChangeLog::default(),
        }
    }
}

/// Reading.
impl Cache {
    /// The nodes in the order in which they are looked at.
    pub(crate) fn order(&self) -> &Rc<[NodeId]> {
        &self.order
    }

    /// How many nodes there are.
    pub(crate) fn node_count(&self) -> usize {
        self.order.len()
    }

    /// The places of a table by node.
    pub(crate) fn node_slots(&self) -> usize {
        self.nodes.len()
    }

    /// A node.
    pub(crate) fn node(&self, id: NodeId) -> &NodeInfo {
        &self.nodes[id.index()]
    }

    /// The node of this name, if it exists.
    pub(crate) fn find_node(&self, name: &str) -> Option<NodeId> {
        let id = *self.node_ids.get(name)?;
        self.node(id).exists.then_some(id)
    }

    /// A Pod that has a node.
    pub(crate) fn pod(&self, id: PodId) -> &PodInfo {
        self.pods[id.0 as usize].as_ref().expect("the Pod of a node")
    }

    /// Whether a Pod has been given a node and the API server has not yet confirmed it.
    pub(crate) fn is_assumed(&self, uid: Uid) -> bool {
        let id = self.pod_ids.get(&uid);
        id.is_some_and(|id| self.pod(*id).is_assumed)
    }

    /// The class of a Pod that has a node.
    pub(crate) fn class_of(&self, uid: Uid) -> Option<ClassId> {
        let id = self.pod_ids.get(&uid)?;
        Some(self.pod(*id).class)
    }

    /// A class that is in use.
    pub(crate) fn class(&self, id: ClassId) -> &PodClass {
        self.classes.get(id)
    }

    /// The classes of a namespace; new ones are added at the end until the epoch changes.
    pub(crate) fn classes_of(&self, namespace: &str) -> &[ClassId] {
        self.classes.of_namespace(namespace)
    }

    /// Grows when numbers of classes begin to mean others.
    pub(crate) fn class_epoch(&self) -> u64 {
        self.classes.epoch()
    }

    /// The domains of the nodes.
    pub(crate) fn topology(&self) -> &Topology {
        &self.topology
    }

    /// The topology keys by which Pods are spread that say nothing themselves.
    pub(crate) fn default_spread_keys(&self) -> [KeyId; 2] {
        self.default_spread_keys
    }

    /// The images that nodes have.
    pub(crate) fn images(&self) -> &Images {
        &self.images
    }

    /// The labels of the namespaces.
    pub(crate) fn namespaces(&self) -> &Namespaces {
        &self.namespaces
    }

    /// Whether any Pod on a node has affinity to others.
    pub(crate) fn has_affinity(&self) -> bool {
        self.affinity_pods > 0
    }

    /// Whether any node would rather not have Pods.
    pub(crate) fn has_unwelcoming_nodes(&self) -> bool {
        self.unwelcoming_nodes > 0
    }

    /// The number of the next change of a node.
    pub(crate) fn next_change(&self) -> u64 {
        self.changes.next()
    }

    /// The nodes that have changed since; `None` if that is no longer known.
    pub(crate) fn changes_since(&self, change: u64) -> Option<impl Iterator<Item = NodeId> + '_> {
        self.changes.since(change)
    }
}

/// Nodes and namespaces.
impl Cache {
    fn node_slot(&mut self, name: &Rc<str>) -> NodeId {
        if let Some(id) = self.node_ids.get(name) {
            return *id;
        }
        let info = NodeInfo::new(name.clone());
        let id = match self.free_nodes.pop() {
            Some(id) => {
                self.nodes[id.index()] = info;
                id
            }
            None => {
                self.nodes.push(info);
                NodeId(self.nodes.len() as u32 - 1)
            }
        };
        self.node_ids.insert(name.clone(), id);
        id
    }

    /// Takes note of a node; true if it is new.
    pub(crate) fn set_node(&mut self, name: &Rc<str>, object: &Value) -> (NodeId, bool) {
        let id = self.node_slot(name);
        let info = &mut self.nodes[id.index()];
        let (existed, old_zone) = (info.exists, info.zone.clone());
        let was_unwelcoming = is_unwelcoming(info);
        let old_images = info.images().clone();
        let has_changed = info.set_object(object);
        self.images.set_node(id, &old_images, info.images());
        if has_changed {
            info.zone = node_tree::zone_of(&info.labels);
            let zone = info.zone.clone();
            self.unwelcoming_nodes += usize::from(is_unwelcoming(info));
            self.unwelcoming_nodes -= usize::from(was_unwelcoming);
            self.topology.set_node(id, &info.labels);
            self.changes.push(id, self.nodes.len());
            if !existed || zone != old_zone {
                if existed {
                    self.tree.remove(&old_zone, id);
                }
                self.tree.add(&zone, id);
                self.order = self.tree.list().into();
                self.images.node_count_changed();
            }
        }
        (id, !existed)
    }

    /// Forgets a node. Pods that are still on it stay known.
    pub(crate) fn remove_node(&mut self, name: &str) {
        let Some(id) = self.find_node(name) else {
            return;
        };
        let info = &mut self.nodes[id.index()];
        self.unwelcoming_nodes -= usize::from(is_unwelcoming(info));
        self.images.set_node(id, &info.images().clone(), &Value::Null);
        self.images.node_count_changed();
        info.clear_object();
        self.topology.set_node(id, &Map::EMPTY);
        self.tree.remove(&info.zone, id);
        self.order = self.tree.list().into();
        self.changes.push(id, self.nodes.len());
        self.drop_node_if_unused(id);
    }

    fn drop_node_if_unused(&mut self, id: NodeId) {
        let info = &self.nodes[id.index()];
        if !info.exists && info.pods.is_empty() {
            self.node_ids.remove(&info.name);
            self.free_nodes.push(id);
        }
    }

    /// Takes note of a namespace, or that it is gone.
    pub(crate) fn set_namespace(&mut self, name: &Rc<str>, labels: Option<&Map>) {
        let old = self.namespaces.labels.get(name);
        if old == labels {
            return;
        }
        self.namespaces.version += 1;
        match labels {
            Some(labels) => self.namespaces.labels.insert(name.clone(), labels.clone()),
            None => self.namespaces.labels.remove(name),
        };
    }
}

fn is_unwelcoming(info: &NodeInfo) -> bool {
    info.taints.iter().any(|taint| !taint.effect.forbids())
}

/// Pods.
impl Cache {
    /// The class of a Pod, to be given back with [`Cache::release_class`].
    pub(crate) fn acquire_class(&mut self, pod: &Value) -> ClassId {
        self.classes.sweep();
        let nodes = &self.nodes;
        let topology = &mut self.topology;
        self.classes.acquire(pod, &mut |name| {
            let numbered = nodes.iter().enumerate();
            let labels = numbered.map(|(at, info)| (NodeId(at as u32), &info.labels));
            topology.key(name, labels)
        })
    }

    /// Ends the use of a class that [`Cache::acquire_class`] began.
    pub(crate) fn release_class(&mut self, class: ClassId) {
        self.classes.release(class);
    }

    /// Counts a Pod as being on a node before the API server has confirmed it. The use of its
    /// class passes to the cache.
    pub(crate) fn assume(&mut self, uid: Uid, key: ObjectKey, class: ClassId, node: NodeId) {
        self.insert(PodInfo { uid, key, class, node, is_terminating: false, is_assumed: true });
    }

    /// Takes an assumed Pod back.
    pub(crate) fn forget(&mut self, uid: Uid) {
        if self.is_assumed(uid) {
            self.remove_pod(uid);
        }
    }

    /// Takes note of a Pod that has a node; true if it was not known to be there.
    pub(crate) fn set_pod(&mut self, key: &ObjectKey, pod: &Value) -> bool {
        let uid = Uid::of(pod);
        let view = Pod::of(pod);
        let is_terminating = !view.metadata().value().get(&names::DELETION_TIMESTAMP).is_null();
        let node_name = view.spec().node_name();
        if let Some(&id) = self.pod_ids.get(&uid) {
            let info = self.pods[id.0 as usize].as_mut().expect("a known Pod");
            let was_assumed = std::mem::replace(&mut info.is_assumed, false);
            let info = self.pod(id);
            let is_same = *self.node(info.node).name == *node_name
                && info.is_terminating == is_terminating
                && self.class(info.class).labels == *view.metadata().labels().0;
            if is_same {
                return was_assumed;
            }
            self.remove_pod(uid);
            self.insert_bound(uid, key, pod, is_terminating);
            return was_assumed;
        }
        self.insert_bound(uid, key, pod, is_terminating);
        true
    }

    fn insert_bound(&mut self, uid: Uid, key: &ObjectKey, pod: &Value, is_terminating: bool) {
        let class = self.acquire_class(pod);
        let node_name = Pod::of(pod).spec().value().get(&names::NODE_NAME);
        let node = self.node_slot(&shared(node_name));
        self.insert(PodInfo {
            uid,
            key: key.clone(),
            class,
            node,
            is_terminating,
            is_assumed: false,
        });
    }

    fn insert(&mut self, pod: PodInfo) {
        let (uid, node) = (pod.uid, pod.node);
        let class = self.classes.get(pod.class);
        self.affinity_pods += usize::from(!class.pod_affinity.is_empty());
        let info = &mut self.nodes[node.index()];
        info.state.add(pod.class, class, pod.is_terminating);
        let id = match self.free_pods.pop() {
            Some(id) => {
                self.pods[id.0 as usize] = Some(pod);
                id
            }
            None => {
                self.pods.push(Some(pod));
                PodId(self.pods.len() as u32 - 1)
            }
        };
        info.pods.push(id);
        self.pod_ids.insert(uid, id);
        self.changes.push(node, self.nodes.len());
    }

    /// Forgets a Pod; true if it was known.
    pub(crate) fn remove_pod(&mut self, uid: Uid) -> bool {
        let Some(id) = self.pod_ids.remove(&uid) else {
            return false;
        };
        let pod = self.pods[id.0 as usize].take().expect("a known Pod");
        self.free_pods.push(id);
        let class = self.classes.get(pod.class);
        self.affinity_pods -= usize::from(!class.pod_affinity.is_empty());
        let info = &mut self.nodes[pod.node.index()];
        info.state.remove(pod.class, class, pod.is_terminating);
        info.pods.retain(|other| *other != id);
        self.classes.release(pod.class);
        self.changes.push(pod.node, self.nodes.len());
        self.drop_node_if_unused(pod.node);
        true
    }
}

/// The shared form of a string.
fn shared(value: &Value) -> Rc<str> {
    match value.as_text() {
        Some(Text::Shared(text)) => text.clone(),
        _ => value.as_str().unwrap_or_default().into(),
    }
}
