//! `kubectl set resources`

use super::{Sender, check_flags, objects};
use crate::command::{Command, run};
use crate::commands::record;
use crate::errors::{Error, Result, bail, error};
use crate::flags::{Flag, shared};
use crate::invocation::Invocation;
use crate::polymorphic::pod_spec::{self, each_container, is_selected};
use crate::print::DryRun;
use api::{Key, Quantity, Value};
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "resources",
    short: "Update resource requests/limits on objects with pod templates",
    long: include_str!("../../../help/set-resources.txt"),
    usage: "resources (-f FILENAME | TYPE NAME)  ([--limits=LIMITS & --requests=REQUESTS]",
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
            Flag::string(
                "containers",
                "*",
                "The names of containers in the selected pod templates to change, all containers \
                are selected by default - may use wildcards",
            )
            .short('c'),
            Flag::string("limits", "", AMOUNTS_USAGE),
            Flag::bool(
                "local",
                "false",
                "If true, set resources will NOT contact api-server but run locally.",
            ),
            Flag::string("requests", "", AMOUNTS_USAGE),
        ],
    ],
    run: run!(resources),
    ..Command::EMPTY
};

const AMOUNTS_USAGE: &str = "The resource requirement requests for this container.  For example, \
                             'cpu=100m,memory=256Mi'.  Note that server side components may \
                             assign requests depending on the server configuration, such as limit \
                             ranges.";

/// `--limits` and `--requests`, as fields and their entries.
type Amounts = [(&'static str, Vec<(String, String)>); 2];

async fn resources(invocation: Rc<Invocation>) -> Result {
    let flags = &invocation.flags;
    let dry_run = DryRun::read(&invocation)?;
    let failure = "failed to patch resources update to pod template ";
    let mut sender = Sender::new(&invocation, "resource requirements updated", dry_run, failure)?;
    let infos = objects(&invocation, &invocation.arguments).await?;
    let mut errors = check_flags(&invocation, dry_run);
    if flags.string("limits").is_empty() && flags.string("requests").is_empty() {
        errors.push(error!(
            "you must specify an update to requests or limits (in the form of --requests/--limits)"
        ));
    }
    Error::collect(errors)?;
    let amounts: Amounts = [
        ("limits", amounts(flags.string("limits"))?),
        ("requests", amounts(flags.string("requests"))?),
    ];
    let pattern = flags.string("containers");
    for info in infos {
        let mut is_found = false;
        let change = sender.compute(info, |object| {
            pod_spec::update(object, |spec| {
                each_container(spec, |container| {
                    if is_selected(container["name"].as_str().unwrap_or_default(), pattern) {
                        is_found = true;
                        set_amounts(container, &amounts);
                    }
                });
                Ok(())
            })?;
            record::record(&invocation, object);
            Ok(())
        });
        if change.is_some() && !is_found {
            sender.errors.push(error!("error: unable to find container named {pattern}"));
            continue;
        }
        if let Some(change) = change.filter(|change| !change.is_empty()) {
            sender.send(&change).await;
        }
    }
    sender.finish()
}

/// Reads `cpu=100m,memory=256Mi`.
pub(crate) fn amounts(text: &str) -> Result<Vec<(String, String)>> {
    let mut amounts = Vec::new();
    for statement in text.split(',').filter(|_| !text.is_empty()) {
        let mut parts = statement.split('=');
        let (Some(resource), Some(amount), None) = (parts.next(), parts.next(), parts.next())
        else {
            bail!("Invalid argument syntax {statement}, expected <resource>=<value>");
        };
        let amount: Quantity = amount.parse().map_err(|why| error!("{why}"))?;
        amounts.push((resource.to_owned(), amount.to_string()));
    }
    Ok(amounts)
}

fn set_amounts(container: &mut Value, amounts: &Amounts) {
    for (field, entries) in amounts.iter().filter(|(_, entries)| !entries.is_empty()) {
        let held = container.entry(&"resources".into()).entry(&Key::from(*field)).make_map();
        for (resource, amount) in entries {
            held.insert(resource.clone(), amount.clone());
        }
    }
}
