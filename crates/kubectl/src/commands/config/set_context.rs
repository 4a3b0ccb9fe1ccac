//! `kubectl config set-context`

use super::{put, unexpected_arguments};
use crate::command::{Command, run};
use crate::errors::{Result, bail, quote};
use crate::flags::Flag;
use crate::invocation::Invocation;
use crate::kubeconfig::{Origin, Stanza};
use api::Value;
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "set-context",
    short: "Set a context entry in kubeconfig",
    long: "Set a context entry in kubeconfig.\n\n Specifying a name that already exists will merge \
           new fields on top of existing values for those fields.\n\nExamples:\n  \
           # Set the user field on the gce context entry without touching other values\n  \
           kubectl config set-context gce --user=cluster-admin",
    usage: "set-context [NAME | --current] [--cluster=cluster_nickname] [--user=user_nickname] \
            [--namespace=namespace]",
    flags: &[&[
        Flag::string("cluster", "", "cluster for the context entry in kubeconfig"),
        Flag::bool("current", "false", "Modify the current context"),
        Flag::string("namespace", "", "namespace for the context entry in kubeconfig"),
        Flag::string("user", "", "user for the context entry in kubeconfig"),
    ]],
    run: run!(set_context),
    ..Command::EMPTY
};

async fn set_context(invocation: Rc<Invocation>) -> Result {
    let flags = &invocation.flags;
    let files = invocation.kubeconfig()?;
    let config = files.merged();
    let name = match (invocation.arguments.as_slice(), flags.bool("current")) {
        ([_], true) => bail!("you cannot specify both a context name and --current"),
        ([], true) if config.current_context.is_empty() => bail!("no current context is set"),
        ([], true) => config.current_context.clone(),
        ([name], false) if !name.is_empty() => name.clone(),
        ([] | [_], false) => bail!("you must specify a non-empty context name or --current"),
        _ => return Err(unexpected_arguments(&invocation)),
    };
    let existing = config.contexts.get(&name).cloned();
    let done = if existing.is_some() { "modified" } else { "created" };
    let mut context = existing.unwrap_or(Value::EMPTY_MAP);
    for field in ["cluster", "user", "namespace"] {
        if flags.is_changed(field) {
            put(&mut context, field, flags.string(field));
        }
    }
    let origin = Origin::Item(Stanza::Context, name.clone());
    files.modify(&invocation.context, &origin, |config| {
        config.contexts.insert(name.clone(), context);
    })?;
    invocation.print(format!("Context {} {done}.", quote(&name)));
    Ok(())
}
