//! What tells the items of a merged list apart, and finding them by it.

use super::PatchError;
use super::directive::is_deletion;
use super::error::MAP;
use crate::{List, Value, go};
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// What tells the items of a list apart: a field, or for a list of scalars the items themselves.
#[derive(Clone, Copy)]
pub(super) struct MergedBy(&'static str);

impl MergedBy {
    /// Lists of scalars.
    pub(super) const SELF: MergedBy = MergedBy("");

    /// The merge key of the schema, empty for scalars.
    pub(super) fn key(merge_key: &'static str) -> MergedBy {
        MergedBy(merge_key)
    }

    /// The merge key of the schema, empty for scalars.
    pub(super) fn merge_key(self) -> &'static str {
        self.0
    }

    pub(super) fn is_scalar(self) -> bool {
        self.0.is_empty()
    }

    /// What identifies this item, if it has it.
    pub(super) fn identity(self, item: &Value) -> Option<&Value> {
        if self.is_scalar() {
            return Some(item);
        }
        item.as_map().and_then(|map| map.get_str(self.0))
    }

    /// The same, as an error if there is none.
    pub(super) fn required(self, item: &Value) -> Result<&Value, PatchError> {
        if !self.is_scalar() && item.as_map().is_none() {
            return Err(PatchError::bad_type(MAP, item));
        }
        self.identity(item).ok_or_else(|| PatchError::no_merge_key(item, self.0))
    }

    /// The items in the order that they have in `model`, those that it lacks first.
    pub(super) fn sorted_like(self, mut items: Vec<Value>, model: &List) -> Vec<Value> {
        let index = Index::new(self, model, items.len());
        items.sort_by_cached_key(|item| {
            let at = self.identity(item).and_then(|it| index.find(model, it));
            (is_deletion(item), at)
        });
        items
    }

    /// Whether both lists have the same items in the same order.
    pub(super) fn is_same_order(self, a: &List, b: &List) -> bool {
        let mut pairs = a.iter().zip(b);
        a.len() == b.len() && pairs.all(|(a, b)| self.identity(a) == self.identity(b))
    }
}

/// Up to so many comparisons, looking through a list is faster than making an index of it.
const COMPARISONS_MAX: usize = 400;

/// Finds the items of a list by what identifies them. Lists of a Pod are short, but somebody may
/// paste one of ten thousand items.
pub(super) struct Index {
    by: MergedBy,
    /// The first item of each identity; `None` if the list is looked through.
    places: Option<BTreeMap<Identity, usize>>,
}

impl Index {
    /// An index of `items`, in which about `n_searches` are to be made. The list may grow by as
    /// many items meanwhile.
    pub(super) fn new(by: MergedBy, items: &[Value], n_searches: usize) -> Index {
        let n_comparisons = (items.len() + n_searches).saturating_mul(n_searches);
        let is_costly = n_comparisons > COMPARISONS_MAX;
        let mut index = Index { by, places: is_costly.then(BTreeMap::new) };
        for (at, item) in items.iter().enumerate().filter(|_| is_costly) {
            index.add(item, at);
        }
        index
    }

    /// Tells that `item` was put at the end of the list.
    pub(super) fn add(&mut self, item: &Value, at: usize) {
        if let (Some(places), Some(identity)) = (&mut self.places, self.by.identity(item)) {
            places.entry(Identity(identity.clone())).or_insert(at);
        }
    }

    /// Where in the list of this index the first item of this identity is.
    pub(super) fn find(&self, items: &[Value], identity: &Value) -> Option<usize> {
        match &self.places {
            Some(places) => places.get(&Identity(identity.clone())).copied(),
            None => items.iter().position(|item| self.by.identity(item) == Some(identity)),
        }
    }
}

/// A value that can be looked up. The order is any.
struct Identity(Value);

impl Ord for Identity {
    fn cmp(&self, other: &Identity) -> Ordering {
        match (&self.0, &other.0) {
            (Value::Str(a), Value::Str(b)) => a.cmp(b),
            (Value::Int(a), Value::Int(b)) => a.cmp(b),
            (Value::Float(a), Value::Float(b)) if a == b => Ordering::Equal,
            (Value::Float(a), Value::Float(b)) => a.total_cmp(b),
            (a, b) if super::type_differs(a, b) => rank(a).cmp(&rank(b)),
            (a, b) => go::plain(a).cmp(&go::plain(b)),
        }
    }
}

fn rank(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Int(_) => 2,
        Value::Float(_) => 3,
        Value::Str(_) => 4,
        Value::List(_) => 5,
        Value::Map(_) => 6,
    }
}

impl PartialOrd for Identity {
    fn partial_cmp(&self, other: &Identity) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl PartialEq for Identity {
    fn eq(&self, other: &Identity) -> bool {
        self.cmp(other).is_eq()
    }
}
impl Eq for Identity {}
