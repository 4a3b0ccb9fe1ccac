//! ReplicaSet: a number of equal Pods.

use crate::apps::deployment::{
    SCALE, prepare_template_create, prepare_template_update, validate_immutable_selector,
    validate_nonnegative, validate_selector_and_template, workload_warnings,
};
use crate::table::{AGE, Column, NAME, Row, age, containers_and_images, name, selector};
use crate::{FieldSelector, Generation, Kind, pod_spec};
use api::apps::v1::ReplicaSet;
use api::field::{ErrorList, Path};
use api::schema::types;
use api::{Value, View, names};
use sim::Time;

/// `apps/v1` ReplicaSet
pub static KIND: Kind = Kind {
    group: "apps",
    kind: "ReplicaSet",
    plural: "replicasets",
    singular: "replicaset",
    short_names: &["rs"],
    categories: &["all"],
    ty: types::APPS_V1_REPLICA_SET,
    storage_version_hash: "P1RzHs8/mWQ=",
    has_status: true,
    subresources: &[SCALE],
    generation: Generation::OnSpec,
    set_defaults,
    prepare_create: prepare_template_create,
    prepare_update: prepare_template_update,
    validate,
    validate_update,
    validate_status_update,
    warnings: workload_warnings,
    field_selectors: &[FieldSelector {
        path: "status.replicas",
        get: |object| ReplicaSet::of(object).status().replicas().to_string(),
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

fn set_defaults(object: &mut Value) {
    object.update(&names::SPEC, |spec| {
        spec.set_default(&names::REPLICAS, 1);
        spec.update(&names::TEMPLATE, pod_spec::set_template_defaults);
    });
}

fn validate(object: &Value, errors: &mut ErrorList) {
    let set = ReplicaSet::of(object).spec();
    let spec = Path::new("spec");
    let replicas = set.replicas().unwrap_or(0);
    validate_nonnegative(replicas, &spec.child("replicas"), errors);
    validate_nonnegative(set.min_ready_seconds(), &spec.child("minReadySeconds"), errors);
    let selector = set.selector().map(View::value);
    let template = set.template().value();
    validate_selector_and_template(selector, template, replicas, &spec, errors);
}

fn validate_update(new: &Value, old: &Value, errors: &mut ErrorList) {
    let spec = Path::new("spec");
    validate_immutable_selector(new.get(&names::SPEC), old.get(&names::SPEC), &spec, errors);
}

fn validate_status_update(new: &Value, _: &Value, errors: &mut ErrorList) {
    let at = Path::new("status");
    let status = ReplicaSet::of(new).status();
    for (field, count) in [
        ("replicas", status.replicas()),
        ("fullyLabeledReplicas", status.fully_labeled_replicas()),
        ("readyReplicas", status.ready_replicas()),
        ("availableReplicas", status.available_replicas()),
        ("observedGeneration", status.observed_generation()),
    ] {
        validate_nonnegative(count, &at.child(field), errors);
        let is_count = field != "replicas" && field != "observedGeneration";
        if is_count && count > status.replicas() {
            errors.invalid(&at.child(field), count, "cannot be greater than status.replicas");
        }
    }
    if status.available_replicas() > status.ready_replicas() {
        let detail = "cannot be greater than readyReplicas";
        errors.invalid(&at.child("availableReplicas"), status.available_replicas(), detail);
    }
}

fn row(object: &Value, now: Time) -> Row {
    let set = ReplicaSet::of(object);
    let [containers, images] = containers_and_images(set.spec().template().spec());
    vec![
        name(object),
        set.spec().replicas().unwrap_or(0).into(),
        set.status().replicas().into(),
        set.status().ready_replicas().into(),
        age(object, now),
        containers,
        images,
        selector(set.spec().value().get(&names::SELECTOR)),
    ]
}
