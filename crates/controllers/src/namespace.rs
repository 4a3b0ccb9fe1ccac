//! The namespace controller: empties a namespace that is being deleted, then lets it go.
//!
//! Models `k8s.io/kubernetes/pkg/controller/namespace`.

use crate::Parts;
use api::core::v1::Namespace;
use api::{Status, Value, View, names};
use apiserver::store::{Change, ObjectKey};
use client::{Client, DeleteOptions, Reconcile, Reconciler};
use kinds::core::namespace;
use kinds::{Kind, table};
use sim::Duration;

/// How long the controller waits before it looks whether the rest of the content is gone.
const CONTENT_RETRY: Duration = Duration::from_millis(500);

pub(crate) struct NamespaceController;

impl NamespaceController {
    pub(crate) fn new(_: Parts<'_>) -> NamespaceController {
        NamespaceController
    }
}

impl Reconciler for NamespaceController {
    type Key = ObjectKey;

    fn name(&self) -> &'static str {
        "namespace-controller"
    }

    fn interests(&self) -> Vec<&'static Kind> {
        vec![&namespace::KIND]
    }

    fn keys(&self, change: &Change, _: &Client, add: &mut dyn FnMut(ObjectKey, Duration)) {
        if table::metadata(&change.object).deletion_timestamp().is_some() {
            add(change.key.clone(), Duration::ZERO);
        }
    }

    fn reconcile(&mut self, key: &ObjectKey, client: &Client) -> Result<Reconcile, Status> {
        let Some(object) = client.get(&namespace::KIND, "", &key.name) else {
            return Ok(Reconcile::Done);
        };
        let view = Namespace::of(&object);
        if view.metadata().deletion_timestamp().is_none() || view.spec().finalizers().is_empty() {
            return Ok(Reconcile::Done);
        }
        if delete_content(&key.name, client) > 0 {
            return Ok(Reconcile::After(CONTENT_RETRY));
        }
        finalize(&object, client)?;
        Ok(Reconcile::Done)
    }
}

/// Asks for the deletion of all that is left; returns how much there was.
fn delete_content(namespace: &str, client: &Client) -> usize {
    let kinds: Vec<&'static Kind> = client.read(|server| {
        let is_content = |kind: &&&'static Kind| {
            kind.is_namespaced && kind.conversion.is_none() && kind.verbs.contains(&"delete")
        };
        server.registry().kinds().iter().filter(is_content).copied().collect()
    });
    let mut count = 0;
    for kind in kinds {
        for object in client.list(kind, Some(namespace)) {
            count += 1;
            if table::metadata(&object).deletion_timestamp().is_none() {
                let uid = table::metadata(&object).uid();
                // What cannot be deleted now is tried again with the rest.
                let _ = client.delete(kind, &ObjectKey::of(&object), uid, DeleteOptions::default());
            }
        }
    }
    count
}

fn finalize(object: &Value, client: &Client) -> Result<(), Status> {
    let mut finalized = object.clone();
    finalized.update(&names::SPEC, |spec| {
        spec.update(&names::FINALIZERS, |finalizers| {
            let items = finalizers.items();
            let rest: Vec<Value> = items.iter().filter(|f| **f != "kubernetes").cloned().collect();
            *finalizers = rest.into();
        });
    });
    client.finalize(finalized)
}
