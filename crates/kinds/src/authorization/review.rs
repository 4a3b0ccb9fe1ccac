//! What the reviews of this group have in common.

use api::authorization::v1::{NonResourceAttributes, ResourceAttributes, SubjectAccessReviewSpec};
use api::field::{ErrorList, Path};
use api::meta::v1::ObjectMeta;
use api::{Value, View, names};

use crate::internal;

/// Checks that what is asked about is either resources or addresses.
pub(super) fn validate_attributes(
    resource: Option<ResourceAttributes<'_>>,
    other: Option<NonResourceAttributes<'_>>,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    match (resource, other) {
        (Some(_), Some(other)) => {
            let shown = internal::print(NonResourceAttributes::TYPE, View::value(other));
            let detail = "cannot be specified in combination with resourceAttributes";
            errors.invalid(&at.child("nonResourceAttributes"), shown, detail);
        }
        (None, None) => {
            let detail =
                "exactly one of nonResourceAttributes or resourceAttributes must be specified";
            errors.invalid(&at.child("resourceAttributes"), "null", detail);
        }
        _ => {}
    }
}

/// Checks a question about somebody.
pub(super) fn validate_spec(
    spec: SubjectAccessReviewSpec<'_>,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    let (resource, other) = (spec.resource_attributes(), spec.non_resource_attributes());
    validate_attributes(resource, other, at, errors);
    if spec.user().is_empty() && spec.groups().is_empty() {
        let detail = "at least one of user or group must be specified";
        errors.invalid(&at.child("user"), "", detail);
    }
}

/// Questions have no name; those within a namespace have only that.
pub(super) fn validate_metadata(object: &Value, is_namespaced: bool, errors: &mut ErrorList) {
    let metadata = object.get(&names::METADATA);
    let Some(map) = metadata.as_map() else { return };
    let is_allowed = |key: &api::Key| match key.as_str() {
        "managedFields" => true,
        "namespace" => is_namespaced,
        _ => false,
    };
    let has_more = map.iter().any(|(key, value)| !is_allowed(key) && !value.is_null());
    if has_more {
        let shown = internal::print(ObjectMeta::TYPE, metadata);
        let detail = match is_namespaced {
            true => "must be empty except for namespace",
            false => "must be empty",
        };
        errors.invalid(&Path::new("metadata"), shown, detail);
    }
}
