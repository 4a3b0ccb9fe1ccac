//! HorizontalPodAutoscaler in its first version, which knows one metric: the share of the CPU.
//!
//! Everything else of the stored version 2 travels in annotations, see [`super::annotations`].

use super::{annotations, from_annotations, horizontal_pod_autoscaler as stored, hpa_validation};
use crate::table::Row;
use crate::{Conversion, Kind};
use api::autoscaling::v1 as first;
use api::autoscaling::v2::HorizontalPodAutoscaler;
use api::field::ErrorList;
use api::schema::types;
use api::{List, Value, View, names};
use sim::Time;

/// `autoscaling/v1` HorizontalPodAutoscaler
pub static KIND: Kind = Kind {
    version: "v1",
    ty: types::AUTOSCALING_V1_HORIZONTAL_POD_AUTOSCALER,
    group: "autoscaling",
    kind: "HorizontalPodAutoscaler",
    plural: "horizontalpodautoscalers",
    singular: "horizontalpodautoscaler",
    short_names: &["hpa"],
    categories: &["all"],
    storage_version_hash: "qwQve8ut294=",
    has_status: true,
    set_defaults,
    validate,
    validate_status_update,
    columns: stored::COLUMNS,
    row,
    conversion: Some(&Conversion { stored: &stored::KIND, from_stored, to_stored }),
    ..Kind::NAMESPACED
};

fn set_defaults(object: &mut Value) {
    object.update(&names::SPEC, |spec| spec.set_default(&names::MIN_REPLICAS, 1));
}

fn from_stored(object: &Value) -> Value {
    let autoscaler = HorizontalPodAutoscaler::of(object);
    let mut converted = object.clone();
    converted.update(&names::METADATA, |metadata| {
        drop_annotations(metadata);
        for (name, text) in annotations::of(autoscaler) {
            metadata.entry(&names::ANNOTATIONS).make_map().insert(name, text);
        }
    });
    let target = autoscaler
        .spec()
        .metrics()
        .find(|metric| annotations::is_cpu_share(*metric))
        .and_then(|metric| metric.resource()?.target().average_utilization());
    converted.update(&names::SPEC, |spec| {
        let spec = spec.make_map();
        spec.remove(&names::METRICS);
        spec.remove(&names::BEHAVIOR);
        if let Some(percent) = target {
            spec.insert(&names::TARGET_CPU_UTILIZATION_PERCENTAGE, percent);
        }
    });
    converted.update(&names::STATUS, |status| {
        let status = status.make_map();
        status.remove(&names::CURRENT_METRICS);
        status.remove(&names::CONDITIONS);
        if let Some(percent) = from_annotations::cpu_share(autoscaler) {
            status.insert(&names::CURRENT_CPU_UTILIZATION_PERCENTAGE, percent);
        }
    });
    api::canonical(types::AUTOSCALING_V1_HORIZONTAL_POD_AUTOSCALER, &converted)
}

/// The annotations that hold fields of version 2 are about to become wrong.
fn drop_annotations(metadata: &mut Value) {
    if metadata.get(&names::ANNOTATIONS).as_map().is_none() {
        return;
    }
    let annotations = metadata.entry(&names::ANNOTATIONS).make_map();
    for name in annotations::ALL {
        annotations.remove_str(name);
    }
    if annotations.is_empty() {
        metadata.make_map().remove(&names::ANNOTATIONS);
    }
}

fn to_stored(object: &Value) -> Value {
    let first = first::HorizontalPodAutoscaler::of(object);
    let texts = first.metadata().annotations();
    let mut metrics =
        texts.get(annotations::METRICS).and_then(from_annotations::metrics).unwrap_or_default();
    match first.spec().target_cpu_utilization_percentage() {
        Some(percent) => metrics.push(stored::cpu_metric(percent)),
        None if metrics.is_empty() => metrics.push(stored::default_metric()),
        None => {}
    }
    let mut converted = object.clone();
    converted.update(&names::METADATA, drop_annotations);
    converted.update(&names::SPEC, |spec| {
        let spec = spec.make_map();
        spec.remove(&names::TARGET_CPU_UTILIZATION_PERCENTAGE);
        spec.insert(&names::METRICS, Value::List(List::from(metrics)));
        let behavior = texts.get(annotations::BEHAVIOR).and_then(from_annotations::behavior);
        if let Some(behavior) = behavior {
            spec.insert(&names::BEHAVIOR, behavior);
        }
    });
    converted.update(&names::STATUS, |status| set_stored_status(status, first));
    api::canonical(types::AUTOSCALING_V2_HORIZONTAL_POD_AUTOSCALER, &converted)
}

fn set_stored_status(status: &mut Value, first: first::HorizontalPodAutoscaler<'_>) {
    let texts = first.metadata().annotations();
    let status = status.make_map();
    status.remove(&names::CURRENT_CPU_UTILIZATION_PERCENTAGE);
    let current =
        texts.get(annotations::CURRENT_METRICS).and_then(from_annotations::current_metrics);
    if let Some(current) = current {
        status.insert(&names::CURRENT_METRICS, Value::List(List::from(current)));
    } else if let Some(percent) = first.status().current_cpu_utilization_percentage() {
        status.insert(&names::CURRENT_METRICS, from_annotations::cpu_status(percent));
    }
    let conditions = texts.get(annotations::CONDITIONS).and_then(from_annotations::conditions);
    if let Some(conditions) = conditions {
        status.insert(&names::CONDITIONS, Value::List(List::from(conditions)));
    }
}

fn validate(object: &Value, errors: &mut ErrorList) {
    hpa_validation::validate(&to_stored(object), errors);
}

fn validate_status_update(new: &Value, old: &Value, errors: &mut ErrorList) {
    hpa_validation::validate_status_update(new, old, errors);
}

fn row(object: &Value, now: Time) -> Row {
    stored::row(&to_stored(object), now)
}
