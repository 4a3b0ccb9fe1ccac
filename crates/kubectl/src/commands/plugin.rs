//! `kubectl plugin`, and commands that are plugins: programs called `kubectl-…` in `PATH`.

use crate::command::{Command, run};
use crate::errors::{Error, Result, bail};
use crate::flags::Flag;
use crate::invocation::Invocation;
use shell::Context;
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "plugin",
    short: "Provides utilities for interacting with plugins",
    long: "Provides utilities for interacting with plugins.\n\n Plugins provide extended \
           functionality that is not part of the major command-line distribution. Please refer to \
           the documentation and examples for more information about how write your own \
           plugins.\n\n The easiest way to discover and install plugins is via the kubernetes \
           sub-project krew. To install krew, visit \
           https://krew.sigs.k8s.io/docs/user-guide/setup/install/ krew.sigs.k8s.io \
           https://krew.sigs.k8s.io/docs/user-guide/setup/install/",
    usage: "plugin [flags]",
    subcommands: &[&LIST],
    ..Command::EMPTY
};

static LIST: Command = Command {
    name: "list",
    short: "List all visible plugin executables on a user's PATH",
    long: include_str!("../../help/plugin-list.txt"),
    usage: "list [flags]",
    flags: &[&[Flag::bool(
        "name-only",
        "false",
        "If true, display only the binary name of each plugin, rather than its full path",
    )]],
    run: run!(list),
    ..Command::EMPTY
};

const PREFIX: &str = "kubectl-";

async fn list(invocation: Rc<Invocation>) -> Result {
    let context = &invocation.context;
    let mut found = Vec::new();
    for directory in search_path(context) {
        for name in context.names(&directory).unwrap_or_default() {
            if name.starts_with(PREFIX) {
                let path = format!("{}/{name}", directory.trim_end_matches('/'));
                let name_only = invocation.flags.bool("name-only");
                found.push(if name_only { name.to_string() } else { path });
            }
        }
    }
    if found.is_empty() {
        bail!("unable to find any kubectl plugins in your PATH");
    }
    invocation.print("The following compatible plugins are available:\n");
    for plugin in found {
        invocation.print(plugin);
    }
    Ok(())
}

fn search_path(context: &Context) -> Vec<String> {
    let path = context.variable("PATH");
    let path = path.as_deref().unwrap_or(shell::DEFAULT_PATH);
    path.split(':').filter(|directory| !directory.is_empty()).map(str::to_owned).collect()
}

/// Runs the plugin that `words` name, if there is one: `kubectl-a-b` before `kubectl-a`.
pub(crate) async fn run(context: &Context, words: &[String]) -> Result<Option<i32>> {
    let names: Vec<String> = words
        .iter()
        .take_while(|word| !word.starts_with('-'))
        .map(|word| word.replace('-', "_"))
        .collect();
    for count in (1..=names.len()).rev() {
        let name = format!("{PREFIX}{}", names.get(..count).unwrap_or_default().join("-"));
        if name.contains('/') {
            continue;
        }
        let mut arguments = vec![name];
        arguments.extend(words.iter().skip(count).cloned());
        match context.spawn(arguments) {
            Ok(child) => return Ok(Some(context.wait(&child).await.code())),
            Err(shell::Errno::ENOENT | shell::Errno::EACCES) => {}
            Err(why) => return Err(Error::Other(why.to_string())),
        }
    }
    Ok(None)
}
