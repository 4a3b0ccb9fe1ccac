//! Merging lists, item by item.

use super::PatchError;
use super::directive::patch_directive;
use super::identity::{Index, MergedBy};
use super::order::arrange;
use super::place::Place;
use super::strategic::{Target, merge_maps, unknown_directive};
use crate::{List, Map, Value, go};

/// What the items of merged lists are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ElementType {
    Scalar,
    Map,
}

/// What the items of both lists are; all must be of one type.
pub(super) fn element_type(a: &List, b: &List) -> Result<ElementType, PatchError> {
    let mut items = a.iter().chain(b);
    let first = items.next().ok_or(PatchError::NoElements)?;
    if matches!(first, Value::List(_)) {
        return Err(PatchError::ListOfLists);
    }
    if first.is_null() || items.any(|item| super::type_differs(first, item)) {
        let lists = Value::from(vec![Value::List(a.clone()), Value::List(b.clone())]);
        return Err(PatchError::MixedList(go::plain(&lists)));
    }
    match first {
        Value::Map(_) => Ok(ElementType::Map),
        _ => Ok(ElementType::Scalar),
    }
}

/// A merged list.
pub(super) struct Merged {
    pub(super) list: List,
    /// The order that counts as that of the live list if the result is to be arranged again:
    /// upstream appends new items in the memory that deleted ones have left, so that as many new
    /// ones as were deleted count as live.
    pub(super) live: List,
}

impl Merged {
    pub(super) fn new(list: List, live: List) -> Merged {
        Merged { list, live }
    }
}

/// Merges `theirs` into `ours`, whose items are at `place`.
pub(super) fn merge(
    target: Target,
    ours: &List,
    theirs: &List,
    place: Place,
    by: MergedBy,
) -> Result<Merged, PatchError> {
    let mut live = ours.clone();
    if ours.is_empty() && theirs.is_empty() {
        return Ok(Merged::new(ours.clone(), live));
    }
    let arranged = match element_type(ours, theirs)? {
        ElementType::Scalar => arrange(&union(ours, theirs), theirs, ours, by)?,
        ElementType::Map if by.is_scalar() => {
            return Err(PatchError::ListWithoutMergeKey(place.kind()));
        }
        ElementType::Map => {
            let (kept, changes) = follow_directives(ours, theirs, by)?;
            let merged = merge_items(target, kept.clone(), &changes, place, by)?;
            if kept.len() < ours.len() && !changes.is_empty() {
                live = merged.iter().take(ours.len()).collect();
            }
            arrange(&merged, &changes, &kept, by)?
        }
    };
    Ok(Merged::new(same_list(arranged, Some(ours)), live))
}

/// `ours` without what is in `gone`.
pub(super) fn delete(
    ours: &List,
    gone: &List,
    place: Place,
    by: MergedBy,
) -> Result<List, PatchError> {
    if ours.is_empty() && gone.is_empty() {
        return Ok(ours.clone());
    }
    match element_type(ours, gone)? {
        ElementType::Scalar => {
            let index = Index::new(MergedBy::SELF, gone, ours.len());
            let left = ours.iter().filter(|item| index.find(gone, item).is_none());
            Ok(same_list(left.cloned().collect(), Some(ours)))
        }
        ElementType::Map => merge(Target::Document, ours, gone, place, by).map(|m| m.list),
    }
}

/// The scalars of both lists, the first of each that occurs more than once.
fn union(ours: &List, theirs: &List) -> Vec<Value> {
    let length = ours.len() + theirs.len();
    let mut seen: Vec<Value> = Vec::with_capacity(length);
    let mut index = Index::new(MergedBy::SELF, &seen, length);
    for item in ours.iter().chain(theirs) {
        if index.find(&seen, item).is_none() {
            index.add(item, seen.len());
            seen.push(item.clone());
        }
    }
    seen
}

/// Does what the `$patch` of items say; gives what is left of the list, and of the patch.
fn follow_directives(
    ours: &List,
    theirs: &List,
    by: MergedBy,
) -> Result<(Vec<Value>, Vec<Value>), PatchError> {
    let mut changes = Vec::with_capacity(theirs.len());
    let mut deletions = Vec::new();
    let mut replaces = false;
    for item in theirs {
        match patch_directive(item) {
            None => changes.push(item.clone()),
            Some(directive) if directive == "delete" => {
                by.required(item)?;
                deletions.push(item.clone());
            }
            Some(directive) if directive == "replace" => replaces = true,
            Some(directive) if directive == "merge" => {
                return Err(PatchError::MergeDirectiveInList);
            }
            Some(directive) => {
                let map = item.as_map().unwrap_or(&Map::EMPTY);
                return Err(unknown_directive(directive, map));
            }
        }
    }
    if replaces {
        return Ok((changes, Vec::new()));
    }
    let index = Index::new(by, &deletions, ours.len());
    let is_deleted = |item: &&Value| {
        let identity = by.identity(item);
        identity.is_some_and(|identity| index.find(&deletions, identity).is_some())
    };
    let kept = ours.iter().filter(|item| !is_deleted(item)).cloned();
    Ok((kept.collect(), changes))
}

fn merge_items(
    target: Target,
    mut items: Vec<Value>,
    changes: &[Value],
    place: Place,
    by: MergedBy,
) -> Result<Vec<Value>, PatchError> {
    let mut index = Index::new(by, &items, changes.len());
    for change in changes {
        let identity = by.required(change)?;
        let found = index.find(&items, identity).map(|at| (at, &items[at]));
        match (found, change) {
            (Some((at, Value::Map(ours))), Value::Map(theirs)) => {
                items[at] = Value::Map(merge_maps(target, ours, theirs, place)?);
            }
            _ => {
                index.add(change, items.len());
                items.push(change.clone());
            }
        }
    }
    Ok(items)
}

/// The list of these items, in the memory of `ours` if they are its items.
pub(super) fn same_list(items: Vec<Value>, ours: Option<&List>) -> List {
    if let Some(ours) = ours {
        let mut pairs = ours.iter().zip(&items);
        if ours.len() == items.len() && pairs.all(|(a, b)| a.is_same(b) || a == b) {
            return ours.clone();
        }
    }
    List::from(items)
}
