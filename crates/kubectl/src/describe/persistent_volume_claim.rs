//! PersistentVolumeClaims.

use super::Subject;
use super::text::{Description, date, go_list, line, since};
use crate::errors::Result;
use api::core::v1::{PersistentVolumeClaim, Pod};
use api::{Strings, Value, View, names};
use std::rc::Rc;

pub(super) async fn describe(subject: Rc<Subject>) -> Result<Description> {
    let claim: PersistentVolumeClaim<'_> = subject.view();
    let metadata = claim.metadata();
    let pods = subject.list(&subject.core_path("pods"), &[]).await?;
    let mut out = Description::default();
    line!(out, 0, "Name:\t{}", metadata.name());
    line!(out, 0, "Namespace:\t{}", metadata.namespace());
    line!(out, 0, "StorageClass:\t{}", storage_class(claim));
    match metadata.deletion_timestamp() {
        None => line!(out, 0, "Status:\t{}", claim.status().phase()),
        deletion => {
            line!(out, 0, "Status:\tTerminating (lasts {})", since(deletion, subject.now));
        }
    }
    describe_labels(&mut out, claim);
    line!(out, 0, "Finalizers:\t{}", go_list(metadata.finalizers()));
    describe_storage(&mut out, claim);
    describe_users(&mut out, claim, &pods);
    describe_conditions(&mut out, claim);
    subject.with_events(out).await
}

/// Writes the claim that a Pod with an ephemeral volume makes.
pub(super) fn describe_template(out: &mut Description, template: &Value) {
    let claim = PersistentVolumeClaim::of(template);
    line!(out, 0, "StorageClass:\t{}", storage_class(claim));
    describe_labels(out, claim);
    describe_storage(out, claim);
}

/// The class of a claim, by its old annotation or its field.
pub(super) fn storage_class<'a>(claim: PersistentVolumeClaim<'a>) -> &'a str {
    let annotation = claim.metadata().annotations().get("volume.beta.kubernetes.io/storage-class");
    annotation.or(claim.spec().storage_class_name()).unwrap_or_default()
}

fn describe_labels(out: &mut Description, claim: PersistentVolumeClaim<'_>) {
    line!(out, 0, "Volume:\t{}", claim.spec().volume_name());
    out.labels("", "Labels", claim.metadata().labels());
    out.annotations("Annotations", claim.metadata().annotations());
}

fn describe_storage(out: &mut Description, claim: PersistentVolumeClaim<'_>) {
    let (spec, status) = (claim.spec(), claim.status());
    let (mut capacity, mut modes) = (String::new(), String::new());
    if !spec.volume_name().is_empty() {
        capacity = status.capacity().get("storage").unwrap_or(api::Quantity::ZERO).to_string();
        modes = access_modes(status.access_modes());
    }
    line!(out, 0, "Capacity:\t{capacity}");
    line!(out, 0, "Access Modes:\t{modes}");
    if let Some(mode) = spec.volume_mode() {
        line!(out, 0, "VolumeMode:\t{mode}");
    }
    if let Some(source) = spec.data_source() {
        line!(out, 0, "DataSource:");
        if let Some(group) = source.api_group() {
            line!(out, 1, "APIGroup:\t{group}");
        }
        line!(out, 1, "Kind:\t{}", source.kind());
        line!(out, 1, "Name:\t{}", source.name());
    }
}

/// `RWO,ROX`
pub(super) fn access_modes(modes: Strings<'_>) -> String {
    let known = [
        ("ReadWriteOnce", "RWO"),
        ("ReadOnlyMany", "ROX"),
        ("ReadWriteMany", "RWX"),
        ("ReadWriteOncePod", "RWOP"),
    ];
    let has = |(name, _): &&(&str, &str)| modes.has(name);
    known.iter().filter(has).map(|(_, short)| *short).collect::<Vec<_>>().join(",")
}

/// Writes the Pods that use a claim.
fn describe_users(out: &mut Description, claim: PersistentVolumeClaim<'_>, pods: &[Value]) {
    let name = claim.metadata().name();
    let uses = |pod: &Pod<'_>| {
        pod.spec().volumes().any(|volume| match volume.persistent_volume_claim() {
            Some(source) => source.claim_name() == name,
            None => {
                volume.ephemeral().is_some()
                    && format!("{}-{}", pod.metadata().name(), volume.name()) == name
            }
        })
    };
    let mut start = "Used By:";
    for pod in pods.iter().map(Pod::of).filter(uses) {
        line!(out, 0, "{start}\t{}", pod.metadata().name());
        start = "";
    }
    if !start.is_empty() {
        line!(out, 0, "{start}\t<none>");
    }
}

fn describe_conditions(out: &mut Description, claim: PersistentVolumeClaim<'_>) {
    let conditions = claim.status().conditions();
    if conditions.is_empty() {
        return;
    }
    line!(out, 0, "Conditions:");
    line!(out, 1, "Type\tStatus\tLastProbeTime\tLastTransitionTime\tReason\tMessage");
    line!(out, 1, "----\t------\t-----------------\t------------------\t------\t-------");
    for condition in conditions {
        let text = |name| condition.value().get(name).as_str().unwrap_or_default();
        line!(
            out,
            1,
            "{} \t{} \t{} \t{} \t{} \t{}",
            text(&names::TYPE),
            text(&names::STATUS),
            date(condition.last_probe_time()),
            date(condition.last_transition_time()),
            text(&names::REASON),
            text(&names::MESSAGE)
        );
    }
}
