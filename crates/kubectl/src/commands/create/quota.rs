//! `kubectl create quota`

use super::typed::{Creation, Kind, named};
use crate::command::{Command, run};
use crate::commands::common::one_name;
use crate::errors::{Result, bail, error};
use crate::flags::{Flag, shared};
use crate::invocation::Invocation;
use api::{List, Map, Quantity, Value, object};
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "quota",
    aliases: &["resourcequota"],
    short: "Create a quota with the specified name",
    long: include_str!("../../../help/create-quota.txt"),
    usage: "quota NAME [--hard=key1=value1,key2=value2] [--scopes=Scope1,Scope2] \
            [--dry-run=server|client|none]",
    flags: &[
        shared::PRINT,
        &[
            shared::DRY_RUN,
            shared::FIELD_MANAGER_CREATE,
            shared::SAVE_CONFIG,
            shared::VALIDATE,
            Flag::string(
                "hard",
                "",
                "A comma-delimited set of resource=quantity pairs that define a hard limit.",
            ),
            Flag::string(
                "scopes",
                "",
                "A comma-delimited set of quota scopes that must all match each object tracked \
            by the quota.",
            ),
        ],
    ],
    run: run!(create),
    ..Command::EMPTY
};

async fn create(invocation: Rc<Invocation>) -> Result {
    let name = one_name(&invocation)?;
    let creation = Creation::begin(&invocation)?;
    let flags = &invocation.flags;
    let mut spec = Value::EMPTY_MAP;
    let hard = resource_list(flags.string("hard"))?;
    if !hard.is_empty() {
        spec.make_map().insert("hard", hard);
    }
    let scopes: List = flags
        .string("scopes")
        .split(',')
        .filter(|scope| !scope.is_empty())
        .map(str::to_owned)
        .collect();
    if !scopes.is_empty() {
        spec.make_map().insert("scopes", scopes);
    }
    let object = object! { "metadata": named(&name), "spec": spec };
    let kind = Kind::core("ResourceQuota", "failed to create quota: ");
    creation.finish(&invocation, kind, object).await
}

/// `cpu=1,memory=1Gi`
pub(crate) fn resource_list(text: &str) -> Result<Map> {
    let mut list = Map::EMPTY;
    for statement in text.split(',').filter(|_| !text.is_empty()) {
        let (name, amount) = match statement.split('=').collect::<Vec<_>>().as_slice() {
            [name, amount] => (*name, *amount),
            _ => bail!("Invalid argument syntax {statement}, expected <resource>=<value>"),
        };
        let amount: Quantity = amount.parse().map_err(|why| error!("{why}"))?;
        list.insert(name, amount.to_string());
    }
    Ok(list)
}
