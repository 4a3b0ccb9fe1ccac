//! Which volume fits a claim.

use api::core::v1::{PersistentVolume, PersistentVolumeClaim};
use api::labels::Selector;
use api::{Value, View, names};
use client::Client;
use kinds::core::persistent_volume;
use kinds::table;

/// Whether a volume was promised to a claim, by name or by uid.
pub(super) fn is_reserved_for(volume: &Value, claim: &Value) -> bool {
    let metadata = table::metadata(claim);
    PersistentVolume::of(volume).spec().claim_ref().is_some_and(|reference| {
        reference.name() == metadata.name()
            && reference.namespace() == metadata.namespace()
            && (reference.uid().is_empty() || reference.uid() == metadata.uid())
    })
}

/// The smallest free volume that fits, or the one that is promised to the claim. With
/// `only_reserved` no other is taken: the scheduler chooses.
pub(super) fn find(claim: &Value, only_reserved: bool, client: &Client) -> Option<Value> {
    let volumes = client.list(&persistent_volume::KIND, None);
    let fitting = volumes.into_iter().filter(|volume| fits(volume, claim));
    let usable = fitting.filter(|volume| {
        let is_free = PersistentVolume::of(volume).spec().claim_ref().is_none();
        is_reserved_for(volume, claim) || (is_free && !only_reserved)
    });
    usable.min_by_key(|volume| (!is_reserved_for(volume, claim), capacity(volume)))
}

fn capacity(volume: &Value) -> i64 {
    PersistentVolume::of(volume).spec().capacity().get("storage").map_or(0, |c| c.value())
}

fn fits(volume: &Value, claim: &Value) -> bool {
    let (volume_view, claim_view) =
        (PersistentVolume::of(volume), PersistentVolumeClaim::of(claim));
    let (offer, wish) = (volume_view.spec(), claim_view.spec());
    let wanted = wish.resources().requests().get("storage").map_or(0, |size| size.value());
    let mode = |mode: Option<&str>| mode.unwrap_or("Filesystem").to_owned();
    let selector = claim.get(&names::SPEC).get(&names::SELECTOR);
    let is_selected = selector.is_null()
        || Selector::from_document(selector).matches(volume_view.metadata().labels());
    volume_view.metadata().deletion_timestamp().is_none()
        && matches!(volume_view.status().phase(), "Available" | "Bound" | "Pending" | "")
        && offer.storage_class_name() == wish.storage_class_name().unwrap_or_default()
        && mode(offer.volume_mode()) == mode(wish.volume_mode())
        && wish.access_modes().all(|mode| offer.access_modes().has(mode))
        && capacity(volume) >= wanted
        && is_selected
}
