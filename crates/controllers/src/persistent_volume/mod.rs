//! The persistent volume controller: brings claims and volumes together.
//!
//! Models `k8s.io/kubernetes/pkg/controller/volume/persistentvolume`, with provisioners that are
//! programs of their own only.

mod claim;
mod matching;
mod volume;

use crate::Parts;
use api::Status;
use api::core::v1::{PersistentVolume, PersistentVolumeClaim};
use api::{View, names};
use apiserver::store::{Change, ObjectKey};
use client::{Client, EventRecorder, Reconcile, Reconciler};
use kinds::Kind;
use kinds::core::{persistent_volume, persistent_volume_claim};
use kinds::storage::storage_class;
use sim::Duration;

pub(crate) const SELECTED_NODE: &str = "volume.kubernetes.io/selected-node";
pub(crate) const PROVISIONER: &str = "volume.kubernetes.io/storage-provisioner";
const PROVISIONER_BETA: &str = "volume.beta.kubernetes.io/storage-provisioner";
const BIND_COMPLETED: &str = "pv.kubernetes.io/bind-completed";
const BOUND_BY_CONTROLLER: &str = "pv.kubernetes.io/bound-by-controller";

pub(crate) struct PersistentVolumeController {
    recorder: EventRecorder,
}

impl PersistentVolumeController {
    pub(crate) fn new(parts: Parts<'_>) -> PersistentVolumeController {
        PersistentVolumeController { recorder: parts.recorder }
    }
}

/// What the controller looks at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Item {
    /// A claim.
    Claim(ObjectKey),
    /// A volume.
    Volume(ObjectKey),
}

impl Reconciler for PersistentVolumeController {
    type Key = Item;

    fn name(&self) -> &'static str {
        "persistent-volume-binder"
    }

    fn interests(&self) -> Vec<&'static Kind> {
        vec![&persistent_volume::KIND, &persistent_volume_claim::KIND, &storage_class::KIND]
    }

    fn keys(&self, change: &Change, client: &Client, add: &mut dyn FnMut(Item, Duration)) {
        let kind = client.read(|server| server.registry().kind_of(change.resource));
        let all_unbound = |add: &mut dyn FnMut(Item, Duration)| {
            for object in client.list(&persistent_volume_claim::KIND, None) {
                if PersistentVolumeClaim::of(&object).status().phase() != "Bound" {
                    add(Item::Claim(ObjectKey::of(&object)), Duration::ZERO);
                }
            }
        };
        if kind == &persistent_volume_claim::KIND {
            let volume = PersistentVolumeClaim::of(&change.object).spec().volume_name();
            if !volume.is_empty() {
                add(Item::Volume(ObjectKey::new("", volume)), Duration::ZERO);
            }
            return add(Item::Claim(change.key.clone()), Duration::ZERO);
        }
        if kind == &persistent_volume::KIND {
            add(Item::Volume(change.key.clone()), Duration::ZERO);
            let view = PersistentVolume::of(&change.object);
            match view.spec().claim_ref() {
                Some(claim) => {
                    let key = ObjectKey::new(claim.namespace(), claim.name());
                    add(Item::Claim(key), Duration::ZERO);
                }
                None => all_unbound(add),
            }
            return;
        }
        let is_new = change.previous.as_ref().is_none_or(|old| {
            old.get(&names::PROVISIONER) != change.object.get(&names::PROVISIONER)
        });
        if is_new {
            all_unbound(add);
        }
    }

    fn reconcile(&mut self, item: &Item, client: &Client) -> Result<Reconcile, Status> {
        match item {
            Item::Claim(key) => {
                let kind = &persistent_volume_claim::KIND;
                if let Some(object) = client.get(kind, &key.namespace, &key.name) {
                    claim::sync(&object, client, &mut self.recorder)?;
                }
            }
            Item::Volume(key) => {
                if let Some(object) = client.get(&persistent_volume::KIND, "", &key.name) {
                    volume::sync(&object, client)?;
                }
            }
        }
        Ok(Reconcile::Done)
    }
}
