//! Which requests a webhook is asked about.

use crate::internal::print_strings;
use api::Strings;
use api::admissionregistration::v1::RuleWithOperations;
use api::field::{ErrorList, Path};

const OPERATIONS: &[&str] = &["*", "CONNECT", "CREATE", "DELETE", "UPDATE"];
const SCOPES: &[&str] = &["*", "Cluster", "Namespaced"];

/// Checks a rule.
pub(super) fn validate(rule: RuleWithOperations<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let operations_at = at.child("operations");
    let element = "admissionregistration.OperationType";
    let others = "other operations";
    validate_wildcard(rule.operations(), (element, others), &operations_at, errors);
    for (i, operation) in rule.operations().enumerate() {
        if !OPERATIONS.contains(&operation) {
            errors.not_supported(&operations_at.index(i), operation, OPERATIONS);
        }
    }
    let groups_at = at.child("apiGroups");
    validate_wildcard(rule.api_groups(), ("string", "other API groups"), &groups_at, errors);
    let versions_at = at.child("apiVersions");
    validate_wildcard(rule.api_versions(), ("string", "other API versions"), &versions_at, errors);
    for (i, version) in rule.api_versions().enumerate() {
        if version.is_empty() {
            errors.required(&versions_at.index(i), "");
        }
    }
    validate_resources(rule.resources(), &at.child("resources"), errors);
    if let Some(scope) = rule.scope().filter(|scope| !SCOPES.contains(scope)) {
        errors.not_supported(&at.child("scope"), scope, SCOPES);
    }
}

/// There has to be something, and who says "everything" says nothing else.
fn validate_wildcard(
    items: Strings<'_>,
    (element, others): (&str, &str),
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    if items.is_empty() {
        errors.required(at, "");
    }
    if items.len() > 1 && items.has("*") {
        let detail = format!("if '*' is present, must not specify {others}");
        errors.invalid(at, print_strings(element, items), detail);
    }
}

fn validate_resources(resources: Strings<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    if resources.is_empty() {
        errors.required(at, "");
    }
    let mut has_plain = false;
    for (i, resource) in resources.clone().enumerate() {
        if resource.is_empty() {
            errors.required(&at.index(i), "");
            continue;
        }
        let Some((name, subresource)) = resource.split_once('/') else {
            has_plain |= resource != "*";
            continue;
        };
        // Only what stands before can make an entry superfluous.
        let before = || resources.clone().take(i).filter_map(|other| other.split_once('/'));
        if before().any(|other| other == (name, "*")) {
            let detail = format!("if '{name}/*' is present, must not specify {resource}");
            errors.invalid(&at.index(i), resource, detail);
        }
        if before().any(|other| other == ("*", subresource)) {
            let detail = format!("if '*/{subresource}' is present, must not specify {resource}");
            errors.invalid(&at.index(i), resource, detail);
        }
    }
    if resources.len() > 1 && resources.has("*/*") {
        let detail = "if '*/*' is present, must not specify other resources";
        errors.invalid(at, print_strings("string", resources.clone()), detail);
    }
    if resources.has("*") && has_plain {
        let detail = "if '*' is present, must not specify other resources without subresources";
        errors.invalid(at, print_strings("string", resources), detail);
    }
}
