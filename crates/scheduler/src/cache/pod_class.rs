//! Classes of Pods: those that are the same to the scheduler.
//!
//! The replicas of a workload differ in their names and in the name of a token volume, and in
//! nothing that placing them depends on. What a Pod asks for is read once per class.

use super::topology::KeyId;
use crate::plugins::inter_pod_affinity::PodAffinity;
use crate::plugins::node_affinity::NodeAffinity;
use crate::plugins::node_ports::{self, HostPort};
use crate::plugins::pod_topology_spread::Constraint;
use crate::plugins::volume_restrictions::PodVolume;
use crate::plugins::{image_locality, pod_topology_spread};
use crate::resources::Requests;
use crate::taints::{self, Toleration};
use api::core::v1::{Pod, PodSpec};
use api::meta::v1::{ObjectMeta, OwnerReference};
use api::{Key, Map, Text, Value, View, names};

/// Names a class while any Pod of it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ClassId(pub(crate) u32);

impl ClassId {
    /// Its place in a table by class.
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// The object that controls a Pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Owner {
    pub(crate) api_version: String,
    pub(crate) kind: String,
    pub(crate) name: String,
}

/// What all Pods of a class have in common.
#[derive(Debug)]
pub(crate) struct PodClass {
    identity: Identity,
    pub(crate) namespace: Text,
    pub(crate) labels: Map,
    pub(crate) owner: Option<Owner>,
    pub(crate) node_name: Text,
    pub(crate) priority: i32,
    /// Whether its Pods may push others aside.
    pub(crate) preempts: bool,
    pub(crate) requests: Requests,
    pub(crate) ports: Vec<HostPort>,
    /// The images of the containers, by the names under which they are looked up.
    pub(crate) images: Vec<String>,
    pub(crate) container_count: usize,
    pub(crate) tolerations: Vec<Toleration>,
    pub(crate) node_affinity: NodeAffinity,
    pub(crate) pod_affinity: PodAffinity,
    pub(crate) spread: Vec<Constraint>,
    /// The volumes that limit where the Pod can run.
    pub(crate) volumes: Vec<PodVolume>,
}

impl PodClass {
    /// Reads a Pod. `key` gives the topology key of a name.
    pub(super) fn of(pod: &Value, key: &mut dyn FnMut(&str) -> KeyId) -> PodClass {
        let view = Pod::of(pod);
        let (metadata, spec) = (view.metadata(), view.spec());
        let owner = controller_of(metadata).map(|owner| Owner {
            api_version: owner.api_version().to_owned(),
            kind: owner.kind().to_owned(),
            name: owner.name().to_owned(),
        });
        PodClass {
            identity: Identity::of(pod),
            namespace: text(metadata.value(), &names::NAMESPACE),
            labels: metadata.labels().0.clone(),
            owner,
            node_name: Text::EMPTY,
            priority: spec.priority().unwrap_or(0) as i32,
            preempts: spec.preemption_policy() != Some("Never"),
            requests: Requests::of(spec),
            ports: node_ports::host_ports_of(spec),
            images: spec
                .containers()
                .map(|container| image_locality::normalized_name(container.image()))
                .collect(),
            container_count: spec.containers().len(),
            tolerations: taints::tolerations_of(spec),
            node_affinity: NodeAffinity::of(spec),
            pod_affinity: PodAffinity::of(metadata.namespace(), spec, key),
            spread: pod_topology_spread::constraints_of(metadata.labels(), spec, key),
            volumes: PodVolume::all_of(metadata.name(), spec),
        }
    }

    /// Whether a Pod belongs to the class.
    pub(super) fn has(&self, pod: &Value) -> bool {
        self.identity.is_of(pod)
    }
}

/// The owner that controls an object.
fn controller_of(metadata: ObjectMeta<'_>) -> Option<OwnerReference<'_>> {
    metadata.owner_references().find(|owner| owner.controller() == Some(true))
}

fn text(value: &Value, key: &Key) -> Text {
    value.get(key).as_text().cloned().unwrap_or_default()
}

/// The parts of a Pod that tell its class from others; they share the memory of the first Pod.
#[derive(Debug)]
struct Identity {
    /// The whole Pod, of which only those parts are compared.
    pod: Value,
    volumes: Vec<PodVolume>,
}

/// The parts of a spec that are compared as they stand.
const PLAIN_PARTS: [&Key; 7] = [
    &names::NODE_SELECTOR,
    &names::AFFINITY,
    &names::TOLERATIONS,
    &names::TOPOLOGY_SPREAD_CONSTRAINTS,
    &names::PRIORITY,
    &names::PREEMPTION_POLICY,
    &names::OVERHEAD,
];

impl Identity {
    fn of(pod: &Value) -> Identity {
        let view = Pod::of(pod);
        Identity {
            volumes: PodVolume::all_of(view.metadata().name(), view.spec()),
            pod: pod.clone(),
        }
    }

    fn is_of(&self, pod: &Value) -> bool {
        let (own, other) = (Pod::of(&self.pod), Pod::of(pod));
        let uid = |metadata| controller_of(metadata).map(OwnerReference::uid);
        own.metadata().labels() == other.metadata().labels()
            && own.metadata().namespace() == other.metadata().namespace()
            && has_same_spec(own.spec(), other.spec())
            && uid(own.metadata()) == uid(other.metadata())
            && self.volumes == PodVolume::all_of(other.metadata().name(), other.spec())
    }
}

fn has_same_spec(own: PodSpec<'_>, other: PodSpec<'_>) -> bool {
    let plain = |key: &&Key| own.value().get(key) == other.value().get(key);
    let (containers, inits) = (own.containers(), own.init_containers());
    PLAIN_PARTS.iter().all(plain)
        && containers.len() == other.containers().len()
        && inits.len() == other.init_containers().len()
        && containers.zip(other.containers()).chain(inits.zip(other.init_containers())).all(
            |(own, other)| {
                let same = |key: &Key| own.value().get(key) == other.value().get(key);
                same(&names::RESOURCES)
                    && same(&names::PORTS)
                    && same(&names::IMAGE)
                    && same(&names::RESTART_POLICY)
            },
        )
}

/// A number that is the same for Pods of one class and rarely the same for others.
pub(super) fn fingerprint(pod: &Value) -> u64 {
    let view = Pod::of(pod);
    let mut hash = Fnv::default();
    hash.add(view.metadata().namespace());
    match controller_of(view.metadata()) {
        // The Pods of one owner are few classes: its name is enough.
        Some(owner) => hash.add(owner.uid()),
        None => {
            for (key, value) in view.metadata().labels().iter() {
                hash.add(key);
                hash.add(value);
            }
            for container in view.spec().containers() {
                hash.add(container.image());
                for (name, amount) in container.resources().requests().0.iter() {
                    hash.add(name.as_str());
                    hash.add(amount.as_str().unwrap_or_default());
                }
            }
        }
    }
    hash.0
}

/// FNV-1a, 64 bits.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Fnv {
        Fnv(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    fn add(&mut self, text: &str) {
        for byte in text.bytes().chain([0xff]) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
}
