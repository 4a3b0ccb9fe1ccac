//! Which failures of a Job's Pods count, and which end the Job at once.

use crate::internal;
use crate::rules::{Seen, check, one_of_required};
use api::batch::v1::{
    JobSpec, PodFailurePolicy, PodFailurePolicyOnExitCodesRequirement, PodFailurePolicyRule,
};
use api::field::{BadValue, ErrorList, Path};
use api::{Value, View, names, validation};

const RULES_MAX: usize = 20;
const EXIT_CODES_MAX: usize = 255;
const CONDITIONS_MAX: usize = 20;

/// A condition counts where it is true.
pub(super) fn set_defaults(policy: &mut Value) {
    policy.update(&names::RULES, |rules| {
        rules.update_items(|rule| {
            rule.update(&names::ON_POD_CONDITIONS, |patterns| {
                patterns.update_items(|pattern| {
                    if pattern.get(&names::STATUS).as_str().is_none_or(str::is_empty) {
                        pattern.make_map().insert(&names::STATUS, "True");
                    }
                });
            });
        });
    });
}

/// Checks the policy of a Job.
pub(super) fn validate(
    policy: PodFailurePolicy<'_>,
    spec: JobSpec<'_>,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    let list = at.child("rules");
    let count = policy.rules().len();
    if count > RULES_MAX {
        errors.too_many(&list, count, RULES_MAX);
    }
    for (i, rule) in policy.rules().enumerate() {
        validate_rule(rule, spec, &list.index(i), errors);
    }
}

fn validate_rule(
    rule: PodFailurePolicyRule<'_>,
    spec: JobSpec<'_>,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    let action_at = at.child("action");
    match rule.action() {
        "FailIndex" if spec.backoff_limit_per_index().is_none() => {
            let detail = "requires the backoffLimitPerIndex to be set";
            errors.invalid(&action_at, "FailIndex", detail);
        }
        action => {
            let actions = ["Count", "FailIndex", "FailJob", "Ignore"];
            one_of_required(action, &actions, &action_at, errors);
        }
    }
    let codes = rule.on_exit_codes();
    if let Some(codes) = codes {
        validate_exit_codes(codes, spec, &at.child("onExitCodes"), errors);
    }
    let conditions_at = at.child("onPodConditions");
    let count = rule.on_pod_conditions().len();
    if count > CONDITIONS_MAX {
        errors.too_many(&conditions_at, count, CONDITIONS_MAX);
    }
    for (i, pattern) in rule.on_pod_conditions().enumerate() {
        let at = conditions_at.index(i);
        check(validation::qualified_name, pattern.type_(), &at.child("type"), errors);
        let statuses = ["False", "True", "Unknown"];
        one_of_required(pattern.status(), &statuses, &at.child("status"), errors);
    }
    match (codes.is_some(), count > 0) {
        (true, true) => {
            let shown = internal::print(PodFailurePolicyRule::TYPE, rule.value());
            let detail = "specifying both OnExitCodes and OnPodConditions is not supported";
            errors.invalid(at, shown, detail);
        }
        (false, false) => {
            let shown = internal::print(PodFailurePolicyRule::TYPE, rule.value());
            let detail = "specifying one of OnExitCodes and OnPodConditions is required";
            errors.invalid(at, shown, detail);
        }
        _ => {}
    }
}

fn validate_exit_codes(
    codes: PodFailurePolicyOnExitCodesRequirement<'_>,
    spec: JobSpec<'_>,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    one_of_required(codes.operator(), &["In", "NotIn"], &at.child("operator"), errors);
    if let Some(name) = codes.container_name() {
        let pod = spec.template().spec();
        let mut containers = pod.containers().chain(pod.init_containers());
        if !containers.any(|container| container.name() == name) {
            let detail = "must be one of the container or initContainer names in the pod template";
            errors.invalid(&at.child("containerName"), name, detail);
        }
    }
    let values_at = at.child("values");
    let values = codes.values();
    if values.is_empty() {
        errors.invalid(&values_at, shown(values), "at least one value is required");
    } else if values.len() > EXIT_CODES_MAX {
        errors.too_many(&values_at, values.len(), EXIT_CODES_MAX);
    }
    let mut is_ordered = true;
    let mut seen = Seen::new();
    let mut last = i64::MIN;
    for (i, value) in values.iter().enumerate() {
        let code = value.as_i64().unwrap_or(0);
        if codes.operator() == "In" && code == 0 {
            let detail = "must not be 0 for the In operator";
            errors.invalid(&values_at.index(i), code, detail);
        }
        if !seen.insert(code) {
            errors.duplicate(&values_at.index(i), BadValue::from(code));
        }
        is_ordered &= last <= code;
        last = code;
    }
    if !is_ordered {
        errors.invalid(&values_at, shown(values), "must be ordered");
    }
}

fn shown(values: &[Value]) -> BadValue {
    let texts: Vec<String> = values.iter().map(api::go::plain).collect();
    BadValue::Plain(format!("[]int32{{{}}}", texts.join(", ")))
}
