//! `kubectl set selector`

use super::{local_needs_files, refuse_server_dry_run};
use crate::command::{Command, run};
use crate::commands::record;
use crate::errors::{Result, bail, error};
use crate::flags::{Flag, shared};
use crate::invocation::Invocation;
use crate::polymorphic::change;
use crate::print::{DryRun, Reporter};
use crate::resource::Builder;
use api::labels::{Operator, Selector};
use api::{Map, Value};
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "selector",
    short: "Set the selector on a resource",
    long: include_str!("../../../help/set-selector.txt"),
    usage: "selector (-f FILENAME | TYPE NAME) EXPRESSIONS [--resource-version=version]",
    flags: &[
        shared::PRINT,
        &[
            shared::ALL_OF_TYPES,
            shared::DRY_RUN,
            shared::FIELD_MANAGER_SET,
            shared::FILENAME_IDENTIFYING,
            shared::LOCAL,
            shared::RECORD,
            shared::RECURSIVE_BY_DEFAULT,
            Flag::string(
                "resource-version",
                "",
                "If non-empty, the selectors update will only succeed if this is the current \
                resource-version for the object. Only valid when specifying a single resource.",
            ),
        ],
    ],
    run: run!(selector),
    ..Command::EMPTY
};

async fn selector(invocation: Rc<Invocation>) -> Result {
    let flags = &invocation.flags;
    let dry_run = DryRun::read(&invocation)?;
    let mut reporter = Reporter::new(&invocation, "selector updated", dry_run)?;
    let (expression, resources) =
        invocation.arguments.split_last().ok_or_else(|| error!("one selector is required"))?;
    let selector = Selector::parse(expression)
        .map_err(|why| error!("couldn't parse the selector string \"{expression}\": {why}"))?;
    refuse_server_dry_run(&invocation, dry_run)?;
    let is_local = flags.bool("local");
    let mut builder = Builder::new(&invocation).local(is_local).flatten();
    if !is_local {
        builder = builder.arguments(resources).all(flags.bool("all")).latest();
    } else if !resources.is_empty() {
        return Err(local_needs_files());
    }
    let mut visitor = builder.build().await?;
    while let Some(info) = visitor.next().await {
        let change = change::compute(info?, |object| {
            set(object, &labels_of(&selector)?)?;
            record::record(&invocation, object);
            Ok(())
        });
        let mut patch = change.patch.clone()?;
        let info = &change.info;
        if is_local || dry_run.is_client() {
            reporter.report(&invocation, &info.object)?;
            continue;
        }
        let version = match flags.string("resource-version") {
            "" => info.object["metadata"]["resourceVersion"].clone(),
            version => Value::from(version.to_owned()),
        };
        patch.entry(&"metadata".into()).make_map().insert("resourceVersion", version);
        let strategic = apiserver::PatchType::Strategic;
        let object = change::send(&invocation, info, strategic, patch, dry_run).await?;
        reporter.report(&invocation, &object)?;
    }
    Ok(())
}

fn set(object: &mut Value, labels: &Map) -> Result {
    if object["kind"] != "Service" {
        bail!("setting a selector is only supported for Services");
    }
    object.entry(&"spec".into()).make_map().insert("selector", labels.clone());
    Ok(())
}

/// Services select by equality alone.
fn labels_of(selector: &Selector) -> Result<Map> {
    let mut labels = Map::EMPTY;
    let mut expressions = Vec::new();
    for requirement in selector.requirements() {
        let operator = match requirement.operator {
            Operator::In if requirement.is_equality => {
                let value = requirement.values.first().cloned().unwrap_or_default();
                labels.insert(requirement.key.clone(), value);
                continue;
            }
            Operator::NotIn if requirement.is_equality => {
                bail!("\"!=\" is not a valid label selector operator")
            }
            Operator::GreaterThan => bail!("\">\" is not a valid label selector operator"),
            Operator::LessThan => bail!("\"<\" is not a valid label selector operator"),
            Operator::In => "In",
            Operator::NotIn => "NotIn",
            Operator::Exists => "Exists",
            Operator::DoesNotExist => "DoesNotExist",
        };
        let values = requirement.values.join(" ");
        expressions.push(format!("{{{} {operator} [{values}]}}", requirement.key));
    }
    if !expressions.is_empty() {
        bail!("match expression [{}] not supported on this object", expressions.join(" "));
    }
    Ok(labels)
}
