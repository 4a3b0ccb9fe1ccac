//! What the plugins for default classes have in common.

use super::Context;
use api::{Key, Value, names};
use kinds::{Kind, table};
use std::cmp::Reverse;

/// Names the default class of this kind in the field of the object's spec, if there is one. A class
/// is the default if one of these annotations is `true`; of several the newest one counts, of
/// equally old ones the first by name.
pub(super) fn name_default(
    context: &Context<'_>,
    kind: &'static Kind,
    annotations: &[&str],
    object: &mut Value,
    field: &Key,
) {
    let is_default = |class: &&Value| {
        let found = table::metadata(class).annotations();
        annotations.iter().any(|key| found.get(key) == Some("true"))
    };
    let newest = context.list(kind, None).filter(is_default).max_by_key(|class| {
        let metadata = table::metadata(class);
        (metadata.creation_timestamp(), Reverse(metadata.name()))
    });
    if let Some(class) = newest {
        let name = table::metadata(class).name().to_owned();
        object.update(&names::SPEC, |spec| {
            spec.make_map().insert(field, name);
        });
    }
}
