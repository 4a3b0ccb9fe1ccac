//! Computing the strategic merge patch that leads from one document to another.

use super::directive::{self, DELETE_FROM_PRIMITIVE_LIST, SET_ELEMENT_ORDER};
use super::identity::MergedBy;
use super::lists::{self, ElementType};
use super::place::{Place, Strategy};
use super::{PatchError, document, type_differs};
use crate::schema::TypeId;
use crate::{Key, List, Map, Value, go};
use std::borrow::Cow;
use std::cmp::Ordering;

/// The strategic merge patch that makes `modified` of `original`, both objects of the type `ty`.
///
/// `kubectl edit`, `set`, `label`, `annotate` and `rollout` send it. It is empty if there is
/// nothing to change.
pub fn create_two_way_strategic(
    original: &Value,
    modified: &Value,
    ty: TypeId,
) -> Result<Value, PatchError> {
    let (original, modified) = (document(original)?, document(modified)?);
    let patch = diff_maps(Differences::ALL, original, modified, Place::top(ty))?;
    Ok(Value::Map(patch))
}

/// Which differences a patch is to contain.
#[derive(Clone, Copy)]
pub(super) struct Differences {
    /// What is new or has another value.
    additions: bool,
    /// What is gone.
    deletions: bool,
    /// The order of merged lists.
    order: bool,
}

impl Differences {
    pub(super) const ALL: Differences =
        Differences { additions: true, deletions: true, order: true };
    pub(super) const ADDITIONS: Differences = Differences { deletions: false, ..Differences::ALL };
    pub(super) const DELETIONS: Differences = Differences { additions: false, ..Differences::ALL };
    pub(super) const CONTENTS: Differences = Differences { order: false, ..Differences::ALL };
}

/// The entries of a patch in the making.
type Entries = Vec<(Key, Value)>;

pub(super) fn diff_maps(
    wanted: Differences,
    original: &Map,
    modified: &Map,
    place: Place,
) -> Result<Map, PatchError> {
    let mut patch = Entries::new();
    for (key, old, new) in both(original, modified) {
        match (old, new) {
            (Some(old), Some(new)) if key.as_str() == directive::PATCH => {
                diff_directive(key, old, new, &mut patch)?;
            }
            (Some(old), Some(new)) => diff_values(wanted, key, old, new, place, &mut patch)?,
            (None, Some(new)) if wanted.additions => patch.push((key.clone(), new.clone())),
            (Some(_), None) if wanted.deletions => patch.push((key.clone(), Value::Null)),
            _ => {}
        }
    }
    Ok(patch.into_iter().collect())
}

/// The same for maps whose patches name the keys to retain: what the server has filled in for
/// one kind of volume must not stay when it becomes another.
fn diff_retaining(
    wanted: Differences,
    original: &Map,
    modified: &Map,
    place: Place,
) -> Result<Map, PatchError> {
    let mut patch = diff_maps(wanted, original, modified, place)?;
    let is_reduced = original.iter().any(|(key, _)| modified.get(key).is_none());
    let present = modified.iter().filter(|(_, value)| !value.is_null());
    let retained: List = present.map(|(key, _)| key.as_str().to_owned()).collect();
    if (is_reduced || !patch.is_empty()) && !retained.is_empty() {
        patch.insert(directive::RETAIN_KEYS, retained);
    }
    Ok(patch)
}

fn diff_by(strategy: Strategy) -> fn(Differences, &Map, &Map, Place) -> Result<Map, PatchError> {
    if strategy.retain_keys { diff_retaining } else { diff_maps }
}

/// Walks two maps together, in the order of their keys.
fn both<'a>(
    a: &'a Map,
    b: &'a Map,
) -> impl Iterator<Item = (&'a Key, Option<&'a Value>, Option<&'a Value>)> {
    let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
    std::iter::from_fn(move || {
        let order = match (a.peek(), b.peek()) {
            (Some((key, _)), Some((other, _))) => key.cmp(other),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return None,
        };
        let old = if order.is_le() { a.next() } else { None };
        let new = if order.is_ge() { b.next() } else { None };
        let (key, _) = old.or(new)?;
        Some((key, old.map(|(_, value)| value), new.map(|(_, value)| value)))
    })
}

/// A manifest may itself contain `$patch`: it is sent on if it differs.
fn diff_directive(
    key: &Key,
    old: &Value,
    new: &Value,
    patch: &mut Entries,
) -> Result<(), PatchError> {
    if old.as_str().is_none() || new.as_str().is_none() {
        return Err(PatchError::BadSpecialKey);
    }
    if old != new {
        patch.push((key.clone(), new.clone()));
    }
    Ok(())
}

fn diff_values(
    wanted: Differences,
    key: &Key,
    old: &Value,
    new: &Value,
    place: Place,
    patch: &mut Entries,
) -> Result<(), PatchError> {
    match (old, new) {
        (Value::Map(old), Value::Map(new_map)) => {
            let (inner, strategy) = match place.map(key) {
                Err(_) if old == new_map => return Ok(()),
                found => found?,
            };
            if strategy.replace {
                if wanted.additions {
                    patch.push((key.clone(), new.clone()));
                }
                return Ok(());
            }
            let changes = diff_by(strategy)(wanted, old, new_map, inner)?;
            if !changes.is_empty() {
                patch.push((key.clone(), Value::Map(changes)));
            }
        }
        (Value::List(old), Value::List(new_list)) => {
            let (item, strategy) = match place.list(key) {
                Err(_) if old == new_list => return Ok(()),
                found => found?,
            };
            if strategy.merge {
                let changes = diff_lists(wanted, old, new_list, item, strategy)?;
                changes.append_to(patch, key);
            } else if wanted.additions && old != new_list {
                patch.push((key.clone(), new.clone()));
            }
        }
        _ => {
            if wanted.additions && (type_differs(old, new) || old != new) {
                patch.push((key.clone(), new.clone()));
            }
        }
    }
    Ok(())
}

/// What a patch says about a merged list.
#[derive(Default)]
struct ListChanges {
    items: Vec<Value>,
    deleted_scalars: Vec<Value>,
    order: Vec<Value>,
}

impl ListChanges {
    fn append_to(self, patch: &mut Entries, key: &Key) {
        let named = |directive: &str| Key::from(format!("{directive}/{key}"));
        let entries = [
            (self.items, key.clone()),
            (self.deleted_scalars, named(DELETE_FROM_PRIMITIVE_LIST)),
            (self.order, named(SET_ELEMENT_ORDER)),
        ];
        for (list, key) in entries {
            if !list.is_empty() {
                patch.push((key, list.into()));
            }
        }
    }
}

fn diff_lists(
    wanted: Differences,
    original: &List,
    modified: &List,
    place: Place,
    strategy: Strategy,
) -> Result<ListChanges, PatchError> {
    if original.is_empty() {
        let items = if wanted.additions { modified.to_vec() } else { Vec::new() };
        return Ok(ListChanges { items, ..ListChanges::default() });
    }
    match lists::element_type(original, modified)? {
        ElementType::Map => diff_lists_of_maps(wanted, original, modified, place, strategy),
        ElementType::Scalar => Ok(diff_lists_of_scalars(wanted, original, modified)),
    }
}

fn diff_lists_of_maps(
    wanted: Differences,
    original: &List,
    modified: &List,
    place: Place,
    strategy: Strategy,
) -> Result<ListChanges, PatchError> {
    let by = MergedBy::key(strategy.merge_key);
    let (mut items, mut deletions) = (Vec::new(), Vec::new());
    for pair in pairs(identified(original, by)?, identified(modified, by)?) {
        match pair {
            (Some((_, old)), Some((identity, new))) => {
                let (Value::Map(old), Value::Map(new)) = (old, new) else {
                    continue;
                };
                let mut changes = diff_by(strategy)(wanted, old, new, place)?;
                if !changes.is_empty() {
                    changes.insert(strategy.merge_key, identity);
                    items.push(Value::Map(changes));
                }
            }
            (None, Some((_, new))) if wanted.additions => items.push(new.clone()),
            (Some((identity, _)), None) if wanted.deletions => {
                deletions.push(Value::Map(Map::from_iter([
                    (Key::from(strategy.merge_key), identity.clone()),
                    (Key::from(directive::PATCH), Value::from("delete")),
                ])));
            }
            _ => {}
        }
    }
    let mut items = by.sorted_like(items, modified);
    items.append(&mut deletions);
    let is_reordered = wanted.additions && !by.is_same_order(original, modified);
    let order = if wanted.order && (is_reordered || !items.is_empty()) {
        order_of(modified, strategy.merge_key)
    } else {
        Vec::new()
    };
    Ok(ListChanges { items, order, ..ListChanges::default() })
}

/// An item with what identifies it.
type Identified<'a> = (&'a Value, &'a Value);

/// The items sorted by the text of what identifies them; equal ones, such as a port that occurs
/// for two protocols, come in reverse, as upstream's sort leaves them.
fn identified(list: &List, by: MergedBy) -> Result<Vec<Identified<'_>>, PatchError> {
    let mut items: Vec<Identified<'_>> = list
        .iter()
        .map(|item| by.required(item).map(|identity| (identity, item)))
        .collect::<Result<_, _>>()?;
    items.reverse();
    items.sort_by(|a, b| text(a.0).cmp(&text(b.0)));
    Ok(items)
}

/// Pairs the items of two sorted lists that have the same text.
fn pairs<'a>(
    old: Vec<Identified<'a>>,
    new: Vec<Identified<'a>>,
) -> Vec<(Option<Identified<'a>>, Option<Identified<'a>>)> {
    let (mut old, mut new) = (old.into_iter().peekable(), new.into_iter().peekable());
    let mut pairs = Vec::new();
    loop {
        let order = match (old.peek(), new.peek()) {
            (Some(a), Some(b)) => text(a.0).cmp(&text(b.0)),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return pairs,
        };
        let a = if order.is_le() { old.next() } else { None };
        let b = if order.is_ge() { new.next() } else { None };
        pairs.push((a, b));
    }
}

/// The text by which upstream compares scalars of any type.
fn text(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Str(text) => Cow::Borrowed(text.as_str()),
        other => Cow::Owned(go::plain(other)),
    }
}

/// What `$setElementOrder` says of a list of maps: their merge keys.
fn order_of(list: &List, merge_key: &'static str) -> Vec<Value> {
    let key = Key::from(merge_key);
    let only_key = |item: &Value| {
        let identity = item.get(&key).clone();
        Value::Map(Map::from_iter([(key.clone(), identity)]))
    };
    list.iter().map(only_key).collect()
}

fn diff_lists_of_scalars(wanted: Differences, original: &List, modified: &List) -> ListChanges {
    let (old, new) = (sorted(original), sorted(modified));
    let (mut items, mut deleted) = (Vec::new(), Vec::new());
    let identity = |value| (value, value);
    let old_items = old.iter().map(identity).collect();
    for pair in pairs(old_items, new.iter().map(identity).collect()) {
        match pair {
            (None, Some((new, _))) if wanted.additions => items.push(new.clone()),
            (Some((old, _)), None) if wanted.deletions && deleted.last() != Some(old) => {
                deleted.push(old.clone());
            }
            _ => {}
        }
    }
    // Upstream compares with the original after it has sorted it: an unsorted list always has
    // its order in the patch.
    let is_reordered = wanted.additions && old.as_slice() != &modified[..];
    let order = if wanted.order && (is_reordered || !deleted.is_empty()) {
        modified.to_vec()
    } else {
        Vec::new()
    };
    ListChanges {
        items: MergedBy::SELF.sorted_like(items, modified),
        deleted_scalars: deleted,
        order,
    }
}

/// The scalars in the order of their texts.
pub(super) fn sorted(list: &List) -> Vec<Value> {
    let mut items = list.to_vec();
    items.sort_by(|a, b| text(a).cmp(&text(b)));
    items
}
