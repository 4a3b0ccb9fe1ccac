//! `patch`: JSON patch, merge patch, strategic merge patch, apply.

use crate::codec;
use crate::options;
use crate::request::{FieldValidation, PatchType, Request, ResourceTarget};
use crate::server::{ApiServer, Handled};
use crate::verbs::create::fill_namespace;
use api::field::{ErrorList, Path};
use api::{Status, Value, decode, go};
use kinds::table;

impl ApiServer {
    pub(crate) fn patch(&mut self, request: &Request, target: &ResourceTarget) -> Handled {
        let patch_type = patch_type(request)?;
        options::check_patch(request, patch_type)?;
        let patch = read_patch(request, patch_type)?;
        let mut warnings = Vec::new();
        let is_missing = || self.stored(target).is_err();
        if patch_type == PatchType::Apply && target.subresource.is_empty() && is_missing() {
            return self.apply_new(request, target, &patch);
        }
        let old = codec::from_stored(target.kind, &self.stored(target)?.object);
        let typed = codec::with_type(target.kind, &old);
        let patched = match patch_type {
            PatchType::Apply => self.merge_applied(request, target, &old, &patch)?,
            _ => apply_patch(&typed, &patch, patch_type, target.kind.ty)?,
        };
        let mut object =
            decode_patched(request, target, patch_type, &patched, &patch, &mut warnings)?;
        (target.kind.set_defaults)(&mut object);
        let stored = self.update_object(request, target, object, &mut warnings)?;
        let mut response = self.answer(200, request, target.kind, &stored);
        response.warnings = warnings;
        Ok(response)
    }

    /// Creates the object that is applied.
    fn apply_new(
        &mut self,
        request: &Request,
        target: &ResourceTarget,
        document: &Value,
    ) -> Handled {
        let mut warnings = Vec::new();
        let merged = self.merge_applied(request, target, &Value::Null, document)?;
        let mut object =
            decode_patched(request, target, PatchType::Apply, &merged, document, &mut warnings)?;
        fill_namespace(target, &mut object)?;
        (target.kind.set_defaults)(&mut object);
        let stored = self.create_object(request, target, object, &mut warnings)?;
        let mut response = self.answer(201, request, target.kind, &stored);
        response.warnings = warnings;
        Ok(response)
    }
}

/// A JSON patch may not keep the server busy for ever.
const OPERATIONS_MAX: usize = 10_000;

/// The document of a patch.
pub(crate) fn read_patch(request: &Request, patch_type: PatchType) -> Result<Value, Status> {
    let patch = codec::document(request).map_err(|status| match patch_type {
        _ if status.reason != api::Reason::BadRequest => status,
        PatchType::Json | PatchType::Merge => {
            Status::bad_request(format!("error decoding patch: {}", status.message))
        }
        PatchType::Strategic => status,
        PatchType::Apply => Status::bad_request(format!("error decoding YAML: {}", status.message)),
    })?;
    let count = patch.items().len();
    if patch_type == PatchType::Json && count > OPERATIONS_MAX {
        let message = format!(
            "Request entity too large: The allowed maximum operations in a JSON patch is \
             {OPERATIONS_MAX}, got {count}"
        );
        return Err(Status::new(api::Reason::RequestEntityTooLarge, message));
    }
    Ok(patch)
}

/// `object` with a patch of one of the kinds that need nothing but the object.
pub(crate) fn apply_patch(
    object: &Value,
    patch: &Value,
    patch_type: PatchType,
    ty: api::schema::TypeId,
) -> Result<Value, Status> {
    match patch_type {
        PatchType::Json => apply_operations(object, patch),
        PatchType::Merge => api::patch::merge_patch(object, patch)
            .map_err(|error| Status::bad_request(error.to_string())),
        PatchType::Strategic | PatchType::Apply => api::patch::strategic_merge(object, patch, ty)
            .map_err(|error| Status::bad_request(error.to_string())),
    }
}

/// The kind of patch that the content type announces.
pub(crate) fn patch_type(request: &Request) -> Result<PatchType, Status> {
    PatchType::parse(&request.content_type).ok_or_else(|| {
        let supported = [PatchType::Json, PatchType::Merge, PatchType::Strategic, PatchType::Apply]
            .map(PatchType::content_type)
            .join(", ");
        let message = format!(
            "the body of the request was in an unknown format - accepted media types include: \
             {supported}"
        );
        Status::new(api::Reason::UnsupportedMediaType, message)
    })
}

/// The patched object, decoded as strictly as the client asks for.
fn decode_patched(
    request: &Request,
    target: &ResourceTarget,
    patch_type: PatchType,
    patched: &Value,
    patch: &Value,
    warnings: &mut Vec<String>,
) -> Result<Value, Status> {
    let kind = target.kind;
    let invalid = |message: String| {
        let mut errors = ErrorList::new();
        errors.invalid(&Path::new("patch"), go::plain(&as_merged(patch)), message);
        Status::invalid("", "", "", &errors)
    };
    let decoded = decode(kind.ty, patched).map_err(|error| match patch_type {
        PatchType::Strategic => invalid(conversion_error(&error.0)),
        _ => invalid(error.0),
    })?;
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

/// What is left of a strategic merge patch after upstream has merged it: ordered lists are taken
/// out of it on the way.
fn as_merged(patch: &Value) -> Value {
    let Value::Map(map) = patch else { return patch.clone() };
    let directive = |key: &str| key.split_once('/').map(|(name, _)| name.to_owned());
    let is_ordered = |key: &str| map.get_str(&format!("$setElementOrder/{key}")).is_some();
    let is_kept = |key: &str| {
        let directive = directive(key);
        !matches!(directive.as_deref(), Some("$setElementOrder" | "$deleteFromPrimitiveList"))
            && key != "$retainKeys"
            && !is_ordered(key)
    };
    let kept = map.iter().filter(|(key, _)| is_kept(key.as_str()));
    Value::Map(kept.map(|(key, value)| (key.clone(), as_merged(value))).collect())
}

/// Upstream keeps the reason to itself when an operation fails.
fn apply_operations(object: &Value, patch: &Value) -> Result<Value, Status> {
    let found = match patch {
        Value::List(_) => {
            let why = "the server rejected our request due to an error in our request";
            return api::patch::json_patch(object, patch)
                .map_err(|_| Status::new(api::Reason::Invalid, why));
        }
        Value::Map(_) => "object",
        Value::Str(_) => "string",
        Value::Bool(_) => "bool",
        Value::Null => return Ok(object.clone()),
        Value::Int(_) | Value::Float(_) => "number",
    };
    Err(Status::bad_request(format!(
        "error decoding patch: json: cannot unmarshal {found} into Go value of type \
         []handlers.jsonPatchOp"
    )))
}

/// A strategic merge patch is not decoded from JSON but converted, which fails in other words.
fn conversion_error(message: &str) -> String {
    let parts = message
        .strip_prefix("json: cannot unmarshal ")
        .and_then(|rest| rest.split_once(" into Go "))
        .and_then(|(found, rest)| Some((found, rest.rsplit_once(" of type ")?.1)));
    let Some((found, wanted)) = parts else { return message.to_owned() };
    let kind = match found {
        "array" => "slice",
        "object" => "map",
        "number" => "int64",
        other => other,
    };
    match wanted {
        wanted if wanted.starts_with("[]") => format!("cannot restore slice from {kind}"),
        wanted if wanted.starts_with("map[") => format!("cannot restore map from {kind}"),
        // A name from a package is a struct or a text; only a struct refuses a text.
        wanted if wanted.contains('.') && matches!(found, "string" | "array") => {
            format!("cannot restore struct from: {kind}")
        }
        wanted if wanted.contains('.') => "unrecognized type: string".to_owned(),
        wanted => format!("unrecognized type: {wanted}"),
    }
}
