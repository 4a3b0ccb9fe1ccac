//! Pod templates, and the Pods that a controller has made of one.

use super::container::Containers;
use super::text::{Description, line, selector_line};
use super::{Subject, is_controlled_by, volume};
use crate::errors::Result;
use api::core::v1::{Pod, PodSpec, PodTemplateSpec, TopologySpreadConstraint};
use api::{View, names};

/// Writes a template.
pub(super) fn describe(out: &mut Description, template: PodTemplateSpec<'_>) {
    line!(out, 0, "Pod Template:");
    let (metadata, spec) = (template.metadata(), template.spec());
    out.labels("  ", "Labels", metadata.labels());
    if !metadata.annotations().is_empty() {
        out.annotations("  Annotations", metadata.annotations());
    }
    out.field_if(1, "Service Account", spec.service_account_name());
    if !spec.init_containers().is_empty() {
        describe_containers(out, "Init Containers", spec.init_containers());
    }
    describe_containers(out, "Containers", spec.containers());
    volume::describe_all(out, spec.volumes(), "  ");
    describe_spread(out, spec, "  ");
    out.field_if(1, "Priority Class Name", spec.priority_class_name());
}

fn describe_containers<'a>(
    out: &mut Description,
    title: &'static str,
    containers: api::Views<'a, api::core::v1::Container<'a>>,
) {
    Containers { title, containers, statuses: Vec::new(), pod: None }.describe(out);
}

/// Writes how Pods are spread over the nodes.
pub(super) fn describe_spread(out: &mut Description, spec: PodSpec<'_>, indent: &str) {
    let mut constraints: Vec<TopologySpreadConstraint<'_>> =
        spec.topology_spread_constraints().collect();
    constraints.sort_by_key(|constraint| constraint.topology_key());
    let mut start = format!("{indent}Topology Spread Constraints:");
    for constraint in constraints {
        let selector = match constraint.label_selector() {
            Some(selector) => format!(" for selector {}", selector_line(selector.value())),
            None => String::new(),
        };
        line!(
            out,
            0,
            "{start}\t{}:{} when max skew {} is exceeded{selector}",
            constraint.topology_key(),
            constraint.when_unsatisfiable(),
            constraint.max_skew()
        );
        indent.clone_into(&mut start);
    }
}

impl Subject {
    /// `2 Running / 0 Waiting / 0 Succeeded / 0 Failed`: the Pods that the object controls.
    pub(super) async fn pod_counts(&self, selector: &str) -> Result<String> {
        let path = self.core_path("pods");
        let pods = self.list(&path, &[("labelSelector", selector)]).await?;
        let uid = self.metadata().uid();
        let count = |phase: &str| {
            let is_counted = |pod: &&api::Value| {
                is_controlled_by(pod, uid) && Pod::of(pod).status().phase() == phase
            };
            pods.iter().filter(is_counted).count()
        };
        Ok(format!(
            "{} Running / {} Waiting / {} Succeeded / {} Failed",
            count("Running"),
            count("Pending"),
            count("Succeeded"),
            count("Failed")
        ))
    }

    /// The selector of the object's spec, as text.
    pub(super) fn selector(&self) -> String {
        let document = self.object.get(&names::SPEC).get(&names::SELECTOR);
        api::labels::Selector::from_document(document).to_string()
    }
}

/// Writes the conditions of a controller.
pub(super) fn describe_conditions(out: &mut Description, status: &api::Value) {
    let conditions = status.get(&names::CONDITIONS).items();
    if conditions.is_empty() {
        return;
    }
    line!(out, 0, "Conditions:\n  Type\tStatus\tReason");
    line!(out, 1, "----\t------\t------");
    for condition in conditions {
        let text = |name: &api::Key| condition.get(name).as_str().unwrap_or_default();
        let (ty, status) = (text(&names::TYPE), text(&names::STATUS));
        line!(out, 1, "{ty} \t{status}\t{}", text(&names::REASON));
    }
}
