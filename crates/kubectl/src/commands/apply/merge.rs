//! The patch from what is live, what was applied last and what is to be applied.

use crate::commands::common::{LAST_APPLIED, annotation};
use crate::errors::{Error, Result, bail};
use crate::print::typed_json::type_of_kind;
use crate::resource::Info;
use api::patch::{changes_identity, create_three_way_json_merge, create_three_way_strategic};
use api::{Value, json};
use apiserver::PatchType;

/// The patch that takes the live object to the modified one. With `overwrite` it wins over what
/// others have changed.
pub(crate) fn three_way(
    info: &Info,
    live: &Value,
    modified: &Value,
    overwrite: bool,
) -> Result<(PatchType, Value)> {
    let text = annotation(live, LAST_APPLIED).unwrap_or_default();
    let failed = |why: &dyn std::fmt::Display| {
        let what = format!(
            "creating patch with:\noriginal:\n{text}\nmodified:\n{}\ncurrent:\n{}\nfor:",
            json::to_string(modified),
            json::to_string(live),
        );
        Error::Other(why.to_string()).with_source(&what, &info.source)
    };
    let original = match text {
        "" => Value::Null,
        text => json::parse(text.as_bytes()).map_err(|why| failed(&why))?,
    };
    let Some(ty) = type_of_kind(&info.mapping.api_version(), &info.mapping.kind) else {
        let patch = create_three_way_json_merge(&original, modified, live);
        let patch = patch.map_err(|why| failed(&why))?;
        if changes_identity(&patch) {
            bail!("at least one of apiVersion, kind and name was changed");
        }
        return Ok((PatchType::Merge, patch));
    };
    let patch = create_three_way_strategic(&original, modified, live, ty, overwrite);
    Ok((PatchType::Strategic, patch.map_err(|why| failed(&why))?))
}
