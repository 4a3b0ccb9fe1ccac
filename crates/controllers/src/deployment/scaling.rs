//! Scaling: while a rollout is under way, all its sets grow or shrink in proportion.

use super::replica_sets::{DESIRED, MAX, annotated, is_rolling, max_surge, revision};
use super::{Rollout, by_age, spec_replicas, sum};
use api::apps::v1::ReplicaSet;
use api::{Status, Value, View};
use apiserver::store::ObjectKey;
use client::{DeleteOptions, Reconcile};
use kinds::apps::replica_set;
use kinds::table;

impl Rollout<'_> {
    /// Scales the sets to the replicas asked for, without going on with a rollout.
    pub(super) fn scale(&mut self) -> Result<Reconcile, Status> {
        let (new, old) = self.split_sets(false)?;
        self.scale_to_replicas(new.as_ref(), &old)?;
        if self.view().spec().paused() {
            self.clean_up(&old)?;
        }
        let (new, old) = match new {
            Some(new) => {
                let (new, old) = self.split_known_sets(&new, &old);
                (Some(new), old)
            }
            None => (None, old),
        };
        self.record_status(new.as_ref(), &old)
    }

    fn scale_to_replicas(&mut self, new: Option<&Value>, old: &[Value]) -> Result<(), Status> {
        let wanted = self.replicas();
        if let Some(only) = active_or_latest(new, old) {
            if spec_replicas(&only) != wanted {
                self.scale_set(&only, wanted)?;
            }
            return Ok(());
        }
        if new.is_some_and(|new| self.is_saturated(new)) {
            for set in old.iter().filter(|set| spec_replicas(set) > 0) {
                self.scale_set(set, 0)?;
            }
            return Ok(());
        }
        if is_rolling(self.view()) {
            return self.scale_in_proportion(new, old);
        }
        Ok(())
    }

    fn is_saturated(&self, set: &Value) -> bool {
        let wanted = self.replicas();
        spec_replicas(set) == wanted
            && annotated(set, DESIRED) == Some(wanted)
            && ReplicaSet::of(set).status().available_replicas() == wanted
    }

    fn scale_in_proportion(&mut self, new: Option<&Value>, old: &[Value]) -> Result<(), Status> {
        let mut sets: Vec<Value> =
            old.iter().chain(new).filter(|set| spec_replicas(set) > 0).cloned().collect();
        let wanted = self.replicas();
        let allowed = if wanted > 0 { wanted + max_surge(self.view()) } else { 0 };
        let to_add = allowed - sum(&sets, spec_replicas);
        // Growing begins with the largest and newest set, shrinking with the largest and oldest.
        by_age(&mut sets);
        if to_add > 0 {
            sets.reverse();
        }
        sets.sort_by_key(|set| -spec_replicas(set));
        let mut added = 0;
        let mut sizes = Vec::with_capacity(sets.len());
        for set in &sets {
            let share = if to_add == 0 { 0 } else { self.share(set, to_add, added) };
            added += share;
            sizes.push(spec_replicas(set) + share);
        }
        if let Some(first) = sizes.first_mut()
            && to_add != 0
        {
            *first = (*first + to_add - added).max(0);
        }
        for (set, size) in sets.iter().zip(sizes) {
            self.scale_set(set, size)?;
        }
        Ok(())
    }

    /// A set's part of what is to be added, as far as there is any left.
    fn share(&self, set: &Value, to_add: i64, added: i64) -> i64 {
        let has = spec_replicas(set);
        if has == 0 || to_add == added {
            return 0;
        }
        let left = to_add - added;
        let fraction = self.fraction(set);
        if to_add > 0 { fraction.min(left) } else { fraction.max(left) }
    }

    fn fraction(&self, set: &Value) -> i64 {
        let wanted = self.replicas();
        let has = spec_replicas(set);
        if wanted == 0 {
            return -has;
        }
        let total = wanted + max_surge(self.view());
        let before = annotated(set, MAX).unwrap_or_else(|| self.view().status().replicas()).max(1);
        // Rounded half away from zero.
        let size = (2 * has * total + before).div_euclid(2 * before);
        size - has
    }

    /// Deletes old sets beyond those that the history keeps.
    pub(super) fn clean_up(&mut self, old: &[Value]) -> Result<(), Status> {
        let Some(limit) = self.view().spec().revision_history_limit() else {
            return Ok(());
        };
        let mut sets: Vec<&Value> =
            old.iter().filter(|set| table::metadata(set).deletion_timestamp().is_none()).collect();
        let excess = sets.len().saturating_sub(limit.max(0) as usize);
        sets.sort_by_key(|set| revision(set));
        for set in sets.into_iter().take(excess) {
            let view = ReplicaSet::of(set);
            let is_in_use = view.status().replicas() != 0
                || spec_replicas(set) != 0
                || view.metadata().generation() > view.status().observed_generation();
            if !is_in_use {
                let key = ObjectKey::of(set);
                let uid = view.metadata().uid();
                match self.client.delete(&replica_set::KIND, &key, uid, DeleteOptions::default()) {
                    Err(status) if status.reason != api::Reason::NotFound => return Err(status),
                    _ => {}
                }
            }
        }
        Ok(())
    }
}

/// The one set that has Pods; or, if none has, the new or the newest one. `None` if several have.
fn active_or_latest(new: Option<&Value>, old: &[Value]) -> Option<Value> {
    let mut active = old.iter().chain(new).filter(|set| spec_replicas(set) > 0);
    match (active.next(), active.next()) {
        (None, _) => match new {
            Some(new) => Some(new.clone()),
            None => {
                let mut sets = old.to_vec();
                by_age(&mut sets);
                sets.pop()
            }
        },
        (Some(only), None) => Some(only.clone()),
        (Some(_), Some(_)) => None,
    }
}
