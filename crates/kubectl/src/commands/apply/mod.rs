//! `kubectl apply`, and below it the commands for the annotation that it keeps.

mod client_side;
mod last_applied;
pub(super) mod merge;
mod migrate;
mod prune;
mod server_side;

use super::common::{
    field_validation, prints_whole_objects, refuse_arguments, require_files, with_write_parameters,
};
use super::delete::request::cascade;
use crate::client::Call;
use crate::command::{Command, run};
use crate::discovery::split_version;
use crate::errors::{Error, Result, bail, quote};
use crate::flags::{Flag, shared};
use crate::invocation::Invocation;
use crate::print::{DryRun, Order, Reporter};
use crate::resource::{Builder, Info};
use api::object;
pub(super) use prune::Pruner;
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "apply",
    short: "Apply a configuration to a resource by file name or stdin",
    long: include_str!("../../../help/apply.txt"),
    usage: "apply (-f FILENAME | -k DIRECTORY)",
    flags: &[
        shared::PRINT,
        &[
            shared::ALL_OF_TYPES.with_usage(
                "Select all resources in the namespace of the specified resource types.",
            ),
            shared::CASCADE,
            shared::DRY_RUN,
            shared::FIELD_MANAGER_APPLY,
            shared::FORCE,
            shared::FORCE_CONFLICTS,
            shared::GRACE_PERIOD,
            shared::KUSTOMIZE_ANY,
            shared::RECURSIVE,
            shared::SELECTOR,
            shared::SERVER_SIDE,
            shared::TIMEOUT,
            shared::VALIDATE,
            shared::WAIT,
            Flag::string_slice(
                "filename",
                "",
                "The files that contain the configurations to apply.",
            )
            .short('f'),
            Flag::bool(
                "openapi-patch",
                "true",
                "If true, use openapi to calculate diff when the openapi presents and the \
                resource can be found in the openapi spec. Otherwise, fall back to use baked-in \
                types.",
            ),
            Flag::bool(
                "overwrite",
                "true",
                "Automatically resolve conflicts between the modified and live configuration by \
                using values from the modified configuration",
            ),
            Flag::bool(
                "prune",
                "false",
                "Automatically delete resource objects, that do not appear in the configs and are \
                created by either apply or create --save-config. Should be used with either -l or \
                --all.",
            ),
            Flag::string_array(
                "prune-allowlist",
                "",
                "Overwrite the default allowlist with <group/version/kind> for --prune",
            ),
        ],
    ],
    subcommands: &[&super::edit::EDIT_LAST_APPLIED, &last_applied::SET, &last_applied::VIEW],
    run: run!(apply),
    ..Command::EMPTY
};

/// The field manager of `--server-side`, if no other is given.
const FIELD_MANAGER_SERVER_SIDE: &str = "kubectl";

async fn apply(invocation: Rc<Invocation>) -> Result {
    refuse_arguments(&invocation)?;
    let dry_run = DryRun::read(&invocation)?;
    require_files(&invocation)?;
    cascade(&invocation)?;
    check_flags(&invocation, dry_run)?;
    let mut apply = Apply {
        dry_run,
        validation: field_validation(&invocation)?,
        reporter: Reporter::new(&invocation, "created", dry_run)?,
        prints_whole_objects: prints_whole_objects(&invocation),
        pruner: Pruner::new(&invocation).await?,
        invocation,
    };
    apply.run().await
}

fn check_flags(invocation: &Invocation, dry_run: DryRun) -> Result {
    let flags = &invocation.flags;
    let is_server_side = flags.bool("server-side");
    if flags.bool("force-conflicts") && !is_server_side {
        bail!("--force-conflicts only works with --server-side");
    }
    if dry_run.is_client() && is_server_side {
        bail!(
            "--dry-run=client doesn't work with --server-side (did you mean --dry-run=server \
             instead?)"
        );
    }
    if is_server_side && flags.bool("force") {
        bail!("--force cannot be used with --server-side");
    }
    if dry_run == DryRun::Server && flags.bool("force") {
        bail!("--dry-run=server cannot be used with --force");
    }
    if flags.bool("prune") && is_server_side {
        bail!(
            "--prune is in alpha and doesn't currently work on objects created by server-side apply"
        );
    }
    if flags.bool("all") && !flags.string("selector").is_empty() {
        bail!("cannot set --all and --selector at the same time");
    }
    if flags.bool("prune") && !flags.bool("all") && flags.string("selector").is_empty() {
        bail!(
            "all resources selected for prune without explicitly passing --all. To prune all \
             resources, pass the --all flag. If you did not mean to prune all resources, specify \
             a label selector"
        );
    }
    Ok(())
}

/// One run of the command.
struct Apply {
    invocation: Rc<Invocation>,
    dry_run: DryRun,
    validation: &'static str,
    reporter: Reporter,
    prints_whole_objects: bool,
    pruner: Pruner,
}

impl Apply {
    async fn run(&mut self) -> Result {
        let visitor = Builder::new(&self.invocation)
            .selectors(&self.invocation.flags)
            .validated(self.validation != "Ignore")
            .flatten()
            .build()
            .await?;
        let (mut infos, unread) = visitor.all().await;
        if infos.is_empty() && unread.is_empty() {
            bail!("no objects passed to apply");
        }
        let mut errors = Vec::new();
        for info in &mut infos {
            if let Err(error) = self.apply_one(info).await {
                errors.push(error);
            }
        }
        let mut all = Error::of_reading(unread, errors.is_empty());
        all.extend(errors);
        Error::collect(all)?;
        if self.prints_whole_objects {
            self.print_all(&infos)?;
        }
        self.pruner.prune(&self.invocation, self.dry_run, &mut self.reporter).await
    }

    async fn apply_one(&mut self, info: &mut Info) -> Result {
        self.pruner.visit_namespace(info);
        if info.name.is_empty()
            && let Some(prefix) = info.object["metadata"]["generateName"].as_str()
            && !prefix.is_empty()
        {
            bail!("from {prefix}: cannot use generate name with apply");
        }
        let operation = match self.invocation.flags.bool("server-side") {
            true => self.apply_on_server(info).await?,
            false => self.apply_here(info).await?,
        };
        self.pruner.visit(info);
        if self.prints_whole_objects {
            return Ok(());
        }
        self.reporter.set_operation(operation);
        self.reporter.report_in(&self.invocation, &info.object, Order::ByName)
    }

    fn print_all(&mut self, infos: &[Info]) -> Result {
        match infos {
            [one] => self.reporter.report_in(&self.invocation, &one.object, Order::ByName),
            several => {
                let items: Vec<_> = several.iter().map(|info| info.object.clone()).collect();
                let list = object! {
                    "apiVersion": "v1",
                    "kind": "List",
                    "metadata": api::Value::EMPTY_MAP,
                    "items": items,
                };
                self.reporter.report(&self.invocation, &list)
            }
        }
    }

    /// A request that changes something, with the parameters of this run.
    fn parameters(&self, call: Call) -> Call {
        let call = call.query("fieldValidation", self.validation);
        let flags = &self.invocation.flags;
        if flags.bool("server-side") && !flags.is_changed("field-manager") {
            return call
                .query("fieldManager", FIELD_MANAGER_SERVER_SIDE)
                .query_if("dryRun", self.dry_run.parameter());
        }
        with_write_parameters(call, &self.invocation, self.dry_run)
    }
}

/// Whoever changes what is about to go is told so.
pub(super) fn warn_if_deleting(invocation: &Invocation, info: &Info) {
    if !info.object["metadata"]["deletionTimestamp"].is_null() {
        invocation.complain(format!(
            "Warning: Detected changes to resource {} which is currently being deleted.",
            info.name
        ));
    }
}

/// Reads `<group/version/kind>` of `--prune-allowlist`.
fn group_version_kind(text: &str) -> Result<(String, String, String)> {
    let parts: Vec<&str> = text.split('/').collect();
    let [group, version, kind] = parts.as_slice() else {
        bail!("invalid GroupVersionKind format: {text}, please follow <group/version/kind>");
    };
    let group = if *group == "core" { "" } else { group };
    let joined = crate::discovery::join_version(group, version);
    let (group, version) = split_version(&joined);
    if kind.is_empty() {
        bail!("invalid GroupVersionKind format: {}", quote(text));
    }
    Ok((group.to_owned(), version.to_owned(), (*kind).to_owned()))
}
