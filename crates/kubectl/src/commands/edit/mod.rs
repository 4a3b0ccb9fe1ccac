//! `kubectl edit`, and the same session for `create --edit` and `apply edit-last-applied`.

mod editor;
mod results;
mod session;
mod text;

use super::common::{LAST_APPLIED, annotation, field_validation, require_files};
use crate::command::{Command, run};
use crate::errors::{Error, Result, bail, error, quote};
use crate::flags::{Flag, shared};
use crate::invocation::Invocation;
use crate::print::DryRun;
use crate::resource::Builder;
use session::{Mode, Session};
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "edit",
    short: "Edit a resource on the server",
    long: include_str!("../../../help/edit.txt"),
    usage: "edit (RESOURCE/NAME | -f FILENAME)",
    flags: &[
        shared::PRINT,
        &[
            shared::FILENAME_EDIT,
            shared::KUSTOMIZE,
            shared::RECORD,
            shared::RECURSIVE,
            shared::SAVE_CONFIG,
            shared::VALIDATE,
            shared::WINDOWS_LINE_ENDINGS,
            FIELD_MANAGER,
            Flag::bool("output-patch", "false", "Output the patch if the resource is edited."),
            Flag::string(
                "subresource",
                "",
                "If specified, edit will operate on the subresource of the requested object. Must \
                be one of [status]. This flag is beta and may change in the future.",
            ),
        ],
    ],
    run: run!(edit),
    ..Command::EMPTY
};

/// `kubectl apply edit-last-applied`
pub(super) static EDIT_LAST_APPLIED: Command = Command {
    name: "edit-last-applied",
    short: "Edit latest last-applied-configuration annotations of a resource/object",
    long: include_str!("../../../help/apply-edit-last-applied.txt"),
    usage: "edit-last-applied (RESOURCE/NAME | -f FILENAME)",
    flags: &[
        shared::PRINT,
        &[
            shared::FILENAME_EDIT,
            shared::KUSTOMIZE,
            shared::RECORD,
            shared::RECURSIVE,
            shared::VALIDATE,
            shared::WINDOWS_LINE_ENDINGS,
            Flag::string(
                "field-manager",
                "kubectl-client-side-apply",
                "Name of the manager used to track field ownership.",
            ),
        ],
    ],
    run: run!(edit_last_applied),
    ..Command::EMPTY
};

const FIELD_MANAGER: Flag = Flag::string(
    "field-manager",
    "kubectl-edit",
    "Name of the manager used to track field ownership.",
);

async fn edit(invocation: Rc<Invocation>) -> Result {
    let flags = &invocation.flags;
    if flags.bool("output-patch") && !flags.string("output").is_empty() {
        bail!("--output and --output-patch cannot be used together");
    }
    match flags.string("subresource") {
        "" | "status" => {}
        other => bail!("invalid subresource value: {}. Must be one of [status]", quote(other)),
    }
    let session = session(&invocation, Mode::Edit)?;
    let (infos, errors) = latest(&invocation).build().await?.all().await;
    Error::collect(errors)?;
    if infos.is_empty() {
        bail!("edit cancelled, no objects found");
    }
    session.run(infos).await
}

/// The objects as they are on the server.
fn latest(invocation: &Rc<Invocation>) -> Builder {
    Builder::new(invocation)
        .arguments(&invocation.arguments)
        .everything_by_default()
        .subresource(invocation.flags.string("subresource"))
        .latest()
        .flatten()
}

fn session(invocation: &Rc<Invocation>, mode: Mode) -> Result<Session> {
    let is_json = match invocation.flags.string("output") {
        "" | "yaml" => false,
        "json" => true,
        other => bail!(
            "unable to match a printer suitable for the output format {}, allowed formats are: \
             json,yaml",
            quote(other)
        ),
    };
    Ok(Session {
        validation: field_validation(invocation)?,
        namespace: invocation.namespace()?,
        invocation: invocation.clone(),
        is_json,
        mode,
    })
}

/// `kubectl create --edit`: each object on its own.
pub(super) async fn edit_before_create(invocation: &Rc<Invocation>) -> Result {
    require_files(invocation)?;
    DryRun::read(invocation)?;
    let session = session(invocation, Mode::Create)?;
    let mut visitor = Builder::new(invocation).flatten().build().await?;
    let mut errors = Vec::new();
    while let Some(next) = visitor.next().await {
        let result = match next {
            Ok(info) => session.run(vec![info]).await,
            Err(error) => Err(error),
        };
        errors.extend(result.err());
    }
    Error::collect(errors)
}

async fn edit_last_applied(invocation: Rc<Invocation>) -> Result {
    let session = session(&invocation, Mode::LastApplied)?;
    let (infos, errors) = latest(&invocation).build().await?.all().await;
    Error::collect(errors)?;
    let mut applied = Vec::new();
    for info in &infos {
        if let Some(text) = annotation(&info.object, LAST_APPLIED) {
            applied.extend(session.read(text).await?);
        }
    }
    if applied.is_empty() {
        return Err(error!(
            "no last-applied-configuration annotation found on resources, to create the \
             annotation, use command `kubectl apply set-last-applied --create-annotation`"
        ));
    }
    session.run(applied).await
}
