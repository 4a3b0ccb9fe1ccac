//! The names in a patch that are instructions rather than fields.

use super::PatchError;
use crate::{Key, Map, Value};

pub(super) const PATCH: &str = "$patch";
pub(super) const RETAIN_KEYS: &str = "$retainKeys";
pub(super) const SET_ELEMENT_ORDER: &str = "$setElementOrder";
pub(super) const DELETE_FROM_PRIMITIVE_LIST: &str = "$deleteFromPrimitiveList";

/// What the name of an entry means.
pub(super) enum Entry {
    /// A field.
    Field,
    /// The order of the list in this field.
    ElementOrder(Key),
    /// What to take from the list of scalars in this field.
    DeleteFrom(Key),
}

impl Entry {
    pub(super) fn of(key: &Key) -> Result<Entry, PatchError> {
        let name = key.as_str();
        let list = || name.split_once('/').map(|(_, list)| Key::from(list));
        if name.starts_with(SET_ELEMENT_ORDER) {
            let list = list().ok_or(PatchError::BadElementOrder)?;
            Ok(Entry::ElementOrder(list))
        } else if name.starts_with(DELETE_FROM_PRIMITIVE_LIST) {
            let list = list().ok_or(PatchError::BadPrimitiveList)?;
            Ok(Entry::DeleteFrom(list))
        } else {
            Ok(Entry::Field)
        }
    }
}

/// The entries among which all directives are. They sort before the letters, so a patch without
/// any costs one comparison.
pub(super) fn directives(patch: &Map) -> &[(Key, Value)] {
    let entries = patch.entries();
    match entries.first() {
        Some((key, _)) if key.as_str() < "%" => {
            &entries[..entries.partition_point(|(key, _)| key.as_str() < "%")]
        }
        _ => &[],
    }
}

/// What `$patch` says in `value`, if it is a map that has one.
pub(super) fn patch_directive(value: &Value) -> Option<&Value> {
    let map = value.as_map()?;
    let found = directives(map).iter().find(|(key, _)| key.as_str() == PATCH);
    found.map(|(_, directive)| directive)
}

/// Whether this item of a list is there to delete another.
pub(super) fn is_deletion(item: &Value) -> bool {
    patch_directive(item).is_some_and(|directive| directive == "delete")
}
