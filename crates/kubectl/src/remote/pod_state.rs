//! Waiting for a Pod, and its log where one cannot attach any more.

use crate::client::{Call, encode};
use crate::errors::{Result, bail};
use crate::invocation::Invocation;
use api::{QualifiedResource, Status, Value};
use shell::{Either, race};
use sim::Duration;

/// The path of a Pod, or of one of its subresources.
pub(crate) fn pod_path(pod: &Value, subresource: &str) -> String {
    let text = |field: &str| encode(pod["metadata"][field].as_str().unwrap_or_default());
    let path = format!("/api/v1/namespaces/{}/pods/{}", text("namespace"), text("name"));
    if subresource.is_empty() { path } else { format!("{path}/{subresource}") }
}

/// Waits until `is_done` says so of the Pod.
pub(crate) async fn watch_pod(
    invocation: &Invocation,
    pod: &Value,
    timeout: Duration,
    is_done: impl Fn(&Value) -> bool,
) -> Result<Value> {
    let wait = watch_without_end(invocation, pod, is_done);
    match race(wait, invocation.context.sleep(timeout)).await {
        Either::First(result) => result,
        Either::Second(()) => bail!("timed out waiting for the condition"),
    }
}

async fn watch_without_end(
    invocation: &Invocation,
    pod: &Value,
    is_done: impl Fn(&Value) -> bool,
) -> Result<Value> {
    let client = invocation.client()?;
    let metadata = &pod["metadata"];
    let name = metadata["name"].as_str().unwrap_or_default();
    let namespace = encode(metadata["namespace"].as_str().unwrap_or_default());
    let path = format!("/api/v1/namespaces/{namespace}/pods");
    let selector = format!("metadata.name={name}");
    let gone = || {
        let pods = QualifiedResource { group: "", resource: "pods" };
        Err(Status::not_found(pods, name).into())
    };
    let list =
        client.value(Call::get(path.clone()).query("fieldSelector", selector.clone())).await?;
    let Some(found) = list["items"].items().first() else { return gone() };
    if is_done(found) {
        return Ok(found.clone());
    }
    let version = list["metadata"]["resourceVersion"].as_str().unwrap_or("0").to_owned();
    let call = Call::get(path).query("fieldSelector", selector).query("resourceVersion", version);
    let mut events = client.watch(call).await?;
    while let Some(event) = events.next().await {
        match event.ty.as_str() {
            "DELETED" => return gone(),
            "ADDED" | "MODIFIED" if is_done(&event.object) => return Ok(event.object),
            _ => {}
        }
    }
    bail!("timed out waiting for the condition")
}

/// Prints the log of a container.
pub(crate) async fn logs(invocation: &Invocation, pod: &Value, container: &str) -> Result {
    let call = Call::get(pod_path(pod, "log")).query("container", container);
    let (text, _) = invocation.client()?.text(call).await?;
    invocation.context.put(text);
    Ok(())
}
