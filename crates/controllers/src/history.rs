//! ControllerRevisions: what the templates of DaemonSets and StatefulSets were.
//!
//! Models `k8s.io/kubernetes/pkg/controller/history`.

use crate::pods;
use api::apps::v1::{ControllerRevision, ControllerRevisionMut};
use api::{Status, Value, View, ViewMut, names, object};
use apiserver::store::ObjectKey;
use client::{Client, DeleteOptions};
use kinds::apps::controller_revision;
use kinds::{Kind, table};

/// The label of Pods that tells the revision they were made from.
pub(crate) const CONTROLLER_REVISION_HASH: &str = "controller-revision-hash";

/// What a revision keeps of its owner: a patch that brings the template back.
pub(crate) fn patch_of(owner: &Value) -> Value {
    let mut template = owner.get(&names::SPEC).get(&names::TEMPLATE).clone();
    template.make_map().insert("$patch", "replace");
    object! { "spec": object! { "template": template } }
}

/// The number of a revision.
pub(crate) fn number(revision: &Value) -> i64 {
    ControllerRevision::of(revision).revision()
}

/// The revisions of an owner, oldest first.
pub(crate) fn revisions_of(client: &Client, kind: &'static Kind, owner: &Value) -> Vec<Value> {
    let selector = pods::selector(owner);
    let mut found = pods::claim(client, &controller_revision::KIND, kind, owner, &selector);
    found.sort_by_key(|revision| {
        let metadata = table::metadata(revision);
        (number(revision), metadata.creation_timestamp(), metadata.name().to_owned())
    });
    found
}

/// A revision of `owner` that has not been stored yet. `hash` becomes part of its name, and the
/// value of the label `hash_label`.
pub(crate) fn new_revision(
    kind: &'static Kind,
    owner: &Value,
    hash: &str,
    hash_label: &str,
    revision: i64,
) -> Value {
    let metadata = table::metadata(owner);
    let mut labels = owner
        .get(&names::SPEC)
        .get(&names::TEMPLATE)
        .get(&names::METADATA)
        .get(&names::LABELS)
        .clone();
    labels.make_map().insert(hash_label, hash.to_owned());
    let mut created = object! {
        "metadata": object! {
            "name": format!("{}-{hash}", metadata.name()),
            "namespace": metadata.value().get(&names::NAMESPACE),
            "labels": labels,
            "ownerReferences": api::list![client::controller_reference(kind, owner)],
        },
        "data": patch_of(owner),
        "revision": revision,
    };
    let annotations = metadata.value().get(&names::ANNOTATIONS);
    if !annotations.is_null() {
        created.entry(&names::METADATA).make_map().insert(&names::ANNOTATIONS, annotations);
    }
    created
}

/// Gives a revision another number, unless it has it already.
pub(crate) fn renumber(client: &Client, revision: &Value, to: i64) -> Result<Value, Status> {
    if number(revision) == to {
        return Ok(revision.clone());
    }
    let mut changed = revision.clone();
    ControllerRevisionMut::of(&mut changed).set_revision(to);
    client.update(&controller_revision::KIND, changed)
}

/// Deletes a revision.
pub(crate) fn delete(client: &Client, revision: &Value) -> Result<(), Status> {
    let key = ObjectKey::of(revision);
    let kind = &controller_revision::KIND;
    match client.delete(kind, &key, "", DeleteOptions::default()) {
        Err(status) if status.reason != api::Reason::NotFound => Err(status),
        _ => Ok(()),
    }
}
