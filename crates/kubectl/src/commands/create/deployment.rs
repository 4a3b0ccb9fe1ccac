//! `kubectl create deployment`

use super::typed::{Creation, Kind, named_app};
use crate::command::{Command, run};
use crate::commands::common::{command_arguments, one_name, random_suffix};
use crate::errors::{Result, bail};
use crate::flags::{Flag, shared};
use crate::invocation::Invocation;
use api::{List, Value, object};
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "deployment",
    aliases: &["deploy"],
    short: "Create a deployment with the specified name",
    long: include_str!("../../../help/create-deployment.txt"),
    usage: "deployment NAME --image=image -- [COMMAND] [args...]",
    flags: &[
        shared::PRINT,
        &[
            shared::DRY_RUN,
            shared::FIELD_MANAGER_CREATE,
            shared::SAVE_CONFIG,
            shared::VALIDATE,
            Flag::string_slice("image", "", "Image names to run.").required(),
            Flag::int("port", "-1", "The port that this container exposes."),
            Flag::int("replicas", "1", "Number of replicas to create. Default is 1.").short('r'),
        ],
    ],
    run: run!(create),
    ..Command::EMPTY
};

const KIND: Kind = Kind {
    group: "apps",
    version: "v1",
    kind: "Deployment",
    failure: "failed to create deployment: ",
};

async fn create(invocation: Rc<Invocation>) -> Result {
    let name = one_name(&invocation)?;
    let creation = Creation::begin(&invocation)?;
    let flags = &invocation.flags;
    let images = flags.strings("image");
    let command = command_arguments(&invocation);
    if images.len() > 1 && !command.is_empty() {
        bail!("cannot specify multiple --image options and command");
    }
    let labels = object! { "app": name.clone() };
    let object = object! {
        "metadata": named_app(&name),
        "spec": object! {
            "replicas": flags.int("replicas"),
            "selector": object! { "matchLabels": labels.clone() },
            "template": object! {
                "metadata": object! { "labels": labels },
                "spec": object! { "containers": containers(&invocation, images, &command) },
            },
        },
    };
    creation.finish(&invocation, KIND, object).await
}

fn containers(invocation: &Invocation, images: &[String], command: &[String]) -> Value {
    let mut containers = List::EMPTY;
    for image in images {
        let name = container_name(image);
        let mut clean = name.replace(['_', '.'], "-");
        // A name that had to be changed may be that of another one.
        if clean != name {
            clean = format!("{clean}-{}", random_suffix(invocation));
        }
        let mut container = object! { "name": clean, "image": image.clone() };
        if !command.is_empty() {
            container.make_map().insert("command", super::sources::texts(command));
        }
        containers.push(container);
    }
    let port = invocation.flags.int("port");
    if port >= 0
        && let Some(first) = containers.make_mut().first_mut()
    {
        let ports = api::list![object! { "containerPort": port }];
        first.make_map().insert("ports", ports);
    }
    Value::List(containers)
}

/// The last part of an image's name without tag and digest.
fn container_name(image: &str) -> &str {
    let last = image.rsplit('/').next().unwrap_or_default();
    last.split([':', '@']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn containers_are_named_after_their_image() {
        for (image, name) in [
            ("nginx:1.25", "nginx"),
            ("foo.bar:5000/baz_x.y@sha256:123", "baz_x.y"),
            ("blux2/hello-server:1.0", "hello-server"),
        ] {
            assert_eq!(container_name(image), name);
        }
    }
}
