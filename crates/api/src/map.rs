//! Maps and lists of the object tree.

use crate::{Key, Value};
use std::fmt;
use std::ops::Deref;
use std::rc::Rc;

/// A map sorted by key, shared until it is written to.
///
/// Documents are printed in the order of their keys, and most maps have fewer than twenty
/// entries: a sorted vector is both the smallest and the fastest form.
#[derive(Clone, Default)]
pub struct Map(Option<Rc<Vec<(Key, Value)>>>);

impl Map {
    /// A map without entries; costs no memory.
    pub const EMPTY: Map = Map(None);

    /// An empty map with room for `capacity` entries.
    pub fn with_capacity(capacity: usize) -> Map {
        if capacity == 0 { Map(None) } else { Map(Some(Rc::new(Vec::with_capacity(capacity)))) }
    }

    /// The entries in the order of their keys.
    pub fn entries(&self) -> &[(Key, Value)] {
        self.0.as_deref().map_or(&[], Vec::as_slice)
    }

    /// The entries in the order of their keys.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&Key, &Value)> + ExactSizeIterator {
        self.entries().iter().map(|(key, value)| (key, value))
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries().len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries().is_empty()
    }

    fn position(&self, key: &Key) -> Result<usize, usize> {
        self.entries().binary_search_by(|(k, _)| k.cmp(key))
    }

    /// The value of `key`.
    pub fn get(&self, key: &Key) -> Option<&Value> {
        self.position(key).ok().map(|i| &self.entries()[i].1)
    }

    /// The value of `key`, looked for at the place `hint` first: maps of the same kind have most
    /// often the same keys.
    pub fn get_near(&self, hint: usize, key: &Key) -> Option<&Value> {
        match self.entries().get(hint) {
            Some((there, value)) if there == key => Some(value),
            _ => self.get(key),
        }
    }

    /// The value of the entry called `name`.
    pub fn get_str(&self, name: &str) -> Option<&Value> {
        let found = self.entries().binary_search_by(|(k, _)| k.as_str().cmp(name));
        found.ok().map(|i| &self.entries()[i].1)
    }

    fn entries_mut(&mut self) -> &mut Vec<(Key, Value)> {
        Rc::make_mut(self.0.get_or_insert_default())
    }

    /// The value of `key`, to be changed; the map is copied first if it is shared.
    pub fn get_mut(&mut self, key: &Key) -> Option<&mut Value> {
        let at = self.position(key).ok()?;
        Some(&mut self.entries_mut()[at].1)
    }

    /// The value of `key`, which becomes `default()` if there is none.
    pub fn get_or_insert_with(&mut self, key: &Key, default: impl FnOnce() -> Value) -> &mut Value {
        let at = self.position(key);
        let entries = self.entries_mut();
        let at = at.unwrap_or_else(|at| {
            insert_exact(entries, at, (key.clone(), default()));
            at
        });
        &mut entries[at].1
    }

    /// Sets `key`; returns what it was.
    pub fn insert(&mut self, key: impl Into<Key>, value: impl Into<Value>) -> Option<Value> {
        let (key, value) = (key.into(), value.into());
        match self.position(&key) {
            Ok(at) => Some(std::mem::replace(&mut self.entries_mut()[at].1, value)),
            Err(at) => {
                insert_exact(self.entries_mut(), at, (key, value));
                None
            }
        }
    }

    /// Takes `key` away; an absent key leaves a shared map shared.
    pub fn remove(&mut self, key: &Key) -> Option<Value> {
        let at = self.position(key).ok()?;
        if self.len() == 1 {
            let only = self.entries_mut().pop();
            self.0 = None;
            return only.map(|(_, value)| value);
        }
        Some(self.entries_mut().remove(at).1)
    }

    /// [`Map::remove`] by name.
    pub fn remove_str(&mut self, name: &str) -> Option<Value> {
        let found = self.entries().binary_search_by(|(k, _)| k.as_str().cmp(name));
        let at = found.ok()?;
        let key = self.entries()[at].0.clone();
        self.remove(&key)
    }

    /// Keeps the entries that `keep` accepts.
    pub fn retain(&mut self, mut keep: impl FnMut(&Key, &Value) -> bool) {
        if self.iter().all(|(key, value)| keep(key, value)) {
            return;
        }
        self.entries_mut().retain(|(key, value)| keep(key, value));
        if self.is_empty() {
            self.0 = None;
        }
    }

    /// The values, to be changed in place.
    pub fn values_mut(&mut self) -> impl Iterator<Item = (&Key, &mut Value)> {
        let entries = match &mut self.0 {
            Some(entries) => Rc::make_mut(entries).as_mut_slice(),
            None => &mut [],
        };
        entries.iter_mut().map(|(key, value)| (&*key, value))
    }

    /// The value at a place, to be changed; the map is copied first if it is shared.
    ///
    /// # Panics
    /// If there is no such place.
    pub fn value_mut_at(&mut self, at: usize) -> &mut Value {
        &mut self.entries_mut()[at].1
    }

    /// Whether nobody else has this memory, so that a change copies nothing.
    pub fn is_unshared(&self) -> bool {
        self.0.as_ref().is_some_and(|entries| Rc::strong_count(entries) == 1)
    }

    /// Whether both share the same memory.
    pub fn is_same(&self, other: &Map) -> bool {
        match (&self.0, &other.0) {
            (Some(a), Some(b)) => Rc::ptr_eq(a, b),
            (None, None) => true,
            _ => false,
        }
    }

    /// The bytes of this map's own memory, without those of its values.
    pub(crate) fn own_bytes(&self) -> usize {
        let keys: usize = self.iter().map(|(key, _)| key.heap_bytes()).sum();
        self.0.as_ref().map_or(0, |entries| {
            keys + entries.capacity() * size_of::<(Key, Value)>() + 5 * size_of::<usize>()
        })
    }
}

/// Documents grow one field at a time and then live long: no slack is kept.
fn insert_exact<T>(entries: &mut Vec<T>, at: usize, entry: T) {
    if entries.len() == entries.capacity() {
        entries.reserve_exact(1);
    }
    entries.insert(at, entry);
}

impl PartialEq for Map {
    fn eq(&self, other: &Map) -> bool {
        self.is_same(other) || self.entries() == other.entries()
    }
}

/// Of sorted entries with the same key only the last one counts.
fn keep_last_of_each(entries: &mut Vec<(Key, Value)>) {
    entries.dedup_by(|later, earlier| {
        let is_repeated = later.0 == earlier.0;
        if is_repeated {
            std::mem::swap(later, earlier);
        }
        is_repeated
    });
}

impl<K: Into<Key>, V: Into<Value>> FromIterator<(K, V)> for Map {
    /// A later entry replaces an earlier one of the same key.
    fn from_iter<I: IntoIterator<Item = (K, V)>>(iter: I) -> Map {
        let mut entries: Vec<(Key, Value)> =
            iter.into_iter().map(|(key, value)| (key.into(), value.into())).collect();
        if !entries.windows(2).all(|pair| pair[0].0 < pair[1].0) {
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            keep_last_of_each(&mut entries);
        }
        entries.shrink_to_fit();
        Map((!entries.is_empty()).then(|| Rc::new(entries)))
    }
}

impl fmt::Debug for Map {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

/// A list, shared until it is written to.
#[derive(Clone, Default)]
pub struct List(Option<Rc<Vec<Value>>>);

impl List {
    /// A list without items; costs no memory.
    pub const EMPTY: List = List(None);

    /// The items, to be changed; the list is copied first if it is shared.
    pub fn make_mut(&mut self) -> &mut Vec<Value> {
        Rc::make_mut(self.0.get_or_insert_default())
    }

    /// Whether nobody else has this memory, so that a change copies nothing.
    pub fn is_unshared(&self) -> bool {
        self.0.as_ref().is_some_and(|items| Rc::strong_count(items) == 1)
    }

    /// Adds an item at the end.
    pub fn push(&mut self, item: impl Into<Value>) {
        let items = self.make_mut();
        let end = items.len();
        insert_exact(items, end, item.into());
    }

    /// Whether both share the same memory.
    pub fn is_same(&self, other: &List) -> bool {
        match (&self.0, &other.0) {
            (Some(a), Some(b)) => Rc::ptr_eq(a, b),
            (None, None) => true,
            _ => false,
        }
    }

    pub(crate) fn own_bytes(&self) -> usize {
        self.0
            .as_ref()
            .map_or(0, |items| items.capacity() * size_of::<Value>() + 5 * size_of::<usize>())
    }
}

impl Deref for List {
    type Target = [Value];
    fn deref(&self) -> &[Value] {
        self.0.as_deref().map_or(&[], Vec::as_slice)
    }
}

impl PartialEq for List {
    fn eq(&self, other: &List) -> bool {
        self.is_same(other) || **self == **other
    }
}

impl From<Vec<Value>> for List {
    fn from(mut items: Vec<Value>) -> List {
        items.shrink_to_fit();
        List((!items.is_empty()).then(|| Rc::new(items)))
    }
}

impl<V: Into<Value>> FromIterator<V> for List {
    fn from_iter<I: IntoIterator<Item = V>>(iter: I) -> List {
        List::from(iter.into_iter().map(Into::into).collect::<Vec<Value>>())
    }
}

impl<'a> IntoIterator for &'a List {
    type Item = &'a Value;
    type IntoIter = std::slice::Iter<'a, Value>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Debug for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_is_sorted_and_shared_until_written() {
        let mut map: Map = [("spec", 1), ("a", 2), ("spec", 3)].into_iter().collect();
        let keys: Vec<_> = map.iter().map(|(key, _)| key.as_str().to_owned()).collect();
        assert_eq!(keys, ["a", "spec"]);
        assert_eq!(map.get_str("spec"), Some(&Value::Int(3)));
        let spec = Key::from("spec");
        let found: Vec<_> = (0..3).map(|hint| map.get_near(hint, &spec)).collect();
        assert_eq!(found, [Some(&Value::Int(3)); 3]);
        let copy = map.clone();
        assert!(map.remove_str("absent").is_none());
        assert!(map.is_same(&copy));
        map.insert("b", 5);
        assert!(!map.is_same(&copy));
        assert_eq!(copy.len(), 2);
    }

    #[test]
    fn an_emptied_map_is_the_empty_map() {
        let mut map: Map = [("a", 1)].into_iter().collect();
        map.remove_str("a");
        assert!(map.is_same(&Map::EMPTY));
    }
}
