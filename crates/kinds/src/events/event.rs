//! Event in its newer version: the same objects as `v1` Events, with other names for some fields.

use crate::table::Row;
use crate::{Conversion, FieldSelector, Kind, core};
use api::field::{ErrorList, Path};
use api::schema::types;
use api::{Key, Value, names};
use sim::Time;

/// `events.k8s.io/v1` Event
pub static KIND: Kind = Kind {
    group: "events.k8s.io",
    kind: "Event",
    plural: "events",
    singular: "event",
    short_names: &["ev"],
    ty: types::EVENTS_V1_EVENT,
    storage_version_hash: "r2yiGXH7wu8=",
    allows_create_on_update: true,
    validate,
    validate_create,
    field_selectors: FIELD_SELECTORS,
    columns: core::event::COLUMNS,
    row,
    conversion: Some(&Conversion { stored: &core::event::KIND, from_stored, to_stored }),
    ..Kind::NAMESPACED
};

/// The fields that have another name here, and the one they are stored under.
const NAMES: [(Key, Key); 7] = [
    (names::REGARDING, names::INVOLVED_OBJECT),
    (names::NOTE, names::MESSAGE),
    (names::REPORTING_CONTROLLER, names::REPORTING_COMPONENT),
    (names::DEPRECATED_SOURCE, names::SOURCE),
    (names::DEPRECATED_FIRST_TIMESTAMP, names::FIRST_TIMESTAMP),
    (names::DEPRECATED_LAST_TIMESTAMP, names::LAST_TIMESTAMP),
    (names::DEPRECATED_COUNT, names::COUNT),
];

/// Of the fields that can be selected, those that were once about the involved object are about
/// what the event regards.
const FIELD_SELECTORS: &[FieldSelector] = &[
    FieldSelector { path: "regarding.kind", get: |e| regarding(e, &names::KIND) },
    FieldSelector { path: "regarding.namespace", get: |e| regarding(e, &names::NAMESPACE) },
    FieldSelector { path: "regarding.name", get: |e| regarding(e, &names::NAME) },
    FieldSelector { path: "regarding.uid", get: |e| regarding(e, &names::UID) },
    FieldSelector { path: "regarding.apiVersion", get: |e| regarding(e, &names::API_VERSION) },
    FieldSelector {
        path: "regarding.resourceVersion",
        get: |e| regarding(e, &names::RESOURCE_VERSION),
    },
    FieldSelector { path: "regarding.fieldPath", get: |e| regarding(e, &names::FIELD_PATH) },
    FieldSelector { path: "reason", get: |e| text(e.get(&names::REASON)) },
    FieldSelector {
        path: "reportingController",
        get: |e| text(e.get(&names::REPORTING_CONTROLLER)),
    },
    FieldSelector { path: "type", get: |e| text(e.get(&names::TYPE)) },
];

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn regarding(event: &Value, key: &Key) -> String {
    text(event.get(&names::REGARDING).get(key))
}

fn from_stored(event: &Value) -> Value {
    rename(event, types::EVENTS_V1_EVENT, |(here, stored)| (stored, here))
}

fn to_stored(event: &Value) -> Value {
    rename(event, types::CORE_V1_EVENT, |(here, stored)| (here, stored))
}

fn rename(
    event: &Value,
    ty: api::schema::TypeId,
    direction: fn(&(Key, Key)) -> (&Key, &Key),
) -> Value {
    let mut renamed = event.clone();
    for pair in &NAMES {
        let (from, to) = direction(pair);
        if let Some(value) = renamed.make_map().remove(from) {
            renamed.make_map().insert(to, value);
        }
    }
    // The two versions do not leave out the same empty fields.
    api::canonical(ty, &renamed)
}

fn validate(object: &Value, errors: &mut ErrorList) {
    (core::event::KIND.validate)(&to_stored(object), errors);
}

/// A new event in this version has to say more than an old one.
fn validate_create(object: &Value, errors: &mut ErrorList) {
    let event = to_stored(object);
    if event.get(&names::EVENT_TIME).is_null() {
        errors.required(&Path::new("eventTime"), "");
    }
    core::event::validate_details(&event, "reportingController", errors);
}

fn row(object: &Value, now: Time) -> Row {
    (core::event::KIND.row)(&to_stored(object), now)
}
