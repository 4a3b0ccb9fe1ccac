//! StorageClass: how storage is made when a claim asks for it.

use crate::Kind;
use crate::meta;
use crate::rules::{Seen, check, immutable, one_of, scalar};
use crate::table::{AGE, Column, NAME, Row, age, metadata};
use api::core::v1::TopologySelectorTerm;
use api::field::{ErrorList, Path};
use api::schema::types;
use api::storage::v1::StorageClass;
use api::{Value, View, names, validation};
use sim::Time;

/// `storage.k8s.io/v1` StorageClass
pub static KIND: Kind = Kind {
    group: super::GROUP,
    kind: "StorageClass",
    plural: "storageclasses",
    singular: "storageclass",
    short_names: &["sc"],
    ty: types::STORAGE_V1_STORAGE_CLASS,
    storage_version_hash: "K+m6uJwbjGY=",
    set_defaults,
    validate,
    validate_update,
    warnings,
    columns: &[
        NAME,
        Column::text("Provisioner"),
        Column::text("ReclaimPolicy"),
        Column::text("VolumeBindingMode"),
        Column::text("AllowVolumeExpansion"),
        AGE,
    ],
    row,
    ..Kind::CLUSTER_SCOPED
};

const DEFAULT_ANNOTATIONS: [&str; 2] = [
    "storageclass.kubernetes.io/is-default-class",
    "storageclass.beta.kubernetes.io/is-default-class",
];
const PARAMETERS_MAX: usize = 512;
const PARAMETER_BYTES_MAX: usize = 256 * 1024;

fn set_defaults(object: &mut Value) {
    object.set_default(&names::RECLAIM_POLICY, "Delete");
    object.set_default(&names::VOLUME_BINDING_MODE, "Immediate");
}

/// Whether claims that name no class get this one.
pub fn is_default(object: &Value) -> bool {
    let annotations = metadata(object).annotations();
    DEFAULT_ANNOTATIONS.iter().any(|name| annotations.get(name) == Some("true"))
}

fn validate(object: &Value, errors: &mut ErrorList) {
    let class = StorageClass::of(object);
    let provisioner_at = Path::new("provisioner");
    match class.provisioner() {
        "" => errors.required(&provisioner_at, ""),
        provisioner => {
            for problem in validation::qualified_name(&provisioner.to_lowercase()) {
                errors.invalid(&provisioner_at, provisioner, problem);
            }
        }
    }
    validate_parameters(class, &Path::new("parameters"), errors);
    if let Some(policy) = class.reclaim_policy() {
        one_of(policy, &["Delete", "Retain"], &Path::new("reclaimPolicy"), errors);
    }
    let mode_at = Path::new("volumeBindingMode");
    match class.volume_binding_mode() {
        None => errors.required(&mode_at, ""),
        Some(mode) => one_of(mode, &["Immediate", "WaitForFirstConsumer"], &mode_at, errors),
    }
    let list = Path::new("allowedTopologies");
    for (i, term) in class.allowed_topologies().enumerate() {
        validate_topology(term, &list.index(i), errors);
    }
}

fn validate_parameters(class: StorageClass<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let parameters = class.parameters();
    if parameters.len() > PARAMETERS_MAX {
        errors.too_long(at, PARAMETERS_MAX);
        return;
    }
    let bytes: usize = parameters.iter().map(|(key, value)| key.len() + value.len()).sum();
    for (key, _) in parameters.iter().filter(|(key, _)| key.is_empty()) {
        errors.invalid(at, key, "field can not be empty.");
    }
    if bytes > PARAMETER_BYTES_MAX {
        errors.too_long(at, PARAMETER_BYTES_MAX);
    }
}

fn validate_topology(term: TopologySelectorTerm<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let list = at.child("matchLabelExpressions");
    let mut keys = Seen::new();
    for (i, expression) in term.match_label_expressions().enumerate() {
        let at = list.index(i);
        let values_at = at.child("values");
        if expression.values().is_empty() {
            errors.required(&values_at, "");
        }
        let mut values = Seen::new();
        for (i, value) in expression.values().enumerate() {
            if !values.insert(value) {
                errors.duplicate(&values_at.index(i), value);
            }
        }
        let key_at = at.child("key");
        meta::validate_label_name(expression.key(), &key_at, errors);
        if !keys.insert(expression.key()) {
            errors.duplicate(&key_at, expression.key());
        }
    }
}

fn validate_update(new: &Value, old: &Value, errors: &mut ErrorList) {
    for (field, key) in [
        ("parameters", &names::PARAMETERS),
        ("provisioner", &names::PROVISIONER),
        ("reclaimPolicy", &names::RECLAIM_POLICY),
    ] {
        if new.get(key) != old.get(key) {
            let detail = format!("updates to {field} are forbidden.");
            errors.forbidden(&Path::new(field), detail);
        }
    }
    let mode = |class: &Value| class.get(&names::VOLUME_BINDING_MODE).clone();
    immutable(&mode(new), &mode(old), &Path::new("volumeBindingMode"), scalar, errors);
}

/// Labels of nodes that have other names now.
fn warnings(new: &Value, _: Option<&Value>) -> Vec<String> {
    let mut warnings = Vec::new();
    let list = Path::new("allowedTopologies");
    for (i, term) in StorageClass::of(new).allowed_topologies().enumerate() {
        let at = list.index(i);
        let list = at.child("matchLabelExpressions");
        for (i, expression) in term.match_label_expressions().enumerate() {
            let at = list.index(i);
            let at = at.child("key");
            crate::pod_spec::warn_of_node_label(expression.key(), &at, &mut warnings);
        }
    }
    warnings
}

fn row(object: &Value, now: Time) -> Row {
    let class = StorageClass::of(object);
    let mut name = metadata(object).name().to_owned();
    if is_default(object) {
        name += " (default)";
    }
    vec![
        name.into(),
        class.provisioner().to_owned().into(),
        class.reclaim_policy().unwrap_or("Delete").to_owned().into(),
        class.volume_binding_mode().unwrap_or("<unset>").to_owned().into(),
        class.allow_volume_expansion().unwrap_or(false).into(),
        age(object, now),
    ]
}

/// Checks the name of a class where another object mentions it.
pub fn validate_name(name: &str, at: &Path<'_>, errors: &mut ErrorList) {
    check(validation::dns1123_subdomain, name, at, errors);
}
