//! Taking finalizers off objects.

use api::{Status, names};
use apiserver::store::ObjectKey;
use client::Client;
use kinds::{Kind, table};

/// Takes a finalizer off an object as it is now; an object that is gone is fine.
pub(crate) fn remove(
    client: &Client,
    kind: &'static Kind,
    key: &ObjectKey,
    finalizer: &str,
) -> Result<(), Status> {
    let Some(mut object) = client.get(kind, &key.namespace, &key.name) else {
        return Ok(());
    };
    let rest: Vec<_> = table::metadata(&object)
        .finalizers()
        .values()
        .iter()
        .filter(|f| **f != finalizer)
        .cloned()
        .collect();
    if rest.len() == table::metadata(&object).finalizers().len() {
        return Ok(());
    }
    object.update(&names::METADATA, |metadata| {
        let metadata = metadata.make_map();
        if rest.is_empty() {
            metadata.remove(&names::FINALIZERS);
        } else {
            metadata.insert(&names::FINALIZERS, rest);
        }
    });
    match client.update(kind, object) {
        Err(status) if status.reason != api::Reason::NotFound => Err(status),
        _ => Ok(()),
    }
}
