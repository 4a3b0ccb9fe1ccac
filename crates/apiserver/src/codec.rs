//! From bodies to objects and from objects to answers.

use crate::options;
use crate::request::{Accept, Body, FieldValidation, Propagation, Request};
use api::schema::types;
use api::{Decoded, List, Map, Status, Value, decode, decode_beside, names, object};
use kinds::Kind;
use sim::Time;

/// The object of a request's body, in the version of `kind`, canonical and without `kind` and
/// `apiVersion`, and what the client should be warned of.
pub(crate) struct DecodedBody {
    pub(crate) object: Value,
    pub(crate) warnings: Vec<String>,
}

/// The document of a body, whatever it holds.
pub(crate) fn document(request: &Request) -> Result<Value, Status> {
    match &request.body {
        Body::None => Ok(Value::Null),
        Body::Value(value) => Ok(value.clone()),
        Body::Bytes(bytes) => Ok(read_bytes(bytes, &request.content_type)?.0),
    }
}

/// The document, and the keys that stand twice in one of JSON.
fn read_bytes(bytes: &[u8], content_type: &str) -> Result<(Value, Vec<String>), Status> {
    if content_type.ends_with("yaml") {
        let text = String::from_utf8_lossy(bytes);
        let document = api::yaml::parse(&text).map_err(|error| {
            Status::bad_request(format!("error converting YAML to JSON: {error}"))
        })?;
        return Ok((document, Vec::new()));
    }
    let is_json = content_type.is_empty()
        || content_type == "application/json"
        || content_type.ends_with("+json");
    if !is_json {
        let message =
            "the body of the request was in an unknown format - accepted media types include: \
             application/json, application/yaml, application/vnd.kubernetes.protobuf"
                .to_string();
        return Err(Status::new(api::Reason::UnsupportedMediaType, message));
    }
    match api::json::parse_strict(bytes) {
        Ok(strict) => Ok((strict.value, strict.duplicates)),
        Err(error) => Err(Status::bad_request(error.to_string())),
    }
}

/// Reads the object that a request creates or replaces. `known` is an object of the same kind that
/// is canonical already; what the body shares with it is not read again.
pub(crate) fn decode_body(
    kind: &'static Kind,
    request: &Request,
    known: &Value,
) -> Result<DecodedBody, Status> {
    let (document, duplicates) = object_document(kind, request)?;
    check_type(kind, &document)?;
    let mut decoded =
        decode_beside(kind.ty, &document, known).map_err(|error| cannot_handle(kind, &error.0))?;
    decoded.strict_errors.splice(0..0, duplicates);
    let validation = request.options.field_validation.unwrap_or_default();
    let (value, warnings) = judge_strict_errors(decoded, validation)
        .map_err(|errors| cannot_handle(kind, &format!("strict decoding error: {errors}")))?;
    Ok(DecodedBody { object: without_type(value), warnings })
}

/// The document of a body that is to be an object, and complaints about keys that stand in it
/// twice.
fn object_document(kind: &'static Kind, request: &Request) -> Result<(Value, Vec<String>), Status> {
    let bytes: &[u8] = match &request.body {
        Body::Value(value) => return Ok((value.clone(), Vec::new())),
        Body::Bytes(bytes) => bytes,
        Body::None => &[],
    };
    let is_yaml = request.content_type.ends_with("yaml");
    let document = match read_bytes(bytes, &request.content_type) {
        Ok(_) if bytes.is_empty() => Err("unexpected end of JSON input".to_owned()),
        Ok((Value::Null, _)) => Ok((Value::EMPTY_MAP, Vec::new())),
        Ok((value @ Value::Map(_), duplicates)) => {
            let complaint = |field: &String| format!("duplicate field \"{field}\"");
            Ok((value, duplicates.iter().map(complaint).collect()))
        }
        Ok((other, _)) => Err(format!(
            "json: cannot unmarshal {} into Go value of type struct {{ APIVersion string \
             \"json:\\\"apiVersion,omitempty\\\"\"; Kind string \"json:\\\"kind,omitempty\\\"\" }}",
            json_type(&other)
        )),
        Err(status) if status.reason == api::Reason::BadRequest => Err(status.message),
        Err(status) => return Err(status),
    };
    document.map_err(|why| {
        let why = match is_yaml && why.starts_with("error converting") {
            true => why,
            false => format!("couldn't get version/kind; json parse error: {why}"),
        };
        Status::bad_request(format!(
            "the object provided is unrecognized (must be of type {}): {why} ({})",
            kind.kind,
            summary(bytes)
        ))
    })
}

fn json_type(value: &Value) -> &'static str {
    match value {
        Value::List(_) => "array",
        Value::Str(_) => "string",
        Value::Bool(_) => "bool",
        _ => "number",
    }
}

/// The beginning of a body that is not understood, in digits unless it looks like JSON.
fn summary(bytes: &[u8]) -> String {
    const BYTES_MAX: usize = 30;
    let start = &bytes[..bytes.len().min(BYTES_MAX)];
    let more = if bytes.len() > BYTES_MAX { " ..." } else { "" };
    match bytes.first() {
        None => "<empty>".to_owned(),
        Some(b'{') => format!("{}{more}", String::from_utf8_lossy(start)),
        Some(_) => {
            let digits: String = start.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("{digits}{more}")
        }
    }
}

/// What unknown fields lead to: warnings, or the text of an error.
pub(crate) fn judge_strict_errors(
    decoded: Decoded,
    validation: FieldValidation,
) -> Result<(Value, Vec<String>), String> {
    match validation {
        FieldValidation::Ignore => Ok((decoded.value, Vec::new())),
        FieldValidation::Warn => Ok((decoded.value, decoded.strict_errors)),
        FieldValidation::Strict if decoded.strict_errors.is_empty() => {
            Ok((decoded.value, Vec::new()))
        }
        FieldValidation::Strict => Err(decoded.strict_errors.join(", ")),
    }
}

fn cannot_handle(kind: &Kind, why: &str) -> Status {
    let (version, kind) = (kind.version, kind.kind);
    Status::bad_request(format!(
        "{kind} in version \"{version}\" cannot be handled as a {kind}: {why}"
    ))
}

/// What is left out of the type is that of the path; another type is refused.
fn check_type(kind: &Kind, document: &Value) -> Result<(), Status> {
    let expected = kind.api_version();
    let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let given = text(document.get(&names::KIND)).unwrap_or_else(|| kind.kind.to_owned());
    let version = text(document.get(&names::API_VERSION)).unwrap_or_else(|| expected.clone());
    if given == kind.kind && version == expected {
        return Ok(());
    }
    let is_registered =
        kinds::ALL.iter().any(|other| other.kind == given && other.api_version() == version);
    let why = match is_registered {
        true if given == kind.kind => {
            return Err(Status::bad_request(format!(
                "the API version in the data ({version}) does not match the expected API version \
                 ({expected})"
            )));
        }
        true => format!(
            "converting ({}.{given}) to ({}.{}): unknown conversion",
            version.rsplit('/').next().unwrap_or_default(),
            kind.group.split('.').next().filter(|group| !group.is_empty()).unwrap_or("core"),
            kind.kind
        ),
        false => format!(
            "no kind {} is registered for version \"{version}\" in scheme \
             \"k8s.io/kubernetes/pkg/api/legacyscheme/scheme.go:30\"",
            api::go::quote(&given)
        ),
    };
    let version = version.rsplit('/').next().unwrap_or_default();
    let kind = kind.kind;
    Err(Status::bad_request(format!(
        "{given} in version \"{version}\" cannot be handled as a {kind}: {why}"
    )))
}

/// The object without `kind` and `apiVersion`, as it is stored.
pub(crate) fn without_type(mut object: Value) -> Value {
    if let Value::Map(map) = &mut object {
        map.remove(&names::KIND);
        map.remove(&names::API_VERSION);
    }
    object
}

/// The object with `kind` and `apiVersion`.
pub(crate) fn with_type(kind: &Kind, object: &Value) -> Value {
    let Value::Map(map) = object else {
        return object.clone();
    };
    let mut typed = Map::with_capacity(map.len() + 2);
    for (key, value) in map.iter() {
        typed.insert(key, value.clone());
    }
    typed.insert(&names::KIND, kind.kind);
    let version = match kind.group {
        "" => Value::from(kind.version),
        _ => Value::from(kind.api_version()),
    };
    typed.insert(&names::API_VERSION, version);
    Value::Map(typed)
}

/// From the stored version to that of `kind`.
pub(crate) fn from_stored(kind: &'static Kind, stored: &Value) -> Value {
    match kind.conversion {
        Some(conversion) => (conversion.from_stored)(stored),
        None => stored.clone(),
    }
}

/// From the version of `kind` to the stored one.
pub(crate) fn to_stored(kind: &'static Kind, object: Value) -> Value {
    match kind.conversion {
        Some(conversion) => (conversion.to_stored)(&object),
        None => object,
    }
}

/// One object, in the form that the client wants.
pub(crate) fn encode_object(
    kind: &'static Kind,
    object: &Value,
    request: &Request,
    now: Time,
) -> Value {
    match request.accept {
        Accept::Object => with_type(kind, object),
        Accept::Stored => object.clone(),
        Accept::Metadata => partial_metadata(object),
        Accept::Table => {
            let metadata = object! {
                "resourceVersion": object.get(&names::METADATA).get(&names::RESOURCE_VERSION),
            };
            let include = &request.options.include_object;
            table(kind, std::slice::from_ref(object), metadata, include, now)
        }
    }
}

/// Several objects, in the form that the client wants. `metadata` is that of the list.
pub(crate) fn encode_list(
    kind: &'static Kind,
    objects: &[Value],
    metadata: Value,
    request: &Request,
    now: Time,
) -> Value {
    match request.accept {
        Accept::Object | Accept::Stored => object! {
            "kind": format!("{}List", kind.kind),
            "apiVersion": kind.api_version(),
            "metadata": metadata,
            "items": present_list(objects.iter().cloned().collect()),
        },
        Accept::Metadata => object! {
            "kind": "PartialObjectMetadataList",
            "apiVersion": "meta.k8s.io/v1",
            "metadata": metadata,
            "items": present_list(objects.iter().map(partial_metadata).collect()),
        },
        Accept::Table => table(kind, objects, metadata, &request.options.include_object, now),
    }
}

fn present_list(list: List) -> Value {
    Value::List(list)
}

fn partial_metadata(object: &Value) -> Value {
    object! {
        "kind": "PartialObjectMetadata",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": object.get(&names::METADATA),
    }
}

fn table(
    kind: &'static Kind,
    objects: &[Value],
    metadata: Value,
    include_object: &str,
    now: Time,
) -> Value {
    let rows: List = objects.iter().map(|o| table_row(kind, o, include_object, now)).collect();
    object! {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": metadata,
        "columnDefinitions": column_definitions(kind),
        "rows": present_list(rows),
    }
}

/// The columns of a kind's table.
pub(crate) fn column_definitions(kind: &Kind) -> Value {
    let definition = |column: &kinds::Column| {
        object! {
            "name": column.name,
            "type": column.ty,
            "format": column.format,
            "description": "",
            "priority": column.priority,
        }
    };
    Value::List(kind.columns.iter().map(definition).collect())
}

fn table_row(kind: &'static Kind, object: &Value, include_object: &str, now: Time) -> Value {
    let mut row = object! { "cells": Value::List((kind.row)(object, now).into()) };
    let included = match include_object {
        "None" => return row,
        "Object" => with_type(kind, object),
        _ => partial_metadata(object),
    };
    row.make_map().insert(&names::OBJECT, included);
    row
}

/// One row of a table, as a watch sends it: the columns come with the first one only.
pub(crate) fn table_of_event(
    kind: &'static Kind,
    object: &Value,
    include_object: &str,
    with_columns: bool,
    now: Time,
) -> Value {
    let metadata = object! {
        "resourceVersion": object.get(&names::METADATA).get(&names::RESOURCE_VERSION),
    };
    let mut table = table(kind, std::slice::from_ref(object), metadata, include_object, now);
    if !with_columns {
        table.make_map().insert(&names::COLUMN_DEFINITIONS, Value::Null);
    }
    table
}

/// Reads the `DeleteOptions` of a body into the options of the request.
pub(crate) fn delete_options(request: &Request) -> Result<crate::request::Options, Status> {
    let mut options = request.options.clone();
    let body = document(request)?;
    if body.is_null() {
        options::check_delete(&options)?;
        return Ok(options);
    }
    let decoded = decode(types::META_V1_DELETE_OPTIONS, &body)
        .map_err(|error| Status::bad_request(error.0))?
        .value;
    if let Some(seconds) = decoded["gracePeriodSeconds"].as_i64() {
        options.grace_period_seconds = Some(seconds);
    }
    let policy = decoded["propagationPolicy"].as_str();
    let orphans = &decoded["orphanDependents"];
    let dry_run: Vec<&str> = decoded["dryRun"].items().iter().filter_map(Value::as_str).collect();
    options::check_delete_body(policy, !orphans.is_null(), &dry_run)?;
    if policy.is_some() {
        options.propagation = policy.and_then(Propagation::parse);
    }
    if orphans.as_bool() == Some(true) {
        options.propagation = Some(Propagation::Orphan);
    }
    let text = |value: &Value| value.as_str().map(str::to_owned);
    options.precondition_uid = text(&decoded["preconditions"]["uid"]);
    options.precondition_resource_version = text(&decoded["preconditions"]["resourceVersion"]);
    options.dry_run |= !dry_run.is_empty();
    Ok(options)
}
