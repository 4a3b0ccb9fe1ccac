//! Event: something that happened to an object, for people to read.

use crate::rules::check;
use crate::table::{Column, NAME, Row, name, since};
use crate::{FieldSelector, Kind};
use api::core::v1::Event;
use api::field::{ErrorList, Path};
use api::schema::types;
use api::{Value, View, human, validation};
use sim::Time;

/// The longest reason, action or name of a reporter.
const TEXT_MAX: usize = 128;
/// The longest message.
const MESSAGE_MAX: usize = 1_024;

/// `v1` Event
pub static KIND: Kind = Kind {
    kind: "Event",
    plural: "events",
    singular: "event",
    short_names: &["ev"],
    ty: types::CORE_V1_EVENT,
    storage_version_hash: "r2yiGXH7wu8=",
    allows_create_on_update: true,
    field_selectors: FIELD_SELECTORS,
    validate,
    columns: COLUMNS,
    row,
    ..Kind::NAMESPACED
};

/// The columns of an event.
pub const COLUMNS: &[Column] = &[
    Column::text("Last Seen"),
    Column::text("Type"),
    Column::text("Reason"),
    Column::text("Object"),
    Column::wide("Subobject"),
    Column::wide("Source"),
    Column::text("Message"),
    Column::wide("First Seen"),
    Column::wide("Count"),
    Column { priority: 1, ..NAME },
];

const FIELD_SELECTORS: &[FieldSelector] = &[
    FieldSelector { path: "involvedObject.kind", get: |e| involved(e).kind().to_owned() },
    FieldSelector { path: "involvedObject.namespace", get: |e| involved(e).namespace().to_owned() },
    FieldSelector { path: "involvedObject.name", get: |e| involved(e).name().to_owned() },
    FieldSelector { path: "involvedObject.uid", get: |e| involved(e).uid().to_owned() },
    FieldSelector {
        path: "involvedObject.apiVersion",
        get: |e| involved(e).api_version().to_owned(),
    },
    FieldSelector {
        path: "involvedObject.resourceVersion",
        get: |e| involved(e).resource_version().to_owned(),
    },
    FieldSelector {
        path: "involvedObject.fieldPath",
        get: |e| involved(e).field_path().to_owned(),
    },
    FieldSelector { path: "reason", get: |e| Event::of(e).reason().to_owned() },
    FieldSelector {
        path: "reportingComponent",
        get: |e| Event::of(e).reporting_component().to_owned(),
    },
    FieldSelector { path: "source", get: |e| reporter(Event::of(e)).to_owned() },
    FieldSelector { path: "type", get: |e| Event::of(e).type_().to_owned() },
];

fn involved(event: &Value) -> api::core::v1::ObjectReference<'_> {
    Event::of(event).involved_object()
}

fn reporter<'a>(event: Event<'a>) -> &'a str {
    match event.source().component() {
        "" => event.reporting_component(),
        component => component,
    }
}

fn validate(object: &Value, errors: &mut ErrorList) {
    let namespace = crate::table::metadata(object).namespace();
    let involved = involved(object).namespace();
    let at = Path::new("involvedObject");
    // An event with a time of its own was made by a client that knows the newer version.
    let is_new = Event::of(object).event_time().is_some();
    let is_known = match (involved, is_new) {
        ("", false) => matches!(namespace, "" | "default"),
        ("", true) => matches!(namespace, "default" | "kube-system"),
        (involved, false) => involved == namespace,
        (_, true) => true,
    };
    if !is_known {
        errors.invalid(&at.child("namespace"), involved, "does not match event.namespace");
    }
    if is_new {
        validate_details(object, "reportingComponent", errors);
    }
}

/// Checks what the newer version of events has to say; `component` is what errors call the
/// reporter.
pub fn validate_details(object: &Value, component: &str, errors: &mut ErrorList) {
    let event = Event::of(object);
    let at = Path::new(component);
    match event.reporting_component() {
        "" => errors.required(&at, ""),
        name => check(validation::qualified_name, name, &at, errors),
    }
    for (field, text) in [
        ("reportingInstance", event.reporting_instance()),
        ("action", event.action()),
        ("reason", event.reason()),
    ] {
        let at = Path::new(field);
        match text.len() {
            0 => errors.required(&at, ""),
            length if length > TEXT_MAX => {
                errors.invalid(&at, "", format!("can have at most {TEXT_MAX} characters"));
            }
            _ => {}
        }
    }
    if event.message().len() > MESSAGE_MAX {
        let detail = format!("can have at most {MESSAGE_MAX} characters");
        errors.invalid(&Path::new("message"), "", detail);
    }
}

fn row(object: &Value, now: Time) -> Row {
    let event = Event::of(object);
    let series = event.series();
    let first_seen = event.first_timestamp().or(event.event_time());
    let last_seen = match series {
        Some(series) => series.last_observed_time(),
        None => event.last_timestamp().or(first_seen),
    };
    let count = match (series, event.count()) {
        (Some(series), _) => series.count(),
        (None, 0) => 1,
        (None, count) => count,
    };
    let target = match involved(object).name() {
        "" => involved(object).kind().to_lowercase(),
        name => format!("{}/{name}", involved(object).kind().to_lowercase()),
    };
    vec![
        since(last_seen, now),
        event.type_().to_owned().into(),
        event.reason().to_owned().into(),
        target.into(),
        involved(object).field_path().to_owned().into(),
        source(event).into(),
        event.message().trim().to_owned().into(),
        first_seen.map_or_else(|| "<unknown>".to_owned(), |then| human::age(then, now)).into(),
        count.into(),
        name(object),
    ]
}

/// `kubelet, kind-worker`
fn source(event: Event<'_>) -> String {
    let component = match event.source().component() {
        "" => event.reporting_component(),
        component => component,
    };
    let instance = match event.source().host() {
        "" => event.reporting_instance(),
        host => host,
    };
    match instance {
        "" => component.to_owned(),
        instance => format!("{component}, {instance}"),
    }
}
