//! Server-side apply: merges a document into an object, and refuses what belongs to others.

use super::compare::{compare, fields_of};
use super::conflict::{self, Conflict};
use super::entry::{Entry, Operation};
use super::field_set::{FieldSet, Node};
use super::shape::{Shape, field_element};
use super::{empty_object, entries_before, manager_of, shape_of, typed, without_system_fields};
use crate::codec;
use crate::request::{Request, ResourceTarget};
use crate::server::ApiServer;
use api::{List, Map, Status, Text, Value, names};
use kinds::Kind;

/// The manager that kubectl applies as, if it is not told otherwise.
const KUBECTL: &str = "kubectl";
/// The manager of objects that nobody has applied before.
const BEFORE_FIRST_APPLY: &str = "before-first-apply";
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

impl ApiServer {
    /// The object that applying `document` to `live` makes, with `kind` and `apiVersion` if
    /// `document` has them. `live` is `null` if there is no such object yet.
    pub(crate) fn merge_applied(
        &mut self,
        request: &Request,
        target: &ResourceTarget,
        live: &Value,
        document: &Value,
    ) -> Result<Value, Status> {
        check_document(target, document)?;
        let shape = shape_of(target.kind);
        let document = codec::without_type(document.clone());
        let mut entries = entries_before(&Value::Null, live).unwrap_or_default();
        if entries.is_empty() && !live.is_null() {
            let fields = compare(shape, &empty_object(target.kind), live).changed;
            let fields = without_system_fields(fields);
            let first = self.entry_of(request, target, Operation::Update);
            entries.push(Entry { manager: BEFORE_FIRST_APPLY.into(), fields, ..first });
        }
        let mut own = self.entry_of(request, target, Operation::Apply);
        own.fields = without_system_fields(fields_of(shape, &document));
        let at = entries.iter().position(|entry| entry.is_of(&own));
        let last = at.map(|at| entries.remove(at));

        let mut merged = match live {
            Value::Null => document.clone(),
            live => merge(shape, live, &document),
        };
        if let Some(last) = &last {
            let others = entries.iter().fold(own.fields.clone(), |all, e| all.union(&e.fields));
            prune(shape, &mut merged, &last.fields.difference(&own.fields), &others);
        }
        let is_kubectl = manager_of(request) == KUBECTL;
        let difference = compare(shape, live, &merged);
        let changed = without_system_fields(difference.changed);
        let conflicts: Vec<_> = entries
            .iter()
            .map(|entry| Conflict::new(entry, entry.fields.intersection(&changed)))
            .filter(|conflict| !conflict.fields.is_empty())
            .collect();
        if !request.options.force && !conflicts.is_empty() {
            let allowed = match is_kubectl {
                true => applied_by_client(shape, live),
                false => FieldSet::default(),
            };
            let rest = conflicts.into_iter().filter_map(|mut conflict| {
                conflict.fields = conflict.fields.difference(&allowed);
                (!conflict.fields.is_empty()).then_some(conflict)
            });
            let rest: Vec<_> = rest.collect();
            if !rest.is_empty() {
                return Err(conflict::refusal(rest));
            }
        }
        for entry in &mut entries {
            entry.fields = entry.fields.difference(&changed).difference(&difference.removed);
        }
        if is_kubectl {
            keep_last_applied(&mut merged, target, &document);
        }
        if let Some(last) = last
            && last.fields == own.fields
            && merged == *live
        {
            own.time = last.time;
        }
        entries.push(own);
        self.write_entries(target, &mut merged, entries);
        Ok(codec::with_type(target.kind, &merged))
    }
}

/// Refuses a document that is of another type, or says who manages it.
fn check_document(target: &ResourceTarget, document: &Value) -> Result<(), Status> {
    if !document["metadata"]["managedFields"].items().is_empty() {
        return Err(Status::bad_request("metadata.managedFields must be nil"));
    }
    let (given, expected) = (&document["apiVersion"], target.kind.api_version());
    if let Some(given) = given.as_str()
        && given != expected
    {
        return Err(Status::bad_request(format!(
            "Incorrect version specified in apply patch. Specified patch version: {given}, \
             expected: {expected}"
        )));
    }
    let problems = typed::problems(shape_of(target.kind), document);
    if problems.is_empty() {
        return Ok(());
    }
    let what = match problems.as_slice() {
        [one] => one.clone(),
        all => format!("errors:\n  {}", all.join("\n  ")),
    };
    let name = match &*target.namespace {
        "" => format!("/{}", target.name),
        namespace => format!("{namespace}/{}", target.name),
    };
    let Kind { group, version, kind, .. } = target.kind;
    let mut status = Status::new(
        api::Reason::Unknown,
        format!(
            "failed to create typed patch object ({name}; {group}/{version}, Kind={kind}): {what}"
        ),
    );
    status.code = 500;
    Err(status)
}

/// What `document` makes of `live`: its fields in place of those, lists merged item by item.
fn merge(shape: Shape, live: &Value, document: &Value) -> Value {
    match (shape, live, document) {
        (Shape::Struct(_) | Shape::Map(_), Value::Map(live), Value::Map(document)) => {
            let mut merged = live.clone();
            for (key, value) in document.iter() {
                let part = match (shape.part(key), live.get(key)) {
                    (Some(shape), Some(live)) => merge(shape, live, value),
                    _ => value.clone(),
                };
                merged.insert(key, part);
            }
            Value::Map(merged)
        }
        (Shape::Set | Shape::Items(..), Value::List(live), Value::List(document)) => {
            Value::List(merge_lists(shape, live, document))
        }
        _ => document.clone(),
    }
}

/// Items of both keep the order of the document; those that only the object has stay where they
/// are among them.
fn merge_lists(shape: Shape, live: &List, document: &List) -> List {
    let element = |item: &Value| shape.item_element(item);
    let wanted: Vec<String> = document.iter().map(element).collect();
    let present: Vec<String> = live.iter().map(element).collect();
    let mut merged = List::default();
    let mut at = 0;
    let take_others = |merged: &mut List, at: &mut usize| {
        while *at < present.len() && !wanted.contains(&present[*at]) {
            merged.push(live[*at].clone());
            *at += 1;
        }
    };
    for (item, element) in document.iter().zip(&wanted) {
        take_others(&mut merged, &mut at);
        match present.iter().position(|other| other == element) {
            Some(found) => {
                merged.push(merge(shape.item(), &live[found], item));
                at += usize::from(found == at);
            }
            None => merged.push(item.clone()),
        }
    }
    while at < present.len() {
        take_others(&mut merged, &mut at);
        at += 1;
    }
    merged
}

/// Takes away what the applier has no more, unless somebody else owns it.
fn prune(shape: Shape, value: &mut Value, gone: &FieldSet, owned: &FieldSet) {
    let is_owned = |element: &str| owned.node(element).is_some();
    match value {
        Value::Map(_) => {
            let mut kept = Map::default();
            let elements: Vec<_> = value.as_map().into_iter().flat_map(Map::iter).collect();
            for (key, part) in elements {
                let element = field_element(key);
                let pruned = prune_part(shape.part(key), part, &element, gone, owned);
                if let Some(pruned) = pruned {
                    kept.insert(key, pruned);
                }
            }
            *value = Value::Map(kept);
        }
        Value::List(list) => {
            let items = list.iter().filter_map(|item| {
                let element = shape.item_element(item);
                let node = gone.node(&element);
                if node.as_ref().is_some_and(|node| node.is_member) && !is_owned(&element) {
                    return None;
                }
                // What tells an item from others stays as long as the item does.
                let mut kept = item.clone();
                if let Some(Node { beneath, .. }) = node {
                    let keys = keys_of(shape);
                    let owned = owned.node(&element).unwrap_or_default().beneath.union(&keys);
                    prune(shape.item(), &mut kept, &beneath, &owned);
                }
                Some(kept)
            });
            *value = Value::List(items.collect());
        }
        _ => {}
    }
}

fn prune_part(
    shape: Option<Shape>,
    part: &Value,
    element: &str,
    gone: &FieldSet,
    owned: &FieldSet,
) -> Option<Value> {
    let (Some(shape), Some(node)) = (shape, gone.node(element)) else {
        return Some(part.clone());
    };
    let owned = owned.node(element);
    if node.is_member && owned.is_none() {
        return None;
    }
    let mut kept = part.clone();
    if !node.beneath.is_empty() {
        prune(shape, &mut kept, &node.beneath, &owned.clone().unwrap_or_default().beneath);
    }
    // What has become empty has nobody who wants it.
    let has_become_empty = shape.has_parts(part) && !shape.has_parts(&kept);
    (!has_become_empty || owned.is_some()).then_some(kept)
}

/// The fields that tell the items of a list apart.
fn keys_of(shape: Shape) -> FieldSet {
    let mut keys = FieldSet::default();
    if let Shape::Items(names, _) = shape {
        for name in names {
            keys.put(&format!("f:{name}"), Node::leaf());
        }
    }
    keys
}

/// What kubectl has applied itself before, and nobody has changed since: it may take that over.
fn applied_by_client(shape: Shape, live: &Value) -> FieldSet {
    let annotation = live["metadata"]["annotations"][LAST_APPLIED].as_str().unwrap_or_default();
    let Ok(applied) = api::json::parse(annotation.as_bytes()) else {
        return FieldSet::default();
    };
    let applied = codec::without_type(applied);
    let difference = compare(shape, &applied, live);
    let differs = difference.changed.union(&difference.removed);
    fields_of(shape, &applied).difference(&differs)
}

/// Keeps the annotation of client-side apply true, where an object has it.
fn keep_last_applied(merged: &mut Value, target: &ResourceTarget, document: &Value) {
    if merged["metadata"]["annotations"][LAST_APPLIED].is_null() {
        return;
    }
    let mut applied = codec::with_type(target.kind, document);
    applied.update(&names::METADATA, |metadata| {
        metadata.update(&names::ANNOTATIONS, |annotations| {
            annotations.make_map().remove_str(LAST_APPLIED);
        });
    });
    let text: Text = format!("{}\n", api::json::to_string(&applied)).into();
    merged.update(&names::METADATA, |metadata| {
        metadata.update(&names::ANNOTATIONS, |annotations| {
            annotations.make_map().insert(LAST_APPLIED, text);
        });
    });
}
