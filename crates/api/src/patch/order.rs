//! In which order the items of a merged list come.

use super::PatchError;
use super::directive::{is_deletion, patch_directive};
use super::error::MAP;
use super::identity::{Index, MergedBy};
use crate::{List, Value, go};

/// An item with its places.
struct Placed<'a> {
    item: &'a Value,
    /// Within its group.
    at: Option<usize>,
    /// In the live list.
    live_at: Option<usize>,
}

/// Arranges the items of a merged list: those that `order` names come as it says, the others stay
/// in their `live` order, and where both have a place in the live list, that decides between them.
pub(super) fn arrange(
    merged: &[Value],
    order: &[Value],
    live: &[Value],
    by: MergedBy,
) -> Result<Vec<Value>, PatchError> {
    let is_odd = |item: &&Value| !by.is_scalar() && item.as_map().is_none();
    if !merged.is_empty() && order.iter().any(|item| is_odd(&item)) {
        return Err(PatchError::NotAMap(by.merge_key()));
    }
    let order_index = Index::new(by, order, merged.len());
    let live_index = Index::new(by, live, merged.len());
    let (mut named, mut others) = (Vec::new(), Vec::new());
    for item in merged {
        let identity = by.required(item)?;
        let live_at = live_index.find(live, identity);
        let named_at = order_index.find(order, identity);
        let (group, at) = match named_at {
            Some(_) => (&mut named, named_at),
            None => (&mut others, live_at),
        };
        group.push(Placed { item, at, live_at });
    }
    sort(&mut named);
    sort(&mut others);
    Ok(interleave(others, named))
}

/// Sorts a group; deletions, which remain when patches are merged, go to the end.
fn sort(group: &mut [Placed<'_>]) {
    group.sort_by_key(|placed| is_deletion(placed.item));
    let n_kept = group.partition_point(|placed| !is_deletion(placed.item));
    let kept = &mut group[..n_kept];
    let is_complete = kept.iter().all(|placed| placed.at.is_some());
    if is_complete || kept.len() > INSERTION_MAX {
        kept.sort_by_key(|placed| placed.at);
    } else {
        insert_each(kept);
    }
}

/// Go's stable sort inserts up to so many items one by one.
const INSERTION_MAX: usize = 20;

/// Sorts as upstream does where some items have no place: these compare as before any other and
/// after any other, so what comes of it depends on the algorithm.
fn insert_each(group: &mut [Placed<'_>]) {
    let is_before = |a: &Placed<'_>, b: &Placed<'_>| match (a.at, b.at) {
        (Some(a), Some(b)) => a < b,
        _ => true,
    };
    for start in 1..group.len() {
        let mut at = start;
        while at > 0 && is_before(&group[at], &group[at - 1]) {
            group.swap(at, at - 1);
            at -= 1;
        }
    }
}

/// Joins two groups that keep their own orders: an item of `others` comes before one of `named`
/// only if it did so in the live list.
fn interleave(others: Vec<Placed<'_>>, named: Vec<Placed<'_>>) -> Vec<Value> {
    let mut out = Vec::with_capacity(others.len() + named.len());
    let mut others = others.into_iter().peekable();
    for placed in named {
        let is_before = |other: &Placed<'_>| match (other.live_at, placed.live_at) {
            (Some(a), Some(b)) => a < b,
            _ => false,
        };
        while let Some(other) = others.next_if(is_before) {
            out.push(other.item.clone());
        }
        out.push(placed.item.clone());
    }
    out.extend(others.map(|other| other.item.clone()));
    out
}

/// Checks that the items of a patch come in the order that `$setElementOrder` says.
pub(super) fn check_order(patch: &List, order: &List, by: MergedBy) -> Result<(), PatchError> {
    let is_odd = |item: &&Value| !by.is_scalar() && item.as_map().is_none();
    if let Some(odd) = patch.iter().find(is_odd) {
        return Err(PatchError::bad_type(MAP, odd));
    }
    if order.is_empty() {
        return Ok(());
    }
    let is_named = |item: &&Value| by.is_scalar() || !is_deletion(item);
    let is_directive = |item: &&Value| !by.is_scalar() && patch_directive(item).is_some();
    let mut items = patch.iter().filter(is_named).peekable();
    for next in order {
        while items.next_if(is_directive).is_some() {}
        let Some(item) = items.peek() else {
            return Ok(());
        };
        if by.required(item)? == by.required(next)? {
            items.next();
        }
    }
    if items.peek().is_none() {
        return Ok(());
    }
    Err(PatchError::OrderMismatch {
        patch: go::plain(&Value::List(patch.clone())),
        order: go::plain(&Value::List(order.clone())),
    })
}
