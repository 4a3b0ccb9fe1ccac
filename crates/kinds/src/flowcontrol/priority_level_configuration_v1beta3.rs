//! PriorityLevelConfiguration: how many requests of a kind are served at once. This is the version
//! that is stored.

use super::priority_level_validation as rules;
use crate::table::{AGE, Column, NAME, NONE, Row, age, name};
use crate::{Generation, Kind};
use api::flowcontrol::v1beta3::PriorityLevelConfiguration;
use api::schema::types;
use api::{Key, Value, View, names};
use sim::Time;

/// `flowcontrol.apiserver.k8s.io/v1beta3` PriorityLevelConfiguration
pub static KIND: Kind = Kind {
    version: "v1beta3",
    ty: types::FLOWCONTROL_V1BETA3_PRIORITY_LEVEL_CONFIGURATION,
    deprecation: "flowcontrol.apiserver.k8s.io/v1beta3 PriorityLevelConfiguration is deprecated \
        in v1.29+, unavailable in v1.32+; use flowcontrol.apiserver.k8s.io/v1 \
        PriorityLevelConfiguration",
    set_defaults,
    ..COMMON
};

/// What both versions have in common.
pub(super) const COMMON: Kind = Kind {
    group: super::GROUP,
    kind: "PriorityLevelConfiguration",
    plural: "prioritylevelconfigurations",
    singular: "prioritylevelconfiguration",
    storage_version_hash: "+CwSrEWTDhc=",
    has_status: true,
    generation: Generation::OnSpec,
    allows_unconditional_update: false,
    validate: rules::validate,
    validate_create: rules::validate_create,
    validate_update: rules::validate_update,
    validate_status_update: rules::validate_status_update,
    columns: COLUMNS,
    row,
    ..Kind::CLUSTER_SCOPED
};

const COLUMNS: &[Column] = &[
    NAME,
    Column::text("Type"),
    Column::text("NominalConcurrencyShares"),
    Column::text("Queues"),
    Column::text("HandSize"),
    Column::text("QueueLengthLimit"),
    AGE,
];

/// An annotation that says that 0 shares are meant; without it they become the default, since this
/// version cannot tell nothing from 0.
pub(super) const KEEP_ZERO: &str = "flowcontrol.k8s.io/v1beta3-preserve-zero-concurrency-shares";
const SHARES: i64 = 30;

fn set_defaults(object: &mut Value) {
    let metadata = crate::table::metadata(object);
    let keeps_zero = metadata.annotations().get(KEEP_ZERO).is_some();
    object.update(&names::SPEC, |spec| {
        spec.update(&names::LIMITED, |limited| {
            let shares = limited.get(&names::NOMINAL_CONCURRENCY_SHARES).as_i64().unwrap_or(0);
            if !limited.is_null() && shares == 0 && !keeps_zero {
                limited.make_map().insert(&names::NOMINAL_CONCURRENCY_SHARES, SHARES);
            }
        });
        set_common_defaults(spec);
    });
}

/// The defaults of version 1, which knows whether somebody wrote 0.
pub(super) fn set_defaults_v1(object: &mut Value) {
    object.update(&names::SPEC, |spec| {
        spec.update(&names::LIMITED, |limited| {
            if !limited.is_null() {
                limited.set_default(&names::NOMINAL_CONCURRENCY_SHARES, SHARES);
            }
        });
        set_common_defaults(spec);
    });
}

fn set_common_defaults(spec: &mut Value) {
    spec.update(&names::LIMITED, |limited| {
        if limited.is_null() {
            return;
        }
        limited.set_default(&names::LENDABLE_PERCENT, 0);
        limited.update(&names::LIMIT_RESPONSE, |response| {
            response.update(&names::QUEUING, |queuing| {
                if queuing.is_null() {
                    return;
                }
                let mut set = |key: &Key, default: i64| {
                    if queuing.get(key).as_i64().unwrap_or(0) == 0 {
                        queuing.make_map().insert(key, default);
                    }
                };
                set(&names::HAND_SIZE, 8);
                set(&names::QUEUES, 64);
                set(&names::QUEUE_LENGTH_LIMIT, 50);
            });
        });
    });
    if spec.get(&names::TYPE).as_str() == Some("Exempt") {
        let exempt = spec.entry(&names::EXEMPT);
        exempt.set_default(&names::NOMINAL_CONCURRENCY_SHARES, 0);
        exempt.set_default(&names::LENDABLE_PERCENT, 0);
    }
}

fn row(object: &Value, now: Time) -> Row {
    let spec = PriorityLevelConfiguration::of(object).spec();
    let limited = spec.limited();
    let queuing = limited.and_then(|limited| limited.limit_response().queuing());
    let shares = limited
        .map(|limited| limited.nominal_concurrency_shares())
        .or_else(|| spec.exempt()?.nominal_concurrency_shares());
    let cell = |number: Option<i64>| -> Value {
        number.map_or_else(|| NONE.to_owned(), |number| number.to_string()).into()
    };
    vec![
        name(object),
        spec.type_().to_owned().into(),
        cell(shares),
        cell(queuing.map(|queuing| queuing.queues())),
        cell(queuing.map(|queuing| queuing.hand_size())),
        cell(queuing.map(|queuing| queuing.queue_length_limit())),
        age(object, now),
    ]
}
