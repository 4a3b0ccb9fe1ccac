//! `kubectl annotate`

use super::metadata::{Edit, Map, refuse_list_with_output, report};
use super::{pairs, record};
use crate::command::{Command, run};
use crate::errors::{Error, Result, bail};
use crate::flags::{Flag, shared};
use crate::invocation::Invocation;
use crate::print::{DryRun, Reporter};
use crate::resource::Info;
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "annotate",
    short: "Update the annotations on a resource",
    long: include_str!("../../help/annotate.txt"),
    usage: "annotate [--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N \
            [--resource-version=version]",
    flags: &[
        shared::PRINT,
        &[
            shared::ALL.with_usage("Select all resources, in the namespace of the specified resource types."),
            shared::CHECK_ALL_NAMESPACES,
            shared::DRY_RUN,
            shared::FIELD_SELECTOR,
            shared::FILENAME_UPDATE
                .with_usage("Filename, directory, or URL to files identifying the resource to update the annotation"),
            shared::KUSTOMIZE,
            shared::LOCAL,
            shared::RECORD,
            shared::RECURSIVE,
            shared::SELECTOR,
            Flag::string(
                "field-manager",
                "kubectl-annotate",
                "Name of the manager used to track field ownership.",
            ),
            Flag::bool("list", "false", "If true, display the annotations for a given resource."),
            Flag::bool(
                "overwrite",
                "false",
                "If true, allow annotations to be overwritten, otherwise reject annotation \
                updates that overwrite existing annotations.",
            ),
            Flag::string(
                "resource-version",
                "",
                "If non-empty, the annotation update will only succeed if this is the current \
                resource-version for the object. Only valid when specifying a single resource.",
            ),
        ],
    ],
    run: run!(annotate),
    ..Command::EMPTY
};

const ANNOTATIONS: Map = Map { field: "annotations", singular: "annotation" };

async fn annotate(invocation: Rc<Invocation>) -> Result {
    let dry_run = DryRun::read(&invocation)?;
    let mut reporter = Reporter::new(&invocation, "annotated", dry_run)?;
    refuse_list_with_output(&invocation)?;
    let (resources, arguments) = pairs::split(&invocation.arguments, "annotation")?;
    let pairs::Pairs { values, removed } = pairs::parse(arguments, "annotation", true)?;
    let edit = Edit { map: ANNOTATIONS, values, removed, dry_run };
    edit.check(&invocation, resources)?;
    let is_set = |key: &&String| edit.values.iter().any(|(other, _)| other == *key);
    let both: Vec<&str> = edit.removed.iter().filter(is_set).map(String::as_str).collect();
    if !both.is_empty() {
        bail!(
            "can not both modify and remove the following annotation(s) in the same command: {}",
            both.join(", ")
        );
    }
    let mut visitor = edit.visitor(&invocation, resources).await?;
    let is_single = visitor.is_single();
    let mut errors = Vec::new();
    while let Some(next) = visitor.next().await {
        let result = match next {
            Ok(info) => annotate_one(&invocation, &edit, &mut reporter, info, is_single).await,
            Err(error) => Err(error),
        };
        errors.extend(result.err());
    }
    Error::collect(errors)
}

async fn annotate_one(
    invocation: &Rc<Invocation>,
    edit: &Edit,
    reporter: &mut Reporter,
    info: Info,
    is_single: bool,
) -> Result {
    let flags = &invocation.flags;
    if !flags.bool("overwrite") {
        let held: Vec<String> = edit
            .overwritten(&info.object)
            // What led to a revision may always be told anew.
            .filter(|(key, _)| *key != record::CHANGE_CAUSE)
            .map(|(key, old)| format!("'{key}' already has a value ({old})"))
            .collect();
        if !held.is_empty() {
            bail!(
                "--overwrite is false but found the following declared annotation(s): {}",
                held.join("; ")
            );
        }
    }
    let mut edited = edit.apply(invocation, &info.object);
    let object = match edit.is_sent(invocation) {
        true => edit.send(invocation, &info, &mut edited).await?,
        false => edited.after,
    };
    if flags.bool("list") {
        edit.list(invocation, &info, &object, is_single);
        return Ok(());
    }
    report(invocation, reporter, "annotated", &object)
}
