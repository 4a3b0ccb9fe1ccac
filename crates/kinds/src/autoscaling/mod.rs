//! The group `autoscaling`.

pub mod annotations;
mod from_annotations;
pub mod horizontal_pod_autoscaler;
pub mod horizontal_pod_autoscaler_v1;
mod hpa_validation;
