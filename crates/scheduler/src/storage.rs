//! Claims, volumes and storage classes, as the plugins for volumes read them.

use crate::kinds_in_use::KindsInUse;
use api::core::v1::PersistentVolumeClaim;
use api::storage::v1::StorageClass;
use api::{Strings, Value, View};
use client::Client;
use kinds::table;

pub(crate) const BIND_COMPLETED: &str = "pv.kubernetes.io/bind-completed";
pub(crate) const SELECTED_NODE: &str = "volume.kubernetes.io/selected-node";
const OLD_STORAGE_CLASS: &str = "volume.beta.kubernetes.io/storage-class";

/// Where claims, volumes and classes are read.
pub(crate) trait Storage {
    /// A PersistentVolumeClaim.
    fn claim(&self, namespace: &str, name: &str) -> Option<Value>;
    /// A PersistentVolume.
    fn volume(&self, name: &str) -> Option<Value>;
    /// A StorageClass.
    fn class(&self, name: &str) -> Option<Value>;
}

/// The objects of the API server.
pub(crate) struct ServerStorage<'a> {
    pub(crate) client: &'a Client,
    pub(crate) kinds: &'a KindsInUse,
}

impl Storage for ServerStorage<'_> {
    fn claim(&self, namespace: &str, name: &str) -> Option<Value> {
        self.client.get(self.kinds.claims?, namespace, name)
    }

    fn volume(&self, name: &str) -> Option<Value> {
        self.client.get(self.kinds.volumes?, "", name)
    }

    fn class(&self, name: &str) -> Option<Value> {
        self.client.get(self.kinds.storage_classes?, "", name)
    }
}

/// A claim.
#[derive(Clone, Copy)]
pub(crate) struct Claim<'a>(pub(crate) &'a Value);

impl<'a> Claim<'a> {
    fn view(self) -> PersistentVolumeClaim<'a> {
        PersistentVolumeClaim::of(self.0)
    }

    fn annotation(self, name: &str) -> Option<&'a str> {
        table::metadata(self.0).annotations().get(name)
    }

    /// The ways in which it is to be mounted.
    pub(crate) fn access_modes(self) -> Strings<'a> {
        self.view().spec().access_modes()
    }

    /// The volume that it is bound to; empty if none.
    pub(crate) fn volume_name(self) -> &'a str {
        self.view().spec().volume_name()
    }

    /// The storage class; empty if none.
    pub(crate) fn storage_class_name(self) -> &'a str {
        let named = self.annotation(OLD_STORAGE_CLASS);
        named.or(self.view().spec().storage_class_name()).unwrap_or_default()
    }

    /// Whether both sides of the binding are in place.
    pub(crate) fn is_bound(self) -> bool {
        !self.volume_name().is_empty() && self.annotation(BIND_COMPLETED).is_some()
    }

    /// The node that a volume is to be made for.
    pub(crate) fn selected_node(self) -> Option<&'a str> {
        self.annotation(SELECTED_NODE)
    }

    /// Whether its class binds only once a Pod has been placed.
    pub(crate) fn waits_for_consumer(self, storage: &dyn Storage) -> bool {
        let class = storage.class(self.storage_class_name());
        class.is_some_and(|class| {
            StorageClass::of(&class).volume_binding_mode() == Some("WaitForFirstConsumer")
        })
    }
}
