//! `kubectl rollout resume`

use super::{Action, act};
use crate::command::{Command, run};
use crate::errors::{Result, bail};
use crate::flags::shared;
use crate::invocation::Invocation;
use api::Value;
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "resume",
    short: "Resume a paused resource",
    long: include_str!("../../../help/rollout-resume.txt"),
    usage: "resume RESOURCE",
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

const RESUME: Action =
    Action { done: "resumed", change: resume, unchanged: |_| Ok("already resumed") };

async fn run(invocation: Rc<Invocation>) -> Result {
    act(&invocation, &RESUME).await
}

fn resume(_: &Invocation, object: &mut Value) -> Result {
    if object["kind"] != "Deployment" {
        bail!("resuming is not supported");
    }
    if object["spec"]["paused"] != Value::Bool(true) {
        bail!("is not paused");
    }
    object.entry(&"spec".into()).make_map().remove_str("paused");
    Ok(())
}
