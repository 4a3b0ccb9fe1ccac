//! DefaultBinder: tells the API server which node a Pod is to run on.

use api::{Status, Text, Value, View, names, object};
use apiserver::store::ObjectKey;
use client::Client;
use kinds::core::pod;
use kinds::table;

/// Binds a Pod.
pub(crate) fn bind(
    client: &Client,
    pod: &Value,
    key: &ObjectKey,
    node: &str,
) -> Result<(), Status> {
    let metadata = table::metadata(pod).value();
    let binding = object! {
        "metadata": object! {
            "name": metadata.get(&names::NAME),
            "namespace": metadata.get(&names::NAMESPACE),
            "uid": metadata.get(&names::UID),
        },
        "target": object! { "kind": "Node", "name": Text::from(node.to_owned()) },
    };
    client.post(&pod::KIND, key, "binding", binding).map(|_| ())
}
