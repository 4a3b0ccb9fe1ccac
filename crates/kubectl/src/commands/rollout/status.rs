//! `kubectl rollout status`

use super::{complain_of_nothing, objects, require_resource};
use crate::client::{Call, resource_path};
use crate::command::{Command, run};
use crate::errors::{Result, bail, quote};
use crate::flags::{Flag, shared};
use crate::invocation::Invocation;
use crate::polymorphic::history::revision_of;
use crate::resource::Info;
use api::Value;
use shell::{Either, race};
use sim::Duration;
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "status",
    short: "Show the status of the rollout",
    long: "Show the status of the rollout.\n\n By default 'rollout status' will watch the status \
           of the latest rollout until it's done. If you don't want to wait for the rollout to \
           finish then you can use --watch=false. Note that if a new rollout starts in-between, \
           then 'rollout status' will continue watching the latest revision. If you want to pin \
           to a specific revision and abort if it is rolled over by another revision, use \
           --revision=N where N is the revision you need to watch for.\n\nExamples:\n  # Watch \
           the rollout status of a deployment\n  kubectl rollout status deployment/nginx",
    usage: "status (TYPE NAME | TYPE/NAME) [flags]",
    flags: &[&[
        shared::FILENAME_GET,
        shared::KUSTOMIZE,
        shared::RECURSIVE,
        shared::SELECTOR,
        Flag::int(
            "revision",
            "0",
            "Pin to a specific revision for showing its status. Defaults to 0 (last revision).",
        ),
        Flag::duration(
            "timeout",
            "0s",
            "The length of time to wait before ending watch, zero means never. Any other values \
            should contain a corresponding time unit (e.g. 1s, 2m, 3h).",
        ),
        Flag::bool("watch", "true", "Watch the status of the rollout until it's done.").short('w'),
    ]],
    run: run!(status),
    ..Command::EMPTY
};

async fn status(invocation: Rc<Invocation>) -> Result {
    require_resource(&invocation)?;
    let revision = invocation.flags.int("revision");
    if revision < 0 {
        bail!("revision must be a positive integer: {revision}");
    }
    let infos = objects(&invocation).await?.infos().await?;
    if infos.is_empty() {
        return complain_of_nothing(&invocation);
    }
    for info in &infos {
        let timeout = invocation.flags.int("timeout");
        if timeout <= 0 {
            follow(&invocation, info, revision).await?;
            continue;
        }
        let limit = Duration::from_nanos(timeout.unsigned_abs());
        let work = follow(&invocation, info, revision);
        match race(work, invocation.context.sleep(limit)).await {
            Either::First(result) => result?,
            Either::Second(()) => bail!("timed out waiting for the condition"),
        }
    }
    Ok(())
}

/// How far a rollout is: the line to print, and whether it is done.
type Progress = Result<(String, bool)>;

fn viewer(info: &Info) -> Result<fn(&Value, i64) -> Progress> {
    match (info.mapping.group.as_str(), info.mapping.kind.as_str()) {
        ("apps" | "extensions", "Deployment") => Ok(deployment),
        ("apps" | "extensions", "DaemonSet") => Ok(daemon_set),
        ("apps", "StatefulSet") => Ok(stateful_set),
        (group, kind) => bail!(
            "no status viewer has been implemented for {}",
            crate::discovery::join_group(kind, group)
        ),
    }
}

/// Prints a line for each state of the object until the rollout is done.
async fn follow(invocation: &Invocation, info: &Info, revision: i64) -> Result {
    let view = viewer(info)?;
    let selector = format!("metadata.name={}", info.name);
    let path = resource_path(&info.mapping, &info.namespace, "", "");
    let client = invocation.client()?;
    let list = Call::get(path.clone()).query("fieldSelector", selector.clone());
    let list = client.value(list).await?;
    for object in list["items"].items() {
        if show(invocation, view, object, revision)? {
            return Ok(());
        }
    }
    let version = list["metadata"]["resourceVersion"].as_str().unwrap_or("0");
    let call = Call::get(path)
        .query("fieldSelector", selector)
        .query("resourceVersion", version.to_owned());
    let mut events = client.watch(call).await?;
    loop {
        // What has been printed is seen while we wait.
        let _ = invocation.context.flush().await;
        let Some(event) = events.next().await else {
            bail!("watch closed before UntilWithoutRetry timeout");
        };
        match event.ty.as_str() {
            "ADDED" | "MODIFIED" if show(invocation, view, &event.object, revision)? => {
                return Ok(());
            }
            "DELETED" => bail!("object has been deleted"),
            "ERROR" => return Err(api::Status::from_value(500, &event.object).into()),
            _ => {}
        }
    }
}

fn show(
    invocation: &Invocation,
    view: fn(&Value, i64) -> Progress,
    object: &Value,
    revision: i64,
) -> Result<bool> {
    let (line, is_done) = view(object, revision)?;
    invocation.print(line);
    Ok(is_done || !invocation.flags.bool("watch"))
}

/// A number of the status, or of the specification; 0 if it is not there.
fn number(object: &Value, part: &str, field: &str) -> i64 {
    object[part][field].as_i64().unwrap_or(0)
}

fn is_observed(object: &Value) -> bool {
    number(object, "metadata", "generation") <= number(object, "status", "observedGeneration")
}

fn name(object: &Value) -> String {
    quote(object["metadata"]["name"].as_str().unwrap_or_default())
}

fn deployment(object: &Value, revision: i64) -> Progress {
    let name = name(object);
    if revision > 0 {
        let found = revision_of(object).map_err(|why| {
            why.wrapped(&format!("cannot get the revision of deployment {name}: "))
        })?;
        if found != revision {
            bail!("desired revision ({revision}) is different from the running revision ({found})");
        }
    }
    if !is_observed(object) {
        return Ok(("Waiting for deployment spec update to be observed...".to_owned(), false));
    }
    let is_late = |condition: &Value| {
        condition["type"] == "Progressing" && condition["reason"] == "ProgressDeadlineExceeded"
    };
    if object["status"]["conditions"].items().iter().any(is_late) {
        bail!("deployment {name} exceeded its progress deadline");
    }
    let wanted = number(object, "spec", "replicas");
    let status = |field| number(object, "status", field);
    let (total, updated) = (status("replicas"), status("updatedReplicas"));
    let available = status("availableReplicas");
    let what = if updated < wanted {
        format!("{updated} out of {wanted} new replicas have been updated...")
    } else if total > updated {
        format!("{} old replicas are pending termination...", total - updated)
    } else if available < updated {
        format!("{available} of {updated} updated replicas are available...")
    } else {
        return Ok((format!("deployment {name} successfully rolled out"), true));
    };
    Ok((format!("Waiting for deployment {name} rollout to finish: {what}"), false))
}

/// Only rolling updates have a status.
fn check_strategy(object: &Value) -> Result {
    if object["spec"]["updateStrategy"]["type"] != "RollingUpdate" {
        bail!("rollout status is only available for RollingUpdate strategy type");
    }
    Ok(())
}

fn daemon_set(object: &Value, _: i64) -> Progress {
    check_strategy(object)?;
    let name = name(object);
    if !is_observed(object) {
        return Ok(("Waiting for daemon set spec update to be observed...".to_owned(), false));
    }
    let status = |field| number(object, "status", field);
    let wanted = status("desiredNumberScheduled");
    let (updated, available) = (status("updatedNumberScheduled"), status("numberAvailable"));
    let what = if updated < wanted {
        format!("{updated} out of {wanted} new pods have been updated...")
    } else if available < wanted {
        format!("{available} of {wanted} updated pods are available...")
    } else {
        return Ok((format!("daemon set {name} successfully rolled out"), true));
    };
    Ok((format!("Waiting for daemon set {name} rollout to finish: {what}"), false))
}

fn stateful_set(object: &Value, _: i64) -> Progress {
    check_strategy(object)?;
    let status = |field| number(object, "status", field);
    if status("observedGeneration") == 0 || !is_observed(object) {
        return Ok(("Waiting for statefulset spec update to be observed...".to_owned(), false));
    }
    let wanted = number(object, "spec", "replicas");
    let (ready, updated) = (status("readyReplicas"), status("updatedReplicas"));
    if ready < wanted {
        return Ok((format!("Waiting for {} pods to be ready...", wanted - ready), false));
    }
    let rolling = &object["spec"]["updateStrategy"]["rollingUpdate"];
    if !rolling.is_null() {
        let wanted = rolling["partition"].as_i64().map(|partition| wanted - partition);
        return Ok(match wanted {
            Some(wanted) if updated < wanted => (
                format!(
                    "Waiting for partitioned roll out to finish: {updated} out of {wanted} new \
                     pods have been updated..."
                ),
                false,
            ),
            _ => (
                format!("partitioned roll out complete: {updated} new pods have been updated..."),
                true,
            ),
        });
    }
    let revision = |field: &str| object["status"][field].as_str().unwrap_or_default();
    let (update, current) = (revision("updateRevision"), revision("currentRevision"));
    if update != current {
        let line = format!(
            "waiting for statefulset rolling update to complete {updated} pods at revision \
             {update}..."
        );
        return Ok((line, false));
    }
    let count = status("currentReplicas");
    let line = format!("statefulset rolling update complete {count} pods at revision {current}...");
    Ok((line, true))
}
