//! One look at a claim.

use super::matching::{self, is_reserved_for};
use super::{BIND_COMPLETED, BOUND_BY_CONTROLLER, PROVISIONER, PROVISIONER_BETA, SELECTED_NODE};
use crate::pods::POD;
use api::core::v1::{PersistentVolume, PersistentVolumeClaim, Pod};
use api::storage::v1::StorageClass;
use api::{Status, Value, View, names, object};
use client::{Client, EventRecorder, ObjectReference};
use kinds::core::{persistent_volume, persistent_volume_claim};
use kinds::storage::storage_class;
use kinds::table;

const CLAIM: &kinds::Kind = &persistent_volume_claim::KIND;

pub(super) fn sync(
    object: &Value,
    client: &Client,
    recorder: &mut EventRecorder,
) -> Result<(), Status> {
    let view = PersistentVolumeClaim::of(object);
    let is_completed = view.metadata().annotations().get(BIND_COMPLETED).is_some();
    match view.spec().volume_name() {
        "" => sync_unbound(object, client, recorder),
        name => {
            let volume = client.get(&persistent_volume::KIND, "", name);
            match volume {
                Some(volume) if may_have(&volume, object) => bind(object, &volume, client),
                // Somebody else has it: this claim waits.
                Some(_) if !is_completed => set_phase(object, "Pending", client),
                None if !is_completed => set_phase(object, "Pending", client),
                lost => {
                    if view.status().phase() != "Lost" {
                        let (reason, message) = match lost {
                            None => (
                                "ClaimLost",
                                "Bound claim has lost its PersistentVolume. Data on the volume \
                                 is lost!",
                            ),
                            Some(_) => (
                                "ClaimMisbound",
                                "Two claims are bound to the same volume, this one is bound \
                                 incorrectly",
                            ),
                        };
                        recorder.warning(&ObjectReference::to(CLAIM, object), reason, message);
                    }
                    set_phase(object, "Lost", client)
                }
            }
        }
    }
}

fn may_have(volume: &Value, claim: &Value) -> bool {
    PersistentVolume::of(volume).spec().claim_ref().is_none() || is_reserved_for(volume, claim)
}

fn sync_unbound(
    object: &Value,
    client: &Client,
    recorder: &mut EventRecorder,
) -> Result<(), Status> {
    let view = PersistentVolumeClaim::of(object);
    let class_name = view.spec().storage_class_name().unwrap_or_default();
    let class = client.get(&storage_class::KIND, "", class_name);
    let waits_for_consumer = class.as_ref().is_some_and(|class| {
        StorageClass::of(class).volume_binding_mode() == Some("WaitForFirstConsumer")
    });
    if let Some(volume) = matching::find(object, waits_for_consumer, client) {
        return bind(object, &volume, client);
    }
    let about = ObjectReference::to(CLAIM, object);
    let is_decided = view.metadata().annotations().get(SELECTED_NODE).is_some();
    if view.metadata().deletion_timestamp().is_some() {
        return Ok(());
    }
    if waits_for_consumer && !is_decided {
        let (reason, message) = match consumer(object, client) {
            Some(pod) => ("WaitForPodScheduled", format!("waiting for pod {pod} to be scheduled")),
            None => (
                "WaitForFirstConsumer",
                "waiting for first consumer to be created before binding".to_owned(),
            ),
        };
        recorder.normal(&about, reason, message);
        return set_phase(object, "Pending", client);
    }
    if class_name.is_empty() {
        let message = "no persistent volumes available for this claim and no storage class is set";
        recorder.normal(&about, "FailedBinding", message);
        return set_phase(object, "Pending", client);
    }
    let Some(class) = class else {
        let quoted = api::go::quote(class_name);
        let message = format!("storageclass.storage.k8s.io {quoted} not found");
        recorder.warning(&about, "ProvisioningFailed", message);
        return set_phase(object, "Pending", client);
    };
    provision(object, StorageClass::of(&class).provisioner(), client, recorder)
}

/// Asks the provisioner for a volume, by an annotation that it watches for.
fn provision(
    object: &Value,
    provisioner: &str,
    client: &Client,
    recorder: &mut EventRecorder,
) -> Result<(), Status> {
    if provisioner == "kubernetes.io/no-provisioner" {
        return set_phase(object, "Pending", client);
    }
    let mut asked = object.clone();
    if table::metadata(object).annotations().get(PROVISIONER) != Some(provisioner) {
        asked.update(&names::METADATA, |metadata| {
            metadata.update(&names::ANNOTATIONS, |annotations| {
                for key in [PROVISIONER_BETA, PROVISIONER] {
                    annotations.make_map().insert(key, provisioner.to_owned());
                }
            });
        });
        asked = client.update(CLAIM, asked)?;
    }
    let message = format!(
        "Waiting for a volume to be created either by the external provisioner '{provisioner}' or \
         manually by the system administrator. If volume creation is delayed, please verify that \
         the provisioner is running and correctly registered."
    );
    recorder.normal(&ObjectReference::to(CLAIM, &asked), "ExternalProvisioning", message);
    set_phase(&asked, "Pending", client)
}

/// A Pod that uses a claim and has no node yet.
fn consumer(claim: &Value, client: &Client) -> Option<String> {
    let metadata = table::metadata(claim);
    let pods = client.list(POD, Some(metadata.namespace()));
    let found = pods.iter().find(|pod| {
        let spec = Pod::of(pod).spec();
        let mut claims = spec.volumes().filter_map(|volume| volume.persistent_volume_claim());
        spec.node_name().is_empty() && claims.any(|c| c.claim_name() == metadata.name())
    })?;
    Some(table::metadata(found).name().to_owned())
}

fn set_phase(object: &Value, phase: &'static str, client: &Client) -> Result<(), Status> {
    let mut updated = object.clone();
    updated.update(&names::STATUS, |status| {
        let map = status.make_map();
        map.insert(&names::PHASE, phase);
        if phase == "Pending" {
            map.remove(&names::CAPACITY);
            map.remove(&names::ACCESS_MODES);
        }
    });
    if updated.get(&names::STATUS) == object.get(&names::STATUS) {
        return Ok(());
    }
    client.update_status(CLAIM, updated).map(|_| ())
}

/// Binds both to each other: first the volume, then the claim.
fn bind(claim: &Value, volume: &Value, client: &Client) -> Result<(), Status> {
    bind_volume(claim, volume, client)?;
    let name = table::metadata(volume).name().to_owned();
    let mut bound = claim.clone();
    let is_chosen_here = PersistentVolumeClaim::of(claim).spec().volume_name().is_empty();
    bound.update(&names::SPEC, |spec| {
        spec.make_map().insert(&names::VOLUME_NAME, name);
    });
    bound.update(&names::METADATA, |metadata| {
        metadata.update(&names::ANNOTATIONS, |annotations| {
            annotations.make_map().insert(BIND_COMPLETED, "yes");
            if is_chosen_here {
                annotations.make_map().insert(BOUND_BY_CONTROLLER, "yes");
            }
        });
    });
    if bound != *claim {
        bound = client.update(CLAIM, bound)?;
    }
    let spec = volume.get(&names::SPEC);
    let mut updated = bound.clone();
    updated.update(&names::STATUS, |status| {
        let map = status.make_map();
        map.insert(&names::PHASE, "Bound");
        map.insert(&names::ACCESS_MODES, spec.get(&names::ACCESS_MODES));
        map.insert(&names::CAPACITY, spec.get(&names::CAPACITY));
    });
    if updated.get(&names::STATUS) == bound.get(&names::STATUS) {
        return Ok(());
    }
    client.update_status(CLAIM, updated).map(|_| ())
}

fn bind_volume(claim: &Value, volume: &Value, client: &Client) -> Result<(), Status> {
    let view = PersistentVolume::of(volume);
    let is_complete = view.spec().claim_ref().is_some_and(|reference| !reference.uid().is_empty());
    let mut bound = volume.clone();
    if !is_complete {
        let metadata = claim.get(&names::METADATA);
        bound.update(&names::SPEC, |spec| {
            spec.make_map().insert(
                &names::CLAIM_REF,
                object! {
                    "apiVersion": "v1",
                    "kind": "PersistentVolumeClaim",
                    "name": metadata.get(&names::NAME),
                    "namespace": metadata.get(&names::NAMESPACE),
                    "resourceVersion": metadata.get(&names::RESOURCE_VERSION),
                    "uid": metadata.get(&names::UID),
                },
            );
        });
        if view.spec().claim_ref().is_none() {
            bound.update(&names::METADATA, |metadata| {
                metadata.update(&names::ANNOTATIONS, |annotations| {
                    annotations.make_map().insert(BOUND_BY_CONTROLLER, "yes");
                });
            });
        }
        bound = client.update(&persistent_volume::KIND, bound)?;
    }
    super::volume::set_phase(&bound, "Bound", client)
}
