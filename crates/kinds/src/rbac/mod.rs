//! The group `rbac.authorization.k8s.io`.
//!
//! Whether somebody may give away the permissions that a role or binding holds is not decided
//! here.

pub mod binding;
pub mod cluster_role;
pub mod cluster_role_binding;
pub mod role;
pub mod role_binding;

/// The name of the group.
pub const GROUP: &str = "rbac.authorization.k8s.io";
