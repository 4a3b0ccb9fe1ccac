//! `kubectl auth`

mod can_i;
mod list;
mod reconcile;
mod who_am_i;

use crate::command::Command;

pub static COMMAND: Command = Command {
    name: "auth",
    short: "Inspect authorization",
    long: include_str!("../../../help/auth.txt"),
    usage: "auth [flags]",
    subcommands: &[&can_i::COMMAND, &reconcile::COMMAND, &who_am_i::COMMAND],
    ..Command::EMPTY
};
