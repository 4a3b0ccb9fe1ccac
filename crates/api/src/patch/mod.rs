//! Patches: how a document changes because of another, and which patch leads from one to another.
//!
//! A live object is changed by three kinds of patches, and all of `kubectl apply`, `edit`, `set`,
//! `label` and `rollout` is the art of computing one of them:
//!
//! - [`json_patch`]: a list of operations on paths (RFC 6902), as evanphx/json-patch reads it.
//! - [`merge_patch`]: a document whose `null`s delete (RFC 7386); [`create_merge_patch`] and
//!   [`create_three_way_json_merge`] compute one.
//! - [`strategic_merge`]: the same with lists merged by key, as the schema table says, and with
//!   directives such as `$patch: delete`; [`create_two_way_strategic`] and
//!   [`create_three_way_strategic`] compute one.
//!
//! They behave as in Kubernetes 1.29, oddities and messages included. A result shares every part
//! that the patch left alone, or set to what it was, with the original: a patch that changes
//! nothing gives back the very same memory.
//!
//! Where Go walks a map in random order and the order shows, we take that of the names. Where
//! upstream's code panics, there is a result or an error instead. Missing: server-side apply,
//! which needs `managedFields`; the schema table carries its list types already.

mod clean;
mod conflict;
mod diff;
mod directive;
mod error;
mod identity;
mod json_patch;
mod lists;
mod merge;
mod order;
mod place;
mod pointer;
mod strategic;
mod three_way;

pub use diff::create_two_way_strategic;
pub use error::{JsonPatchError, PatchError};
pub use json_patch::{COPY_BYTES_MAX, json_patch};
pub use merge::{create_merge_patch, create_three_way_json_merge, merge_patch};
pub use strategic::strategic_merge;
pub use three_way::create_three_way_strategic;

use crate::{Map, Value};

/// Whether `patch` would change what an object is: its `apiVersion`, `kind` or name. `kubectl
/// apply` and `edit` refuse to send such a patch.
pub fn changes_identity(patch: &Value) -> bool {
    let has = |value: &Value, name| value.as_map().is_some_and(|m| m.get_str(name).is_some());
    has(patch, "apiVersion") || has(patch, "kind") || has(&patch["metadata"], "name")
}

/// A document as its map; `null` counts as an empty one.
fn document(value: &Value) -> Result<&Map, PatchError> {
    match value {
        Value::Map(map) => Ok(map),
        Value::Null => Ok(const { &Map::EMPTY }),
        _ => Err(PatchError::BadDocument),
    }
}

/// Whether two values are of different types, as Go sees decoded JSON.
fn type_differs(a: &Value, b: &Value) -> bool {
    std::mem::discriminant(a) != std::mem::discriminant(b)
}
