//! PersistentVolumes.

use super::Subject;
use super::persistent_volume_claim::access_modes;
use super::text::{Description, go_list, line, since};
use super::volume_source::{self, PERSISTENT_SOURCES};
use crate::errors::Result;
use api::core::v1::PersistentVolume;
use api::{Quantity, View};
use std::rc::Rc;

pub(super) async fn describe(subject: Rc<Subject>) -> Result<Description> {
    let volume: PersistentVolume<'_> = subject.view();
    let (metadata, spec, status) = (volume.metadata(), volume.spec(), volume.status());
    let mut out = Description::default();
    line!(out, 0, "Name:\t{}", metadata.name());
    out.labels("", "Labels", metadata.labels());
    out.annotations("Annotations", metadata.annotations());
    line!(out, 0, "Finalizers:\t{}", go_list(metadata.finalizers()));
    let class = metadata.annotations().get("volume.beta.kubernetes.io/storage-class");
    line!(out, 0, "StorageClass:\t{}", class.unwrap_or(spec.storage_class_name()));
    match metadata.deletion_timestamp() {
        None => line!(out, 0, "Status:\t{}", status.phase()),
        deletion => {
            line!(out, 0, "Status:\tTerminating (lasts {})", since(deletion, subject.now));
        }
    }
    let claim = spec.claim_ref().map(|claim| format!("{}/{}", claim.namespace(), claim.name()));
    line!(out, 0, "Claim:\t{}", claim.unwrap_or_default());
    line!(out, 0, "Reclaim Policy:\t{}", spec.persistent_volume_reclaim_policy());
    line!(out, 0, "Access Modes:\t{}", access_modes(spec.access_modes()));
    if let Some(mode) = spec.volume_mode() {
        line!(out, 0, "VolumeMode:\t{mode}");
    }
    let capacity = spec.capacity().get("storage").unwrap_or(Quantity::ZERO);
    line!(out, 0, "Capacity:\t{capacity}");
    describe_affinity(&mut out, volume);
    line!(out, 0, "Message:\t{}", status.message());
    line!(out, 0, "Source:");
    if !volume_source::describe(&mut out, PERSISTENT_SOURCES, spec.value()) {
        line!(out, 1, "<unknown>");
    }
    subject.with_events(out).await
}

/// Writes the nodes that can reach a volume.
fn describe_affinity(out: &mut Description, volume: PersistentVolume<'_>) {
    let required = volume.spec().node_affinity().and_then(|affinity| affinity.required());
    let Some(required) = required else {
        line!(out, 0, "Node Affinity:\t<none>");
        return;
    };
    line!(out, 0, "Node Affinity:\t");
    if required.node_selector_terms().is_empty() {
        line!(out, 1, "Required Terms:\t<none>");
        return;
    }
    line!(out, 1, "Required Terms:\t");
    for (at, term) in required.node_selector_terms().enumerate() {
        let mut start = format!("Term {at}:");
        for expression in term.match_expressions() {
            let operator = expression.operator().to_lowercase();
            let values: Vec<&str> = expression.values().collect();
            let values = match values.is_empty() {
                true => String::new(),
                false => format!(" [{}]", values.join(", ")),
            };
            line!(out, 2, "{start}\t{} {operator}{values}", expression.key());
            start.clear();
        }
        if !start.is_empty() {
            line!(out, 2, "{start}\t<none>");
        }
    }
}
