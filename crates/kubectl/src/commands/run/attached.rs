//! `kubectl run -i`, `--attach` and `--rm`: staying with the Pod until it ends.

use crate::client::Call;
use crate::commands::attach::attach_to;
use crate::errors::{Error, Result, quote};
use crate::invocation::Invocation;
use crate::remote::{container_or_default, logs, pod_path, watch_pod};
use api::{Value, object};
use sim::Duration;

/// Attaches to the Pod; completes when nobody is attached any more.
pub(super) async fn run(
    invocation: &Invocation,
    pod: &Value,
    service: Option<&Value>,
    timeout: Duration,
) -> Result {
    let end = stay(invocation, pod, timeout).await;
    if invocation.flags.bool("rm") {
        remove(invocation, pod, "pod").await;
        if let Some(service) = service {
            remove(invocation, service, "service").await;
        }
    }
    match end? {
        Some(pod) => Err(failure(invocation, &pod)),
        None => Ok(()),
    }
}

/// Waits for the Pod's end; gives it if it failed.
async fn stay(invocation: &Invocation, pod: &Value, timeout: Duration) -> Result<Option<Value>> {
    follow(invocation, pod, timeout).await?;
    let flags = &invocation.flags;
    let succeeds_only = match flags.string("restart") {
        "Never" => false,
        "OnFailure" => true,
        _ => return Ok(None),
    };
    if flags.bool("leave-stdin-open") {
        return Ok(None);
    }
    let is_over = |pod: &Value| {
        let phase = phase(pod);
        phase == "Succeeded" || (phase == "Failed" && !succeeds_only)
    };
    let pod = watch_pod(invocation, pod, timeout, is_over).await?;
    Ok((phase(&pod) == "Failed").then_some(pod))
}

fn phase(pod: &Value) -> &str {
    pod["status"]["phase"].as_str().unwrap_or_default()
}

/// Attaches to a Pod as soon as it is ready, or reads the log of one that is over already.
pub(crate) async fn follow(invocation: &Invocation, pod: &Value, timeout: Duration) -> Result {
    let is_ready =
        |condition: &Value| condition["type"] == "Ready" && condition["status"] == "True";
    let can_attach = |pod: &Value| match phase(pod) {
        "Succeeded" | "Failed" => true,
        "Running" => pod["status"]["conditions"].items().iter().any(is_ready),
        _ => false,
    };
    let pod = watch_pod(invocation, pod, timeout, can_attach).await?;
    if phase(&pod) == "Running" {
        match attach_to(invocation, &pod, "").await {
            Err(why) if !matches!(why, Error::Exit(_)) => {
                let name = pod["metadata"]["name"].as_str().unwrap_or_default();
                invocation.complain(format!(
                    "warning: couldn't attach to pod/{name}, falling back to streaming logs: {why}"
                ));
            }
            other => return other,
        }
    }
    let is_quiet = invocation.flags.bool("quiet");
    let container = container_or_default(invocation, &pod, "", is_quiet)?;
    logs(invocation, &pod, container["name"].as_str().unwrap_or_default()).await
}

/// The exit code of the program, with what is known of its end.
fn failure(invocation: &Invocation, pod: &Value) -> Error {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let metadata = &pod["metadata"];
    let name = format!("{}/{}", text(&metadata["namespace"]), text(&metadata["name"]));
    let state = &pod["status"]["containerStatuses"][0]["state"]["terminated"];
    match state["exitCode"].as_i64().and_then(|code| i32::try_from(code).ok()) {
        Some(code) if code != 0 => {
            let (reason, message) = (text(&state["reason"]), text(&state["message"]));
            invocation.complain(format!("pod {name} terminated ({reason})\n{message}"));
            Error::Exit(code)
        }
        _ => Error::Other(format!("pod {name} failed with unknown exit code")),
    }
}

/// `--rm`
async fn remove(invocation: &Invocation, object: &Value, kind: &str) {
    let name = object["metadata"]["name"].as_str().unwrap_or_default();
    if let Err(error) = try_remove(invocation, object, kind).await
        && !error.is_not_found()
    {
        invocation.complain(error.report().0);
        return;
    }
    if !invocation.flags.bool("quiet") {
        invocation.print(format!("{kind} {} deleted", quote(name)));
    }
}

async fn try_remove(invocation: &Invocation, object: &Value, kind: &str) -> Result {
    let path = match kind {
        "pod" => pod_path(object, ""),
        _ => pod_path(object, "").replace("/pods/", "/services/"),
    };
    let options = object! {
        "kind": "DeleteOptions",
        "apiVersion": "v1",
        "propagationPolicy": "Background",
    };
    invocation.client()?.value(Call::delete(path, options)).await.map(drop)
}
