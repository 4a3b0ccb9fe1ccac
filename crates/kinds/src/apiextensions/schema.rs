//! The schema of a custom kind.
//!
//! Checked: every part has a type, the root is an object, and what a server never allows is not
//! there. What is missing: defaults that do not fit, patterns that do not compile, the rules for
//! value validations outside of the structure, and CEL.

use api::apiextensions::v1::JSONSchemaProps;
use api::field::{ErrorList, Path};
use api::{Value, View};

/// How deep a schema is looked into.
const DEPTH_MAX: usize = 100;

/// Where a part of a schema stands.
#[derive(Clone, Copy)]
enum Place {
    Root,
    Item,
    Field,
}

/// Checks a schema.
pub(super) fn validate(schema: JSONSchemaProps<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    validate_part(schema, Place::Root, 0, at, errors);
}

fn validate_part(
    schema: JSONSchemaProps<'_>,
    place: Place,
    depth: usize,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    if depth > DEPTH_MAX {
        return;
    }
    validate_forbidden(schema, at, errors);
    validate_type(schema, place, at, errors);
    let items = schema.items();
    if items.as_map().is_some() {
        let items_at = at.child("items");
        validate_part(JSONSchemaProps::of(items), Place::Item, depth + 1, &items_at, errors);
    }
    let properties_at = at.child("properties");
    for (name, property) in schema.properties().iter() {
        let property_at = properties_at.key(name.as_str());
        let property = JSONSchemaProps::of(property);
        validate_part(property, Place::Field, depth + 1, &property_at, errors);
    }
    let additional = schema.additional_properties();
    if additional.as_map().is_some() {
        let additional_at = at.child("additionalProperties");
        let additional = JSONSchemaProps::of(additional);
        validate_part(additional, Place::Field, depth + 1, &additional_at, errors);
    }
}

fn validate_forbidden(schema: JSONSchemaProps<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    if schema.unique_items() {
        let detail = "uniqueItems cannot be set to true since the runtime complexity becomes \
            quadratic";
        errors.forbidden(&at.child("uniqueItems"), detail);
    }
    let additional = schema.additional_properties();
    let is_restricted = !additional.is_null() && *additional != Value::Bool(true);
    if is_restricted && !schema.properties().is_empty() {
        let detail = "additionalProperties and properties are mutual exclusive";
        errors.forbidden(&at.child("additionalProperties"), detail);
    }
    for (field, is_there) in [
        ("definitions", !schema.definitions().is_empty()),
        ("dependencies", !schema.dependencies().is_empty()),
        ("id", !schema.id().is_empty()),
        ("patternProperties", !schema.pattern_properties().is_empty()),
        ("$ref", schema.ref_().is_some()),
    ] {
        if is_there {
            errors.forbidden(&at.child(field), format!("{field} is not supported"));
        }
    }
}

fn validate_type(schema: JSONSchemaProps<'_>, place: Place, at: &Path<'_>, errors: &mut ErrorList) {
    let type_at = at.child("type");
    let ty = schema.type_();
    let is_open = schema.x_kubernetes_preserve_unknown_fields() == Some(true);
    if schema.x_kubernetes_embedded_resource() && ty != "object" {
        let detail = "must be object if x-kubernetes-embedded-resource is true";
        match ty {
            "" => errors.required(&type_at, detail),
            ty => errors.invalid(&type_at, ty, detail),
        }
        return;
    }
    if ty.is_empty() && !schema.x_kubernetes_int_or_string() && !is_open {
        let detail = match place {
            Place::Root => "must not be empty at the root",
            Place::Item => "must not be empty for specified array items",
            Place::Field => "must not be empty for specified object fields",
        };
        return errors.required(&type_at, detail);
    }
    let types = ["array", "boolean", "integer", "number", "object", "string"];
    if !ty.is_empty() && !types.contains(&ty) {
        errors.not_supported(&type_at, ty, &types);
    }
    if matches!(place, Place::Root) && !ty.is_empty() && ty != "object" {
        errors.invalid(&type_at, ty, "must be object at the root");
    }
}
