//! The group `authorization.k8s.io`: questions about who may do what. Nothing is stored; the
//! server fills in the status.

pub mod local_subject_access_review;
pub mod review;
pub mod self_subject_access_review;
pub mod self_subject_rules_review;
pub mod subject_access_review;

/// The name of the group.
pub const GROUP: &str = "authorization.k8s.io";
