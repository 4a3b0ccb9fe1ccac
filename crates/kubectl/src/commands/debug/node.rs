//! A Pod on a node that sees what the node has.

use super::{Session, pods_path};
use crate::client::Call;
use crate::commands::common::random_suffix;
use crate::errors::Result;
use crate::polymorphic::typed;
use api::{Value, list, object};

pub(super) async fn debug(session: &Session<'_>, node: &Value) -> Result<(Value, String)> {
    let invocation = session.invocation;
    let node = node["metadata"]["name"].as_str().unwrap_or_default();
    let name = format!("node-debugger-{node}-{}", random_suffix(invocation));
    let container_name = match session.flags().string("container") {
        "" => "debugger",
        name => name,
    };
    session.tell(format!(
        "Creating debugging pod {name} with container {container_name} on node {node}."
    ));
    let mut container = session.container(container_name);
    let mut spec = object! {
        "nodeName": node.to_owned(),
        "restartPolicy": "Never",
        "tolerations": list![object! { "operator": "Exists" }],
    };
    session.profile.prepare_node(&mut spec, &mut container);
    spec.make_map().insert("containers", list![container]);
    let pod = object! {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": object! { "name": name },
        "spec": spec,
    };
    let call = Call::post(pods_path(&invocation.namespace()?), typed(&pod));
    Ok((invocation.client()?.value(call).await?, container_name.to_owned()))
}
