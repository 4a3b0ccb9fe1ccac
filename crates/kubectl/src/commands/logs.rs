//! `kubectl logs`

use crate::client::{Call, Client, encode};
use crate::command::{Command, run};
use crate::errors::{Error, Result, bail, error};
use crate::flags::{Flag, shared};
use crate::invocation::Invocation;
use crate::join::join_all;
use crate::polymorphic::attachable;
use crate::polymorphic::logged_pod::first_pod;
use crate::polymorphic::pod_spec::go_type;
use crate::remote::{container_or_default, find_container, pod_running_timeout};
use crate::resource::Builder;
use api::core::v1::Pod;
use api::{Value, View};
use sim::{Duration, Time};
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "logs",
    short: "Print the logs for a container in a pod",
    long: include_str!("../../help/logs.txt"),
    usage: "logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]",
    flags: &[&[
        shared::POD_RUNNING_TIMEOUT_SHORT,
        shared::SELECTOR,
        Flag::bool("all-containers", "false", "Get all containers' logs in the pod(s)."),
        Flag::string("container", "", "Print the logs of this container").short('c'),
        Flag::bool("follow", "false", "Specify if the logs should be streamed.").short('f'),
        Flag::bool(
            "ignore-errors",
            "false",
            "If watching / following pod logs, allow for any errors that occur to be non-fatal",
        ),
        Flag::bool(
            "insecure-skip-tls-verify-backend",
            "false",
            "Skip verifying the identity of the kubelet that logs are requested from.  In \
             theory, an attacker could provide invalid log content back. You might want to use \
             this if your kubelet serving certificates have expired.",
        ),
        Flag::int("limit-bytes", "0", "Maximum bytes of logs to return. Defaults to no limit."),
        Flag::int(
            "max-log-requests",
            "5",
            "Specify maximum number of concurrent logs to follow when using by a selector. \
             Defaults to 5.",
        ),
        Flag::bool(
            "prefix",
            "false",
            "Prefix each log line with the log source (pod name and container name)",
        ),
        Flag::bool(
            "previous",
            "false",
            "If true, print the logs for the previous instance of the container in a pod if it \
             exists.",
        )
        .short('p'),
        Flag::duration(
            "since",
            "0s",
            "Only return logs newer than a relative duration like 5s, 2m, or 3h. Defaults to all \
             logs. Only one of since-time / since may be used.",
        ),
        Flag::string(
            "since-time",
            "",
            "Only return logs after a specific date (RFC3339). Defaults to all logs. Only one of \
             since-time / since may be used.",
        ),
        Flag::int(
            "tail",
            "-1",
            "Lines of recent log file to display. Defaults to -1 with no selector, showing all \
             log lines otherwise 10, if a selector is provided.",
        ),
        Flag::bool("timestamps", "false", "Include timestamps on each line in the log output"),
    ]],
    run: run!(logs),
    ..Command::EMPTY
};

/// How many lines of each Pod a selector shows.
const SELECTED_LINES: i64 = 10;

/// A log that is read.
struct Log {
    call: Call,
    /// What each line begins with.
    prefix: String,
}

async fn logs(invocation: Rc<Invocation>) -> Result {
    let container = check_arguments(&invocation)?;
    let options = options(&invocation)?;
    check(&invocation, &container)?;
    let timeout = pod_running_timeout(&invocation)?;
    let mut logs = Vec::new();
    for pod in pods(&invocation, timeout).await? {
        logs.extend(logs_of(&invocation, Pod::of(&pod), &container, &options)?);
    }
    let client = invocation.client()?;
    if !invocation.flags.bool("follow") || logs.len() < 2 {
        for log in logs {
            read(&invocation, &client, log).await?;
        }
        return Ok(());
    }
    let limit = invocation.flags.int("max-log-requests");
    if i64::try_from(logs.len()).unwrap_or(i64::MAX) > limit {
        bail!(
            "you are attempting to follow {} log streams, but maximum allowed concurrency is \
             {limit}, use --max-log-requests to increase the limit",
            logs.len()
        );
    }
    let readers = logs.into_iter().map(|log| read(&invocation, &client, log)).collect();
    join_all(readers).await.into_iter().collect()
}

/// The container that the arguments or `-c` name.
fn check_arguments(invocation: &Invocation) -> Result<String> {
    let flags = &invocation.flags;
    let has_selector = !flags.string("selector").is_empty();
    let usage = || {
        invocation.usage_error(format!(
            "expected '{}'.\nPOD or TYPE/NAME is a required argument for the logs command",
            COMMAND.usage
        ))
    };
    match invocation.arguments.as_slice() {
        [] if !has_selector => Err(usage()),
        [] => Ok(flags.string("container").to_owned()),
        [_] if has_selector => {
            Err(invocation.usage_error("only a selector (-l) or a POD name is allowed"))
        }
        [_] => Ok(flags.string("container").to_owned()),
        [_, container] => Ok(container.clone()),
        _ => Err(usage()),
    }
}

/// The parameters of every request.
fn options(invocation: &Invocation) -> Result<Vec<(&'static str, String)>> {
    let flags = &invocation.flags;
    let mut options = Vec::new();
    let switches = [
        ("follow", "follow"),
        ("previous", "previous"),
        ("timestamps", "timestamps"),
        ("insecure-skip-tls-verify-backend", "insecureSkipTLSVerifyBackend"),
    ];
    for (flag, parameter) in switches {
        if flags.bool(flag) {
            options.push((parameter, "true".to_owned()));
        }
    }
    let since_time = flags.string("since-time");
    if !since_time.is_empty() {
        if Time::parse_rfc3339(since_time).is_none() {
            let quoted = crate::errors::quote(since_time);
            bail!(
                "parsing time {quoted} as \"2006-01-02T15:04:05Z07:00\": cannot parse {quoted} as \
                 \"2006\""
            );
        }
        options.push(("sinceTime", since_time.to_owned()));
    }
    if flags.int("limit-bytes") != 0 {
        options.push(("limitBytes", flags.int("limit-bytes").to_string()));
    }
    if flags.int("since") != 0 {
        options.push(("sinceSeconds", rounded_seconds(flags.int("since")).to_string()));
    }
    let tail = flags.int("tail");
    if tail != -1 {
        options.push(("tailLines", tail.to_string()));
    } else if !flags.string("selector").is_empty() && !flags.is_changed("tail") {
        options.push(("tailLines", SELECTED_LINES.to_string()));
    }
    Ok(options)
}

/// Nanoseconds as whole seconds, halves away from zero.
fn rounded_seconds(nanos: i64) -> i64 {
    const SECOND: i64 = 1_000_000_000;
    nanos.saturating_add(nanos.signum() * SECOND / 2) / SECOND
}

fn check(invocation: &Invocation, container: &str) -> Result {
    let flags = &invocation.flags;
    if !flags.string("since-time").is_empty() && flags.int("since") != 0 {
        bail!("at most one of `sinceTime` or `sinceSeconds` may be specified");
    }
    if flags.bool("all-containers") && !container.is_empty() {
        bail!("--all-containers=true should not be specified with container name {container}");
    }
    if flags.is_changed("container") && invocation.arguments.len() == 2 {
        bail!("only one of -c or an inline [CONTAINER] arg is allowed");
    }
    if flags.int("limit-bytes") < 0 {
        bail!("--limit-bytes must be greater than 0");
    }
    if rounded_seconds(flags.int("since")) < 0 {
        bail!("--since must be greater than 0");
    }
    if flags.int("tail") < -1 {
        bail!("--tail must be greater than or equal to -1");
    }
    Ok(())
}

/// The Pods whose logs are wanted.
async fn pods(invocation: &Rc<Invocation>, timeout: Duration) -> Result<Vec<Value>> {
    let selector = invocation.flags.string("selector");
    if !selector.is_empty() {
        let wanted = Builder::new(invocation).arguments(&["pods".to_owned()]).selector(selector);
        let infos = wanted.flatten().build().await?.infos().await?;
        if infos.is_empty() {
            let namespace = invocation.namespace()?;
            invocation.complain(format!("No resources found in {namespace} namespace."));
        }
        return Ok(infos.into_iter().map(|info| info.object).collect());
    }
    let argument = match invocation.argument(0) {
        pair if pair.contains('/') => pair.to_owned(),
        name => format!("pods/{name}"),
    };
    let wanted = Builder::new(invocation).arguments(&[argument]).single_type();
    let mut infos = wanted.build().await?.infos().await?;
    if infos.len() != 1 {
        bail!("expected a resource");
    }
    let info = infos.remove(0);
    if info.mapping.is_kind("", "Pod") {
        return Ok(vec![info.object]);
    }
    let selector = attachable::selector(&info.object)
        .map_err(|why| error!("cannot get the logs from {}: {why}", go_type(&info.object)))?;
    let selector = selector.to_string();
    let (pod, count) = first_pod(invocation, &info.namespace, &selector, timeout).await?;
    if count > 1 {
        let name = pod["metadata"]["name"].as_str().unwrap_or_default();
        invocation.complain(format!("Found {count} pods, using pod/{name}"));
    }
    Ok(vec![pod])
}

/// The logs of a Pod: that of one container, or all.
fn logs_of(
    invocation: &Invocation,
    pod: Pod<'_>,
    container: &str,
    options: &[(&'static str, String)],
) -> Result<Vec<Log>> {
    let (name, namespace) = (pod.metadata().name(), pod.metadata().namespace());
    let path = format!("/api/v1/namespaces/{}/pods/{}/log", encode(namespace), encode(name));
    let log = |container: &str| {
        let mut call = Call::get(path.clone()).query_if("container", container);
        for (parameter, value) in options {
            call = call.query(parameter, value.clone());
        }
        let prefix = match invocation.flags.bool("prefix") {
            true => format!("[pod/{name}/{container}] "),
            false => String::new(),
        };
        Log { call, prefix }
    };
    if invocation.flags.bool("all-containers") {
        let spec = pod.spec();
        let init = spec.init_containers().map(|container| container.name());
        let regular = spec.containers().map(|container| container.name());
        let ephemeral = spec.ephemeral_containers().map(|container| container.name());
        return Ok(init.chain(regular).chain(ephemeral).map(log).collect());
    }
    if !container.is_empty() && find_container(pod.value(), container).is_none() {
        bail!("container {container} is not valid for pod {}", pod.metadata().name());
    }
    let container = container_or_default(invocation, pod.value(), container, false)?;
    Ok(vec![log(container["name"].as_str().unwrap_or_default())])
}

/// Prints a log, and what comes if it is followed.
async fn read(invocation: &Invocation, client: &Client, log: Log) -> Result {
    match copy(invocation, client, log).await {
        Err(error) if invocation.flags.bool("ignore-errors") => {
            invocation.print(format!("error: {error}"));
            Ok(())
        }
        result => result,
    }
}

async fn copy(invocation: &Invocation, client: &Client, log: Log) -> Result<(), Error> {
    let (text, following) = client.text(log.call).await?;
    let mut lines = Lines { invocation, prefix: &log.prefix, rest: text };
    lines.print();
    if let Some(mut following) = following {
        // What has been printed is seen while we wait.
        let _ = invocation.context.flush().await;
        while let Some(bytes) = following.recv().await {
            lines.rest.extend(bytes);
            lines.print();
            let _ = invocation.context.flush().await;
        }
    }
    lines.finish();
    Ok(())
}

/// Prints whole lines as they come.
struct Lines<'a> {
    invocation: &'a Invocation,
    prefix: &'a str,
    rest: Vec<u8>,
}

impl Lines<'_> {
    fn print(&mut self) {
        let is_end = |byte: &u8| *byte == b'\n';
        let end = self.rest.iter().rposition(is_end).map_or(0, |at| at + 1);
        let whole: Vec<u8> = self.rest.drain(..end).collect();
        for line in whole.split_inclusive(is_end) {
            self.put(line);
        }
    }

    /// Prints what never became a line.
    fn finish(&mut self) {
        let rest = std::mem::take(&mut self.rest);
        if !rest.is_empty() {
            self.put(&rest);
        }
    }

    fn put(&self, line: &[u8]) {
        self.invocation.context.put(self.prefix);
        self.invocation.context.put(line.to_vec());
    }
}
