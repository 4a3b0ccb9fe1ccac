//! What of a patch becomes part of a document where there was nothing to merge it with.

use super::directive::patch_directive;
use super::lists::same_list;
use crate::{List, Value};

/// What is done with the `null`s in the maps of an addition.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Nulls {
    Keep,
    Drop,
}

/// The value without the maps that have a `$patch`; `None` if it is one. The other directives
/// stay, as they do upstream.
pub(super) fn clean(value: &Value, nulls: Nulls) -> Option<Value> {
    if patch_directive(value).is_some() {
        return None;
    }
    match value {
        Value::Map(map) => {
            let mut kept = map.clone();
            for (key, entry) in map.iter() {
                match clean(entry, nulls) {
                    Some(Value::Null) if nulls == Nulls::Drop => drop(kept.remove(key)),
                    Some(new) if !new.is_same(entry) => drop(kept.insert(key, new)),
                    Some(_) => {}
                    None => drop(kept.remove(key)),
                }
            }
            Some(Value::Map(kept))
        }
        Value::List(list) => Some(Value::List(clean_list(list, nulls))),
        scalar => Some(scalar.clone()),
    }
}

/// [`clean`] for the items of a list; a `null` among them always stays.
pub(super) fn clean_list(list: &List, nulls: Nulls) -> List {
    let kept = list.iter().filter_map(|item| clean(item, nulls));
    same_list(kept.collect(), Some(list))
}
