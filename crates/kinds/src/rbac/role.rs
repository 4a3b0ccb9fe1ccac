//! Role: what may be done in a namespace.

use crate::Kind;
use crate::internal;
use api::field::{ErrorList, Path};
use api::rbac::v1::{PolicyRule, Role};
use api::schema::types;
use api::{Value, View, validation};

/// `rbac.authorization.k8s.io/v1` Role
pub static KIND: Kind = Kind {
    group: super::GROUP,
    kind: "Role",
    plural: "roles",
    singular: "role",
    ty: types::RBAC_V1_ROLE,
    storage_version_hash: "7FuwZcIIItM=",
    allows_create_on_update: true,
    name_problems: validation::path_segment_name,
    validate,
    ..Kind::NAMESPACED
};

fn validate(object: &Value, errors: &mut ErrorList) {
    let list = Path::new("rules");
    for (i, rule) in Role::of(object).rules().enumerate() {
        validate_rule(rule, true, &list.index(i), errors);
    }
}

/// Checks one rule of a role.
pub(super) fn validate_rule(
    rule: PolicyRule<'_>,
    is_namespaced: bool,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    if rule.verbs().is_empty() {
        errors.required(&at.child("verbs"), "verbs must contain at least one value");
    }
    if !rule.non_resource_urls().is_empty() {
        let at = at.child("nonResourceURLs");
        let shown = || internal::print_strings("string", rule.non_resource_urls());
        if is_namespaced {
            let detail = "namespaced rules cannot apply to non-resource URLs";
            errors.invalid(&at, shown(), detail);
        }
        let has_resources = !rule.api_groups().is_empty()
            || !rule.resources().is_empty()
            || !rule.resource_names().is_empty();
        if has_resources {
            let detail = "rules cannot apply to both regular resources and non-resource URLs";
            errors.invalid(&at, shown(), detail);
        }
        return;
    }
    if rule.api_groups().is_empty() {
        let detail = "resource rules must supply at least one api group";
        errors.required(&at.child("apiGroups"), detail);
    }
    if rule.resources().is_empty() {
        let detail = "resource rules must supply at least one resource";
        errors.required(&at.child("resources"), detail);
    }
}
