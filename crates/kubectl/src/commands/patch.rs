//! `kubectl patch`

use super::common::with_write_parameters;
use crate::client::Call;
use crate::command::{Command, run};
use crate::errors::{Error, Result, bail, error, quote};
use crate::flags::{Flag, shared};
use crate::invocation::Invocation;
use crate::patches;
use crate::print::{DryRun, Order, Reporter};
use crate::resource::{Builder, Info};
use api::{Reason, Value, json, yaml};
use apiserver::PatchType;
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "patch",
    short: "Update fields of a resource",
    long: include_str!("../../help/patch.txt"),
    usage: "patch (-f FILENAME | TYPE NAME) [-p PATCH|--patch-file FILE]",
    flags: &[
        shared::PRINT,
        &[
            shared::DRY_RUN,
            shared::FILENAME_UPDATE,
            shared::KUSTOMIZE,
            shared::RECURSIVE,
            Flag::string(
                "field-manager",
                "kubectl-patch",
                "Name of the manager used to track field ownership.",
            ),
            Flag::bool(
                "local",
                "false",
                "If true, patch will operate on the content of the file, not the server-side \
                resource.",
            ),
            Flag::string("patch", "", "The patch to be applied to the resource JSON file.")
                .short('p'),
            Flag::string(
                "patch-file",
                "",
                "A file containing a patch to be applied to the resource.",
            ),
            Flag::string(
                "subresource",
                "",
                "If specified, patch will operate on the subresource of the requested object. \
                Must be one of [status scale]. This flag is beta and may change in the future.",
            ),
            Flag::string(
                "type",
                "strategic",
                "The type of patch being provided; one of [json merge strategic]",
            ),
        ],
    ],
    run: run!(patch),
    ..Command::EMPTY
};

async fn patch(invocation: Rc<Invocation>) -> Result {
    let dry_run = DryRun::read(&invocation)?;
    let ty = check_flags(&invocation, dry_run)?;
    let change = Change::read(&invocation)?;
    // kubectl does not say that it patched only what it holds itself.
    let reported = if dry_run.is_client() { DryRun::None } else { dry_run };
    let reporter = Reporter::new(&invocation, "patched", reported)?;
    let flags = &invocation.flags;
    let is_local = flags.bool("local");
    let mut visitor = Builder::new(&invocation)
        .local(is_local)
        .arguments(&invocation.arguments)
        .subresource(flags.string("subresource"))
        .latest()
        .flatten()
        .build()
        .await?;
    let is_remote = !is_local && !dry_run.is_client();
    let mut patching = Patching { invocation, dry_run, ty, change, reporter };
    let (mut count, mut errors) = (0, Vec::new());
    while let Some(next) = visitor.next().await {
        let result = match next {
            Ok(info) => {
                count += 1;
                patching.patch(info, is_remote).await
            }
            Err(error) => Err(error),
        };
        errors.extend(result.err());
    }
    Error::collect(errors)?;
    if count == 0 {
        bail!("no objects passed to patch");
    }
    Ok(())
}

fn check_flags(invocation: &Invocation, dry_run: DryRun) -> Result<PatchType> {
    let flags = &invocation.flags;
    let has = |name: &str| !flags.string(name).is_empty();
    if has("patch") && has("patch-file") {
        bail!("cannot specify --patch and --patch-file together");
    }
    if !has("patch") && !has("patch-file") {
        bail!("must specify --patch or --patch-file containing the contents of the patch");
    }
    if flags.bool("local") && !invocation.arguments.is_empty() {
        bail!("cannot specify --local and server resources");
    }
    if flags.bool("local") && dry_run == DryRun::Server {
        bail!("cannot specify --local and --dry-run=server - did you mean --dry-run=client?");
    }
    let ty = match flags.string("type").to_lowercase().as_str() {
        "json" => PatchType::Json,
        "merge" => PatchType::Merge,
        "strategic" | "" => PatchType::Strategic,
        _ => bail!(
            "--type must be one of [json merge strategic], not {}",
            quote(flags.string("type"))
        ),
    };
    match flags.string("subresource") {
        "" | "status" | "scale" => Ok(ty),
        other => {
            bail!("invalid subresource value: {}. Must be one of [status scale]", quote(other))
        }
    }
}

/// The patch, as far as it can be understood here.
enum Change {
    Document(Value),
    /// Looks like JSON and is not; the server shall say what is wrong with it.
    Unreadable {
        text: String,
        why: json::Error,
    },
}

impl Change {
    fn read(invocation: &Invocation) -> Result<Change> {
        let flags = &invocation.flags;
        let (file, given) = (flags.string("patch-file"), flags.string("patch"));
        let text = match file {
            "" => given.to_owned(),
            file => {
                let bytes = invocation
                    .read_file(file)
                    .map_err(|why| error!("unable to read patch file: {why}"))?;
                String::from_utf8_lossy(&bytes).into_owned()
            }
        };
        if text.trim_start().starts_with('{') {
            return Ok(match json::parse(text.as_bytes()) {
                Ok(document) => Change::Document(document),
                Err(why) => Change::Unreadable { text, why },
            });
        }
        let document =
            yaml::parse(&text).map_err(|why| error!("unable to parse {}: {why}", quote(given)))?;
        Ok(Change::Document(document))
    }

    fn call(&self, ty: PatchType, path: String) -> Call {
        match self {
            Change::Document(document) => Call::patch(path, ty, document.clone()),
            Change::Unreadable { text, .. } => {
                Call::patch(path, ty, Value::Null).bytes(text.as_bytes(), ty.content_type())
            }
        }
    }
}

struct Patching {
    invocation: Rc<Invocation>,
    dry_run: DryRun,
    ty: PatchType,
    change: Change,
    reporter: Reporter,
}

impl Patching {
    async fn patch(&mut self, info: Info, is_remote: bool) -> Result {
        let patched = match is_remote {
            true => self.patch_on_server(&info).await?,
            false => match &self.change {
                Change::Document(change) => patches::apply(self.ty, &info.object, change)?,
                Change::Unreadable { why, .. } => bail!("{why}"),
            },
        };
        let is_changed = info.object != patched;
        self.reporter.set_operation(if is_changed { "patched" } else { "patched (no change)" });
        self.reporter.report_in(&self.invocation, &patched, Order::ByName)
    }

    async fn patch_on_server(&self, info: &Info) -> Result<Value> {
        info.check_name()?;
        let path = info.path(self.invocation.flags.string("subresource"));
        let call = self.change.call(self.ty, path);
        let call = with_write_parameters(call, &self.invocation, self.dry_run);
        self.invocation.client()?.value(call).await.map_err(|error| {
            if !error.is(Reason::UnsupportedMediaType) {
                return error;
            }
            let (ty, kind) = (self.ty.content_type(), info.mapping.kind_text());
            error!("{ty} is not supported by {kind}: {error}")
        })
    }
}
