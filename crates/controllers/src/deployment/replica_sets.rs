//! The ReplicaSets of a Deployment: finding, making, annotating and scaling them.

use super::{Rollout, by_age, progress, spec_replicas, sum};
use crate::pods::from_template;
use api::apps::v1::{Deployment, ReplicaSetMut};
use api::{IntOrString, Status, Text, Value, View, ViewMut, hash, names, object};
use kinds::apps::{deployment, replica_set};
use kinds::table;

pub(super) const REVISION: &str = "deployment.kubernetes.io/revision";
const REVISION_HISTORY: &str = "deployment.kubernetes.io/revision-history";
pub(super) const DESIRED: &str = "deployment.kubernetes.io/desired-replicas";
pub(super) const MAX: &str = "deployment.kubernetes.io/max-replicas";
/// What a Deployment does not hand down to its sets.
const NOT_INHERITED: [&str; 6] = [
    "kubectl.kubernetes.io/last-applied-configuration",
    REVISION,
    REVISION_HISTORY,
    DESIRED,
    MAX,
    "deprecated.deployment.rollback.to",
];
const HISTORY_BYTES_MAX: usize = 2_000;

/// A number among the annotations of a set.
pub(super) fn annotated(set: &Value, key: &str) -> Option<i64> {
    table::metadata(set).annotations().get(key)?.parse().ok()
}

/// The revision that a set or Deployment is annotated with; 0 if none.
pub(super) fn revision(object: &Value) -> i64 {
    annotated(object, REVISION).unwrap_or(0)
}

/// (maxSurge, maxUnavailable) as numbers of Pods: surge is rounded up, unavailable down, and not
/// both can be 0 (`ResolveFenceposts`).
fn fenceposts(deployment: Deployment<'_>) -> (i64, i64) {
    let replicas = deployment.spec().replicas().unwrap_or(1);
    let update = deployment.spec().strategy().rolling_update();
    let zero = IntOrString::Int(0);
    let surge = update.and_then(|u| u.max_surge()).unwrap_or(zero).scaled(replicas, true);
    let unavailable =
        update.and_then(|u| u.max_unavailable()).unwrap_or(zero).scaled(replicas, false);
    match (surge.unwrap_or(0), unavailable.unwrap_or(0)) {
        (0, 0) => (0, 1),
        both => both,
    }
}

pub(super) fn is_rolling(deployment: Deployment<'_>) -> bool {
    deployment.spec().strategy().type_() == "RollingUpdate"
}

/// How many Pods there may be beyond those asked for.
pub(super) fn max_surge(deployment: Deployment<'_>) -> i64 {
    if is_rolling(deployment) { fenceposts(deployment).0 } else { 0 }
}

/// How many of the Pods asked for may be missing.
pub(super) fn max_unavailable(deployment: Deployment<'_>) -> i64 {
    let replicas = deployment.spec().replicas().unwrap_or(1);
    if !is_rolling(deployment) || replicas == 0 {
        return 0;
    }
    fenceposts(deployment).1.min(replicas)
}

/// Whether two templates are the same but for the hash in their labels.
fn is_equal_template(a: &Value, b: &Value) -> bool {
    let without_hash = |template: &Value| {
        let mut template = template.clone();
        template.update(&names::METADATA, |metadata| {
            metadata.update(&names::LABELS, |labels| {
                if !labels.get(&names::POD_TEMPLATE_HASH).is_null() {
                    labels.make_map().remove(&names::POD_TEMPLATE_HASH);
                }
            });
        });
        template
    };
    a.get(&names::SPEC) == b.get(&names::SPEC) && without_hash(a) == without_hash(b)
}

impl Rollout<'_> {
    fn template(&self) -> &Value {
        self.object.get(&names::SPEC).get(&names::TEMPLATE)
    }

    /// The set with the Deployment's present template, made if asked for, and all others.
    pub(super) fn split_sets(
        &mut self,
        make_new: bool,
    ) -> Result<(Option<Value>, Vec<Value>), Status> {
        let mut sets = self.sets.clone();
        by_age(&mut sets);
        let template = self.template();
        let at = sets.iter().position(|set| {
            is_equal_template(set.get(&names::SPEC).get(&names::TEMPLATE), template)
        });
        let found = at.map(|at| sets.remove(at));
        let revision = sets.iter().map(revision).max().unwrap_or(0) + 1;
        let new = match found {
            Some(set) => Some(self.adopt_new_set(set, revision)?),
            None if make_new => Some(self.make_new_set(&sets, revision)?),
            None => None,
        };
        Ok((new, sets))
    }

    /// Lets a set that exists already be the new one.
    fn adopt_new_set(&mut self, set: Value, revision: i64) -> Result<Value, Status> {
        let mut changed = set.clone();
        self.inherit_annotations(&mut changed, revision, true);
        let min_ready_seconds = self.view().spec().min_ready_seconds();
        let mut view = ReplicaSetMut::of(&mut changed);
        if view.read().spec().min_ready_seconds() != min_ready_seconds {
            view.spec_mut().set_min_ready_seconds(min_ready_seconds);
        }
        if changed != set {
            let updated = self.client.update(&replica_set::KIND, changed)?;
            self.replace_set(&updated);
            return Ok(updated);
        }
        let mut deployment = self.object.clone();
        copy_revision(&mut deployment, &set);
        if self.has_deadline() && progress::progressing(&self.object).is_none() {
            let name = table::metadata(&set).name();
            let message = format!("Found new replica set \"{name}\"");
            progress::set_condition(
                &mut deployment,
                progress::condition("Progressing", "True", "FoundNewReplicaSet", message, self.now),
            );
        }
        self.store_status(deployment)?;
        Ok(set)
    }

    fn make_new_set(&mut self, old: &[Value], revision: i64) -> Result<Value, Status> {
        let collisions = self.view().status().collision_count();
        let hash = hash::pod_template(self.template(), collisions);
        let set = self.new_set(&hash, old, revision);
        let name = table::metadata(&set).name().to_owned();
        let replicas = spec_replicas(&set);
        let created = match self.client.create(&replica_set::KIND, set) {
            Ok(created) => created,
            Err(status) if status.reason == api::Reason::AlreadyExists => {
                return self.resolve_collision(&name, status);
            }
            Err(status) => {
                let mut deployment = self.object.clone();
                progress::set_condition(
                    &mut deployment,
                    progress::condition(
                        "Progressing",
                        "False",
                        "ReplicaSetCreateError",
                        format!("Failed to create new replica set \"{name}\": {status}"),
                        self.now,
                    ),
                );
                self.store_status(deployment)?;
                return Err(status);
            }
        };
        if replicas > 0 {
            let message = format!("Scaled up replica set {name} to {replicas}");
            let about = self.about();
            self.controller.recorder.normal(&about, "ScalingReplicaSet", message);
        }
        self.sets.push(created.clone());
        let mut deployment = self.object.clone();
        copy_revision(&mut deployment, &created);
        if self.has_deadline() {
            let message = format!("Created new replica set \"{name}\"");
            progress::set_condition(
                &mut deployment,
                progress::condition(
                    "Progressing",
                    "True",
                    "NewReplicaSetCreated",
                    message,
                    self.now,
                ),
            );
        }
        self.store_status(deployment)?;
        Ok(created)
    }

    fn new_set(&self, hash: &str, old: &[Value], revision: i64) -> Value {
        let hash = Text::from(hash.to_owned());
        let mut template = self.template().clone();
        template.update(&names::METADATA, |metadata| {
            metadata.update(&names::LABELS, |labels| {
                labels.make_map().insert(&names::POD_TEMPLATE_HASH, &hash);
            });
        });
        let mut selector = self.object.get(&names::SPEC).get(&names::SELECTOR).clone();
        selector.update(&names::MATCH_LABELS, |labels| {
            labels.make_map().insert(&names::POD_TEMPLATE_HASH, &hash);
        });
        // The owner reference is the same as that of a Pod made by this Deployment.
        let owned = from_template(&template, &deployment::KIND, &self.object);
        let metadata = table::metadata(&self.object);
        let mut set = object! {
            "metadata": object! {
                "name": format!("{}-{hash}", metadata.name()),
                "namespace": metadata.value().get(&names::NAMESPACE),
                "labels": template.get(&names::METADATA).get(&names::LABELS),
                "ownerReferences": owned.get(&names::METADATA).get(&names::OWNER_REFERENCES),
            },
            "spec": object! { "replicas": 0, "selector": selector, "template": template },
        };
        let mut view = ReplicaSetMut::of(&mut set);
        view.spec_mut().set_min_ready_seconds(self.view().spec().min_ready_seconds());
        let replicas = self.new_set_replicas(0, sum(old, spec_replicas));
        ReplicaSetMut::of(&mut set).spec_mut().set_replicas(replicas);
        self.inherit_annotations(&mut set, revision, false);
        set
    }

    /// A set of that name with another template is in the way: the next try hashes differently.
    fn resolve_collision(&mut self, name: &str, status: Status) -> Result<Value, Status> {
        let namespace = table::metadata(&self.object).namespace();
        let there = self.client.get(&replica_set::KIND, namespace, name);
        let is_ours = |set: &Value| {
            let owner = crate::pods::controller_of(set, &deployment::KIND);
            owner.is_some_and(|owner| owner.uid() == table::metadata(&self.object).uid())
                && is_equal_template(set.get(&names::SPEC).get(&names::TEMPLATE), self.template())
        };
        if let Some(set) = there
            && is_ours(&set)
        {
            return Ok(set);
        }
        let collisions = self.view().status().collision_count().unwrap_or(0) + 1;
        let mut deployment = self.object.clone();
        deployment.update(&names::STATUS, |status| {
            status.make_map().insert(&names::COLLISION_COUNT, collisions);
        });
        self.store_status(deployment)?;
        Err(status)
    }

    /// How many replicas the new set may have, if it has `replicas` and the old ones `old`.
    pub(super) fn new_set_replicas(&self, replicas: i64, old: i64) -> i64 {
        let wanted = self.replicas();
        if !is_rolling(self.view()) {
            return wanted;
        }
        let current = replicas + old;
        let most = wanted + max_surge(self.view());
        if current >= most { replicas } else { replicas + (most - current).min(wanted - replicas) }
    }

    /// Hands the Deployment's annotations down, and the revision.
    fn inherit_annotations(&self, set: &mut Value, revision: i64, exists: bool) {
        let inherited: Vec<(String, String)> = table::metadata(&self.object)
            .annotations()
            .iter()
            .filter(|(key, _)| !NOT_INHERITED.contains(key))
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect();
        let old = annotated(set, REVISION);
        let history = table::metadata(set).annotations().get(REVISION_HISTORY).map(str::to_owned);
        let replicas = self.replicas();
        let most = replicas + max_surge(self.view());
        set.update(&names::METADATA, |metadata| {
            metadata.update(&names::ANNOTATIONS, |annotations| {
                for (key, value) in inherited {
                    set_text(annotations, &key, value);
                }
                if old.is_none_or(|old| old < revision) {
                    set_text(annotations, REVISION, revision.to_string());
                    if let Some(old) = old {
                        let history = history.into_iter().chain([old.to_string()]);
                        let text = history.collect::<Vec<_>>().join(",");
                        if text.len() <= HISTORY_BYTES_MAX {
                            set_text(annotations, REVISION_HISTORY, text);
                        }
                    }
                }
                if !exists {
                    set_text(annotations, DESIRED, replicas.to_string());
                    set_text(annotations, MAX, most.to_string());
                }
            });
        });
    }

    /// Scales a set, and tells of it; true if its size changed.
    pub(super) fn scale_set(&mut self, set: &Value, size: i64) -> Result<bool, Status> {
        let wanted = self.replicas();
        let most = wanted + max_surge(self.view());
        let before = spec_replicas(set);
        let is_resized = before != size;
        let is_annotated =
            annotated(set, DESIRED) == Some(wanted) && annotated(set, MAX) == Some(most);
        if !is_resized && is_annotated {
            return Ok(false);
        }
        let mut changed = set.clone();
        ReplicaSetMut::of(&mut changed).spec_mut().set_replicas(size);
        changed.update(&names::METADATA, |metadata| {
            metadata.update(&names::ANNOTATIONS, |annotations| {
                set_text(annotations, DESIRED, wanted.to_string());
                set_text(annotations, MAX, most.to_string());
            });
        });
        let updated = self.client.update(&replica_set::KIND, changed)?;
        self.replace_set(&updated);
        if is_resized {
            let direction = if size > before { "up" } else { "down" };
            let name = table::metadata(set).name();
            let message = format!("Scaled {direction} replica set {name} to {size} from {before}");
            let about = self.about();
            self.controller.recorder.normal(&about, "ScalingReplicaSet", message);
        }
        Ok(is_resized)
    }

    /// Keeps the list of sets in step with what was written.
    fn replace_set(&mut self, updated: &Value) {
        let uid = table::metadata(updated).uid();
        for set in &mut self.sets {
            if table::metadata(set).uid() == uid {
                *set = updated.clone();
            }
        }
    }
}

fn set_text(map: &mut Value, key: &str, text: String) {
    let is_same = map.as_map().and_then(|map| map.get_str(key)).is_some_and(|old| *old == *text);
    if !is_same {
        map.make_map().insert(key, text);
    }
}

/// The Deployment has the revision of its new set.
fn copy_revision(deployment: &mut Value, set: &Value) {
    let Some(revision) = table::metadata(set).annotations().get(REVISION).map(str::to_owned) else {
        return;
    };
    deployment.update(&names::METADATA, |metadata| {
        metadata.update(&names::ANNOTATIONS, |annotations| {
            set_text(annotations, REVISION, revision);
        });
    });
}
