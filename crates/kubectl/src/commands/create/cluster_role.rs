//! `kubectl create clusterrole`

use super::role::{resource_rules, resources, verbs, warn_of_verbs};
use super::sources::texts;
use super::typed::{Creation, Kind, named};
use crate::command::{Command, run};
use crate::commands::common::one_name;
use crate::errors::{Result, bail};
use crate::flags::{Flag, shared};
use crate::invocation::Invocation;
use api::{List, Map, Value, list, object};
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "clusterrole",
    short: "Create a cluster role",
    long: include_str!("../../../help/create-clusterrole.txt"),
    usage: "clusterrole NAME --verb=verb --resource=resource.group \
            [--resource-name=resourcename] [--dry-run=server|client|none]",
    flags: &[
        shared::PRINT,
        &[
            shared::DRY_RUN,
            shared::FIELD_MANAGER_CREATE,
            shared::RESOURCE,
            shared::RESOURCE_NAME,
            shared::SAVE_CONFIG,
            shared::VALIDATE,
            shared::VERB,
            Flag::string_map(
                "aggregation-rule",
                "",
                "An aggregation label selector for combining ClusterRoles.",
            ),
            Flag::string_slice(
                "non-resource-url",
                "",
                "A partial url that user should have access to.",
            ),
        ],
    ],
    run: run!(create),
    ..Command::EMPTY
};

const KIND: Kind =
    Kind { group: "rbac.authorization.k8s.io", version: "v1", kind: "ClusterRole", failure: "" };

async fn create(invocation: Rc<Invocation>) -> Result {
    let name = one_name(&invocation)?;
    let creation = Creation::begin(&invocation)?;
    let flags = &invocation.flags;
    let aggregation = flags.strings("aggregation-rule");
    let urls = flags.strings("non-resource-url");
    let mut object = object! { "metadata": named(&name) };
    if !aggregation.is_empty() {
        let others = ["verb", "resource", "resource-name", "non-resource-url"];
        if others.iter().any(|flag| !flags.strings(flag).is_empty()) {
            bail!(
                "aggregation rule must be specified without nonResourceURLs, verbs, resources or \
                 resourceNames"
            );
        }
        let pairs = aggregation.iter().filter_map(|pair| pair.split_once('='));
        let labels: Map = pairs.map(|(key, value)| (key, value.to_owned())).collect();
        let selector = object! { "matchLabels": Value::Map(labels) };
        let rule = object! { "clusterRoleSelectors": list![selector] };
        object.make_map().insert("aggregationRule", rule);
        object.make_map().insert("rules", Value::Null);
        return creation.finish(&invocation, KIND, object).await;
    }
    let verbs = verbs(&invocation)?;
    let resources = resources(&invocation)?;
    if resources.is_empty() && urls.is_empty() {
        bail!("one of resource or nonResourceURL must be specified");
    }
    check_urls(urls)?;
    if !resources.is_empty() {
        warn_of_verbs(&invocation, &verbs);
    }
    let mut rules = resource_rules(&invocation, &verbs, &resources).await?;
    if !urls.is_empty() {
        rules.push(object! { "nonResourceURLs": texts(urls), "verbs": texts(&verbs) });
    }
    object.make_map().insert("rules", List::from(rules.to_vec()));
    creation.finish(&invocation, KIND, object).await
}

fn check_urls(urls: &[String]) -> Result {
    for url in urls {
        if url == "*" {
            continue;
        }
        if !url.starts_with('/') {
            bail!("nonResourceURL should start with /");
        }
        if url.trim_end_matches('*').contains('*') {
            bail!("nonResourceURL only supports wildcard matches when '*' is at the end");
        }
    }
    Ok(())
}
