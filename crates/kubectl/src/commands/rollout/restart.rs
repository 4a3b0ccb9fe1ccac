//! `kubectl rollout restart`

use super::{Action, act};
use crate::command::{Command, run};
use crate::errors::{Result, bail, error};
use crate::flags::shared;
use crate::invocation::Invocation;
use api::Value;
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "restart",
    short: "Restart a resource",
    long: include_str!("../../../help/rollout-restart.txt"),
    usage: "restart RESOURCE",
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

/// The annotation that makes one template differ from another.
const RESTARTED_AT: &str = "kubectl.kubernetes.io/restartedAt";

const RESTART: Action = Action {
    done: "restarted",
    change: restart,
    unchanged: |name| {
        Err(error!(
            "failed to create patch for {name}: if restart has already been triggered within the \
             past second, please wait before attempting to trigger another"
        ))
    },
};

async fn run(invocation: Rc<Invocation>) -> Result {
    act(&invocation, &RESTART).await
}

fn restart(invocation: &Invocation, object: &mut Value) -> Result {
    match object["kind"].as_str().unwrap_or_default() {
        "Deployment" if object["spec"]["paused"] == Value::Bool(true) => {
            bail!("can't restart paused deployment (run rollout resume first)")
        }
        "Deployment" | "DaemonSet" | "StatefulSet" => {}
        _ => bail!("restarting is not supported"),
    }
    let now = invocation.context.now().rfc3339();
    crate::polymorphic::pod_spec::update_template(object, |template| {
        crate::commands::common::annotate(template, RESTARTED_AT, &now);
        Ok(())
    })
}
