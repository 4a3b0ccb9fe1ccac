//! The one Pod of an object whose log is read.

use crate::client::{Call, encode};
use crate::errors::{Result, bail};
use crate::invocation::Invocation;
use api::core::v1::Pod;
use api::{Value, View};
use shell::{Either, race};
use sim::{Duration, Time};

/// The best Pod of a selection and how many there are. If there is none yet, waits for one.
pub(crate) async fn first_pod(
    invocation: &Invocation,
    namespace: &str,
    selector: &str,
    timeout: Duration,
) -> Result<(Value, usize)> {
    let client = invocation.client()?;
    let path = format!("/api/v1/namespaces/{}/pods", encode(namespace));
    let list = client.value(Call::get(path.clone()).query_if("labelSelector", selector)).await?;
    let mut pods = list["items"].items().to_vec();
    if !pods.is_empty() {
        let count = pods.len();
        pods.sort_by_key(|pod| rank(Pod::of(pod)));
        return Ok((pods.remove(0), count));
    }
    let version = list["metadata"]["resourceVersion"].as_str().unwrap_or("0").to_owned();
    let call = Call::get(path).query_if("labelSelector", selector);
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

/// Pods with lower ranks come first: those that have a node, run, are ready, have been so for
/// long, and have restarted often, for they have more to tell.
type Rank = (bool, u8, bool, Option<Time>, i64, Option<Time>);

fn rank(pod: Pod<'_>) -> Rank {
    let ready = pod.status().conditions().find(|condition| condition.type_() == "Ready");
    let ready = ready.filter(|condition| condition.status() == "True");
    let restarts = pod.status().container_statuses().map(|status| status.restart_count()).max();
    let phase = match pod.status().phase() {
        "Unknown" => 1,
        "Pending" => 2,
        _ => 0,
    };
    (
        pod.spec().node_name().is_empty(),
        phase,
        ready.is_none(),
        ready.and_then(|condition| condition.last_transition_time()),
        -restarts.unwrap_or(0),
        pod.metadata().creation_timestamp(),
    )
}
