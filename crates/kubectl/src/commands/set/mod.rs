//! `kubectl set`, a file for each command below it.

mod env;
mod env_references;
mod image;
mod resources;
mod selector;
mod service_account;
mod subject;

use crate::command::Command;
use crate::errors::{Error, Result, bail, error};
use crate::invocation::Invocation;
use crate::polymorphic::change::{self, Change};
use crate::print::{DryRun, Reporter};
use crate::resource::{Builder, Info};
use api::Value;
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "set",
    short: "Set specific features on objects",
    long: include_str!("../../../help/set.txt"),
    usage: "set SUBCOMMAND",
    subcommands: &[
        &env::COMMAND,
        &image::COMMAND,
        &resources::COMMAND,
        &selector::COMMAND,
        &service_account::COMMAND,
        &subject::COMMAND,
    ],
    ..Command::EMPTY
};

/// The objects to change, with everything that went wrong before.
async fn objects(invocation: &Rc<Invocation>, resources: &[String]) -> Result<Vec<Info>> {
    let flags = &invocation.flags;
    let is_local = flags.bool("local");
    let mut builder = Builder::new(invocation).local(is_local).typed().flatten();
    if !is_local {
        builder = builder.selectors(flags).all(flags.bool("all")).arguments(resources).latest();
    } else if !resources.is_empty() {
        return Err(local_needs_files());
    }
    let (infos, errors) = builder.build().await?.all().await;
    Error::collect(errors)?;
    Ok(infos)
}

/// Nobody can be asked for objects by name.
pub(crate) fn local_needs_files() -> Error {
    error!(
        "you must specify resources by --filename when --local is set.\nExample resource \
         specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'"
    )
}

/// The complaints that most of these commands have in common.
fn check_flags(invocation: &Invocation, dry_run: DryRun) -> Vec<Error> {
    let flags = &invocation.flags;
    let mut errors = Vec::new();
    if flags.bool("all") && !flags.string("selector").is_empty() {
        errors.push(error!("cannot set --all and --selector at the same time"));
    }
    if flags.bool("local") && dry_run == DryRun::Server {
        errors.push(error!(
            "cannot specify --local and --dry-run=server - did you mean --dry-run=client?"
        ));
    }
    errors
}

/// Whether there are neither files nor arguments.
fn is_without_resources(invocation: &Invocation, resources: &[String]) -> bool {
    let flags = &invocation.flags;
    resources.is_empty()
        && flags.strings("filename").is_empty()
        && flags.string("kustomize").is_empty()
}

/// Sends changes and reports, whatever happens to some of them.
struct Sender<'a> {
    invocation: &'a Rc<Invocation>,
    reporter: Reporter,
    dry_run: DryRun,
    /// What stands before the message of a patch that the server refuses.
    failure: &'static str,
    errors: Vec<Error>,
}

impl<'a> Sender<'a> {
    fn new(
        invocation: &'a Rc<Invocation>,
        operation: &str,
        dry_run: DryRun,
        failure: &'static str,
    ) -> Result<Sender<'a>> {
        let reporter = Reporter::new(invocation, operation, dry_run)?;
        Ok(Sender { invocation, reporter, dry_run, failure, errors: Vec::new() })
    }

    /// Changes an object and computes the patch; a change that fails is noted.
    fn compute(&mut self, info: Info, update: impl FnOnce(&mut Value) -> Result) -> Option<Change> {
        let change = change::compute(info, update);
        match &change.patch {
            Ok(_) => Some(change),
            Err(why) => {
                // Without a server, nobody knows the resource of a kind.
                let name = match self.invocation.flags.bool("local") {
                    true => change.info.kind_and_name(),
                    false => change.info.resource_and_name(),
                };
                self.errors.push(error!("error: {name} {why}\n"));
                None
            }
        }
    }

    async fn send(&mut self, change: &Change) {
        let result = self.try_send(change).await;
        self.errors.extend(result.err());
    }

    async fn try_send(&mut self, change: &Change) -> Result {
        let is_local = self.invocation.flags.bool("local");
        if is_local || self.dry_run.is_client() {
            return self.reporter.report(self.invocation, &change.info.object);
        }
        let sent = change.send(self.invocation, self.dry_run).await;
        let object = sent.map_err(|error| error.in_sentence(self.failure))?;
        self.reporter.report(self.invocation, &object)
    }

    fn finish(self) -> Result {
        Error::collect(self.errors)
    }
}

/// Refuses a flag that needs the server when nobody is to be asked.
fn refuse_server_dry_run(invocation: &Invocation, dry_run: DryRun) -> Result {
    if invocation.flags.bool("local") && dry_run == DryRun::Server {
        bail!("cannot specify --local and --dry-run=server - did you mean --dry-run=client?");
    }
    Ok(())
}
