//! Reading the discovery documents.

use super::{Discovery, Group, Mapping, join_version, texts};
use crate::client::{Call, Client};
use crate::errors::{Error, Result};
use crate::join::join_all;
use api::Value;
use std::rc::Rc;

/// How long the real kubectl gives each request.
const TIMEOUT: &str = "32s";

fn get(path: String) -> Call {
    Call::get(path).query("timeout", TIMEOUT)
}

/// The groups and their versions.
pub async fn fetch_groups(client: &Client) -> Result<Vec<Group>> {
    let core = client.value(get("/api".to_owned())).await?;
    let others = client.value(get("/apis".to_owned())).await?;
    let mut groups = vec![Group { name: String::new(), versions: texts(&core["versions"]) }];
    for group in others["groups"].items() {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let mut versions: Vec<String> =
            group["versions"].items().iter().map(|version| text(&version["version"])).collect();
        let preferred = text(&group["preferredVersion"]["version"]);
        versions.sort_by_key(|version| *version != preferred);
        groups.push(Group { name: text(&group["name"]), versions });
    }
    Ok(groups)
}

/// Everything the server serves. Groups that cannot be read are left out.
pub async fn fetch(client: &Client) -> Result<Discovery> {
    let groups = fetch_groups(client).await?;
    let mut requests = Vec::new();
    for group in &groups {
        for version in &group.versions {
            let root = if group.name.is_empty() { "/api" } else { "/apis" };
            let path = format!("{root}/{}", join_version(&group.name, version));
            requests.push(client.value(get(path)));
        }
    }
    let mut documents = join_all(requests).await.into_iter();
    let mut resources = Vec::new();
    for group in &groups {
        for version in &group.versions {
            match documents.next() {
                Some(Ok(document)) => resources.extend(mappings(&group.name, version, &document)),
                Some(Err(Error::Connection(error))) => return Err(error.into()),
                _ => {}
            }
        }
    }
    Ok(Discovery { groups, resources })
}

fn mappings(group: &str, version: &str, document: &Value) -> Vec<Rc<Mapping>> {
    let mut found: Vec<Mapping> = Vec::new();
    for resource in document["resources"].items() {
        let text = |field: &str| resource[field].as_str().unwrap_or_default().to_owned();
        let name = text("name");
        if let Some((parent, subresource)) = name.split_once('/') {
            if let Some(parent) = found.iter_mut().find(|mapping| mapping.resource == parent) {
                parent.subresources.push(subresource.to_owned());
            }
            continue;
        }
        let (kind, singular) = (text("kind"), text("singularName"));
        found.push(Mapping {
            group: group.to_owned(),
            version: version.to_owned(),
            singular: if singular.is_empty() { kind.to_lowercase() } else { singular },
            kind,
            short_names: texts(&resource["shortNames"]),
            categories: texts(&resource["categories"]),
            verbs: texts(&resource["verbs"]),
            is_namespaced: resource["namespaced"].as_bool().unwrap_or(false),
            subresources: Vec::new(),
            resource: name,
        });
    }
    found.into_iter().map(Rc::new).collect()
}
