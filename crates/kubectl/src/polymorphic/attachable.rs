//! The one Pod that stands for an object: itself, or the most active one that it selects.

use super::pod_spec::go_type;
use crate::client::{Call, encode};
use crate::errors::{Error, Result, bail, error};
use crate::invocation::Invocation;
use crate::resource::{Builder, Info};
use api::labels::Selector;
use api::{StringMap, Value};
use shell::{Either, race};
use sim::{Duration, Time};
use std::cmp::Reverse;
use std::rc::Rc;

/// The one object that arguments name; Pods need no type.
pub(crate) async fn object(invocation: &Rc<Invocation>, name: &[String]) -> Result<Info> {
    let arguments = match name {
        [one] if !one.contains('/') => vec!["pods".to_owned(), one.clone()],
        other => other.to_vec(),
    };
    let visitor = Builder::new(invocation).arguments(&arguments).latest().flatten().build();
    let mut infos = visitor.await?.infos().await?;
    match infos.len() {
        1 => Ok(infos.remove(0)),
        _ => bail!("cannot exec into multiple objects at a time"),
    }
}

/// The Pod, as soon as there is one.
pub(crate) async fn pod(
    invocation: &Invocation,
    object: &Info,
    timeout: Duration,
) -> Result<Value> {
    if object.mapping.is_kind("", "Pod") {
        return Ok(object.object.clone());
    }
    let selector = selector(&object.object)
        .map_err(|why| error!("cannot attach to {}: {why}", go_type(&object.object)))?;
    let selector = selector.to_string();
    let wait = first_pod(invocation, &object.namespace, &selector);
    match race(wait, invocation.context.sleep(timeout)).await {
        Either::First(result) => result,
        Either::Second(()) => bail!("timed out waiting for the condition"),
    }
}

/// How an object selects its Pods.
pub(crate) fn selector(object: &Value) -> Result<Selector> {
    let document = &object["spec"]["selector"];
    let name = object["metadata"]["name"].as_str().unwrap_or_default();
    match object["kind"].as_str().unwrap_or_default() {
        "Service" | "ReplicationController" => match document.as_map() {
            Some(labels) if !labels.is_empty() => Ok(Selector::from_labels(StringMap(labels))),
            _ if object["kind"] == "Service" => {
                bail!("invalid service '{name}': Service is defined without a selector")
            }
            _ => Ok(Selector::everything()),
        },
        "Deployment" | "ReplicaSet" | "StatefulSet" | "DaemonSet" | "Job" => {
            Ok(Selector::from_document(document))
        }
        _ => bail!("selector for {} not implemented", go_type(object)),
    }
}

async fn first_pod(invocation: &Invocation, namespace: &str, selector: &str) -> Result<Value> {
    let client = invocation.client()?;
    let path = format!("/api/v1/namespaces/{}/pods", encode(namespace));
    let list = Call::get(path.clone()).query_if("labelSelector", selector);
    let list = client.value(list).await?;
    if let Some(pod) = list["items"].items().iter().max_by_key(|pod| activity(pod)) {
        let mut pod = pod.clone();
        pod.set_default(&"kind".into(), "Pod");
        pod.set_default(&"apiVersion".into(), "v1");
        return Ok(pod);
    }
    let version = list["metadata"]["resourceVersion"].as_str().unwrap_or("0").to_owned();
    let call =
        Call::get(path).query_if("labelSelector", selector).query("resourceVersion", version);
    let mut events = client.watch(call).await?;
    while let Some(event) = events.next().await {
        if matches!(event.ty.as_str(), "ADDED" | "MODIFIED") {
            return Ok(event.object);
        }
    }
    Err(timed_out())
}

fn timed_out() -> Error {
    error!("timed out waiting for the condition")
}

/// What makes one Pod more active than another, the weightiest first: a node, a phase, readiness,
/// not being deleted, having been ready for long, few restarts, age.
type Activity = (bool, u8, bool, bool, Reverse<Time>, Reverse<i64>, Reverse<Time>);

fn activity(pod: &Value) -> Activity {
    let status = &pod["status"];
    let time = |value: &Value| value.as_str().and_then(Time::parse_rfc3339);
    let ready = status["conditions"]
        .items()
        .iter()
        .find(|condition| condition["type"] == "Ready" && condition["status"] == "True");
    let since = ready.and_then(|condition| time(&condition["lastTransitionTime"]));
    let statuses = status["containerStatuses"].items().iter();
    let restarts = statuses.filter_map(|status| status["restartCount"].as_i64()).max();
    let phase = match status["phase"].as_str().unwrap_or_default() {
        "Running" => 2,
        "Unknown" => 1,
        _ => 0,
    };
    (
        pod["spec"]["nodeName"].as_str().is_some_and(|node| !node.is_empty()),
        phase,
        ready.is_some(),
        pod["metadata"]["deletionTimestamp"].is_null(),
        Reverse(since.unwrap_or(Time::NEVER)),
        Reverse(restarts.unwrap_or(0)),
        Reverse(time(&pod["metadata"]["creationTimestamp"]).unwrap_or(Time::NEVER)),
    )
}
