//! The store: every object, every index, and the history of how they came to be so.
//!
//! It does what etcd and the watch cache do for a real API server. Each write gets the next
//! revision and is kept with what it replaced, who made it and what led to it. Objects are kept
//! without `kind` and `apiVersion`, which the resource implies.

mod change;
mod history;
mod index;
mod key;
mod packed;
mod share;
mod watch;

pub use change::{Change, ChangeType, Origin};
pub use history::Compacted;
pub use index::IndexName;
pub use key::ObjectKey;
pub use packed::Object;
pub use watch::{FieldRequirement, Filter, Scope, StoreEvent, StoreWatch};

use api::{Value, names};
use history::History;
use index::{Indexes, OwnerIndex};
use key::Namespaced;
use packed::Packer;
use std::rc::Rc;
use watch::Watchers;

/// Names a stored resource: its place in the server's registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ResourceId(pub u16);

/// An object as it is now.
#[derive(Debug)]
pub struct Stored {
    /// The object, without `kind` and `apiVersion`.
    pub object: Object,
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
    /// Keeps the objects small, if they are seldom read.
    packer: Option<Packer>,
}

impl Resource {
    /// The object in the form in which it is kept, and the bytes that only its history will have.
    fn keep(&mut self, object: &mut Value) -> (Option<Object>, usize) {
        if let Some(packer) = &mut self.packer {
            if packer.should_pack_again(self.objects.count(None)) {
                self.objects.values_mut().for_each(|stored| stored.object.pack_again());
            }
            let (kept, own_bytes) = packer.pack(object);
            return (Some(kept), own_bytes);
        }
        let key = ObjectKey::of(object);
        let stored = self.objects.get(&key.namespace, &key.name);
        let previous = stored.map_or(&Value::Null, |stored| &*stored.object);
        share::share_parts(object, previous, &self.last_written);
        self.last_written = object.clone();
        (Some(Object::plain(object.clone())), 0)
    }
}

/// All objects of the cluster and their history.
pub struct Store {
    revision: u64,
    resources: Vec<Resource>,
    owners: OwnerIndex,
    history: History,
    watchers: Watchers,
    /// The changes that are still to be taken by whoever passes them on.
    outbox: Vec<Rc<Change>>,
    has_outbox: bool,
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
                packer: None,
            })
            .collect();
        let watchers = Watchers::new(resources.len());
        Store {
            revision: 0,
            resources,
            owners: OwnerIndex::default(),
            history: History::new(limits.history_bytes_max),
            watchers,
            outbox: Vec::new(),
            has_outbox: false,
        }
    }

    /// Keeps the objects of a resource small from now on, at the price of reading them slowly.
    pub(crate) fn pack(&mut self, resource: ResourceId) {
        self.resources[usize::from(resource.0)].packer = Some(Packer::default());
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
        let table = &mut self.resources[usize::from(resource.0)];
        let (kept, own_bytes) = match ty {
            ChangeType::Deleted => (None, 0),
            _ => table.keep(&mut object),
        };
        let mut key = ObjectKey::of(&object);
        if let Some(namespace) = table.objects.namespace(&key.namespace) {
            key.namespace = namespace.clone();
        }
        let previous = match kept {
            None => table.objects.remove(&key),
            Some(object) => table.objects.insert(&key, Stored { object, revision }),
        };
        let before: Option<&Value> = previous.as_ref().map(|p| &*p.object);
        let after = (ty != ChangeType::Deleted).then_some(&object);
        table.indexes.change(&key, before, after);
        self.owners.change(resource, &key, before, after);

        let change = Rc::new(Change {
            revision,
            resource,
            ty,
            key,
            object: object.clone(),
            previous: before.cloned(),
            previous_revision: previous.as_ref().map_or(0, |p| p.revision),
            origin,
        });
        self.watchers.notify(&change);
        if self.has_outbox {
            self.outbox.push(change.clone());
        }
        self.history.push(change, own_bytes);
        object
    }

    /// The name of the object that was written last.
    pub(crate) fn last_key(&self) -> Option<&ObjectKey> {
        self.history.get(self.revision).map(|change| &change.key)
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

    /// Keeps from now on every change until it is taken, however little the history may hold.
    pub(crate) fn open_outbox(&mut self) {
        self.has_outbox = true;
    }

    /// The changes since the last call, oldest first.
    pub(crate) fn take_outbox(&mut self) -> impl Iterator<Item = Rc<Change>> + '_ {
        self.outbox.drain(..)
    }

    /// The objects of a namespace, or of all, as they were at `revision`, in the order of a list.
    /// What has changed since is undone on a copy of the list as it is now.
    pub fn list_at(
        &self,
        resource: ResourceId,
        namespace: Option<&str>,
        revision: u64,
    ) -> Result<Vec<Value>, Compacted> {
        let mut objects = Namespaced::default();
        for stored in self.list(resource, namespace) {
            objects.insert(&ObjectKey::of(&stored.object), stored.object.clone());
        }
        let is_listed = |change: &&Rc<Change>| {
            change.resource == resource && namespace.is_none_or(|n| *change.key.namespace == *n)
        };
        let changes: Vec<_> = self.history.since(revision)?.filter(is_listed).collect();
        for change in changes.into_iter().rev() {
            match &change.previous {
                Some(previous) => objects.insert(&change.key, previous.clone()),
                None => objects.remove(&change.key),
            };
        }
        Ok(objects.iter(None, None).cloned().collect())
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
