//! Static Pods, which a node runs from a directory of its own, and their mirrors in the API server.
//!
//! A mirror only shows: who deletes it gets a new one, and the containers go on. The worker of a
//! static Pod is therefore known by the Pod's own uid, which every mirror names.

use crate::Shared;
use crate::node::{Node, name_of};
use api::{Value, list, names, object};
use apiserver::store::ObjectKey;
use client::DeleteOptions;
use kinds::core::{node, pod};
use kinds::table;

const HASH: &str = "kubernetes.io/config.hash";
const MIRROR: &str = "kubernetes.io/config.mirror";
const SEEN: &str = "kubernetes.io/config.seen";
const SOURCE: &str = "kubernetes.io/config.source";

/// The uid of the static Pod that an object mirrors, if it does.
pub(crate) fn static_uid(object: &Value) -> Option<&str> {
    table::metadata(object).annotations().get(MIRROR)
}

/// Whether an object mirrors one of the static Pods of a node.
pub(crate) fn is_of(node: &Node, object: &Value) -> bool {
    let Some(uid) = static_uid(object) else { return false };
    node.config.static_pods.iter().any(|pod| hash_of(node, pod) == uid)
}

/// Whether somebody wants a mirror gone.
pub(crate) fn is_to_be_renewed(node: &Node, object: &Value) -> bool {
    table::metadata(object).deletion_timestamp().is_some() && is_of(node, object)
}

/// Removes a mirror that somebody has deleted, and makes another.
pub(crate) fn renew(node: &Node, object: &Value, shared: &Shared) {
    let options = DeleteOptions { grace_period_seconds: Some(0), ..DeleteOptions::default() };
    let uid = table::metadata(object).uid();
    // Whoever deletes it by force at the same time has done the work.
    let _ = shared.client.delete(&pod::KIND, &ObjectKey::of(object), uid, options);
    create_missing(node, shared);
}

/// Makes a mirror of each static Pod that has none; a node that is not registered has none at all.
pub(crate) fn create_missing(node: &Node, shared: &Shared) {
    let Some(registered) = shared.client.get(&node::KIND, "", &node.config.name) else {
        return;
    };
    for manifest in &node.config.static_pods {
        let mirror = mirror_of(node, manifest, &registered, shared);
        let key = ObjectKey::of(&mirror);
        if shared.client.get(&pod::KIND, &key.namespace, &key.name).is_none() {
            // What the API server refuses runs all the same, unseen.
            let _ = shared.client.create(&pod::KIND, mirror);
        }
    }
}

fn mirror_of(node: &Node, manifest: &Value, registered: &Value, shared: &Shared) -> Value {
    let hash = hash_of(node, manifest);
    let seen = node.config.booted.min(shared.sim.now()).rfc3339();
    let owner = object! {
        "apiVersion": "v1",
        "kind": "Node",
        "name": node.config.name.clone(),
        "uid": table::metadata(registered).uid().to_owned(),
        "controller": true,
    };
    let mut mirror = manifest.clone();
    mirror.update(&names::METADATA, |metadata| {
        let name =
            format!("{}-{}", metadata.get(&names::NAME).as_str().unwrap_or(""), node.config.name);
        metadata.make_map().insert(&names::NAME, name);
        metadata.make_map().insert(&names::OWNER_REFERENCES, list![owner]);
        metadata.update(&names::ANNOTATIONS, |annotations| {
            let map = annotations.make_map();
            map.insert(HASH, hash.clone());
            map.insert(MIRROR, hash);
            map.insert(SEEN, seen);
            map.insert(SOURCE, "file");
        });
    });
    mirror.update(&names::SPEC, |spec| {
        let map = spec.make_map();
        map.insert(&names::NODE_NAME, node.config.name.clone());
        map.insert(
            &names::TOLERATIONS,
            list![object! { "effect": "NoExecute", "operator": "Exists" }],
        );
    });
    mirror
}

/// The uid that a kubelet gives a static Pod: a digest of what it is and where it runs.
fn hash_of(node: &Node, manifest: &Value) -> String {
    const HASH_LENGTH: usize = 32;
    let mut hash = images::digest(&format!("{}/{}", node.config.name, name_of(manifest)));
    hash.truncate(HASH_LENGTH);
    hash
}
