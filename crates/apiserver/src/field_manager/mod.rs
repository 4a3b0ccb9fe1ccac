//! Who set which field: `metadata.managedFields`, and server-side apply on top of it.
//!
//! Every change through the API is recorded as that of a manager: a program with what it does
//! (`Update` or `Apply`) in an API version, on the object or on a subresource. A field that
//! somebody changes is his from then on; who applies a document owns the fields that it has, and
//! is refused those of others. What is missing: upstream converts sets between API versions,
//! here fields keep the names under which they were set.

mod apply;
mod compare;
mod conflict;
mod entry;
mod field_set;
mod shape;
#[cfg(test)]
mod tests;
mod typed;

use crate::codec;
use crate::request::{Request, ResourceTarget, Target};
use crate::server::ApiServer;
use crate::store::ResourceId;
use api::{List, Text, Value, names};
use compare::{compare, has_same_fields};
use entry::{Entry, Operation};
use field_set::{FieldSet, share};
use kinds::Kind;
use shape::Shape;
use std::collections::BTreeMap;

/// So many managers that update are told apart; the oldest beyond them become one.
const UPDATERS_MAX: usize = 10;
/// What those are called that are not told apart any more.
const ANCIENT: &str = "ancient-changes";
/// So many records of managers are remembered, so that equal ones share their memory.
const KNOWN_MAX: usize = 1_000;
/// So many of one manager and kind.
const STAGES_MAX: usize = 8;

/// A new object, and the fields that whoever created it has set.
struct Creation {
    object: Value,
    fields: FieldSet,
}

/// The last object that each manager created of each kind. The next one is most often like it.
#[derive(Default)]
pub(crate) struct KnownCreations(BTreeMap<(&'static str, ResourceId, Text), Creation>);

/// The last records of each manager of each kind, with different fields, the last one first.
/// Replicas are alike, and so are their records at the same stage of their lives.
#[derive(Default)]
pub(crate) struct KnownEntries(BTreeMap<(ResourceId, Text, Text), Vec<(FieldSet, Value)>>);

impl KnownEntries {
    fn share(&mut self, resource: ResourceId, entry: &Entry) -> Value {
        if self.0.len() > KNOWN_MAX {
            self.0.clear();
        }
        let key = (resource, entry.manager.clone(), entry.subresource.clone());
        let known = self.0.entry(key).or_default();
        let value = entry.to_value();
        let alike = known.iter().position(|(fields, _)| *fields == entry.fields);
        let shared = match known.get(alike.unwrap_or(0)) {
            Some((_, known)) => share(&value, known),
            None => value,
        };
        if let Some(at) = alike {
            known.remove(at);
        }
        known.truncate(STAGES_MAX - 1);
        known.insert(0, (FieldSet::of(&shared["fieldsV1"]), shared.clone()));
        shared
    }
}

impl ApiServer {
    /// Records that a request changes `old` into `object`.
    pub(crate) fn record_update(
        &mut self,
        request: &Request,
        target: &ResourceTarget,
        object: &mut Value,
        old: Option<&Value>,
    ) {
        let kind = target.kind;
        let Some(old) = old else {
            return self.record_creation(request, target, object);
        };
        let Some(mut entries) = entries_before(object, old) else {
            set_entries(object, Value::Null);
            return;
        };
        // Whoever has been told to forget, forgets until the next apply.
        if entries.is_empty() {
            set_entries(object, Value::Null);
            return;
        }
        let difference = compare(shape_of(kind), old, object);
        let changed = without_system_fields(difference.changed);
        let removed = without_system_fields(difference.removed);
        let before = Value::clone(old.get(&names::METADATA).get(&names::MANAGED_FIELDS));
        if changed.is_empty() && removed.is_empty() {
            if *object.get(&names::METADATA).get(&names::MANAGED_FIELDS) != before {
                self.write_entries(target, object, entries);
            }
            return;
        }
        for entry in &mut entries {
            entry.fields = entry.fields.difference(&changed).difference(&removed);
        }
        if !changed.is_empty() {
            let mut own = self.entry_of(request, target, Operation::Update);
            own.fields = changed;
            add_to(&mut entries, own);
        }
        self.write_entries(target, object, entries);
    }

    /// Records that a request creates `object`.
    fn record_creation(&mut self, request: &Request, target: &ResourceTarget, object: &mut Value) {
        let nothing = Value::Null;
        let Some(mut entries) = entries_before(object, &nothing) else {
            set_entries(object, Value::Null);
            return;
        };
        let fields = self.fields_of_new(request, target, object);
        for entry in &mut entries {
            entry.fields = entry.fields.difference(&fields);
        }
        let mut own = self.entry_of(request, target, Operation::Update);
        own.fields = fields;
        add_to(&mut entries, own);
        self.write_entries(target, object, entries);
    }

    /// The fields that are set in a new object.
    fn fields_of_new(
        &mut self,
        request: &Request,
        target: &ResourceTarget,
        object: &Value,
    ) -> FieldSet {
        let kind = target.kind;
        let shape = shape_of(kind);
        let key = (kind.version, self.resource(kind), manager_of(request));
        let known = &mut self.known_creations.0;
        if let Some(creation) = known.get(&key)
            && has_same_fields(shape, object, &creation.object)
        {
            return creation.fields.clone();
        }
        let changed = compare(shape, &empty_object(kind), object).changed;
        let fields = without_system_fields(changed);
        if known.len() > KNOWN_MAX {
            known.clear();
        }
        known.insert(key, Creation { object: object.clone(), fields: fields.clone() });
        fields
    }

    /// The record of who makes a request, without fields.
    fn entry_of(&self, request: &Request, target: &ResourceTarget, operation: Operation) -> Entry {
        let subresource = match &request.target {
            Target::Resource(target) => target.subresource.clone(),
            Target::Path(_) => "".into(),
        };
        Entry {
            manager: manager_of(request),
            operation,
            api_version: target.kind.api_version().into(),
            subresource,
            time: self.now().rfc3339().into(),
            fields: FieldSet::default(),
        }
    }

    fn write_entries(
        &mut self,
        target: &ResourceTarget,
        object: &mut Value,
        mut entries: Vec<Entry>,
    ) {
        entries.retain(|entry| !entry.fields.is_empty());
        merge_oldest(&mut entries);
        entries.sort_by(Entry::compare);
        let resource = self.resource(target.kind);
        let list: List =
            entries.iter().map(|entry| self.known_entries.share(resource, entry)).collect();
        let list = Value::List(list);
        let is_empty = list.items().is_empty();
        set_entries(object, if is_empty { Value::Null } else { list });
    }
}

/// Gives fields to their manager: to the entry that it has, or to a new one.
fn add_to(entries: &mut Vec<Entry>, own: Entry) {
    match entries.iter_mut().find(|entry| entry.is_of(&own)) {
        Some(entry) => {
            entry.fields = entry.fields.union(&own.fields);
            entry.time = own.time;
        }
        None => entries.push(own),
    }
}

/// The entries that a change starts from: those that the client sent, or the old ones. `None` if
/// the client sent an empty one, which means that there shall be none.
fn entries_before(object: &Value, old: &Value) -> Option<Vec<Entry>> {
    let of = |object: &Value| object.get(&names::METADATA).get(&names::MANAGED_FIELDS).clone();
    let given = of(object);
    let is_reset = given.items().first().is_some_and(|first| {
        first["manager"].is_null() && first["fieldsV1"].is_null() && first["operation"].is_null()
    });
    if is_reset {
        return None;
    }
    let entries = if given.items().is_empty() { of(old) } else { given };
    Some(entries.items().iter().map(Entry::of).collect())
}

fn set_entries(object: &mut Value, entries: Value) {
    object.update(&names::METADATA, |metadata| match entries {
        Value::Null => {
            metadata.make_map().remove(&names::MANAGED_FIELDS);
        }
        entries => {
            metadata.make_map().insert(&names::MANAGED_FIELDS, entries);
        }
    });
}

/// The fields that belong to the server, and to nobody else, are taken out.
fn without_system_fields(fields: FieldSet) -> FieldSet {
    let of_metadata = [
        "f:name",
        "f:namespace",
        "f:creationTimestamp",
        "f:selfLink",
        "f:uid",
        "f:generation",
        "f:managedFields",
        "f:resourceVersion",
    ];
    fields.without(&["f:apiVersion", "f:kind"], "f:metadata", &of_metadata)
}

/// Makes one of the oldest that update, if they are too many.
fn merge_oldest(entries: &mut Vec<Entry>) {
    let is_update = |entry: &Entry| entry.operation == Operation::Update;
    let count = entries.iter().filter(|entry| is_update(entry)).count();
    if count <= UPDATERS_MAX {
        return;
    }
    entries.sort_by(Entry::compare);
    let mut n_excess = count - UPDATERS_MAX + 1;
    let mut merged: Vec<Entry> = Vec::new();
    entries.retain(|entry| {
        if n_excess == 0 || !is_update(entry) {
            return true;
        }
        n_excess -= 1;
        let ancient = Entry { manager: ANCIENT.into(), subresource: "".into(), ..entry.clone() };
        match merged.iter_mut().find(|known| known.is_of(&ancient)) {
            Some(known) => {
                known.fields = known.fields.union(&ancient.fields);
                known.time = ancient.time;
            }
            None => merged.push(ancient),
        }
        false
    });
    entries.extend(merged);
}

/// The name under which a client's changes are recorded: the one it gives, or the first word of
/// its user agent.
fn manager_of(request: &Request) -> Text {
    if let Some(manager) = &request.options.field_manager {
        return manager.clone();
    }
    let agent = &request.user_agent;
    match agent.as_str().split_once('/') {
        Some((program, _)) => program.to_owned().into(),
        None => agent.clone(),
    }
}

/// What a new object is compared with: one in which nothing is set.
fn empty_object(kind: &Kind) -> Value {
    codec::without_type(api::canonical(kind.ty, &Value::EMPTY_MAP))
}

/// How server-side apply looks at the objects of a kind.
fn shape_of(kind: &Kind) -> Shape {
    Shape::Struct(kind.ty)
}
