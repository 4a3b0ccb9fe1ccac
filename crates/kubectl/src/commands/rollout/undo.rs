//! `kubectl rollout undo`

use super::{objects, require_resource};
use crate::command::{Command, run};
use crate::commands::common::LAST_APPLIED;
use crate::describe::template_text;
use crate::errors::{Error, Result, bail, error, quote};
use crate::flags::{Flag, shared};
use crate::invocation::Invocation;
use crate::polymorphic::change;
use crate::polymorphic::history::{self, Revision};
use crate::print::{DryRun, Reporter};
use crate::resource::Info;
use api::{Value, list, object};
use apiserver::PatchType;
use std::collections::BTreeMap;
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "undo",
    short: "Undo a previous rollout",
    long: "Roll back to a previous rollout.\n\nExamples:\n  # Roll back to the previous \
           deployment\n  kubectl rollout undo deployment/abc\n  \n  # Roll back to daemonset \
           revision 3\n  kubectl rollout undo daemonset/abc --to-revision=3\n  \n  # Roll back to \
           the previous deployment with dry-run\n  kubectl rollout undo --dry-run=server \
           deployment/abc",
    usage: "undo (TYPE NAME | TYPE/NAME) [flags]",
    flags: &[
        shared::PRINT,
        &[
            shared::DRY_RUN,
            shared::FILENAME_GET,
            shared::KUSTOMIZE,
            shared::RECURSIVE,
            shared::SELECTOR,
            Flag::int(
                "to-revision",
                "0",
                "The revision to rollback to. Default to 0 (last revision).",
            ),
        ],
    ],
    run: run!(undo),
    ..Command::EMPTY
};

/// The annotations that belong to a Deployment and not to one of its revisions.
const KEPT_ANNOTATIONS: [&str; 6] = [
    LAST_APPLIED,
    "deployment.kubernetes.io/revision",
    "deployment.kubernetes.io/revision-history",
    "deployment.kubernetes.io/desired-replicas",
    "deployment.kubernetes.io/max-replicas",
    "deprecated.deployment.rollback.to",
];

/// The label that makes the Pods of ReplicaSets differ.
const TEMPLATE_HASH: &str = "pod-template-hash";

async fn undo(invocation: Rc<Invocation>) -> Result {
    let dry_run = DryRun::read(&invocation)?;
    require_resource(&invocation)?;
    let mut visitor = objects(&invocation).await?;
    let mut errors = Vec::new();
    while let Some(next) = visitor.next().await {
        let result = match next {
            Ok(info) => undo_one(&invocation, &info, dry_run).await,
            Err(error) => Err(error),
        };
        errors.extend(result.err());
    }
    Error::collect(errors)
}

async fn undo_one(invocation: &Rc<Invocation>, info: &Info, dry_run: DryRun) -> Result {
    let wanted = invocation.flags.int("to-revision");
    let revisions = history::revisions(invocation, info, "rollbacker").await?;
    let message = if info.mapping.kind == "Deployment" {
        let found = revision_of_deployment(info, &revisions, wanted)?;
        undo_deployment(invocation, info, found, wanted, dry_run).await?
    } else {
        let found = revision_of_others(&revisions, wanted)?;
        undo_others(invocation, info, found, wanted, dry_run).await?
    };
    Reporter::new(invocation, &message, dry_run)?.report(invocation, &info.object)
}

fn not_found(wanted: i64) -> Error {
    error!("unable to find specified revision {wanted} in history")
}

fn revision_of_deployment<'a>(
    info: &Info,
    revisions: &'a BTreeMap<i64, Revision>,
    wanted: i64,
) -> Result<&'a Revision> {
    match wanted {
        0 => revisions
            .values()
            .nth_back(1)
            .ok_or_else(|| error!("no rollout history found for deployment {}", quote(&info.name))),
        _ => revisions.get(&wanted).ok_or_else(|| not_found(wanted)),
    }
}

fn revision_of_others(revisions: &BTreeMap<i64, Revision>, wanted: i64) -> Result<&Revision> {
    match wanted {
        0 => {
            revisions.values().nth_back(1).ok_or_else(|| error!("no last revision to roll back to"))
        }
        _ => revisions.get(&wanted).ok_or_else(|| not_found(wanted)),
    }
}

fn skipped(wanted: i64) -> String {
    format!("skipped rollback (current template already matches revision {wanted})")
}

fn failed(wanted: i64) -> impl Fn(Error) -> Error {
    move |error| error.in_sentence(&format!("failed restoring revision {wanted}: "))
}

async fn undo_deployment(
    invocation: &Invocation,
    info: &Info,
    revision: &Revision,
    wanted: i64,
    dry_run: DryRun,
) -> Result<String> {
    if dry_run.is_client() {
        return Ok(template_text(&revision.template()));
    }
    if info.object["spec"]["paused"] == Value::Bool(true) {
        bail!(
            "you cannot rollback a paused deployment; resume it first with 'kubectl rollout \
             resume' and try again"
        );
    }
    let template = without_hash(&revision.template());
    if template == without_hash(&change_ready(info)["spec"]["template"]) {
        return Ok(skipped(wanted));
    }
    let patch = list![
        object! { "op": "replace", "path": "/spec/template", "value": template },
        object! {
            "op": "replace",
            "path": "/metadata/annotations",
            "value": annotations(&info.object, &revision.object),
        },
    ];
    let sent = change::send(invocation, info, PatchType::Json, patch, dry_run).await;
    sent.map_err(failed(wanted))?;
    Ok("rolled back".to_owned())
}

fn change_ready(info: &Info) -> Value {
    crate::polymorphic::typed(&info.object)
}

/// The annotations of the revision, with those of the Deployment that are its own.
fn annotations(deployment: &Value, revision: &Value) -> Value {
    let mut annotations = Value::EMPTY_MAP;
    let is_kept = |name: &str| KEPT_ANNOTATIONS.contains(&name);
    for (source, takes_kept) in [(deployment, true), (revision, false)] {
        let Some(map) = source["metadata"]["annotations"].as_map() else { continue };
        for (name, value) in map.iter().filter(|(name, _)| is_kept(name.as_str()) == takes_kept) {
            annotations.make_map().insert(name.clone(), value.clone());
        }
    }
    annotations
}

fn without_hash(template: &Value) -> Value {
    let mut template = template.clone();
    template.update(&"metadata".into(), |metadata| {
        metadata.update(&"labels".into(), |labels| {
            if let Value::Map(map) = labels {
                map.remove_str(TEMPLATE_HASH);
            }
        });
    });
    template
}

async fn undo_others(
    invocation: &Invocation,
    info: &Info,
    revision: &Revision,
    wanted: i64,
    dry_run: DryRun,
) -> Result<String> {
    if dry_run.is_client() {
        return Ok(format!("will roll back to {}", template_text(&revision.template())));
    }
    if change_ready(info)["spec"]["template"] == revision.template() {
        return Ok(skipped(wanted));
    }
    let data = revision.object["data"].clone();
    let sent = change::send(invocation, info, PatchType::Strategic, data, dry_run).await;
    sent.map_err(failed(wanted))?;
    Ok("rolled back".to_owned())
}
