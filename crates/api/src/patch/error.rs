//! Why a patch cannot be applied or computed, in upstream's words.

use super::directive;
use crate::{Value, go, yaml};

/// Why a patch cannot be applied or computed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PatchError {
    /// A document or a patch is not a map.
    #[error("invalid JSON document")]
    BadDocument,
    /// A merge patch is neither a map nor a list.
    #[error("Invalid JSON Patch")]
    BadMergePatch,
    /// `$patch` says something that is not known where it stands.
    #[error("unknown patch type: {directive} in map: {map}")]
    UnknownDirective {
        /// What it says.
        directive: String,
        /// The map it stands in.
        map: String,
    },
    /// `$patch: merge` in an item of a list.
    #[error("merging lists cannot yet be specified in the patch")]
    MergeDirectiveInList,
    /// Two maps that are compared have a `$patch` that is not a string.
    #[error("invalid value for special key: $patch")]
    BadSpecialKey,
    /// An item lacks the field by which its list is merged.
    #[error("map: {map} does not contain declared merge key: {key}")]
    NoMergeKey {
        /// The item.
        map: String,
        /// The field.
        key: &'static str,
    },
    /// A merged list of maps whose type has no merge key.
    #[error("cannot merge lists without merge key for {0}")]
    ListWithoutMergeKey(&'static str),
    /// `$retainKeys` is not a list or does not name all that the patch sets.
    #[error("invalid patch format of retainKeys")]
    BadRetainKeys,
    /// `$deleteFromPrimitiveList` without the name of a list.
    #[error("invalid patch format of primitive list")]
    BadPrimitiveList,
    /// `$setElementOrder` without the name of a list, or two that differ.
    #[error("invalid patch format of setElementOrder list")]
    BadElementOrder,
    /// The items of a patch come in another order than `$setElementOrder` says.
    #[error(
        "The order in patch list:\n{patch}\n doesn't match {} list:\n{order}\n",
        directive::SET_ELEMENT_ORDER
    )]
    OrderMismatch {
        /// The items of the patch.
        patch: String,
        /// The order.
        order: String,
    },
    /// Something has another type than it must have here.
    #[error("expected a {expected}, but received a {received}")]
    BadType {
        /// The Go type that is needed.
        expected: &'static str,
        /// The Go type that is there.
        received: &'static str,
    },
    /// Something else than a map among the maps of a list.
    #[error("value for key {0} is not a map")]
    NotAMap(&'static str),
    /// The items of two lists to be merged are not all of one type.
    #[error("list element types are not identical: {0}")]
    MixedList(String),
    /// Two lists to be merged have no items at all.
    #[error("no elements in any of the given slices")]
    NoElements,
    /// A list of lists cannot be merged.
    #[error("lists of lists are not supported")]
    ListOfLists,
    /// The type has no such field.
    #[error("unable to find api field in struct {ty} for the json field {}", go::quote(.field))]
    NoSuchField {
        /// The type.
        ty: &'static str,
        /// The field.
        field: String,
    },
    /// A map stands where the type has something else than a struct.
    #[error("merging an object in json but data type is not struct, instead is: {0}")]
    NotAStruct(&'static str),
    /// A list stands where the type has something else.
    #[error("expected slice or array type, but got: {0}")]
    NotASlice(&'static str),
    /// The type has a list of lists.
    #[error("unexpected slice of slice")]
    SliceOfSlice,
    /// The two halves of a three-way patch retain different keys.
    #[error(
        "{left} and {right} are not deep equal: this may happen when calculating the 3-way diff \
         patch"
    )]
    RetainKeysDiffer {
        /// One half's list.
        left: String,
        /// The other's.
        right: String,
    },
    /// The live object was changed where the patch changes it too.
    #[error(
        "patch:\n{}\nconflicts with changes made from original to current:\n{}\n",
        yaml::to_string(.patch),
        yaml::to_string(.changes)
    )]
    Conflict {
        /// The patch that would have been sent.
        patch: Value,
        /// What was changed in the live object since the last apply.
        changes: Value,
    },
    /// An operation of a JSON patch fails.
    #[error(transparent)]
    Json(#[from] JsonPatchError),
}

impl PatchError {
    pub(super) fn no_merge_key(item: &Value, key: &'static str) -> PatchError {
        let map = go::plain(item);
        PatchError::NoMergeKey { map, key }
    }

    pub(super) fn bad_type(expected: &'static str, received: &Value) -> PatchError {
        let received = type_name(received);
        PatchError::BadType { expected, received }
    }
}

/// The Go type of a decoded JSON list.
pub(super) const LIST: &str = "[]interface {}";
/// The Go type of a decoded JSON object.
pub(super) const MAP: &str = "map[string]interface {}";

/// The Go type of a decoded JSON value, as `%s` prints it.
pub(super) fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "%!s(<nil>)",
        Value::Bool(_) => "bool",
        Value::Int(_) => "int64",
        Value::Float(_) => "float64",
        Value::Str(_) => "string",
        Value::List(_) => LIST,
        Value::Map(_) => MAP,
    }
}

/// Why a JSON patch cannot be applied, in the words of evanphx/json-patch.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct JsonPatchError(pub String);
