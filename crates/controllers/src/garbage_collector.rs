//! The garbage collector: what belongs to nothing goes.
//!
//! Models `k8s.io/kubernetes/pkg/controller/garbagecollector`, without its graph: the store's
//! index of owners answers who depends on whom.

use crate::{Parts, finalizers};
use api::meta::v1::OwnerReference;
use api::{Status, Value, names, object};
use apiserver::store::{Change, ChangeType, ObjectKey, ResourceId};
use apiserver::{PatchType, Propagation};
use client::{Client, DeleteOptions, Reconcile, Reconciler};
use kinds::{Kind, table};
use sim::Duration;

const FOREGROUND: &str = "foregroundDeletion";
const ORPHAN: &str = "orphan";

/// Before the collector deletes anything it reads owner and dependent once more from the server,
/// behind whatever else waits in its queue.
const ATTEMPT_LATENCY: Duration = Duration::from_millis(20);

pub(crate) struct GarbageCollector;

impl GarbageCollector {
    pub(crate) fn new(_: Parts<'_>) -> GarbageCollector {
        GarbageCollector
    }
}

/// What the collector looks at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Item {
    /// An object whose owners may be gone, or that waits for its dependents.
    Object(ResourceId, ObjectKey),
    /// The uid of an object that is gone.
    Dependents(String),
}

impl Reconciler for GarbageCollector {
    type Key = Item;

    fn name(&self) -> &'static str {
        "generic-garbage-collector"
    }

    fn interests(&self) -> Vec<&'static Kind> {
        let is_collected = |kind: &&&'static Kind| {
            kind.conversion.is_none() && kind.verbs.contains(&"delete") && kind.kind != "Event"
        };
        kinds::ALL.iter().filter(is_collected).copied().collect()
    }

    fn keys(&self, change: &Change, client: &Client, add: &mut dyn FnMut(Item, Duration)) {
        let metadata = table::metadata(&change.object);
        if change.ty == ChangeType::Deleted {
            let uid = metadata.uid();
            if client.read(|server| server.store().dependent_count(uid)) > 0 {
                add(Item::Dependents(uid.to_owned()), ATTEMPT_LATENCY);
            }
            for owner in metadata.owner_references() {
                if owner.block_owner_deletion() == Some(true)
                    && let Some((resource, key)) = find_owner(&change.key, owner, client)
                {
                    add(Item::Object(resource, key), Duration::ZERO);
                }
            }
            return;
        }
        let waits = metadata.deletion_timestamp().is_some()
            && metadata.finalizers().any(|f| f == FOREGROUND || f == ORPHAN);
        let has_lost_owner =
            || metadata.owner_references().any(|owner| !owner_exists(&change.key, owner, client));
        if waits || (has_new_owners(change) && has_lost_owner()) {
            add(Item::Object(change.resource, change.key.clone()), Duration::ZERO);
        }
    }

    fn reconcile(&mut self, item: &Item, client: &Client) -> Result<Reconcile, Status> {
        match item {
            Item::Dependents(uid) => {
                for (resource, key) in dependents(uid, client) {
                    collect(resource, &key, client)?;
                }
            }
            Item::Object(resource, key) => {
                let Some((kind, object)) = load(*resource, key, client) else {
                    return Ok(Reconcile::Done);
                };
                let metadata = table::metadata(&object);
                if metadata.deletion_timestamp().is_some() {
                    if metadata.finalizers().has(ORPHAN) {
                        orphan_dependents(kind, &object, client)?;
                    } else if metadata.finalizers().has(FOREGROUND) {
                        delete_dependents_first(kind, &object, client)?;
                    }
                } else {
                    collect(*resource, key, client)?;
                }
            }
        }
        Ok(Reconcile::Done)
    }
}

fn has_new_owners(change: &Change) -> bool {
    let owners =
        |object: &Value| object.get(&names::METADATA).get(&names::OWNER_REFERENCES).clone();
    let new = owners(&change.object);
    !new.is_null() && change.previous.as_ref().is_none_or(|old| owners(old) != new)
}

fn dependents(uid: &str, client: &Client) -> Vec<(ResourceId, ObjectKey)> {
    client.read(|server| {
        server.store().dependents(uid).map(|(resource, key)| (resource, key.clone())).collect()
    })
}

fn load(resource: ResourceId, key: &ObjectKey, client: &Client) -> Option<(&'static Kind, Value)> {
    client.read(|server| {
        let stored = server.store().get(resource, &key.namespace, &key.name)?;
        Some((server.registry().kind_of(resource), stored.object.clone()))
    })
}

/// The resource and key that an owner reference leads to, whether or not it exists.
fn find_owner(
    dependent: &ObjectKey,
    owner: OwnerReference<'_>,
    client: &Client,
) -> Option<(ResourceId, ObjectKey)> {
    let (group, version) = owner.api_version().split_once('/').unwrap_or(("", owner.api_version()));
    client.read(|server| {
        let kind = server.registry().find_kind(group, version, owner.kind())?;
        let namespace = if kind.is_namespaced { &*dependent.namespace } else { "" };
        Some((server.registry().resource(kind), ObjectKey::new(namespace, owner.name())))
    })
}

/// Whether the very object that is meant exists. An owner of an unknown kind counts as existing:
/// nothing can be said of it.
fn owner_exists(dependent: &ObjectKey, owner: OwnerReference<'_>, client: &Client) -> bool {
    let Some((resource, key)) = find_owner(dependent, owner, client) else {
        return true;
    };
    client.read(|server| {
        server
            .store()
            .get(resource, &key.namespace, &key.name)
            .is_some_and(|stored| table::metadata(&stored.object).uid() == owner.uid())
    })
}

/// Deletes an object all of whose owners are gone or wait for it; an object with an owner left
/// loses only the references that lead nowhere.
fn collect(resource: ResourceId, key: &ObjectKey, client: &Client) -> Result<(), Status> {
    let Some((kind, object)) = load(resource, key, client) else {
        return Ok(());
    };
    let metadata = table::metadata(&object);
    if metadata.owner_references().is_empty() || metadata.deletion_timestamp().is_some() {
        return Ok(());
    }
    let mut has_solid = false;
    let mut lost = Vec::new();
    let mut waiting = false;
    for owner in metadata.owner_references() {
        if !owner_exists(key, owner, client) {
            lost.push(owner.uid().to_owned());
        } else if waits_for_dependents(key, owner, client) {
            waiting = true;
            lost.push(owner.uid().to_owned());
        } else {
            has_solid = true;
        }
    }
    if lost.is_empty() {
        return Ok(());
    }
    if has_solid {
        return drop_owners(kind, &object, &lost, client);
    }
    let has_own_dependents =
        client.read(|server| server.store().dependent_count(metadata.uid())) > 0;
    let finalizers = metadata.finalizers();
    let propagation = if waiting && has_own_dependents {
        Propagation::Foreground
    } else if finalizers.has(ORPHAN) {
        Propagation::Orphan
    } else if finalizers.has(FOREGROUND) {
        Propagation::Foreground
    } else {
        Propagation::Background
    };
    let options = DeleteOptions { propagation: Some(propagation), ..DeleteOptions::default() };
    ignore_not_found(client.delete(kind, key, metadata.uid(), options))
}

fn waits_for_dependents(dependent: &ObjectKey, owner: OwnerReference<'_>, client: &Client) -> bool {
    let found = find_owner(dependent, owner, client)
        .and_then(|(resource, key)| load(resource, &key, client));
    found.is_some_and(|(_, object)| {
        let metadata = table::metadata(&object);
        metadata.deletion_timestamp().is_some() && metadata.finalizers().has(FOREGROUND)
    })
}

fn ignore_not_found(result: Result<Value, Status>) -> Result<(), Status> {
    match result {
        Err(status) if status.reason != api::Reason::NotFound => Err(status),
        _ => Ok(()),
    }
}

fn drop_owners(
    kind: &'static Kind,
    object: &Value,
    uids: &[String],
    client: &Client,
) -> Result<(), Status> {
    let owners: Vec<Value> =
        uids.iter().map(|uid| object! { "$patch": "delete", "uid": uid.clone() }).collect();
    let patch = object! { "metadata": object! { "ownerReferences": Value::from(owners) } };
    let key = ObjectKey::of(object);
    ignore_not_found(client.patch(kind, &key, "", PatchType::Strategic, patch))
}

fn orphan_dependents(kind: &'static Kind, object: &Value, client: &Client) -> Result<(), Status> {
    let uid = table::metadata(object).uid();
    for (resource, key) in dependents(uid, client) {
        if let Some((dependent_kind, dependent)) = load(resource, &key, client) {
            drop_owners(dependent_kind, &dependent, &[uid.to_owned()], client)?;
        }
    }
    finalizers::remove(client, kind, &ObjectKey::of(object), ORPHAN)
}

/// The object goes when no dependent that blocks its deletion is left.
fn delete_dependents_first(
    kind: &'static Kind,
    object: &Value,
    client: &Client,
) -> Result<(), Status> {
    let uid = table::metadata(object).uid();
    let mut is_blocked = false;
    for (resource, key) in dependents(uid, client) {
        let Some((_, dependent)) = load(resource, &key, client) else {
            continue;
        };
        is_blocked |= table::metadata(&dependent)
            .owner_references()
            .any(|owner| owner.uid() == uid && owner.block_owner_deletion() == Some(true));
        collect(resource, &key, client)?;
    }
    if is_blocked {
        return Ok(());
    }
    finalizers::remove(client, kind, &ObjectKey::of(object), FOREGROUND)
}
