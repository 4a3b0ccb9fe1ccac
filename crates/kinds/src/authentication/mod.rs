//! The group `authentication.k8s.io`: questions about who somebody is. Nothing is stored; the
//! server fills in the status.

pub mod self_subject_review;
pub mod token_review;

/// The name of the group.
pub const GROUP: &str = "authentication.k8s.io";
