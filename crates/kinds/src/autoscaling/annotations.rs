//! What `autoscaling/v1` has no fields for: it keeps it, as JSON, in annotations.
//!
//! The texts are those of a real server to the byte, so the order of the members is that of the
//! Go structs. Metrics are written in the form that an early version of the API had, while the
//! behaviour is written with the names of Go fields.

use api::autoscaling::v2::{
    HPAScalingRules, HorizontalPodAutoscaler, HorizontalPodAutoscalerBehavior,
    HorizontalPodAutoscalerCondition, MetricIdentifier, MetricSpec, MetricStatus,
};
use api::meta::v1::LabelSelector;
use api::{Quantity, Value, View, json};
use std::fmt::Write as _;

/// Annotation: the metrics except the share of the CPU.
pub const METRICS: &str = "autoscaling.alpha.kubernetes.io/metrics";
/// Annotation: the last seen values of all metrics.
pub const CURRENT_METRICS: &str = "autoscaling.alpha.kubernetes.io/current-metrics";
/// Annotation: the conditions.
pub const CONDITIONS: &str = "autoscaling.alpha.kubernetes.io/conditions";
/// Annotation: how fast the number of Pods may change.
pub const BEHAVIOR: &str = "autoscaling.alpha.kubernetes.io/behavior";
/// All of them.
pub const ALL: [&str; 4] = [METRICS, CURRENT_METRICS, CONDITIONS, BEHAVIOR];

/// The annotations that hold what version 1 lacks, for an object in the stored version.
pub(super) fn of(autoscaler: HorizontalPodAutoscaler<'_>) -> Vec<(&'static str, String)> {
    let (spec, status) = (autoscaler.spec(), autoscaler.status());
    let mut annotations = Vec::new();
    let others: Vec<_> = spec.metrics().filter(|m| !is_cpu_share(*m)).map(metric_spec).collect();
    if !others.is_empty() {
        annotations.push((METRICS, array(others)));
    }
    if let Some(behavior) = spec.behavior() {
        annotations.push((BEHAVIOR, behavior_json(behavior)));
    }
    if !status.current_metrics().is_empty() {
        annotations.push((CURRENT_METRICS, array(status.current_metrics().map(metric_status))));
    }
    if !status.conditions().is_empty() {
        annotations.push((CONDITIONS, array(status.conditions().map(condition))));
    }
    annotations
}

/// Whether version 1 has a field for a metric.
pub(super) fn is_cpu_share(metric: MetricSpec<'_>) -> bool {
    metric.type_() == "Resource"
        && metric.resource().is_some_and(|resource| {
            resource.name() == "cpu" && resource.target().average_utilization().is_some()
        })
}

/// A JSON object that is written member by member, in the order of the calls.
struct Members(String);

impl Members {
    fn new() -> Members {
        Members("{".to_owned())
    }

    /// A member that is JSON already.
    fn raw(mut self, name: &str, json: impl std::fmt::Display) -> Members {
        let comma = if self.0.len() > 1 { "," } else { "" };
        // Writing to a String cannot fail.
        let _ = write!(self.0, "{comma}\"{name}\":{json}");
        self
    }

    fn raw_if(self, name: &str, json: Option<impl std::fmt::Display>) -> Members {
        match json {
            Some(json) => self.raw(name, json),
            None => self,
        }
    }

    fn text(self, name: &str, text: &str) -> Members {
        self.raw(name, string(text))
    }

    fn text_if(self, name: &str, text: &str) -> Members {
        if text.is_empty() { self } else { self.text(name, text) }
    }

    /// An amount; one that is missing counts as 0.
    fn amount(self, name: &str, amount: Option<Quantity>) -> Members {
        self.text(name, &amount.unwrap_or(Quantity::ZERO).to_string())
    }

    fn amount_if(self, name: &str, amount: Option<Quantity>) -> Members {
        match amount {
            Some(amount) => self.text(name, &amount.to_string()),
            None => self,
        }
    }

    fn end(mut self) -> String {
        self.0.push('}');
        self.0
    }
}

fn string(text: &str) -> String {
    json::to_string(&Value::from(text.to_owned()))
}

fn array(items: impl IntoIterator<Item = String>) -> String {
    let items: Vec<String> = items.into_iter().collect();
    format!("[{}]", items.join(","))
}

fn selector(metric: MetricIdentifier<'_>) -> Option<String> {
    let selector: LabelSelector<'_> = metric.selector()?;
    let labels = selector.match_labels();
    let labels = (!labels.is_empty()).then(|| json::to_string(&Value::Map(labels.0.clone())));
    let expressions = selector.match_expressions();
    let expressions =
        (!expressions.is_empty()).then(|| array(expressions.values().iter().map(json::to_string)));
    let members = Members::new().raw_if("matchLabels", labels);
    Some(members.raw_if("matchExpressions", expressions).end())
}

fn reference(target: api::autoscaling::v2::CrossVersionObjectReference<'_>) -> String {
    let members = Members::new().text("kind", target.kind()).text("name", target.name());
    members.text_if("apiVersion", target.api_version()).end()
}

fn metric_spec(metric: MetricSpec<'_>) -> String {
    let mut members = Members::new().text("type", metric.type_());
    if let Some(object) = metric.object() {
        let source = Members::new()
            .raw("target", reference(object.described_object()))
            .text("metricName", object.metric().name())
            .amount("targetValue", object.target().value())
            .raw_if("selector", selector(object.metric()))
            .amount_if("averageValue", object.target().average_value());
        members = members.raw("object", source.end());
    }
    if let Some(pods) = metric.pods() {
        let source = Members::new()
            .text("metricName", pods.metric().name())
            .amount("targetAverageValue", pods.target().average_value())
            .raw_if("selector", selector(pods.metric()));
        members = members.raw("pods", source.end());
    }
    if let Some(resource) = metric.resource() {
        let source = Members::new()
            .text("name", resource.name())
            .raw_if("targetAverageUtilization", resource.target().average_utilization())
            .amount_if("targetAverageValue", resource.target().average_value());
        members = members.raw("resource", source.end());
    }
    if let Some(resource) = metric.container_resource() {
        let source = Members::new()
            .text("name", resource.name())
            .raw_if("targetAverageUtilization", resource.target().average_utilization())
            .amount_if("targetAverageValue", resource.target().average_value())
            .text("container", resource.container());
        members = members.raw("containerResource", source.end());
    }
    if let Some(external) = metric.external() {
        let source = Members::new()
            .text("metricName", external.metric().name())
            .raw_if("metricSelector", selector(external.metric()))
            .amount_if("targetValue", external.target().value())
            .amount_if("targetAverageValue", external.target().average_value());
        members = members.raw("external", source.end());
    }
    members.end()
}

fn metric_status(metric: MetricStatus<'_>) -> String {
    let mut members = Members::new().text("type", metric.type_());
    if let Some(object) = metric.object() {
        let source = Members::new()
            .raw("target", reference(object.described_object()))
            .text("metricName", object.metric().name())
            .amount("currentValue", object.current().value())
            .raw_if("selector", selector(object.metric()))
            .amount_if("averageValue", object.current().average_value());
        members = members.raw("object", source.end());
    }
    if let Some(pods) = metric.pods() {
        let source = Members::new()
            .text("metricName", pods.metric().name())
            .amount("currentAverageValue", pods.current().average_value())
            .raw_if("selector", selector(pods.metric()));
        members = members.raw("pods", source.end());
    }
    if let Some(resource) = metric.resource() {
        let source = Members::new()
            .text("name", resource.name())
            .raw_if("currentAverageUtilization", resource.current().average_utilization())
            .amount("currentAverageValue", resource.current().average_value());
        members = members.raw("resource", source.end());
    }
    if let Some(resource) = metric.container_resource() {
        let source = Members::new()
            .text("name", resource.name())
            .raw_if("currentAverageUtilization", resource.current().average_utilization())
            .amount("currentAverageValue", resource.current().average_value())
            .text("container", resource.container());
        members = members.raw("containerResource", source.end());
    }
    if let Some(external) = metric.external() {
        let source = Members::new()
            .text("metricName", external.metric().name())
            .raw_if("metricSelector", selector(external.metric()))
            .amount("currentValue", external.current().value())
            .amount_if("currentAverageValue", external.current().average_value());
        members = members.raw("external", source.end());
    }
    members.end()
}

fn condition(condition: HorizontalPodAutoscalerCondition<'_>) -> String {
    let value = View::value(condition);
    let time = json::to_string(value.get(&api::names::LAST_TRANSITION_TIME));
    Members::new()
        .text("type", condition.type_())
        .text("status", condition.status())
        .raw("lastTransitionTime", time)
        .text_if("reason", condition.reason())
        .text_if("message", condition.message())
        .end()
}

fn behavior_json(behavior: HorizontalPodAutoscalerBehavior<'_>) -> String {
    let rules =
        |rules: Option<HPAScalingRules<'_>>| rules.map_or_else(|| "null".to_owned(), rules_json);
    Members::new()
        .raw("ScaleUp", rules(behavior.scale_up()))
        .raw("ScaleDown", rules(behavior.scale_down()))
        .end()
}

fn rules_json(rules: HPAScalingRules<'_>) -> String {
    let window = rules
        .stabilization_window_seconds()
        .map_or_else(|| "null".to_owned(), |window| window.to_string());
    let select = rules.select_policy().map_or_else(|| "null".to_owned(), string);
    let policies = rules.policies().map(|policy| {
        Members::new()
            .text("Type", policy.type_())
            .raw("Value", policy.value())
            .raw("PeriodSeconds", policy.period_seconds())
            .end()
    });
    let policies = match rules.policies().is_empty() {
        true => "null".to_owned(),
        false => array(policies),
    };
    Members::new()
        .raw("StabilizationWindowSeconds", window)
        .raw("SelectPolicy", select)
        .raw("Policies", policies)
        .end()
}
