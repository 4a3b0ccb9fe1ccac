//! `kubectl rollout pause`

use super::{Action, act};
use crate::command::{Command, run};
use crate::errors::{Result, bail};
use crate::flags::shared;
use crate::invocation::Invocation;
use api::Value;
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "pause",
    short: "Mark the provided resource as paused",
    long: include_str!("../../../help/rollout-pause.txt"),
    usage: "pause RESOURCE",
    flags: &[
        shared::PRINT,
        &[
            shared::FIELD_MANAGER_ROLLOUT,
            shared::FILENAME_GET,
            shared::KUSTOMIZE,
            shared::RECURSIVE,
            shared::SELECTOR,
        ],
    ],
    run: run!(run),
    ..Command::EMPTY
};

const PAUSE: Action = Action { done: "paused", change: pause, unchanged: |_| Ok("already paused") };

async fn run(invocation: Rc<Invocation>) -> Result {
    act(&invocation, &PAUSE).await
}

fn pause(_: &Invocation, object: &mut Value) -> Result {
    if object["kind"] != "Deployment" {
        bail!("pausing is not supported");
    }
    if object["spec"]["paused"] == Value::Bool(true) {
        bail!("is already paused");
    }
    object.entry(&"spec".into()).make_map().insert("paused", true);
    Ok(())
}
