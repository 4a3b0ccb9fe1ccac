//! `kubectl create cronjob`

use super::job::pod_template;
use super::typed::{Creation, Kind, named};
use crate::command::{Command, run};
use crate::commands::common::{command_arguments, one_name};
use crate::errors::Result;
use crate::flags::{Flag, shared};
use crate::invocation::Invocation;
use api::object;
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "cronjob",
    aliases: &["cj"],
    short: "Create a cron job with the specified name",
    long: include_str!("../../../help/create-cronjob.txt"),
    usage: "cronjob NAME --image=image --schedule='0/5 * * * ?' -- [COMMAND] [args...] [flags]",
    flags: &[
        shared::PRINT,
        &[
            shared::DRY_RUN,
            shared::FIELD_MANAGER_CREATE,
            shared::IMAGE.required(),
            shared::SAVE_CONFIG,
            shared::VALIDATE,
            Flag::string("restart", "", "job's restart policy. supported values: OnFailure, Never"),
            Flag::string(
                "schedule",
                "",
                "A schedule in the Cron format the job should be run with.",
            )
            .required(),
        ],
    ],
    run: run!(create),
    ..Command::EMPTY
};

const KIND: Kind =
    Kind { group: "batch", version: "v1", kind: "CronJob", failure: "failed to create cronjob: " };

async fn create(invocation: Rc<Invocation>) -> Result {
    let name = one_name(&invocation)?;
    let creation = Creation::begin(&invocation)?;
    let flags = &invocation.flags;
    let restart = match flags.string("restart") {
        "" => "OnFailure",
        policy => policy,
    };
    let command = command_arguments(&invocation);
    let template = pod_template(&name, flags.string("image"), &command, restart);
    let object = object! {
        "metadata": named(&name),
        "spec": object! {
            "schedule": flags.string("schedule").to_owned(),
            "jobTemplate": object! {
                "metadata": named(&name),
                "spec": object! { "template": template },
            },
        },
    };
    creation.finish(&invocation, KIND, object).await
}
