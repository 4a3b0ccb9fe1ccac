//! `kubectl attach`

use crate::client::Call;
use crate::command::{Command, run};
use crate::errors::{Result, bail};
use crate::flags::shared;
use crate::invocation::Invocation;
use crate::polymorphic::attachable;
use crate::remote::{self, Terminal, container_or_default, pod_path};
use api::Value;
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "attach",
    short: "Attach to a running container",
    long: include_str!("../../help/attach.txt"),
    usage: "attach (POD | TYPE/NAME) -c CONTAINER",
    flags: &[&[
        shared::CONTAINER,
        shared::POD_RUNNING_TIMEOUT,
        shared::QUIET,
        shared::STDIN,
        shared::TTY,
    ]],
    run: run!(attach),
    ..Command::EMPTY
};

async fn attach(invocation: Rc<Invocation>) -> Result {
    let flags = &invocation.flags;
    let arguments = &invocation.arguments;
    if arguments.is_empty() {
        bail!("at least 1 argument is required for attach");
    }
    if arguments.len() > 2 {
        let (count, words) = (arguments.len(), arguments.join(" "));
        bail!(
            "expected POD, TYPE/NAME, or TYPE NAME, (at most 2 arguments) saw {count}: [{words}]"
        );
    }
    let timeout = remote::pod_running_timeout(&invocation)?;
    let object = attachable::object(&invocation, arguments).await?;
    let pod = attachable::pod(&invocation, &object, timeout).await?;
    if let Some(phase @ ("Succeeded" | "Failed")) = pod["status"]["phase"].as_str() {
        bail!("cannot attach a container in a completed pod; current phase is {phase}");
    }
    attach_to(&invocation, &pod, flags.string("container")).await
}

/// Attaches to a container of a Pod, as `run` and `debug` do too.
pub(crate) async fn attach_to(invocation: &Invocation, pod: &Value, container: &str) -> Result {
    let flags = &invocation.flags;
    let is_quiet = flags.bool("quiet");
    let container = container_or_default(invocation, pod, container, is_quiet)
        .map_err(|why| why.in_sentence("cannot attach to the container: "))?;
    let name = container["name"].as_str().unwrap_or_default();
    let has_tty = container["tty"] == Value::Bool(true);
    if flags.bool("tty") && !has_tty && !is_quiet {
        invocation.complain(format!(
            "error: Unable to use a TTY - container {name} did not allocate one"
        ));
    }
    // A program on a terminal needs one here too.
    let terminal = Terminal::new(invocation, flags.bool("stdin"), has_tty);
    if !is_quiet {
        invocation.complain("If you don't see a command prompt, try pressing enter.");
    }
    let call = Call::upgrade(pod_path(pod, "attach")).query("container", name.to_owned());
    remote::run(invocation, call, &terminal).await?;
    if !is_quiet
        && terminal.is_raw()
        && let Some(message) = reattach_message(pod, name)
    {
        invocation.print(message);
    }
    Ok(())
}

/// How to come back to a program that goes on.
fn reattach_message(pod: &Value, container: &str) -> Option<String> {
    if pod["spec"]["restartPolicy"] != "Always" {
        return None;
    }
    let name = pod["metadata"]["name"].as_str().unwrap_or_default();
    let command = format!("'kubectl attach {name} -c {container} -i -t'");
    let mut ephemeral = pod["spec"]["ephemeralContainers"].items().iter();
    Some(if ephemeral.any(|ephemeral| ephemeral["name"] == container) {
        format!(
            "Session ended, the ephemeral container will not be restarted but may be reattached \
             using {command} if it is still running"
        )
    } else {
        format!("Session ended, resume using {command} command when the pod is running")
    })
}
