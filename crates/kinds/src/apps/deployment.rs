//! Deployment: Pods that are replaced step by step when their template changes.

use crate::rules::{is_empty_selector, label_selector};
use crate::table::{AGE, Column, NAME, Row, age, containers_and_images, name, selector};
use crate::{Generation, Kind, Subresource, internal, meta, pod_spec};
use api::apps::v1::{Deployment, DeploymentStrategy, RollingUpdateDeployment};
use api::field::{ErrorList, Path};
use api::schema::types;
use api::{IntOrString, Value, View, names};
use sim::Time;

pub use crate::rules::{
    at_most_100_percent as validate_at_most_100_percent, int_or_percent as validate_int_or_percent,
    int_or_string, nonnegative as validate_nonnegative,
};

/// `apps/v1` Deployment
pub static KIND: Kind = Kind {
    group: "apps",
    kind: "Deployment",
    plural: "deployments",
    singular: "deployment",
    short_names: &["deploy"],
    categories: &["all"],
    ty: types::APPS_V1_DEPLOYMENT,
    storage_version_hash: "8aSe+NMegvE=",
    has_status: true,
    subresources: &[SCALE],
    generation: Generation::OnSpecOrAnnotations,
    set_defaults,
    prepare_create: prepare_template_create,
    prepare_update: prepare_template_update,
    validate,
    validate_update,
    validate_status_update,
    warnings: workload_warnings,
    columns: &[
        NAME,
        Column::text("Ready"),
        Column::text("Up-to-date"),
        Column::text("Available"),
        AGE,
        Column::wide("Containers"),
        Column::wide("Images"),
        Column::wide("Selector"),
    ],
    row,
    ..Kind::NAMESPACED
};

/// The subresource that scales a workload.
pub const SCALE: Subresource = Subresource {
    name: "scale",
    group: "autoscaling",
    version: "v1",
    kind: "Scale",
    verbs: &["get", "patch", "update"],
};

/// Drops from a workload's template what only alpha features read.
pub fn prepare_template_create(object: &mut Value) {
    object.update(&names::SPEC, |spec| {
        spec.update(&names::TEMPLATE, |template| {
            template.update(&names::SPEC, pod_spec::drop_disabled_fields);
        });
    });
}

/// The same for a change of the workload.
pub fn prepare_template_update(new: &mut Value, _: &Value) {
    prepare_template_create(new);
}

/// What the author of a workload should know of its name and its template.
pub fn workload_warnings(new: &Value, old: Option<&Value>) -> Vec<String> {
    let mut warnings = Vec::new();
    let spec = new.get(&names::SPEC);
    match old {
        None => pod_spec::workload_name_warning(new, &mut warnings),
        Some(old) if spec == old.get(&names::SPEC) => return warnings,
        Some(_) => {}
    }
    let at = Path::new("spec");
    pod_spec::template_warnings(spec.get(&names::TEMPLATE), &at.child("template"), &mut warnings);
    warnings
}

fn set_defaults(object: &mut Value) {
    object.update(&names::SPEC, |spec| {
        spec.set_default(&names::REPLICAS, 1);
        spec.set_default(&names::REVISION_HISTORY_LIMIT, 10);
        spec.set_default(&names::PROGRESS_DEADLINE_SECONDS, 600);
        spec.update(&names::STRATEGY, |strategy| {
            if DeploymentStrategy::of(strategy).type_().is_empty() {
                strategy.make_map().insert(&names::TYPE, "RollingUpdate");
            }
            if DeploymentStrategy::of(strategy).type_() == "RollingUpdate" {
                strategy.update(&names::ROLLING_UPDATE, |update| {
                    update.set_default(&names::MAX_SURGE, "25%");
                    update.set_default(&names::MAX_UNAVAILABLE, "25%");
                });
            }
        });
        spec.update(&names::TEMPLATE, pod_spec::set_template_defaults);
    });
}

fn validate(object: &Value, errors: &mut ErrorList) {
    let deployment = Deployment::of(object).spec();
    let spec = Path::new("spec");
    validate_nonnegative(deployment.replicas().unwrap_or(0), &spec.child("replicas"), errors);
    validate_selector_and_template(
        deployment.selector().map(View::value),
        deployment.template().value(),
        deployment.replicas().unwrap_or(0),
        &spec,
        errors,
    );
    validate_strategy(deployment.strategy(), &spec.child("strategy"), errors);
    let ready_seconds = deployment.min_ready_seconds();
    validate_nonnegative(ready_seconds, &spec.child("minReadySeconds"), errors);
    if let Some(limit) = deployment.revision_history_limit() {
        validate_nonnegative(limit, &spec.child("revisionHistoryLimit"), errors);
    }
    if let Some(deadline) = deployment.progress_deadline_seconds() {
        let at = spec.child("progressDeadlineSeconds");
        validate_nonnegative(deadline, &at, errors);
        if deadline <= ready_seconds {
            errors.invalid(&at, deadline, "must be greater than minReadySeconds");
        }
    }
}

/// Checks a selector together with the template whose Pods it must select.
pub fn validate_selector_and_template(
    selector: Option<&Value>,
    template: &Value,
    replicas: i64,
    spec: &Path<'_>,
    errors: &mut ErrorList,
) {
    let at = spec.child("selector");
    let mut is_usable = true;
    match selector {
        None => errors.required(&at, ""),
        Some(selector) => {
            let view = api::meta::v1::LabelSelector::of(selector);
            is_usable = meta::validate_usable_selector(view, &at, errors);
            if is_empty_selector(view) {
                let detail = "empty selector is invalid for deployment";
                errors.invalid(&at, label_selector(selector), detail);
            }
        }
    }
    if !is_usable {
        let shown = label_selector(selector.unwrap_or(&Value::Null));
        return errors.invalid(&at, shown, "invalid label selector");
    }
    let at = spec.child("template");
    pod_spec::validate_template_for(selector, template, replicas, &at, errors);
}

fn validate_strategy(strategy: DeploymentStrategy<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    match strategy.type_() {
        "Recreate" => {
            if strategy.rolling_update().is_some() {
                let detail = "may not be specified when strategy `type` is 'Recreate'";
                errors.forbidden(&at.child("rollingUpdate"), detail);
            }
        }
        "RollingUpdate" => match strategy.rolling_update() {
            None => {
                let detail = "this should be defaulted and never be nil";
                errors.required(&at.child("rollingUpdate"), detail);
            }
            Some(update) => validate_rolling_update(update, &at.child("rollingUpdate"), errors),
        },
        _ => {
            let shown = internal::print(DeploymentStrategy::TYPE, strategy.value());
            errors.not_supported(at, shown, &["Recreate", "RollingUpdate"]);
        }
    }
}

fn validate_rolling_update(
    update: RollingUpdateDeployment<'_>,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    let unavailable = update.max_unavailable().unwrap_or(IntOrString::Int(0));
    let surge = update.max_surge().unwrap_or(IntOrString::Int(0));
    let unavailable_at = at.child("maxUnavailable");
    validate_int_or_percent(unavailable, &unavailable_at, errors);
    validate_int_or_percent(surge, &at.child("maxSurge"), errors);
    if is_zero(unavailable) && is_zero(surge) {
        let detail = "may not be 0 when `maxSurge` is 0";
        errors.invalid(&unavailable_at, int_or_string(unavailable), detail);
    }
    validate_at_most_100_percent(unavailable, &unavailable_at, errors);
}

fn is_zero(value: IntOrString<'_>) -> bool {
    crate::rules::int_or_percent_value(value) == 0
}

fn validate_update(new: &Value, old: &Value, errors: &mut ErrorList) {
    let (new, old) = (Deployment::of(new).spec(), Deployment::of(old).spec());
    let spec = Path::new("spec");
    validate_immutable_selector(new.value(), old.value(), &spec, errors);
}

/// Checks that `selector` of a spec has not changed.
pub fn validate_immutable_selector(
    new_spec: &Value,
    old_spec: &Value,
    spec: &Path<'_>,
    errors: &mut ErrorList,
) {
    let (new, old) = (new_spec.get(&names::SELECTOR), old_spec.get(&names::SELECTOR));
    crate::rules::immutable(new, old, &spec.child("selector"), label_selector, errors);
}

fn validate_status_update(new: &Value, _: &Value, errors: &mut ErrorList) {
    let at = Path::new("status");
    let status = Deployment::of(new).status();
    for (field, count) in [
        ("observedGeneration", status.observed_generation()),
        ("replicas", status.replicas()),
        ("updatedReplicas", status.updated_replicas()),
        ("readyReplicas", status.ready_replicas()),
        ("availableReplicas", status.available_replicas()),
        ("unavailableReplicas", status.unavailable_replicas()),
    ] {
        validate_nonnegative(count, &at.child(field), errors);
    }
    for (field, count) in [
        ("updatedReplicas", status.updated_replicas()),
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
    let deployment = Deployment::of(object);
    let status = deployment.status();
    let wanted = deployment.spec().replicas().unwrap_or(0);
    let [containers, images] = containers_and_images(deployment.spec().template().spec());
    vec![
        name(object),
        format!("{}/{wanted}", status.ready_replicas()).into(),
        status.updated_replicas().into(),
        status.available_replicas().into(),
        age(object, now),
        containers,
        images,
        selector(deployment.spec().value().get(&names::SELECTOR)),
    ]
}
