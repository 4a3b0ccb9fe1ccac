//! Pods.

use super::container::Containers;
use super::events;
use super::pod_template::describe_spread;
use super::text::{Description, date, line, or_none, since};
use super::{Subject, controller, volume};
use crate::errors::Result;
use api::Views;
use api::core::v1::{Container, ContainerStatus, Pod};
use sim::Time;
use std::rc::Rc;

/// The kubelet's events about a static Pod name this hash instead of the uid.
const MIRROR_ANNOTATION: &str = "kubernetes.io/config.mirror";

pub(super) async fn describe(subject: Rc<Subject>) -> Result<Description> {
    let pod: Pod<'_> = subject.view();
    let mirrored = pod.metadata().annotations().get(MIRROR_ANNOTATION);
    let uid = mirrored.unwrap_or(pod.metadata().uid());
    let found = subject.events_of("", uid).await;
    let mut out = Description::default();
    describe_head(&mut out, pod, subject.now);
    describe_containers(&mut out, pod);
    describe_conditions(&mut out, pod);
    let spec = pod.spec();
    volume::describe_all(&mut out, spec.volumes(), "");
    line!(out, 0, "QoS Class:\t{}", pod.status().qos_class());
    out.labels("", "Node-Selectors", spec.node_selector());
    out.tolerations("Tolerations", spec.tolerations());
    describe_spread(&mut out, spec, "");
    if let Some(found) = found {
        events::describe(&mut out, found, subject.now);
    }
    Ok(out)
}

fn describe_head(out: &mut Description, pod: Pod<'_>, now: Time) {
    let (metadata, spec, status) = (pod.metadata(), pod.spec(), pod.status());
    line!(out, 0, "Name:\t{}", metadata.name());
    line!(out, 0, "Namespace:\t{}", metadata.namespace());
    if let Some(priority) = spec.priority() {
        line!(out, 0, "Priority:\t{priority}");
    }
    out.field_if(0, "Priority Class Name", spec.priority_class_name());
    out.field_if(0, "Runtime Class Name", spec.runtime_class_name().unwrap_or_default());
    out.field_if(0, "Service Account", spec.service_account_name());
    match spec.node_name() {
        "" => line!(out, 0, "Node:\t<none>"),
        node => line!(out, 0, "Node:\t{node}/{}", status.host_ip()),
    }
    if status.start_time().is_some() {
        line!(out, 0, "Start Time:\t{}", date(status.start_time()));
    }
    out.labels("", "Labels", metadata.labels());
    out.annotations("Annotations", metadata.annotations());
    let has_ended = matches!(status.phase(), "Failed" | "Succeeded");
    match metadata.deletion_timestamp() {
        Some(deletion) if !has_ended => {
            line!(out, 0, "Status:\tTerminating (lasts {})", since(Some(deletion), now));
            let grace = metadata.deletion_grace_period_seconds().unwrap_or(0);
            line!(out, 0, "Termination Grace Period:\t{grace}s");
        }
        _ => line!(out, 0, "Status:\t{}", status.phase()),
    }
    out.field_if(0, "Reason", status.reason());
    out.field_if(0, "Message", status.message());
    if let Some(profile) = spec.security_context().and_then(|context| context.seccomp_profile()) {
        line!(out, 0, "SeccompProfile:\t{}", profile.type_());
        if profile.type_() == "Localhost" {
            let path = profile.localhost_profile().unwrap_or_default();
            line!(out, 0, "LocalhostProfile:\t{path}");
        }
    }
    line!(out, 0, "IP:\t{}", status.pod_ip());
    if status.pod_ips().is_empty() {
        line!(out, 0, "IPs:\t<none>");
    } else {
        line!(out, 0, "IPs:");
    }
    for address in status.pod_ips() {
        line!(out, 1, "IP:\t{}", address.ip());
    }
    out.field_if(0, "Controlled By", &controller(metadata));
    out.field_if(0, "NominatedNodeName", status.nominated_node_name());
}

fn describe_containers(out: &mut Description, pod: Pod<'_>) {
    let (spec, status) = (pod.spec(), pod.status());
    let mut describe = |title, containers: Views<'_, Container<'_>>, statuses: Views<'_, _>| {
        let statuses: Vec<ContainerStatus<'_>> = statuses.collect();
        Containers { title, containers, statuses, pod: Some(pod) }.describe(out);
    };
    if !spec.init_containers().is_empty() {
        describe("Init Containers", spec.init_containers(), status.init_container_statuses());
    }
    describe("Containers", spec.containers(), status.container_statuses());
    // An ephemeral container is a container, but for one field more.
    let ephemeral: Views<'_, Container<'_>> = Views::of(spec.ephemeral_containers().values());
    if !ephemeral.is_empty() {
        describe("Ephemeral Containers", ephemeral, status.ephemeral_container_statuses());
    }
}

fn describe_conditions(out: &mut Description, pod: Pod<'_>) {
    let conditions = pod.status().conditions();
    if !pod.spec().readiness_gates().is_empty() {
        line!(out, 0, "Readiness Gates:\n  Type\tStatus");
        for gate in pod.spec().readiness_gates() {
            let mut found = conditions.clone();
            let found = found.find(|condition| condition.type_() == gate.condition_type());
            let status = found.map_or("", |condition| condition.status());
            line!(out, 1, "{} \t{} ", gate.condition_type(), or_none(status));
        }
    }
    if conditions.is_empty() {
        return;
    }
    line!(out, 0, "Conditions:\n  Type\tStatus");
    for condition in conditions {
        line!(out, 1, "{} \t{} ", condition.type_(), condition.status());
    }
}
