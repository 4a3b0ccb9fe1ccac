//! One write to the store.

use super::{ObjectKey, ResourceId};
use api::{Text, Value};
use sim::{Cause, Time};

/// What a write did to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeType {
    /// The object is new.
    Added,
    /// The object has changed.
    Modified,
    /// The object is gone.
    Deleted,
}

/// Where a write comes from.
#[derive(Clone, Debug)]
pub struct Origin {
    /// When.
    pub time: Time,
    /// Who: a component of the cluster, or a person.
    pub actor: Text,
    /// What led to it.
    pub cause: Cause,
}

/// A write as it is remembered.
#[derive(Debug)]
pub struct Change {
    /// Its revision.
    pub revision: u64,
    /// The resource of the object.
    pub resource: ResourceId,
    /// What it did.
    pub ty: ChangeType,
    /// The object's name.
    pub key: ObjectKey,
    /// The object as it is now; for a deletion as it was, with the revision of the deletion.
    pub object: Value,
    /// The object as it was before; `None` if it is new.
    pub previous: Option<Value>,
    /// The revision of the object's change before; 0 if it is new.
    pub previous_revision: u64,
    /// Where it comes from.
    pub origin: Origin,
}

impl Change {
    /// The bytes that are kept only because this change is remembered.
    pub(super) fn bytes(&self) -> usize {
        let superseded = self.previous.as_ref().map_or(0, |old| old.bytes_beyond(&self.object));
        superseded + size_of::<Change>() + 4 * size_of::<usize>()
    }
}
