//! `kubectl debug`

mod attached;
mod copy;
mod ephemeral;
mod node;
mod profile;

use crate::command::{Command, run};
use crate::commands::common::{command_arguments, random_suffix};
use crate::errors::{Error, Result, bail, error, quote};
use crate::flags::{Flag, Flags};
use crate::invocation::Invocation;
use crate::remote::find_container;
use crate::resource::{Builder, Info};
use api::{List, Value, object};
use profile::Profile;
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "debug",
    short: "Create debugging sessions for troubleshooting workloads and nodes",
    long: include_str!("../../../help/debug.txt"),
    usage: "debug (POD | TYPE[[.VERSION].GROUP]/NAME) [ -- COMMAND [args...] ]",
    flags: &[FLAGS],
    run: run!(debug),
    ..Command::EMPTY
};

const FLAGS: &[Flag] = &[
    Flag::bool(
        "arguments-only",
        "false",
        "If specified, everything after -- will be passed to the new container as Args instead of \
        Command.",
    ),
    Flag::bool(
        "attach",
        "false",
        "If true, wait for the container to start running, and then attach as if 'kubectl attach \
        ...' were called.  Default false, unless '-i/--stdin' is set, in which case the default \
        is true.",
    ),
    Flag::string("container", "", "Container name to use for debug container.").short('c'),
    Flag::string("copy-to", "", "Create a copy of the target Pod with this name."),
    Flag::string_map("env", "", "Environment variables to set in the container."),
    Flag::string_slice("filename", "", "identifying the resource to debug").short('f'),
    Flag::string("image", "", "Container image to use for debug container."),
    Flag::string(
        "image-pull-policy",
        "",
        "The image pull policy for the container. If left empty, this value will not be specified \
        by the client and defaulted by the server.",
    ),
    Flag::string(
        "profile",
        "legacy",
        "Debugging profile. Options are \"legacy\", \"general\", \"baseline\", \"netadmin\", or \
        \"restricted\".",
    ),
    Flag::bool("quiet", "false", "If true, suppress informational messages.").short('q'),
    Flag::bool("replace", "false", "When used with '--copy-to', delete the original Pod."),
    Flag::bool(
        "same-node",
        "false",
        "When used with '--copy-to', schedule the copy of target Pod on the same node.",
    ),
    Flag::string_map(
        "set-image",
        "",
        "When used with '--copy-to', a list of name=image pairs for changing container images, \
        similar to how 'kubectl set image' works.",
    ),
    Flag::bool(
        "share-processes",
        "true",
        "When used with '--copy-to', enable process namespace sharing in the copy.",
    ),
    Flag::bool(
        "stdin",
        "false",
        "Keep stdin open on the container(s) in the pod, even if nothing is attached.",
    )
    .short('i'),
    Flag::string(
        "target",
        "",
        "When using an ephemeral container, target processes in this container name.",
    ),
    Flag::bool("tty", "false", "Allocate a TTY for the debugging container.").short('t'),
];

async fn debug(invocation: Rc<Invocation>) -> Result {
    let flags = &invocation.flags;
    let profile = Profile::parse(flags.string("profile"))?;
    let count = invocation.dash.unwrap_or(invocation.arguments.len());
    let names = invocation.arguments.get(..count).unwrap_or_default();
    let session =
        Session { invocation: &invocation, profile, words: command_arguments(&invocation) };
    session.check(names)?;
    let mut arguments = names.to_vec();
    if !names.is_empty() && !names.iter().any(|name| name.contains('/')) {
        arguments.insert(0, "pods".to_owned());
    }
    let mut visitor =
        Builder::new(&invocation).arguments(&arguments).latest().flatten().build().await?;
    while let Some(next) = visitor.next().await {
        session.visit(&next?).await?;
    }
    Ok(())
}

/// What the flags ask for.
struct Session<'a> {
    invocation: &'a Rc<Invocation>,
    profile: Profile,
    /// The command, or its arguments.
    words: Vec<String>,
}

impl Session<'_> {
    fn flags(&self) -> &Flags {
        &self.invocation.flags
    }

    /// Tells something, unless `--quiet`.
    fn tell(&self, line: String) {
        if !self.flags().bool("quiet") {
            self.invocation.print(line);
        }
    }

    fn check(&self, names: &[String]) -> Result {
        let flags = self.flags();
        let (image, has_images) = (flags.string("image"), !flags.strings("set-image").is_empty());
        if !flags.string("copy-to").is_empty() {
            if image.is_empty() && !has_images && self.words.is_empty() {
                bail!("you must specify --image, --set-image or command arguments.");
            }
            if !self.words.is_empty() && flags.string("container").is_empty() && image.is_empty() {
                bail!(
                    "you must specify an existing container or a new image when specifying args."
                );
            }
        } else if flags.bool("replace") {
            bail!("--replace may only be used with --copy-to.");
        } else if flags.bool("same-node") {
            bail!("--same-node may only be used with --copy-to.");
        } else if has_images {
            bail!("--set-image may only be used with --copy-to.");
        } else if image.is_empty() {
            bail!("you must specify --image when not using --copy-to.");
        }
        self.check_details(names)
    }

    fn check_details(&self, names: &[String]) -> Result {
        let flags = self.flags();
        let is_image = crate::commands::run::is_image_name;
        let image = flags.string("image");
        if !image.is_empty() && !is_image(image) {
            bail!("invalid image name {}: invalid reference format", quote(image));
        }
        if names.is_empty() && flags.strings("filename").is_empty() {
            bail!("NAME or filename is required for debug");
        }
        match flags.string("image-pull-policy") {
            "" | "Always" | "IfNotPresent" | "Never" => {}
            other => bail!("invalid image pull policy: {other}"),
        }
        for (name, image) in pairs(flags.strings("set-image")) {
            if !is_image(image) {
                bail!(
                    "invalid image name {} for container {}: invalid reference format",
                    quote(image),
                    quote(name)
                );
            }
        }
        let target = flags.string("target");
        if !target.is_empty() {
            if !flags.string("copy-to").is_empty() {
                bail!("--target is incompatible with --copy-to. Use --share-processes instead.");
            }
            self.tell(format!(
                "Targeting container {}. If you don't see processes from this container it may be \
                 because the container runtime doesn't support this feature.",
                quote(target)
            ));
        }
        if flags.bool("tty") && !flags.bool("stdin") {
            bail!("-i/--stdin is required for containers with -t/--tty=true");
        }
        Ok(())
    }

    async fn visit(&self, info: &Info) -> Result {
        let flags = self.flags();
        let (pod, container) = match (info.mapping.group.as_str(), info.mapping.kind.as_str()) {
            ("", "Node") => node::debug(self, &info.object).await?,
            ("", "Pod") if flags.string("copy-to").is_empty() => {
                ephemeral::debug(self, info).await?
            }
            ("", "Pod") => copy::debug(self, &info.object).await?,
            _ => return Err(error!("{} not supported by debug", quote(&info.mapping.kind_text()))),
        };
        let attaches = match flags.is_changed("attach") {
            true => flags.bool("attach"),
            false => flags.bool("stdin"),
        };
        if !attaches || container.is_empty() {
            return Ok(());
        }
        attached::attach(self.invocation, &pod, &container).await
    }

    /// The name of the new container; one that nobody chose is told.
    fn container_name(&self, pod: &Value) -> String {
        match self.flags().string("container") {
            "" => {}
            name => return name.to_owned(),
        }
        let name = loop {
            let name = format!("debugger-{}", random_suffix(self.invocation));
            if find_container(pod, &name).is_none() {
                break name;
            }
        };
        self.tell(format!("Defaulting debug container name to {name}."));
        name
    }

    /// A new container of that name.
    fn container(&self, name: &str) -> Value {
        let mut container = object! { "name": name.to_owned(), "terminationMessagePolicy": "File" };
        self.set(&mut container);
        container
    }

    /// Sets what flags say of a container.
    fn set(&self, container: &mut Value) {
        let flags = self.flags();
        let map = container.make_map();
        if !self.words.is_empty() {
            let words: List = self.words.iter().cloned().collect();
            if flags.bool("arguments-only") {
                map.insert("args", words);
            } else {
                map.insert("command", words);
                map.remove_str("args");
            }
        }
        let variable = |(name, value): (&str, &str)| {
            object! { "name": name.to_owned(), "value": value.to_owned() }
        };
        let environment: List = pairs(flags.strings("env")).map(variable).collect();
        if !environment.is_empty() {
            map.insert("env", environment);
        }
        for (field, flag) in [("image", "image"), ("imagePullPolicy", "image-pull-policy")] {
            if !flags.string(flag).is_empty() {
                map.insert(field, flags.string(flag).to_owned());
            }
        }
        for field in ["stdin", "tty"] {
            if flags.bool(field) {
                map.insert(field, true);
            } else {
                map.remove_str(field);
            }
        }
    }
}

/// `a=b` as its two parts.
fn pairs(texts: &[String]) -> impl Iterator<Item = (&str, &str)> {
    texts.iter().filter_map(|text| text.split_once('='))
}

/// The path of the Pods in a namespace.
fn pods_path(namespace: &str) -> String {
    format!("/api/v1/namespaces/{}/pods", crate::client::encode(namespace))
}

/// The error of a server that has no such subresource.
fn without_ephemeral_containers(error: Error) -> Error {
    let is_unknown = error.is_not_found()
        && error
            .status()
            .and_then(|status| status.details.as_ref())
            .is_none_or(|details| details.name.is_empty());
    if !is_unknown {
        return error;
    }
    error!(
        "ephemeral containers are disabled for this cluster (error from server: {})",
        quote(&error.to_string())
    )
}
