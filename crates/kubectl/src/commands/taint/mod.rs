//! `kubectl taint`

mod taints;

use crate::command::{Command, run};
use crate::errors::{Error, Result, bail, quote};
use crate::flags::{Flag, shared};
use crate::invocation::Invocation;
use crate::polymorphic::change;
use crate::print::{DryRun, Reporter};
use crate::resource::{Builder, Info};
use std::rc::Rc;
use taints::Update;

pub static COMMAND: Command = Command {
    name: "taint",
    short: "Update the taints on one or more nodes",
    long: include_str!("../../../help/taint.txt"),
    usage: "taint NODE NAME KEY_1=VAL_1:TAINT_EFFECT_1 ... KEY_N=VAL_N:TAINT_EFFECT_N",
    flags: &[
        shared::PRINT,
        &[
            shared::DRY_RUN,
            shared::SELECTOR,
            shared::VALIDATE,
            Flag::bool("all", "false", "Select all nodes in the cluster"),
            Flag::string(
                "field-manager",
                "kubectl-taint",
                "Name of the manager used to track field ownership.",
            ),
            Flag::bool(
                "overwrite",
                "false",
                "If true, allow taints to be overwritten, otherwise reject taint updates that \
                overwrite existing taints.",
            ),
        ],
    ],
    run: run!(taint),
    ..Command::EMPTY
};

async fn taint(invocation: Rc<Invocation>) -> Result {
    let flags = &invocation.flags;
    let dry_run = DryRun::read(&invocation)?;
    let (resources, words) = split(&invocation.arguments)?;
    let Some((ty, names)) = resources.split_first() else {
        bail!("one or more resources must be specified as <resource> <name>");
    };
    if words.is_empty() {
        bail!("at least one taint update is required");
    }
    let update = Update::parse(words).map_err(|why| invocation.usage_error(why.to_string()))?;
    check(&invocation, ty, names, &update).await?;
    // What is printed says nothing of a dry run.
    let mut reporter = Reporter::new(&invocation, "", DryRun::None)?;
    let mut arguments = vec!["nodes".to_owned()];
    if !flags.bool("all") && flags.string("selector").is_empty() {
        arguments.extend_from_slice(names);
    }
    let mut visitor = Builder::new(&invocation)
        .selectors(flags)
        .all(flags.bool("all"))
        .arguments(&arguments)
        .latest()
        .flatten()
        .build()
        .await?;
    let mut errors = Vec::new();
    while let Some(next) = visitor.next().await {
        let result = match next {
            Ok(info) => taint_one(&invocation, info, &update, dry_run, &mut reporter).await,
            Err(error) => Err(error),
        };
        errors.extend(result.err());
    }
    Error::collect(errors)
}

/// Separates resources from taints.
fn split(arguments: &[String]) -> Result<(&[String], &[String])> {
    let is_taint = |word: &String| word.contains(['=', ':']) || word.ends_with('-');
    let first = arguments.iter().position(is_taint).unwrap_or(arguments.len());
    let (resources, taints) = arguments.split_at(first);
    if let Some(other) = taints.iter().find(|word| !is_taint(word)) {
        bail!("all resources must be specified before taint changes: {other}");
    }
    Ok((resources, taints))
}

async fn check(invocation: &Invocation, ty: &str, names: &[String], update: &Update) -> Result {
    let flags = &invocation.flags;
    match invocation.find_resource(ty).await? {
        None => return Err(Error::NoResource(ty.to_owned())),
        Some(mapping) if mapping.is_kind("", "Node") => {}
        Some(_) => bail!("invalid resource type {ty}, only node types are supported"),
    }
    let conflicts = update.conflicts();
    if !conflicts.is_empty() {
        bail!(
            "can not both modify and remove the following taint(s) in the same command: {}",
            conflicts.join(", ")
        );
    }
    let has_selector = !flags.string("selector").is_empty();
    if flags.bool("all") && has_selector {
        bail!("setting 'all' parameter with a non empty selector is prohibited");
    }
    if !flags.bool("all") && !has_selector && names.is_empty() {
        bail!("at least one resource name must be specified since 'all' parameter is not set");
    }
    Ok(())
}

async fn taint_one(
    invocation: &Rc<Invocation>,
    info: Info,
    update: &Update,
    dry_run: DryRun,
    reporter: &mut Reporter,
) -> Result {
    let overwrites = invocation.flags.bool("overwrite");
    let mut operation = "";
    let change = change::compute(info, |node| {
        operation = update.apply(node, overwrites)?;
        Ok(())
    });
    reporter.set_operation(operation);
    if dry_run.is_client() {
        change.patch?;
        return reporter.report(invocation, &change.info.object);
    }
    let object = change.send(invocation, dry_run).await?;
    reporter.report(invocation, &object)
}

/// How the complaint about a taint shows its text.
fn invalid(text: &str, problems: &[String]) -> Error {
    let problems = match problems {
        [] => String::new(),
        several => format!(", {}", several.join("; ")),
    };
    Error::Other(format!("invalid taint spec: {text}{problems}"))
}

/// `taint "key" not found`
fn not_found(taint: &str) -> Error {
    Error::Other(format!("taint {} not found", quote(taint)))
}
