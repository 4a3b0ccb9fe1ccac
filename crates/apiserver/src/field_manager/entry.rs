//! One entry of `managedFields`.

use super::field_set::FieldSet;
use api::{Text, Value, object};
use std::cmp::Ordering;

/// How a manager came to its fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Operation {
    /// By server-side apply.
    Apply,
    /// By anything else.
    Update,
}

/// A manager and its fields.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) manager: Text,
    pub(super) operation: Operation,
    pub(super) api_version: Text,
    pub(super) subresource: Text,
    pub(super) time: Text,
    pub(super) fields: FieldSet,
}

impl Entry {
    pub(super) fn of(value: &Value) -> Entry {
        let text = |name: &str| value[name].as_text().cloned().unwrap_or_default();
        Entry {
            manager: text("manager"),
            operation: match value["operation"].as_str() {
                Some("Apply") => Operation::Apply,
                _ => Operation::Update,
            },
            api_version: text("apiVersion"),
            subresource: text("subresource"),
            time: text("time"),
            fields: FieldSet::of(&value["fieldsV1"]),
        }
    }

    pub(super) fn to_value(&self) -> Value {
        let operation = match self.operation {
            Operation::Apply => "Apply",
            Operation::Update => "Update",
        };
        let mut value = object! {
            "apiVersion": self.api_version.clone(),
            "fieldsType": "FieldsV1",
            "fieldsV1": self.fields.to_value(),
            "manager": self.manager.clone(),
            "operation": operation,
            "time": self.time.clone(),
        };
        if !self.subresource.as_str().is_empty() {
            value.make_map().insert("subresource", self.subresource.clone());
        }
        value
    }

    /// Whether both are records of the same manager. An applier is the same in every version.
    pub(super) fn is_of(&self, other: &Entry) -> bool {
        self.manager == other.manager
            && self.operation == other.operation
            && self.subresource == other.subresource
            && (self.operation == Operation::Apply || self.api_version == other.api_version)
    }

    /// The order in which entries are listed.
    pub(super) fn compare(&self, other: &Entry) -> Ordering {
        fn key(entry: &Entry) -> (Operation, &str, &str, &str, &str) {
            let Entry { manager, operation, api_version, subresource, time, .. } = entry;
            let texts = [time, manager, api_version, subresource].map(Text::as_str);
            (*operation, texts[0], texts[1], texts[2], texts[3])
        }
        key(self).cmp(&key(other))
    }
}
