//! Rules for the metadata of every object.
//!
//! Models `k8s.io/apimachinery/pkg/api/validation`.

use crate::rules::IMMUTABLE;
use crate::{Kind, internal};
use api::field::{BadValue, ErrorList, Path};
use api::meta::v1::{ObjectMeta, OwnerReference};
use api::{StringMap, View, go, labels, validation};

const ANNOTATIONS_BYTES_MAX: usize = 256 * 1024;
const FINALIZERS: [&str; 2] = ["foregroundDeletion", "orphan"];

/// Checks the metadata of an object of `kind` at `at`.
pub fn validate(kind: &Kind, meta: ObjectMeta<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    validate_with(meta, kind.is_namespaced, kind.name_problems, at, errors);
}

/// Checks metadata whose name follows `name_problems`.
pub fn validate_with(
    meta: ObjectMeta<'_>,
    is_namespaced: bool,
    name_problems: fn(&str) -> Vec<String>,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    let generate_name = meta.generate_name();
    if !generate_name.is_empty() {
        for problem in name_problems(&validation::mask_trailing_dash(generate_name)) {
            errors.invalid(&at.child("generateName"), generate_name, problem);
        }
    }
    if meta.name().is_empty() {
        errors.required(&at.child("name"), "name or generateName is required");
    } else {
        for problem in name_problems(meta.name()) {
            errors.invalid(&at.child("name"), meta.name(), problem);
        }
    }
    let namespace = meta.namespace();
    if is_namespaced {
        if namespace.is_empty() {
            errors.required(&at.child("namespace"), "");
        } else {
            for problem in validation::dns1123_label(namespace) {
                errors.invalid(&at.child("namespace"), namespace, problem);
            }
        }
    } else if !namespace.is_empty() {
        errors.forbidden(&at.child("namespace"), "not allowed on this type");
    }
    validate_common(meta, at, errors);
}

fn validate_common(meta: ObjectMeta<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    if meta.generation() < 0 {
        let detail = "must be greater than or equal to 0";
        errors.invalid(&at.child("generation"), meta.generation(), detail);
    }
    validate_labels(meta.labels(), &at.child("labels"), errors);
    validate_annotations(meta.annotations(), &at.child("annotations"), errors);
    validate_owners(meta, &at.child("ownerReferences"), errors);
    validate_finalizers(meta, &at.child("finalizers"), errors);
}

/// Checks labels.
pub fn validate_labels(labels: StringMap<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    for (key, value) in labels.iter() {
        validate_label_name(key, at, errors);
        for problem in validation::label_value(value) {
            errors.invalid(at, value, problem);
        }
    }
}

/// Checks the key of a label.
pub fn validate_label_name(key: &str, at: &Path<'_>, errors: &mut ErrorList) {
    for problem in validation::qualified_name(key) {
        errors.invalid(at, key, problem);
    }
}

/// Checks annotations.
pub fn validate_annotations(annotations: StringMap<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    for (key, _) in annotations.iter() {
        // The case does not matter; most keys are fine as they are.
        if validation::qualified_name(key).is_empty() {
            continue;
        }
        for problem in validation::qualified_name(&key.to_lowercase()) {
            errors.invalid(at, key, problem);
        }
    }
    let bytes: usize = annotations.iter().map(|(key, value)| key.len() + value.len()).sum();
    if bytes > ANNOTATIONS_BYTES_MAX {
        errors.too_long(at, ANNOTATIONS_BYTES_MAX);
    }
}

/// Errors of owners do not say which owner is meant.
fn validate_owners(meta: ObjectMeta<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let mut controller: Option<OwnerReference<'_>> = None;
    for owner in meta.owner_references() {
        if owner.api_version().is_empty() || owner.api_version().ends_with('/') {
            let detail = "version must not be empty";
            errors.invalid(&at.child("apiVersion"), owner.api_version(), detail);
        }
        for (field, text, detail) in [
            ("kind", owner.kind(), "kind must not be empty"),
            ("name", owner.name(), "name must not be empty"),
            ("uid", owner.uid(), "uid must not be empty"),
        ] {
            if text.is_empty() {
                errors.invalid(&at.child(field), text, detail);
            }
        }
        if owner.api_version() == "v1" && owner.kind() == "Event" {
            let detail = "/v1, Kind=Event is disallowed from being an owner";
            errors.invalid(at, internal::print(OwnerReference::TYPE, owner.value()), detail);
        }
        if owner.controller() == Some(true) {
            match controller {
                None => controller = Some(owner),
                Some(first) => {
                    let detail = format!(
                        "Only one reference can have Controller set to true. Found \"true\" in \
                         references for {}/{} and {}/{}",
                        first.kind(),
                        first.name(),
                        owner.kind(),
                        owner.name()
                    );
                    errors.invalid(at, print_owners(meta), detail);
                }
            }
        }
    }
}

fn print_owners(meta: ObjectMeta<'_>) -> BadValue {
    let owners: Vec<String> = meta
        .owner_references()
        .map(|owner| internal::print(OwnerReference::TYPE, owner.value()).to_string())
        .collect();
    BadValue::Plain(format!("[]v1.OwnerReference{{{}}}", owners.join(", ")))
}

fn validate_finalizers(meta: ObjectMeta<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let mut deletion_finalizers = 0;
    for finalizer in meta.finalizers() {
        for problem in validation::qualified_name(finalizer) {
            errors.invalid(at, finalizer, problem);
        }
        deletion_finalizers += usize::from(FINALIZERS.contains(&finalizer));
    }
    if deletion_finalizers > 1 {
        let value = internal::print_strings("string", meta.finalizers());
        let detail = "finalizer orphan and foregroundDeletion cannot be both set";
        errors.invalid(at, value, detail);
    }
    for (i, finalizer) in meta.finalizers().enumerate() {
        let is_standard = FINALIZERS.contains(&finalizer) || finalizer == "kubernetes";
        if !finalizer.contains('/') && !is_standard {
            let detail = "name is neither a standard finalizer name nor is it fully qualified";
            errors.invalid(&at.index(i), finalizer, detail);
        }
    }
}

/// Checks a change of metadata.
pub fn validate_update(
    new: ObjectMeta<'_>,
    old: ObjectMeta<'_>,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    if let Some(detail) = new_finalizer_while_deleting(new, old) {
        errors.forbidden(&at.child("finalizers"), detail);
    }
    if new.generation() < old.generation() {
        let at = at.child("generation");
        errors.invalid(&at, new.generation(), "must not be decremented");
    }
    for (field, new, old) in [
        ("name", new.name(), old.name()),
        ("namespace", new.namespace(), old.namespace()),
        ("uid", new.uid(), old.uid()),
    ] {
        if new != old {
            errors.invalid(&at.child(field), new, IMMUTABLE);
        }
    }
    for (field, new, old) in [
        ("creationTimestamp", new.creation_timestamp(), old.creation_timestamp()),
        ("deletionTimestamp", new.deletion_timestamp(), old.deletion_timestamp()),
    ] {
        if new != old {
            errors.invalid(&at.child(field), print_time(new), IMMUTABLE);
        }
    }
    let seconds = |meta: ObjectMeta<'_>| meta.deletion_grace_period_seconds();
    if seconds(new) != seconds(old) {
        let shown = seconds(new).map_or_else(|| "null".into(), BadValue::from);
        errors.invalid(&at.child("deletionGracePeriodSeconds"), shown, IMMUTABLE);
    }
    validate_labels(new.labels(), &at.child("labels"), errors);
    validate_annotations(new.annotations(), &at.child("annotations"), errors);
    validate_owners(new, &at.child("ownerReferences"), errors);
    validate_finalizers(new, &at.child("finalizers"), errors);
}

/// How an error prints an instant: `2026-11-23 12:29:37 +0000 UTC`.
pub fn print_time(time: Option<sim::Time>) -> BadValue {
    match time {
        None => "null".into(),
        Some(time) => {
            let text = time.rfc3339().replace('T', " ");
            BadValue::Plain(format!("{} +0000 UTC", text.trim_end_matches('Z')))
        }
    }
}

fn new_finalizer_while_deleting(new: ObjectMeta<'_>, old: ObjectMeta<'_>) -> Option<String> {
    old.deletion_timestamp()?;
    let added: Vec<String> =
        new.finalizers().filter(|f| !old.finalizers().has(f)).map(go::quote).collect();
    (!added.is_empty()).then(|| {
        format!(
            "no new finalizers can be added if the object is being deleted, found new finalizers \
             []string{{{}}}",
            added.join(", ")
        )
    })
}

/// Checks a `LabelSelector` document.
pub fn validate_selector(
    selector: api::meta::v1::LabelSelector<'_>,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    validate_labels(selector.match_labels(), &at.child("matchLabels"), errors);
    let expressions = at.child("matchExpressions");
    for (i, expression) in selector.match_expressions().enumerate() {
        let at = expressions.index(i);
        match expression.operator() {
            "In" | "NotIn" if expression.values().is_empty() => {
                let detail = "must be specified when `operator` is 'In' or 'NotIn'";
                errors.required(&at.child("values"), detail);
            }
            "In" | "NotIn" => {}
            "Exists" | "DoesNotExist" if !expression.values().is_empty() => {
                let detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
                errors.forbidden(&at.child("values"), detail);
            }
            "Exists" | "DoesNotExist" => {}
            other => errors.invalid(&at.child("operator"), other, "not a valid selector operator"),
        }
        validate_label_name(expression.key(), &at.child("key"), errors);
        for (i, value) in expression.values().enumerate() {
            for problem in validation::label_value(value) {
                errors.invalid(&at.child("values").index(i), value, problem);
            }
        }
    }
}

/// The same for a selector that has to be usable, as those of workloads: then one more error says
/// that it is not. Returns whether it is.
pub fn validate_usable_selector(
    selector: api::meta::v1::LabelSelector<'_>,
    at: &Path<'_>,
    errors: &mut ErrorList,
) -> bool {
    let before = errors.0.len();
    validate_selector(selector, at, errors);
    errors.0.len() == before
}

/// Whether a selector document selects a pod template's labels.
pub fn selects(selector: &api::Value, labels: StringMap<'_>) -> bool {
    labels::Selector::from_document(selector).matches(labels)
}
