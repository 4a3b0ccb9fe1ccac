//! The store: every object, every index, and the history of how they came to be so.
//!
//! It does what etcd and the watch cache do for a real API server. Each write gets the next
//! revision and is kept with what it replaced, who made it and what led to it. Objects are kept
//! without `kind` and `apiVersion`, which the resource implies.

mod change;
mod history;
mod index;
mod key;
mod share;
mod watch;

pub use change::{Change, ChangeType, Origin};
pub use history::Compacted;
pub use index::IndexName;
pub use key::ObjectKey;
pub use watch::{FieldRequirement, Filter, Scope, StoreEvent, StoreWatch};

use api::{Value, names};
use history::History;
use index::{Indexes, OwnerIndex};
use key::Namespaced;
use std::rc::Rc;
use watch::Watchers;

/// Names a stored resource: its place in the server's registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ResourceId(pub u16);

/// An object as it is now.
#[derive(Clone, Debug)]
pub struct Stored {
    /// The object, without `kind` and `apiVersion`.
    pub object: Value,
    /// The revision of its last change.
    pub revision: u64,
}

/// How much the store remembers.
#[derive(Clone, Copy, Debug)]
pub struct StoreLimits {
    /// The most bytes of memory that superseded versions of objects may occupy.
    pub history_bytes_max: usize,
}

impl Default for StoreLimits {
    fn default() -> StoreLimits {
        StoreLimits { history_bytes_max: 32 << 20 }
    }
}

/// The objects of one resource.
#[derive(Default)]
struct Resource {
    objects: Namespaced<Stored>,
    indexes: Indexes,
    /// The object written last, whose memory the next one shares where it can.
    last_written: Value,
}

/// All objects of the cluster and their history.
pub struct Store {
    revision: u64,
    resources: Vec<Resource>,
    owners: OwnerIndex,
    history: History,
    watchers: Watchers,
}

impl Store {
    /// An empty store for resources with these indexes, whose first write has revision 1.
    pub fn new(
        indexes: impl IntoIterator<Item = &'static [index::IndexDefinition]>,
        limits: StoreLimits,
    ) -> Store {
        let resources: Vec<Resource> = indexes
            .into_iter()
            .map(|definitions| Resource {
                objects: Namespaced::default(),
                indexes: Indexes::new(definitions),
                last_written: Value::Null,
            })
            .collect();
        let watchers = Watchers::new(resources.len());
        Store {
            revision: 0,
            resources,
            owners: OwnerIndex::default(),
            history: History::new(limits.history_bytes_max),
            watchers,
        }
    }

    /// The revision of the last write.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The revision that the oldest change still remembered replaced.
    pub fn compacted_revision(&self) -> u64 {
        self.history.first_revision().saturating_sub(1)
    }

    /// The object called `name`, if it exists.
    pub fn get(&self, resource: ResourceId, namespace: &str, name: &str) -> Option<&Stored> {
        self.resource(resource).objects.get(namespace, name)
    }

    /// The objects of a namespace, or of all, by namespace and name.
    pub fn list<'a>(
        &'a self,
        resource: ResourceId,
        namespace: Option<&'a str>,
    ) -> Box<dyn Iterator<Item = &'a Stored> + 'a> {
        self.resource(resource).objects.iter(namespace, None)
    }

    /// The same, beginning after `(namespace, name)`.
    pub fn list_after<'a>(
        &'a self,
        resource: ResourceId,
        namespace: Option<&'a str>,
        after: (&str, &str),
    ) -> Box<dyn Iterator<Item = &'a Stored> + 'a> {
        self.resource(resource).objects.iter(namespace, Some(after))
    }

    /// How many objects a namespace, or the cluster, has of a resource.
    pub fn count(&self, resource: ResourceId, namespace: Option<&str>) -> usize {
        self.resource(resource).objects.count(namespace)
    }

    /// The objects that the index `name` files under `value`.
    pub fn indexed<'a>(
        &'a self,
        resource: ResourceId,
        name: IndexName,
        value: &str,
    ) -> impl Iterator<Item = &'a Stored> + 'a {
        let store = self.resource(resource);
        store
            .indexes
            .get(name, value)
            .filter_map(|key| store.objects.get(&key.namespace, &key.name))
    }

    /// How many objects the index `name` files under `value`.
    pub fn indexed_count(&self, resource: ResourceId, name: IndexName, value: &str) -> usize {
        self.resource(resource).indexes.count(name, value)
    }

    /// Whether a resource has the index `name`.
    pub fn has_index(&self, resource: ResourceId, name: IndexName) -> bool {
        self.resource(resource).indexes.has(name)
    }

    /// The objects that name the object with this uid as an owner.
    pub fn dependents<'a>(
        &'a self,
        uid: &str,
    ) -> impl Iterator<Item = (ResourceId, &'a ObjectKey)> + 'a {
        self.owners.dependents(uid)
    }

    /// How many objects name the object with this uid as an owner.
    pub fn dependent_count(&self, uid: &str) -> usize {
        self.owners.count(uid)
    }

    /// Adds an object. The caller has made sure that there is none of that name.
    pub fn create(&mut self, resource: ResourceId, object: Value, origin: Origin) -> Value {
        self.commit(resource, ChangeType::Added, object, origin)
    }

    /// Replaces the object of the same name, which exists.
    pub fn update(&mut self, resource: ResourceId, object: Value, origin: Origin) -> Value {
        self.commit(resource, ChangeType::Modified, object, origin)
    }

    /// Removes the object of the same name, which exists; returns it as watchers see it last.
    pub fn delete(&mut self, resource: ResourceId, object: Value, origin: Origin) -> Value {
        self.commit(resource, ChangeType::Deleted, object, origin)
    }

    fn commit(
        &mut self,
        resource: ResourceId,
        ty: ChangeType,
        mut object: Value,
        origin: Origin,
    ) -> Value {
        self.revision += 1;
        let revision = self.revision;
        object.update(&names::METADATA, |metadata| {
            metadata.make_map().insert(&names::RESOURCE_VERSION, revision.to_string());
        });
        if ty != ChangeType::Deleted {
            self.share_memory(resource, &mut object);
        }
        let key = ObjectKey::of(&object);
        let table = &mut self.resources[usize::from(resource.0)];
        let previous = match ty {
            ChangeType::Deleted => table.objects.remove(&key),
            _ => table.objects.insert(&key, Stored { object: object.clone(), revision }),
        };
        let before = previous.as_ref().map(|p| &p.object);
        let after = (ty != ChangeType::Deleted).then_some(&object);
        table.indexes.change(&key, before, after);
        self.owners.change(resource, &key, before, after);

        let change = Rc::new(Change {
            revision,
            resource,
            ty,
            key,
            object: object.clone(),
            previous: previous.as_ref().map(|p| p.object.clone()),
            previous_revision: previous.map_or(0, |p| p.revision),
            origin,
        });
        self.watchers.notify(&change);
        self.history.push(change);
        object
    }

    fn share_memory(&mut self, resource: ResourceId, object: &mut Value) {
        let key = ObjectKey::of(object);
        let table = &mut self.resources[usize::from(resource.0)];
        let stored = table.objects.get(&key.namespace, &key.name);
        let previous = stored.map_or(&Value::Null, |stored| &stored.object);
        share::share_parts(object, previous, &table.last_written);
        table.last_written = object.clone();
    }

    /// The change that made `revision`, unless it was forgotten.
    pub fn change(&self, revision: u64) -> Option<&Rc<Change>> {
        self.history.get(revision)
    }

    /// All changes after `revision`, oldest first.
    pub fn changes_since(
        &self,
        revision: u64,
    ) -> Result<impl Iterator<Item = &Rc<Change>>, Compacted> {
        self.history.since(revision)
    }

    /// An object as it was at `revision`, found by way of what it is now.
    pub fn get_at(
        &self,
        resource: ResourceId,
        namespace: &str,
        name: &str,
        revision: u64,
    ) -> Option<Value> {
        let stored = self.get(resource, namespace, name)?;
        if stored.revision <= revision {
            return Some(stored.object.clone());
        }
        let mut change = self.history.get(stored.revision)?;
        while change.previous_revision > revision {
            change = self.history.get(change.previous_revision)?;
        }
        change.previous.clone()
    }

    /// Watches a resource: first what has changed after `since`, if given, then all that will.
    pub fn watch(
        &mut self,
        resource: ResourceId,
        scope: Scope,
        filter: Filter,
        since: Option<u64>,
    ) -> Result<StoreWatch, Compacted> {
        let missed: Vec<Rc<Change>> = match since {
            Some(revision) if revision < self.revision => self
                .history
                .since(revision)?
                .filter(|change| change.resource == resource && scope.covers(change))
                .cloned()
                .collect(),
            _ => Vec::new(),
        };
        Ok(self.watchers.add(resource, scope, filter, &missed))
    }

    /// How many watches are open.
    pub fn watch_count(&self) -> usize {
        self.watchers.count()
    }

    /// The bytes that the history occupies, by its own account.
    pub fn history_bytes(&self) -> usize {
        self.history.bytes()
    }

    fn resource(&self, resource: ResourceId) -> &Resource {
        &self.resources[usize::from(resource.0)]
    }
}

pub use index::IndexDefinition;

#[cfg(test)]
mod tests;
