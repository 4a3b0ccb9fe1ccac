//! RuntimeClass: with which container runtime a Pod runs.

use crate::pod_spec::{round_amounts, validate_quantity, validate_tolerations};
use crate::rules::{NOT_NEGATIVE, check, immutable, scalar};
use crate::table::{AGE, Column, NAME, Row, age, name};
use crate::{Kind, meta};
use api::field::{ErrorList, Path};
use api::node::v1::RuntimeClass;
use api::schema::types;
use api::{Value, View, names, validation};
use sim::Time;

/// `node.k8s.io/v1` RuntimeClass
pub static KIND: Kind = Kind {
    group: "node.k8s.io",
    kind: "RuntimeClass",
    plural: "runtimeclasses",
    singular: "runtimeclass",
    ty: types::NODE_V1_RUNTIME_CLASS,
    storage_version_hash: "WQTu1GL3T2Q=",
    allows_unconditional_update: false,
    set_defaults,
    validate,
    validate_update,
    columns: &[NAME, Column::text("Handler"), AGE],
    row,
    ..Kind::CLUSTER_SCOPED
};

fn set_defaults(object: &mut Value) {
    object.update(&names::OVERHEAD, |overhead| overhead.update(&names::POD_FIXED, round_amounts));
}

fn validate(object: &Value, errors: &mut ErrorList) {
    let class = RuntimeClass::of(object);
    check(validation::dns1123_label, class.handler(), &Path::new("handler"), errors);
    if let Some(overhead) = class.overhead() {
        let at = Path::new("overhead");
        let list = at.child("podFixed");
        for (resource, amount) in overhead.pod_fixed().iter() {
            let at = list.key(resource);
            if amount.sign() < 0 {
                errors.invalid(&at, amount.to_string(), NOT_NEGATIVE);
            } else {
                validate_quantity(resource, amount, &at, errors);
            }
        }
    }
    if let Some(scheduling) = class.scheduling() {
        let at = Path::new("scheduling");
        meta::validate_labels(scheduling.node_selector(), &at.child("nodeSelector"), errors);
        validate_tolerations(scheduling.tolerations(), &at.child("tolerations"), errors);
    }
}

fn validate_update(new: &Value, old: &Value, errors: &mut ErrorList) {
    let handler = |class: &Value| class.get(&names::HANDLER).clone();
    immutable(&handler(new), &handler(old), &Path::new("handler"), scalar, errors);
}

fn row(object: &Value, now: Time) -> Row {
    let handler = RuntimeClass::of(object).handler().to_owned();
    vec![name(object), handler.into(), age(object, now)]
}
