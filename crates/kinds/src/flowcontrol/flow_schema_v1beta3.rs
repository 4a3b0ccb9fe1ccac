//! FlowSchema: to which priority level requests belong. This is the version that is stored.

use super::flow_schema_validation as rules;
use crate::table::{AGE, Column, NAME, Row, age, name};
use crate::{Generation, Kind};
use api::flowcontrol::v1beta3::FlowSchema;
use api::schema::types;
use api::{Value, View, names};
use sim::Time;

/// `flowcontrol.apiserver.k8s.io/v1beta3` FlowSchema
pub static KIND: Kind = Kind {
    version: "v1beta3",
    ty: types::FLOWCONTROL_V1BETA3_FLOW_SCHEMA,
    deprecation: "flowcontrol.apiserver.k8s.io/v1beta3 FlowSchema is deprecated in v1.29+, \
        unavailable in v1.32+; use flowcontrol.apiserver.k8s.io/v1 FlowSchema",
    ..COMMON
};

/// What both versions have in common.
pub(super) const COMMON: Kind = Kind {
    group: super::GROUP,
    kind: "FlowSchema",
    plural: "flowschemas",
    singular: "flowschema",
    storage_version_hash: "9NnFrw7ZEmA=",
    has_status: true,
    generation: Generation::OnSpec,
    allows_unconditional_update: false,
    set_defaults,
    validate: rules::validate,
    validate_status_update: rules::validate_status_update,
    columns: COLUMNS,
    row,
    ..Kind::CLUSTER_SCOPED
};

const COLUMNS: &[Column] = &[
    NAME,
    Column::text("PriorityLevel"),
    Column::integer("MatchingPrecedence"),
    Column::text("DistinguisherMethod"),
    AGE,
    Column::text("MissingPL"),
];

const PRECEDENCE: i64 = 1000;

fn set_defaults(object: &mut Value) {
    object.update(&names::SPEC, |spec| {
        if spec.get(&names::MATCHING_PRECEDENCE).as_i64().unwrap_or(0) == 0 {
            spec.make_map().insert(&names::MATCHING_PRECEDENCE, PRECEDENCE);
        }
    });
}

fn row(object: &Value, now: Time) -> Row {
    let schema = FlowSchema::of(object);
    let spec = schema.spec();
    let method = spec.distinguisher_method().map_or("<none>", |method| method.type_());
    let mut conditions = schema.status().conditions();
    let dangling = conditions.find(|condition| condition.type_() == "Dangling");
    vec![
        name(object),
        spec.priority_level_configuration().name().to_owned().into(),
        spec.matching_precedence().into(),
        method.to_owned().into(),
        age(object, now),
        dangling.map_or("?", |condition| condition.status()).to_owned().into(),
    ]
}
