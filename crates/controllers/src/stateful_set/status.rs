//! What a StatefulSet says of its Pods.

use super::Sync;
use super::identity::revision_of;
use crate::pods;
use api::apps::v1::StatefulSet;
use api::core::v1::Pod;
use api::{Status, Value, View, names};
use kinds::apps::stateful_set;
use kinds::table;

/// The Pods of a set, counted.
#[derive(Clone, Copy, Default)]
pub(super) struct Counts {
    replicas: i64,
    ready: i64,
    available: i64,
    current: i64,
    updated: i64,
}

impl Counts {
    pub(super) fn of(sync: &Sync<'_>) -> Counts {
        let mut counts = Counts::default();
        for object in sync.pods.values() {
            let pod = Pod::of(object);
            counts.replicas += 1;
            if pod.status().phase() == "Running" && pods::is_ready(pod) {
                counts.ready += 1;
                let seconds = sync.view().spec().min_ready_seconds();
                counts.available += i64::from(pods::is_available(pod, seconds, sync.now));
            }
            if pod.metadata().deletion_timestamp().is_none() {
                counts.count_revision(sync, object, 1);
            }
        }
        counts
    }

    /// Counts a Pod that was just made.
    pub(super) fn add(&mut self, sync: &Sync<'_>, pod: &Value) {
        self.replicas += 1;
        self.count_revision(sync, pod, 1);
    }

    /// Takes back a Pod that was just deleted.
    pub(super) fn forget(&mut self, sync: &Sync<'_>, pod: &Value) {
        self.count_revision(sync, pod, -1);
    }

    fn count_revision(&mut self, sync: &Sync<'_>, pod: &Value, by: i64) {
        let revision = revision_of(pod);
        if revision == table::metadata(&sync.current).name() {
            self.current += by;
        }
        if revision == table::metadata(&sync.update).name() {
            self.updated += by;
        }
    }
}

/// Stores the status if it has changed.
pub(super) fn store(sync: &Sync<'_>, mut counts: Counts) -> Result<(), Status> {
    let set = StatefulSet::of(&sync.object);
    let update = table::metadata(&sync.update).name().to_owned();
    let mut current = table::metadata(&sync.current).name().to_owned();
    let is_complete = set.spec().update_strategy().type_() == "RollingUpdate"
        && counts.updated == counts.replicas
        && counts.ready == counts.replicas
        && counts.replicas == set.spec().replicas().unwrap_or(1);
    if is_complete {
        counts.current = counts.updated;
        current.clone_from(&update);
    }
    let mut updated = sync.object.clone();
    updated.update(&names::STATUS, |status| {
        let map = status.make_map();
        for (key, number) in [
            (&names::REPLICAS, counts.replicas),
            (&names::AVAILABLE_REPLICAS, counts.available),
            (&names::OBSERVED_GENERATION, set.metadata().generation()),
            (&names::COLLISION_COUNT, set.status().collision_count().unwrap_or(0)),
        ] {
            map.insert(key, number);
        }
        for (key, number) in [
            (&names::READY_REPLICAS, counts.ready),
            (&names::CURRENT_REPLICAS, counts.current),
            (&names::UPDATED_REPLICAS, counts.updated),
        ] {
            match number {
                0 => map.remove(key),
                number => map.insert(key, number),
            };
        }
        map.insert(&names::CURRENT_REVISION, current);
        map.insert(&names::UPDATE_REVISION, update);
    });
    if updated.get(&names::STATUS) == sync.object.get(&names::STATUS) {
        return Ok(());
    }
    sync.client.update_status(&stateful_set::KIND, updated).map(|_| ())
}
