//! `kubectl config`: what stands in kubeconfig files. Nothing is asked of the server.

mod contexts;
mod lists;
mod property;
mod set_cluster;
mod set_context;
mod set_credentials;
mod view;

use crate::command::Command;
use crate::errors::{Error, Result, error};
use crate::invocation::Invocation;
use base64::Engine;

pub static COMMAND: Command = Command {
    name: "config",
    short: "Modify kubeconfig files",
    long: include_str!("../../../help/config.txt"),
    usage: "config SUBCOMMAND",
    subcommands: &[
        &contexts::CURRENT_CONTEXT,
        &lists::DELETE_CLUSTER,
        &contexts::DELETE_CONTEXT,
        &lists::DELETE_USER,
        &lists::GET_CLUSTERS,
        &contexts::GET_CONTEXTS,
        &lists::GET_USERS,
        &contexts::RENAME_CONTEXT,
        &property::SET,
        &set_cluster::COMMAND,
        &set_context::COMMAND,
        &set_credentials::COMMAND,
        &property::UNSET,
        &contexts::USE_CONTEXT,
        &view::COMMAND,
    ],
    ..Command::EMPTY
};

/// The error of arguments that are too many or too few, after the command's help.
fn unexpected_arguments(invocation: &Invocation) -> Error {
    invocation.context.put(crate::help::help(&invocation.called));
    error!("Unexpected args: [{}]", invocation.arguments.join(" "))
}

/// The one argument of a command that prints its help if there is not just one.
fn one_argument(invocation: &Invocation) -> Option<String> {
    match invocation.arguments.as_slice() {
        [name] => Some(name.clone()),
        _ => {
            invocation.context.put(crate::help::help(&invocation.called));
            None
        }
    }
}

/// Bytes as they stand in kubeconfig files.
fn encoded(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// Sets the field of an item to a text, or takes it away if the text is empty.
fn put(item: &mut api::Value, field: &'static str, text: &str) {
    if text.is_empty() {
        item.make_map().remove_str(field);
    } else {
        item.make_map().insert(field, text.to_owned());
    }
}

/// Puts a file into an item: its name, or with `--embed-certs` its content.
fn put_file(
    invocation: &Invocation,
    item: &mut api::Value,
    field: &'static str,
    data_field: &'static str,
) -> Result {
    let flags = &invocation.flags;
    if !flags.is_changed(field) {
        return Ok(());
    }
    let path = flags.string(field);
    if flags.bool("embed-certs") && !path.is_empty() {
        let bytes = invocation.read_file(path)?;
        put(item, data_field, &encoded(&bytes));
        put(item, field, "");
    } else {
        put(item, field, path);
        put(item, data_field, "");
    }
    Ok(())
}
