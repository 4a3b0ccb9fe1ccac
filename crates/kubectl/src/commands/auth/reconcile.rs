//! `kubectl auth reconcile`

use crate::client::Call;
use crate::command::{Command, run};
use crate::commands::common::{require_files, with_write_parameters};
use crate::errors::{Error, Result, bail};
use crate::flags::{Flag, shared};
use crate::invocation::Invocation;
use crate::print::{DryRun, Order, Reporter};
use crate::resource::{Builder, Info};
use api::{List, Value};
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "reconcile",
    short: "Reconciles rules for RBAC role, role binding, cluster role, and cluster role binding \
            objects",
    long: include_str!("../../../help/auth-reconcile.txt"),
    usage: "reconcile -f FILENAME",
    flags: &[
        shared::PRINT,
        &[
            shared::DRY_RUN,
            shared::FILENAME_IDENTIFYING.with_usage(
                "Filename, directory, or URL to files identifying the resource to reconcile.",
            ),
            shared::KUSTOMIZE,
            shared::RECURSIVE,
            Flag::bool(
                "remove-extra-permissions",
                "false",
                "If true, removes extra permissions added to roles",
            ),
            Flag::bool(
                "remove-extra-subjects",
                "false",
                "If true, removes extra subjects added to rolebindings",
            ),
        ],
    ],
    run: run!(reconcile),
    ..Command::EMPTY
};

async fn reconcile(invocation: Rc<Invocation>) -> Result {
    require_files(&invocation)?;
    let dry_run = DryRun::read(&invocation)?;
    let mut reporter = Reporter::new(&invocation, "reconciled", dry_run)?;
    let mut visitor = Builder::new(&invocation).flatten().build().await?;
    let mut errors = Vec::new();
    while let Some(next) = visitor.next().await {
        let result = match next {
            Ok(info) => reconcile_one(&invocation, info, dry_run, &mut reporter).await,
            Err(error) => Err(error),
        };
        errors.extend(result.err());
    }
    Error::collect(errors)
}

/// The list of an object that is reconciled, and the flag that lets it shrink.
fn list_of(kind: &str) -> Option<(&'static str, &'static str)> {
    match kind {
        "Role" | "ClusterRole" => Some(("rules", "remove-extra-permissions")),
        "RoleBinding" | "ClusterRoleBinding" => Some(("subjects", "remove-extra-subjects")),
        _ => None,
    }
}

async fn reconcile_one(
    invocation: &Rc<Invocation>,
    mut info: Info,
    dry_run: DryRun,
    reporter: &mut Reporter,
) -> Result {
    let Some((list, flag)) = list_of(&info.mapping.kind) else {
        bail!("only RBAC objects can be reconciled, not {}", info.mapping.kind_text());
    };
    let client = invocation.client()?;
    let existing = match client.value(Call::get(info.path(""))).await {
        Ok(existing) => Some(existing),
        Err(error) if error.is_not_found() => None,
        Err(error) => return Err(error),
    };
    let wanted = info.object[list].items().to_vec();
    let (operation, missing) = match &existing {
        None => ("create", wanted),
        Some(existing) => {
            let known = existing[list].items().to_vec();
            let missing: Vec<Value> =
                wanted.iter().filter(|item| !known.contains(item)).cloned().collect();
            let mut kept = known.clone();
            if invocation.flags.bool(flag) {
                kept.retain(|item| wanted.contains(item));
            }
            let is_same = missing.is_empty() && kept == known;
            kept.extend(missing.iter().cloned());
            let mut merged = existing.clone();
            merged.make_map().insert(list, Value::List(kept.into_iter().collect::<List>()));
            info.object = merged;
            (if is_same { "" } else { "update" }, missing)
        }
    };
    if !dry_run.is_client() && !operation.is_empty() {
        let call = match existing {
            None => Call::post(info.collection_path(), info.object.clone()),
            Some(_) => Call::put(info.path(""), info.object.clone()),
        };
        let call = with_write_parameters(call, invocation, dry_run);
        let stored = client.value(call).await?;
        info.refresh(stored);
    }
    reporter.report_in(invocation, &info.object, Order::Typed)?;
    if !operation.is_empty() && !reporter.prints_objects() {
        explain(invocation, operation, list, &missing);
    }
    Ok(())
}

fn explain(invocation: &Invocation, operation: &str, list: &str, missing: &[Value]) {
    invocation.print(format!("\treconciliation required {operation}"));
    if missing.is_empty() {
        return;
    }
    invocation.print(format!("\tmissing {list} added:"));
    let texts = |value: &Value| crate::discovery::texts(value).join(" ");
    for item in missing {
        let text = match list {
            "rules" => format!(
                "{{Verbs:[{}] APIGroups:[{}] Resources:[{}] ResourceNames:[{}] \
                 NonResourceURLs:[{}]}}",
                texts(&item["verbs"]),
                texts(&item["apiGroups"]),
                texts(&item["resources"]),
                texts(&item["resourceNames"]),
                texts(&item["nonResourceURLs"])
            ),
            _ => {
                let text = |field: &str| item[field].as_str().unwrap_or_default().to_owned();
                format!(
                    "{{Kind:{} APIGroup:{} Name:{} Namespace:{}}}",
                    text("kind"),
                    text("apiGroup"),
                    text("name"),
                    text("namespace")
                )
            }
        };
        invocation.print(format!("\t\t{text}"));
    }
}
