//! `kubectl exec`

use crate::client::Call;
use crate::command::{Command, run};
use crate::errors::{Result, bail};
use crate::flags::{Flag, shared};
use crate::invocation::Invocation;
use crate::polymorphic::attachable;
use crate::remote::{self, Terminal, container_or_default, pod_path};
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "exec",
    short: "Execute a command in a container",
    long: include_str!("../../help/exec.txt"),
    usage: "exec (POD | TYPE/NAME) [-c CONTAINER] [flags] -- COMMAND [args...]",
    flags: &[&[
        shared::CONTAINER,
        shared::POD_RUNNING_TIMEOUT,
        shared::QUIET,
        shared::STDIN,
        shared::TTY,
        Flag::string_slice("filename", "", "to use to exec into the resource").short('f'),
    ]],
    run: run!(exec),
    ..Command::EMPTY
};

/// The words of the command line.
struct Words<'a> {
    resource: Option<&'a String>,
    command: &'a [String],
}

fn words(invocation: &Invocation) -> Result<Words<'_>> {
    let arguments = &invocation.arguments;
    let has_files = !invocation.flags.strings("filename").is_empty();
    let resource = arguments.first().filter(|_| invocation.dash != Some(0));
    let command = match invocation.dash {
        Some(dash) => arguments.get(dash..).unwrap_or_default(),
        None if arguments.len() > 1 || (!arguments.is_empty() && has_files) => {
            if !invocation.flags.bool("quiet") {
                invocation.complain(
                    "kubectl exec [POD] [COMMAND] is DEPRECATED and will be removed in a future \
                     version. Use kubectl exec [POD] -- [COMMAND] instead.",
                );
            }
            arguments.get(1..).unwrap_or_default()
        }
        None => &[],
    };
    if resource.is_none() && !has_files {
        bail!("pod, type/name or --filename must be specified");
    }
    if command.is_empty() {
        bail!("you must specify at least one command for the container");
    }
    Ok(Words { resource: resource.filter(|_| !has_files), command })
}

async fn exec(invocation: Rc<Invocation>) -> Result {
    let flags = &invocation.flags;
    let timeout = remote::pod_running_timeout(&invocation)?;
    let words = words(&invocation)?;
    let name: Vec<String> = words.resource.into_iter().cloned().collect();
    let object = attachable::object(&invocation, &name).await?;
    let pod = attachable::pod(&invocation, &object, timeout).await?;
    if let Some(phase @ ("Succeeded" | "Failed")) = pod["status"]["phase"].as_str() {
        bail!("cannot exec into a container in a completed pod; current phase is {phase}");
    }
    let container = match flags.string("container") {
        "" => {
            let found = container_or_default(&invocation, &pod, "", flags.bool("quiet"))?;
            found["name"].as_str().unwrap_or_default().to_owned()
        }
        name => name.to_owned(),
    };
    let terminal = Terminal::new(&invocation, flags.bool("stdin"), flags.bool("tty"));
    let mut call = Call::upgrade(pod_path(&pod, "exec")).query("container", container);
    for word in words.command {
        call = call.query("command", word.clone());
    }
    remote::run(&invocation, call, &terminal).await
}
