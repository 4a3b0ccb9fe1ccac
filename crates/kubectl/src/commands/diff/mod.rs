//! `kubectl diff`

mod mask;
mod versions;

use crate::client::Call;
use crate::command::{Command, run};
use crate::commands::apply::merge::three_way;
use crate::commands::apply::{Pruner, warn_if_deleting};
use crate::commands::common::{
    refuse_arguments, require_files, with_write_parameters, without_last_applied,
};
use crate::errors::{Error, Result};
use crate::flags::{Flag, shared};
use crate::invocation::Invocation;
use crate::print::{DryRun, without_managed_fields};
use crate::resource::{Builder, Info};
use api::{Map, Reason, Value, names};
use apiserver::PatchType;
use std::rc::Rc;
use versions::Versions;

pub static COMMAND: Command = Command {
    name: "diff",
    short: "Diff the live version against a would-be applied version",
    long: include_str!("../../../help/diff.txt"),
    usage: "diff -f FILENAME",
    flags: &[&[
        shared::FIELD_MANAGER_APPLY,
        shared::FORCE_CONFLICTS,
        shared::KUSTOMIZE,
        shared::RECURSIVE,
        shared::SELECTOR,
        shared::SERVER_SIDE,
        Flag::int(
            "concurrency",
            "1",
            "Number of objects to process in parallel when diffing against the live version. \
            Larger number = faster, but more memory, I/O and CPU over that shorter period of \
            time.",
        ),
        Flag::string_slice(
            "filename",
            "",
            "Filename, directory, or URL to files contains the configuration to diff",
        )
        .short('f'),
        Flag::bool(
            "prune",
            "false",
            "Include resources that would be deleted by pruning. Can be used with -l and default \
            shows all resources would be pruned",
        ),
        Flag::string_array(
            "prune-allowlist",
            "",
            "Overwrite the default whitelist with <group/version/kind> for --prune",
        ),
        Flag::bool("show-managed-fields", "false", "If true, include managed fields in the diff."),
    ]],
    run: run!(diff),
    ..Command::EMPTY
};

/// How often an object is looked at that keeps changing.
const ATTEMPTS_MAX: u32 = 4;

/// Exit code 1 means that there are differences, so failures have another one.
async fn diff(invocation: Rc<Invocation>) -> Result {
    match try_diff(&invocation).await {
        Ok(()) => Ok(()),
        Err(error @ Error::Exit(_)) => Err(error),
        Err(error) => {
            let (text, code) = error.report();
            invocation.complain(text.trim_end());
            Err(Error::Exit(code + 1))
        }
    }
}

async fn try_diff(invocation: &Rc<Invocation>) -> Result {
    refuse_arguments(invocation)?;
    require_files(invocation)?;
    let flags = &invocation.flags;
    if flags.bool("force-conflicts") && !flags.bool("server-side") {
        crate::errors::bail!("--force-conflicts only works with --server-side");
    }
    let mut pruner = Pruner::new(invocation).await?;
    let versions = Versions::new(invocation)?;
    let result = write_all(invocation, &versions, &mut pruner).await;
    let result = match result {
        Ok(()) => versions.compare(invocation).await,
        Err(error) => Err(error),
    };
    versions.remove(invocation);
    result
}

async fn write_all(
    invocation: &Rc<Invocation>,
    versions: &Versions,
    pruner: &mut Pruner,
) -> Result {
    let mut visitor =
        Builder::new(invocation).selectors(&invocation.flags).flatten().build().await?;
    while let Some(next) = visitor.next().await {
        let mut info = next?;
        pruner.visit_namespace(&info);
        let local = info.object.clone();
        let (live, merged) = both(invocation, &mut info, &local).await?;
        pruner.visit(&info);
        versions.write(invocation, &info, live.as_ref(), Some(&merged))?;
        warn_if_deleting(invocation, &info);
    }
    for info in pruner.stale(invocation).await? {
        versions.write(invocation, &info, Some(&info.object), None)?;
    }
    Ok(())
}

/// The live object, if there is one, and what `kubectl apply` would make of it.
async fn both(
    invocation: &Invocation,
    info: &mut Info,
    local: &Value,
) -> Result<(Option<Value>, Value)> {
    let client = invocation.client()?;
    let mut attempt = 1;
    loop {
        let live = match client.value(info.get_call("")?).await {
            Ok(live) => {
                info.refresh(live.clone());
                Some(live)
            }
            Err(error) if error.is_not_found() => None,
            Err(error) => return Err(error),
        };
        let is_locked = attempt < ATTEMPTS_MAX;
        match merged(invocation, info, local, live.as_ref(), is_locked).await {
            Err(error) if error.is(Reason::Conflict) && is_locked => attempt += 1,
            Err(error) => return Err(error),
            Ok(merged) => return Ok((live, merged)),
        }
    }
}

async fn merged(
    invocation: &Invocation,
    info: &Info,
    local: &Value,
    live: Option<&Value>,
    is_locked: bool,
) -> Result<Value> {
    let client = invocation.client()?;
    let parameters = |call: Call| with_write_parameters(call, invocation, DryRun::Server);
    if invocation.flags.bool("server-side") {
        let force = invocation.flags.bool("force-conflicts");
        let call = Call::patch(info.path(""), PatchType::Apply, local.clone())
            .query("force", if force { "true" } else { "false" });
        return client.value(parameters(call)).await;
    }
    let Some(live) = live else {
        let info = Info { object: local.clone(), ..info.clone() };
        return client.value(parameters(info.create_call())).await;
    };
    let modified = without_last_applied(local);
    let (ty, mut patch) = three_way(info, live, &modified, true)?;
    if patch.as_map().is_some_and(Map::is_empty) {
        return Ok(live.clone());
    }
    if is_locked {
        let version = live.get(&names::METADATA).get(&names::RESOURCE_VERSION).clone();
        patch.entry(&names::METADATA).make_map().insert(&names::RESOURCE_VERSION, version);
    }
    let patched = client.value(parameters(Call::patch(info.path(""), ty, patch))).await;
    patched.map_err(|error| error.with_source("patching", &info.source))
}

/// An object as the difference shows it.
fn visible(invocation: &Invocation, object: &Value) -> Value {
    match invocation.flags.bool("show-managed-fields") {
        true => object.clone(),
        false => without_managed_fields(object),
    }
}
