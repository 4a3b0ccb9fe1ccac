//! The revisions of a StatefulSet's template.

use super::{KIND, Sync};
use crate::history;
use api::json::{self, Html};
use api::{Reason, Status, Value, hash, names};
use kinds::apps::controller_revision;
use kinds::table;

/// The label of a revision that holds its hash.
const HASH_LABEL: &str = "controller.kubernetes.io/hash";

/// The revisions that matter, and all there are.
pub(super) struct Revisions {
    /// What Pods are made from until the update reaches them.
    pub(super) current: Value,
    /// What they become.
    pub(super) update: Value,
    pub(super) all: Vec<Value>,
    pub(super) collisions: i64,
}

/// The hash of a revision (`history.HashControllerRevision`): 32-bit FNV-1 of the patch and the
/// count of collisions.
fn revision_hash(patch: &Value, collisions: i64) -> String {
    let text = format!("{}{collisions}", json::to_string_with(patch, Html::Escaped));
    let step = |hash: u32, byte: u8| hash.wrapping_mul(0x0100_0193) ^ u32::from(byte);
    hash::safe_encode(&text.bytes().fold(0x811c_9dc5, step).to_string())
}

/// The template that a revision keeps.
pub(super) fn template_of(revision: &Value) -> Value {
    let data = revision.get(&names::DATA);
    let mut template = data.get(&names::SPEC).get(&names::TEMPLATE).clone();
    template.make_map().remove_str("$patch");
    template
}

impl Sync<'_> {
    pub(super) fn revisions(&mut self) -> Result<Revisions, Status> {
        let all = history::revisions_of(self.client, KIND, &self.object);
        let patch = history::patch_of(&self.object);
        let next = all.last().map_or(0, history::number) + 1;
        let mut collisions = self.view().status().collision_count().unwrap_or(0);
        let is_equal = |revision: &&Value| *revision.get(&names::DATA) == patch;
        let update = match all.iter().rev().find(is_equal) {
            // Going back to an older template gives its revision a new number.
            Some(equal) if history::number(equal) < next - 1 => {
                history::renumber(self.client, equal, next)?
            }
            Some(equal) => equal.clone(),
            None => self.create_revision(&patch, next, &mut collisions)?,
        };
        let current_name = self.view().status().current_revision();
        let is_current = |revision: &&Value| table::metadata(revision).name() == current_name;
        let current = all.iter().find(is_current).unwrap_or(&update).clone();
        Ok(Revisions { current, update, all, collisions })
    }

    fn create_revision(
        &self,
        patch: &Value,
        number: i64,
        collisions: &mut i64,
    ) -> Result<Value, Status> {
        let kind = &controller_revision::KIND;
        loop {
            let hash = revision_hash(patch, *collisions);
            let revision = history::new_revision(KIND, &self.object, &hash, HASH_LABEL, number);
            let name = table::metadata(&revision).name().to_owned();
            match self.client.create(kind, revision) {
                Err(status) if status.reason == Reason::AlreadyExists => {
                    let namespace = table::metadata(&self.object).namespace();
                    let there = self.client.get(kind, namespace, &name);
                    match there {
                        Some(there) if there.get(&names::DATA) == patch => return Ok(there),
                        // Another template has the same hash: the next try hashes differently.
                        _ => *collisions += 1,
                    }
                }
                outcome => return outcome,
            }
        }
    }

    /// Deletes the oldest revisions beyond the limit that nothing uses.
    pub(super) fn clean_up_revisions(&self, revisions: &Revisions) -> Result<(), Status> {
        let limit = self.view().spec().revision_history_limit().unwrap_or(10).max(0) as usize;
        let name = |revision: &Value| table::metadata(revision).name().to_owned();
        let mut live: Vec<String> = vec![name(&revisions.current), name(&revisions.update)];
        live.extend(self.pods.iter().map(|pod| super::identity::revision_of(pod).to_owned()));
        let mut unused = revisions.all.clone();
        unused.retain(|revision| !live.contains(&name(revision)));
        let excess = unused.len().saturating_sub(limit);
        unused[..excess].iter().try_for_each(|revision| history::delete(self.client, revision))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::object;

    #[test]
    fn the_hash_of_a_recorded_revision() {
        let template = r#"{"metadata":{"creationTimestamp":null,"labels":{"app":"web"}},"spec":
            {"containers":[{"image":"nginx:1.23.0","imagePullPolicy":"IfNotPresent","name":"nginx",
            "resources":{},"terminationMessagePath":"/dev/termination-log",
            "terminationMessagePolicy":"File"}],"dnsPolicy":"ClusterFirst","restartPolicy":"Always",
            "schedulerName":"default-scheduler","securityContext":{},
            "terminationGracePeriodSeconds":30}}"#;
        let template = json::parse(template.as_bytes()).expect("a document");
        let set = object! { "spec": object! { "template": template } };
        assert_eq!(revision_hash(&history::patch_of(&set), 0), "667cdc5c99");
    }
}
