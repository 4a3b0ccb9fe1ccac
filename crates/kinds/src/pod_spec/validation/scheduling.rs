//! Tolerations, spreading, and the gates that hold a Pod back.

use crate::rules::{Seen, check};
use crate::{internal, meta};
use api::core::v1::{PodSpec, Toleration, TopologySpreadConstraint};
use api::field::{ErrorList, Path};
use api::{View, Views, validation};

/// The effects of taints, in the order in which errors name them.
pub const TAINT_EFFECTS: [&str; 3] = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

/// Checks readiness gates and scheduling gates.
pub(super) fn validate_gates(spec: PodSpec<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let list = at.child("readinessGates");
    for (i, gate) in spec.readiness_gates().enumerate() {
        let at = list.index(i);
        let at = at.child("conditionType");
        check(validation::qualified_name, gate.condition_type(), &at, errors);
    }
    let list = at.child("schedulingGates");
    let mut seen = Seen::new();
    for (i, gate) in spec.scheduling_gates().enumerate() {
        let at = list.index(i);
        check(validation::qualified_name, gate.name(), &at, errors);
        if !seen.insert(gate.name()) {
            errors.duplicate(&at, gate.name());
        }
    }
}

/// Checks how Pods are to be spread.
pub(super) fn validate_spread(spec: PodSpec<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let constraints = spec.topology_spread_constraints();
    for (i, constraint) in constraints.clone().enumerate() {
        let at = at.index(i);
        let positive = "must be greater than zero";
        if constraint.max_skew() <= 0 {
            errors.invalid(&at.child("maxSkew"), constraint.max_skew(), positive);
        }
        match constraint.topology_key() {
            "" => errors.required(&at.child("topologyKey"), "can not be empty"),
            key => meta::validate_label_name(key, &at.child("topologyKey"), errors),
        }
        let action = constraint.when_unsatisfiable();
        let actions = ["DoNotSchedule", "ScheduleAnyway"];
        crate::rules::one_of(action, &actions, &at.child("whenUnsatisfiable"), errors);
        let pair = |c: TopologySpreadConstraint<'_>| {
            c.topology_key() == constraint.topology_key() && c.when_unsatisfiable() == action
        };
        if constraints.clone().skip(i + 1).any(pair) {
            let shown = format!("{{{}, {action}}}", constraint.topology_key());
            errors.duplicate(&at.child("{topologyKey, whenUnsatisfiable}"), shown);
        }
        validate_min_domains(constraint, &at.child("minDomains"), errors);
        for (field, policy) in [
            ("nodeAffinityPolicy", constraint.node_affinity_policy()),
            ("nodeTaintsPolicy", constraint.node_taints_policy()),
        ] {
            if let Some(policy) = policy {
                crate::rules::one_of(policy, &["Honor", "Ignore"], &at.child(field), errors);
            }
        }
        validate_match_label_keys(constraint, &at.child("matchLabelKeys"), errors);
        if let Some(selector) = constraint.label_selector() {
            meta::validate_selector(selector, &at.child("labelSelector"), errors);
        }
    }
}

fn validate_min_domains(
    constraint: TopologySpreadConstraint<'_>,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    let Some(domains) = constraint.min_domains() else {
        return;
    };
    if domains <= 0 {
        errors.invalid(at, domains, "must be greater than zero");
    }
    let action = constraint.when_unsatisfiable();
    if action != "DoNotSchedule" {
        let detail =
            format!("can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {action}");
        errors.invalid(at, domains, detail);
    }
}

fn validate_match_label_keys(
    constraint: TopologySpreadConstraint<'_>,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    if constraint.match_label_keys().is_empty() {
        return;
    }
    let Some(selector) = constraint.label_selector() else {
        return errors.forbidden(at, "must not be specified when labelSelector is not set");
    };
    for (i, key) in constraint.match_label_keys().enumerate() {
        let at = at.index(i);
        meta::validate_label_name(key, &at, errors);
        let is_selected = selector.match_labels().get(key).is_some()
            || selector.match_expressions().any(|expression| expression.key() == key);
        if is_selected {
            errors.invalid(&at, key, "exists in both matchLabelKeys and labelSelector");
        }
    }
}

/// Checks the tolerations of a spec.
pub(super) fn validate_tolerations_of(spec: PodSpec<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    validate_tolerations(spec.tolerations(), at, errors);
}

/// Checks tolerations.
pub fn validate_tolerations<'a>(
    tolerations: Views<'a, Toleration<'a>>,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    for (i, toleration) in tolerations.enumerate() {
        validate_toleration(toleration, &at.index(i), errors);
    }
}

fn validate_toleration(toleration: Toleration<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let operator_at = at.child("operator");
    let effect_at = at.child("effect");
    let operator = toleration.operator();
    if !toleration.key().is_empty() {
        meta::validate_label_name(toleration.key(), &at.child("key"), errors);
    } else if operator != "Exists" {
        let detail = "operator must be Exists when `key` is empty, which means \"match all \
            values and all keys\"";
        errors.invalid(&operator_at, operator, detail);
    }
    if toleration.toleration_seconds().is_some() && toleration.effect() != "NoExecute" {
        let detail = "effect must be 'NoExecute' when `tolerationSeconds` is set";
        errors.invalid(&effect_at, toleration.effect(), detail);
    }
    match operator {
        "" | "Equal" => {
            let problems = validation::label_value(toleration.value());
            if !problems.is_empty() {
                errors.invalid(&operator_at, toleration.value(), problems.join(";"));
            }
        }
        "Exists" => {
            if !toleration.value().is_empty() {
                let detail = "value must be empty when `operator` is 'Exists'";
                let shown = internal::print(Toleration::TYPE, View::value(toleration));
                errors.invalid(&operator_at, shown, detail);
            }
        }
        other => errors.not_supported(&operator_at, other, &["Equal", "Exists"]),
    }
    if !toleration.effect().is_empty() {
        crate::rules::one_of(toleration.effect(), &TAINT_EFFECTS, &effect_at, errors);
    }
}
