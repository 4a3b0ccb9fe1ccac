//! Events in the style of `events.k8s.io/v1`.
//!
//! Models `k8s.io/client-go/tools/events`, which kube-scheduler uses: an event has the time it
//! happened and no count. When the same thing happens again to the same version of an object, the
//! first event becomes a series. The series is written when it begins, again every half hour, and
//! for the last time some minutes after it has ended; what happens in between is only counted.

use api::{Text, Value, names, object};
use apiserver::PatchType;
use apiserver::store::ObjectKey;
use client::{Client, ObjectReference};
use kinds::core::event;
use sim::{Duration, Sim, Time};
use std::collections::BTreeMap;

/// `finishTime`: when a series counts as ended, and how often that is looked after.
const FINISH: Duration = Duration::from_secs(6 * 60);
/// `refreshTime`: how often a series that goes on is written.
const REFRESH: Duration = Duration::from_secs(30 * 60);
/// `NoteLengthLimit`: longer messages are cut.
const MESSAGE_BYTES_MAX: usize = 1_024;

/// What makes two events the same: the action, the reason, and the version of the object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct SeriesKey {
    action: &'static str,
    reason: &'static str,
    uid: Text,
    resource_version: Text,
    related_uid: Text,
}

#[derive(Debug)]
struct Sent {
    key: ObjectKey,
    at: Time,
    /// How often it has happened and when last, once it has happened twice.
    series: Option<(i64, Time)>,
}

/// What is to be told.
pub(crate) struct Report<'a> {
    pub(crate) about: &'a ObjectReference,
    pub(crate) related: Option<&'a ObjectReference>,
    pub(crate) ty: &'static str,
    pub(crate) reason: &'static str,
    pub(crate) action: &'static str,
    pub(crate) message: String,
}

/// Records events for the scheduler.
pub(crate) struct EventRecorder {
    client: Client,
    sim: Sim,
    controller: &'static str,
    instance: Text,
    sent: BTreeMap<SeriesKey, Sent>,
    started: Time,
    last_name_nanos: u64,
    next_finish: Time,
    next_refresh: Time,
}

impl EventRecorder {
    /// A recorder for `controller`, which runs on `host`.
    pub(crate) fn new(
        client: Client,
        sim: &Sim,
        controller: &'static str,
        host: &str,
    ) -> EventRecorder {
        let now = sim.now();
        EventRecorder {
            client,
            sim: sim.clone(),
            controller,
            instance: format!("{controller}-{host}").into(),
            sent: BTreeMap::new(),
            started: now,
            last_name_nanos: 0,
            next_finish: now + FINISH,
            next_refresh: now + REFRESH,
        }
    }

    /// Tells from now on that it runs on another host.
    pub(crate) fn set_host(&mut self, host: &str) {
        self.instance = format!("{}-{host}", self.controller).into();
    }

    /// Reports something that happens to an object only once.
    pub(crate) fn report_once(&mut self, report: Report<'_>) {
        self.create(&report);
    }

    /// Reports something that may happen again.
    pub(crate) fn report(&mut self, report: Report<'_>) {
        let now = self.sim.now();
        let key = SeriesKey {
            action: report.action,
            reason: report.reason,
            uid: report.about.uid.clone(),
            resource_version: report.about.resource_version.clone(),
            related_uid: report.related.map(|r| r.uid.clone()).unwrap_or_default(),
        };
        match self.sent.get_mut(&key) {
            Some(sent) => {
                let is_first = sent.series.is_none();
                let count = sent.series.map_or(1, |(count, _)| count) + 1;
                sent.series = Some((count, now));
                if is_first {
                    write_series(&self.client, sent);
                }
            }
            None => {
                let object = self.create(&report);
                let sent = Sent { key: object, at: now, series: None };
                self.sent.insert(key, sent);
            }
        }
    }

    fn create(&mut self, report: &Report<'_>) -> ObjectKey {
        let now = self.sim.now();
        let about = report.about;
        // A name that has never been used: the time, moved on if two events share it.
        self.last_name_nanos = now.nanos().max(self.last_name_nanos + 1);
        let name = format!("{}.{:x}", about.name, self.last_name_nanos);
        let namespace = match about.namespace.is_empty() {
            true => Text::from("default"),
            false => about.namespace.clone(),
        };
        let key = ObjectKey::new(&namespace, &name);
        let mut event = object! {
            "metadata": object! { "name": name, "namespace": namespace },
            "involvedObject": reference(about),
            "reason": report.reason,
            "message": shortened(&report.message),
            "source": Value::EMPTY_MAP,
            "firstTimestamp": Value::Null,
            "lastTimestamp": Value::Null,
            "type": report.ty,
            "eventTime": now.rfc3339_micros(),
            "action": report.action,
            "reportingComponent": self.controller,
            "reportingInstance": &self.instance,
        };
        if let Some(related) = report.related {
            event.make_map().insert(&names::RELATED, reference(related));
        }
        // An event that cannot be stored is lost.
        let _ = self.client.create(&event::KIND, event);
        key
    }

    /// When series are to be looked after; never while there are none.
    pub(crate) fn next_flush(&self) -> Option<Time> {
        (!self.sent.is_empty()).then(|| self.next_finish.min(self.next_refresh))
    }

    /// Writes series that go on, ends those that have ended.
    pub(crate) fn flush(&mut self, now: Time) {
        if self.next_refresh <= now {
            self.next_refresh = after(now, self.started, REFRESH);
            for sent in self.sent.values().filter(|sent| sent.series.is_some()) {
                write_series(&self.client, sent);
            }
        }
        if self.next_finish > now {
            return;
        }
        self.next_finish = after(now, self.started, FINISH);
        let client = &self.client;
        self.sent.retain(|_, sent| {
            let last = sent.series.map_or(sent.at, |(_, last)| last);
            let goes_on = now.since(last) <= FINISH;
            if !goes_on && sent.series.is_some() {
                write_series(client, sent);
            }
            goes_on
        });
    }
}

/// The next tick after `now`.
fn after(now: Time, started: Time, period: Duration) -> Time {
    (now + Duration::from_nanos(1)).next_tick(started, period)
}

fn write_series(client: &Client, sent: &Sent) {
    let Some((count, last)) = sent.series else {
        return;
    };
    let patch = object! { "series": object! {
        "count": count,
        "lastObservedTime": last.rfc3339_micros(),
    } };
    // The event may have been deleted; then nobody wants to know.
    let _ = client.patch(&event::KIND, &sent.key, "", PatchType::Strategic, patch);
}

fn reference(about: &ObjectReference) -> Value {
    let mut value = object! {
        "kind": &about.kind,
        "apiVersion": &about.api_version,
        "name": &about.name,
        "uid": &about.uid,
    };
    for (key, text) in
        [(&names::NAMESPACE, &about.namespace), (&names::RESOURCE_VERSION, &about.resource_version)]
    {
        if !text.is_empty() {
            value.make_map().insert(key, text);
        }
    }
    value
}

fn shortened(message: &str) -> String {
    const ELLIPSIS: &str = " ...";
    if message.len() <= MESSAGE_BYTES_MAX {
        return message.to_owned();
    }
    let mut end = MESSAGE_BYTES_MAX - ELLIPSIS.len();
    while !message.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{ELLIPSIS}", &message[..end])
}
