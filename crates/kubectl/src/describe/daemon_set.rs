//! DaemonSets.

use super::text::{Description, labels_line, line};
use super::{Subject, pod_template};
use crate::errors::Result;
use api::apps::v1::DaemonSet;
use std::rc::Rc;

pub(super) async fn describe(subject: Rc<Subject>) -> Result<Description> {
    let set: DaemonSet<'_> = subject.view();
    let (metadata, spec, status) = (set.metadata(), set.spec(), set.status());
    let selector = subject.selector();
    let pods = subject.pod_counts(&selector).await?;
    let mut out = Description::default();
    line!(out, 0, "Name:\t{}", metadata.name());
    line!(out, 0, "Selector:\t{selector}");
    line!(out, 0, "Node-Selector:\t{}", labels_line(spec.template().spec().node_selector()));
    out.labels("", "Labels", metadata.labels());
    out.annotations("Annotations", metadata.annotations());
    for (label, count) in [
        ("Desired Number of Nodes Scheduled", status.desired_number_scheduled()),
        ("Current Number of Nodes Scheduled", status.current_number_scheduled()),
        ("Number of Nodes Scheduled with Up-to-date Pods", status.updated_number_scheduled()),
        ("Number of Nodes Scheduled with Available Pods", status.number_available()),
        ("Number of Nodes Misscheduled", status.number_misscheduled()),
    ] {
        line!(out, 0, "{label}: {count}");
    }
    line!(out, 0, "Pods Status:\t{pods}");
    pod_template::describe(&mut out, spec.template());
    subject.with_events(out).await
}
