//! Merge patches (RFC 7386): documents whose `null`s delete and whose lists replace.

use super::{PatchError, document, type_differs};
use crate::{Key, List, Map, Value};

/// The document that the merge patch `patch` makes of `original`.
///
/// As evanphx/json-patch does it: a list as the whole patch replaces the document, other scalars
/// are refused.
pub fn merge_patch(original: &Value, patch: &Value) -> Result<Value, PatchError> {
    match (original, patch) {
        (Value::Map(original), Value::Map(patch)) => Ok(Value::Map(merged(original, patch))),
        (_, Value::Map(_) | Value::List(_)) => Ok(without_nulls(patch)),
        _ => Err(PatchError::BadMergePatch),
    }
}

fn merged(original: &Map, patch: &Map) -> Map {
    let mut result = original.clone();
    for (key, theirs) in patch.iter() {
        let new = match (result.get(key), theirs) {
            (_, Value::Null) => {
                result.remove(key);
                continue;
            }
            (Some(Value::Map(ours)), Value::Map(theirs)) => Value::Map(merged(ours, theirs)),
            // Upstream forgets the nulls in a list that replaces a map.
            (Some(Value::Map(_)), Value::List(_)) => theirs.clone(),
            _ => without_nulls(theirs),
        };
        let is_there = |old: &Value| old.is_same(&new) || *old == new;
        if !result.get(key).is_some_and(is_there) {
            result.insert(key, new);
        }
    }
    result
}

/// The value without the `null`s in its maps; those in its lists stay.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Map(map) => {
            let mut clean = map.clone();
            clean.retain(|_, entry| !entry.is_null());
            for (key, entry) in map.iter() {
                let new = without_nulls(entry);
                if !entry.is_null() && !new.is_same(entry) {
                    clean.insert(key, new);
                }
            }
            Value::Map(clean)
        }
        Value::List(list) => {
            let clean: Vec<Value> = list.iter().map(without_nulls).collect();
            let is_same = clean.iter().zip(list).all(|(new, old)| new.is_same(old));
            Value::List(if is_same { list.clone() } else { List::from(clean) })
        }
        scalar => scalar.clone(),
    }
}

/// The merge patch that makes `modified` of `original`: what `kubectl edit`, `label` and the like
/// send for custom resources.
pub fn create_merge_patch(original: &Value, modified: &Value) -> Result<Value, PatchError> {
    let (original, modified) = (document(original)?, document(modified)?);
    Ok(Value::Map(difference(original, modified)))
}

fn difference(original: &Map, modified: &Map) -> Map {
    let mut patch: Vec<(Key, Value)> = Vec::new();
    for (key, new) in modified.iter() {
        let change = match (original.get(key), new) {
            (Some(Value::Map(old)), Value::Map(new)) => {
                let inner = difference(old, new);
                (!inner.is_empty()).then_some(Value::Map(inner))
            }
            (Some(old), new) if is_equal(old, new) => None,
            _ => Some(new.clone()),
        };
        patch.extend(change.map(|change| (key.clone(), change)));
    }
    let deleted = original.iter().filter(|(key, _)| modified.get(key).is_none());
    patch.extend(deleted.map(|(key, _)| (key.clone(), Value::Null)));
    patch.into_iter().collect()
}

/// Equality as evanphx/json-patch has it: numbers are floats, and in the maps within lists an
/// entry that is missing equals one that is `null`.
fn is_equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Int(_) | Value::Float(_), Value::Int(_) | Value::Float(_)) => {
            a.as_f64() == b.as_f64()
        }
        (Value::List(a), Value::List(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_equal(a, b))
        }
        (Value::Map(a), Value::Map(b)) => {
            let matches = |(key, value): (&Key, &Value), other: &Map| {
                is_equal(value, other.get(key).unwrap_or(&Value::Null))
            };
            a.iter().all(|entry| matches(entry, b)) && b.iter().all(|entry| matches(entry, a))
        }
        _ => !type_differs(a, b) && a == b,
    }
}

/// The merge patch of `kubectl apply` for custom resources: it brings the live object `current` to
/// `modified`, and deletes what `original`, the object applied last, had and `modified` has not.
pub fn create_three_way_json_merge(
    original: &Value,
    modified: &Value,
    current: &Value,
) -> Result<Value, PatchError> {
    let (original, modified) = (document(original)?, document(modified)?);
    let additions = without_deletions(&difference(document(current)?, modified));
    let deletions = only_deletions(&difference(original, modified));
    Ok(Value::Map(merged(&deletions, &additions)))
}

fn without_deletions(patch: &Map) -> Map {
    let kept = patch.iter().filter_map(|(key, value)| match value {
        Value::Null => None,
        Value::Map(map) if !map.is_empty() => {
            let inner = without_deletions(map);
            (!inner.is_empty()).then_some((key, Value::Map(inner)))
        }
        other => Some((key, other.clone())),
    });
    kept.collect()
}

fn only_deletions(patch: &Map) -> Map {
    let kept = patch.iter().filter_map(|(key, value)| match value {
        Value::Null => Some((key, Value::Null)),
        Value::Map(map) => {
            let inner = only_deletions(map);
            (!inner.is_empty()).then_some((key, Value::Map(inner)))
        }
        _ => None,
    });
    kept.collect()
}
