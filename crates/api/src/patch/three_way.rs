//! The patch of `kubectl apply`: from the last applied, the new and the live object.
//!
//! Missing: in the message about a conflict upstream shows finalizers and other merged scalars
//! sorted, because comparing them has sorted them in place; we show them as they are.

use super::conflict::has_conflicts;
use super::diff::{Differences, diff_maps};
use super::place::Place;
use super::strategic::{Target, merge_maps};
use super::{PatchError, document};
use crate::Value;
use crate::schema::TypeId;

/// The strategic merge patch that brings the live object `current` to `modified`, and deletes from
/// it what `original`, the object applied last, had and `modified` has not.
///
/// What others added to the live object stays. An `original` of `null` means that nothing was
/// applied before. Without `overwrite` it is an error if the patch changes what was changed in the
/// live object since then.
pub fn create_three_way_strategic(
    original: &Value,
    modified: &Value,
    current: &Value,
    ty: TypeId,
    overwrite: bool,
) -> Result<Value, PatchError> {
    let (original, modified) = (document(original)?, document(modified)?);
    let (current, place) = (document(current)?, Place::top(ty));
    let additions = diff_maps(Differences::ADDITIONS, current, modified, place)?;
    let deletions = diff_maps(Differences::DELETIONS, original, modified, place)?;
    let patch = merge_maps(Target::Patch, &deletions, &additions, place)?;
    if !overwrite {
        let changes = diff_maps(Differences::CONTENTS, original, current, place)?;
        if has_conflicts(&patch, &changes, place)? {
            return Err(PatchError::Conflict {
                patch: Value::Map(patch),
                changes: Value::Map(changes),
            });
        }
    }
    Ok(Value::Map(patch))
}
