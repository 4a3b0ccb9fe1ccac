//! The commands for the annotation with what was applied last.

use super::client_side::configuration;
use crate::client::Call;
use crate::command::{Command, run};
use crate::commands::common::{
    LAST_APPLIED, annotation, applied_configuration, refuse_arguments, require_files,
    with_write_parameters,
};
use crate::errors::{Error, Result, bail};
use crate::flags::{Flag, shared};
use crate::invocation::Invocation;
use crate::print::{DryRun, Order, Reporter};
use crate::resource::{Builder, Info};
use api::{json, object, yaml};
use apiserver::PatchType;
use std::rc::Rc;

pub(super) static VIEW: Command = Command {
    name: "view-last-applied",
    short: "View the latest last-applied-configuration annotations of a resource/object",
    long: include_str!("../../../help/apply-view-last-applied.txt"),
    usage: "view-last-applied (TYPE [NAME | -l label] | TYPE/NAME | -f FILENAME)",
    flags: &[&[
        shared::ALL_OF_TYPES,
        shared::FILENAME_LAST_APPLIED,
        shared::KUSTOMIZE,
        shared::RECURSIVE,
        shared::SELECTOR,
        Flag::string("output", "yaml", "Output format. Must be one of (yaml, json)").short('o'),
    ]],
    run: run!(view),
    ..Command::EMPTY
};

pub(super) static SET: Command = Command {
    name: "set-last-applied",
    short: "Set the last-applied-configuration annotation on a live object to match the contents \
            of a file",
    long: include_str!("../../../help/apply-set-last-applied.txt"),
    usage: "set-last-applied -f FILENAME",
    flags: &[
        shared::PRINT,
        &[
            shared::DRY_RUN,
            shared::FILENAME_LAST_APPLIED,
            Flag::bool(
                "create-annotation",
                "false",
                "Will create 'last-applied-configuration' annotations if current objects doesn't \
                have one",
            ),
        ],
    ],
    run: run!(set),
    ..Command::EMPTY
};

async fn view(invocation: Rc<Invocation>) -> Result {
    let flags = &invocation.flags;
    let is_json = match flags.string("output") {
        "json" => true,
        "yaml" => false,
        other => {
            return Err(invocation.usage_error(format!(
                "Unexpected -o output mode: {other}, the flag 'output' must be one of yaml|json"
            )));
        }
    };
    let visitor = Builder::new(&invocation)
        .arguments(&invocation.arguments)
        .selectors(flags)
        .all(flags.bool("all"))
        .latest()
        .flatten()
        .build()
        .await?;
    let (infos, errors) = visitor.all().await;
    Error::collect(errors)?;
    // kubectl has words for objects that were never applied, but loses them on their way.
    let text_of = |info: &Info| annotation(&info.object, LAST_APPLIED).map(str::to_owned);
    let texts: Vec<String> = infos.iter().filter_map(text_of).collect();
    for text in texts {
        let value = json::parse(text.as_bytes()).map_err(|why| crate::errors::error!("{why}"))?;
        invocation.context.put(match is_json {
            true => two_spaces(&json::to_string_pretty(&value)) + "\n",
            false => yaml::to_string(&value),
        });
    }
    Ok(())
}

/// The same text with two spaces where it has four.
fn two_spaces(text: &str) -> String {
    let narrow = |line: &str| {
        let content = line.trim_start_matches(' ');
        format!("{}{content}", " ".repeat((line.len() - content.len()) / 2))
    };
    text.lines().map(narrow).collect::<Vec<_>>().join("\n")
}

async fn set(invocation: Rc<Invocation>) -> Result {
    refuse_arguments(&invocation)?;
    require_files(&invocation)?;
    let flags = &invocation.flags;
    let dry_run = DryRun::read(&invocation)?;
    let mut reporter = Reporter::new(&invocation, "configured", dry_run)?;
    let visitor = Builder::new(&invocation).flatten().build().await?;
    let client = invocation.client()?;
    let (infos, errors) = visitor.all().await;
    Error::collect(errors)?;
    let mut changes = Vec::new();
    for mut info in infos {
        let wanted = info.object.clone();
        if let Err(error) = info.get(&client).await {
            if error.is_not_found() {
                return Err(error);
            }
            let what = format!(
                "retrieving current configuration of:\n{}\nfrom server for:",
                info.description()
            );
            return Err(error.with_source(&what, &info.source));
        }
        match annotation(&info.object, LAST_APPLIED) {
            None if !flags.bool("create-annotation") => bail!(
                "no last-applied-configuration annotation found on resource: {}, to create the \
                 annotation, run the command with --create-annotation",
                info.name
            ),
            Some(text) if text.trim_end() == configuration(&wanted) => {
                invocation.complain(format!("set-last-applied {}: no changes required.", info.name))
            }
            _ => changes.push((info, applied_configuration(&wanted, false))),
        }
    }
    for (mut info, text) in changes {
        if !dry_run.is_client() {
            let mut annotations = api::Map::EMPTY;
            annotations.insert(LAST_APPLIED, text);
            let patch = object! { "metadata": object! { "annotations": annotations } };
            let call = Call::patch(info.path(""), PatchType::Merge, patch);
            let patched = client.value(with_write_parameters(call, &invocation, dry_run)).await?;
            info.refresh(patched);
        }
        reporter.report_in(&invocation, &info.object, Order::ByName)?;
    }
    Ok(())
}
