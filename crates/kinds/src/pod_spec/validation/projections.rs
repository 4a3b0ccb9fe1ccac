//! Volumes made of ConfigMaps, Secrets, fields of the Pod, and tokens.

use super::env::{validate_field, validate_resource_field};
use super::volume_sources::required_fields;
use super::volumes::Names;
use crate::rules::{local_nonreserved_path, required};
use api::core::v1::{
    ConfigMapVolumeSource, DownwardAPIVolumeFile, DownwardAPIVolumeSource, KeyToPath, PodSpec,
    ProjectedVolumeSource, SecretVolumeSource, ServiceAccountTokenProjection, VolumeProjection,
};
use api::field::{ErrorList, Path};
use api::{Value, View, Views, names};

const MODE_MAX: i64 = 0o777;
const FIELDS: [&str; 5] = [
    "metadata.annotations",
    "metadata.labels",
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
];

fn validate_mode(mode: Option<i64>, at: &Path<'_>, errors: &mut ErrorList) {
    if let Some(mode) = mode
        && !(0..=MODE_MAX).contains(&mode)
    {
        let detail = "must be a number between 0 and 0777 (octal), both inclusive";
        errors.invalid(at, mode, detail);
    }
}

fn validate_item(item: KeyToPath<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    required(item.key(), &at.child("key"), errors);
    required(item.path(), &at.child("path"), errors);
    local_nonreserved_path(item.path(), &at.child("path"), errors);
    validate_mode(item.mode(), &at.child("mode"), errors);
}

fn validate_items<'a>(items: Views<'a, KeyToPath<'a>>, at: &Path<'_>, errors: &mut ErrorList) {
    let list = at.child("items");
    for (i, item) in items.enumerate() {
        validate_item(item, &list.index(i), errors);
    }
}

/// `secret`
pub(super) fn validate_secret(source: &Value, at: &Path<'_>, errors: &mut ErrorList) {
    let secret = SecretVolumeSource::of(source);
    required(secret.secret_name(), &at.child("secretName"), errors);
    validate_mode(secret.default_mode(), &at.child("defaultMode"), errors);
    validate_items(secret.items(), at, errors);
}

/// `configMap`
pub(super) fn validate_config_map(source: &Value, at: &Path<'_>, errors: &mut ErrorList) {
    let map = ConfigMapVolumeSource::of(source);
    required(map.name(), &at.child("name"), errors);
    validate_mode(map.default_mode(), &at.child("defaultMode"), errors);
    validate_items(map.items(), at, errors);
}

/// `downwardAPI`
pub(super) fn validate_downward(source: &Value, at: &Path<'_>, errors: &mut ErrorList) {
    let downward = DownwardAPIVolumeSource::of(source);
    validate_mode(downward.default_mode(), &at.child("defaultMode"), errors);
    for file in downward.items() {
        validate_file(file, at, errors);
    }
}

/// Errors of a file do not say which one it is.
fn validate_file(file: DownwardAPIVolumeFile<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    required(file.path(), &at.child("path"), errors);
    local_nonreserved_path(file.path(), &at.child("path"), errors);
    match (file.field_ref(), file.resource_field_ref()) {
        (Some(field), resource) => {
            validate_field(field, &FIELDS, &at.child("fieldRef"), errors);
            if resource.is_some() {
                let detail = "fieldRef and resourceFieldRef can not be specified simultaneously";
                errors.invalid(at, "resource", detail);
            }
        }
        (None, Some(resource)) => {
            validate_resource_field(resource, true, &at.child("resourceFieldRef"), errors);
        }
        (None, None) => errors.required(at, "one of fieldRef and resourceFieldRef is required"),
    }
    validate_mode(file.mode(), &at.child("mode"), errors);
}

/// `projected`
pub(super) fn validate_projected(source: &Value, at: &Path<'_>, errors: &mut ErrorList) {
    let projected = ProjectedVolumeSource::of(source);
    validate_mode(projected.default_mode(), &at.child("defaultMode"), errors);
    let list = at.child("sources");
    let mut paths = Names::new();
    for (i, source) in projected.sources().enumerate() {
        let source_at = list.index(i);
        if validate_projection(source, at, &source_at, &mut paths, errors) > 1 {
            errors.forbidden(&source_at, "may not specify more than 1 volume type");
        }
    }
}

/// Checks one part of a projected volume; returns how many sources it names.
fn validate_projection<'a>(
    source: VolumeProjection<'a>,
    volume: &Path<'_>,
    at: &Path<'_>,
    paths: &mut Names<'a>,
    errors: &mut ErrorList,
) -> usize {
    let conflict = "conflicting duplicate paths";
    let mut count = 0;
    let secret = source.secret().map(|s| (s.value(), s.name(), s.items()));
    let config_map = source.config_map().map(|c| (c.value(), c.name(), c.items()));
    for (field, source) in [("secret", secret), ("configMap", config_map)] {
        let Some((value, name, items)) = source else {
            continue;
        };
        count += 1;
        let at = at.child(field);
        required_fields(value, &[&names::NAME], &at, errors);
        let list = at.child("items");
        for (i, item) in items.enumerate() {
            validate_item(item, &list.index(i), errors);
            if !item.path().is_empty() && !paths.insert(item.path()) {
                errors.invalid(volume, name, conflict);
            }
        }
    }
    if let Some(downward) = source.downward_api() {
        count += 1;
        let at = at.child("downwardAPI");
        for file in downward.items() {
            validate_file(file, &at, errors);
            if !file.path().is_empty() && !paths.insert(file.path()) {
                errors.invalid(volume, file.path(), conflict);
            }
        }
    }
    if let Some(token) = source.service_account_token() {
        count += 1;
        validate_token(token, volume, &at.child("serviceAccountToken"), errors);
    }
    count
}

fn validate_token(
    token: ServiceAccountTokenProjection<'_>,
    volume: &Path<'_>,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    let seconds = token.expiration_seconds().unwrap_or(0);
    let seconds_at = at.child("expirationSeconds");
    if seconds < 10 * 60 {
        let detail = "may not specify a duration less than 10 minutes";
        errors.invalid(&seconds_at, seconds, detail);
    }
    if seconds > 1 << 32 {
        let detail = "may not specify a duration larger than 2^32 seconds";
        errors.invalid(&seconds_at, seconds, detail);
    }
    match token.path() {
        "" => errors.required(&volume.child("path"), ""),
        path => local_nonreserved_path(path, &volume.child("path"), errors),
    }
}

/// Checks, for Pods alone, that a token belongs to an account.
pub(super) fn validate_tokens_have_account(
    spec: PodSpec<'_>,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    if !spec.service_account_name().is_empty() {
        return;
    }
    let list = at.child("volumes");
    for (i, volume) in spec.volumes().enumerate() {
        let Some(projected) = volume.projected() else {
            continue;
        };
        let at = list.index(i);
        let at = at.child("projected");
        let sources = at.child("sources");
        for (i, source) in projected.sources().enumerate() {
            if source.service_account_token().is_some() {
                let detail = "must not be specified when serviceAccountName is not set";
                let at = sources.index(i);
                errors.forbidden(&at.child("serviceAccountToken"), detail);
            }
        }
    }
}
