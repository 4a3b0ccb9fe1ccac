//! VolumeBinding: Pods go where their volumes are, or where volumes can be made for them.
//!
//! Claims that are bound tie the Pod to the nodes their volumes can be used on. Claims whose
//! storage class waits for its first consumer are decided here: for each node the smallest fitting
//! volume that exists is chosen, or one is to be provisioned. The decision for the node that wins
//! is reserved and carried out before the Pod is bound ([`crate::binding`]).
//!
//! Missing: tracked storage capacity (`CSIStorageCapacity`), and volumes of built-in drivers that
//! have been moved to CSI drivers.

use super::volume_restrictions::PodVolume;
use crate::cache::{Cache, NodeId, PodClass, Uid};
use crate::framework::rejection::{Plugin, Rejection, Verdict};
use crate::node_selector::{self, Term};
use crate::storage::{Claim, Storage};
use api::core::v1::{PersistentVolume, PersistentVolumeClaim};
use api::go::quote;
use api::labels::Selector;
use api::storage::v1::StorageClass;
use api::{Map, Quantity, StringMap, Text, Value, View, names};
use apiserver::store::ObjectKey;
use kinds::table;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

const NO_PROVISIONER: &str = "kubernetes.io/no-provisioner";

/// What has been reserved for Pods that are being bound, and which volumes are free.
#[derive(Debug, Default)]
pub(crate) struct Reservations {
    /// By storage class, the volumes that are not bound.
    free_volumes: BTreeMap<String, BTreeSet<Rc<str>>>,
    /// Volumes that are about to be bound to a claim.
    volumes: BTreeMap<Rc<str>, ObjectKey>,
    /// Claims for which a volume is about to be made for a node.
    claims: BTreeMap<ObjectKey, Rc<str>>,
}

impl Reservations {
    /// Takes note of a volume, or that it is gone.
    pub(crate) fn set_volume(&mut self, name: &Rc<str>, old: Option<&Value>, new: Option<&Value>) {
        let class =
            |volume: &Value| PersistentVolume::of(volume).spec().storage_class_name().to_owned();
        if let Some(old) = old
            && let Some(volumes) = self.free_volumes.get_mut(&class(old))
        {
            volumes.remove(name);
        }
        let is_free = |volume: &&Value| PersistentVolume::of(volume).status().phase() != "Bound";
        if let Some(new) = new.filter(is_free) {
            let volumes = self.free_volumes.entry(class(new)).or_default();
            volumes.insert(name.clone());
        }
    }

    /// Reserves what a decision needs.
    pub(crate) fn reserve(&mut self, decision: &Decision, node: &Rc<str>) {
        for (claim, volume) in &decision.bindings {
            self.volumes.insert(volume.clone(), claim.clone());
        }
        for claim in &decision.provisions {
            self.claims.insert(claim.clone(), node.clone());
        }
    }

    /// Gives it back.
    pub(crate) fn release(&mut self, decision: &Decision) {
        for (_, volume) in &decision.bindings {
            self.volumes.remove(volume);
        }
        for claim in &decision.provisions {
            self.claims.remove(claim);
        }
    }
}

/// What is to be done about a Pod's claims once it has a node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Decision {
    /// Volumes that exist, for these claims.
    pub(crate) bindings: Vec<(ObjectKey, Rc<str>)>,
    /// Claims for which a volume is to be made.
    pub(crate) provisions: Vec<ObjectKey>,
}

impl Decision {
    /// Whether there is nothing to do.
    pub(crate) fn is_empty(&self) -> bool {
        self.bindings.is_empty() && self.provisions.is_empty()
    }
}

/// A claim that waits for a Pod to be placed.
#[derive(Debug)]
struct Waiting {
    key: ObjectKey,
    claim: Value,
    /// The node a volume is already being made for.
    selected_node: Option<Rc<str>>,
    class: Value,
    /// The volumes of its class that might do, the smallest first.
    candidates: Vec<Value>,
}

/// What was found before any node is looked at.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// Where the bound volumes can be used: any of the terms of each.
    bound: Vec<Vec<Term>>,
    /// Whether a volume that a claim is bound to does not exist.
    misses_volume: bool,
    waiting: Vec<Waiting>,
    /// The only nodes that local volumes are on.
    pub(crate) nodes: Option<BTreeSet<String>>,
}

/// Sorts the Pod's claims; an error if one of them cannot be used yet.
pub(crate) fn pre_filter(
    class: &PodClass,
    pod: (Uid, &ObjectKey),
    storage: &dyn Storage,
    reservations: &Reservations,
) -> Result<State, Rejection> {
    let reject = |reason: String| Err(Rejection::unresolvable(Plugin::VolumeBinding, reason));
    let mut state = State::default();
    let mut is_unbound = false;
    for volume in &class.volumes {
        let (name, is_ephemeral) = match volume {
            PodVolume::Claim(name) => (name, false),
            PodVolume::Ephemeral(name) => (name, true),
            PodVolume::Disk(_) => continue,
        };
        let claim = match usable_claim(class, pod, name, is_ephemeral, storage) {
            Ok(claim) => claim,
            Err(reason) => return reject(reason),
        };
        let view = Claim(&claim);
        if view.is_bound() {
            state.add_bound(storage.volume(view.volume_name()).as_ref());
        } else if view.volume_name().is_empty() && view.waits_for_consumer(storage) {
            let key = ObjectKey::new(&class.namespace, name);
            state.add_waiting(key, claim, storage, reservations);
        } else {
            is_unbound = true;
        }
    }
    if is_unbound {
        return reject("pod has unbound immediate PersistentVolumeClaims".to_owned());
    }
    // As upstream: the smallest claims choose first.
    state.waiting.sort_by_key(|waiting| requested(&waiting.claim));
    Ok(state)
}

/// The claim of a Pod's volume, or why it cannot be used.
fn usable_claim(
    class: &PodClass,
    (uid, pod): (Uid, &ObjectKey),
    name: &str,
    is_ephemeral: bool,
    storage: &dyn Storage,
) -> Result<Value, String> {
    let Some(claim) = storage.claim(&class.namespace, name) else {
        let name = quote(name);
        return Err(if is_ephemeral {
            format!(
                "waiting for ephemeral volume controller to create the persistentvolumeclaim {name}"
            )
        } else {
            format!("persistentvolumeclaim {name} not found")
        });
    };
    let view = PersistentVolumeClaim::of(&claim);
    if view.status().phase() == "Lost" {
        let (name, volume) = (quote(name), quote(view.spec().volume_name()));
        return Err(format!(
            "persistentvolumeclaim {name} bound to non-existent persistentvolume {volume}"
        ));
    }
    if view.metadata().deletion_timestamp().is_some() {
        return Err(format!("persistentvolumeclaim {} is being deleted", quote(name)));
    }
    let is_owned = || {
        let mut owners = view.metadata().owner_references();
        owners.any(|o| o.controller() == Some(true) && uid == Uid::parse(o.uid()))
    };
    if is_ephemeral && !is_owned() {
        let namespace = &*class.namespace;
        return Err(format!(
            "PVC {namespace}/{name} was not created for pod {pod} (pod is not owner)"
        ));
    }
    Ok(claim)
}

impl State {
    fn add_bound(&mut self, volume: Option<&Value>) {
        let Some(volume) = volume else {
            self.misses_volume = true;
            return;
        };
        let spec = PersistentVolume::of(volume).spec();
        let required = spec.node_affinity().and_then(|affinity| affinity.required());
        let Some(required) = required else {
            return;
        };
        if spec.local().is_some() {
            let hosts = required
                .node_selector_terms()
                .flat_map(|term| term.match_expressions())
                .filter(|r| r.key() == "kubernetes.io/hostname" && r.operator() == "In")
                .flat_map(|r| r.values().map(str::to_owned).collect::<Vec<_>>());
            let hosts: BTreeSet<String> = hosts.collect();
            if !hosts.is_empty() {
                self.nodes = Some(match self.nodes.take() {
                    None => hosts,
                    Some(nodes) => nodes.intersection(&hosts).cloned().collect(),
                });
            }
        }
        self.bound.push(node_selector::terms_of(required));
    }

    fn add_waiting(
        &mut self,
        key: ObjectKey,
        claim: Value,
        storage: &dyn Storage,
        reservations: &Reservations,
    ) {
        let class_name = Claim(&claim).storage_class_name();
        let free = reservations.free_volumes.get(class_name).into_iter().flatten();
        let mut candidates: Vec<Value> = free
            .filter(|name| reservations.volumes.get(*name).is_none_or(|taker| *taker == key))
            .filter_map(|name| storage.volume(name))
            .filter(|volume| could_bind(volume, &claim, &key))
            .collect();
        candidates.sort_by_key(|volume| (!is_meant_for(volume, &claim, &key), capacity(volume)));
        let selected_node = Claim(&claim).selected_node().map(Rc::from);
        self.waiting.push(Waiting {
            selected_node: selected_node.or_else(|| reservations.claims.get(&key).cloned()),
            class: storage.class(class_name).unwrap_or_default(),
            key,
            claim,
            candidates,
        });
    }

    /// Whether the node can use all volumes, and what would be done there.
    pub(crate) fn decide(&self, cache: &Cache, node: NodeId) -> Result<Decision, Rejection> {
        let info = cache.node(node);
        let mut reasons: Vec<Text> = Vec::new();
        let is_usable = |terms: &Vec<Term>| terms.iter().any(|term| term.matches("", &info.labels));
        if !self.misses_volume && !self.bound.iter().all(is_usable) {
            reasons.push("node(s) had volume node affinity conflict".into());
        }
        let mut decision = Decision::default();
        let mut taken: BTreeSet<&str> = BTreeSet::new();
        for waiting in &self.waiting {
            if !waiting.decide(&info.name, &info.labels, &mut taken, &mut decision) {
                reasons.push("node(s) didn't find available persistent volumes to bind".into());
                break;
            }
        }
        if self.misses_volume {
            let reason =
                "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)";
            reasons.push(reason.into());
        }
        if reasons.is_empty() {
            return Ok(decision);
        }
        Err(Rejection { plugin: Plugin::VolumeBinding, is_resolvable: false, reasons })
    }
}

impl Waiting {
    /// Finds or promises a volume on a node.
    fn decide<'a>(
        &'a self,
        node: &str,
        labels: &Map,
        taken: &mut BTreeSet<&'a str>,
        decision: &mut Decision,
    ) -> bool {
        if let Some(selected) = &self.selected_node {
            decision.provisions.push(self.key.clone());
            return **selected == *node;
        }
        let name = |volume: &'a Value| table::metadata(volume).name();
        let mut candidates = self.candidates.iter();
        let found =
            candidates.find(|volume| !taken.contains(name(volume)) && is_usable(volume, labels));
        if let Some(volume) = found {
            taken.insert(name(volume));
            decision.bindings.push((self.key.clone(), name(volume).into()));
            return true;
        }
        let class = StorageClass::of(&self.class);
        let is_allowed = class.allowed_topologies().is_empty()
            || class.allowed_topologies().any(|term| {
                term.match_label_expressions().all(|requirement| {
                    let value = StringMap(labels).get(requirement.key());
                    value.is_some_and(|value| requirement.values().has(value))
                })
            });
        decision.provisions.push(self.key.clone());
        !matches!(class.provisioner(), "" | NO_PROVISIONER) && is_allowed
    }
}

/// Whether the node can use all volumes.
pub(crate) fn filter(state: &State, cache: &Cache, node: NodeId) -> Verdict {
    state.decide(cache, node).map(|_| ())
}

fn requested(claim: &Value) -> Quantity {
    let spec = PersistentVolumeClaim::of(claim).spec();
    spec.resources().requests().get("storage").unwrap_or(Quantity::ZERO)
}

fn capacity(volume: &Value) -> Quantity {
    let capacity = PersistentVolume::of(volume).spec().capacity();
    capacity.get("storage").unwrap_or(Quantity::ZERO)
}

fn is_usable(volume: &Value, labels: &Map) -> bool {
    let affinity = PersistentVolume::of(volume).spec().node_affinity();
    let required = affinity.and_then(|affinity| affinity.required());
    required.is_none_or(|required| {
        let terms = node_selector::terms_of(required);
        terms.iter().any(|term| term.matches("", labels))
    })
}

/// Whether somebody has reserved the volume for the claim.
fn is_meant_for(volume: &Value, claim: &Value, key: &ObjectKey) -> bool {
    let reference = PersistentVolume::of(volume).spec().claim_ref();
    reference.is_some_and(|reference| {
        let uid = table::metadata(claim).uid();
        reference.name() == &*key.name
            && reference.namespace() == &*key.namespace
            && (reference.uid().is_empty() || reference.uid() == uid)
    })
}

/// Whether a volume could be bound to a claim, wherever the Pod goes.
fn could_bind(volume: &Value, claim: &Value, key: &ObjectKey) -> bool {
    let (volume_view, claim_view) =
        (PersistentVolume::of(volume), PersistentVolumeClaim::of(claim));
    let (offered, wanted) = (volume_view.spec(), claim_view.spec());
    let same_mode = offered.volume_mode().unwrap_or("Filesystem")
        == wanted.volume_mode().unwrap_or("Filesystem");
    let is_large_enough = capacity(volume) >= requested(claim);
    let is_leaving = volume_view.metadata().deletion_timestamp().is_some();
    if !same_mode || !is_large_enough || is_leaving {
        return false;
    }
    if is_meant_for(volume, claim, key) {
        return true;
    }
    let selector = wanted.value().get(&names::SELECTOR);
    let is_selected = selector.is_null()
        || Selector::from_document(selector).matches(volume_view.metadata().labels());
    let mut modes = wanted.access_modes();
    offered.claim_ref().is_none()
        && volume_view.status().phase() == "Available"
        && is_selected
        && modes.all(|mode| offered.access_modes().has(mode))
}
