//! The revisions of a workload: ReplicaSets of a Deployment, ControllerRevisions of others.

use super::typed;
use crate::client::Call;
use crate::commands::common::annotation;
use crate::commands::record::CHANGE_CAUSE;
use crate::errors::{Result, bail, error, quote};
use crate::invocation::Invocation;
use crate::print::TabWriter;
use crate::print::typed_json::type_of;
use crate::resource::Info;
use api::labels::Selector;
use api::{Value, patch};
use std::collections::BTreeMap;

/// The annotation that numbers ReplicaSets.
const REVISION: &str = "deployment.kubernetes.io/revision";

/// A revision of a workload.
#[derive(Clone, Debug)]
pub(crate) struct Revision {
    /// The ReplicaSet or ControllerRevision.
    pub(crate) object: Value,
    /// The workload as it was; the ReplicaSet for a Deployment.
    pub(crate) applied: Value,
}

impl Revision {
    /// The template of its Pods.
    pub(crate) fn template(&self) -> Value {
        self.applied["spec"]["template"].clone()
    }

    /// What led to it.
    pub(crate) fn cause(&self) -> &str {
        annotation(&self.object, CHANGE_CAUSE).unwrap_or_default()
    }
}

/// The number in a Deployment's or ReplicaSet's annotation; 0 without one.
pub(crate) fn revision_of(object: &Value) -> Result<i64> {
    let Some(text) = annotation(object, REVISION) else { return Ok(0) };
    text.parse().map_err(|_| error!("strconv.ParseInt: parsing {}: invalid syntax", quote(text)))
}

/// All revisions of a workload by number. `what` says who needs them, for the error of a kind that
/// has none.
pub(crate) async fn revisions(
    invocation: &Invocation,
    info: &Info,
    what: &str,
) -> Result<BTreeMap<i64, Revision>> {
    let (group, kind) = (info.mapping.group.as_str(), info.mapping.kind.as_str());
    match (group, kind) {
        ("apps" | "extensions", "Deployment") => replica_sets(invocation, info).await,
        ("apps" | "extensions", "DaemonSet") | ("apps", "StatefulSet") => {
            controller_revisions(invocation, info).await
        }
        (_, "Pod" | "ReplicaSet" | "ReplicationController" | "Job" | "CronJob") => {
            let kind = quote(&crate::discovery::join_group(kind, group));
            bail!("no {what} has been implemented for {kind}")
        }
        _ => {
            let name = quote(&crate::discovery::join_group(kind, group));
            let what = what.split(' ').next().unwrap_or_default();
            bail!(
                "error retrieving {what} for {name}, no visitor method exists for {{{group} {kind}}}"
            )
        }
    }
}

/// The objects of a collection of `apps/v1` that the workload controls.
async fn controlled(invocation: &Invocation, info: &Info, resource: &str) -> Result<Vec<Value>> {
    let namespace = crate::client::encode(&info.namespace);
    let path = format!("/apis/apps/v1/namespaces/{namespace}/{resource}");
    let selector = Selector::from_document(&info.object["spec"]["selector"]).to_string();
    let call = Call::get(path).query_if("labelSelector", &selector);
    let list = invocation.client()?.value(call).await?;
    let uid = info.object["metadata"]["uid"].as_str().unwrap_or_default();
    let is_owner = |owner: &Value| owner["controller"] == Value::Bool(true) && owner["uid"] == uid;
    let is_ours =
        |object: &&Value| object["metadata"]["ownerReferences"].items().iter().any(is_owner);
    let kind = list["kind"].as_str().unwrap_or_default().trim_end_matches("List").to_owned();
    let with_type = |object: &Value| {
        let mut object = object.clone();
        object.set_default(&"apiVersion".into(), "apps/v1");
        object.set_default(&"kind".into(), kind.clone());
        typed(&object)
    };
    Ok(list["items"].items().iter().filter(is_ours).map(with_type).collect())
}

async fn replica_sets(invocation: &Invocation, info: &Info) -> Result<BTreeMap<i64, Revision>> {
    let sets = controlled(invocation, info, "replicasets").await.map_err(|error| {
        let name = &info.name;
        error.in_sentence(&format!("failed to retrieve replica sets from deployment {name}: "))
    })?;
    let mut revisions = BTreeMap::new();
    for set in sets {
        // A number that makes no sense counts as none.
        let Ok(number) = revision_of(&set) else { continue };
        revisions.insert(number, Revision { object: set.clone(), applied: set });
    }
    Ok(revisions)
}

async fn controller_revisions(
    invocation: &Invocation,
    info: &Info,
) -> Result<BTreeMap<i64, Revision>> {
    let mut revisions = BTreeMap::new();
    for object in controlled(invocation, info, "controllerrevisions").await? {
        let number = object["revision"].as_i64().unwrap_or(0);
        let applied = apply(&info.object, &object["data"])?;
        revisions.insert(number, Revision { object, applied });
    }
    Ok(revisions)
}

/// A workload with the template of a ControllerRevision.
fn apply(object: &Value, data: &Value) -> Result<Value> {
    let object = typed(object);
    match type_of(&object) {
        Some(ty) => {
            let applied = patch::strategic_merge(&object, data, ty);
            applied.map(|applied| typed(&applied)).map_err(|why| error!("{why}"))
        }
        None => Ok(object),
    }
}

/// The table of `rollout history`.
pub(crate) fn table(revisions: &BTreeMap<i64, Revision>) -> String {
    if revisions.is_empty() {
        return "No rollout history found.".to_owned();
    }
    let mut writer = TabWriter::for_descriptions();
    writer.row(["REVISION", "CHANGE-CAUSE"]);
    for (number, revision) in revisions {
        let cause = match revision.cause() {
            "" => "<none>",
            cause => cause,
        };
        writer.row([number.to_string().as_str(), cause]);
    }
    writer.flush()
}
