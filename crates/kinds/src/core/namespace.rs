//! Namespace: a room for names.

use crate::table::{AGE, Column, NAME, Row, age, name};
use crate::{FieldSelector, Kind, Subresource};
use api::core::v1::Namespace;
use api::field::{ErrorList, Path};
use api::schema::types;
use api::{Value, View, list, names, object, validation};
use sim::Time;

/// `v1` Namespace
pub static KIND: Kind = Kind {
    kind: "Namespace",
    plural: "namespaces",
    singular: "namespace",
    short_names: &["ns"],
    // Namespaces cannot be deleted as a collection.
    verbs: &["create", "delete", "get", "list", "patch", "update", "watch"],
    ty: types::CORE_V1_NAMESPACE,
    storage_version_hash: "Q3oi5N2YM8M=",
    has_status: true,
    subresources: &[Subresource {
        name: "finalize",
        group: "",
        version: "",
        kind: "Namespace",
        verbs: &["update"],
    }],
    name_problems: validation::dns1123_label,
    set_defaults,
    prepare_create,
    prepare_update,
    validate,
    field_selectors: &[FieldSelector {
        path: "status.phase",
        get: |object| Namespace::of(object).status().phase().to_owned(),
    }],
    columns: &[NAME, Column::text("Status"), AGE],
    row,
    ..Kind::CLUSTER_SCOPED
};

/// Every namespace carries its own name as a label.
fn set_defaults(object: &mut Value) {
    let name = Namespace::of(object).metadata().value().get(&names::NAME).clone();
    if name.as_str().is_none_or(str::is_empty) {
        return;
    }
    object.update(&names::METADATA, |metadata| {
        metadata.update(&names::LABELS, |labels| {
            if *labels.get(&names::KUBERNETES_IO_METADATA_NAME) != name {
                labels.make_map().insert(&names::KUBERNETES_IO_METADATA_NAME, name);
            }
        });
    });
}

fn prepare_create(object: &mut Value) {
    object.make_map().insert(&names::STATUS, object! { "phase": "Active" });
    object.update(&names::SPEC, |spec| {
        let has_ours = spec.get(&names::FINALIZERS).items().iter().any(|f| f == "kubernetes");
        if !has_ours {
            let mut finalizers = spec.get(&names::FINALIZERS).clone();
            if finalizers.items().is_empty() {
                finalizers = list!["kubernetes"];
            } else {
                finalizers.make_list().push("kubernetes");
            }
            spec.make_map().insert(&names::FINALIZERS, finalizers);
        }
    });
}

/// The finalizers of the spec change only through the subresource `finalize`.
fn prepare_update(new: &mut Value, old: &Value) {
    let finalizers = old.get(&names::SPEC).get(&names::FINALIZERS).clone();
    new.update(&names::SPEC, |spec| {
        if *spec.get(&names::FINALIZERS) != finalizers {
            spec.make_map().insert(&names::FINALIZERS, finalizers);
        }
    });
}

fn validate(object: &Value, errors: &mut ErrorList) {
    let spec = Path::new("spec");
    let at = spec.child("finalizers");
    for finalizer in Namespace::of(object).spec().finalizers() {
        for problem in validation::qualified_name(finalizer) {
            errors.invalid(&at, finalizer, problem);
        }
    }
}

fn row(object: &Value, now: Time) -> Row {
    let phase = Namespace::of(object).status().phase().to_owned();
    vec![name(object), phase.into(), age(object, now)]
}
