//! The Pods of an object, and which of them a command takes that needs one.

use super::pod_spec::go_type;
use crate::client::{Call, encode};
use crate::errors::{Result, bail, error};
use crate::invocation::Invocation;
use api::core::v1::Pod;
use api::labels::Selector;
use api::{StringMap, Value, View, names};
use shell::{Either, race};
use sim::{Duration, Time};

/// By default these containers are the ones that commands look at.
const DEFAULT_CONTAINER: &str = "kubectl.kubernetes.io/default-container";

/// The selector of the Pods that belong to an object.
pub(crate) fn selector_of(object: &Value) -> Result<Selector> {
    let document = object.get(&names::SPEC).get(&names::SELECTOR);
    let labels = document.as_map().cloned().unwrap_or_default();
    let name = object["metadata"]["name"].as_str().unwrap_or_default();
    match object["kind"].as_str().unwrap_or_default() {
        "ReplicaSet" | "StatefulSet" | "DaemonSet" | "Deployment" | "Job" => {
            Ok(Selector::from_document(document))
        }
        "ReplicationController" => Ok(Selector::from_labels(StringMap(&labels))),
        "Service" if labels.is_empty() => {
            Err(error!("invalid service '{name}': Service is defined without a selector"))
        }
        "Service" => Ok(Selector::from_labels(StringMap(&labels))),
        _ => Err(error!("selector for {} not implemented", go_type(object))),
    }
}

/// The best Pod of a selection and how many there are. If there is none yet, waits for one.
pub(crate) async fn first_pod(
    invocation: &Invocation,
    namespace: &str,
    selector: &Selector,
    timeout: Duration,
    preferred: Preferred,
) -> Result<(Value, usize)> {
    let client = invocation.client()?;
    let path = format!("/api/v1/namespaces/{}/pods", encode(namespace));
    let selector = selector.to_string();
    let list = client.value(Call::get(path.clone()).query_if("labelSelector", &selector)).await?;
    let mut pods = list["items"].items().to_vec();
    if !pods.is_empty() {
        let count = pods.len();
        pods.sort_by_key(|pod| rank(Pod::of(pod), preferred));
        return Ok((pods.remove(0), count));
    }
    let version = list["metadata"]["resourceVersion"].as_str().unwrap_or("0").to_owned();
    let call = Call::get(path).query_if("labelSelector", &selector);
    let mut events = client.watch(call.query("resourceVersion", version)).await?;
    let arrival = async {
        while let Some(event) = events.next().await {
            if matches!(event.ty.as_str(), "ADDED" | "MODIFIED") {
                return Some(event.object);
            }
        }
        None
    };
    match race(arrival, invocation.context.sleep(timeout)).await {
        Either::First(Some(pod)) => Ok((pod, 1)),
        Either::First(None) => bail!("watch closed before UntilWithoutRetry timeout"),
        Either::Second(()) => bail!("timed out waiting for the condition"),
    }
}

/// What a Pod is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Preferred {
    /// Its log: one that has restarted has more to tell.
    ToRead,
    /// Something that happens in it: one that has ended is of no use.
    ToEnter,
}

type Rank = (bool, u8, bool, Option<Option<Time>>, i64, Option<Time>);

/// Pods with lower ranks come first.
fn rank(pod: Pod<'_>, preferred: Preferred) -> Rank {
    let ready = pod.status().conditions().find(|condition| condition.type_() == "Ready");
    let ready = ready.filter(|condition| condition.status() == "True");
    let restarts = pod.status().container_statuses().map(|status| status.restart_count()).max();
    let restarts = restarts.unwrap_or(0);
    let (phase, restarts) = match preferred {
        Preferred::ToRead => (
            match pod.status().phase() {
                "Unknown" => 1,
                "Pending" => 2,
                _ => 0,
            },
            -restarts,
        ),
        Preferred::ToEnter => (
            match pod.status().phase() {
                "Running" => 0,
                "Unknown" => 1,
                _ => 2,
            },
            restarts,
        ),
    };
    (
        pod.spec().node_name().is_empty(),
        phase,
        ready.is_none(),
        ready.map(|condition| condition.last_transition_time()),
        restarts,
        pod.metadata().creation_timestamp(),
    )
}

/// The container that a command takes when none was named; says so if there are several.
pub(crate) fn default_container(invocation: &Invocation, pod: Pod<'_>) -> String {
    let name = pod.metadata().name();
    let wanted = pod.metadata().annotations().get(DEFAULT_CONTAINER).unwrap_or_default();
    if !wanted.is_empty() {
        if container_path(pod, wanted).is_some() {
            return wanted.to_owned();
        }
        let wanted = crate::errors::quote(wanted);
        invocation.complain(format!("Default container name {wanted} not found in pod {name}"));
    }
    let names = container_names(pod);
    let first = pod.spec().containers().next().map_or("", |container| container.name()).to_owned();
    if names.len() > 1 {
        let quoted = crate::errors::quote(&first);
        invocation.complain(format!("Defaulted container {quoted} out of: {}", names.join(", ")));
    }
    first
}

/// The names of a Pod's containers, with what they are.
fn container_names(pod: Pod<'_>) -> Vec<String> {
    let spec = pod.spec();
    let regular = spec.containers().map(|container| container.name().to_owned());
    let init = spec.init_containers().map(|container| format!("{} (init)", container.name()));
    let ephemeral = spec.ephemeral_containers();
    let ephemeral = ephemeral.map(|container| format!("{} (ephem)", container.name()));
    regular.chain(init).chain(ephemeral).collect()
}

/// Where a container stands in a Pod: `spec.initContainers{migrate}`.
pub(crate) fn container_path(pod: Pod<'_>, name: &str) -> Option<String> {
    let spec = pod.spec();
    let field = if spec.init_containers().any(|container| container.name() == name) {
        "initContainers"
    } else if spec.containers().any(|container| container.name() == name) {
        "containers"
    } else if spec.ephemeral_containers().any(|container| container.name() == name) {
        "ephemeralContainers"
    } else {
        return None;
    };
    Some(format!("spec.{field}{{{name}}}"))
}
