//! `kubectl replace`

use super::common::{
    LAST_APPLIED, annotation, field_validation, refuse_arguments, require_files, with_last_applied,
    with_write_parameters,
};
use super::delete::Delete;
use super::delete::request::{DeleteRequest, cascade, poll_until_gone};
use crate::client::Call;
use crate::command::{Command, run};
use crate::errors::{Error, Result, bail, quote};
use crate::flags::{Flag, shared};
use crate::invocation::Invocation;
use crate::print::{DryRun, Order, Reporter};
use crate::resource::{Builder, Info};
use api::{Value, names};
use sim::Duration;
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "replace",
    short: "Replace a resource by file name or stdin",
    long: include_str!("../../help/replace.txt"),
    usage: "replace -f FILENAME",
    flags: &[
        shared::PRINT,
        &[
            shared::CASCADE,
            shared::DRY_RUN,
            shared::FORCE,
            shared::GRACE_PERIOD,
            shared::KUSTOMIZE_ANY,
            shared::RECURSIVE,
            shared::SAVE_CONFIG,
            shared::TIMEOUT,
            shared::VALIDATE,
            shared::WAIT,
            Flag::string(
                "field-manager",
                "kubectl-replace",
                "Name of the manager used to track field ownership.",
            ),
            Flag::string_slice(
                "filename",
                "",
                "The files that contain the configurations to replace.",
            )
            .short('f'),
            Flag::string(
                "raw",
                "",
                "Raw URI to PUT to the server.  Uses the transport specified by the kubeconfig \
                file.",
            ),
            Flag::string(
                "subresource",
                "",
                "If specified, replace will operate on the subresource of the requested object. \
                Must be one of [status scale]. This flag is beta and may change in the future.",
            ),
        ],
    ],
    run: run!(replace),
    ..Command::EMPTY
};

/// How long a deleted object is waited for, if `--timeout` does not say.
const DELETION_TIMEOUT: Duration = Duration::from_secs(5 * 60);

async fn replace(invocation: Rc<Invocation>) -> Result {
    refuse_arguments(&invocation)?;
    let dry_run = DryRun::read(&invocation)?;
    let replace = Replace {
        validation: field_validation(&invocation)?,
        dry_run,
        reporter: Reporter::new(&invocation, "replaced", dry_run)?,
        propagation: cascade(&invocation)?,
        invocation: invocation.clone(),
    };
    require_files(&invocation)?;
    check_flags(&invocation, dry_run)?;
    if !invocation.flags.string("raw").is_empty() {
        return replace_raw(&invocation).await;
    }
    match invocation.flags.bool("force") {
        true => replace.run_by_force().await,
        false => replace.run().await,
    }
}

fn check_flags(invocation: &Invocation, dry_run: DryRun) -> Result {
    let flags = &invocation.flags;
    if !flags.bool("force") {
        if flags.int("grace-period") >= 0 {
            bail!("--grace-period must have --force specified");
        }
        if flags.int("timeout") != 0 {
            bail!("--timeout must have --force specified");
        }
    } else if dry_run != DryRun::None {
        bail!("--dry-run can not be used when --force is set");
    }
    match flags.string("subresource") {
        "" | "status" | "scale" => Ok(()),
        other => {
            bail!("invalid subresource value: {}. Must be one of [status scale]", quote(other))
        }
    }
}

struct Replace {
    invocation: Rc<Invocation>,
    dry_run: DryRun,
    validation: &'static str,
    propagation: &'static str,
    reporter: Reporter,
}

impl Replace {
    fn builder(&self) -> Builder {
        let subresource = self.invocation.flags.string("subresource");
        Builder::new(&self.invocation).subresource(subresource).flatten()
    }

    async fn run(mut self) -> Result {
        let mut visitor = self.builder().validated(self.validation != "Ignore").build().await?;
        let mut errors = Vec::new();
        while let Some(next) = visitor.next().await {
            let result = match next {
                Ok(info) => self.replace_one(info).await,
                Err(error) => Err(error),
            };
            errors.extend(result.err());
        }
        Error::collect(errors)
    }

    async fn replace_one(&mut self, mut info: Info) -> Result {
        info.object = self.annotated(&info.object);
        if !self.dry_run.is_client() {
            let source = info.source.clone();
            let replaced = self.put(&mut info).await;
            info.refresh(replaced.map_err(|error| error.with_source("replacing", &source))?);
        }
        self.reporter.report_in(&self.invocation, &info.object, Order::ByName)
    }

    /// An object without a version replaces whatever is there.
    async fn put(&self, info: &mut Info) -> Result<Value> {
        let client = self.invocation.client()?;
        let path = info.path(self.invocation.flags.string("subresource"));
        let version = info.object.get(&names::METADATA).get(&names::RESOURCE_VERSION);
        if version.as_str().is_none_or(str::is_empty)
            && let Ok(live) = client.value(info.get_call("")?).await
        {
            let version = live.get(&names::METADATA).get(&names::RESOURCE_VERSION).clone();
            let metadata = info.object.entry(&names::METADATA).make_map();
            metadata.insert(&names::RESOURCE_VERSION, version);
        }
        info.check_name()?;
        let call = Call::put(path, info.object.clone());
        client.value(self.parameters(call)).await
    }

    fn parameters(&self, call: Call) -> Call {
        let call = call.query("fieldValidation", self.validation);
        with_write_parameters(call, &self.invocation, self.dry_run)
    }

    /// The annotation of `kubectl apply` follows the object if it is there, or if it is asked for.
    fn annotated(&self, object: &Value) -> Value {
        let is_wanted =
            self.invocation.flags.bool("save-config") || annotation(object, LAST_APPLIED).is_some();
        if is_wanted { with_last_applied(object, false) } else { object.clone() }
    }

    /// `--force`: deletes and creates.
    async fn run_by_force(mut self) -> Result {
        let flags = &self.invocation.flags;
        let infos = self.builder().without_objects().build().await?;
        let (wait, grace_period) = match flags.int("grace-period") {
            // Nobody loses data for want of a second flag.
            0 => (true, 1),
            other => (flags.bool("wait"), other),
        };
        let request = DeleteRequest {
            propagation: self.propagation,
            grace_period: Some(grace_period).filter(|seconds| *seconds >= 0),
            dry_run: self.dry_run,
        };
        let timeout_nanos = flags.int("timeout");
        let mut delete = Delete::of_replacement(&self.invocation, request, wait, timeout_nanos);
        delete.run(&self.invocation, infos).await?;
        let timeout = match u64::try_from(timeout_nanos) {
            Ok(nanos @ 1..) => Duration::from_nanos(nanos),
            _ => DELETION_TIMEOUT,
        };
        for info in self.builder().build().await?.infos().await? {
            poll_until_gone(&self.invocation, &info, Some(timeout)).await?;
        }
        self.create_all().await
    }

    async fn create_all(&mut self) -> Result {
        let mut visitor = self.builder().validated(self.validation != "Ignore").build().await?;
        let (mut count, mut errors, mut unread) = (0, Vec::new(), Vec::new());
        while let Some(next) = visitor.next().await {
            match next {
                Ok(info) => match self.create(info).await {
                    Ok(()) => count += 1,
                    Err(error) => errors.push(error),
                },
                Err(error) => unread.push(error),
            }
        }
        let are_alone = errors.is_empty();
        errors.extend(Error::of_reading(unread, are_alone));
        Error::collect(errors)?;
        if count == 0 {
            bail!("no objects passed to replace");
        }
        Ok(())
    }

    async fn create(&mut self, mut info: Info) -> Result {
        info.object = self.annotated(&info.object);
        let call = self.parameters(info.create_call());
        info.refresh(self.invocation.client()?.value(call).await?);
        self.reporter.report_in(&self.invocation, &info.object, Order::ByName)
    }
}

/// `--raw`: the file goes to the path as it is.
async fn replace_raw(invocation: &Rc<Invocation>) -> Result {
    let path = invocation.flags.string("raw");
    let [file] = invocation.flags.strings("filename") else {
        return Err(invocation.usage_error("--raw can only use a single local file or stdin"));
    };
    let bytes = match file.as_str() {
        "-" => invocation.read_stdin().await?,
        file => invocation.read_file(file)?,
    };
    let client = invocation.client()?;
    let call = Call::put(path, Value::Null).bytes(&bytes, "application/json");
    let response = client.send(call).await?;
    let bytes = crate::raw::body(&client, response, path).await?;
    invocation.context.put(bytes);
    Ok(())
}
