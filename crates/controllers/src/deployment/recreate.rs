//! The strategy Recreate: all old Pods go before the first new one comes.

use super::{Rollout, actual_replicas, spec_replicas, sum};
use crate::pods::POD;
use api::core::v1::Pod;
use api::{Status, Value, View};
use client::Reconcile;
use kinds::table;

impl Rollout<'_> {
    pub(super) fn recreate(&mut self) -> Result<Reconcile, Status> {
        let (new, old) = self.split_sets(false)?;
        let mut is_scaled = false;
        for set in old.iter().filter(|set| spec_replicas(set) > 0) {
            is_scaled |= self.scale_set(set, 0)?;
        }
        if is_scaled || self.has_old_pods(&old) {
            let old = self.latest(&old);
            return self.record_progress(new.as_ref(), &old);
        }
        let (new, old) = match new {
            Some(new) => (new, old),
            None => {
                let (new, old) = self.split_sets(true)?;
                (new.expect("made if it was missing"), old)
            }
        };
        let wanted = self.replicas();
        self.scale_set(&new, wanted)?;
        if self.is_complete() {
            self.clean_up(&old)?;
        }
        let (new, old) = self.split_known_sets(&new, &old);
        self.record_progress(Some(&new), &old)
    }

    fn latest(&self, sets: &[Value]) -> Vec<Value> {
        let Some(first) = sets.first() else {
            return Vec::new();
        };
        self.split_known_sets(first, sets).1
    }

    /// Whether an old Pod has not come to its end. One that has, and only waits to be removed,
    /// no longer counts.
    fn has_old_pods(&self, old: &[Value]) -> bool {
        if sum(old, actual_replicas) > 0 {
            return true;
        }
        old.iter().any(|set| {
            let pods = self.client.controlled_by(POD, table::metadata(set).uid());
            pods.iter().any(|pod| !matches!(Pod::of(pod).status().phase(), "Succeeded" | "Failed"))
        })
    }
}
