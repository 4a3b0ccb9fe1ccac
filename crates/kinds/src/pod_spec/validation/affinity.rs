//! Affinity to nodes and to Pods.

use crate::meta;
use crate::rules::check;
use api::core::v1::{
    NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, PodAffinityTerm, PodSpec,
    WeightedPodAffinityTerm,
};
use api::field::{ErrorList, Path};
use api::{Views, validation};

const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";

/// Checks the affinity of a spec.
pub(super) fn validate(spec: PodSpec<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let Some(affinity) = spec.affinity() else {
        return;
    };
    if let Some(nodes) = affinity.node_affinity() {
        let at = at.child("nodeAffinity");
        if let Some(selector) = nodes.required_during_scheduling_ignored_during_execution() {
            validate_node_selector(selector, &at.child(REQUIRED), errors);
        }
        let list = at.child(PREFERRED);
        let terms = nodes.preferred_during_scheduling_ignored_during_execution();
        for (i, term) in terms.enumerate() {
            let at = list.index(i);
            validate_weight(term.weight(), &at.child("weight"), errors);
            validate_node_term(term.preference(), &at.child("preference"), errors);
        }
    }
    if let Some(pods) = affinity.pod_affinity() {
        validate_pod_terms(
            pods.required_during_scheduling_ignored_during_execution(),
            pods.preferred_during_scheduling_ignored_during_execution(),
            &at.child("podAffinity"),
            errors,
        );
    }
    if let Some(pods) = affinity.pod_anti_affinity() {
        validate_pod_terms(
            pods.required_during_scheduling_ignored_during_execution(),
            pods.preferred_during_scheduling_ignored_during_execution(),
            &at.child("podAntiAffinity"),
            errors,
        );
    }
}

fn validate_weight(weight: i64, at: &Path<'_>, errors: &mut ErrorList) {
    if !(1..=100).contains(&weight) {
        errors.invalid(at, weight, "must be in the range 1-100");
    }
}

/// Checks a selector of nodes.
pub fn validate_node_selector(selector: NodeSelector<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let at = at.child("nodeSelectorTerms");
    if selector.node_selector_terms().is_empty() {
        return errors.required(&at, "must have at least one node selector term");
    }
    for (i, term) in selector.node_selector_terms().enumerate() {
        validate_node_term(term, &at.index(i), errors);
    }
}

fn validate_node_term(term: NodeSelectorTerm<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let list = at.child("matchExpressions");
    for (i, requirement) in term.match_expressions().enumerate() {
        validate_requirement(requirement, &list.index(i), errors);
    }
    let list = at.child("matchFields");
    for (i, requirement) in term.match_fields().enumerate() {
        validate_field_requirement(requirement, &list.index(i), errors);
    }
}

fn validate_requirement(
    requirement: NodeSelectorRequirement<'_>,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    let values = at.child("values");
    let count = requirement.values().len();
    match requirement.operator() {
        "In" | "NotIn" if count == 0 => {
            errors.required(&values, "must be specified when `operator` is 'In' or 'NotIn'");
        }
        "Exists" | "DoesNotExist" if count > 0 => {
            let detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
            errors.forbidden(&values, detail);
        }
        "Gt" | "Lt" if count != 1 => {
            let detail = "must be specified single value when `operator` is 'Lt' or 'Gt'";
            errors.required(&values, detail);
        }
        "In" | "NotIn" | "Exists" | "DoesNotExist" | "Gt" | "Lt" => {}
        other => {
            errors.invalid(&at.child("operator"), other, "not a valid selector operator");
        }
    }
    meta::validate_label_name(requirement.key(), &at.child("key"), errors);
}

fn validate_field_requirement(
    requirement: NodeSelectorRequirement<'_>,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    let values = at.child("values");
    match requirement.operator() {
        "In" | "NotIn" if requirement.values().len() != 1 => {
            let detail = "must be only one value when `operator` is 'In' or 'NotIn' for node \
                field selector";
            errors.required(&values, detail);
        }
        "In" | "NotIn" => {}
        other => {
            errors.invalid(&at.child("operator"), other, "not a valid selector operator");
        }
    }
    match requirement.key() {
        "metadata.name" => {
            for (i, name) in requirement.values().enumerate() {
                check(validation::dns1123_subdomain, name, &values.index(i), errors);
            }
        }
        key => errors.invalid(&at.child("key"), key, "not a valid field selector key"),
    }
}

fn validate_pod_terms(
    required: Views<'_, PodAffinityTerm<'_>>,
    preferred: Views<'_, WeightedPodAffinityTerm<'_>>,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    let list = at.child(REQUIRED);
    for (i, term) in required.enumerate() {
        validate_pod_term(term, &list.index(i), errors);
    }
    let list = at.child(PREFERRED);
    for (i, term) in preferred.enumerate() {
        let at = list.index(i);
        validate_weight(term.weight(), &at.child("weight"), errors);
        validate_pod_term(term.pod_affinity_term(), &at.child("podAffinityTerm"), errors);
    }
}

fn validate_pod_term(term: PodAffinityTerm<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    if let Some(selector) = term.label_selector() {
        meta::validate_selector(selector, &at.child("labelSelector"), errors);
    }
    if let Some(selector) = term.namespace_selector() {
        meta::validate_selector(selector, &at.child("namespaceSelector"), errors);
    }
    for namespace in term.namespaces() {
        check(validation::dns1123_label, namespace, &at.child("namespace"), errors);
    }
    let key_at = at.child("topologyKey");
    if term.topology_key().is_empty() {
        errors.required(&key_at, "can not be empty");
    }
    meta::validate_label_name(term.topology_key(), &key_at, errors);
}
