//! Which Pods of a node may go.

use crate::client::{Call, encode};
use crate::errors::{Error, Result, error};
use crate::invocation::Invocation;
use api::Value;
use std::collections::BTreeMap;

/// What is to become of a Pod.
enum Fate {
    Deleted,
    /// It goes, or stays, and that is to be told.
    Warned {
        goes: bool,
        message: &'static str,
    },
    Left,
    /// It prevents everything.
    Refused(String),
}

/// The Pods of a node.
pub(super) struct PodList(Vec<(Value, Fate)>);

/// `default/web`
pub(super) fn name_of(pod: &Value) -> String {
    let text = |field: &str| pod["metadata"][field].as_str().unwrap_or_default();
    format!("{}/{}", text("namespace"), text("name"))
}

/// Reads the Pods of a node and decides about each.
pub(super) async fn on_node(invocation: &Invocation, node: &str) -> Result<PodList> {
    let mut pods = Vec::new();
    let mut token = String::new();
    loop {
        let mut call = Call::get("/api/v1/pods")
            .query("fieldSelector", format!("spec.nodeName={node}"))
            .query_if("labelSelector", invocation.flags.string("pod-selector"))
            .query_if("continue", &token);
        if invocation.flags.int("chunk-size") > 0 {
            call = call.query("limit", invocation.flags.int("chunk-size").to_string());
        }
        let list = invocation.client()?.value(call).await?;
        for pod in list["items"].items() {
            pods.push((pod.clone(), fate(invocation, pod).await?));
        }
        match list["metadata"]["continue"].as_str() {
            Some(more) if !more.is_empty() => more.clone_into(&mut token),
            _ => return Ok(PodList(pods)),
        }
    }
}

/// The owner that manages a Pod.
fn controller(pod: &Value) -> Option<&Value> {
    let mut owners = pod["metadata"]["ownerReferences"].items().iter();
    owners.find(|owner| owner["controller"] == Value::Bool(true))
}

async fn fate(invocation: &Invocation, pod: &Value) -> Result<Fate> {
    let flags = &invocation.flags;
    let is_over = matches!(pod["status"]["phase"].as_str(), Some("Succeeded" | "Failed"));
    if let Some(owner) = controller(pod).filter(|owner| owner["kind"] == "DaemonSet")
        && !is_over
    {
        let result = daemon_set(invocation, pod, owner).await?;
        if !matches!(result, Fate::Warned { goes: true, .. }) {
            return Ok(result);
        }
    }
    let annotation = crate::commands::common::annotation;
    if annotation(pod, "kubernetes.io/config.mirror").is_some() {
        return Ok(Fate::Left);
    }
    let mut fate = Fate::Deleted;
    let is_local = |volume: &Value| !volume["emptyDir"].is_null();
    if pod["spec"]["volumes"].items().iter().any(is_local) && !is_over {
        if !flags.bool("delete-emptydir-data") && !flags.bool("delete-local-data") {
            let what = "Pods with local storage (use --delete-emptydir-data to override)";
            return Ok(Fate::Refused(what.to_owned()));
        }
        fate = Fate::Warned { goes: true, message: "deleting Pods with local storage" };
    }
    if controller(pod).is_some() || is_over {
        // The last judgement counts.
        return Ok(match fate {
            Fate::Warned { .. } => Fate::Deleted,
            other => other,
        });
    }
    Ok(match flags.bool("force") {
        true => Fate::Warned { goes: true, message: "deleting Pods that declare no controller" },
        false => Fate::Refused("Pods declare no controller (use --force to override)".to_owned()),
    })
}

/// A Pod of a DaemonSet would come back at once.
async fn daemon_set(invocation: &Invocation, pod: &Value, owner: &Value) -> Result<Fate> {
    let namespace = encode(pod["metadata"]["namespace"].as_str().unwrap_or_default());
    let name = encode(owner["name"].as_str().unwrap_or_default());
    let path = format!("/apis/apps/v1/namespaces/{namespace}/daemonsets/{name}");
    match invocation.client()?.value(Call::get(path)).await {
        Err(error) if error.is_not_found() && invocation.flags.bool("force") => {
            return Ok(Fate::Warned { goes: true, message: "deleting orphaned Pods" });
        }
        Err(error) => return Ok(Fate::Refused(error.to_string())),
        Ok(_) => {}
    }
    Ok(match invocation.flags.bool("ignore-daemonsets") {
        true => Fate::Warned { goes: false, message: "ignoring DaemonSet-managed Pods" },
        false => {
            Fate::Refused("DaemonSet-managed Pods (use --ignore-daemonsets to ignore)".to_owned())
        }
    })
}

impl PodList {
    /// The Pods that go.
    pub(super) fn to_delete(&self) -> Vec<Value> {
        let goes = |fate: &Fate| matches!(fate, Fate::Deleted | Fate::Warned { goes: true, .. });
        self.0.iter().filter(|(_, fate)| goes(fate)).map(|(pod, _)| pod.clone()).collect()
    }

    /// The Pods that prevent everything, by reason.
    pub(super) fn check(&self) -> Result {
        let mut refused: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for (pod, fate) in &self.0 {
            if let Fate::Refused(why) = fate {
                refused.entry(why).or_default().push(name_of(pod));
            }
        }
        let errors = refused
            .into_iter()
            .map(|(why, pods)| error!("cannot delete {why}: {}", pods.join(", ")))
            .collect();
        Error::collect(errors)
    }

    /// What had better be known.
    pub(super) fn warnings(&self) -> String {
        let mut warned: Vec<(&str, Vec<String>)> = Vec::new();
        for (pod, fate) in &self.0 {
            let Fate::Warned { message, .. } = fate else { continue };
            match warned.iter_mut().find(|(known, _)| known == message) {
                Some((_, pods)) => pods.push(name_of(pod)),
                None => warned.push((message, vec![name_of(pod)])),
            }
        }
        let texts: Vec<String> = warned
            .iter()
            .map(|(message, pods)| format!("{message}: {}", pods.join(", ")))
            .collect();
        texts.join("; ")
    }
}
