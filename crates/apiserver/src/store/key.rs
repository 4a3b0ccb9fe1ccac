//! The name of an object, and maps by name.

use api::{Text, Value, names};
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Bound;
use std::rc::Rc;

/// Namespace and name of an object; the namespace is empty outside of namespaces.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectKey {
    /// The namespace, or the empty string.
    pub namespace: Rc<str>,
    /// The name.
    pub name: Rc<str>,
}

impl ObjectKey {
    /// A key from its parts.
    pub fn new(namespace: &str, name: &str) -> ObjectKey {
        ObjectKey { namespace: namespace.into(), name: name.into() }
    }

    /// Whether it stands before `other` in a list of all namespaces.
    pub fn precedes(&self, other: &ObjectKey) -> bool {
        let place = |key: &ObjectKey| (Namespace(key.namespace.clone()), key.name.clone());
        place(self) < place(other)
    }

    /// The key of an object, from its metadata, whose memory it shares.
    pub fn of(object: &Value) -> ObjectKey {
        let metadata = object.get(&names::METADATA);
        let text = |value: &Value| match value {
            Value::Str(Text::Shared(text)) => text.clone(),
            other => other.as_str().unwrap_or_default().into(),
        };
        ObjectKey {
            namespace: text(metadata.get(&names::NAMESPACE)),
            name: text(metadata.get(&names::NAME)),
        }
    }
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.namespace {
            "" => f.write_str(&self.name),
            namespace => write!(f, "{namespace}/{}", self.name),
        }
    }
}

/// A namespace, ordered as in etcd's keys, where a slash follows it: `a-b` comes before `a`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Namespace(Rc<str>);

impl Ord for Namespace {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.bytes().chain([b'/']).cmp(other.0.bytes().chain([b'/']))
    }
}
impl PartialOrd for Namespace {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Values by namespace and name. There are few namespaces and many names, so the namespaces
/// stand in a short sorted list.
pub(super) struct Namespaced<T> {
    namespaces: Vec<(Namespace, BTreeMap<Rc<str>, T>)>,
}

impl<T> Default for Namespaced<T> {
    fn default() -> Namespaced<T> {
        Namespaced { namespaces: Vec::new() }
    }
}

impl<T> Namespaced<T> {
    fn position(&self, namespace: &str) -> Result<usize, usize> {
        let slashed = || namespace.bytes().chain([b'/']);
        self.namespaces.binary_search_by(|(n, _)| n.0.bytes().chain([b'/']).cmp(slashed()))
    }

    fn names(&self, namespace: &str) -> Option<&BTreeMap<Rc<str>, T>> {
        self.position(namespace).ok().map(|at| &self.namespaces[at].1)
    }

    /// The namespace in the memory that its entries share.
    pub(super) fn namespace(&self, namespace: &str) -> Option<&Rc<str>> {
        self.position(namespace).ok().map(|at| &self.namespaces[at].0.0)
    }

    pub(super) fn values_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.namespaces.iter_mut().flat_map(|(_, names)| names.values_mut())
    }

    pub(super) fn get(&self, namespace: &str, name: &str) -> Option<&T> {
        self.names(namespace)?.get(name)
    }

    pub(super) fn insert(&mut self, key: &ObjectKey, value: T) -> Option<T> {
        let at = self.position(&key.namespace).unwrap_or_else(|at| {
            let namespace = Namespace(key.namespace.clone());
            self.namespaces.insert(at, (namespace, BTreeMap::new()));
            at
        });
        let names = &mut self.namespaces[at].1;
        match names.get_mut(&key.name) {
            // The key of the entry stays the one whose memory the first version shares.
            Some(there) => Some(std::mem::replace(there, value)),
            None => names.insert(key.name.clone(), value),
        }
    }

    pub(super) fn remove(&mut self, key: &ObjectKey) -> Option<T> {
        let at = self.position(&key.namespace).ok()?;
        let removed = self.namespaces[at].1.remove(&key.name);
        if self.namespaces[at].1.is_empty() {
            self.namespaces.remove(at);
        }
        removed
    }

    pub(super) fn count(&self, namespace: Option<&str>) -> usize {
        match namespace {
            Some(namespace) => self.names(namespace).map_or(0, BTreeMap::len),
            None => self.namespaces.iter().map(|(_, names)| names.len()).sum(),
        }
    }

    /// The values of one namespace or of all, in order, those up to `after` left out.
    pub(super) fn iter<'a>(
        &'a self,
        namespace: Option<&str>,
        after: Option<(&str, &str)>,
    ) -> Box<dyn Iterator<Item = &'a T> + 'a> {
        let start = match (namespace, after) {
            (Some(only), _) => match self.position(only) {
                Ok(at) => at,
                Err(_) => return Box::new(std::iter::empty()),
            },
            (None, Some((first, _))) => self.position(first).unwrap_or_else(|at| at),
            (None, None) => 0,
        };
        let count = if namespace.is_some() { 1 } else { usize::MAX };
        let mut begin = None;
        if let Some((first, name)) = after
            && let Some((Namespace(there), names)) = self.namespaces.get(start)
            && **there == *first
        {
            begin = Some(names.range::<str, _>((Bound::Excluded(name), Bound::Unbounded)));
        }
        let skip = usize::from(begin.is_some());
        let rest = self.namespaces.iter().skip(start + skip).take(count - skip);
        let rest = rest.flat_map(|(_, names)| names.values());
        Box::new(begin.into_iter().flatten().map(|(_, value)| value).chain(rest))
    }
}
