//! The way back from the annotations of `autoscaling/v1` to the fields of version 2.
//!
//! What cannot be read is as good as absent, as for a real server.

use api::autoscaling::v2::HorizontalPodAutoscaler;
use api::schema::{TypeId, types};
use api::{Key, List, Value, json, list, names, object};

/// The metrics in an annotation.
pub(super) fn metrics(text: &str) -> Option<Vec<Value>> {
    items(text, types::AUTOSCALING_V2_METRIC_SPEC, metric_spec)
}

/// The current values of metrics in an annotation.
pub(super) fn current_metrics(text: &str) -> Option<Vec<Value>> {
    items(text, types::AUTOSCALING_V2_METRIC_STATUS, metric_status)
}

/// The conditions in an annotation.
pub(super) fn conditions(text: &str) -> Option<Vec<Value>> {
    items(text, types::AUTOSCALING_V2_HORIZONTAL_POD_AUTOSCALER_CONDITION, Value::clone)
}

fn items(text: &str, ty: TypeId, convert: fn(&Value) -> Value) -> Option<Vec<Value>> {
    let parsed = json::parse(text.as_bytes()).ok()?;
    match &parsed {
        Value::List(items) => items.iter().map(|item| checked(ty, &convert(item))).collect(),
        _ => None,
    }
}

/// What anybody could have written into an annotation need not fit the type.
fn checked(ty: TypeId, value: &Value) -> Option<Value> {
    Some(api::decode(ty, value).ok()?.value)
}

/// The behaviour in an annotation.
pub(super) fn behavior(text: &str) -> Option<Value> {
    let parsed = json::parse(text.as_bytes()).ok()?;
    parsed.as_map()?;
    let mut behavior = object! {};
    for (from, to) in [("ScaleUp", &names::SCALE_UP), ("ScaleDown", &names::SCALE_DOWN)] {
        let rules = parsed.get(&Key::from(from));
        if rules.as_map().is_some() {
            behavior.make_map().insert(to, scaling_rules(rules));
        }
    }
    checked(types::AUTOSCALING_V2_HORIZONTAL_POD_AUTOSCALER_BEHAVIOR, &behavior)
}

fn scaling_rules(rules: &Value) -> Value {
    let mut converted = object! {};
    let mut take = |from: &'static str, to: &Key| {
        let value = rules.get(&Key::from(from));
        if !value.is_null() {
            converted.make_map().insert(to, value.clone());
        }
    };
    take("StabilizationWindowSeconds", &names::STABILIZATION_WINDOW_SECONDS);
    take("SelectPolicy", &names::SELECT_POLICY);
    let policies: Vec<Value> =
        rules.get(&Key::from("Policies")).items().iter().map(policy).collect();
    if !policies.is_empty() {
        converted.make_map().insert(&names::POLICIES, Value::List(List::from(policies)));
    }
    converted
}

fn policy(policy: &Value) -> Value {
    object! {
        "type": policy.get(&Key::from("Type")).clone(),
        "value": policy.get(&Key::from("Value")).clone(),
        "periodSeconds": policy.get(&Key::from("PeriodSeconds")).clone(),
    }
}

/// The parts of a metric in the early form of the API.
struct Early<'a>(&'a Value);

impl Early<'_> {
    fn get(&self, name: &'static str) -> Value {
        self.0.get(&Key::from(name)).clone()
    }

    fn has(&self, name: &'static str) -> bool {
        !self.0.get(&Key::from(name)).is_null()
    }

    fn metric(&self, selector: &'static str) -> Value {
        with("name", self.get("metricName"), [("selector", self.get(selector))])
    }
}

/// A map with one member, and those of the others that are something.
fn with<const N: usize>(
    name: &'static str,
    value: Value,
    others: [(&'static str, Value); N],
) -> Value {
    let mut map = object! {};
    map.make_map().insert(name, value);
    for (name, value) in others {
        if !value.is_null() {
            map.make_map().insert(name, value);
        }
    }
    map
}

fn metric_spec(metric: &Value) -> Value {
    convert(metric, |field, source| {
        let target = |ty: &'static str, value: &'static str, average: &'static str| {
            let amounts = [("value", source.get(value)), ("averageValue", source.get(average))];
            with("type", Value::from(ty), amounts)
        };
        let share = || {
            let percent = source.get("targetAverageUtilization");
            let ty = if percent.is_null() { "AverageValue" } else { "Utilization" };
            let amounts = [
                ("averageUtilization", percent),
                ("averageValue", source.get("targetAverageValue")),
            ];
            with("type", Value::from(ty), amounts)
        };
        match field {
            "object" => {
                let ty = if source.has("averageValue") { "AverageValue" } else { "Value" };
                object! {
                    "describedObject": source.get("target"),
                    "metric": source.metric("selector"),
                    "target": target(ty, "targetValue", "averageValue"),
                }
            }
            "pods" => object! {
                "metric": source.metric("selector"),
                "target": target("AverageValue", "", "targetAverageValue"),
            },
            "external" => {
                let ty = if source.has("targetValue") { "Value" } else { "AverageValue" };
                object! {
                    "metric": source.metric("metricSelector"),
                    "target": target(ty, "targetValue", "targetAverageValue"),
                }
            }
            "resource" => object! { "name": source.get("name"), "target": share() },
            _ => object! {
                "name": source.get("name"),
                "container": source.get("container"),
                "target": share(),
            },
        }
    })
}

fn metric_status(metric: &Value) -> Value {
    convert(metric, |field, source| {
        let current = |value: &'static str, average: &'static str| {
            let mut current = object! {};
            for (name, from) in [("value", value), ("averageValue", average)] {
                if source.has(from) {
                    current.make_map().insert(name, source.get(from));
                }
            }
            current
        };
        let share = || {
            let mut share = current("", "currentAverageValue");
            if source.has("currentAverageUtilization") {
                let percent = source.get("currentAverageUtilization");
                share.make_map().insert(&names::AVERAGE_UTILIZATION, percent);
            }
            share
        };
        match field {
            "object" => object! {
                "describedObject": source.get("target"),
                "metric": source.metric("selector"),
                "current": current("currentValue", "averageValue"),
            },
            "pods" => object! {
                "metric": source.metric("selector"),
                "current": current("", "currentAverageValue"),
            },
            "external" => object! {
                "metric": source.metric("metricSelector"),
                "current": current("currentValue", "currentAverageValue"),
            },
            "resource" => object! { "name": source.get("name"), "current": share() },
            _ => object! {
                "name": source.get("name"),
                "container": source.get("container"),
                "current": share(),
            },
        }
    })
}

/// A metric whose sources are converted one by one.
fn convert(metric: &Value, source: impl Fn(&str, Early<'_>) -> Value) -> Value {
    let mut converted = object! {};
    converted.make_map().insert(&names::TYPE, metric.get(&names::TYPE).clone());
    for field in ["object", "pods", "resource", "containerResource", "external"] {
        let early = metric.get(&Key::from(field));
        if early.as_map().is_some() {
            converted.make_map().insert(field, source(field, Early(early)));
        }
    }
    converted
}

/// The current value of the CPU metric that version 1 has a field for.
pub(super) fn cpu_status(percent: i64) -> Value {
    list![object! {
        "type": "Resource",
        "resource": object! {
            "name": "cpu",
            "current": object! { "averageUtilization": percent },
        },
    }]
}

/// The share of the CPU that is used, as far as it is known.
pub(super) fn cpu_share(autoscaler: HorizontalPodAutoscaler<'_>) -> Option<i64> {
    autoscaler.status().current_metrics().find_map(|metric| {
        let resource = metric.resource().filter(|_| metric.type_() == "Resource")?;
        (resource.name() == "cpu").then(|| resource.current().average_utilization())?
    })
}
