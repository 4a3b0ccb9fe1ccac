//! ControllerRevisions: the templates that a StatefulSet or DaemonSet has had.
//!
//! Models `k8s.io/kubernetes/pkg/controller/history`.

use crate::pods;
use api::apps::v1::ControllerRevision;
use api::json::Html;
use api::labels::Selector;
use api::{Status, Text, Value, View, hash, names, object};
use apiserver::store::ObjectKey;
use client::{Client, DeleteOptions, controller_reference};
use kinds::apps::controller_revision;
use kinds::{Kind, table};

/// The label of Pods and revisions that names the revision.
pub(crate) const HASH_LABEL: &str = "controller-revision-hash";

/// The revisions of an object, oldest first.
pub(crate) fn revisions(
    client: &Client,
    owner_kind: &'static Kind,
    owner: &Value,
    selector: &Selector,
) -> Vec<Value> {
    let mut found = pods::claim(client, &controller_revision::KIND, owner_kind, owner, selector);
    found.sort_by_key(number);
    found
}

/// The number of a revision.
pub(crate) fn number(revision: &Value) -> i64 {
    ControllerRevision::of(revision).revision()
}

/// What a revision keeps of an object: a patch that brings its template back.
pub(crate) fn data(owner: &Value) -> Value {
    let mut template = owner.get(&names::SPEC).get(&names::TEMPLATE).clone();
    template.make_map().insert("$patch", "replace");
    object! { "spec": object! { "template": template } }
}

/// The hash in the name of a StatefulSet's revision: FNV-1 of the data as Go writes it, and the
/// count of collisions.
pub(crate) fn hash_of(data: &Value, collisions: i64) -> String {
    let mut text = api::json::to_string_with(data, Html::Escaped);
    text.push_str(&collisions.to_string());
    hash::safe_encode(&fnv32(text.as_bytes()).to_string())
}

/// 32-bit FNV-1.
fn fnv32(bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .fold(0x811c_9dc5, |hash: u32, byte| hash.wrapping_mul(0x0100_0193) ^ u32::from(*byte))
}

/// The revision that an object's template has now: an older one takes the newest number again.
pub(crate) fn current(
    client: &Client,
    owner_kind: &'static Kind,
    owner: &Value,
    known: &[Value],
    (hash, hash_label): (String, &'static str),
) -> Result<Value, Status> {
    let data = data(owner);
    let next = known.last().map_or(0, number) + 1;
    if let Some(equal) = known.iter().rev().find(|revision| *revision.get(&names::DATA) == data) {
        if number(equal) + 1 == next {
            return Ok(equal.clone());
        }
        let mut renewed = equal.clone();
        renewed.make_map().insert(&names::REVISION, next);
        return client.update(&controller_revision::KIND, renewed);
    }
    let metadata = table::metadata(owner);
    let template = owner.get(&names::SPEC).get(&names::TEMPLATE);
    let mut labels = template.get(&names::METADATA).get(&names::LABELS).clone();
    labels.make_map().insert(hash_label, hash.clone());
    let revision = object! {
        "metadata": object! {
            "name": format!("{}-{hash}", metadata.name()),
            "namespace": Text::from(metadata.namespace().to_owned()),
            "labels": labels,
            "annotations": inherited_annotations(owner),
            "ownerReferences": api::list![controller_reference(owner_kind, owner)],
        },
        "data": data,
        "revision": next,
    };
    client.create(&controller_revision::KIND, revision)
}

/// A revision remembers the annotations that its object had.
fn inherited_annotations(owner: &Value) -> Value {
    let annotations = owner.get(&names::METADATA).get(&names::ANNOTATIONS);
    annotations.clone()
}

/// Deletes the oldest revisions that nothing uses any more, beyond those that are to be kept.
pub(crate) fn clean_up(
    client: &Client,
    known: &[Value],
    limit: i64,
    is_in_use: impl Fn(&Value) -> bool,
) -> Result<(), Status> {
    let unused: Vec<&Value> = known.iter().filter(|revision| !is_in_use(revision)).collect();
    let excess = unused.len().saturating_sub(limit.max(0) as usize);
    for revision in unused.into_iter().take(excess) {
        let uid = table::metadata(revision).uid();
        let key = ObjectKey::of(revision);
        match client.delete(&controller_revision::KIND, &key, uid, DeleteOptions::default()) {
            Err(status) if status.reason != api::Reason::NotFound => return Err(status),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_of_a_recorded_revision() {
        let template = r#"{"metadata":{"creationTimestamp":null,"labels":{"app":"web"}},"spec":
            {"containers":[{"image":"nginx:1.23.0","imagePullPolicy":"IfNotPresent","name":"nginx",
            "resources":{},"terminationMessagePath":"/dev/termination-log",
            "terminationMessagePolicy":"File"}],"dnsPolicy":"ClusterFirst","restartPolicy":"Always",
            "schedulerName":"default-scheduler","securityContext":{},
            "terminationGracePeriodSeconds":30}}"#;
        let template = api::json::parse(template.as_bytes()).expect("a document");
        let set = object! { "spec": object! { "template": template } };
        assert_eq!(hash_of(&data(&set), 0), "667cdc5c99");
    }
}
