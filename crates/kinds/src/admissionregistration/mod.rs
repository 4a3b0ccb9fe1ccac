//! The group `admissionregistration.k8s.io`.
//!
//! What is missing: `matchConditions` are checked for names and emptiness only; their expressions
//! are not compiled.

pub mod client_config;
pub mod mutating_webhook_configuration;
pub mod rules;
pub mod validating_webhook_configuration;
pub mod webhook;

/// The name of the group.
pub const GROUP: &str = "admissionregistration.k8s.io";
