//! HorizontalPodAutoscalers, in the version that knows all metrics.

use super::Subject;
use super::text::{Description, date, line, or_unset};
use crate::errors::Result;
use api::autoscaling::v2::{
    HPAScalingRules, HorizontalPodAutoscaler, MetricSpec, MetricStatus, MetricTarget,
    MetricValueStatus,
};
use api::{Quantity, View};
use std::rc::Rc;

const UNKNOWN: &str = "<unknown>";

pub(super) async fn describe(subject: Rc<Subject>) -> Result<Description> {
    let path = subject.path("apis/autoscaling/v2", "horizontalpodautoscalers");
    let object = subject.get(&path, &subject.name).await?;
    let scaler = HorizontalPodAutoscaler::of(&object);
    let (metadata, spec, status) = (scaler.metadata(), scaler.spec(), scaler.status());
    let target = spec.scale_target_ref();
    let mut out = Description::default();
    line!(out, 0, "Name:\t{}", metadata.name());
    line!(out, 0, "Namespace:\t{}", metadata.namespace());
    out.labels("", "Labels", metadata.labels());
    out.annotations("Annotations", metadata.annotations());
    line!(out, 0, "CreationTimestamp:\t{}", date(metadata.creation_timestamp()));
    line!(out, 0, "Reference:\t{}/{}", target.kind(), target.name());
    line!(out, 0, "Metrics:\t( current / target )");
    for (at, metric) in spec.metrics().enumerate() {
        let current = status.current_metrics().at(at);
        line!(out, 1, "{}", metric_line(metric, current));
    }
    line!(out, 0, "Min replicas:\t{}", or_unset(spec.min_replicas()));
    line!(out, 0, "Max replicas:\t{}", spec.max_replicas());
    if let Some(behavior) = spec.behavior() {
        line!(out, 0, "Behavior:");
        describe_rules(&mut out, "Scale Up", behavior.scale_up());
        describe_rules(&mut out, "Scale Down", behavior.scale_down());
    }
    line!(
        out,
        0,
        "{} pods:\t{} current / {} desired",
        target.kind(),
        status.current_replicas(),
        status.desired_replicas()
    );
    if !status.conditions().is_empty() {
        line!(out, 0, "Conditions:\n  Type\tStatus\tReason\tMessage");
        line!(out, 1, "----\t------\t------\t-------");
    }
    for condition in status.conditions() {
        let (ty, status) = (condition.type_(), condition.status());
        line!(out, 1, "{ty}\t{status}\t{}\t{}", condition.reason(), condition.message());
    }
    subject.with_events(out).await
}

fn amount(amount: Option<Quantity>) -> String {
    amount.map_or_else(|| UNKNOWN.to_owned(), |amount| amount.to_string())
}

/// A metric, its present value and its target.
fn metric_line(metric: MetricSpec<'_>, current: Option<MetricStatus<'_>>) -> String {
    let quote = crate::errors::quote;
    if let Some(external) = metric.external() {
        let current = current.and_then(|c| c.external()).map(|c| c.current());
        let name = quote(external.metric().name());
        return format!("{name} {}", target_line(external.target(), current));
    }
    if let Some(pods) = metric.pods() {
        let current = current.and_then(|c| c.pods()).and_then(|c| c.current().average_value());
        let target = amount(pods.target().average_value());
        return format!("{} on pods:\t{} / {target}", quote(pods.metric().name()), amount(current));
    }
    if let Some(object) = metric.object() {
        let current = current.and_then(|c| c.object()).map(|c| c.current());
        let described = object.described_object();
        return format!(
            "{} on {}/{} {}",
            quote(object.metric().name()),
            described.kind(),
            described.name(),
            target_line(object.target(), current)
        );
    }
    if let Some(resource) = metric.resource() {
        let current = current.and_then(|c| c.resource()).map(|c| c.current());
        let what = format!("resource {} on pods", resource.name());
        return format!("{what}{}", resource_line(resource.target(), current));
    }
    if let Some(resource) = metric.container_resource() {
        let current = current.and_then(|c| c.container_resource()).map(|c| c.current());
        let (name, container) = (resource.name(), quote(resource.container()));
        let what = format!("resource {name} of container {container} on pods");
        return format!("{what}{}", resource_line(resource.target(), current));
    }
    format!("<unknown metric type {}>", quote(metric.type_()))
}

fn target_line(target: MetricTarget<'_>, current: Option<MetricValueStatus<'_>>) -> String {
    match target.average_value() {
        Some(wanted) => {
            let current = amount(current.and_then(|current| current.average_value()));
            format!("(target average value):\t{current} / {wanted}")
        }
        None => {
            let current = amount(current.and_then(|current| current.value()));
            format!("(target value):\t{current} / {}", amount(target.value()))
        }
    }
}

fn resource_line(target: MetricTarget<'_>, current: Option<MetricValueStatus<'_>>) -> String {
    if let Some(wanted) = target.average_value() {
        let current = amount(current.and_then(|current| current.average_value()));
        return format!(":\t{current} / {wanted}");
    }
    let text = |current: MetricValueStatus<'_>| {
        let percent = current.average_utilization()?;
        Some(format!("{percent}% ({})", amount(current.average_value())))
    };
    let current = current.and_then(text).unwrap_or_else(|| UNKNOWN.to_owned());
    let wanted = target.average_utilization();
    let wanted = wanted.map_or_else(|| "<auto>".to_owned(), |percent| format!("{percent}%"));
    format!("  (as a percentage of request):\t{current} / {wanted}")
}

fn describe_rules(out: &mut Description, direction: &str, rules: Option<HPAScalingRules<'_>>) {
    let Some(rules) = rules else { return };
    line!(out, 1, "{direction}:");
    if let Some(seconds) = rules.stabilization_window_seconds() {
        line!(out, 2, "Stabilization Window: {seconds} seconds");
    }
    if rules.policies().is_empty() {
        return;
    }
    line!(out, 2, "Select Policy: {}", rules.select_policy().unwrap_or("Max"));
    line!(out, 2, "Policies:");
    for policy in rules.policies() {
        let (ty, value) = (policy.type_(), policy.value());
        line!(out, 3, "- Type: {ty}\tValue: {value}\tPeriod: {} seconds", policy.period_seconds());
    }
}
