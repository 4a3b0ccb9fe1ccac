//! Deployments.

use super::pod_template::{self, describe_conditions};
use super::text::{Description, date, line, or_none};
use super::{Subject, is_controlled_by};
use crate::errors::Result;
use api::apps::v1::{Deployment, ReplicaSet};
use api::{IntOrString, Value, View, names};
use std::rc::Rc;

/// The label that the controller adds to the template of each ReplicaSet.
const TEMPLATE_HASH: &str = "pod-template-hash";

pub(super) async fn describe(subject: Rc<Subject>) -> Result<Description> {
    let deployment: Deployment<'_> = subject.view();
    let mut out = Description::default();
    describe_head(&mut out, &subject, deployment);
    pod_template::describe(&mut out, deployment.spec().template());
    describe_conditions(&mut out, deployment.status().value());
    if let Ok((old, new)) = replica_sets(&subject, deployment).await {
        line!(out, 0, "OldReplicaSets:\t{}", replica_sets_line(&old));
        line!(out, 0, "NewReplicaSet:\t{}", replica_sets_line(&new));
    }
    subject.with_events(out).await
}

fn describe_head(out: &mut Description, subject: &Subject, deployment: Deployment<'_>) {
    let (metadata, spec, status) = (deployment.metadata(), deployment.spec(), deployment.status());
    line!(out, 0, "Name:\t{}", metadata.name());
    line!(out, 0, "Namespace:\t{}", metadata.namespace());
    line!(out, 0, "CreationTimestamp:\t{}", date(metadata.creation_timestamp()));
    out.labels("", "Labels", metadata.labels());
    out.annotations("Annotations", metadata.annotations());
    line!(out, 0, "Selector:\t{}", subject.selector());
    line!(
        out,
        0,
        "Replicas:\t{} desired | {} updated | {} total | {} available | {} unavailable",
        spec.replicas().unwrap_or(0),
        status.updated_replicas(),
        status.replicas(),
        status.available_replicas(),
        status.unavailable_replicas()
    );
    line!(out, 0, "StrategyType:\t{}", spec.strategy().type_());
    line!(out, 0, "MinReadySeconds:\t{}", spec.min_ready_seconds());
    if let Some(update) = spec.strategy().rolling_update() {
        let text = |amount: Option<IntOrString<'_>>| {
            amount.map_or_else(|| "<nil>".to_owned(), |amount| amount.to_string())
        };
        line!(
            out,
            0,
            "RollingUpdateStrategy:\t{} max unavailable, {} max surge",
            text(update.max_unavailable()),
            text(update.max_surge())
        );
    }
}

/// The old ReplicaSets of a Deployment and the new one, in the order of their creation.
async fn replica_sets(
    subject: &Subject,
    deployment: Deployment<'_>,
) -> Result<(Vec<Value>, Vec<Value>)> {
    let path = subject.path("apis/apps/v1", "replicasets");
    let mut owned = subject.list(&path, &[("labelSelector", &subject.selector())]).await?;
    owned.retain(|set| is_controlled_by(set, subject.metadata().uid()));
    owned.sort_by_key(|set| {
        let metadata = ReplicaSet::of(set).metadata();
        (metadata.creation_timestamp(), metadata.name().to_owned())
    });
    let wanted = without_hash(deployment.spec().template().value());
    let is_new =
        |set: &Value| without_hash(ReplicaSet::of(set).spec().template().value()) == wanted;
    let new: Vec<Value> =
        owned.iter().position(is_new).map(|at| owned.remove(at)).into_iter().collect();
    Ok((owned, new))
}

/// A template as the user wrote it.
fn without_hash(template: &Value) -> Value {
    let mut plain = template.clone();
    plain.update(&names::METADATA, |metadata| {
        metadata.update(&names::LABELS, |labels| {
            if let Value::Map(map) = labels {
                map.remove_str(TEMPLATE_HASH);
            }
        });
    });
    plain
}

fn replica_sets_line(sets: &[Value]) -> String {
    let text = |set: &Value| {
        let set = ReplicaSet::of(set);
        let (status, spec) = (set.status(), set.spec());
        format!(
            "{} ({}/{} replicas created)",
            set.metadata().name(),
            status.replicas(),
            spec.replicas().unwrap_or(0)
        )
    };
    let texts: Vec<String> = sets.iter().map(text).collect();
    or_none(&texts.join(", ")).to_owned()
}
