//! The strategy RollingUpdate.

use super::replica_sets::max_unavailable;
use super::{Rollout, by_age, spec_replicas, sum};
use api::apps::v1::ReplicaSet;
use api::{Status, Value, View};
use client::Reconcile;

impl Rollout<'_> {
    pub(super) fn roll(&mut self) -> Result<Reconcile, Status> {
        let (new, old) = self.split_sets(true)?;
        let new = new.expect("made if it was missing");
        if self.grow_new(&new, &old)? || self.shrink_old(&new, &old)? {
            let (new, old) = self.split_known_sets(&new, &old);
            return self.record_progress(Some(&new), &old);
        }
        if self.is_complete() {
            self.clean_up(&old)?;
        }
        self.record_progress(Some(&new), &old)
    }

    /// The same sets, as they are after what was just written.
    pub(super) fn split_known_sets(&self, new: &Value, old: &[Value]) -> (Value, Vec<Value>) {
        let latest = |set: &Value| {
            let uid = kinds::table::metadata(set).uid();
            let found = self.sets.iter().find(|s| kinds::table::metadata(s).uid() == uid);
            found.unwrap_or(set).clone()
        };
        (latest(new), old.iter().map(latest).collect())
    }

    /// Scales the new set up as far as the surge allows; true if it changed.
    fn grow_new(&mut self, new: &Value, old: &[Value]) -> Result<bool, Status> {
        let (has, wanted) = (spec_replicas(new), self.replicas());
        if has == wanted {
            return Ok(false);
        }
        if has > wanted {
            return self.scale_set(new, wanted);
        }
        let size = self.new_set_replicas(has, sum(old, spec_replicas));
        self.scale_set(new, size)
    }

    /// Scales the old sets down as far as availability allows; true if any changed.
    fn shrink_old(&mut self, new: &Value, old: &[Value]) -> Result<bool, Status> {
        let old_total = sum(old, spec_replicas);
        if old_total == 0 {
            return Ok(false);
        }
        let least_available = self.replicas() - max_unavailable(self.view());
        let new_unavailable = spec_replicas(new) - available(new);
        let room = old_total + spec_replicas(new) - least_available - new_unavailable;
        if room <= 0 {
            return Ok(false);
        }
        let cleaned = self.remove_unhealthy(old, room)?;
        let (new, old) = self.split_known_sets(new, old);
        let removed = self.remove_available(&new, &old, least_available)?;
        Ok(cleaned + removed > 0)
    }

    /// What is not available in the old sets goes first: nobody misses it.
    fn remove_unhealthy(&mut self, old: &[Value], room: i64) -> Result<i64, Status> {
        let mut sets = old.to_vec();
        by_age(&mut sets);
        let mut removed = 0;
        for set in &sets {
            let has = spec_replicas(set);
            if removed >= room {
                break;
            }
            if has == 0 || has == available(set) {
                continue;
            }
            let count = (room - removed).min(has - available(set));
            if count > 0 {
                self.scale_set(set, has - count)?;
                removed += count;
            }
        }
        Ok(removed)
    }

    fn remove_available(
        &mut self,
        new: &Value,
        old: &[Value],
        least_available: i64,
    ) -> Result<i64, Status> {
        let room = available(new) + sum(old, available) - least_available;
        let mut sets = old.to_vec();
        by_age(&mut sets);
        let mut removed = 0;
        for set in &sets {
            let has = spec_replicas(set);
            if removed >= room {
                break;
            }
            if has == 0 {
                continue;
            }
            let count = has.min(room - removed);
            self.scale_set(set, has - count)?;
            removed += count;
        }
        Ok(removed)
    }
}

fn available(set: &Value) -> i64 {
    ReplicaSet::of(set).status().available_replicas()
}
