//! The revisions of a workload.

use crate::commands::common::annotation;
use crate::errors::{Result, error, quote};
use api::Value;

/// The annotation that numbers ReplicaSets.
const REVISION: &str = "deployment.kubernetes.io/revision";

/// The number in a Deployment's or ReplicaSet's annotation; 0 without one.
pub(crate) fn revision_of(object: &Value) -> Result<i64> {
    let Some(text) = annotation(object, REVISION) else { return Ok(0) };
    text.parse().map_err(|_| error!("strconv.ParseInt: parsing {}: invalid syntax", quote(text)))
}
