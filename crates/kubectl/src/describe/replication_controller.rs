//! ReplicationControllers.

use super::Subject;
use super::pod_template::{self, describe_conditions};
use super::text::{Description, labels_line, line};
use crate::errors::Result;
use api::View;
use api::core::v1::ReplicationController;
use api::labels::Selector;
use std::rc::Rc;

pub(super) async fn describe(subject: Rc<Subject>) -> Result<Description> {
    let controller: ReplicationController<'_> = subject.view();
    let (metadata, spec) = (controller.metadata(), controller.spec());
    let pods = subject.pod_counts(&Selector::from_labels(spec.selector()).to_string()).await;
    let mut out = Description::default();
    line!(out, 0, "Name:\t{}", metadata.name());
    line!(out, 0, "Namespace:\t{}", metadata.namespace());
    line!(out, 0, "Selector:\t{}", labels_line(spec.selector()));
    out.labels("", "Labels", metadata.labels());
    out.annotations("Annotations", metadata.annotations());
    let desired = spec.replicas().unwrap_or(0);
    line!(out, 0, "Replicas:\t{} current / {desired} desired", controller.status().replicas());
    match pods {
        Ok(counts) => line!(out, 0, "Pods Status:\t{counts}"),
        Err(error) => line!(out, 0, "Pods Status:\terror in fetching pods: {error}"),
    }
    if let Some(template) = spec.template() {
        pod_template::describe(&mut out, template);
    } else {
        line!(out, 0, "Pod Template:");
        line!(out, 1, "<unset>");
    }
    describe_conditions(&mut out, controller.status().value());
    subject.with_events(out).await
}
