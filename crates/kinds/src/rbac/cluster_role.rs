//! ClusterRole: what may be done in all namespaces, and outside of them.

use crate::rbac::role::validate_rule;
use crate::{Kind, meta};
use api::field::{ErrorList, Path};
use api::rbac::v1::ClusterRole;
use api::schema::types;
use api::{Value, View, validation};

/// `rbac.authorization.k8s.io/v1` ClusterRole
pub static KIND: Kind = Kind {
    group: super::GROUP,
    kind: "ClusterRole",
    plural: "clusterroles",
    singular: "clusterrole",
    ty: types::RBAC_V1_CLUSTER_ROLE,
    storage_version_hash: "bYE5ZWDrJ44=",
    allows_create_on_update: true,
    name_problems: validation::path_segment_name,
    validate,
    ..Kind::CLUSTER_SCOPED
};

fn validate(object: &Value, errors: &mut ErrorList) {
    let role = ClusterRole::of(object);
    let list = Path::new("rules");
    for (i, rule) in role.rules().enumerate() {
        validate_rule(rule, false, &list.index(i), errors);
    }
    let Some(aggregation) = role.aggregation_rule() else { return };
    let at = Path::new("aggregationRule");
    let list = at.child("clusterRoleSelectors");
    if aggregation.cluster_role_selectors().is_empty() {
        let detail = "at least one clusterRoleSelector required if aggregationRule is non-nil";
        errors.required(&list, detail);
    }
    for (i, selector) in aggregation.cluster_role_selectors().enumerate() {
        meta::validate_selector(selector, &list.index(i), errors);
    }
}
