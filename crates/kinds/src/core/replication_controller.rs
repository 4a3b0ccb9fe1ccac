//! ReplicationController: what ReplicaSets were before there were selectors with operators.

use crate::apps::deployment::{
    SCALE, prepare_template_create, prepare_template_update, workload_warnings,
};
use crate::rules::nonnegative;
use crate::table::{AGE, Column, NAME, Row, age, containers_and_images, labels, name};
use crate::{FieldSelector, Generation, Kind, pod_spec};
use api::core::v1::{PodTemplateSpec, ReplicationController};
use api::field::{ErrorList, Path};
use api::schema::types;
use api::{Value, View, names, object};
use sim::Time;

/// `v1` ReplicationController
pub static KIND: Kind = Kind {
    kind: "ReplicationController",
    plural: "replicationcontrollers",
    singular: "replicationcontroller",
    short_names: &["rc"],
    categories: &["all"],
    ty: types::CORE_V1_REPLICATION_CONTROLLER,
    storage_version_hash: "Jond2If31h0=",
    has_status: true,
    subresources: &[SCALE],
    generation: Generation::OnSpec,
    set_defaults,
    prepare_create: prepare_template_create,
    prepare_update: prepare_template_update,
    validate,
    validate_status_update,
    warnings: workload_warnings,
    field_selectors: &[FieldSelector {
        path: "status.replicas",
        get: |object| ReplicationController::of(object).status().replicas().to_string(),
    }],
    columns: &[
        NAME,
        Column::integer("Desired"),
        Column::integer("Current"),
        Column::integer("Ready"),
        AGE,
        Column::wide("Containers"),
        Column::wide("Images"),
        Column::wide("Selector"),
    ],
    row,
    ..Kind::NAMESPACED
};

/// The labels of the template are those of the controller, and what it selects.
fn set_defaults(object: &mut Value) {
    let controller = ReplicationController::of(object);
    let labels = controller.spec().template().map(|template| template.metadata().labels());
    if let Some(labels) = labels.filter(|labels| !labels.is_empty()) {
        let labels = Value::Map(labels.0.clone());
        object.update(&names::SPEC, |spec| {
            spec.set_default(&names::SELECTOR, labels.clone());
        });
        object.update(&names::METADATA, |metadata| {
            metadata.set_default(&names::LABELS, labels);
        });
    }
    object.update(&names::SPEC, |spec| {
        spec.set_default(&names::REPLICAS, 1);
        if !spec.get(&names::TEMPLATE).is_null() {
            spec.update(&names::TEMPLATE, pod_spec::set_template_defaults);
        }
    });
}

fn validate(object: &Value, errors: &mut ErrorList) {
    let spec = ReplicationController::of(object).spec();
    let at = Path::new("spec");
    nonnegative(spec.min_ready_seconds(), &at.child("minReadySeconds"), errors);
    if spec.selector().is_empty() {
        errors.required(&at.child("selector"), "");
    }
    let replicas = spec.replicas().unwrap_or(0);
    nonnegative(replicas, &at.child("replicas"), errors);
    let template_at = at.child("template");
    let Some(template) = spec.template().map(PodTemplateSpec::value) else {
        return errors.required(&template_at, "");
    };
    let selector = object! { "matchLabels": Value::Map(spec.selector().0.clone()) };
    pod_spec::validate_workload_template(
        "ReplicationController",
        &selector,
        template,
        replicas,
        &template_at,
        errors,
    );
}

fn validate_status_update(new: &Value, _: &Value, errors: &mut ErrorList) {
    let at = Path::new("status");
    let status = ReplicationController::of(new).status();
    for (field, count) in [
        ("replicas", status.replicas()),
        ("fullyLabeledReplicas", status.fully_labeled_replicas()),
        ("readyReplicas", status.ready_replicas()),
        ("availableReplicas", status.available_replicas()),
        ("observedGeneration", status.observed_generation()),
    ] {
        nonnegative(count, &at.child(field), errors);
    }
    for (field, count) in [
        ("fullyLabeledReplicas", status.fully_labeled_replicas()),
        ("readyReplicas", status.ready_replicas()),
        ("availableReplicas", status.available_replicas()),
    ] {
        if count > status.replicas() {
            errors.invalid(&at.child(field), count, "cannot be greater than status.replicas");
        }
    }
    if status.available_replicas() > status.ready_replicas() {
        let detail = "cannot be greater than readyReplicas";
        errors.invalid(&at.child("availableReplicas"), status.available_replicas(), detail);
    }
}

fn row(object: &Value, now: Time) -> Row {
    let controller = ReplicationController::of(object);
    let spec = controller.spec();
    let none = Value::Null;
    let template = spec.template().unwrap_or(PodTemplateSpec::of(&none));
    let [containers, images] = containers_and_images(template.spec());
    vec![
        name(object),
        spec.replicas().unwrap_or(0).into(),
        controller.status().replicas().into(),
        controller.status().ready_replicas().into(),
        age(object, now),
        containers,
        images,
        labels(spec.selector()),
    ]
}
