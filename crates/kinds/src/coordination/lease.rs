//! Lease: a sign of life, such as that of a node.

use crate::Kind;
use crate::table::{AGE, Column, NAME, Row, age, name};
use api::coordination::v1::Lease;
use api::field::{ErrorList, Path};
use api::schema::types;
use api::{Value, View};
use sim::Time;

/// `coordination.k8s.io/v1` Lease
pub static KIND: Kind = Kind {
    group: "coordination.k8s.io",
    kind: "Lease",
    plural: "leases",
    singular: "lease",
    ty: types::COORDINATION_V1_LEASE,
    storage_version_hash: "gqkMMb/YqFM=",
    allows_unconditional_update: false,
    allows_create_on_update: true,
    validate,
    columns: &[NAME, Column::text("Holder"), AGE],
    row,
    ..Kind::NAMESPACED
};

fn validate(object: &Value, errors: &mut ErrorList) {
    let spec = Lease::of(object).spec();
    let at = Path::new("spec");
    let positive = "must be greater than 0";
    if let Some(seconds) = spec.lease_duration_seconds()
        && seconds <= 0
    {
        errors.invalid(&at.child("leaseDurationSeconds"), seconds, positive);
    }
    if let Some(transitions) = spec.lease_transitions()
        && transitions < 0
    {
        let detail = "must be greater than or equal to 0";
        errors.invalid(&at.child("leaseTransitions"), transitions, detail);
    }
}

fn row(object: &Value, now: Time) -> Row {
    let holder = Lease::of(object).spec().holder_identity().unwrap_or_default().to_owned();
    vec![name(object), holder.into(), age(object, now)]
}
