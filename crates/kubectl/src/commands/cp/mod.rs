//! `kubectl cp`: files as tar archives, through `exec`.

use crate::client::{Call, encode};
use crate::command::{Command, run};
use crate::errors::{Result, bail, error};
use crate::flags::{Flag, shared};
use crate::invocation::{Invocation, go_errno, open_error};
use crate::remote::{container_or_default, exchange};
use shell::archive::{self, Content, Entry};
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "cp",
    short: "Copy files and directories to and from containers",
    long: include_str!("../../../help/cp.txt"),
    usage: "cp <file-spec-src> <file-spec-dest>",
    flags: &[&[
        shared::CONTAINER,
        Flag::bool(
            "no-preserve",
            "false",
            "The copied file/directory's ownership and permissions will not be preserved in the \
            container",
        ),
        Flag::int(
            "retries",
            "0",
            "Set number of retries to complete a copy operation from a container. Specify 0 to \
            disable or any negative value for infinite retrying. The default is 0 (no retry).",
        ),
    ]],
    run: run!(cp),
    ..Command::EMPTY
};

/// `namespace/pod:path`, or a path here.
struct Place {
    pod: Option<(Option<String>, String)>,
    path: String,
}

impl Place {
    fn parse(text: &str) -> Result<Place> {
        const FORMAT: &str =
            "filespec must match the canonical format: [[namespace/]pod:]file/path";
        let Some((pod, path)) = text.split_once(':') else {
            return Ok(Place { pod: None, path: text.to_owned() });
        };
        let parts: Vec<&str> = pod.split('/').collect();
        let pod = match parts.as_slice() {
            [""] => bail!("{FORMAT}"),
            [pod] => (None, (*pod).to_owned()),
            [namespace, pod] => (Some((*namespace).to_owned()), (*pod).to_owned()),
            _ => bail!("{FORMAT}"),
        };
        Ok(Place { pod: Some(pod), path: path.to_owned() })
    }
}

async fn cp(invocation: Rc<Invocation>) -> Result {
    let [source, destination] = invocation.arguments.as_slice() else {
        bail!("source and destination are required");
    };
    let (source, destination) = (Place::parse(source)?, Place::parse(destination)?);
    if source.pod.is_some() && destination.pod.is_some() {
        bail!("one of src or dest must be a local file specification");
    }
    if source.path.is_empty() || destination.path.is_empty() {
        bail!("filepath can not be empty");
    }
    match (&source.pod, &destination.pod) {
        (Some(pod), None) => {
            let container = Container::find(&invocation, pod).await?;
            copy_from(&container, &source.path, &destination.path).await
        }
        (None, Some(pod)) => {
            if !invocation.context.exists(&source.path) {
                bail!("{} doesn't exist in local filesystem", source.path);
            }
            let container = Container::find(&invocation, pod).await?;
            copy_to(&container, &source.path, &destination.path).await
        }
        _ => bail!("one of src or dest must be a remote file specification"),
    }
}

/// The container that files come from or go to.
struct Container<'a> {
    invocation: &'a Rc<Invocation>,
    path: String,
    name: String,
}

impl<'a> Container<'a> {
    async fn find(
        invocation: &'a Rc<Invocation>,
        (namespace, pod): &(Option<String>, String),
    ) -> Result<Container<'a>> {
        let namespace = match namespace {
            Some(namespace) => namespace.clone(),
            None => invocation.namespace()?,
        };
        let path = format!("/api/v1/namespaces/{}/pods/{}", encode(&namespace), encode(pod));
        let pod = invocation.client()?.value(Call::get(path.clone())).await?;
        if let Some(phase @ ("Succeeded" | "Failed")) = pod["status"]["phase"].as_str() {
            bail!("cannot exec into a container in a completed pod; current phase is {phase}");
        }
        let name = match invocation.flags.string("container") {
            "" => {
                let found = container_or_default(invocation, &pod, "", false)?;
                found["name"].as_str().unwrap_or_default().to_owned()
            }
            name => name.to_owned(),
        };
        Ok(Container { invocation, path: format!("{path}/exec"), name })
    }

    /// Runs a command there.
    async fn run(&self, command: &[&str], input: Option<Vec<u8>>) -> Result<Vec<u8>> {
        let mut call = Call::upgrade(self.path.clone()).query("container", self.name.clone());
        for word in command {
            call = call.query("command", *word);
        }
        exchange(self.invocation, call, input).await
    }
}

/// The last part of a path.
fn base(path: &str) -> &str {
    path.trim_end_matches('/').rsplit('/').next().unwrap_or_default()
}

async fn copy_to(container: &Container<'_>, source: &str, destination: &str) -> Result {
    let invocation = container.invocation;
    let mut target = destination.trim_end_matches('/').to_owned();
    if is_directory_there(container, destination).await {
        target = format!("{target}/{}", base(source));
    }
    let (directory, name) = target.rsplit_once('/').unwrap_or(("", &target));
    let mut entries = Vec::new();
    gather(invocation, source, name, &mut entries)?;
    let mut command = vec!["tar"];
    if invocation.flags.bool("no-preserve") {
        command.extend(["--no-same-permissions", "--no-same-owner"]);
    }
    command.extend(["-xmf", "-"]);
    let directory = match (directory, target.starts_with('/')) {
        ("", true) => "/",
        (directory, _) => directory,
    };
    if !directory.is_empty() {
        command.extend(["-C", directory]);
    }
    let printed = container.run(&command, Some(archive::write(&entries))).await?;
    invocation.context.put(printed);
    Ok(())
}

/// Whether a path there is a directory; nothing that the question prints is shown.
async fn is_directory_there(container: &Container<'_>, path: &str) -> bool {
    let mut call = Call::upgrade(container.path.clone())
        .query("container", container.name.clone())
        .query("stdout", "true")
        .query("stderr", "true");
    for word in ["test", "-d", path] {
        call = call.query("command", word);
    }
    let Ok(client) = container.invocation.client() else { return false };
    let Ok(mut streams) = client.stream(call).await else { return false };
    drop(streams.stdin);
    while streams.stdout.recv().await.is_some() || streams.stderr.recv().await.is_some() {}
    streams.status.recv().await.is_some_and(|status| status["status"] == "Success")
}

/// A file, or a directory with all that is in it.
fn gather(invocation: &Invocation, path: &str, name: &str, entries: &mut Vec<Entry>) -> Result {
    let context = &invocation.context;
    let metadata =
        context.metadata(path, true).map_err(|why| error!("lstat {path}: {}", go_errno(why)))?;
    if !metadata.is_directory() {
        let bytes = invocation.read_file(path)?;
        entries.push(Entry { name: name.to_owned(), content: Content::File(bytes) });
        return Ok(());
    }
    entries.push(Entry { name: name.to_owned(), content: Content::Directory });
    let names = context.names(path).map_err(|why| error!("{}", open_error(path, why)))?;
    for inner in names {
        let path = format!("{}/{inner}", path.trim_end_matches('/'));
        gather(invocation, &path, &format!("{name}/{inner}"), entries)?;
    }
    Ok(())
}

async fn copy_from(container: &Container<'_>, source: &str, destination: &str) -> Result {
    let invocation = container.invocation;
    let bytes = container.run(&["tar", "cf", "-", source], None).await?;
    let prefix = source.trim_matches('/');
    for entry in archive::read(&bytes) {
        let name = entry.name.trim_start_matches("./");
        let Some(rest) = name.strip_prefix(prefix.trim_start_matches("./")) else {
            bail!("tar contents corrupted");
        };
        let path = match rest.trim_start_matches('/') {
            "" => destination.to_owned(),
            rest => format!("{}/{rest}", destination.trim_end_matches('/')),
        };
        if rest.split('/').any(|part| part == "..") {
            invocation.complain(format!(
                "warning: file \"{path}\" is outside target destination, skipping"
            ));
            continue;
        }
        extract(invocation, &path, entry.content)?;
    }
    Ok(())
}

fn extract(invocation: &Invocation, path: &str, content: Content) -> Result {
    let context = &invocation.context;
    match content {
        Content::Directory => make_directories(invocation, path),
        Content::Link(target) => {
            invocation.complain(format!("warning: skipping symlink: \"{path}\" -> \"{target}\""));
            Ok(())
        }
        Content::File(bytes) => {
            if let Some((parent, _)) = path.rsplit_once('/')
                && !parent.is_empty()
            {
                make_directories(invocation, parent)?;
            }
            let failed = |why| error!("open {path}: {}", go_errno(why));
            context.write_file(path, &bytes).map_err(failed)
        }
    }
}

fn make_directories(invocation: &Invocation, path: &str) -> Result {
    let context = &invocation.context;
    let made = context.machine().files().create_directories(&context.caller(), path, 0o755);
    made.map_err(|why| error!("mkdir {path}: {}", go_errno(why)))
}
