//! `kubectl autoscale`

use super::create::typed::Kind;
use super::generated;
use crate::command::{Command, run};
use crate::errors::{Error, Result, bail};
use crate::flags::{Flag, shared};
use crate::invocation::Invocation;
use crate::print::{DryRun, Reporter};
use crate::resource::{Builder, Info};
use api::object;
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "autoscale",
    short: "Auto-scale a deployment, replica set, stateful set, or replication controller",
    long: include_str!("../../help/autoscale.txt"),
    usage: "autoscale (-f FILENAME | TYPE NAME | TYPE/NAME) [--min=MINPODS] --max=MAXPODS \
            [--cpu-percent=CPU]",
    flags: &[
        shared::PRINT,
        &[
            shared::DRY_RUN,
            shared::KUSTOMIZE,
            shared::RECORD,
            shared::RECURSIVE,
            shared::SAVE_CONFIG,
            Flag::int32(
                "cpu-percent",
                "-1",
                "The target average CPU utilization (represented as a percent of requested CPU) \
                over all the pods. If it's not specified or negative, a default autoscaling \
                policy will be used.",
            ),
            Flag::string(
                "field-manager",
                "kubectl-autoscale",
                "Name of the manager used to track field ownership.",
            ),
            Flag::string_slice(
                "filename",
                "",
                "Filename, directory, or URL to files identifying the resource to autoscale.",
            )
            .short('f'),
            Flag::int32(
                "max",
                "-1",
                "The upper limit for the number of pods that can be set by the autoscaler. \
                Required.",
            )
            .required(),
            Flag::int32(
                "min",
                "-1",
                "The lower limit for the number of pods that can be set by the autoscaler. If \
                it's not specified or negative, the server will apply a default value.",
            ),
            Flag::string(
                "name",
                "",
                "The name for the newly created object. If not specified, the name of the input \
                resource will be used.",
            ),
        ],
    ],
    run: run!(autoscale),
    ..Command::EMPTY
};

const KIND: Kind =
    Kind { group: "autoscaling", version: "v1", kind: "HorizontalPodAutoscaler", failure: "" };

async fn autoscale(invocation: Rc<Invocation>) -> Result {
    let flags = &invocation.flags;
    let dry_run = DryRun::read(&invocation)?;
    let (min, max) = (flags.int("min"), flags.int("max"));
    if max < 1 {
        bail!("--max=MAXPODS is required and must be at least 1, max: {max}");
    }
    if max < min {
        bail!("--max=MAXPODS must be larger or equal to --min=MINPODS, max: {max}, min: {min}");
    }
    let done = if dry_run.is_client() { "created" } else { "autoscaled" };
    let mut reporter = Reporter::new(&invocation, done, dry_run)?;
    let mut visitor =
        Builder::new(&invocation).arguments(&invocation.arguments).flatten().build().await?;
    let (mut count, mut errors) = (0, Vec::new());
    while let Some(next) = visitor.next().await {
        let result = match next {
            Ok(info) => autoscale_one(&invocation, &info, dry_run, &mut reporter).await,
            Err(error) => Err(error),
        };
        count += usize::from(result.is_ok());
        errors.extend(result.err());
    }
    Error::collect(errors)?;
    if count == 0 {
        bail!("no objects passed to autoscale");
    }
    Ok(())
}

async fn autoscale_one(
    invocation: &Rc<Invocation>,
    info: &Info,
    dry_run: DryRun,
    reporter: &mut Reporter,
) -> Result {
    let flags = &invocation.flags;
    let mapping = &info.mapping;
    if !mapping.subresources.iter().any(|name| name == "scale") {
        bail!(
            "cannot autoscale a {}: could not find scale subresource for {} in discovery \
             information",
            mapping.kind,
            mapping.resource_text()
        );
    }
    let name = match flags.string("name") {
        "" => info.name.clone(),
        name => name.to_owned(),
    };
    let mut spec = object! {
        "scaleTargetRef": object! {
            "kind": mapping.kind.clone(),
            "name": info.name.clone(),
            "apiVersion": mapping.api_version(),
        },
        "maxReplicas": flags.int("max"),
    };
    if flags.int("min") > 0 {
        spec.make_map().insert("minReplicas", flags.int("min"));
    }
    if flags.int("cpu-percent") >= 0 {
        spec.make_map().insert("targetCPUUtilizationPercentage", flags.int("cpu-percent"));
    }
    let object = KIND.complete(object! { "metadata": object! { "name": name }, "spec": spec });
    let created = generated::create(invocation, KIND, object, dry_run).await?;
    reporter.report(invocation, &created)
}
