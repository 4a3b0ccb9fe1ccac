//! `kubectl cordon` and `kubectl uncordon`

use crate::command::{Command, run};
use crate::errors::{Error, Result, bail, quote};
use crate::flags::shared;
use crate::invocation::Invocation;
use crate::polymorphic::change;
use crate::print::{DryRun, Reporter};
use crate::resource::{Builder, Info};
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "cordon",
    short: "Mark node as unschedulable",
    long: include_str!("../../../help/cordon.txt"),
    usage: "cordon NODE",
    flags: &[&[shared::DRY_RUN, shared::SELECTOR]],
    run: run!(cordon),
    ..Command::EMPTY
};

pub static UNCORDON: Command = Command {
    name: "uncordon",
    short: "Mark node as schedulable",
    long: include_str!("../../../help/uncordon.txt"),
    usage: "uncordon NODE",
    flags: &[&[shared::DRY_RUN, shared::SELECTOR]],
    run: run!(uncordon),
    ..Command::EMPTY
};

async fn cordon(invocation: Rc<Invocation>) -> Result {
    run(&invocation, true).await
}

async fn uncordon(invocation: Rc<Invocation>) -> Result {
    run(&invocation, false).await
}

async fn run(invocation: &Rc<Invocation>, unschedulable: bool) -> Result {
    let dry_run = DryRun::read(invocation)?;
    check_arguments(invocation)?;
    let nodes = nodes(invocation).await?;
    set_all(invocation, &nodes, unschedulable, dry_run).await
}

pub(super) fn check_arguments(invocation: &Invocation) -> Result {
    let has_names = !invocation.arguments.is_empty();
    if !has_names && !invocation.flags.is_changed("selector") {
        let usage = invocation.command().usage;
        return Err(invocation.usage_error(format!("USAGE: {usage} [flags]")));
    }
    if has_names && !invocation.flags.string("selector").is_empty() {
        let message = "error: cannot specify both a node name and a --selector option";
        return Err(invocation.usage_error(message));
    }
    Ok(())
}

/// The nodes that the command is about.
pub(super) async fn nodes(invocation: &Rc<Invocation>) -> Result<Vec<Info>> {
    let has_pairs = invocation.arguments.iter().any(|argument| argument.contains('/'));
    let mut arguments = if has_pairs { Vec::new() } else { vec!["nodes".to_owned()] };
    arguments.extend_from_slice(&invocation.arguments);
    let mut builder = Builder::new(invocation)
        .selectors(&invocation.flags)
        .arguments(&arguments)
        .single_type()
        .flatten();
    if invocation.arguments.is_empty() {
        builder = builder.everything_by_default();
    }
    let infos = builder.build().await?.infos().await?;
    for info in &infos {
        if info.mapping.qualified() != "nodes" {
            let found = quote(&info.mapping.resource_text());
            bail!("error: expected resource of type node, got {found}");
        }
    }
    Ok(infos)
}

/// Closes or opens the nodes for new Pods; that one of them fails does not stop it.
pub(super) async fn set_all(
    invocation: &Rc<Invocation>,
    nodes: &[Info],
    unschedulable: bool,
    dry_run: DryRun,
) -> Result {
    let verb = if unschedulable { "cordon" } else { "uncordon" };
    let mut reporter = Reporter::new(invocation, "", dry_run)?;
    for node in nodes {
        let change = change::compute(node.clone(), |object| {
            let spec = object.entry(&"spec".into()).make_map();
            if unschedulable {
                spec.insert("unschedulable", true);
            } else {
                spec.remove_str("unschedulable");
            }
            Ok(())
        });
        if change.is_empty() {
            reporter.set_operation(&format!("already {verb}ed"));
        } else {
            reporter.set_operation(&format!("{verb}ed"));
            if !dry_run.is_client()
                && let Err(error) = change.send(invocation, dry_run).await
            {
                complain(invocation, verb, node, &error);
            }
        }
        reporter.report(invocation, &node.object)?;
    }
    Ok(())
}

fn complain(invocation: &Invocation, verb: &str, node: &Info, error: &Error) {
    let name = quote(&node.name);
    invocation.complain(format!("error: unable to {verb} node {name}: {error}"));
}
