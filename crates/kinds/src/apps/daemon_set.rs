//! DaemonSet: one Pod on every node.

use crate::apps::deployment::{prepare_template_create, validate_immutable_selector};
use crate::rules::{
    at_most_100_percent, int_or_percent, int_or_percent_value, int_or_string, is_empty_selector,
    label_selector, nonnegative,
};
use crate::table::{AGE, Column, NAME, Row, age, containers_and_images, labels, name, selector};
use crate::{Generation, Kind, internal, meta, pod_spec};
use api::apps::v1::{DaemonSet, DaemonSetUpdateStrategy, RollingUpdateDaemonSet};
use api::field::{ErrorList, Path};
use api::schema::types;
use api::{IntOrString, Value, View, names};
use sim::Time;

/// `apps/v1` DaemonSet
pub static KIND: Kind = Kind {
    group: "apps",
    kind: "DaemonSet",
    plural: "daemonsets",
    singular: "daemonset",
    short_names: &["ds"],
    categories: &["all"],
    ty: types::APPS_V1_DAEMON_SET,
    storage_version_hash: "dd7pWHUlMKQ=",
    has_status: true,
    generation: Generation::OnSpec,
    set_defaults,
    prepare_create,
    prepare_update,
    validate,
    validate_update,
    validate_status_update,
    warnings,
    columns: &[
        NAME,
        Column::integer("Desired"),
        Column::integer("Current"),
        Column::integer("Ready"),
        Column::integer("Up-to-date"),
        Column::integer("Available"),
        Column::text("Node Selector"),
        AGE,
        Column::wide("Containers"),
        Column::wide("Images"),
        Column::wide("Selector"),
    ],
    row,
    ..Kind::NAMESPACED
};

/// The annotation that counts the changes of the template. It was a field in older versions.
pub const TEMPLATE_GENERATION: &str = "deprecated.daemonset.template.generation";

fn set_defaults(object: &mut Value) {
    object.update(&names::SPEC, |spec| {
        spec.update(&names::UPDATE_STRATEGY, |strategy| {
            strategy.set_default(&names::TYPE, "RollingUpdate");
            if *strategy.get(&names::TYPE) == "RollingUpdate" {
                strategy.update(&names::ROLLING_UPDATE, |update| {
                    update.set_default(&names::MAX_UNAVAILABLE, 1);
                    update.set_default(&names::MAX_SURGE, 0);
                });
            }
        });
        spec.set_default(&names::REVISION_HISTORY_LIMIT, 10);
        spec.update(&names::TEMPLATE, pod_spec::set_template_defaults);
    });
}

fn template_generation(object: &Value) -> i64 {
    let annotation = crate::table::metadata(object).annotations().get(TEMPLATE_GENERATION);
    annotation.and_then(|text| text.parse().ok()).unwrap_or(0)
}

fn set_template_generation(object: &mut Value, generation: i64) {
    if template_generation(object) == generation {
        return;
    }
    object.update(&names::METADATA, |metadata| {
        metadata.update(&names::ANNOTATIONS, |annotations| {
            annotations.make_map().insert(TEMPLATE_GENERATION, generation.to_string());
        });
    });
}

fn prepare_create(object: &mut Value) {
    prepare_template_create(object);
    let generation = template_generation(object).max(1);
    set_template_generation(object, generation);
}

fn prepare_update(new: &mut Value, old: &Value) {
    prepare_template_create(new);
    let template = |object: &Value| object.get(&names::SPEC).get(&names::TEMPLATE).clone();
    let has_changed = template(new) != template(old);
    set_template_generation(new, template_generation(old) + i64::from(has_changed));
}

fn validate(object: &Value, errors: &mut ErrorList) {
    let spec = DaemonSet::of(object).spec();
    let at = Path::new("spec");
    let template = spec.template().value();
    let template_at = at.child("template");
    let selector_at = at.child("selector");
    let document = spec.value().get(&names::SELECTOR);
    let mut is_usable = true;
    if let Some(selector) = spec.selector() {
        is_usable = meta::validate_usable_selector(selector, &selector_at, errors);
    }
    if is_usable {
        pod_spec::validate_selected(document, template, &template_at, errors);
    }
    if spec.selector().is_some_and(is_empty_selector) {
        let detail = "empty selector is invalid for daemonset";
        errors.invalid(&selector_at, label_selector(document), detail);
    }
    pod_spec::validate_template(template, &template_at, errors);
    pod_spec::validate_shareable_volumes(template, &template_at, errors);
    pod_spec::validate_long_running("DaemonSet", template, &template_at, errors);
    nonnegative(spec.min_ready_seconds(), &at.child("minReadySeconds"), errors);
    validate_strategy(spec.update_strategy(), &at.child("updateStrategy"), errors);
    if let Some(limit) = spec.revision_history_limit() {
        nonnegative(limit, &at.child("revisionHistoryLimit"), errors);
    }
}

fn validate_strategy(strategy: DaemonSetUpdateStrategy<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    match strategy.type_() {
        "OnDelete" => {}
        "RollingUpdate" => match strategy.rolling_update() {
            None => errors.required(&at.child("rollingUpdate"), ""),
            Some(update) => validate_rolling_update(update, &at.child("rollingUpdate"), errors),
        },
        _ => {
            let shown = internal::print(DaemonSetUpdateStrategy::TYPE, strategy.value());
            errors.not_supported(at, shown, &["RollingUpdate", "OnDelete"]);
        }
    }
}

fn validate_rolling_update(
    update: RollingUpdateDaemonSet<'_>,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    let (unavailable_at, surge_at) = (at.child("maxUnavailable"), at.child("maxSurge"));
    let unavailable = update.max_unavailable().unwrap_or(IntOrString::Int(0));
    let surge = update.max_surge().unwrap_or(IntOrString::Int(0));
    int_or_percent(unavailable, &unavailable_at, errors);
    int_or_percent(surge, &surge_at, errors);
    at_most_100_percent(unavailable, &unavailable_at, errors);
    at_most_100_percent(surge, &surge_at, errors);
    match (int_or_percent_value(unavailable) != 0, int_or_percent_value(surge) != 0) {
        (true, true) => {
            let detail = "may not be set when maxUnavailable is non-zero";
            errors.invalid(&surge_at, int_or_string(surge), detail);
        }
        (false, false) => {
            errors.required(&unavailable_at, "cannot be 0 when maxSurge is 0");
        }
        _ => {}
    }
}

fn validate_update(new: &Value, old: &Value, errors: &mut ErrorList) {
    let spec = Path::new("spec");
    validate_immutable_selector(new.get(&names::SPEC), old.get(&names::SPEC), &spec, errors);
}

fn validate_status_update(new: &Value, _: &Value, errors: &mut ErrorList) {
    let at = Path::new("status");
    let status = DaemonSet::of(new).status();
    for (field, count) in [
        ("currentNumberScheduled", status.current_number_scheduled()),
        ("numberMisscheduled", status.number_misscheduled()),
        ("desiredNumberScheduled", status.desired_number_scheduled()),
        ("numberReady", status.number_ready()),
        ("observedGeneration", status.observed_generation()),
        ("updatedNumberScheduled", status.updated_number_scheduled()),
        ("numberAvailable", status.number_available()),
        ("numberUnavailable", status.number_unavailable()),
        ("collisionCount", status.collision_count().unwrap_or(0)),
    ] {
        nonnegative(count, &at.child(field), errors);
    }
}

fn warnings(new: &Value, _: Option<&Value>) -> Vec<String> {
    let mut warnings = Vec::new();
    let spec = Path::new("spec");
    let template = new.get(&names::SPEC).get(&names::TEMPLATE);
    pod_spec::template_warnings(template, &spec.child("template"), &mut warnings);
    warnings
}

fn row(object: &Value, now: Time) -> Row {
    let set = DaemonSet::of(object);
    let status = set.status();
    let pods = set.spec().template().spec();
    let [containers, images] = containers_and_images(pods);
    vec![
        name(object),
        status.desired_number_scheduled().into(),
        status.current_number_scheduled().into(),
        status.number_ready().into(),
        status.updated_number_scheduled().into(),
        status.number_available().into(),
        labels(pods.node_selector()),
        age(object, now),
        containers,
        images,
        selector(set.spec().value().get(&names::SELECTOR)),
    ]
}
