//! The ServiceAccount controller: every namespace has an account called `default`.
//!
//! Models `k8s.io/kubernetes/pkg/controller/serviceaccount`.

use crate::Parts;
use api::core::v1::Namespace;
use api::{Status, Text, View, object};
use apiserver::store::{Change, ChangeType, ObjectKey};
use client::{Client, Reconcile, Reconciler};
use kinds::Kind;
use kinds::core::{namespace, service_account};
use sim::Duration;

const DEFAULT: &str = "default";

pub(crate) struct ServiceAccountController;

impl ServiceAccountController {
    pub(crate) fn new(_: Parts<'_>) -> ServiceAccountController {
        ServiceAccountController
    }
}

impl Reconciler for ServiceAccountController {
    type Key = ObjectKey;

    fn name(&self) -> &'static str {
        "service-account-controller"
    }

    fn interests(&self) -> Vec<&'static Kind> {
        vec![&namespace::KIND, &service_account::KIND]
    }

    fn keys(&self, change: &Change, _: &Client, add: &mut dyn FnMut(ObjectKey, Duration)) {
        let is_account = !change.key.namespace.is_empty();
        match (is_account, change.ty) {
            (true, ChangeType::Deleted) if &*change.key.name == DEFAULT => {
                add(ObjectKey::new("", &change.key.namespace), Duration::ZERO);
            }
            (false, ChangeType::Added | ChangeType::Modified) => {
                add(change.key.clone(), Duration::ZERO);
            }
            _ => {}
        }
    }

    fn reconcile(&mut self, key: &ObjectKey, client: &Client) -> Result<Reconcile, Status> {
        ensure_in_namespace(key, client, &service_account::KIND, DEFAULT, || {
            object! { "metadata": object! {
                "name": DEFAULT,
                "namespace": Text::from(key.name.clone()),
            } }
        })
    }
}

/// Creates an object in a namespace that lives, unless it is there.
pub(crate) fn ensure_in_namespace(
    key: &ObjectKey,
    client: &Client,
    kind: &'static Kind,
    name: &str,
    make: impl FnOnce() -> api::Value,
) -> Result<Reconcile, Status> {
    let lives = client
        .get(&namespace::KIND, "", &key.name)
        .is_some_and(|object| Namespace::of(&object).status().phase() == "Active");
    if lives && client.get(kind, &key.name, name).is_none() {
        client.create(kind, make())?;
    }
    Ok(Reconcile::Done)
}
