//! Pod templates, and what the workloads ask of theirs.

use super::{annotations, validate_with, volumes};
use crate::{internal, meta};
use api::core::v1::PodTemplateSpec;
use api::field::{ErrorList, Path};
use api::{Value, View, names};

/// Checks a PodTemplateSpec at `at`.
pub fn validate_template(template: &Value, at: &Path<'_>, errors: &mut ErrorList) {
    let view = PodTemplateSpec::of(template);
    validate_template_metadata(template, at, errors);
    let spec_at = at.child("spec");
    validate_with(template.get(&names::SPEC), None, &spec_at, errors);
    if !view.spec().ephemeral_containers().is_empty() {
        let detail = "ephemeral containers not allowed in pod template";
        errors.forbidden(&spec_at.child("ephemeralContainers"), detail);
    }
}

/// Checks the template of a ReplicaSet or Deployment: its labels must be those selected.
pub fn validate_template_for(
    selector: Option<&Value>,
    template: &Value,
    replicas: i64,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    // The server takes a missing selector for one that selects nothing.
    let selector = selector.unwrap_or(&Value::Null);
    validate_workload_template("ReplicaSet", selector, template, replicas, at, errors);
}

/// Checks the template of a workload of the kind that errors call `kind`: its labels must be
/// those selected, unless the selector is empty.
pub fn validate_workload_template(
    kind: &str,
    selector: &Value,
    template: &Value,
    replicas: i64,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    validate_selected(selector, template, at, errors);
    validate_template(template, at, errors);
    if replicas > 1 {
        validate_shareable_volumes(template, at, errors);
    }
    validate_long_running(kind, template, at, errors);
}

/// Checks that a template has the labels that are selected, unless everything is.
pub fn validate_selected(
    selector: &Value,
    template: &Value,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    let labels = PodTemplateSpec::of(template).metadata().labels();
    // Most selectors name labels, and comparing those takes no memory.
    let view = api::meta::v1::LabelSelector::of(selector);
    let is_plain = !selector.is_null() && view.match_expressions().is_empty();
    let is_selected = if is_plain {
        view.match_labels().iter().all(|(key, value)| labels.get(key) == Some(value))
    } else {
        meta::selects(selector, labels)
    };
    if !is_selected {
        let metadata_at = at.child("metadata");
        let shown = internal::print_string_map(labels);
        let detail = "`selector` does not match template `labels`";
        errors.invalid(&metadata_at.child("labels"), shown, detail);
    }
}

/// Checks that several Pods can use the volumes of a template at once.
pub fn validate_shareable_volumes(template: &Value, at: &Path<'_>, errors: &mut ErrorList) {
    let spec_at = at.child("spec");
    let volumes_at = spec_at.child("volumes");
    volumes::validate_shareable(template.get(&names::SPEC), &volumes_at, errors);
}

/// Checks that the Pods of a template run until they are replaced.
pub fn validate_long_running(kind: &str, template: &Value, at: &Path<'_>, errors: &mut ErrorList) {
    let spec = PodTemplateSpec::of(template).spec();
    let at = at.child("spec");
    if spec.restart_policy() != "Always" {
        let at = at.child("restartPolicy");
        errors.not_supported(&at, spec.restart_policy(), &["Always"]);
    }
    if spec.active_deadline_seconds().is_some() {
        let detail = format!("activeDeadlineSeconds in {kind} is not Supported");
        errors.forbidden(&at.child("activeDeadlineSeconds"), detail);
    }
}

/// Checks the labels and annotations of a template, and nothing of its Pods.
pub fn validate_template_metadata(template: &Value, at: &Path<'_>, errors: &mut ErrorList) {
    let view = PodTemplateSpec::of(template);
    let metadata = view.metadata();
    meta::validate_labels(metadata.labels(), &at.child("labels"), errors);
    let annotations_at = at.child("annotations");
    meta::validate_annotations(metadata.annotations(), &annotations_at, errors);
    annotations::validate(metadata.annotations(), view.spec(), &annotations_at, errors);
}
