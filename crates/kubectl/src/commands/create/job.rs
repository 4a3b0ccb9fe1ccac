//! `kubectl create job`

use super::sources::texts;
use super::typed::{Creation, Kind, named};
use crate::command::{Command, run};
use crate::commands::common::{command_arguments, one_name};
use crate::errors::{Result, bail};
use crate::flags::{Flag, shared};
use crate::invocation::Invocation;
use crate::resource::Builder;
use api::{Value, list, names, object};
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "job",
    short: "Create a job with the specified name",
    long: include_str!("../../../help/create-job.txt"),
    usage: "job NAME --image=image [--from=cronjob/name] -- [COMMAND] [args...]",
    flags: &[
        shared::PRINT,
        &[
            shared::DRY_RUN,
            shared::FIELD_MANAGER_CREATE,
            shared::IMAGE,
            shared::SAVE_CONFIG,
            shared::VALIDATE,
            Flag::string(
                "from",
                "",
                "The name of the resource to create a Job from (only cronjob is supported).",
            ),
        ],
    ],
    run: run!(create),
    ..Command::EMPTY
};

const KIND: Kind =
    Kind { group: "batch", version: "v1", kind: "Job", failure: "failed to create job: " };

async fn create(invocation: Rc<Invocation>) -> Result {
    let name = one_name(&invocation)?;
    let creation = Creation::begin(&invocation)?;
    let flags = &invocation.flags;
    let (image, from) = (flags.string("image"), flags.string("from"));
    if image.is_empty() == from.is_empty() {
        bail!("either --image or --from must be specified");
    }
    let command = command_arguments(&invocation);
    if !command.is_empty() && !from.is_empty() {
        bail!("cannot specify --from and command");
    }
    let object = if from.is_empty() {
        let spec = object! { "template": pod_template(&name, image, &command, "Never") };
        object! { "metadata": named(&name), "spec": spec }
    } else {
        from_cron_job(&invocation, &name, from).await?
    };
    creation.finish(&invocation, KIND, object).await
}

/// A template with one container.
pub(super) fn pod_template(name: &str, image: &str, command: &[String], restart: &str) -> Value {
    let mut container = object! { "name": name.to_owned(), "image": image.to_owned() };
    if !command.is_empty() {
        container.make_map().insert("command", texts(command));
    }
    object! {
        "spec": object! { "containers": list![container], "restartPolicy": restart.to_owned() },
    }
}

async fn from_cron_job(invocation: &Rc<Invocation>, name: &str, from: &str) -> Result<Value> {
    let arguments: Vec<String> = vec![from.to_owned()];
    let infos = Builder::new(invocation).arguments(&arguments).build().await?.infos().await?;
    let [info] = infos.as_slice() else { bail!("from must be an existing cronjob") };
    if info.mapping.kind != "CronJob" {
        let version = &info.mapping.version;
        bail!("unknown object type *{version}.{}", info.mapping.kind);
    }
    let cron_job = &info.object;
    let template = &cron_job["spec"]["jobTemplate"];
    let mut metadata = named(name);
    let mut annotations = template["metadata"]["annotations"].clone();
    annotations.make_map().insert("cronjob.kubernetes.io/instantiate", "manual");
    let map = metadata.make_map();
    map.insert("annotations", annotations);
    if template["metadata"]["labels"].as_map().is_some() {
        map.insert("labels", template["metadata"]["labels"].clone());
    }
    map.insert(
        "ownerReferences",
        list![object! {
            "apiVersion": "batch/v1",
            "kind": "CronJob",
            "name": cron_job["metadata"]["name"].clone(),
            "uid": cron_job["metadata"]["uid"].clone(),
            "controller": true,
            "blockOwnerDeletion": true,
        }],
    );
    Ok(object! { "metadata": metadata, "spec": template.get(&names::SPEC) })
}
