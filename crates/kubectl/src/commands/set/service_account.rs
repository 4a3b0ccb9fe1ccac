//! `kubectl set serviceaccount`

use super::{Sender, objects, refuse_server_dry_run};
use crate::command::{Command, run};
use crate::commands::record;
use crate::errors::{Result, error};
use crate::flags::{Flag, shared};
use crate::invocation::Invocation;
use crate::polymorphic::pod_spec;
use crate::print::DryRun;
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "serviceaccount",
    aliases: &["sa"],
    short: "Update the service account of a resource",
    long: include_str!("../../../help/set-serviceaccount.txt"),
    usage: "serviceaccount (-f FILENAME | TYPE NAME) SERVICE_ACCOUNT",
    flags: &[
        shared::PRINT,
        &[
            shared::ALL,
            shared::DRY_RUN,
            shared::FIELD_MANAGER_SET,
            shared::FILENAME_GET,
            shared::KUSTOMIZE,
            shared::RECORD,
            shared::RECURSIVE,
            Flag::bool(
                "local",
                "false",
                "If true, set serviceaccount will NOT contact api-server but run locally.",
            ),
        ],
    ],
    run: run!(service_account),
    ..Command::EMPTY
};

async fn service_account(invocation: Rc<Invocation>) -> Result {
    let dry_run = DryRun::read(&invocation)?;
    let failure = "failed to patch ServiceAccountName ";
    let mut sender = Sender::new(&invocation, "serviceaccount updated", dry_run, failure)?;
    let (name, resources) =
        invocation.arguments.split_last().ok_or_else(|| error!("serviceaccount is required"))?;
    let infos = objects(&invocation, resources).await?;
    refuse_server_dry_run(&invocation, dry_run)?;
    for info in infos {
        let change = sender.compute(info, |object| {
            pod_spec::update(object, |spec| {
                spec.make_map().insert("serviceAccountName", name.clone());
                Ok(())
            })?;
            record::record(&invocation, object);
            Ok(())
        });
        if let Some(change) = change {
            sender.send(&change).await;
        }
    }
    sender.finish()
}
