//! `kubectl rollout`, a file for each command below it.

mod history;
mod pause;
mod restart;
mod resume;
mod status;
mod undo;

use crate::command::{Alone, Command};
use crate::errors::{Error, Result, bail};
use crate::invocation::Invocation;
use crate::polymorphic::change::Change;
use crate::print::{DryRun, Reporter};
use crate::resource::{Builder, Visitor};
use api::Value;
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "rollout",
    short: "Manage the rollout of a resource",
    long: include_str!("../../../help/rollout.txt"),
    usage: "rollout SUBCOMMAND",
    subcommands: &[
        &history::COMMAND,
        &pause::COMMAND,
        &restart::COMMAND,
        &resume::COMMAND,
        &status::COMMAND,
        &undo::COMMAND,
    ],
    alone: Alone::FailsOnOutput,
    ..Command::EMPTY
};

/// Neither files nor arguments say what the command is about.
fn require_resource(invocation: &Invocation) -> Result {
    let flags = &invocation.flags;
    let has_files = !flags.strings("filename").is_empty() || !flags.string("kustomize").is_empty();
    if invocation.arguments.is_empty() && !has_files {
        bail!("required resource not specified");
    }
    Ok(())
}

/// The objects that the command is about, as they are now.
async fn objects(invocation: &Rc<Invocation>) -> Result<Visitor> {
    Builder::new(invocation)
        .selectors(&invocation.flags)
        .arguments(&invocation.arguments)
        .everything_by_default()
        .latest()
        .flatten()
        .build()
        .await
}

fn complain_of_nothing(invocation: &Invocation) -> Result {
    invocation.complain(format!("No resources found in {} namespace.", invocation.namespace()?));
    Ok(())
}

/// What a command that changes Deployments and the like does with each of them.
struct Action {
    /// What is said when it is done: `paused`.
    done: &'static str,
    /// The change, or why there cannot be one.
    change: fn(&Invocation, &mut Value) -> Result,
    /// What is said of an object that is as it should be: the message, or the error.
    unchanged: fn(&str) -> Result<&'static str>,
}

/// Changes all objects that the command is about.
async fn act(invocation: &Rc<Invocation>, action: &Action) -> Result {
    require_resource(invocation)?;
    let mut reporter = Reporter::new(invocation, action.done, DryRun::None)?;
    let (infos, mut errors) = objects(invocation).await?.all().await;
    if infos.is_empty() && errors.is_empty() {
        return complain_of_nothing(invocation);
    }
    for info in infos {
        let change =
            crate::polymorphic::change::compute(info, |object| (action.change)(invocation, object));
        if let Err(error) = report(invocation, &change, action, &mut reporter).await {
            errors.push(error);
        }
    }
    Error::collect(errors)
}

async fn report(
    invocation: &Rc<Invocation>,
    change: &Change,
    action: &Action,
    reporter: &mut Reporter,
) -> Result {
    let info = &change.info;
    if let Err(why) = &change.patch {
        let name = crate::errors::quote(&info.name);
        bail!("error: {} {name} {why}", info.mapping.qualified());
    }
    if change.is_empty() {
        reporter.set_operation((action.unchanged)(&info.name)?);
        return reporter.report(invocation, &info.object);
    }
    let sent = change.send(invocation, DryRun::None).await;
    let object = sent.map_err(|error| error.in_sentence("failed to patch: "))?;
    reporter.set_operation(action.done);
    reporter.report(invocation, &object)
}
