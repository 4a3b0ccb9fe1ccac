//! `kubectl create serviceaccount`

use super::typed::{Creation, Kind, named};
use crate::command::{Command, run};
use crate::commands::common::one_name;
use crate::errors::Result;
use crate::flags::shared;
use crate::invocation::Invocation;
use api::object;
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "serviceaccount",
    aliases: &["sa"],
    short: "Create a service account with the specified name",
    long: include_str!("../../../help/create-serviceaccount.txt"),
    usage: "serviceaccount NAME [--dry-run=server|client|none]",
    flags: &[
        shared::PRINT,
        &[shared::DRY_RUN, shared::FIELD_MANAGER_CREATE, shared::SAVE_CONFIG, shared::VALIDATE],
    ],
    run: run!(create),
    ..Command::EMPTY
};

async fn create(invocation: Rc<Invocation>) -> Result {
    let name = one_name(&invocation)?;
    let creation = Creation::begin(&invocation)?;
    let kind = Kind::core("ServiceAccount", "failed to create serviceaccount: ");
    creation.finish(&invocation, kind, object! { "metadata": named(&name) }).await
}
