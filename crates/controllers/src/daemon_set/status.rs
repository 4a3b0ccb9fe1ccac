//! What a DaemonSet says of its Pods.

use super::Sync;
use crate::pods;
use api::core::v1::Pod;
use api::{Status, View, names};
use kinds::apps::daemon_set;

/// Stores the status if it has changed.
pub(super) fn store(sync: &Sync<'_>) -> Result<(), Status> {
    let (mut desired, mut current, mut misscheduled) = (0_i64, 0_i64, 0_i64);
    let (mut ready, mut available, mut updated) = (0_i64, 0_i64, 0_i64);
    for (node, verdict) in &sync.nodes {
        let first = sync.pods_on(node).first();
        if !verdict.should_run {
            misscheduled += i64::from(first.is_some());
            continue;
        }
        desired += 1;
        let Some(first) = first else { continue };
        current += 1;
        if pods::is_ready(Pod::of(first)) {
            ready += 1;
            available += i64::from(sync.is_available(first));
        }
        updated += i64::from(sync.is_updated(first));
    }
    let mut object = sync.object.clone();
    object.update(&names::STATUS, |status| {
        let map = status.make_map();
        for (key, number) in [
            (&names::CURRENT_NUMBER_SCHEDULED, current),
            (&names::DESIRED_NUMBER_SCHEDULED, desired),
            (&names::NUMBER_MISSCHEDULED, misscheduled),
            (&names::NUMBER_READY, ready),
            (&names::OBSERVED_GENERATION, sync.view().metadata().generation()),
        ] {
            map.insert(key, number);
        }
        for (key, number) in [
            (&names::UPDATED_NUMBER_SCHEDULED, updated),
            (&names::NUMBER_AVAILABLE, available),
            (&names::NUMBER_UNAVAILABLE, desired - available),
        ] {
            match number {
                0 => map.remove(key),
                number => map.insert(key, number),
            };
        }
    });
    if object.get(&names::STATUS) == sync.object.get(&names::STATUS) {
        return Ok(());
    }
    sync.client.update_status(&daemon_set::KIND, object).map(|_| ())
}
