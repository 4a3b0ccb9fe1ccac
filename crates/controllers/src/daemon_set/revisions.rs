//! The revisions of a DaemonSet's template.

use super::{KIND, Rollout};
use crate::history::{self, CONTROLLER_REVISION_HASH};
use api::{Reason, Status, Value, hash, names};
use kinds::apps::controller_revision;
use kinds::table;
use std::collections::BTreeSet;

impl Rollout<'_> {
    /// The revision of the present template, made if there is none, and the others.
    pub(super) fn revisions(&mut self) -> Result<(Value, Vec<Value>), Status> {
        let all = history::revisions_of(self.client, KIND, &self.object);
        let patch = history::patch_of(&self.object);
        let (mut current, old): (Vec<Value>, Vec<Value>) =
            all.into_iter().partition(|revision| *revision.get(&names::DATA) == patch);
        let number = old.last().map_or(0, history::number) + 1;
        let Some(newest) = current.pop() else {
            return Ok((self.snapshot(number)?, old));
        };
        for duplicate in &current {
            history::delete(self.client, duplicate)?;
        }
        if history::number(&newest) < number {
            return Ok((history::renumber(self.client, &newest, number)?, old));
        }
        Ok((newest, old))
    }

    fn snapshot(&mut self, number: i64) -> Result<Value, Status> {
        let collisions = self.view().status().collision_count();
        let template = self.object.get(&names::SPEC).get(&names::TEMPLATE);
        let hash = hash::pod_template(template, collisions);
        let revision =
            history::new_revision(KIND, &self.object, &hash, CONTROLLER_REVISION_HASH, number);
        let name = table::metadata(&revision).name().to_owned();
        let data = revision.get(&names::DATA).clone();
        let status = match self.client.create(&controller_revision::KIND, revision) {
            Err(status) if status.reason == Reason::AlreadyExists => status,
            outcome => return outcome,
        };
        let namespace = table::metadata(&self.object).namespace();
        let there = self.client.get(&controller_revision::KIND, namespace, &name);
        if let Some(there) = there
            && *there.get(&names::DATA) == data
        {
            return Ok(there);
        }
        // Another template has the same hash: the next try hashes differently.
        let mut changed = self.object.clone();
        changed.update(&names::STATUS, |status| {
            status.make_map().insert(&names::COLLISION_COUNT, collisions.unwrap_or(0) + 1);
        });
        self.client.update_status(KIND, changed)?;
        Err(status)
    }

    /// Deletes the oldest revisions beyond the limit that no Pod is of.
    pub(super) fn clean_up_revisions(&self, old: &[Value]) -> Result<(), Status> {
        let limit = self.view().spec().revision_history_limit().unwrap_or(10).max(0) as usize;
        let mut excess = old.len().saturating_sub(limit);
        let live: BTreeSet<&str> = self
            .pods
            .values()
            .flatten()
            .filter_map(|pod| table::metadata(pod).labels().get(CONTROLLER_REVISION_HASH))
            .collect();
        for revision in old {
            let hash = table::metadata(revision).labels().get(CONTROLLER_REVISION_HASH);
            if excess > 0 && !hash.is_some_and(|hash| live.contains(hash)) {
                history::delete(self.client, revision)?;
                excess -= 1;
            }
        }
        Ok(())
    }
}
