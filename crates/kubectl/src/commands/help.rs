//! `kubectl help`

use super::ROOT;
use crate::command::{Called, Command, find, run};
use crate::errors::Result;
use crate::invocation::Invocation;
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "help",
    short: "Help about any command",
    usage: "help [command] | STRING_TO_SEARCH",
    run: run!(help),
    is_hidden: true,
    ..Command::EMPTY
};

async fn help(invocation: Rc<Invocation>) -> Result {
    let called = find(&ROOT, &invocation.arguments);
    if called.command().is_root() && !called.rest.is_empty() {
        let topic = called.rest.join(" ");
        invocation.complain(format!("Unknown help topic [`{topic}`]\n"));
        let root = Called { path: vec![&ROOT], rest: Vec::new() };
        let help = crate::help::help(&root);
        let groups = help.find("Basic Commands").unwrap_or(0);
        invocation.context.complain("\n");
        invocation.context.complain(help.get(groups..).unwrap_or_default());
        return Ok(());
    }
    invocation.context.put(crate::help::help(&called));
    Ok(())
}
