//! Applying a strategic merge patch.

use super::clean::{Nulls, clean, clean_list};
use super::directive::{self, Entry, directives};
use super::error::{LIST, type_name};
use super::identity::MergedBy;
use super::lists::{self, Merged, same_list};
use super::order::{arrange, check_order};
use super::place::Place;
use super::{PatchError, document, type_differs};
use crate::schema::TypeId;
use crate::{Key, List, Map, Value, go};

/// What a patch is merged into.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    /// A document: directives are followed.
    Document,
    /// Another patch: directives are kept for whoever applies the result.
    Patch,
}

/// The document that `patch` makes of `original`, an object of the type `ty`. An original that is
/// `null` counts as empty, and so does a patch.
///
/// Entries are merged into those of `original`, `null` deletes, lists are merged or replaced as
/// the schema says.
///
/// ```
/// use api::schema::types::CORE_V1_POD_SPEC;
/// use api::{list, object, patch};
///
/// let spec = object! { "containers": list![
///     object! { "name": "web", "image": "nginx:1.25" },
///     object! { "name": "log", "image": "busybox" },
/// ] };
/// let change = object! { "containers": list![
///     object! { "name": "web", "image": "nginx:1.27" },
///     object! { "name": "log", "$patch": "delete" },
/// ] };
/// let result = patch::strategic_merge(&spec, &change, CORE_V1_POD_SPEC)?;
/// let expected = list![object! { "name": "web", "image": "nginx:1.27" }];
/// assert_eq!(result["containers"], expected);
/// # Ok::<(), patch::PatchError>(())
/// ```
pub fn strategic_merge(original: &Value, patch: &Value, ty: TypeId) -> Result<Value, PatchError> {
    let (original, patch) = (document(original)?, document(patch)?);
    merge_maps(Target::Document, original, patch, Place::top(ty)).map(Value::Map)
}

pub(super) fn merge_maps(
    target: Target,
    original: &Map,
    patch: &Map,
    place: Place,
) -> Result<Map, PatchError> {
    let mut merged = original.clone();
    let mut ordered = Vec::new();
    let directives = directives(patch);
    if !directives.is_empty() {
        if let Some(directive) = patch.get_str(directive::PATCH) {
            return follow(directive, patch);
        }
        retain_keys(target, &mut merged, patch)?;
        for (key, order) in directives {
            if let Entry::ElementOrder(list) = Entry::of(key)? {
                if target == Target::Patch {
                    keep_order(&mut merged, key, order)?;
                }
                if order_list(target, &mut merged, patch, &list, order, place)? {
                    ordered.push(list);
                }
            }
        }
    }
    for (key, value) in patch.iter() {
        let is_done = ordered.contains(key) || key.as_str() == directive::RETAIN_KEYS;
        match Entry::of(key)? {
            Entry::Field if !is_done => merge_entry(target, &mut merged, key, value, place)?,
            Entry::Field | Entry::ElementOrder(_) => {}
            Entry::DeleteFrom(_) if target == Target::Patch => set(&mut merged, key, value),
            Entry::DeleteFrom(list) => delete_from(&mut merged, &list, value, place)?,
        }
    }
    Ok(merged)
}

/// Does what `$patch` says about the map it stands in.
fn follow(directive: &Value, patch: &Map) -> Result<Map, PatchError> {
    if directive == "replace" {
        let mut whole = patch.clone();
        whole.remove_str(directive::PATCH);
        Ok(whole)
    } else if directive == "delete" {
        Ok(Map::EMPTY)
    } else {
        Err(unknown_directive(directive, patch))
    }
}

pub(super) fn unknown_directive(directive: &Value, map: &Map) -> PatchError {
    let text = go::plain(directive);
    // Upstream prints it with %s, whatever it is.
    let directive = match directive {
        Value::Null => type_name(directive).to_owned(),
        Value::Bool(_) | Value::Int(_) | Value::Float(_) => {
            format!("%!s({}={text})", type_name(directive))
        }
        Value::Str(_) | Value::List(_) | Value::Map(_) => text,
    };
    let map = go::plain(&Value::Map(map.clone()));
    PatchError::UnknownDirective { directive, map }
}

/// Drops what `$retainKeys` does not name; between patches, takes the directive over.
fn retain_keys(target: Target, merged: &mut Map, patch: &Map) -> Result<(), PatchError> {
    let Some(keys) = patch.get_str(directive::RETAIN_KEYS) else {
        return Ok(());
    };
    if target == Target::Patch {
        if let Some(theirs) = merged.get_str(directive::RETAIN_KEYS)
            && theirs != keys
        {
            let (left, right) = (go::plain(theirs), go::plain(keys));
            return Err(PatchError::RetainKeysDiffer { left, right });
        }
        merged.insert(directive::RETAIN_KEYS, keys);
        return Ok(());
    }
    let Value::List(keys) = keys else {
        return Err(PatchError::BadRetainKeys);
    };
    let is_retained = |key: &Key| keys.iter().any(|retained| retained == key.as_str());
    let is_accounted = |(key, value): (&Key, &Value)| {
        value.is_null()
            || key.as_str() == directive::RETAIN_KEYS
            || !matches!(Entry::of(key), Ok(Entry::Field))
            || is_retained(key)
    };
    if !patch.iter().all(is_accounted) {
        return Err(PatchError::BadRetainKeys);
    }
    merged.retain(|key, _| is_retained(key));
    Ok(())
}

/// Takes the order of another patch over, which must say the same.
fn keep_order(merged: &mut Map, key: &Key, order: &Value) -> Result<(), PatchError> {
    if merged.get(key).is_some_and(|theirs| theirs != order) {
        return Err(PatchError::BadElementOrder);
    }
    set(merged, key, order);
    Ok(())
}

/// Merges the list `key` and arranges it as `$setElementOrder` says. False if there is no list.
fn order_list(
    target: Target,
    merged: &mut Map,
    patch: &Map,
    key: &Key,
    order: &Value,
    place: Place,
) -> Result<bool, PatchError> {
    let order = list(order)?;
    let ours = merged.get(key).map(list).transpose()?.cloned();
    let theirs = patch.get(key).map(list).transpose()?;
    let (item, strategy) = place.list(key)?;
    let by = MergedBy::key(strategy.merge_key);
    check_order(theirs.unwrap_or(&List::EMPTY), order, by)?;
    let contents = match (&ours, theirs) {
        (None, None) => return Ok(false),
        (Some(ours), Some(theirs)) if strategy.merge => {
            lists::merge(target, ours, theirs, item, by)?
        }
        (Some(ours), theirs) => Merged::new(theirs.unwrap_or(ours).clone(), ours.clone()),
        (None, Some(theirs)) => Merged::new(clean_list(theirs, Nulls::Keep), List::EMPTY),
    };
    let arranged = arrange(&contents.list, order, &contents.live, by)?;
    lists::element_type(&contents.live, theirs.unwrap_or(&List::EMPTY))?;
    let arranged = Value::List(same_list(arranged, ours.as_ref()));
    put(merged, key, arranged);
    Ok(true)
}

fn list(value: &Value) -> Result<&List, PatchError> {
    match value {
        Value::List(list) => Ok(list),
        other => Err(PatchError::bad_type(LIST, other)),
    }
}

fn merge_entry(
    target: Target,
    merged: &mut Map,
    key: &Key,
    theirs: &Value,
    place: Place,
) -> Result<(), PatchError> {
    if theirs.is_null() {
        match target {
            Target::Document => drop(merged.remove(key)),
            Target::Patch => set(merged, key, theirs),
        }
        return Ok(());
    }
    match (merged.get(key), theirs) {
        (Some(ours), _) if type_differs(ours, theirs) => add(target, merged, key, theirs),
        (None, _) => add(target, merged, key, theirs),
        (Some(Value::Map(ours)), Value::Map(changes)) => {
            let (inner, strategy) = place.map(key)?;
            if strategy.replace {
                set(merged, key, theirs);
            } else {
                let map = merge_maps(target, ours, changes, inner)?;
                put(merged, key, Value::Map(map));
            }
        }
        (Some(Value::List(ours)), Value::List(changes)) => {
            let (item, strategy) = place.list(key)?;
            if strategy.merge {
                let by = MergedBy::key(strategy.merge_key);
                let list = lists::merge(target, ours, changes, item, by)?.list;
                put(merged, key, Value::List(list));
            } else {
                set(merged, key, theirs);
            }
        }
        _ => set(merged, key, theirs),
    }
    Ok(())
}

/// Takes scalars from a list: `$deleteFromPrimitiveList`. On anything but a list it works as if
/// the directive were the field, as upstream has it.
fn delete_from(merged: &mut Map, key: &Key, gone: &Value, place: Place) -> Result<(), PatchError> {
    match (merged.get(key), gone) {
        (Some(Value::List(ours)), Value::List(gone)) => {
            let (item, strategy) = place.list(key)?;
            let by = MergedBy::key(strategy.merge_key);
            let left = lists::delete(ours, gone, item, by)?;
            put(merged, key, Value::List(left));
            Ok(())
        }
        (Some(ours), gone) if gone.is_null() || !type_differs(ours, gone) => {
            merge_entry(Target::Document, merged, key, gone, place)
        }
        _ => Ok(()),
    }
}

/// Adds what there was nothing to merge with.
fn add(target: Target, merged: &mut Map, key: &Key, value: &Value) {
    let nulls = match target {
        Target::Document => Nulls::Drop,
        Target::Patch => Nulls::Keep,
    };
    match clean(value, nulls) {
        Some(value) => drop(merged.insert(key, value)),
        None => drop(merged.remove(key)),
    }
}

/// Sets an entry; one that has this value already keeps its memory.
fn set(map: &mut Map, key: &Key, value: &Value) {
    if map.get(key) != Some(value) {
        map.insert(key, value);
    }
}

/// Sets an entry to what was merged from it.
fn put(map: &mut Map, key: &Key, value: Value) {
    if !map.get(key).is_some_and(|old| old.is_same(&value)) {
        map.insert(key, value);
    }
}
