//! A Pod that waits.

use crate::cache::{ClassId, Uid};
use crate::framework::rejection::PluginSet;
use crate::plugins::priority_sort::Rank;
use api::core::v1::Pod;
use api::{Value, View, names};
use apiserver::store::ObjectKey;
use sim::{Cause, Time};

/// Where in the queue a Pod is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// It is looked at as soon as its turn comes.
    Active,
    /// It has failed and waits a moment.
    Backoff,
    /// It has failed and waits for an event.
    Unschedulable,
}

/// A Pod without a node.
#[derive(Clone, Debug)]
pub(crate) struct QueuedPod {
    pub(crate) uid: Uid,
    pub(crate) key: ObjectKey,
    /// The Pod as it was seen last.
    pub(crate) object: Value,
    /// Its class, used by the queue as long as the Pod is in it.
    pub(crate) class: ClassId,
    pub(crate) priority: i32,
    /// Whether it has required affinity to other Pods.
    pub(crate) wants_others: bool,
    /// Since when it has been waiting: since it came, or since it failed last.
    pub(crate) since: Time,
    /// How often it has been tried.
    pub(crate) attempts: u32,
    /// Who turned it down last.
    pub(crate) plugins: PluginSet,
    pub(crate) is_gated: bool,
    /// What led to its being looked at.
    pub(crate) cause: Cause,
    pub(crate) place: Place,
    pub(super) sequence: u64,
}

impl QueuedPod {
    /// A Pod that has just come.
    pub(crate) fn new(
        uid: Uid,
        key: ObjectKey,
        object: &Value,
        class: (ClassId, bool),
        now: Time,
        cause: Cause,
    ) -> QueuedPod {
        QueuedPod {
            uid,
            key,
            object: object.clone(),
            class: class.0,
            priority: Pod::of(object).spec().priority().unwrap_or(0) as i32,
            wants_others: class.1,
            since: now,
            attempts: 0,
            plugins: PluginSet::default(),
            is_gated: false,
            cause,
            place: Place::Active,
            sequence: 0,
        }
    }

    pub(super) fn rank(&self) -> Rank {
        Rank::new(self.priority, self.since, self.sequence)
    }

    /// The node that its status says it is nominated for.
    pub(crate) fn nominated_node(&self) -> Option<&str> {
        let node = Pod::of(&self.object).status().nominated_node_name();
        (!node.is_empty()).then_some(node)
    }
}

/// Whether a change of a Pod could make a difference: anything but its status and bookkeeping.
pub(super) fn asks_for_something_else(old: &Value, new: &Value) -> bool {
    const BOOKKEEPING: [&api::Key; 4] =
        [&names::RESOURCE_VERSION, &names::GENERATION, &names::MANAGED_FIELDS, &names::FINALIZERS];
    let (old_metadata, new_metadata) = (old.get(&names::METADATA), new.get(&names::METADATA));
    let has_changed = |key: &api::Key| {
        !BOOKKEEPING.contains(&key) && old_metadata.get(key) != new_metadata.get(key)
    };
    let keys = |value: &'_ Value| -> Vec<api::Key> {
        let entries = value.as_map().into_iter().flat_map(|map| map.iter());
        entries.map(|(key, _)| key.clone()).collect()
    };
    old.get(&names::SPEC) != new.get(&names::SPEC)
        || keys(old_metadata).iter().any(has_changed)
        || keys(new_metadata).iter().any(has_changed)
}
