//! `patch`: JSON patch, merge patch, strategic merge patch.

use crate::codec;
use crate::request::{FieldValidation, PatchType, Request, ResourceTarget};
use crate::server::{ApiServer, Handled};
use api::field::{ErrorList, Path};
use api::{Status, Value, decode, go};
use kinds::table;

impl ApiServer {
    pub(crate) fn patch(&mut self, request: &Request, target: &ResourceTarget) -> Handled {
        let Some(patch_type) = PatchType::parse(&request.content_type) else {
            let supported =
                [PatchType::Json, PatchType::Merge, PatchType::Strategic, PatchType::Apply]
                    .map(PatchType::content_type)
                    .join(", ");
            let message = format!(
                "the body of the request was in an unknown format - accepted media types include: \
                 {supported}"
            );
            return Err(Status::new(api::Reason::UnsupportedMediaType, message));
        };
        let patch = codec::document(request)?;
        let old = codec::from_stored(target.kind, &self.stored(target)?.object);
        let mut warnings = Vec::new();
        let mut object = apply(request, target, patch_type, &old, &patch, &mut warnings)?;
        (target.kind.set_defaults)(&mut object);
        let stored = self.update_object(request, target, object, &mut warnings)?;
        let mut response = self.answer(200, request, target.kind, &stored);
        response.warnings = warnings;
        Ok(response)
    }
}

/// The patched object, decoded as strictly as the client asks for.
fn apply(
    request: &Request,
    target: &ResourceTarget,
    patch_type: PatchType,
    old: &Value,
    patch: &Value,
    warnings: &mut Vec<String>,
) -> Result<Value, Status> {
    let kind = target.kind;
    let typed = codec::with_type(kind, old);
    let patched = match patch_type {
        PatchType::Json => api::patch::json_patch(&typed, patch)
            .map_err(|error| Status::new(api::Reason::Invalid, error.to_string()))?,
        PatchType::Merge => api::patch::merge_patch(&typed, patch)
            .map_err(|error| Status::bad_request(error.to_string()))?,
        PatchType::Strategic => api::patch::strategic_merge(&typed, patch, kind.ty)
            .map_err(|error| Status::bad_request(error.to_string()))?,
        PatchType::Apply => {
            return Err(Status::new(
                api::Reason::UnsupportedMediaType,
                "server-side apply is not supported",
            ));
        }
    };
    let invalid = |message: String| {
        let mut errors = ErrorList::new();
        errors.invalid(&Path::new("patch"), go::plain(patch), message);
        Status::invalid("", "", "", &errors)
    };
    let decoded = decode(kind.ty, &patched).map_err(|error| invalid(error.0))?;
    let validation = request.options.field_validation.unwrap_or(FieldValidation::Warn);
    let (value, strict_warnings) = codec::judge_strict_errors(decoded, validation)
        .map_err(|errors| invalid(format!("strict decoding error: {errors}")))?;
    warnings.extend(strict_warnings);
    let value = codec::without_type(value);
    if table::metadata(&value).name() != &*target.name {
        let message = format!(
            "the name of the object ({}) does not match the name on the URL ({})",
            table::metadata(&value).name(),
            target.name
        );
        return Err(Status::bad_request(message));
    }
    Ok(value)
}
