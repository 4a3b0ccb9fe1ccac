//! The local-path provisioner of a kind cluster: volumes that are directories of a node.
//!
//! Models `rancher/local-path-provisioner` as far as its volumes can be seen.

use crate::Parts;
use crate::persistent_volume::{PROVISIONER, SELECTED_NODE};
use api::core::v1::PersistentVolumeClaim;
use api::storage::v1::StorageClass;
use api::{Status, Value, View, list, names, object};
use apiserver::store::{Change, ChangeType, ObjectKey};
use client::{Client, Reconcile, Reconciler};
use kinds::core::{persistent_volume, persistent_volume_claim};
use kinds::storage::storage_class;
use kinds::{Kind, table};
use sim::Duration;

const NAME: &str = "rancher.io/local-path";
/// How long making the directory takes, with a Pod that is started for it.
const PROVISIONING: Duration = Duration::from_millis(800);

pub(crate) struct LocalPathProvisioner;

impl LocalPathProvisioner {
    pub(crate) fn new(_: Parts<'_>) -> LocalPathProvisioner {
        LocalPathProvisioner
    }
}

impl Reconciler for LocalPathProvisioner {
    type Key = ObjectKey;

    fn name(&self) -> &'static str {
        "local-path-provisioner"
    }

    fn interests(&self) -> Vec<&'static Kind> {
        vec![&persistent_volume_claim::KIND]
    }

    fn keys(&self, change: &Change, _: &Client, add: &mut dyn FnMut(ObjectKey, Duration)) {
        let view = PersistentVolumeClaim::of(&change.object);
        let annotations = view.metadata().annotations();
        let is_wanted = annotations.get(PROVISIONER) == Some(NAME)
            && annotations.get(SELECTED_NODE).is_some()
            && view.spec().volume_name().is_empty();
        if is_wanted && change.ty != ChangeType::Deleted {
            add(change.key.clone(), PROVISIONING);
        }
    }

    fn reconcile(&mut self, key: &ObjectKey, client: &Client) -> Result<Reconcile, Status> {
        let claim = client.get(&persistent_volume_claim::KIND, &key.namespace, &key.name);
        let Some(claim) = claim else { return Ok(Reconcile::Done) };
        let view = PersistentVolumeClaim::of(&claim);
        let Some(node) = view.metadata().annotations().get(SELECTED_NODE) else {
            return Ok(Reconcile::Done);
        };
        let is_there = |name: &str| client.get(&persistent_volume::KIND, "", name).is_some();
        let name = format!("pvc-{}", view.metadata().uid());
        if view.metadata().deletion_timestamp().is_some() || is_there(&name) {
            return Ok(Reconcile::Done);
        }
        client.create(&persistent_volume::KIND, volume(&claim, name, node, client))?;
        Ok(Reconcile::Done)
    }
}

fn volume(claim: &Value, name: String, node: &str, client: &Client) -> Value {
    let metadata = claim.get(&names::METADATA);
    let view = PersistentVolumeClaim::of(claim);
    let class_name = view.spec().storage_class_name().unwrap_or_default();
    let class = client.get(&storage_class::KIND, "", class_name).unwrap_or_default();
    let policy = StorageClass::of(&class).reclaim_policy().unwrap_or("Delete").to_owned();
    let claim_name = format!("{}_{}", view.metadata().namespace(), view.metadata().name());
    let size =
        claim.get(&names::SPEC).get(&names::RESOURCES).get(&names::REQUESTS)["storage"].clone();
    object! {
        "metadata": object! {
            "name": name.clone(),
            "annotations": object! {
                "local.path.provisioner/selected-node": node.to_owned(),
                "pv.kubernetes.io/provisioned-by": NAME,
            },
        },
        "spec": object! {
            "accessModes": claim.get(&names::SPEC).get(&names::ACCESS_MODES),
            "capacity": object! { "storage": size },
            "claimRef": object! {
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                "name": metadata.get(&names::NAME),
                "namespace": metadata.get(&names::NAMESPACE),
                "resourceVersion": metadata.get(&names::RESOURCE_VERSION),
                "uid": table::metadata(claim).uid().to_owned(),
            },
            "hostPath": object! {
                "path": format!("/var/local-path-provisioner/{name}_{claim_name}"),
                "type": "DirectoryOrCreate",
            },
            "nodeAffinity": object! { "required": object! { "nodeSelectorTerms": list![object! {
                "matchExpressions": list![object! {
                    "key": "kubernetes.io/hostname",
                    "operator": "In",
                    "values": list![node.to_owned()],
                }],
            }] } },
            "persistentVolumeReclaimPolicy": policy,
            "storageClassName": class_name.to_owned(),
            "volumeMode": "Filesystem",
        },
    }
}
