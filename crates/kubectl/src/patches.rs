//! Patching objects here, as the server would.

use crate::errors::{Error, Result, bail};
use crate::print::typed_json::type_of;
use api::{Value, patch};
use apiserver::PatchType;

/// What a patch makes of an object.
pub(crate) fn apply(ty: PatchType, object: &Value, change: &Value) -> Result<Value> {
    let failed = |why: patch::PatchError| Error::Other(why.to_string());
    match (ty, type_of(object)) {
        (PatchType::Json, _) => {
            patch::json_patch(object, change).map_err(|why| Error::Other(why.to_string()))
        }
        (PatchType::Strategic, Some(ty)) => {
            patch::strategic_merge(object, change, ty).map_err(failed)
        }
        (PatchType::Strategic, None) => bail!(
            "strategic merge patch is not supported for {} locally, try --type merge",
            kind_text(object)
        ),
        _ => patch::merge_patch(object, change).map_err(failed),
    }
}

/// `apps/v1, Kind=Deployment`
fn kind_text(object: &Value) -> String {
    let text = |key: &api::Key| object.get(key).as_str().unwrap_or_default().to_owned();
    let version = text(&api::names::API_VERSION);
    let (group, version) = crate::discovery::split_version(&version);
    format!("{group}/{version}, Kind={}", text(&api::names::KIND))
}
