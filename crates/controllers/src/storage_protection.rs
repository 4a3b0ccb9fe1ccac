//! The controllers that protect storage in use: a claim stays while a Pod uses it, a volume while
//! it is bound.
//!
//! Models `k8s.io/kubernetes/pkg/controller/volume/{pvcprotection,pvprotection}`.

use crate::Parts;
use crate::pods::POD;
use api::core::v1::{PersistentVolume, Pod};
use api::{Status, Value, View, names};
use apiserver::store::{Change, ChangeType, ObjectKey};
use client::{Client, Reconcile, Reconciler};
use kinds::core::{persistent_volume, persistent_volume_claim};
use kinds::{Kind, table};
use sim::Duration;

const CLAIM_PROTECTION: &str = "kubernetes.io/pvc-protection";
const VOLUME_PROTECTION: &str = "kubernetes.io/pv-protection";

pub(crate) struct StorageProtectionController;

impl StorageProtectionController {
    pub(crate) fn new(_: Parts<'_>) -> StorageProtectionController {
        StorageProtectionController
    }
}

impl Reconciler for StorageProtectionController {
    /// A claim has a namespace, a volume has none.
    type Key = ObjectKey;

    fn name(&self) -> &'static str {
        "pvc-protection-controller"
    }

    fn interests(&self) -> Vec<&'static Kind> {
        vec![&persistent_volume_claim::KIND, &persistent_volume::KIND, POD]
    }

    fn keys(&self, change: &Change, client: &Client, add: &mut dyn FnMut(ObjectKey, Duration)) {
        if client.read(|server| server.registry().kind_of(change.resource)) != POD {
            return add(change.key.clone(), Duration::ZERO);
        }
        let is_over = matches!(Pod::of(&change.object).status().phase(), "Succeeded" | "Failed");
        if is_over || change.ty == ChangeType::Deleted {
            for name in claims_of(&change.object) {
                add(ObjectKey::new(&change.key.namespace, &name), Duration::ZERO);
            }
        }
    }

    fn reconcile(&mut self, key: &ObjectKey, client: &Client) -> Result<Reconcile, Status> {
        let is_claim = !key.namespace.is_empty();
        let (kind, finalizer): (&'static Kind, _) = match is_claim {
            true => (&persistent_volume_claim::KIND, CLAIM_PROTECTION),
            false => (&persistent_volume::KIND, VOLUME_PROTECTION),
        };
        let Some(object) = client.get(kind, &key.namespace, &key.name) else {
            return Ok(Reconcile::Done);
        };
        let metadata = table::metadata(&object);
        let is_deleting = metadata.deletion_timestamp().is_some();
        let is_protected = metadata.finalizers().has(finalizer);
        let changed = match (is_deleting, is_protected) {
            (true, true) if !is_in_use(&object, key, client) => {
                with_finalizer(&object, finalizer, false)
            }
            (false, false) => with_finalizer(&object, finalizer, true),
            _ => return Ok(Reconcile::Done),
        };
        client.update(kind, changed)?;
        Ok(Reconcile::Done)
    }
}

fn claims_of(pod: &Value) -> Vec<String> {
    let volumes = Pod::of(pod).spec().volumes();
    let claims = volumes.filter_map(|volume| volume.persistent_volume_claim());
    claims.map(|claim| claim.claim_name().to_owned()).collect()
}

fn is_in_use(object: &Value, key: &ObjectKey, client: &Client) -> bool {
    if key.namespace.is_empty() {
        return PersistentVolume::of(object).status().phase() == "Bound";
    }
    client.list(POD, Some(&key.namespace)).iter().any(|pod| {
        let view = Pod::of(pod);
        !view.spec().node_name().is_empty()
            && !matches!(view.status().phase(), "Succeeded" | "Failed")
            && claims_of(pod).iter().any(|claim| **claim == *key.name)
    })
}

fn with_finalizer(object: &Value, finalizer: &'static str, is_wanted: bool) -> Value {
    let mut changed = object.clone();
    changed.update(&names::METADATA, |metadata| {
        let old = metadata.get(&names::FINALIZERS).items();
        let mut finalizers: Vec<Value> = old.iter().filter(|f| **f != finalizer).cloned().collect();
        if is_wanted {
            finalizers.push(finalizer.into());
        }
        match finalizers.is_empty() {
            true => metadata.make_map().remove(&names::FINALIZERS),
            false => metadata.make_map().insert(&names::FINALIZERS, finalizers),
        };
    });
    changed
}
