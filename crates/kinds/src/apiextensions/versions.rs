//! The versions of a custom kind.

use super::schema;
use crate::internal;
use crate::rules::{Seen, one_of};
use api::apiextensions::v1::{
    CustomResourceColumnDefinition, CustomResourceDefinition, CustomResourceDefinitionSpec,
    CustomResourceDefinitionVersion, CustomResourceSubresourceScale,
};
use api::field::{ErrorList, Path};
use api::schema::types;
use api::{Views, validation};

const WARNING_MAX: usize = 256;
/// What a column can show, sorted.
const COLUMN_TYPES: &[&str] = &["boolean", "date", "integer", "number", "string"];
const COLUMN_FORMATS: &[&str] =
    &["byte", "date", "date-time", "double", "float", "int32", "int64", "password"];

/// Checks the versions.
pub(super) fn validate(
    spec: CustomResourceDefinitionSpec<'_>,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    for (i, version) in spec.versions().enumerate() {
        if version.served() && version.schema().and_then(|s| s.open_apiv3_schema()).is_none() {
            let at = at.index(i);
            errors.required(&at.child("schema").child("openAPIV3Schema"), "schemas are required");
        }
    }
    let mut seen = Seen::new();
    let mut are_unique = true;
    for (i, version) in spec.versions().enumerate() {
        are_unique &= seen.insert(version.name());
        validate_version(version, &at.index(i), errors);
    }
    let mut complain = |detail: &str| {
        let items = spec.versions();
        let ty = types::APIEXTENSIONS_V1_CUSTOM_RESOURCE_DEFINITION_VERSION;
        errors.invalid(at, internal::print_list(ty, items.values()), detail);
    };
    if !are_unique {
        complain("must contain unique version names");
    }
    if spec.versions().filter(|version| version.storage()).count() != 1 {
        complain("must have exactly one version marked as storage version");
    }
}

fn validate_version(
    version: CustomResourceDefinitionVersion<'_>,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    let problems = validation::dns1035_label(version.name());
    if !problems.is_empty() {
        errors.invalid(&at.child("name"), version.name(), problems.join(","));
    }
    if let Some(warning) = version.deprecation_warning() {
        let at = at.child("deprecationWarning");
        validate_warning(version.deprecated(), warning, &at, errors);
    }
    if let Some(schema) = version.schema().and_then(|schema| schema.open_apiv3_schema()) {
        schema::validate(schema, &at.child("schema").child("openAPIV3Schema"), errors);
    }
    if let Some(scale) = version.subresources().and_then(|subresources| subresources.scale()) {
        validate_scale(scale, &at.child("subresources").child("scale"), errors);
    }
    validate_columns(version, &at.child("additionalPrinterColumns"), errors);
}

fn validate_warning(is_deprecated: bool, warning: &str, at: &Path<'_>, errors: &mut ErrorList) {
    if !is_deprecated {
        errors.invalid(at, warning, "can only be set for deprecated versions");
    }
    if warning.is_empty() {
        errors.invalid(at, warning, "must not be empty");
    }
    if warning.len() > WARNING_MAX {
        let detail = format!("must be <= {WARNING_MAX} characters long");
        errors.invalid(at, warning, detail);
    }
    if let Some((i, _)) = warning.char_indices().find(|(_, c)| c.is_control()) {
        let detail = format!(
            "must only contain printable UTF-8 characters; non-printable character found at \
             index {i}"
        );
        errors.invalid(at, warning, detail);
    }
}

fn validate_scale(
    scale: CustomResourceSubresourceScale<'_>,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    let mut path = |field: &'static str, text: &str, root: &str, is_required: bool| {
        let at = at.child(field);
        if text.is_empty() {
            if is_required {
                errors.required(&at, "");
            }
            return;
        }
        if !is_simple_path(text) {
            let detail = "must be a json path without array notation";
            errors.invalid(&at, text, detail);
        }
        if !text.starts_with(root) {
            errors.invalid(&at, text, format!("should be a json path under {root}"));
        }
    };
    path("specReplicasPath", scale.spec_replicas_path(), ".spec.", true);
    path("statusReplicasPath", scale.status_replicas_path(), ".status.", true);
    if let Some(text) = scale.label_selector_path().filter(|text| !text.is_empty()) {
        let root = if text.starts_with(".spec.") { ".spec." } else { ".status." };
        path("labelSelectorPath", text, root, false);
    }
}

/// Whether a path consists of names after dots.
fn is_simple_path(path: &str) -> bool {
    path.strip_prefix('.').is_some_and(|rest| {
        rest.split('.').all(|part| {
            !part.is_empty()
                && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b))
        })
    })
}

fn validate_columns(
    version: CustomResourceDefinitionVersion<'_>,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    let columns: Views<'_, CustomResourceColumnDefinition<'_>> =
        version.additional_printer_columns();
    for (i, column) in columns.enumerate() {
        let at = at.index(i);
        if column.name().is_empty() {
            errors.required(&at.child("name"), "");
        }
        match column.type_() {
            "" => {
                let detail = format!("must be one of {}", COLUMN_TYPES.join(","));
                errors.required(&at.child("type"), detail);
            }
            ty if !COLUMN_TYPES.contains(&ty) => {
                let detail = format!("must be one of {}", COLUMN_TYPES.join(","));
                errors.invalid(&at.child("type"), ty, detail);
            }
            _ => {}
        }
        if !column.format().is_empty() {
            one_of(column.format(), COLUMN_FORMATS, &at.child("format"), errors);
        }
        if column.json_path().is_empty() {
            errors.required(&at.child("JSONPath"), "");
        }
    }
}

/// Checks that the versions in which there may be objects are still there.
pub(super) fn validate_stored(definition: CustomResourceDefinition<'_>, errors: &mut ErrorList) {
    let status = Path::new("status");
    let at = status.child("storedVersions");
    for (i, stored) in definition.status().stored_versions().enumerate() {
        if !definition.spec().versions().any(|version| version.name() == stored) {
            errors.invalid(&at.index(i), stored, "must appear in spec.versions");
        }
    }
}
