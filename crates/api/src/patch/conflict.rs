//! Whether two patches of the same object contradict each other.

use super::diff::sorted;
use super::directive::{self, patch_directive};
use super::identity::{Index, MergedBy};
use super::lists::{self, ElementType};
use super::place::{Place, Strategy};
use super::{PatchError, type_differs};
use crate::{List, Map, Value};

/// Whether the strategic merge patches `left` and `right` set anything to different values, so
/// that the result depends on which comes last.
pub(super) fn has_conflicts(left: &Map, right: &Map, place: Place) -> Result<bool, PatchError> {
    for (key, ours) in left.iter() {
        if matches!(key.as_str(), directive::PATCH | directive::RETAIN_KEYS) {
            continue;
        }
        let Some(theirs) = right.get(key) else {
            continue;
        };
        let is_conflict = match ours {
            Value::Map(_) => {
                let (inner, strategy) = place.map(key)?;
                values_conflict(ours, theirs, inner, Some(strategy))?
            }
            Value::List(_) => {
                let (item, strategy) = place.list(key)?;
                values_conflict(ours, theirs, item, Some(strategy))?
            }
            scalar => scalar != theirs,
        };
        if is_conflict {
            return Ok(true);
        }
    }
    Ok(false)
}

/// `place` is that of the map, or of the items of the list. Items of a list that is not merged
/// have no strategy.
fn values_conflict(
    left: &Value,
    right: &Value,
    place: Place,
    strategy: Option<Strategy>,
) -> Result<bool, PatchError> {
    match (left, right) {
        (Value::Map(ours), Value::Map(theirs)) => {
            if patch_directive(left) != patch_directive(right) {
                return Ok(true);
            }
            if strategy.is_some_and(|strategy| strategy.replace) {
                return Ok(false);
            }
            has_conflicts(ours, theirs, place)
        }
        (Value::List(ours), Value::List(theirs)) => lists_conflict(ours, theirs, place, strategy),
        _ => Ok(type_differs(left, right) || left != right),
    }
}

fn lists_conflict(
    left: &List,
    right: &List,
    place: Place,
    strategy: Option<Strategy>,
) -> Result<bool, PatchError> {
    let element_type = lists::element_type(left, right)?;
    match strategy.filter(|strategy| strategy.merge) {
        Some(strategy) if element_type == ElementType::Map => {
            items_conflict(left, right, place, MergedBy::key(strategy.merge_key))
        }
        // Lists of scalars that are merged cannot contradict each other.
        Some(_) => Ok(false),
        None if left.len() != right.len() => Ok(true),
        None if element_type == ElementType::Scalar => Ok(sorted(left) != sorted(right)),
        None => {
            for (ours, theirs) in left.iter().zip(right) {
                if values_conflict(ours, theirs, place, None)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
    }
}

fn items_conflict(
    left: &List,
    right: &List,
    place: Place,
    by: MergedBy,
) -> Result<bool, PatchError> {
    for item in right {
        by.required(item)?;
    }
    let index = Index::new(by, right, left.len());
    for ours in left {
        let found = index.find(right, by.required(ours)?);
        if let Some(at) = found
            && values_conflict(ours, &right[at], place, None)?
        {
            return Ok(true);
        }
    }
    Ok(false)
}
