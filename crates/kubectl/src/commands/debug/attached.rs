//! Staying with the new container.

use crate::commands::attach::attach_to;
use crate::errors::{Error, Result};
use crate::invocation::Invocation;
use crate::remote::{logs, watch_pod};
use api::Value;
use sim::Duration;

/// Nobody gives up waiting for the container: a week stands for ever.
const TIMEOUT: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Attaches as soon as the container runs, or reads the log of one that is over already.
pub(super) async fn attach(invocation: &Invocation, pod: &Value, container: &str) -> Result {
    let has_started = |pod: &Value| {
        let state = state(pod, container);
        if let Some(message) = state["waiting"]["message"].as_str()
            && !invocation.flags.bool("quiet")
        {
            invocation.warn(&format!("container {container}: {message}"));
        }
        !state["running"].is_null() || !state["terminated"].is_null()
    };
    let pod = watch_pod(invocation, pod, TIMEOUT, has_started).await?;
    if !state(&pod, container)["terminated"].is_null() {
        return logs(invocation, &pod, container).await;
    }
    match attach_to(invocation, &pod, container).await {
        Err(why) if !matches!(why, Error::Exit(_)) => {
            let name = pod["metadata"]["name"].as_str().unwrap_or_default();
            invocation.complain(format!(
                "warning: couldn't attach to pod/{name}, falling back to streaming logs: {why}"
            ));
            logs(invocation, &pod, container).await
        }
        other => other,
    }
}

/// The state of a container of any sort.
fn state<'a>(pod: &'a Value, container: &str) -> &'a Value {
    let lists = ["containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"];
    let mut all = lists.iter().flat_map(|list| pod["status"][*list].items());
    match all.find(|status| status["name"] == container) {
        Some(status) => &status["state"],
        None => &Value::Null,
    }
}
