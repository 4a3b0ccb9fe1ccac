//! `kubectl delete`

pub(crate) mod request;

use crate::client::Call;
use crate::command::{Command, run};
use crate::discovery::Mapping;
use crate::errors::{Error, Result, bail, quote};
use crate::flags::{Flag, shared};
use crate::invocation::Invocation;
use crate::print::DryRun;
use crate::resource::{Builder, Info, Visitor};
use api::{Reason, Value, names};
use request::{DeleteRequest, Waiting, cascade};
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "delete",
    short: "Delete resources by file names, stdin, resources and names, or by resources and label \
            selector",
    long: include_str!("../../../help/delete.txt"),
    usage: "delete ([-f FILENAME] | [-k DIRECTORY] | TYPE [(NAME | -l label | --all)])",
    flags: &[&[
        shared::ALL_NAMESPACES,
        shared::CASCADE,
        shared::DRY_RUN,
        shared::FIELD_SELECTOR,
        shared::FORCE,
        shared::GRACE_PERIOD,
        shared::KUSTOMIZE_ANY,
        shared::RECURSIVE,
        shared::SELECTOR,
        shared::TIMEOUT,
        shared::WAIT.with_default("true"),
        Flag::bool(
            "all",
            "false",
            "Delete all resources, in the namespace of the specified resource types.",
        ),
        Flag::string_slice("filename", "", "containing the resource to delete.").short('f'),
        Flag::bool(
            "ignore-not-found",
            "false",
            "Treat \"resource not found\" as a successful delete. Defaults to \"true\" when --all \
            is specified.",
        ),
        Flag::bool(
            "interactive",
            "false",
            "If true, delete resource only when user confirms. This flag is in Alpha.",
        )
        .short('i'),
        Flag::bool(
            "now",
            "false",
            "If true, resources are signaled for immediate shutdown (same as --grace-period=1).",
        ),
        Flag::string(
            "output",
            "",
            "Output mode. Use \"-o name\" for shorter output (resource/name).",
        )
        .short('o'),
        Flag::string(
            "raw",
            "",
            "Raw URI to DELETE to the server.  Uses the transport specified by the kubeconfig \
            file.",
        ),
    ]],
    run: run!(delete),
    ..Command::EMPTY
};

async fn delete(invocation: Rc<Invocation>) -> Result {
    let flags = &invocation.flags;
    let mut delete = Delete::read(&invocation)?;
    if !flags.string("raw").is_empty() {
        delete.check(&invocation)?;
        if flags.bool("interactive") {
            bail!("--interactive can not be used with --raw");
        }
        return delete_raw(&invocation).await;
    }
    if flags.bool("all")
        && !(flags.string("selector").is_empty() && flags.string("field-selector").is_empty())
    {
        bail!("setting 'all' parameter but found a non empty selector. ");
    }
    let visitor = Builder::new(&invocation)
        .arguments(&invocation.arguments)
        .selectors(flags)
        .all(flags.bool("all"))
        .without_objects()
        .flatten()
        .build()
        .await?;
    delete.check(&invocation)?;
    if !flags.bool("interactive") {
        return delete.run(&invocation, visitor).await;
    }
    let infos = visitor.infos().await?;
    if !infos.is_empty() && !is_confirmed(&invocation, &infos).await? {
        invocation.print("deletion is cancelled");
        return Ok(());
    }
    delete.run_all(&invocation, infos).await
}

/// Shows what would be deleted and asks whether it shall be.
async fn is_confirmed(invocation: &Invocation, infos: &[Info]) -> Result<bool> {
    invocation.print(format!("You are about to delete the following {} resource(s):", infos.len()));
    for info in infos {
        invocation.print(format!("{}/{}", Mapping::kind_name(&info.mapping), info.name));
    }
    invocation.context.put("Do you want to continue? (y/n): ");
    Ok(matches!(invocation.read_word().await?.as_str(), "y" | "Y"))
}

/// What came of the objects so far.
#[derive(Default)]
struct Outcome {
    count: usize,
    errors: Vec<Error>,
    /// Of objects that could not be read.
    unread: Vec<Error>,
    waiting: Vec<Waiting>,
}

/// How objects are deleted. `replace --force` deletes so too.
pub(crate) struct Delete {
    request: DeleteRequest,
    is_forced: bool,
    /// Objects that do not exist are passed over.
    ignores_missing: bool,
    waits: bool,
    timeout_nanos: i64,
    prints_names: bool,
    /// Objects of the cluster are deleted although a namespace was given.
    warns_of_scope: bool,
}

impl Delete {
    /// Reads the flags.
    pub(crate) fn read(invocation: &Invocation) -> Result<Delete> {
        let flags = &invocation.flags;
        let propagation = cascade(invocation)?;
        let mut grace_period = flags.int("grace-period");
        let is_forced = flags.bool("force");
        if flags.bool("now") {
            if grace_period != -1 {
                bail!("--now and --grace-period cannot be specified together");
            }
            grace_period = 1;
        }
        grace_period = match (grace_period, is_forced) {
            // Nobody loses data for want of a second flag.
            (0, false) => 1,
            (..=-1, true) => 0,
            (other, _) => other,
        };
        let has_selector = flags.bool("all")
            || !flags.string("selector").is_empty()
            || !flags.string("field-selector").is_empty();
        Ok(Delete {
            request: DeleteRequest {
                propagation,
                grace_period: Some(grace_period).filter(|seconds| *seconds >= 0),
                dry_run: DryRun::read(invocation)?,
            },
            is_forced,
            ignores_missing: match flags.is_changed("ignore-not-found") {
                true => flags.bool("ignore-not-found"),
                false => has_selector,
            },
            waits: flags.bool("wait"),
            timeout_nanos: flags.int("timeout"),
            prints_names: false,
            warns_of_scope: invocation.is_namespace_explicit() && !flags.bool("all-namespaces"),
        })
    }

    /// How `replace --force` deletes: what is not there is made all the same.
    pub(crate) fn of_replacement(
        invocation: &Invocation,
        request: DeleteRequest,
        waits: bool,
        timeout_nanos: i64,
    ) -> Delete {
        Delete {
            request,
            is_forced: true,
            ignores_missing: true,
            waits,
            timeout_nanos,
            prints_names: invocation.flags.string("output") == "name",
            warns_of_scope: false,
        }
    }

    /// What cannot be asked for, and what had better be known.
    fn check(&mut self, invocation: &Invocation) -> Result {
        match invocation.flags.string("output") {
            "" => {}
            "name" => self.prints_names = true,
            other => bail!("unexpected -o output mode: {other}. We only support '-o name'"),
        }
        match self.request.grace_period {
            Some(0) if self.is_forced => invocation.complain(
                "Warning: Immediate deletion does not wait for confirmation that the running \
                 resource has been terminated. The resource may continue to run on the cluster \
                 indefinitely.",
            ),
            Some(1..) if self.is_forced => {
                bail!("--force and --grace-period greater than 0 cannot be specified together")
            }
            _ => {}
        }
        Ok(())
    }

    /// Deletes all objects of a visitor and waits until they are gone.
    pub(crate) async fn run(&mut self, invocation: &Invocation, mut visitor: Visitor) -> Result {
        let mut outcome = Outcome::default();
        while let Some(next) = visitor.next().await {
            self.visit(invocation, next, &mut outcome).await;
        }
        self.end(invocation, outcome).await
    }

    /// Deletes these objects and waits until they are gone.
    async fn run_all(&mut self, invocation: &Invocation, infos: Vec<Info>) -> Result {
        let mut outcome = Outcome::default();
        for info in infos {
            self.visit(invocation, Ok(info), &mut outcome).await;
        }
        self.end(invocation, outcome).await
    }

    async fn visit(&mut self, invocation: &Invocation, next: Result<Info>, outcome: &mut Outcome) {
        let (result, is_read) = match next {
            Ok(info) => {
                outcome.count += 1;
                (self.delete_one(invocation, info, &mut outcome.waiting).await, true)
            }
            Err(error) => (Err(error), false),
        };
        match result {
            Err(error) if error.is_not_found() && self.ignores_missing => {}
            Err(error) if is_read => outcome.errors.push(error),
            Err(error) => outcome.unread.push(error),
            Ok(()) => {}
        }
    }

    async fn end(&self, invocation: &Invocation, outcome: Outcome) -> Result {
        let Outcome { count, mut errors, unread, waiting } = outcome;
        let are_alone = errors.is_empty();
        errors.extend(Error::of_reading(unread, are_alone));
        Error::collect(errors)?;
        if count == 0 {
            invocation.print("No resources found");
            return Ok(());
        }
        if !self.waits || self.request.dry_run != DryRun::None {
            return Ok(());
        }
        match request::wait_for_all(invocation, waiting, self.timeout_nanos).await {
            // Who may not look may delete all the same.
            Err(error) if error.is(Reason::Forbidden) || error.is(Reason::MethodNotAllowed) => {
                Ok(())
            }
            result => result,
        }
    }

    async fn delete_one(
        &mut self,
        invocation: &Invocation,
        info: Info,
        waiting: &mut Vec<Waiting>,
    ) -> Result {
        if self.warns_of_scope && !info.mapping.is_namespaced {
            self.warns_of_scope = false;
            invocation.complain(
                "Warning: deleting cluster-scoped resources, not scoped to the provided namespace",
            );
        }
        if self.request.dry_run.is_client() {
            self.report(invocation, &info);
            return Ok(());
        }
        info.check_name().map_err(|why| match info.source.as_str() {
            "" => why,
            source => why.in_sentence(&format!("error when deleting {}: ", quote(source))),
        })?;
        let answer = invocation.client()?.value(self.request.call(&info.path(""))).await;
        let answer = answer.map_err(|error| error.with_source("deleting", &info.source))?;
        self.report(invocation, &info);
        let uid = uid_of_answer(&answer);
        waiting.push(Waiting { info, uid });
        Ok(())
    }

    fn report(&self, invocation: &Invocation, info: &Info) {
        let kind = Mapping::kind_name(&info.mapping);
        if self.prints_names {
            return invocation.print(format!("{kind}/{}", info.name));
        }
        let operation =
            if self.request.grace_period == Some(0) { "force deleted" } else { "deleted" };
        let suffix = self.request.dry_run.suffix();
        invocation.print(format!("{kind} \"{}\" {operation}{suffix}", info.name));
    }
}

/// The uid of what was deleted: a `Status` or the object itself tells it.
fn uid_of_answer(answer: &Value) -> String {
    let details = &answer["details"];
    let uid = if details.is_null() {
        answer.get(&names::METADATA).get(&names::UID)
    } else {
        details.get(&names::UID)
    };
    uid.as_str().unwrap_or_default().to_owned()
}

/// `--raw`: the path as it is.
async fn delete_raw(invocation: &Rc<Invocation>) -> Result {
    let path = invocation.flags.string("raw");
    if !invocation.arguments.is_empty() {
        bail!("arguments may not be passed when --raw is specified");
    }
    let files = invocation.flags.strings("filename");
    if files.len() > 1 {
        bail!("--raw can only use a single local file or stdin");
    }
    let mut call = Call::delete(path, Value::Null);
    if let Some(file) = files.first() {
        let bytes = match file.as_str() {
            "-" => invocation.read_stdin().await?,
            file => invocation.read_file(file)?,
        };
        call = call.bytes(&bytes, "application/json");
    }
    let client = invocation.client()?;
    let response = client.send(call).await?;
    let bytes = crate::raw::body(&client, response, path).await?;
    invocation.context.put(bytes);
    Ok(())
}
