//! The words in which an apply is refused because of fields that others own.

use super::entry::{Entry, Operation};
use super::field_set::FieldSet;
use api::status::{Details, StatusCause};
use api::{Reason, Status};

/// Somebody whose fields an apply would change.
pub(super) struct Conflict {
    /// His words: `"kubectl" using apps/v1`.
    manager: String,
    pub(super) fields: FieldSet,
}

impl Conflict {
    pub(super) fn new(entry: &Entry, fields: FieldSet) -> Conflict {
        let mut manager = api::go::quote(entry.manager.as_str());
        if !entry.subresource.as_str().is_empty() {
            let subresource = api::go::quote(entry.subresource.as_str());
            manager.push_str(&format!(" with subresource {subresource}"));
        }
        if entry.operation == Operation::Update {
            manager.push_str(&format!(" using {}", entry.api_version.as_str()));
        }
        Conflict { manager, fields }
    }
}

/// The refusal.
pub(super) fn refusal(mut conflicts: Vec<Conflict>) -> Status {
    conflicts.sort_by(|a, b| a.manager.cmp(&b.manager));
    let mut causes = Vec::new();
    let mut lines = Vec::new();
    for conflict in &conflicts {
        let manager = &conflict.manager;
        lines.push(format!("conflicts with {manager}:"));
        for path in conflict.fields.paths() {
            lines.push(format!("- {path}"));
            causes.push(StatusCause {
                reason: "FieldManagerConflict".to_owned(),
                message: format!("conflict with {manager}"),
                field: path,
            });
        }
    }
    let message = match causes.as_slice() {
        [one] => format!("Apply failed with 1 conflict: {}: {}", one.message, one.field),
        all => format!("Apply failed with {} conflicts: {}", all.len(), lines.join("\n")),
    };
    let mut status = Status::new(Reason::Conflict, message);
    status.details = Some(Box::new(Details { causes, ..Details::default() }));
    status
}
