//! HorizontalPodAutoscaler: as many Pods as the load needs.
//!
//! Version 2, in which the objects are stored. Its rules are in [`super::hpa_validation`].

use crate::Kind;
use crate::autoscaling::hpa_validation;
use crate::table::{AGE, Column, NAME, NONE, Row, UNKNOWN, age, name};
use api::autoscaling::v2::{HorizontalPodAutoscaler, MetricSpec, MetricStatus, MetricTarget};
use api::schema::types;
use api::{Quantity, Value, View, list, names, object};
use sim::Time;

/// `autoscaling/v2` HorizontalPodAutoscaler
pub static KIND: Kind = Kind {
    group: "autoscaling",
    version: "v2",
    kind: "HorizontalPodAutoscaler",
    plural: "horizontalpodautoscalers",
    singular: "horizontalpodautoscaler",
    short_names: &["hpa"],
    categories: &["all"],
    ty: types::AUTOSCALING_V2_HORIZONTAL_POD_AUTOSCALER,
    storage_version_hash: "qwQve8ut294=",
    has_status: true,
    set_defaults,
    validate: hpa_validation::validate,
    validate_status_update: hpa_validation::validate_status_update,
    columns: COLUMNS,
    row,
    ..Kind::NAMESPACED
};

/// The columns of both versions.
pub(super) const COLUMNS: &[Column] = &[
    NAME,
    Column::text("Reference"),
    Column::text("Targets"),
    Column::text("MinPods"),
    Column::integer("MaxPods"),
    Column::integer("Replicas"),
    AGE,
];

/// The share of the requested CPU that is aimed at where no metric is named.
const CPU_PERCENT: i64 = 80;

fn set_defaults(object: &mut Value) {
    object.update(&names::SPEC, |spec| {
        spec.set_default(&names::MIN_REPLICAS, 1);
        if spec.get(&names::METRICS).items().is_empty() {
            spec.make_map().insert(&names::METRICS, list![cpu_metric(CPU_PERCENT)]);
        }
        spec.update(&names::BEHAVIOR, set_behavior_defaults);
    });
}

/// The wish that a share of the requested CPU be used.
pub(super) fn cpu_metric(percent: i64) -> Value {
    object! {
        "type": "Resource",
        "resource": object! {
            "name": "cpu",
            "target": object! { "type": "Utilization", "averageUtilization": percent },
        },
    }
}

/// The CPU metric that `autoscaling/v1` uses if nothing else is asked for.
pub(super) fn default_metric() -> Value {
    cpu_metric(CPU_PERCENT)
}

/// Who says anything about the behaviour gets the rest filled in.
fn set_behavior_defaults(behavior: &mut Value) {
    if behavior.is_null() {
        return;
    }
    let policy =
        |ty: &'static str, value: i64| object! { "type": ty, "value": value, "periodSeconds": 15 };
    behavior.update(&names::SCALE_UP, |rules| {
        rules.set_default(&names::STABILIZATION_WINDOW_SECONDS, 0);
        rules.set_default(&names::SELECT_POLICY, "Max");
        rules.set_default(&names::POLICIES, list![policy("Pods", 4), policy("Percent", 100)]);
    });
    behavior.update(&names::SCALE_DOWN, |rules| {
        rules.set_default(&names::SELECT_POLICY, "Max");
        rules.set_default(&names::POLICIES, list![policy("Percent", 100)]);
    });
}

/// The cells of a stored object.
pub(super) fn row(object: &Value, now: Time) -> Row {
    let autoscaler = HorizontalPodAutoscaler::of(object);
    let spec = autoscaler.spec();
    let target = spec.scale_target_ref();
    let least = spec.min_replicas().map_or("<unset>".to_owned(), |count| count.to_string());
    vec![
        name(object),
        format!("{}/{}", target.kind(), target.name()).into(),
        targets(autoscaler).into(),
        least.into(),
        spec.max_replicas().into(),
        autoscaler.status().current_replicas().into(),
        age(object, now),
    ]
}

/// How many metrics a cell shows before it counts the rest.
const SHOWN_MAX: usize = 2;

fn targets(autoscaler: HorizontalPodAutoscaler<'_>) -> String {
    let specs = autoscaler.spec().metrics();
    let statuses = autoscaler.status().current_metrics();
    let texts: Vec<String> =
        specs.enumerate().map(|(i, spec)| metric(spec, statuses.at(i))).collect();
    let shown = texts[..texts.len().min(SHOWN_MAX)].join(", ");
    match texts.len() {
        0 => NONE.to_owned(),
        1..=SHOWN_MAX => shown,
        count => format!("{shown} + {} more...", count - SHOWN_MAX),
    }
}

/// `<unknown>/80%`, `3/5 (avg)`
fn metric(spec: MetricSpec<'_>, status: Option<MetricStatus<'_>>) -> String {
    let amount = |amount: Option<Quantity>| amount.map(|amount| amount.to_string());
    let or_unknown = |text: Option<String>| text.unwrap_or_else(|| UNKNOWN.to_owned());
    let of_target = |target: MetricTarget<'_>| {
        (amount(target.value()), amount(target.average_value()), target.average_utilization())
    };
    let (target, current, is_resource) = match spec.type_() {
        "External" => (
            spec.external().map(|m| m.target()),
            status.and_then(|s| s.external()).map(|m| m.current()),
            false,
        ),
        "Pods" => (
            spec.pods().map(|m| m.target()),
            status.and_then(|s| s.pods()).map(|m| m.current()),
            false,
        ),
        "Object" => (
            spec.object().map(|m| m.target()),
            status.and_then(|s| s.object()).map(|m| m.current()),
            false,
        ),
        "Resource" => (
            spec.resource().map(|m| m.target()),
            status.and_then(|s| s.resource()).map(|m| m.current()),
            true,
        ),
        "ContainerResource" => (
            spec.container_resource().map(|m| m.target()),
            status.and_then(|s| s.container_resource()).map(|m| m.current()),
            true,
        ),
        _ => return "<unknown type>".to_owned(),
    };
    let (value, average, percent) = target.map_or((None, None, None), of_target);
    let current_average = amount(current.and_then(|current| current.average_value()));
    if is_resource {
        if let Some(average) = average {
            return format!("{}/{average}", or_unknown(current_average));
        }
        let shown = |percent: Option<i64>| percent.map(|percent| format!("{percent}%"));
        let current = shown(current.and_then(|current| current.average_utilization()));
        let target = shown(percent).unwrap_or_else(|| "<auto>".to_owned());
        return format!("{}/{target}", or_unknown(current));
    }
    let suffix = if spec.type_() == "Pods" { "" } else { " (avg)" };
    if let Some(average) = average {
        return format!("{}/{average}{suffix}", or_unknown(current_average));
    }
    let current_value = amount(current.and_then(|current| current.value()));
    format!("{}/{}", or_unknown(current_value), value.unwrap_or_default())
}
