//! `kubectl rollout history`

use super::{objects, require_resource};
use crate::command::{Command, run};
use crate::describe::template_text;
use crate::errors::{Error, Result, bail, error};
use crate::flags::{Flag, shared};
use crate::invocation::Invocation;
use crate::polymorphic::history::{self, Revision};
use crate::print::{self, DryRun, Order, Printer, Reporter};
use crate::resource::Info;
use std::collections::BTreeMap;
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "history",
    short: "View rollout history",
    long: "View previous rollout revisions and configurations.\n\nExamples:\n  # View the rollout \
           history of a deployment\n  kubectl rollout history deployment/abc\n  \n  # View the \
           details of daemonset revision 3\n  kubectl rollout history daemonset/abc --revision=3",
    usage: "history (TYPE NAME | TYPE/NAME) [flags]",
    flags: &[
        shared::PRINT,
        &[
            shared::FILENAME_GET,
            shared::KUSTOMIZE,
            shared::RECURSIVE,
            shared::SELECTOR,
            Flag::int(
                "revision",
                "0",
                "See the details, including podTemplate of the revision specified",
            ),
        ],
    ],
    run: run!(history),
    ..Command::EMPTY
};

async fn history(invocation: Rc<Invocation>) -> Result {
    require_resource(&invocation)?;
    let revision = invocation.flags.int("revision");
    if revision < 0 {
        bail!("revision must be a positive integer: {revision}");
    }
    let mut printer = print::printer(&invocation)?;
    let mut visitor = objects(&invocation).await?;
    let mut errors = Vec::new();
    while let Some(next) = visitor.next().await {
        let result = match next {
            Ok(info) => show(&invocation, &info, revision, printer.as_mut()).await,
            Err(error) => Err(error),
        };
        errors.extend(result.err());
    }
    Error::collect(errors)
}

async fn show(
    invocation: &Rc<Invocation>,
    info: &Info,
    revision: i64,
    printer: Option<&mut Printer>,
) -> Result {
    let revisions = history::revisions(invocation, info, "history viewer").await?;
    if let Some(printer) = printer {
        return print_objects(invocation, &revisions, revision, printer);
    }
    let text = match revision {
        0 => format!("\n{}", history::table(&revisions)),
        number => {
            let found = find(&revisions, number)?;
            let mut template = found.template();
            if !found.cause().is_empty() {
                let cause = found.cause().to_owned();
                crate::commands::common::annotate(
                    &mut template,
                    crate::commands::record::CHANGE_CAUSE,
                    &cause,
                );
            }
            format!("with revision #{number}\n{}", template_text(&template))
        }
    };
    Reporter::new(invocation, &text, DryRun::None)?.report(invocation, &info.object)
}

fn find(revisions: &BTreeMap<i64, Revision>, number: i64) -> Result<&Revision> {
    revisions.get(&number).ok_or_else(|| error!("unable to find the specified revision"))
}

fn print_objects(
    invocation: &Invocation,
    revisions: &BTreeMap<i64, Revision>,
    revision: i64,
    printer: &mut Printer,
) -> Result {
    let context = &invocation.context;
    if revision > 0 {
        return printer.print(context, &find(revisions, revision)?.applied, Order::Typed);
    }
    for revision in revisions.values() {
        printer.print(context, &revision.applied, Order::Typed)?;
    }
    Ok(())
}
