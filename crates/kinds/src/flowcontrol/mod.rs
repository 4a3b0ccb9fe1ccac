//! The group `flowcontrol.apiserver.k8s.io`: whose requests wait if there are too many.
//!
//! In this release the objects are stored as `v1beta3`; `v1` is almost the same. The rules are
//! written for `v1beta3` and serve both.

pub mod flow_schema;
pub mod flow_schema_v1beta3;
mod flow_schema_validation;
pub mod priority_level_configuration;
pub mod priority_level_configuration_v1beta3;
mod priority_level_validation;

/// The name of the group.
pub const GROUP: &str = "flowcontrol.apiserver.k8s.io";
