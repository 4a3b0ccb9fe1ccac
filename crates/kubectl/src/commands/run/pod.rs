//! The Pod, and the Service, that `kubectl run` makes of its flags.

use crate::commands::create::typed::Kind;
use crate::commands::{generated, pairs};
use crate::errors::{Result, bail};
use crate::invocation::Invocation;
use api::{List, Map, Value, list, object, validation};

pub(super) const POD: Kind = Kind::core("Pod", "");
pub(super) const SERVICE: Kind = Kind::core("Service", "");

/// The Pod.
pub(super) fn pod(invocation: &Invocation, name: &str, arguments: &[String]) -> Result<Value> {
    let flags = &invocation.flags;
    let environment = environment(flags.strings("env"))?;
    let annotations: Map = pairs::parse(flags.strings("annotations"), "annotations", false)?
        .values
        .into_iter()
        .collect();
    let mut metadata = object! { "name": name.to_owned(), "labels": labels(invocation, name)? };
    if !annotations.is_empty() {
        metadata.make_map().insert("annotations", annotations);
    }
    let mut container =
        object! { "name": name.to_owned(), "image": flags.string("image").to_owned() };
    let held = container.make_map();
    for (field, is_set) in [
        ("stdin", flags.bool("stdin")),
        ("stdinOnce", flags.bool("stdin") && !flags.bool("leave-stdin-open")),
        ("tty", flags.bool("tty")),
    ] {
        if is_set {
            held.insert(field, true);
        }
    }
    if !arguments.is_empty() {
        let field = if flags.bool("command") { "command" } else { "args" };
        held.insert(field, arguments.iter().cloned().collect::<List>());
    }
    if !environment.is_empty() {
        held.insert("env", environment);
    }
    if !flags.string("image-pull-policy").is_empty() {
        held.insert("imagePullPolicy", flags.string("image-pull-policy").to_owned());
    }
    if !flags.string("port").is_empty() {
        let port = generated::number(flags.string("port"))?;
        held.insert("ports", list![object! { "containerPort": port }]);
    }
    if flags.bool("privileged") {
        held.insert("securityContext", object! { "privileged": true });
    }
    let restart = match flags.string("restart") {
        "" => "Always",
        policy => policy,
    };
    let spec = object! {
        "containers": list![container],
        "dnsPolicy": "ClusterFirst",
        "restartPolicy": restart.to_owned(),
    };
    generated::overridden(invocation, POD.complete(object! { "metadata": metadata, "spec": spec }))
}

fn labels(invocation: &Invocation, name: &str) -> Result<Map> {
    match invocation.flags.string("labels") {
        "" => Ok(Map::from_iter([("run", name.to_owned())])),
        text => generated::labels(text),
    }
}

fn environment(texts: &[String]) -> Result<List> {
    let mut environment = List::EMPTY;
    for text in texts {
        match text.split_once('=') {
            Some((name, value))
                if !name.is_empty() && validation::env_var_name(name).is_empty() =>
            {
                let mut variable = object! { "name": name.to_owned() };
                if !value.is_empty() {
                    variable.make_map().insert("value", value.to_owned());
                }
                environment.push(variable);
            }
            _ => bail!("invalid env: {text}"),
        }
    }
    Ok(environment)
}

/// The Service of `--expose`.
pub(super) fn service(invocation: &Invocation, name: &str) -> Result<Value> {
    let port = generated::number(invocation.flags.string("port"))?;
    Ok(SERVICE.complete(object! {
        "metadata": object! { "name": name.to_owned() },
        "spec": object! {
            "ports": list![object! { "port": port, "protocol": "TCP", "targetPort": port }],
            "selector": labels(invocation, name)?,
        },
    }))
}
