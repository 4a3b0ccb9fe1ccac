//! `kubectl create`, and below it a file for each kind that it can make from flags alone.

mod cluster_role;
mod cluster_role_binding;
mod config_map;
mod cron_job;
mod deployment;
mod ingress;
mod job;
mod namespace;
mod pod_disruption_budget;
mod priority_class;
mod quota;
mod role;
mod role_binding;
mod secret;
mod service;
mod service_account;
pub(crate) mod sources;
mod token;
pub(crate) mod typed;

use super::common::{field_validation, refuse_arguments, with_last_applied, with_write_parameters};
use crate::client::Call;
use crate::command::{Alone, Command, run};
use crate::errors::{Error, Result, bail};
use crate::flags::{Flag, shared};
use crate::invocation::Invocation;
use crate::print::{DryRun, Order, Reporter};
use crate::resource::{Builder, Info};
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "create",
    short: "Create a resource from a file or from stdin",
    long: include_str!("../../../help/create.txt"),
    usage: "create -f FILENAME",
    flags: &[
        shared::PRINT,
        &[
            shared::DRY_RUN,
            shared::FIELD_MANAGER_CREATE,
            shared::KUSTOMIZE,
            shared::RECURSIVE,
            shared::SAVE_CONFIG,
            shared::SELECTOR,
            shared::VALIDATE,
            Flag::bool("edit", "false", "Edit the API resource before creating"),
            Flag::string_slice(
                "filename",
                "",
                "Filename, directory, or URL to files to use to create the resource",
            )
            .short('f'),
            Flag::string(
                "raw",
                "",
                "Raw URI to POST to the server.  Uses the transport specified by the kubeconfig \
            file.",
            ),
            Flag::bool(
                "windows-line-endings",
                "false",
                "Only relevant if --edit=true. Defaults to the line ending native to your platform.",
            ),
        ],
    ],
    subcommands: &[
        &cluster_role::COMMAND,
        &cluster_role_binding::COMMAND,
        &config_map::COMMAND,
        &cron_job::COMMAND,
        &deployment::COMMAND,
        &ingress::COMMAND,
        &job::COMMAND,
        &namespace::COMMAND,
        &pod_disruption_budget::COMMAND,
        &priority_class::COMMAND,
        &quota::COMMAND,
        &role::COMMAND,
        &role_binding::COMMAND,
        &secret::COMMAND,
        &service::COMMAND,
        &service_account::COMMAND,
        &token::COMMAND,
    ],
    alone: Alone::Fails,
    run: run!(create),
    ..Command::EMPTY
};

async fn create(invocation: Rc<Invocation>) -> Result {
    let flags = &invocation.flags;
    if flags.strings("filename").is_empty() && flags.string("kustomize").is_empty() {
        invocation.complain("Error: must specify one of -f and -k\n");
        return crate::program::show_group(&invocation);
    }
    let dry_run = DryRun::read(&invocation)?;
    let mut reporter = Reporter::new(&invocation, "created", dry_run)?;
    refuse_arguments(&invocation)?;
    if !flags.string("raw").is_empty() {
        return create_raw(&invocation).await;
    }
    if flags.bool("edit") {
        return super::edit::edit_before_create(&invocation).await;
    }
    let validation = field_validation(&invocation)?;
    let mut visitor = Builder::new(&invocation)
        .selectors(flags)
        .validated(validation != "Ignore")
        .flatten()
        .build()
        .await?;
    let (mut count, mut errors, mut unread) = (0, Vec::new(), Vec::new());
    while let Some(next) = visitor.next().await {
        match next {
            Ok(info) => {
                match create_one(&invocation, info, dry_run, validation, &mut reporter).await {
                    Ok(()) => count += 1,
                    Err(error) => errors.push(error),
                }
            }
            Err(error) => unread.push(error),
        }
    }
    let are_alone = errors.is_empty();
    errors.extend(Error::of_reading(unread, are_alone));
    Error::collect(errors)?;
    if count == 0 {
        bail!("no objects passed to create");
    }
    Ok(())
}

async fn create_one(
    invocation: &Rc<Invocation>,
    mut info: Info,
    dry_run: DryRun,
    validation: &str,
    reporter: &mut Reporter,
) -> Result {
    if invocation.flags.bool("save-config") {
        info.object = with_last_applied(&info.object, false);
    }
    if !dry_run.is_client() {
        let call = info.create_call().query("fieldValidation", validation);
        let call = with_write_parameters(call, invocation, dry_run);
        let created = invocation.client()?.value(call).await;
        info.refresh(created.map_err(|error| error.with_source("creating", &info.source))?);
    }
    reporter.report_in(invocation, &info.object, Order::ByName)
}

/// `--raw`: the file goes to the path as it is.
async fn create_raw(invocation: &Rc<Invocation>) -> Result {
    let path = invocation.flags.string("raw");
    let [file] = invocation.flags.strings("filename") else {
        return Err(invocation.usage_error("--raw can only use a single local file or stdin"));
    };
    let bytes = match file.as_str() {
        "-" => invocation.read_stdin().await?,
        file => invocation.read_file(file)?,
    };
    let client = invocation.client()?;
    let call = Call::post(path, api::Value::Null).bytes(&bytes, "application/json");
    let response = client.send(call).await?;
    let bytes = crate::raw::body(&client, response, path).await?;
    invocation.context.put(bytes);
    Ok(())
}
