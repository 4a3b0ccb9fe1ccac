//! From bodies to objects and from objects to answers.

use crate::request::{Accept, Body, FieldValidation, Request};
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
        Body::Bytes(bytes) => read_bytes(bytes, &request.content_type),
    }
}

fn read_bytes(bytes: &[u8], content_type: &str) -> Result<Value, Status> {
    if content_type.ends_with("yaml") {
        let text = String::from_utf8_lossy(bytes);
        return api::yaml::parse(&text)
            .map_err(|error| Status::bad_request(format!("error parsing YAML: {error}")));
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
    api::json::parse(bytes).map_err(|error| Status::bad_request(error.to_string()))
}

/// Reads the object that a request creates or replaces. `known` is an object of the same kind that
/// is canonical already; what the body shares with it is not read again.
pub(crate) fn decode_body(
    kind: &'static Kind,
    request: &Request,
    known: &Value,
) -> Result<DecodedBody, Status> {
    let document = document(request)?;
    check_type(kind, &document)?;
    let decoded =
        decode_beside(kind.ty, &document, known).map_err(|error| cannot_handle(kind, &error.0))?;
    let validation = request.options.field_validation.unwrap_or_default();
    let (value, warnings) = judge_strict_errors(decoded, validation)
        .map_err(|errors| cannot_handle(kind, &format!("strict decoding error: {errors}")))?;
    Ok(DecodedBody { object: without_type(value), warnings })
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
    cannot_handle_as(kind.kind, kind, why)
}

fn cannot_handle_as(given: &str, kind: &Kind, why: &str) -> Status {
    let (version, kind) = (kind.version, kind.kind);
    Status::bad_request(format!(
        "{given} in version \"{version}\" cannot be handled as a {kind}: {why}"
    ))
}

/// Clients within the cluster may leave the type out; others may not send another one.
fn check_type(kind: &Kind, document: &Value) -> Result<(), Status> {
    let (given_kind, given_version) =
        (document.get(&names::KIND).as_str(), document.get(&names::API_VERSION).as_str());
    let expected = kind.api_version();
    match (given_kind, given_version) {
        (None, None) => Ok(()),
        (Some(k), Some(v)) if k == kind.kind && v == expected => Ok(()),
        (None | Some(""), _) => {
            let body = api::json::to_string(document);
            Err(Status::bad_request(format!("Object 'Kind' is missing in '{body}'")))
        }
        (Some(_), Some(v)) if v != expected => Err(Status::bad_request(format!(
            "the API version in the data ({v}) does not match the expected API version ({expected})"
        ))),
        (Some(given), _) if given.eq_ignore_ascii_case(kind.kind) => {
            let why = format!(
                "no kind {} is registered for version \"{expected}\" in scheme \
                 \"k8s.io/kubernetes/pkg/api/legacyscheme/scheme.go:30\"",
                api::go::quote(given)
            );
            Err(cannot_handle_as(given, kind, &why))
        }
        (Some(given), _) => Err(cannot_handle(
            kind,
            &format!("converting ({given}) to ({}): unknown conversion", kind.kind),
        )),
    }
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
    use crate::request::Propagation;
    let mut options = request.options.clone();
    let body = document(request)?;
    if body.is_null() {
        return Ok(options);
    }
    let decoded = decode(types::META_V1_DELETE_OPTIONS, &body)
        .map_err(|error| Status::bad_request(error.0))?
        .value;
    if let Some(seconds) = decoded["gracePeriodSeconds"].as_i64() {
        options.grace_period_seconds = Some(seconds);
    }
    if let Some(policy) = decoded["propagationPolicy"].as_str() {
        options.propagation = Some(Propagation::parse(policy).ok_or_else(|| {
            let mut errors = api::field::ErrorList::new();
            let at = api::field::Path::new("propagationPolicy");
            errors.not_supported(&at, policy, &["Background", "Foreground", "Orphan"]);
            Status::invalid("meta.k8s.io", "DeleteOptions", "", &errors)
        })?);
    }
    if decoded["orphanDependents"].as_bool() == Some(true) {
        options.propagation = Some(Propagation::Orphan);
    }
    let text = |value: &Value| value.as_str().map(str::to_owned);
    options.precondition_uid = text(&decoded["preconditions"]["uid"]);
    options.precondition_resource_version = text(&decoded["preconditions"]["resourceVersion"]);
    options.dry_run |= decoded["dryRun"].items().iter().any(|item| item == "All");
    Ok(options)
}
