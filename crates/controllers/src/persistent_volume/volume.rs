//! One look at a volume.

use api::core::v1::PersistentVolume;
use api::{Status, Value, View, names};
use apiserver::store::ObjectKey;
use client::{Client, DeleteOptions};
use kinds::core::{persistent_volume, persistent_volume_claim};
use kinds::table;

const DYNAMICALLY_PROVISIONED: &str = "pv.kubernetes.io/provisioned-by";

pub(super) fn sync(object: &Value, client: &Client) -> Result<(), Status> {
    let view = PersistentVolume::of(object);
    let Some(reference) = view.spec().claim_ref().filter(|reference| !reference.uid().is_empty())
    else {
        return set_phase(object, "Available", client);
    };
    let kind = &persistent_volume_claim::KIND;
    let claim = client.get(kind, reference.namespace(), reference.name());
    let is_same = claim.is_some_and(|claim| table::metadata(&claim).uid() == reference.uid());
    if is_same {
        return Ok(());
    }
    set_phase(object, "Released", client)?;
    let is_provisioned = view.metadata().annotations().get(DYNAMICALLY_PROVISIONED).is_some();
    let is_to_go = view.spec().persistent_volume_reclaim_policy() == "Delete";
    if is_to_go && is_provisioned && view.metadata().deletion_timestamp().is_none() {
        let key = ObjectKey::of(object);
        let uid = view.metadata().uid();
        // The provisioner removes what it made.
        match client.delete(&persistent_volume::KIND, &key, uid, DeleteOptions::default()) {
            Err(status) if status.reason != api::Reason::NotFound => return Err(status),
            _ => {}
        }
    }
    Ok(())
}

pub(super) fn set_phase(
    object: &Value,
    phase: &'static str,
    client: &Client,
) -> Result<(), Status> {
    if PersistentVolume::of(object).status().phase() == phase {
        return Ok(());
    }
    let mut updated = object.clone();
    updated.update(&names::STATUS, |status| {
        status.make_map().insert(&names::PHASE, phase);
    });
    client.update_status(&persistent_volume::KIND, updated).map(|_| ())
}
