//! `kubectl create role`, and what it has in common with `clusterrole`.

use super::sources::texts;
use super::typed::{Creation, Kind, named};
use crate::command::{Command, run};
use crate::commands::common::one_name;
use crate::errors::{Error, Result, bail, quote};
use crate::flags::shared;
use crate::invocation::Invocation;
use api::{List, Value, object};
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "role",
    short: "Create a role with single rule",
    long: include_str!("../../../help/create-role.txt"),
    usage: "role NAME --verb=verb --resource=resource.group/subresource \
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
        ],
    ],
    run: run!(create),
    ..Command::EMPTY
};

const KIND: Kind =
    Kind { group: "rbac.authorization.k8s.io", version: "v1", kind: "Role", failure: "" };

async fn create(invocation: Rc<Invocation>) -> Result {
    let name = one_name(&invocation)?;
    let creation = Creation::begin(&invocation)?;
    let verbs = verbs(&invocation)?;
    let resources = resources(&invocation)?;
    if resources.is_empty() {
        bail!("at least one resource must be specified");
    }
    warn_of_verbs(&invocation, &verbs);
    let rules = resource_rules(&invocation, &verbs, &resources).await?;
    let object = object! { "metadata": named(&name), "rules": Value::List(rules) };
    creation.finish(&invocation, KIND, object).await
}

/// The verbs of the command line, each once; `*` stands for all.
pub(super) fn verbs(invocation: &Invocation) -> Result<Vec<String>> {
    let mut verbs: Vec<String> = Vec::new();
    for verb in invocation.flags.strings("verb") {
        if verb == "*" {
            return Ok(vec!["*".to_owned()]);
        }
        if !verbs.contains(verb) {
            verbs.push(verb.clone());
        }
    }
    if verbs.is_empty() {
        bail!("at least one verb must be specified");
    }
    Ok(verbs)
}

const KNOWN_VERBS: [&str; 13] = [
    "*",
    "get",
    "list",
    "watch",
    "create",
    "update",
    "patch",
    "delete",
    "deletecollection",
    "use",
    "bind",
    "escalate",
    "impersonate",
];

const RBAC: &str = "rbac.authorization.k8s.io";

/// Verbs that only some resources have, not all of which are served: group and name.
const SPECIAL_VERBS: [(&str, &[(&str, &str)]); 4] = [
    ("use", &[("policy", "podsecuritypolicies"), ("extensions", "podsecuritypolicies")]),
    ("bind", &[(RBAC, "roles"), (RBAC, "clusterroles")]),
    ("escalate", &[(RBAC, "roles"), (RBAC, "clusterroles")]),
    (
        "impersonate",
        &[
            ("", "users"),
            ("", "serviceaccounts"),
            ("", "groups"),
            ("authentication.k8s.io", "userextras"),
        ],
    ),
];

/// Says which verbs are not Kubernetes' own.
pub(super) fn warn_of_verbs(invocation: &Invocation, verbs: &[String]) {
    for verb in verbs {
        if !KNOWN_VERBS.contains(&verb.as_str()) {
            invocation.complain(format!("Warning: '{verb}' is not a standard resource verb"));
        }
    }
}

/// A resource of the command line: `deployments.apps/scale`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Resource {
    name: String,
    group: String,
    subresource: String,
}

/// The resources of the command line, each once.
pub(super) fn resources(invocation: &Invocation) -> Result<Vec<Resource>> {
    let mut resources: Vec<Resource> = Vec::new();
    for text in invocation.flags.strings("resource") {
        let (resource, subresource) = text.split_once('/').unwrap_or((text, ""));
        if resource.is_empty() {
            bail!("resource cannot be empty");
        }
        if text.matches('/').count() > 1 {
            bail!("invalid resource: {text}");
        }
        let (name, group) = resource.split_once('.').unwrap_or((resource, ""));
        if name == "*" && resources.is_empty() && invocation.flags.strings("resource").len() == 1 {
            return Ok(vec![Resource {
                name: "*".to_owned(),
                group: group.to_owned(),
                subresource: subresource.to_owned(),
            }]);
        }
        let found = Resource {
            name: name.to_owned(),
            group: group.to_owned(),
            subresource: subresource.to_owned(),
        };
        if !resources.contains(&found) {
            resources.push(found);
        }
    }
    Ok(resources)
}

/// One rule for each API group.
pub(super) async fn resource_rules(
    invocation: &Rc<Invocation>,
    verbs: &[String],
    resources: &[Resource],
) -> Result<List> {
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    for resource in resources {
        let (group, name) = if resource.name == "*" {
            (resource.group.clone(), "*".to_owned())
        } else {
            found(invocation, verbs, resource).await?
        };
        let name = match resource.subresource.as_str() {
            "" => name,
            subresource => format!("{name}/{subresource}"),
        };
        match groups.iter_mut().find(|(known, _)| *known == group) {
            Some((_, names)) => names.push(name),
            None => groups.push((group, vec![name])),
        }
    }
    // Go keeps them in a map; the order of the names is as good as any.
    groups.sort();
    let names = invocation.flags.strings("resource-name");
    Ok(groups.into_iter().map(|(group, resources)| rule(verbs, group, &resources, names)).collect())
}

fn rule(verbs: &[String], group: String, resources: &[String], names: &[String]) -> Value {
    let mut rule = object! {
        "apiGroups": api::list![group],
        "resources": texts(resources),
        "verbs": texts(verbs),
    };
    if !names.is_empty() {
        rule.make_map().insert("resourceNames", texts(names));
    }
    rule
}

/// Group and name of a resource that the server serves, or that is there for one of the verbs.
async fn found(
    invocation: &Invocation,
    verbs: &[String],
    resource: &Resource,
) -> Result<(String, String)> {
    let served = served(invocation, resource).await;
    let (group, name) = match &served {
        Ok((group, name)) => (group.as_str(), name.as_str()),
        Err(_) => (resource.group.as_str(), resource.name.as_str()),
    };
    let is_among = |known: &[(&str, &str)]| known.contains(&(group, name));
    let special = |verb: &String| SPECIAL_VERBS.iter().find(|(special, _)| special == verb);
    for (verb, known) in verbs.iter().filter_map(special) {
        if !is_among(known) {
            bail!("can not perform '{verb}' on '{name}' in group '{group}'");
        }
    }
    if verbs.iter().any(|verb| special(verb).is_some()) {
        return Ok((group.to_owned(), name.to_owned()));
    }
    served
}

async fn served(invocation: &Invocation, resource: &Resource) -> Result<(String, String)> {
    let argument = crate::discovery::join_group(&resource.name, &resource.group);
    match invocation.find_resource(&argument).await? {
        Some(mapping) => Ok((mapping.group.clone(), mapping.resource.clone())),
        None if resource.group.is_empty() => Err(Error::NoResource(resource.name.clone())),
        None => Err(Error::Plain(format!(
            "the server doesn't have a resource type {} in group {}",
            quote(&resource.name),
            quote(&resource.group)
        ))),
    }
}
