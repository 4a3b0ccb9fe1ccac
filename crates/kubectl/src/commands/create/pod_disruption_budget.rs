//! `kubectl create poddisruptionbudget`

use super::typed::{Creation, Kind, named};
use crate::command::{Command, run};
use crate::commands::common::one_name;
use crate::errors::{Result, bail, error, quote};
use crate::flags::{Flag, shared};
use crate::invocation::Invocation;
use api::labels::{Operator, Selector};
use api::{List, Map, Value, object};
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "poddisruptionbudget",
    aliases: &["pdb"],
    short: "Create a pod disruption budget with the specified name",
    long: include_str!("../../../help/create-poddisruptionbudget.txt"),
    usage: "poddisruptionbudget NAME --selector=SELECTOR --min-available=N \
            [--dry-run=server|client|none]",
    flags: &[
        shared::PRINT,
        &[
            shared::DRY_RUN,
            shared::FIELD_MANAGER_CREATE,
            shared::SAVE_CONFIG,
            shared::VALIDATE,
            Flag::string(
                "max-unavailable",
                "",
                "The maximum number or percentage of unavailable pods this budget requires.",
            ),
            Flag::string(
                "min-available",
                "",
                "The minimum number or percentage of available pods this budget requires.",
            ),
            Flag::string(
                "selector",
                "",
                "A label selector to use for this budget. Only equality-based selector \
            requirements are supported.",
            ),
        ],
    ],
    run: run!(create),
    ..Command::EMPTY
};

const KIND: Kind = Kind {
    group: "policy",
    version: "v1",
    kind: "PodDisruptionBudget",
    failure: "failed to create poddisruptionbudgets: ",
};

async fn create(invocation: Rc<Invocation>) -> Result {
    let name = one_name(&invocation)?;
    let creation = Creation::begin(&invocation)?;
    let flags = &invocation.flags;
    let selector = flags.string("selector");
    let (min, max) = (flags.string("min-available"), flags.string("max-unavailable"));
    if selector.is_empty() {
        bail!("a selector must be specified");
    }
    if min.is_empty() && max.is_empty() {
        bail!("one of min-available or max-unavailable must be specified");
    }
    if !min.is_empty() && !max.is_empty() {
        bail!("min-available and max-unavailable cannot be both specified");
    }
    let (field, flag, amount) = match min {
        "" => ("maxUnavailable", "max-unavailable", max),
        min => ("minAvailable", "min-available", min),
    };
    let mut spec = object! { "selector": label_selector(selector)? };
    spec.make_map().insert(field, amount_of(flag, amount)?);
    let object = object! { "metadata": named(&name), "spec": spec };
    creation.finish(&invocation, KIND, object).await
}

/// A number or a percentage.
fn amount_of(flag: &str, text: &str) -> Result<Value> {
    let digits = text.strip_suffix('%').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        bail!("invalid format specified for {flag}");
    }
    Ok(match text.parse::<i64>() {
        Ok(number) => Value::Int(number),
        Err(_) => Value::from(text.to_owned()),
    })
}

/// A selector of the command line as a document.
pub(crate) fn label_selector(text: &str) -> Result<Value> {
    let selector = Selector::parse(text).map_err(|why| {
        let why = why.to_string();
        let why = why.strip_prefix("unable to parse requirement: ").unwrap_or(&why);
        error!("couldn't parse the selector string {}: {why}", quote(text))
    })?;
    let (mut labels, mut expressions) = (Map::EMPTY, List::EMPTY);
    for requirement in selector.requirements() {
        let values: List = requirement.values.iter().cloned().collect();
        let is_equality = requirement.to_string().contains('=');
        let operator = match requirement.operator {
            Operator::In if is_equality => {
                let value = requirement.values.first().cloned().unwrap_or_default();
                labels.insert(requirement.key.clone(), value);
                continue;
            }
            Operator::In => "In",
            Operator::NotIn => "NotIn",
            Operator::Exists => "Exists",
            Operator::DoesNotExist => "DoesNotExist",
            Operator::GreaterThan | Operator::LessThan => {
                bail!("{} is not supported in label selectors", quote(text))
            }
        };
        let mut expression = object! { "key": requirement.key.clone(), "operator": operator };
        if !values.is_empty() {
            expression.make_map().insert("values", values);
        }
        expressions.push(expression);
    }
    let mut document = Value::EMPTY_MAP;
    if !labels.is_empty() {
        document.make_map().insert("matchLabels", labels);
    }
    if !expressions.is_empty() {
        document.make_map().insert("matchExpressions", expressions);
    }
    Ok(document)
}
