//! `kubectl drain`, `kubectl cordon` and `kubectl uncordon`

mod cordon;
mod evict;
mod pods;

pub(crate) use cordon::{COMMAND as CORDON, UNCORDON};

use crate::command::{Command, run};
use crate::errors::{Error, Result, bail, quote};
use crate::flags::{Flag, shared};
use crate::invocation::Invocation;
use crate::print::{DryRun, Reporter};
use crate::resource::Info;
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "drain",
    short: "Drain node in preparation for maintenance",
    long: include_str!("../../../help/drain.txt"),
    usage: "drain NODE",
    flags: &[&[
        shared::CHUNK_SIZE,
        shared::DRY_RUN,
        shared::SELECTOR,
        Flag::bool(
            "delete-emptydir-data",
            "false",
            "Continue even if there are pods using emptyDir (local data that will be deleted when \
            the node is drained).",
        ),
        Flag::bool(
            "delete-local-data",
            "false",
            "Continue even if there are pods using emptyDir (local data that will be deleted when \
            the node is drained).",
        )
        .deprecated("This option is deprecated and will be deleted. Use --delete-emptydir-data."),
        Flag::bool(
            "disable-eviction",
            "false",
            "Force drain to use delete, even if eviction is supported. This will bypass checking \
            PodDisruptionBudgets, use with caution.",
        ),
        Flag::bool(
            "force",
            "false",
            "Continue even if there are pods that do not declare a controller.",
        ),
        Flag::int(
            "grace-period",
            "-1",
            "Period of time in seconds given to each pod to terminate gracefully. If negative, \
            the default value specified in the pod will be used.",
        ),
        Flag::bool("ignore-daemonsets", "false", "Ignore DaemonSet-managed pods."),
        Flag::string("pod-selector", "", "Label selector to filter pods on the node"),
        Flag::int(
            "skip-wait-for-delete-timeout",
            "0",
            "If pod DeletionTimestamp older than N seconds, skip waiting for the pod.  Seconds \
            must be greater than 0 to skip.",
        ),
        Flag::duration(
            "timeout",
            "0s",
            "The length of time to wait before giving up, zero means infinite",
        ),
    ]],
    run: run!(drain),
    ..Command::EMPTY
};

async fn drain(invocation: Rc<Invocation>) -> Result {
    let dry_run = DryRun::read(&invocation)?;
    cordon::check_arguments(&invocation)?;
    let selector = invocation.flags.string("pod-selector");
    if api::labels::Selector::parse(selector).is_err() {
        bail!("--pod-selector=<pod_selector> must be a valid label selector");
    }
    let nodes = cordon::nodes(&invocation).await?;
    cordon::set_all(&invocation, &nodes, true, dry_run).await?;
    let (mut pending, mut errors) = (Vec::new(), Vec::new());
    let mut reporter = Reporter::new(&invocation, "drained", dry_run)?;
    for node in &nodes {
        match drain_one(&invocation, node, dry_run).await {
            Ok(()) => reporter.report(&invocation, &node.object)?,
            Err(error) => {
                invocation.complain(format!(
                    "error: unable to drain node {} due to error:{error}, continuing command...",
                    quote(&node.name)
                ));
                pending.push(node.name.clone());
                errors.push(error);
            }
        }
    }
    if pending.is_empty() {
        return Ok(());
    }
    invocation.complain("There are pending nodes to be drained:");
    for name in pending {
        invocation.complain(format!(" {name}"));
    }
    let (text, code) = Error::Many(errors).report();
    // Several failures come without the prefix, and so does one here.
    invocation.complain(text.strip_prefix("error: ").unwrap_or(&text));
    Err(Error::Exit(code))
}

async fn drain_one(invocation: &Rc<Invocation>, node: &Info, dry_run: DryRun) -> Result {
    let list = pods::on_node(invocation, &node.name).await?;
    list.check()?;
    let warnings = list.warnings();
    if !warnings.is_empty() {
        invocation.warn(&warnings);
    }
    let pods = list.to_delete();
    if dry_run.is_client() {
        for pod in pods {
            let verb = evict::verb(invocation);
            invocation.print(format!("{verb} pod {} (dry run)", pods::name_of(&pod)));
        }
        return Ok(());
    }
    let Err(error) = evict::all(invocation, pods, dry_run).await else { return Ok(()) };
    let rest = pods::on_node(invocation, &node.name).await?.to_delete();
    if !rest.is_empty() {
        let name = quote(&node.name);
        invocation.complain(format!(
            "There are pending pods in node {name} when an error occurred: {error}"
        ));
        for pod in rest {
            let name = pod["metadata"]["name"].as_str().unwrap_or_default();
            invocation.complain(format!("pod/{name}"));
        }
    }
    Err(error)
}
