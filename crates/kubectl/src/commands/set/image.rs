//! `kubectl set image`

use super::{Sender, check_flags, is_without_resources, objects};
use crate::command::{Command, run};
use crate::commands::{pairs, record};
use crate::errors::{Error, Result, error, quote};
use crate::flags::{Flag, shared};
use crate::invocation::Invocation;
use crate::polymorphic::pod_spec::{self, each_container};
use crate::print::DryRun;
use api::Value;
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "image",
    short: "Update the image of a pod template",
    long: include_str!("../../../help/set-image.txt"),
    usage: "image (-f FILENAME | TYPE NAME) CONTAINER_NAME_1=CONTAINER_IMAGE_1 ... \
            CONTAINER_NAME_N=CONTAINER_IMAGE_N",
    flags: &[
        shared::PRINT,
        &[
            shared::ALL,
            shared::DRY_RUN,
            shared::FIELD_MANAGER_SET,
            shared::FILENAME_GET,
            shared::KUSTOMIZE,
            shared::RECORD,
            shared::RECURSIVE,
            shared::SELECTOR,
            Flag::bool(
                "local",
                "false",
                "If true, set image will NOT contact api-server but run locally.",
            ),
        ],
    ],
    run: run!(image),
    ..Command::EMPTY
};

async fn image(invocation: Rc<Invocation>) -> Result {
    let dry_run = DryRun::read(&invocation)?;
    let (resources, images) = pairs::split(&invocation.arguments, "image")?;
    let images = pairs::parse(images, "image", false)?.values;
    let failure = "failed to patch image update to pod template: ";
    let mut sender = Sender::new(&invocation, "image updated", dry_run, failure)?;
    let infos = objects(&invocation, resources).await?;
    check(&invocation, resources, &images, dry_run)?;
    for info in infos {
        let mut missing = Vec::new();
        let change = sender.compute(info, |object| {
            pod_spec::update(object, |spec| {
                missing = set_images(spec, &images);
                Ok(())
            })?;
            record::record(&invocation, object);
            Ok(())
        });
        sender.errors.append(&mut missing);
        if let Some(change) = change.filter(|change| !change.is_empty()) {
            sender.send(&change).await;
        }
    }
    sender.finish()
}

fn check(
    invocation: &Invocation,
    resources: &[String],
    images: &[(String, String)],
    dry_run: DryRun,
) -> Result {
    let mut errors = check_flags(invocation, dry_run);
    if is_without_resources(invocation, resources) {
        errors.push(error!(
            "one or more resources must be specified as <resource> <name> or <resource>/<name>"
        ));
    }
    if images.is_empty() {
        errors.push(error!("at least one image update is required"));
    } else if images.len() > 1 && images.iter().any(|(name, _)| name == "*") {
        errors.push(error!(
            "all containers are already specified by *, but saw more than one \
             container_name=container_image pairs"
        ));
    }
    Error::collect(errors)
}

/// Sets images by the names of their containers; `*` means all. The errors tell of names that no
/// container has.
fn set_images(spec: &mut Value, images: &[(String, String)]) -> Vec<Error> {
    let mut errors = Vec::new();
    for (name, image) in images {
        let mut is_found = false;
        each_container(spec, |container| {
            if name == "*" || container["name"] == name.as_str() {
                is_found = true;
                container.make_map().insert("image", image.clone());
            }
        });
        if !is_found {
            errors.push(error!("error: unable to find container named {}", quote(name)));
        }
    }
    errors
}
