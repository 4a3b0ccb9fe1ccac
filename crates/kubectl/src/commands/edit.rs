//! `kubectl edit`

use crate::errors::{Result, bail};
use crate::invocation::Invocation;
use std::rc::Rc;

/// `kubectl create --edit`
pub(crate) async fn edit_before_create(_invocation: &Rc<Invocation>) -> Result {
    bail!("not yet")
}
