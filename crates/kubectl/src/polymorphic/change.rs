//! Changes of objects as the patches that they make.

use super::typed;
use crate::client::Call;
use crate::commands::common::with_write_parameters;
use crate::errors::{Error, Result};
use crate::invocation::Invocation;
use crate::print::DryRun;
use crate::print::typed_json::type_of;
use crate::resource::Info;
use api::Value;
use api::patch::{create_merge_patch, create_two_way_strategic};
use apiserver::PatchType;

/// An object, what became of it, and the patch that leads there.
pub(crate) struct Change {
    /// The object after the change; unchanged if there was an error.
    pub(crate) info: Info,
    /// The patch, or why there is none.
    pub(crate) patch: Result<Value>,
}

/// Changes an object of a kind that kubectl knows, and computes the strategic merge patch.
pub(crate) fn compute(mut info: Info, change: impl FnOnce(&mut Value) -> Result) -> Change {
    let before = typed(&info.object);
    let mut after = before.clone();
    let result = change(&mut after);
    let patch = result.and_then(|()| strategic_patch(&before, &after));
    info.object = after;
    Change { info, patch }
}

/// The strategic merge patch between two states of an object.
pub(crate) fn strategic_patch(before: &Value, after: &Value) -> Result<Value> {
    let patch = match type_of(before) {
        Some(ty) => create_two_way_strategic(before, after, ty),
        None => create_merge_patch(before, after),
    };
    patch.map_err(|why| Error::Other(why.to_string()))
}

impl Change {
    /// Whether there is nothing to send.
    pub(crate) fn is_empty(&self) -> bool {
        matches!(&self.patch, Ok(Value::Map(map)) if map.is_empty())
    }

    /// Sends the patch; completes with the object as it is now, typed.
    pub(crate) async fn send(&self, invocation: &Invocation, dry_run: DryRun) -> Result<Value> {
        let patch = self.patch.clone()?;
        send(invocation, &self.info, PatchType::Strategic, patch, dry_run).await
    }
}

/// Patches an object; completes with the object as it is now, typed.
pub(crate) async fn send(
    invocation: &Invocation,
    info: &Info,
    ty: PatchType,
    patch: Value,
    dry_run: DryRun,
) -> Result<Value> {
    info.check_name()?;
    let call = Call::patch(info.path(""), ty, patch);
    let call = with_write_parameters(call, invocation, dry_run);
    Ok(typed(&invocation.client()?.value(call).await?))
}
