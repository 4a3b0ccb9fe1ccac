//! `podFailurePolicy`: what the failure of a Pod means for its Job.

use api::batch::v1::{Job, PodFailurePolicyOnExitCodesRequirement, PodFailurePolicyRule};
use api::core::v1::{ContainerStatus, Pod};
use api::{Value, View};

/// What the policy says about a failed Pod.
pub(super) enum Verdict {
    /// The failure counts against the limit.
    Counts,
    /// It does not.
    Ignored,
    /// The index of the Pod fails, and no other Pod takes its place.
    FailsIndex,
    /// The whole Job fails, for this reason.
    FailsJob(String),
}

/// Judges a failed Pod by the first rule that matches it.
pub(super) fn judge(job: Job<'_>, pod: &Value) -> Verdict {
    let rules = job.spec().pod_failure_policy().map(|policy| policy.rules());
    for (index, rule) in rules.into_iter().flatten().enumerate() {
        let Some(what) = matches(rule, Pod::of(pod)) else {
            continue;
        };
        return match rule.action() {
            "Ignore" => Verdict::Ignored,
            "FailIndex" => Verdict::FailsIndex,
            "FailJob" => {
                let action = rule.action();
                Verdict::FailsJob(format!("{what} matching {action} rule at index {index}"))
            }
            _ => Verdict::Counts,
        };
    }
    Verdict::Counts
}

/// What of the Pod matches the rule, in words.
fn matches(rule: PodFailurePolicyRule<'_>, pod: Pod<'_>) -> Option<String> {
    let (namespace, name) = (pod.metadata().namespace(), pod.metadata().name());
    if let Some(codes) = rule.on_exit_codes() {
        let status = pod.status();
        let mut all = status.container_statuses().chain(status.init_container_statuses());
        let (container, code) = all.find_map(|c| Some((c.name(), failure_of(c, codes)?)))?;
        return Some(format!(
            "Container {container} for pod {namespace}/{name} failed with exit code {code}"
        ));
    }
    let condition = rule.on_pod_conditions().find_map(|pattern| {
        pod.status()
            .conditions()
            .find(|c| c.type_() == pattern.type_() && c.status() == pattern.status())
    })?;
    Some(format!("Pod {namespace}/{name} has condition {}", condition.type_()))
}

/// The exit code of a container that failed in the way that a rule is about.
fn failure_of(
    container: ContainerStatus<'_>,
    rule: PodFailurePolicyOnExitCodesRequirement<'_>,
) -> Option<i64> {
    let code = container.state().terminated()?.exit_code();
    let is_meant = rule.container_name().is_none_or(|name| name == container.name());
    let is_listed = rule.values().iter().any(|value| value.as_i64() == Some(code));
    let matches = if rule.operator() == "NotIn" { !is_listed } else { is_listed };
    (is_meant && code != 0 && matches).then_some(code)
}
