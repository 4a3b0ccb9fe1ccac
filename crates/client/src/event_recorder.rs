//! Events: what components tell people about objects.
//!
//! Models `k8s.io/client-go/tools/record`: the same event again raises the count of the one that
//! exists; many similar ones are combined; one object's flood is stopped.

use crate::Client;
use crate::spam_filter::{RecentlyUsed, TokenBucket, hash_texts};
use api::{Text, Value, View, names, object};
use apiserver::PatchType;
use apiserver::store::ObjectKey;
use kinds::core::event;
use kinds::{Kind, table};
use sim::{Duration, Sim, Time};

/// `maxLruCacheEntries`
const CACHE_SIZE: usize = 4_096;
/// `defaultAggregateMaxEvents` similar events within `defaultAggregateIntervalInSeconds` are
/// combined into one.
const AGGREGATE_EVENTS_MAX: usize = 10;
const AGGREGATE_INTERVAL: Duration = Duration::from_secs(600);
/// `defaultSpamBurst` events of one object, and one more every five minutes.
const SPAM_BURST: u32 = 25;
const SPAM_REFILL: Duration = Duration::from_secs(300);
const COMBINED_PREFIX: &str = "(combined from similar events): ";

/// Who reports.
#[derive(Clone, Debug)]
pub struct EventSource {
    /// The component: `kubelet`.
    pub component: Text,
    /// The node it runs on; empty for the control plane.
    pub host: Text,
}

/// Whom an event is about.
#[derive(Clone, Debug)]
pub struct ObjectReference {
    /// The kind.
    pub kind: Text,
    /// The group and version.
    pub api_version: Text,
    /// The namespace; empty outside of namespaces.
    pub namespace: Text,
    /// The name.
    pub name: Text,
    /// The uid.
    pub uid: Text,
    /// The resourceVersion, when it was known.
    pub resource_version: Text,
    /// The part of the object: `spec.containers{nginx}`.
    pub field_path: Text,
}

impl ObjectReference {
    /// A reference to an object as it is stored.
    pub fn to(kind: &'static Kind, object: &Value) -> ObjectReference {
        let metadata = table::metadata(object).value();
        let text = |key| metadata.get(key).as_text().cloned().unwrap_or_default();
        ObjectReference {
            kind: kind.kind.into(),
            api_version: match kind.group {
                "" => kind.version.into(),
                _ => kind.api_version().into(),
            },
            namespace: text(&names::NAMESPACE),
            name: text(&names::NAME),
            uid: text(&names::UID),
            resource_version: text(&names::RESOURCE_VERSION),
            field_path: Text::EMPTY,
        }
    }

    /// The same for a part of the object.
    pub fn at(self, field_path: impl Into<Text>) -> ObjectReference {
        ObjectReference { field_path: field_path.into(), ..self }
    }

    fn identity(&self) -> [&str; 7] {
        [
            &self.kind,
            &self.namespace,
            &self.name,
            &self.field_path,
            &self.uid,
            &self.api_version,
            "",
        ]
    }

    /// Whether `value` is this reference as a document.
    fn is_value(&self, value: &Value) -> bool {
        [
            (&names::UID, &self.uid),
            (&names::FIELD_PATH, &self.field_path),
            (&names::RESOURCE_VERSION, &self.resource_version),
            (&names::NAME, &self.name),
            (&names::NAMESPACE, &self.namespace),
            (&names::KIND, &self.kind),
            (&names::API_VERSION, &self.api_version),
        ]
        .into_iter()
        .all(|(key, text)| value.get(key).as_str().unwrap_or_default() == &**text)
    }

    fn to_value(&self) -> Value {
        let mut value = object! {
            "kind": &self.kind,
            "apiVersion": &self.api_version,
            "name": &self.name,
            "uid": &self.uid,
        };
        let map = value.make_map();
        for (key, text) in [
            (&names::NAMESPACE, &self.namespace),
            (&names::RESOURCE_VERSION, &self.resource_version),
            (&names::FIELD_PATH, &self.field_path),
        ] {
            if !text.is_empty() {
                map.insert(key, text);
            }
        }
        value
    }
}

/// What the recorder remembers of similar events.
#[derive(Debug)]
struct Similar {
    messages: Messages,
    last: Time,
}

/// Hashes of messages: few, and most often one.
#[derive(Debug)]
enum Messages {
    One(u64),
    Several(Vec<u64>),
}

impl Messages {
    fn hashes(&self) -> &[u64] {
        match self {
            Messages::One(hash) => std::slice::from_ref(hash),
            Messages::Several(hashes) => hashes,
        }
    }

    fn add(&mut self, hash: u64) {
        if !self.hashes().contains(&hash) {
            let mut hashes = self.hashes().to_vec();
            hashes.push(hash);
            *self = Messages::Several(hashes);
        }
    }

    /// One of them makes room for those that will come.
    fn drop_first(&mut self) {
        if let Messages::Several(hashes) = self {
            hashes.swap_remove(0);
        }
    }
}

/// What the recorder remembers of an event it has sent.
#[derive(Clone, Copy, Debug, Default)]
struct Sent {
    /// 0 if it has not been sent.
    count: i64,
    first: Time,
    /// What ends its name.
    name_nanos: u64,
}

/// Records events for one component.
pub struct EventRecorder {
    client: Client,
    sim: Sim,
    source: EventSource,
    /// The source as Events state it.
    source_value: Value,
    /// What the last event was about, so that those that follow share its memory.
    last_about: Value,
    similar: RecentlyUsed<Similar>,
    sent: RecentlyUsed<Sent>,
    buckets: RecentlyUsed<TokenBucket>,
    last_name_nanos: u64,
}

impl EventRecorder {
    /// A recorder that reports as `source`.
    pub fn new(client: Client, sim: &Sim, source: EventSource) -> EventRecorder {
        let mut source_value = object! { "component": &source.component };
        if !source.host.is_empty() {
            source_value.make_map().insert(&names::HOST, &source.host);
        }
        EventRecorder {
            client,
            sim: sim.clone(),
            source,
            source_value,
            last_about: Value::Null,
            similar: RecentlyUsed::new(CACHE_SIZE),
            sent: RecentlyUsed::new(CACHE_SIZE),
            buckets: RecentlyUsed::new(CACHE_SIZE),
            last_name_nanos: 0,
        }
    }

    /// States what led to the events that follow.
    pub fn set_cause(&mut self, cause: sim::Cause) {
        self.client.set_cause(cause);
    }

    /// Reports something that is as it should be.
    pub fn normal(
        &mut self,
        about: &ObjectReference,
        reason: &'static str,
        message: impl Into<Text>,
    ) {
        self.record(about, "Normal", reason, message.into());
    }

    /// Reports something that is not.
    pub fn warning(
        &mut self,
        about: &ObjectReference,
        reason: &'static str,
        message: impl Into<Text>,
    ) {
        self.record(about, "Warning", reason, message.into());
    }

    fn record(
        &mut self,
        about: &ObjectReference,
        ty: &'static str,
        reason: &'static str,
        message: Text,
    ) {
        let now = self.sim.now();
        let (key, message) = self.aggregate(about, ty, reason, message, now);
        let sent = self.sent.entry(key, Sent::default);
        if sent.count > 0 {
            sent.count += 1;
        }
        let known = Some(*sent).filter(|sent| sent.count > 0);
        if !self.is_within_limits(about, now) {
            // A new event that is held back is remembered as sent, as upstream does.
            if known.is_none() {
                let name_nanos = self.next_name_nanos(now);
                *self.sent.entry(key, Sent::default) = Sent { count: 1, first: now, name_nanos };
            }
            return;
        }
        match known {
            Some(sent) => {
                let repeated = self.repeat(about, &sent, &message, now);
                if !repeated {
                    self.create(about, key, ty, reason, message, (sent.count, sent.first), now);
                }
            }
            None => self.create(about, key, ty, reason, message, (1, now), now),
        }
    }

    /// The key under which equal events are counted, and the message to send: more than ten
    /// different messages about the same thing become one event.
    fn aggregate(
        &mut self,
        about: &ObjectReference,
        ty: &str,
        reason: &str,
        message: Text,
        now: Time,
    ) -> (u64, Text) {
        let similar_key =
            hash_texts(about.identity().into_iter().chain([&*self.source.host, ty, reason]));
        let message_key = hash_texts([&*message]);
        let one = Messages::One(message_key);
        let similar = self.similar.entry(similar_key, || Similar { messages: one, last: now });
        if now.since(similar.last) > AGGREGATE_INTERVAL {
            similar.messages = Messages::One(message_key);
        }
        similar.last = now;
        similar.messages.add(message_key);
        if similar.messages.hashes().len() < AGGREGATE_EVENTS_MAX {
            return (similar_key ^ message_key.rotate_left(1), message);
        }
        // The list does not grow further: one of its members makes room.
        similar.messages.drop_first();
        (similar_key, format!("{COMBINED_PREFIX}{message}").into())
    }

    fn is_within_limits(&mut self, about: &ObjectReference, now: Time) -> bool {
        let key = hash_texts([
            &*self.source.component,
            &self.source.host,
            &about.kind,
            &about.namespace,
            &about.name,
            &about.uid,
            &about.api_version,
        ]);
        let bucket = self.buckets.entry(key, || TokenBucket::full(SPAM_BURST, now));
        bucket.take(SPAM_BURST, SPAM_REFILL, now)
    }

    /// The time, which never repeats.
    fn next_name_nanos(&mut self, now: Time) -> u64 {
        self.last_name_nanos = now.nanos().max(self.last_name_nanos + 1);
        self.last_name_nanos
    }

    /// Raises the count of an event; false if it no longer exists.
    fn repeat(&mut self, about: &ObjectReference, sent: &Sent, message: &Text, now: Time) -> bool {
        let name = event_name(about, sent.name_nanos);
        let key = ObjectKey::new(&namespace_of(about), &name);
        let patch = object! {
            "count": sent.count,
            "lastTimestamp": now.rfc3339(),
            "message": message,
        };
        self.client.patch(&event::KIND, &key, "", PatchType::Strategic, patch).is_ok()
    }

    #[allow(clippy::too_many_arguments)]
    fn create(
        &mut self,
        about: &ObjectReference,
        key: u64,
        ty: &'static str,
        reason: &'static str,
        message: Text,
        (count, first): (i64, Time),
        now: Time,
    ) {
        let name_nanos = self.next_name_nanos(now);
        let name = event_name(about, name_nanos);
        if !about.is_value(&self.last_about) {
            self.last_about = about.to_value();
        }
        let last = Text::from(now.rfc3339());
        let first_timestamp = if first == now { last.clone() } else { first.rfc3339().into() };
        let event = object! {
            "metadata": object! { "name": name, "namespace": namespace_of(about) },
            "involvedObject": &self.last_about,
            "reason": reason,
            "message": message,
            "source": &self.source_value,
            "firstTimestamp": first_timestamp,
            "lastTimestamp": last,
            "count": count,
            "type": ty,
            "reportingComponent": &self.source.component,
            "reportingInstance": &self.source.host,
        };
        // An event that cannot be stored is lost, as upstream drops it.
        if self.client.create(&event::KIND, event).is_ok() {
            *self.sent.entry(key, Sent::default) = Sent { count, first, name_nanos };
        }
    }
}

/// `web-7d4f.17a1b2c3d4e5f607`
fn event_name(about: &ObjectReference, nanos: u64) -> String {
    format!("{}.{nanos:x}", about.name)
}

/// Events about objects outside of namespaces are kept in `default`.
fn namespace_of(about: &ObjectReference) -> Text {
    if about.namespace.is_empty() { "default".into() } else { about.namespace.clone() }
}
