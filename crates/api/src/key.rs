//! Field names: interned where the schema knows them.

use crate::name_hash::name_hash;
use std::cmp::Ordering;
use std::fmt;
use std::rc::Rc;

/// The name of a map entry. Names of the schema are small numbers, so that a field is found by
/// comparing integers and takes no memory of its own; other names (labels, data keys) are shared
/// strings. A name the schema knows is never held as a string.
#[derive(Clone, PartialEq, Eq)]
pub struct Key(Repr);

#[derive(Clone, PartialEq, Eq)]
enum Repr {
    Interned(u16),
    Shared(Rc<str>),
}

/// A constant for each interned name, and their table.
#[allow(clippy::all)]
pub mod names {
    use super::Key;
    include!(concat!(env!("OUT_DIR"), "/names.rs"));
}

/// The number of an interned name. Unlike a [`Key`] it can stand in a static table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct NameId(pub(crate) u16);

impl NameId {
    pub(crate) const fn key(self) -> Key {
        Key(Repr::Interned(self.0))
    }
}

impl Key {
    pub(crate) const fn interned(index: u16) -> Key {
        Key(Repr::Interned(index))
    }

    /// The interned key, if the schema has this name.
    pub fn find_interned(name: &str) -> Option<Key> {
        let mut at = name_hash(name) as usize % names::SLOTS.len();
        // A free slot ends the search: the table is at most half full.
        while let Some(known) = names::ALL_NAMES.get(usize::from(names::SLOTS[at])) {
            if *known == name {
                return Some(Key(Repr::Interned(names::SLOTS[at])));
            }
            at = (at + 1) % names::SLOTS.len();
        }
        None
    }

    pub(crate) fn id(&self) -> Option<NameId> {
        match self.0 {
            Repr::Interned(index) => Some(NameId(index)),
            Repr::Shared(_) => None,
        }
    }

    /// The characters of the name.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Repr::Interned(index) => names::ALL_NAMES[usize::from(*index)],
            Repr::Shared(name) => name,
        }
    }

    /// The same for a name that lives as long as the program; `None` for one that came at run time.
    pub fn as_static_str(&self) -> Option<&'static str> {
        match self.0 {
            Repr::Interned(index) => Some(names::ALL_NAMES[usize::from(index)]),
            Repr::Shared(_) => None,
        }
    }

    /// The bytes that this key occupies beyond its own size.
    pub(crate) fn heap_bytes(&self) -> usize {
        match &self.0 {
            Repr::Interned(_) => 0,
            Repr::Shared(name) => name.len() + 2 * size_of::<usize>(),
        }
    }
}

impl From<&str> for Key {
    fn from(name: &str) -> Key {
        Key::find_interned(name).unwrap_or_else(|| Key(Repr::Shared(name.into())))
    }
}
impl From<String> for Key {
    fn from(name: String) -> Key {
        Key::from(name.as_str())
    }
}
impl From<&Key> for Key {
    fn from(key: &Key) -> Key {
        key.clone()
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Key) -> Ordering {
        match (&self.0, &other.0) {
            // The table is sorted, so the order of numbers is the order of names.
            (Repr::Interned(a), Repr::Interned(b)) => a.cmp(b),
            _ => self.as_str().cmp(other.as_str()),
        }
    }
}
impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Key) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl std::hash::Hash for Key {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_without_repeats() {
        assert!(names::ALL_NAMES.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn every_interned_name_is_found() {
        for (index, name) in names::ALL_NAMES.iter().enumerate() {
            assert_eq!(Key::find_interned(name), Some(Key::interned(index as u16)), "{name}");
        }
        assert_eq!(Key::find_interned("no such name"), None);
    }

    #[test]
    fn keys_compare_like_their_names() {
        let words = ["zone", "spec", "my-label", "specx", "apiVersion", "a", "metadata"];
        for a in words {
            for b in words {
                assert_eq!(Key::from(a).cmp(&Key::from(b)), a.cmp(b), "{a} {b}");
            }
        }
        assert_eq!(Key::from("spec"), names::SPEC);
        assert_eq!(names::POD_IPS.as_str(), "podIPs");
    }
}
