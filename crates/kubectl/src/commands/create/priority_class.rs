//! `kubectl create priorityclass`

use super::typed::{Creation, Kind, named};
use crate::command::{Command, run};
use crate::commands::common::one_name;
use crate::errors::Result;
use crate::flags::{Flag, shared};
use crate::invocation::Invocation;
use api::object;
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "priorityclass",
    aliases: &["pc"],
    short: "Create a priority class with the specified name",
    long: include_str!("../../../help/create-priorityclass.txt"),
    usage: "priorityclass NAME --value=VALUE --global-default=BOOL \
            [--dry-run=server|client|none]",
    flags: &[
        shared::PRINT,
        &[
            shared::DRY_RUN,
            shared::FIELD_MANAGER_CREATE,
            shared::SAVE_CONFIG,
            shared::VALIDATE,
            Flag::string(
                "description",
                "",
                "description is an arbitrary string that usually provides guidelines on when \
            this priority class should be used.",
            ),
            Flag::bool(
                "global-default",
                "false",
                "global-default specifies whether this PriorityClass should be considered as the \
            default priority.",
            ),
            Flag::string(
                "preemption-policy",
                "PreemptLowerPriority",
                "preemption-policy is the policy for preempting pods with lower priority.",
            ),
            Flag::int("value", "0", "the value of this priority class."),
        ],
    ],
    run: run!(create),
    ..Command::EMPTY
};

const KIND: Kind = Kind {
    group: "scheduling.k8s.io",
    version: "v1",
    kind: "PriorityClass",
    failure: "failed to create priorityclass: ",
};

async fn create(invocation: Rc<Invocation>) -> Result {
    let name = one_name(&invocation)?;
    let creation = Creation::begin(&invocation)?;
    let flags = &invocation.flags;
    let object = object! {
        "metadata": named(&name),
        "value": flags.int("value"),
        "globalDefault": flags.bool("global-default"),
        "description": flags.string("description").to_owned(),
        "preemptionPolicy": flags.string("preemption-policy").to_owned(),
    };
    creation.finish(&invocation, KIND, object).await
}
