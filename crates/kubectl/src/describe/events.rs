//! The events of an object, at the end of its description.

use super::Subject;
use super::text::{Description, line, since};
use crate::errors::Result;
use api::core::v1::Event;
use api::{Value, View};
use sim::Time;

impl Subject {
    /// The events of the described object, unless they are not wanted or cannot be had.
    pub(super) async fn events(&self) -> Option<Vec<Value>> {
        self.events_of(&self.mapping.kind, self.metadata().uid()).await
    }

    /// The events whose object has this kind (any, if it is empty) and uid.
    pub(super) async fn events_of(&self, kind: &str, uid: &str) -> Option<Vec<Value>> {
        if !self.shows_events {
            return None;
        }
        let mut fields = vec![
            format!("involvedObject.name={}", self.name),
            format!("involvedObject.namespace={}", self.namespace),
            format!("involvedObject.uid={uid}"),
        ];
        if !kind.is_empty() {
            fields.insert(0, format!("involvedObject.kind={kind}"));
        }
        let path = self.core_path("events");
        let events: Result<Vec<Value>> =
            self.list(&path, &[("fieldSelector", &fields.join(","))]).await;
        events.ok()
    }

    /// Ends a description with the events of the object.
    pub(super) async fn with_events(&self, mut out: Description) -> Result<Description> {
        if let Some(events) = self.events().await {
            describe(&mut out, events, self.now);
        }
        Ok(out)
    }
}

/// Writes a table of events, those first that happened last longest ago.
pub(super) fn describe(out: &mut Description, mut events: Vec<Value>, now: Time) {
    if events.is_empty() {
        line!(out, 0, "Events:\t<none>");
        return;
    }
    events.sort_by_key(|event| Event::of(event).last_timestamp());
    line!(out, 0, "Events:\n  Type\tReason\tAge\tFrom\tMessage");
    line!(out, 1, "----\t------\t----\t----\t-------");
    for event in events.iter().map(Event::of) {
        let component = event.source().component();
        let from = if component.is_empty() { event.reporting_component() } else { component };
        line!(
            out,
            1,
            "{}\t{}\t{}\t{from}\t{}",
            event.type_(),
            event.reason(),
            interval(event, now),
            event.message().trim()
        );
    }
}

/// `14s`, or `14s (x2 over 18s)`.
pub(crate) fn interval(event: Event<'_>, now: Time) -> String {
    let first = since(event.event_time().or(event.first_timestamp()), now);
    match event.series() {
        Some(series) => {
            let last = since(series.last_observed_time(), now);
            format!("{last} (x{} over {first})", series.count())
        }
        None if event.count() > 1 => {
            let last = since(event.last_timestamp(), now);
            format!("{last} (x{} over {first})", event.count())
        }
        None => first,
    }
}
