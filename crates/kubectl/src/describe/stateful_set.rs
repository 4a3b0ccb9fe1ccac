//! StatefulSets.

use super::persistent_volume_claim::storage_class;
use super::text::{Description, date, go_list, line};
use super::{Subject, pod_template};
use crate::errors::Result;
use api::apps::v1::StatefulSet;
use std::rc::Rc;

pub(super) async fn describe(subject: Rc<Subject>) -> Result<Description> {
    let set: StatefulSet<'_> = subject.view();
    let (metadata, spec, status) = (set.metadata(), set.spec(), set.status());
    let selector = subject.selector();
    let pods = subject.pod_counts(&selector).await?;
    let mut out = Description::default();
    line!(out, 0, "Name:\t{}", metadata.name());
    line!(out, 0, "Namespace:\t{}", metadata.namespace());
    line!(out, 0, "CreationTimestamp:\t{}", date(metadata.creation_timestamp()));
    line!(out, 0, "Selector:\t{selector}");
    out.labels("", "Labels", metadata.labels());
    out.annotations("Annotations", metadata.annotations());
    let desired = spec.replicas().unwrap_or(0);
    line!(out, 0, "Replicas:\t{desired} desired | {} total", status.replicas());
    line!(out, 0, "Update Strategy:\t{}", spec.update_strategy().type_());
    if let Some(update) = spec.update_strategy().rolling_update()
        && let Some(partition) = update.partition()
    {
        line!(out, 1, "Partition:\t{partition}");
        if let Some(unavailable) = update.max_unavailable() {
            line!(out, 1, "MaxUnavailable:\t{unavailable}");
        }
    }
    line!(out, 0, "Pods Status:\t{pods}");
    pod_template::describe(&mut out, spec.template());
    describe_claims(&mut out, set);
    subject.with_events(out).await
}

fn describe_claims(out: &mut Description, set: StatefulSet<'_>) {
    let claims = set.spec().volume_claim_templates();
    if claims.is_empty() {
        line!(out, 0, "Volume Claims:\t<none>");
        return;
    }
    line!(out, 0, "Volume Claims:");
    for claim in claims {
        let (metadata, spec) = (claim.metadata(), claim.spec());
        line!(out, 1, "Name:\t{}", metadata.name());
        line!(out, 1, "StorageClass:\t{}", storage_class(claim));
        out.labels("  ", "Labels", metadata.labels());
        out.labels("  ", "Annotations", metadata.annotations());
        match spec.resources().requests().get("storage") {
            Some(capacity) => line!(out, 1, "Capacity:\t{capacity}"),
            None => line!(out, 1, "Capacity:\t<default>"),
        }
        line!(out, 1, "Access Modes:\t{}", go_list(spec.access_modes()));
    }
}
