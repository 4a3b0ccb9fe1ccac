//! Indexes: objects by something other than their name.

use super::{ObjectKey, ResourceId};
use api::{Text, Value, names};
use std::collections::{BTreeMap, BTreeSet};

/// What an index is called: the path of the field it files objects under, where there is one.
pub type IndexName = &'static str;

/// An index of a resource.
pub struct IndexDefinition {
    /// What it is called.
    pub name: IndexName,
    /// Whether the objects themselves can be asked for, or only how many there are.
    pub is_count: bool,
    /// What an object is filed under; `None` if the index leaves it out.
    pub file_under: fn(&Value) -> Option<Text>,
}

/// So many keys are kept in a list.
const FEW_MAX: usize = 64;

/// Keys in their order. Most sets have few members, and a node of a tree has room for many.
#[derive(Default)]
struct KeySet {
    /// Empty if there are many.
    few: Vec<ObjectKey>,
    many: BTreeSet<ObjectKey>,
}

impl KeySet {
    fn insert(&mut self, key: &ObjectKey) {
        if !self.many.is_empty() || self.few.len() >= FEW_MAX {
            self.many.extend(self.few.drain(..));
            self.many.insert(key.clone());
        } else if let Err(at) = self.few.binary_search(key) {
            self.few.reserve_exact(1);
            self.few.insert(at, key.clone());
        }
    }

    fn remove(&mut self, key: &ObjectKey) {
        self.many.remove(key);
        if let Ok(at) = self.few.binary_search(key) {
            self.few.remove(at);
        }
    }

    fn len(&self) -> usize {
        self.few.len() + self.many.len()
    }

    fn iter(&self) -> impl Iterator<Item = &ObjectKey> {
        self.few.iter().chain(&self.many)
    }
}

struct Index {
    definition: &'static IndexDefinition,
    keys: BTreeMap<Text, KeySet>,
    counts: BTreeMap<Text, usize>,
}

impl Index {
    fn file(&mut self, value: Text, key: &ObjectKey) {
        if self.definition.is_count {
            *self.counts.entry(value).or_default() += 1;
        } else {
            self.keys.entry(value).or_default().insert(key);
        }
    }

    fn take_out(&mut self, value: &Text, key: &ObjectKey) {
        if let Some(count) = self.counts.get_mut(value) {
            *count -= 1;
            if *count == 0 {
                self.counts.remove(value);
            }
        }
        if let Some(keys) = self.keys.get_mut(value) {
            keys.remove(key);
            if keys.len() == 0 {
                self.keys.remove(value);
            }
        }
    }
}

/// The indexes of one resource.
#[derive(Default)]
pub(super) struct Indexes(Vec<Index>);

impl Indexes {
    pub(super) fn new(definitions: &'static [IndexDefinition]) -> Indexes {
        let index =
            |definition| Index { definition, keys: BTreeMap::new(), counts: BTreeMap::new() };
        Indexes(definitions.iter().map(index).collect())
    }

    pub(super) fn has(&self, name: IndexName) -> bool {
        self.0.iter().any(|index| index.definition.name == name)
    }

    pub(super) fn get<'a>(
        &'a self,
        name: IndexName,
        value: &str,
    ) -> impl Iterator<Item = &'a ObjectKey> + 'a {
        let index = self.0.iter().find(|index| index.definition.name == name);
        index.and_then(|index| index.keys.get(value)).into_iter().flat_map(KeySet::iter)
    }

    pub(super) fn count(&self, name: IndexName, value: &str) -> usize {
        let index = self.0.iter().find(|index| index.definition.name == name);
        index.map_or(0, |index| match index.definition.is_count {
            true => index.counts.get(value).copied().unwrap_or(0),
            false => index.keys.get(value).map_or(0, KeySet::len),
        })
    }

    pub(super) fn change(&mut self, key: &ObjectKey, old: Option<&Value>, new: Option<&Value>) {
        for index in &mut self.0 {
            let old = old.and_then(index.definition.file_under);
            let new = new.and_then(index.definition.file_under);
            if old == new {
                continue;
            }
            if let Some(old) = old {
                index.take_out(&old, key);
            }
            if let Some(new) = new {
                index.file(new, key);
            }
        }
    }
}

/// Objects of all resources by the uid of their owners.
#[derive(Default)]
pub(super) struct OwnerIndex(BTreeMap<Text, BTreeSet<(ResourceId, ObjectKey)>>);

impl OwnerIndex {
    pub(super) fn dependents<'a>(
        &'a self,
        uid: &str,
    ) -> impl Iterator<Item = (ResourceId, &'a ObjectKey)> + 'a {
        self.0.get(uid).into_iter().flatten().map(|(resource, key)| (*resource, key))
    }

    pub(super) fn count(&self, uid: &str) -> usize {
        self.0.get(uid).map_or(0, BTreeSet::len)
    }

    pub(super) fn change(
        &mut self,
        resource: ResourceId,
        key: &ObjectKey,
        old: Option<&Value>,
        new: Option<&Value>,
    ) {
        let old_owners = old.map_or(&Value::Null, owners);
        let new_owners = new.map_or(&Value::Null, owners);
        if old_owners == new_owners {
            return;
        }
        for uid in uids(old_owners) {
            if let Some(dependents) = self.0.get_mut(uid) {
                dependents.remove(&(resource, key.clone()));
                if dependents.is_empty() {
                    self.0.remove(uid);
                }
            }
        }
        for uid in uids(new_owners) {
            self.0.entry(uid.clone()).or_default().insert((resource, key.clone()));
        }
    }
}

fn owners(object: &Value) -> &Value {
    object.get(&names::METADATA).get(&names::OWNER_REFERENCES)
}

fn uids(owners: &Value) -> impl Iterator<Item = &Text> {
    owners.items().iter().filter_map(|owner| owner.get(&names::UID).as_text())
}
