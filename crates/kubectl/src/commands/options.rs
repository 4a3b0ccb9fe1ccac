//! `kubectl options`

use crate::command::{Command, run};
use crate::errors::Result;
use crate::invocation::Invocation;
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "options",
    short: "Print the list of flags inherited by all commands",
    usage: "options",
    run: run!(options),
    is_hidden: true,
    ..Command::EMPTY
};

async fn options(invocation: Rc<Invocation>) -> Result {
    let home = invocation.context.variable("HOME");
    invocation.context.put(crate::help::options(home.as_deref().unwrap_or_default()));
    Ok(())
}
