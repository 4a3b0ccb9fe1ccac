//! Kustomizations.

use crate::errors::{Result, bail};
use api::Value;
use shell::Context;

/// The objects of a kustomization.
pub fn build(_context: &Context, _path: &str) -> Result<Vec<Value>> {
    bail!("not yet")
}
