//! `kubectl auth can-i`

use crate::client::Call;
use crate::command::{Command, run};
use crate::errors::{Error, Result, bail};
use crate::flags::{Flag, shared};
use crate::invocation::Invocation;
use api::{Value, object};
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "can-i",
    short: "Check whether an action is allowed",
    long: include_str!("../../../help/auth-can-i.txt"),
    usage: "can-i VERB [TYPE | TYPE/NAME | NONRESOURCEURL]",
    flags: &[&[
        shared::CHECK_ALL_NAMESPACES,
        Flag::bool("list", "false", "If true, prints all allowed actions."),
        Flag::bool("no-headers", "false", "If true, prints allowed actions without headers"),
        Flag::bool("quiet", "false", "If true, suppress output and just return the exit code.")
            .short('q'),
        Flag::string("subresource", "", "SubResource such as pod/log or deployment/scale"),
    ]],
    run: run!(can_i),
    ..Command::EMPTY
};

/// The verbs that roles can name.
const VERBS: [&str; 15] = [
    "get",
    "list",
    "watch",
    "create",
    "update",
    "patch",
    "delete",
    "deletecollection",
    "use",
    "bind",
    "impersonate",
    "escalate",
    "approve",
    "sign",
    "*",
];
const PATH_VERBS: [&str; 8] = ["get", "put", "post", "head", "options", "delete", "patch", "*"];

async fn can_i(invocation: Rc<Invocation>) -> Result {
    let flags = &invocation.flags;
    if flags.bool("list") {
        if !invocation.arguments.is_empty() {
            bail!("list option must be specified with no arguments");
        }
        let is_set = |name| flags.bool(name);
        if is_set("quiet") || is_set("all-namespaces") || !flags.string("subresource").is_empty() {
            bail!(
                "list option can't be specified with neither quiet, all-namespaces nor \
                 subresource options"
            );
        }
        return super::list::run(&invocation).await;
    }
    let [verb, subject] = invocation.arguments.as_slice() else {
        bail!(
            "you must specify two arguments: verb resource or verb resource/resourceName.\nSee \
             'kubectl auth can-i -h' for help and examples."
        );
    };
    let question = match subject.starts_with('/') {
        true => about_path(&invocation, verb, subject)?,
        false => about_resource(&invocation, verb, subject).await?,
    };
    if flags.bool("no-headers") {
        bail!("--no-headers cannot be set without --list specified");
    }
    ask(&invocation, question).await
}

async fn ask(invocation: &Invocation, spec: Value) -> Result {
    let review = object! {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "metadata": object! { "creationTimestamp": Value::Null },
        "spec": spec,
        "status": object! { "allowed": false },
    };
    let path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    let answer = invocation.client()?.value(Call::post(path, review)).await?;
    let status = &answer["status"];
    let is_allowed = status["allowed"].as_bool() == Some(true);
    if !invocation.flags.bool("quiet") {
        let mut text = if is_allowed { "yes" } else { "no" }.to_owned();
        if !is_allowed {
            for field in ["reason", "evaluationError"] {
                if let Some(why) = status[field].as_str().filter(|why| !why.is_empty()) {
                    text.push_str(&format!(" - {why}"));
                }
            }
        }
        invocation.print(text);
    }
    if is_allowed { Ok(()) } else { Err(Error::Exit(1)) }
}

fn warn(invocation: &Invocation, text: &str) {
    invocation.complain(format!("Warning: {text}\n"));
}

fn about_path(invocation: &Invocation, verb: &str, path: &str) -> Result<Value> {
    if !invocation.flags.string("subresource").is_empty() {
        bail!("--subresource can not be used with NonResourceURL");
    }
    if !PATH_VERBS.contains(&verb) {
        warn(invocation, &format!("verb '{verb}' is not a known verb"));
    }
    Ok(object! {
        "nonResourceAttributes": object! { "path": path.to_owned(), "verb": verb.to_owned() },
    })
}

async fn about_resource(invocation: &Invocation, verb: &str, subject: &str) -> Result<Value> {
    let flags = &invocation.flags;
    let (argument, name) = subject.split_once('/').unwrap_or((subject, ""));
    let is_everywhere = flags.bool("all-namespaces");
    let (mut group, mut resource) = (String::new(), argument.to_owned());
    if argument == "*" {
        // Whatever there is.
    } else if let Some(mapping) = invocation.find_resource(&argument.to_lowercase()).await? {
        (group, resource) = (mapping.group.clone(), mapping.resource.clone());
        if !is_everywhere && !mapping.is_namespaced {
            let within = match group.as_str() {
                "" => String::new(),
                group => format!(" in group '{group}'"),
            };
            warn(invocation, &format!("resource '{resource}' is not namespace scoped{within}"));
        }
    } else if !matches!(argument, "users" | "groups") {
        let message = match argument.split_once('.') {
            None => format!("the server doesn't have a resource type '{argument}'"),
            Some((name, group)) => {
                format!("the server doesn't have a resource type '{name}' in group '{group}'")
            }
        };
        warn(invocation, &message);
    }
    if !is_everywhere && !VERBS.contains(&verb) {
        warn(invocation, &format!("verb '{verb}' is not a known verb"));
    }
    let mut attributes = object! {};
    let namespace = if is_everywhere { String::new() } else { invocation.namespace()? };
    for (field, text) in [
        ("namespace", namespace),
        ("verb", verb.to_owned()),
        ("group", group),
        ("resource", resource),
        ("subresource", flags.string("subresource").to_owned()),
        ("name", name.to_owned()),
    ] {
        if !text.is_empty() {
            attributes.make_map().insert(field, text);
        }
    }
    Ok(object! { "resourceAttributes": attributes })
}
