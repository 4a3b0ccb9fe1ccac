//! `kubectl run`

mod attached;
mod pod;

use super::generated;
use crate::command::{Command, run};
use crate::errors::{Error, Result, bail, quote};
use crate::flags::{Flag, shared};
use crate::invocation::Invocation;
use crate::print::{DryRun, Reporter};
use crate::remote;
use pod::{POD, SERVICE};
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "run",
    short: "Run a particular image on the cluster",
    long: include_str!("../../../help/run.txt"),
    usage: "run NAME --image=image [--env=\"key=value\"] [--port=port] \
            [--dry-run=server|client] [--overrides=inline-json] [--command] -- [COMMAND] [args...]",
    flags: &[shared::PRINT, FLAGS],
    run: run!(run),
    ..Command::EMPTY
};

const FLAGS: &[Flag] = &[
    shared::DRY_RUN,
    shared::ENV,
    shared::OVERRIDE_TYPE,
    shared::OVERRIDES,
    shared::POD_RUNNING_TIMEOUT,
    shared::RECORD,
    shared::SAVE_CONFIG,
    Flag::string_array("annotations", "", "Annotations to apply to the pod."),
    Flag::bool(
        "attach",
        "false",
        "If true, wait for the Pod to start running, and then attach to the Pod as if 'kubectl \
        attach ...' were called.  Default false, unless '-i/--stdin' is set, in which case the \
        default is true. With '--restart=Never' the exit code of the container process is \
        returned.",
    ),
    Flag::bool(
        "command",
        "false",
        "If true and extra arguments are present, use them as the 'command' field in the \
        container, rather than the 'args' field which is the default.",
    ),
    Flag::bool(
        "expose",
        "false",
        "If true, create a ClusterIP service associated with the pod.  Requires `--port`.",
    ),
    Flag::string(
        "field-manager",
        "kubectl-run",
        "Name of the manager used to track field ownership.",
    ),
    Flag::string("image", "", "The image for the container to run.").required(),
    Flag::string(
        "image-pull-policy",
        "",
        "The image pull policy for the container.  If left empty, this value will not be \
        specified by the client and defaulted by the server.",
    ),
    Flag::string(
        "labels",
        "",
        "Comma separated labels to apply to the pod. Will override previous values.",
    )
    .short('l'),
    Flag::bool(
        "leave-stdin-open",
        "false",
        "If the pod is started in interactive mode or with stdin, leave stdin open after the \
        first attach completes. By default, stdin will be closed after the first attach \
        completes.",
    ),
    Flag::string("port", "", "The port that this container exposes."),
    Flag::bool("privileged", "false", "If true, run the container in privileged mode."),
    Flag::bool("quiet", "false", "If true, suppress prompt messages.").short('q'),
    Flag::string(
        "restart",
        "Always",
        "The restart policy for this Pod.  Legal values [Always, OnFailure, Never].",
    ),
    Flag::bool(
        "rm",
        "false",
        "If true, delete the pod after it exits.  Only valid when attaching to the container, \
        e.g. with '--attach' or with '-i/--stdin'.",
    ),
    Flag::bool(
        "stdin",
        "false",
        "Keep stdin open on the container in the pod, even if nothing is attached.",
    )
    .short('i'),
    Flag::bool("tty", "false", "Allocate a TTY for the container in the pod.").short('t'),
];

async fn run(invocation: Rc<Invocation>) -> Result {
    let flags = &invocation.flags;
    let dry_run = DryRun::read(&invocation)?;
    let mut reporter = Reporter::new(&invocation, "created", dry_run)?;
    let timeout = remote::pod_running_timeout(&invocation)?;
    let attaches = match flags.is_changed("attach") {
        true => flags.bool("attach"),
        false => flags.bool("stdin"),
    };
    let (name, arguments) = check(&invocation, dry_run, attaches)?;
    let pod = pod::pod(&invocation, name, arguments)?;
    let created = generated::create(&invocation, POD, pod, dry_run).await?;
    let mut errors = Vec::new();
    let mut service = None;
    if flags.bool("expose") {
        match expose(&invocation, name, dry_run, &mut reporter).await {
            Ok(created) => service = Some(created),
            Err(error) => errors.push(error),
        }
    }
    if attaches {
        return attached::run(&invocation, &created, service.as_ref(), timeout).await;
    }
    reporter.report(&invocation, &created)?;
    Error::collect(errors)
}

/// The name and the arguments behind it; the complaints come in kubectl's order.
fn check(invocation: &Invocation, dry_run: DryRun, attaches: bool) -> Result<(&str, &[String])> {
    let flags = &invocation.flags;
    let usage = |message: &str| Err(invocation.usage_error(message));
    let Some((name, arguments)) = invocation.arguments.split_first() else {
        return usage("NAME is required for run");
    };
    let image = flags.string("image");
    if image.is_empty() {
        bail!("--image is required");
    }
    if !is_image_name(image) {
        bail!("Invalid image name {}: invalid reference format", quote(image));
    }
    if flags.bool("tty") && !flags.bool("stdin") {
        return usage("-i/--stdin is required for containers with -t/--tty=true");
    }
    if flags.bool("expose") && flags.string("port").is_empty() {
        return usage("--port must be set when exposing a service");
    }
    match flags.string("restart") {
        "" | "Always" | "OnFailure" | "Never" => {}
        policy => return usage(&format!("invalid restart policy: {policy}")),
    }
    if !attaches && flags.bool("rm") {
        return usage("--rm should only be used for attached containers");
    }
    if attaches && dry_run != DryRun::None {
        return usage(
            "--dry-run=[server|client] can't be used with attached containers options (--attach, \
             --stdin, or --tty)",
        );
    }
    match flags.string("image-pull-policy") {
        "" | "Always" | "IfNotPresent" | "Never" => {}
        policy => return usage(&format!("invalid image pull policy: {policy}")),
    }
    Ok((name, arguments))
}

/// Creates the Service of `--expose` and reports.
async fn expose(
    invocation: &Rc<Invocation>,
    name: &str,
    dry_run: DryRun,
    reporter: &mut Reporter,
) -> Result<api::Value> {
    let service = pod::service(invocation, name)?;
    let created = generated::create(invocation, SERVICE, service, dry_run).await?;
    reporter.report(invocation, &created)?;
    // Documents are separated once more than they need to be.
    if reporter.prints_objects() && invocation.flags.string("output") != "name" {
        invocation.print("---");
    }
    Ok(created)
}

/// Whether a text is the name of an image: `host:port/path/name:tag@digest`.
pub(crate) fn is_image_name(text: &str) -> bool {
    let (rest, digest) = match text.split_once('@') {
        Some((rest, digest)) => (rest, Some(digest)),
        None => (text, None),
    };
    let slash = rest.rfind('/').map_or(0, |at| at + 1);
    let (path, tag) = match rest.get(slash..).and_then(|last| last.find(':')) {
        Some(colon) => {
            let (path, tag) = rest.split_at(slash + colon);
            (path, Some(tag.get(1..).unwrap_or_default()))
        }
        None => (rest, None),
    };
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let is_tag = |tag: &str| {
        tag.starts_with(is_word)
            && tag.len() <= 128
            && tag.chars().all(|c| is_word(c) || matches!(c, '.' | '-'))
    };
    let is_digest = |digest: &str| {
        digest.split_once(':').is_some_and(|(algorithm, hex)| {
            algorithm.starts_with(|c: char| c.is_ascii_alphabetic())
                && hex.len() >= 32
                && hex.chars().all(|c| c.is_ascii_hexdigit())
        })
    };
    let mut parts: Vec<&str> = path.split('/').collect();
    if parts.len() > 1 && is_host(parts[0]) {
        parts.remove(0);
    }
    parts.iter().all(|part| is_component(part))
        && tag.is_none_or(is_tag)
        && digest.is_none_or(is_digest)
}

fn is_host(text: &str) -> bool {
    let (host, port) = text.split_once(':').unwrap_or((text, "0"));
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    host.split('.').all(is_label) && !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit())
}

/// Lower-case letters and digits, with single separators between them.
fn is_component(text: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let is_separator = |text: &str| {
        matches!(text, "." | "_" | "__") || (!text.is_empty() && text.bytes().all(|b| b == b'-'))
    };
    text.starts_with(is_letter)
        && text.ends_with(is_letter)
        && text.split(is_letter).filter(|rest| !rest.is_empty()).all(is_separator)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_images() {
        let digest = "a".repeat(64);
        for good in [
            "nginx",
            "nginx:1.25.3",
            "blux2/hello-server:1.0",
            "localhost:5000/a/b_c:x",
            "Example.com/a",
            &format!("a@sha256:{digest}"),
        ] {
            assert!(is_image_name(good), "{good}");
        }
        for bad in ["Nginx", "a b", "", "a:", "a:b:c", "-a", "a/", "a..b", "a@sha256:12"] {
            assert!(!is_image_name(bad), "{bad}");
        }
    }
}
