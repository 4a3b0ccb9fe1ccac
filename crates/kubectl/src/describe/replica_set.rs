//! ReplicaSets.

use super::pod_template::{self, describe_conditions};
use super::text::{Description, line};
use super::{Subject, controller};
use crate::errors::Result;
use api::View;
use api::apps::v1::ReplicaSet;
use std::rc::Rc;

pub(super) async fn describe(subject: Rc<Subject>) -> Result<Description> {
    let set: ReplicaSet<'_> = subject.view();
    let (metadata, spec, status) = (set.metadata(), set.spec(), set.status());
    let selector = subject.selector();
    let pods = subject.pod_counts(&selector).await;
    let mut out = Description::default();
    line!(out, 0, "Name:\t{}", metadata.name());
    line!(out, 0, "Namespace:\t{}", metadata.namespace());
    line!(out, 0, "Selector:\t{selector}");
    out.labels("", "Labels", metadata.labels());
    out.annotations("Annotations", metadata.annotations());
    out.field_if(0, "Controlled By", &controller(metadata));
    let desired = spec.replicas().unwrap_or(0);
    line!(out, 0, "Replicas:\t{} current / {desired} desired", status.replicas());
    match pods {
        Ok(counts) => line!(out, 0, "Pods Status:\t{counts}"),
        Err(error) => line!(out, 0, "Pods Status:\terror in fetching pods: {error}"),
    }
    pod_template::describe(&mut out, spec.template());
    describe_conditions(&mut out, status.value());
    subject.with_events(out).await
}
