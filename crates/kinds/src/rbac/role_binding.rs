//! RoleBinding: who has a role in a namespace.

use crate::Kind;
use crate::rbac::binding;
use crate::table::Row;
use api::field::ErrorList;
use api::rbac::v1::RoleBinding;
use api::schema::types;
use api::{Value, View, validation};
use sim::Time;

/// `rbac.authorization.k8s.io/v1` RoleBinding
pub static KIND: Kind = Kind {
    group: super::GROUP,
    kind: "RoleBinding",
    plural: "rolebindings",
    singular: "rolebinding",
    ty: types::RBAC_V1_ROLE_BINDING,
    storage_version_hash: "eGsCzGH6b1g=",
    allows_create_on_update: true,
    name_problems: validation::path_segment_name,
    set_defaults: binding::set_defaults,
    validate,
    validate_update: binding::validate_update,
    columns: binding::COLUMNS,
    row,
    ..Kind::NAMESPACED
};

fn validate(object: &Value, errors: &mut ErrorList) {
    let view = RoleBinding::of(object);
    binding::validate(view.role_ref(), view.subjects(), &["Role", "ClusterRole"], true, errors);
}

fn row(object: &Value, now: Time) -> Row {
    let view = RoleBinding::of(object);
    binding::row(object, view.role_ref(), view.subjects(), now)
}
