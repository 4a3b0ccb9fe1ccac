//! `kubectl label`

use super::metadata::{Edit, Edited, Map, refuse_list_with_output, report};
use super::pairs;
use crate::command::{Command, run};
use crate::errors::{Error, Result, bail, error, quote};
use crate::flags::{Flag, shared};
use crate::invocation::Invocation;
use crate::print::{DryRun, Reporter};
use crate::resource::Info;
use api::{json, names, validation};
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "label",
    short: "Update the labels on a resource",
    long: include_str!("../../help/label.txt"),
    usage: "label [--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N \
            [--resource-version=version]",
    flags: &[
        shared::PRINT,
        &[
            shared::ALL,
            shared::CHECK_ALL_NAMESPACES,
            shared::DRY_RUN,
            shared::FIELD_SELECTOR,
            shared::FILENAME_UPDATE
                .with_usage("Filename, directory, or URL to files identifying the resource to update the labels"),
            shared::KUSTOMIZE,
            shared::RECORD,
            shared::RECURSIVE,
            shared::SELECTOR,
            Flag::string(
                "field-manager",
                "kubectl-label",
                "Name of the manager used to track field ownership.",
            ),
            Flag::bool("list", "false", "If true, display the labels for a given resource."),
            Flag::bool(
                "local",
                "false",
                "If true, label will NOT contact api-server but run locally.",
            ),
            Flag::bool(
                "overwrite",
                "false",
                "If true, allow labels to be overwritten, otherwise reject label updates that \
                overwrite existing labels.",
            ),
            Flag::string(
                "resource-version",
                "",
                "If non-empty, the labels update will only succeed if this is the current \
                resource-version for the object. Only valid when specifying a single resource.",
            ),
        ],
    ],
    run: run!(label),
    ..Command::EMPTY
};

const LABELS: Map = Map { field: "labels", singular: "label" };

async fn label(invocation: Rc<Invocation>) -> Result {
    let dry_run = DryRun::read(&invocation)?;
    let mut reporter = Reporter::new(&invocation, "labeled", dry_run)?;
    let (resources, arguments) = pairs::split(&invocation.arguments, "label")?;
    let (values, removed) = parse(arguments)?;
    refuse_list_with_output(&invocation)?;
    let edit = Edit { map: LABELS, values, removed, dry_run };
    edit.check(&invocation, resources)?;
    let mut visitor = edit.visitor(&invocation, resources).await?;
    let is_single = visitor.is_single();
    let mut errors = Vec::new();
    while let Some(next) = visitor.next().await {
        let result = match next {
            Ok(info) => label_one(&invocation, &edit, &mut reporter, info, is_single).await,
            Err(error) => Err(error),
        };
        errors.extend(result.err());
    }
    Error::collect(errors)
}

type Labels = (Vec<(String, String)>, Vec<String>);

/// Reads `KEY=VALUE` and `KEY-`.
fn parse(arguments: &[String]) -> Result<Labels> {
    let (mut values, mut removed) = (Vec::<(String, String)>::new(), Vec::new());
    for argument in arguments {
        if let Some((key, value)) = argument.split_once('=') {
            if value.contains('=') {
                bail!("invalid label spec: {argument}");
            }
            let problems = validation::label_value(value);
            if !problems.is_empty() {
                bail!("invalid label value: {}: {}", quote(argument), problems.join(";"));
            }
            values.retain(|(known, _)| known != key);
            values.push((key.to_owned(), value.to_owned()));
        } else if let Some(key) = argument.strip_suffix('-') {
            removed.push(key.to_owned());
        } else {
            bail!("unknown label spec: {argument}");
        }
    }
    if removed.iter().any(|key| values.iter().any(|(other, _)| other == key)) {
        bail!("can not both modify and remove a label in the same command");
    }
    Ok((values, removed))
}

async fn label_one(
    invocation: &Rc<Invocation>,
    edit: &Edit,
    reporter: &mut Reporter,
    info: Info,
    is_single: bool,
) -> Result {
    let flags = &invocation.flags;
    let overwrites = flags.bool("overwrite");
    let is_sent = edit.is_sent(invocation);
    if is_sent {
        let labels = &info.object.get(&names::METADATA)[LABELS.field];
        for key in edit.removed.iter().filter(|key| labels[key.as_str()].is_null()) {
            invocation.print(format!("label {} not found.", quote(key)));
        }
    }
    if !overwrites {
        let why =
            |(key, old)| error!("'{key}' already has a value ({old}), and --overwrite is false");
        Error::collect(edit.overwritten(&info.object).map(why).collect())?;
    }
    let mut edited = edit.apply(invocation, &info.object);
    let operation = operation(&edited, overwrites);
    if is_sent {
        edit.send(invocation, &info, &mut edited).await?;
    }
    if flags.bool("list") {
        edit.list(invocation, &info, &edited.after, is_single);
        return Ok(());
    }
    report(invocation, reporter, operation, &edited.after)
}

/// Labels are gone if the object has become shorter.
fn operation(edited: &Edited, overwrites: bool) -> &'static str {
    if edited.before == edited.after {
        return "not labeled";
    }
    let length = |object| json::to_string(object).len();
    match !overwrites && length(&edited.after) < length(&edited.before) {
        true => "unlabeled",
        false => "labeled",
    }
}
