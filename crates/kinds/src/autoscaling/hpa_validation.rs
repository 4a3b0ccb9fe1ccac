//! The rules for HorizontalPodAutoscalers.

use crate::pod_spec::{quantity_literal, validate_container_resource_name};
use crate::rules::{check, nonnegative, positive};
use api::autoscaling::v2::{
    CrossVersionObjectReference, HPAScalingRules, HorizontalPodAutoscaler,
    HorizontalPodAutoscalerBehavior, HorizontalPodAutoscalerSpec, MetricIdentifier, MetricSpec,
    MetricTarget,
};
use api::field::{ErrorList, Path};
use api::{Value, View, Views, validation};

/// The longest time, in seconds, over which the load is looked at.
const WINDOW_SECONDS_MAX: i64 = 3600;
/// The longest time, in seconds, for which a policy can hold.
const PERIOD_SECONDS_MAX: i64 = 1800;

const METRIC_TYPES: &[&str] = &["ContainerResource", "External", "Object", "Pods", "Resource"];

pub(super) fn validate(object: &Value, errors: &mut ErrorList) {
    let spec = HorizontalPodAutoscaler::of(object).spec();
    let at = Path::new("spec");
    validate_counts(spec, &at, errors);
    validate_reference(spec.scale_target_ref(), &at.child("scaleTargetRef"), errors);
    validate_metrics(spec.metrics(), &at.child("metrics"), errors);
    if let Some(behavior) = spec.behavior() {
        validate_behavior(behavior, &at.child("behavior"), errors);
    }
}

pub(super) fn validate_status_update(object: &Value, _: &Value, errors: &mut ErrorList) {
    let status = HorizontalPodAutoscaler::of(object).status();
    let at = Path::new("status");
    nonnegative(status.current_replicas(), &at.child("currentReplicas"), errors);
    nonnegative(status.desired_replicas(), &at.child("desiredReplicas"), errors);
}

fn validate_counts(spec: HorizontalPodAutoscalerSpec<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let least = spec.min_replicas();
    if let Some(least) = least.filter(|least| *least < 1) {
        let detail = "must be greater than or equal to 1";
        errors.invalid(&at.child("minReplicas"), least, detail);
    }
    let most_at = at.child("maxReplicas");
    positive(spec.max_replicas(), &most_at, errors);
    if least.is_some_and(|least| spec.max_replicas() < least) {
        let detail = "must be greater than or equal to `minReplicas`";
        errors.invalid(&most_at, spec.max_replicas(), detail);
    }
}

fn validate_reference(
    reference: CrossVersionObjectReference<'_>,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    for (field, text) in [("kind", reference.kind()), ("name", reference.name())] {
        match text {
            "" => errors.required(&at.child(field), ""),
            text => check(validation::path_segment_name, text, &at.child(field), errors),
        }
    }
}

fn validate_metrics(metrics: Views<'_, MetricSpec<'_>>, at: &Path<'_>, errors: &mut ErrorList) {
    for (i, metric) in metrics.enumerate() {
        validate_metric(metric, &at.index(i), errors);
    }
}

/// The metric's type has to be known, and the source of that type has to be there and no other.
/// Only the first source that is there is looked into.
fn validate_metric(metric: MetricSpec<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let type_at = at.child("type");
    if metric.type_().is_empty() {
        errors.required(&type_at, "must specify a metric source type");
    }
    if !METRIC_TYPES.contains(&metric.type_()) {
        errors.not_supported(&type_at, metric.type_(), METRIC_TYPES);
    }
    validate_first_source(metric, at, errors);
    if !METRIC_TYPES.contains(&metric.type_()) {
        errors.not_supported(&type_at, metric.type_(), METRIC_TYPES);
    }
    let present = [
        ("object", "Object", metric.object().is_some()),
        ("external", "External", metric.external().is_some()),
        ("pods", "Pods", metric.pods().is_some()),
        ("resource", "Resource", metric.resource().is_some()),
        ("containerResource", "ContainerResource", metric.container_resource().is_some()),
    ];
    for (field, ty, is_present) in present {
        if ty == metric.type_() && !is_present {
            let detail = "must populate information for the given metric source";
            errors.required(&at.child(field), detail);
        }
    }
    if present.iter().filter(|(_, _, is_present)| *is_present).count() > 1 {
        for (field, ty, is_present) in present {
            if is_present && ty != metric.type_() {
                errors.forbidden(&at.child(field), "must populate the given metric source only");
            }
        }
    }
}

fn validate_first_source(metric: MetricSpec<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    if let Some(object) = metric.object() {
        let at = at.child("object");
        validate_reference(object.described_object(), &at.child("describedObject"), errors);
        validate_identifier(object.metric(), &at.child("metric"), errors);
        let missing = "must set either a target value or averageValue";
        validate_raw_target(object.target(), missing, &at.child("target"), errors);
    } else if let Some(external) = metric.external() {
        let at = at.child("external");
        validate_identifier(external.metric(), &at.child("metric"), errors);
        let target_at = at.child("target");
        let missing = "must set either a target value for metric or a per-pod target";
        validate_raw_target(external.target(), missing, &target_at, errors);
        if external.target().value().is_some() && external.target().average_value().is_some() {
            let detail = "may not set both a target value for metric and a per-pod target";
            errors.forbidden(&target_at.child("value"), detail);
        }
    } else if let Some(pods) = metric.pods() {
        let at = at.child("pods");
        validate_identifier(pods.metric(), &at.child("metric"), errors);
        let target_at = at.child("target");
        validate_target(pods.target(), &target_at, errors);
        if pods.target().average_value().is_none() {
            let detail = "must specify a positive target averageValue";
            errors.required(&target_at.child("averageValue"), detail);
        }
    } else if let Some(resource) = metric.resource() {
        let at = at.child("resource");
        if resource.name().is_empty() {
            errors.required(&at.child("name"), "must specify a resource name");
        }
        validate_share(resource.target(), &at.child("target"), errors);
    } else if let Some(resource) = metric.container_resource() {
        let at = at.child("containerResource");
        match resource.name() {
            "" => errors.required(&at.child("name"), "must specify a resource name"),
            name => validate_container_resource_name(name, &at.child("name"), errors),
        }
        match resource.container() {
            "" => errors.required(&at.child("container"), "must specify a container"),
            name => check(validation::dns1123_label, name, &at.child("container"), errors),
        }
        validate_share(resource.target(), &at.child("target"), errors);
    }
}

fn validate_identifier(metric: MetricIdentifier<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let name_at = at.child("name");
    match metric.name() {
        "" => errors.required(&name_at, "must specify a metric name"),
        name => check(validation::path_segment_name, name, &name_at, errors),
    }
}

fn validate_target(target: MetricTarget<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let type_at = at.child("type");
    if target.type_().is_empty() {
        errors.required(&type_at, "must specify a metric target type");
    }
    if !matches!(target.type_(), "Utilization" | "Value" | "AverageValue") {
        let detail = "must be either Utilization, Value, or AverageValue";
        errors.invalid(&type_at, target.type_(), detail);
    }
    for (field, amount) in [("value", target.value()), ("averageValue", target.average_value())] {
        if let Some(amount) = amount.filter(|amount| amount.sign() != 1) {
            errors.invalid(&at.child(field), quantity_literal(amount), "must be positive");
        }
    }
    if let Some(percent) = target.average_utilization().filter(|percent| *percent < 1) {
        errors.invalid(&at.child("averageUtilization"), percent, "must be greater than 0");
    }
}

/// A target that is not a share: in all or per Pod.
fn validate_raw_target(
    target: MetricTarget<'_>,
    missing: &str,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    validate_target(target, at, errors);
    if target.value().is_none() && target.average_value().is_none() {
        errors.required(&at.child("averageValue"), missing);
    }
}

/// A target that may be a share of what the containers request.
fn validate_share(target: MetricTarget<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    validate_target(target, at, errors);
    match (target.average_utilization(), target.average_value()) {
        (None, None) => {
            let detail = "must set either a target raw value or a target utilization";
            errors.required(&at.child("averageUtilization"), detail);
        }
        (Some(_), Some(_)) => {
            let detail = "may not set both a target raw value and a target utilization";
            errors.forbidden(&at.child("averageValue"), detail);
        }
        _ => {}
    }
}

fn validate_behavior(
    behavior: HorizontalPodAutoscalerBehavior<'_>,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    if let Some(rules) = behavior.scale_up() {
        validate_scaling(rules, &at.child("scaleUp"), errors);
    }
    if let Some(rules) = behavior.scale_down() {
        validate_scaling(rules, &at.child("scaleDown"), errors);
    }
}

fn validate_scaling(rules: HPAScalingRules<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let window_at = at.child("stabilizationWindowSeconds");
    if let Some(window) = rules.stabilization_window_seconds() {
        if window < 0 {
            errors.invalid(&window_at, window, "must be greater than or equal to zero");
        }
        if window > WINDOW_SECONDS_MAX {
            let detail = format!("must be less than or equal to {WINDOW_SECONDS_MAX}");
            errors.invalid(&window_at, window, detail);
        }
    }
    if let Some(select) = rules.select_policy() {
        let words = &["Disabled", "Max", "Min"];
        if !words.contains(&select) {
            errors.not_supported(&at.child("selectPolicy"), select, words);
        }
    }
    let policies_at = at.child("policies");
    if rules.policies().is_empty() {
        errors.required(&policies_at, "must specify at least one Policy");
    }
    for (i, policy) in rules.policies().enumerate() {
        let at = policies_at.index(i);
        if !matches!(policy.type_(), "Percent" | "Pods") {
            errors.not_supported(&at.child("type"), policy.type_(), &["Percent", "Pods"]);
        }
        if policy.value() <= 0 {
            errors.invalid(&at.child("value"), policy.value(), "must be greater than zero");
        }
        let (period, period_at) = (policy.period_seconds(), at.child("periodSeconds"));
        if period <= 0 {
            errors.invalid(&period_at, period, "must be greater than zero");
        }
        if period > PERIOD_SECONDS_MAX {
            let detail = format!("must be less than or equal to {PERIOD_SECONDS_MAX}");
            errors.invalid(&period_at, period, detail);
        }
    }
}
