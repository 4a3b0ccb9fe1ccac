//! `kubectl scale`

use super::record;
use crate::client::Call;
use crate::command::{Command, run};
use crate::errors::{Error, Result, bail, error};
use crate::flags::{Flag, shared};
use crate::invocation::Invocation;
use crate::print::{DryRun, Order, Reporter};
use crate::resource::{Builder, Info};
use api::{Reason, Value, object};
use apiserver::PatchType;
use sim::Duration;
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "scale",
    short: "Set a new size for a deployment, replica set, or replication controller",
    long: include_str!("../../help/scale.txt"),
    usage: "scale [--resource-version=version] [--current-replicas=count] --replicas=COUNT (-f \
            FILENAME | TYPE NAME)",
    flags: &[
        shared::PRINT,
        &[
            shared::ALL_OF_TYPES,
            shared::DRY_RUN,
            shared::KUSTOMIZE,
            shared::RECORD,
            shared::RECURSIVE,
            shared::SELECTOR,
            Flag::int(
                "current-replicas",
                "-1",
                "Precondition for current size. Requires that the current size of the resource \
                match this value in order to scale. -1 (default) for no condition.",
            ),
            Flag::string_slice(
                "filename",
                "",
                "Filename, directory, or URL to files identifying the resource to set a new size",
            )
            .short('f'),
            Flag::int("replicas", "0", "The new desired number of replicas. Required.").required(),
            Flag::string(
                "resource-version",
                "",
                "Precondition for resource version. Requires that the current resource version \
                match this value in order to scale.",
            ),
            Flag::duration(
                "timeout",
                "0s",
                "The length of time to wait before giving up on a scale operation, zero means \
                don't wait. Any other values should contain a corresponding time unit (e.g. 1s, \
                2m, 3h).",
            ),
        ],
    ],
    run: run!(scale),
    ..Command::EMPTY
};

/// How often a conflict is tried again, and a size waited for.
const INTERVAL: Duration = Duration::from_secs(1);
/// How long conflicts are tried again.
const CONFLICT_TIMEOUT: Duration = Duration::from_secs(5 * 60);

async fn scale(invocation: Rc<Invocation>) -> Result {
    let flags = &invocation.flags;
    let dry_run = DryRun::read(&invocation)?;
    let mut reporter = Reporter::new(&invocation, "scaled", dry_run)?;
    if flags.int("replicas") < 0 {
        bail!(
            "The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0"
        );
    }
    if flags.int("current-replicas") < -1 {
        bail!("The --current-replicas must specify an integer of -1 or greater");
    }
    let visitor = Builder::new(&invocation)
        .selectors(flags)
        .arguments(&invocation.arguments)
        .all(flags.bool("all"))
        .flatten()
        .build()
        .await?;
    let (infos, errors) = visitor.all().await;
    if !flags.string("resource-version").is_empty() && infos.len() > 1 {
        bail!("cannot use --resource-version with multiple resources");
    }
    if infos.is_empty() {
        bail!("no objects passed to scale");
    }
    for info in &infos {
        if !dry_run.is_client() {
            scale_one(&invocation, info, dry_run).await?;
            record_cause(&invocation, info).await?;
        }
        reporter.report_in(&invocation, &info.object, Order::ByName)?;
    }
    Error::collect(errors)
}

async fn scale_one(invocation: &Invocation, info: &Info, dry_run: DryRun) -> Result {
    let started = invocation.context.now();
    loop {
        match set_size(invocation, info, dry_run).await {
            Err(error) if error.is(Reason::Conflict) => {}
            Err(error) => return Err(error),
            Ok(()) => break,
        }
        if invocation.context.now().since(started) >= CONFLICT_TIMEOUT {
            bail!("timed out waiting for the condition");
        }
        invocation.context.sleep(INTERVAL).await;
    }
    let timeout = invocation.flags.int("timeout");
    if timeout > 0 && dry_run == DryRun::None {
        return wait_for_size(invocation, info, Duration::from_nanos(timeout.unsigned_abs())).await;
    }
    Ok(())
}

async fn set_size(invocation: &Invocation, info: &Info, dry_run: DryRun) -> Result {
    let flags = &invocation.flags;
    info.check_name()?;
    let client = invocation.client()?;
    let path = info.path("scale");
    let replicas = flags.int("replicas");
    let (size, version) = (flags.int("current-replicas"), flags.string("resource-version"));
    let call = if size == -1 && version.is_empty() {
        let patch = object! { "spec": object! { "replicas": replicas } };
        Call::patch(path, PatchType::Merge, patch)
    } else {
        let mut scale = client.value(Call::get(path.clone())).await?;
        let found = scale["spec"]["replicas"].as_i64().unwrap_or(0);
        if size >= 0 && found != size {
            bail!("Expected replicas to be {size}, was {found}");
        }
        let found = scale["metadata"]["resourceVersion"].as_str().unwrap_or_default();
        if !version.is_empty() && found != version {
            bail!("Expected resource version to be {version}, was {found}");
        }
        scale.entry(&"spec".into()).make_map().insert("replicas", replicas);
        Call::put(path, scale)
    };
    client.value(call.query_if("dryRun", dry_run.parameter())).await.map(drop)
}

async fn wait_for_size(invocation: &Invocation, info: &Info, timeout: Duration) -> Result {
    let wanted = invocation.flags.int("replicas");
    let started = invocation.context.now();
    loop {
        let scale = invocation.client()?.value(Call::get(info.path("scale"))).await?;
        let (spec, status) = (&scale["spec"]["replicas"], &scale["status"]["replicas"]);
        let spec = spec.as_i64().unwrap_or(0);
        // Somebody else may want another size by now; then there is nothing to wait for.
        if spec != wanted || status.as_i64().unwrap_or(0) == spec {
            return Ok(());
        }
        if invocation.context.now().since(started) + INTERVAL > timeout {
            return Err(error!(
                "timed out waiting for {} to be synced",
                crate::errors::quote(&info.name)
            ));
        }
        invocation.context.sleep(INTERVAL).await;
    }
}

/// What `--record` adds is a change of its own; that it fails is not told.
async fn record_cause(invocation: &Invocation, info: &Info) -> Result {
    if !invocation.flags.bool("record") {
        return Ok(());
    }
    let mut patch = Value::EMPTY_MAP;
    record::record(invocation, &mut patch);
    let call = Call::patch(info.path(""), PatchType::Merge, patch);
    let _ = invocation.client()?.value(call).await;
    Ok(())
}
