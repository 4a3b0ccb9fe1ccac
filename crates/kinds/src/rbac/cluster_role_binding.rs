//! ClusterRoleBinding: who has a role everywhere.

use crate::Kind;
use crate::rbac::binding;
use crate::table::Row;
use api::field::ErrorList;
use api::rbac::v1::ClusterRoleBinding;
use api::schema::types;
use api::{Value, View, validation};
use sim::Time;

/// `rbac.authorization.k8s.io/v1` ClusterRoleBinding
pub static KIND: Kind = Kind {
    group: super::GROUP,
    kind: "ClusterRoleBinding",
    plural: "clusterrolebindings",
    singular: "clusterrolebinding",
    ty: types::RBAC_V1_CLUSTER_ROLE_BINDING,
    storage_version_hash: "48tpQ8gZHFc=",
    allows_create_on_update: true,
    name_problems: validation::path_segment_name,
    set_defaults: binding::set_defaults,
    validate,
    validate_update: binding::validate_update,
    columns: binding::COLUMNS,
    row,
    ..Kind::CLUSTER_SCOPED
};

fn validate(object: &Value, errors: &mut ErrorList) {
    let view = ClusterRoleBinding::of(object);
    binding::validate(view.role_ref(), view.subjects(), &["ClusterRole"], false, errors);
}

fn row(object: &Value, now: Time) -> Row {
    let view = ClusterRoleBinding::of(object);
    binding::row(object, view.role_ref(), view.subjects(), now)
}
