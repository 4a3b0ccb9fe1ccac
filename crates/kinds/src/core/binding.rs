//! Binding: the decision that a Pod runs on a node.
//!
//! Nothing is stored: the server writes the node into the Pod.

use crate::Kind;
use api::core::v1::Binding;
use api::field::{ErrorList, Path};
use api::schema::types;
use api::{Value, View};

/// `v1` Binding
pub static KIND: Kind = Kind {
    kind: "Binding",
    plural: "bindings",
    singular: "binding",
    verbs: &["create"],
    is_virtual: true,
    ty: types::CORE_V1_BINDING,
    validate,
    ..Kind::NAMESPACED
};

fn validate(object: &Value, errors: &mut ErrorList) {
    let target = Binding::of(object).target();
    let at = Path::new("target");
    if !matches!(target.kind(), "" | "Node") {
        errors.not_supported(&at.child("kind"), target.kind(), &["Node", "<empty>"]);
    }
    if target.name().is_empty() {
        errors.required(&at.child("name"), "");
    }
}
