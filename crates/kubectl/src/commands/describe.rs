//! `kubectl describe`

use crate::command::{Command, run};
use crate::describe::{Settings, describe as description};
use crate::errors::{Error, Result, bail};
use crate::flags::{Flag, shared};
use crate::invocation::Invocation;
use crate::resource::{Builder, Info};
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "describe",
    short: "Show details of a specific resource or group of resources",
    long: include_str!("../../help/describe.txt"),
    usage: "describe (-f FILENAME | TYPE [NAME_PREFIX | -l label] | TYPE/NAME)",
    flags: &[&[
        shared::ALL_NAMESPACES,
        shared::CHUNK_SIZE,
        shared::FILENAME_GET
            .with_usage("Filename, directory, or URL to files containing the resource to describe"),
        shared::KUSTOMIZE,
        shared::RECURSIVE,
        shared::SELECTOR,
        Flag::bool(
            "show-events",
            "true",
            "If true, display events related to the described object.",
        ),
    ]],
    run: run!(describe),
    ..Command::EMPTY
};

async fn describe(invocation: Rc<Invocation>) -> Result {
    let flags = &invocation.flags;
    let wanted = Builder::new(&invocation).selectors(flags);
    if invocation.arguments.is_empty() && !wanted.has_files() {
        bail!(
            "You must specify the type of resource to describe. Use \"kubectl api-resources\" for \
             a complete list of supported resources.\n"
        );
    }
    let visitor = wanted
        .arguments(&invocation.arguments)
        .everything_by_default()
        .chunks(flags.int("chunk-size"))
        .latest()
        .flatten()
        .build()
        .await?;
    let (infos, mut errors) = visitor.all().await;
    if let [error] = errors.as_slice()
        && error.is_not_found()
        && let [resource, prefix] = invocation.arguments.as_slice()
    {
        return describe_matching(&invocation, error, resource, prefix).await;
    }
    let mut is_first = true;
    for info in &infos {
        match describe_one(&invocation, info).await {
            Ok(text) => {
                invocation.context.put(if is_first { "" } else { "\n\n" });
                invocation.context.put(text);
                is_first = false;
            }
            Err(error) => errors.push(error),
        }
    }
    if infos.is_empty() && errors.is_empty() {
        invocation.complain(match flags.bool("all-namespaces") {
            true => "No resources found".to_owned(),
            false => format!("No resources found in {} namespace.", invocation.namespace()?),
        });
    }
    Error::all(errors)
}

async fn describe_one(invocation: &Invocation, info: &Info) -> Result<String> {
    let settings = Settings {
        shows_events: invocation.flags.bool("show-events"),
        chunk_size: invocation.flags.int("chunk-size"),
        now: invocation.context.now(),
    };
    description(&invocation.client()?, info, settings).await
}

/// Describes the objects whose names begin with `prefix`; without any, the name was wrong.
async fn describe_matching(
    invocation: &Rc<Invocation>,
    error: &Error,
    resource: &str,
    prefix: &str,
) -> Result {
    let infos = Builder::new(invocation)
        .arguments(&[resource.to_owned()])
        .everything_by_default()
        .single_type()
        .chunks(invocation.flags.int("chunk-size"))
        .flatten()
        .build()
        .await?
        .infos()
        .await?;
    let mut is_found = false;
    for info in infos.iter().filter(|info| info.name.starts_with(prefix)) {
        is_found = true;
        invocation.print(describe_one(invocation, info).await?);
    }
    if is_found { Ok(()) } else { Err(error.clone()) }
}
