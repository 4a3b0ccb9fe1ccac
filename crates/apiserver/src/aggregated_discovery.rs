//! Discovery in one document for all groups, as newer clients ask for it.

use crate::discovery::{group_names, kinds_of, subresources_of, versions};
use crate::registry::Registry;
use crate::response::{Response, ResponseBody};
use crate::typed_json;
use api::{List, Map, Value, object};
use kinds::{Kind, Subresource};

/// How clients ask for it, and how it is announced.
const CONTENT_TYPE: &str =
    "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList";

/// The document at `path`, if there is one and the client wants it so.
pub(crate) fn document(registry: &Registry, path: &str, accepted: &str) -> Option<Response> {
    let mut wanted = accepted.split(',').map(|form| form.replace(' ', ""));
    if !wanted.any(|form| form == CONTENT_TYPE) {
        return None;
    }
    let groups = match path {
        "/api" => vec![""],
        "/apis" => group_names(registry),
        _ => return None,
    };
    let items: List = groups.into_iter().map(|group| discovery_of(registry, group)).collect();
    let document = object! {
        "kind": "APIGroupDiscoveryList",
        "apiVersion": "apidiscovery.k8s.io/v2beta1",
        "metadata": object! {},
        "items": Value::List(items),
    };
    let bytes = typed_json::to_wire(&document).into_bytes();
    let body = ResponseBody::Bytes { content_type: CONTENT_TYPE, bytes };
    Some(Response { code: 200, body, warnings: Vec::new() })
}

fn discovery_of(registry: &Registry, group: &str) -> Value {
    let version = |version: &&'static str| {
        let kinds = kinds_of(registry, group, version);
        let resources: List = kinds.into_iter().map(resource).collect();
        object! {
            "version": *version,
            "resources": Value::List(resources),
            "freshness": "Current",
        }
    };
    let versions: List = versions(registry, group).iter().map(version).collect();
    let mut metadata = object! { "creationTimestamp": Value::Null };
    if !group.is_empty() {
        metadata.make_map().insert("name", group.to_owned());
    }
    object! { "metadata": metadata, "versions": Value::List(versions) }
}

fn words(items: &[&'static str]) -> Value {
    Value::List(items.iter().map(|item| Value::from(*item)).collect())
}

fn resource(kind: &'static Kind) -> Value {
    let mut map = Map::default();
    map.insert("resource", kind.plural);
    let response_kind = object! { "group": kind.group, "version": kind.version, "kind": kind.kind };
    map.insert("responseKind", response_kind);
    map.insert("scope", if kind.is_namespaced { "Namespaced" } else { "Cluster" });
    map.insert("singularResource", kind.singular);
    map.insert("verbs", words(kind.verbs));
    if !kind.short_names.is_empty() {
        map.insert("shortNames", words(kind.short_names));
    }
    if !kind.categories.is_empty() {
        map.insert("categories", words(kind.categories));
    }
    let subresources: List =
        subresources_of(kind).iter().map(|part| subresource(kind, part)).collect();
    if !subresources.is_empty() {
        map.insert("subresources", Value::List(subresources));
    }
    map.into()
}

fn subresource(kind: &'static Kind, part: &Subresource) -> Value {
    let (group, version) = match part.version {
        "" => (kind.group, kind.version),
        version => (part.group, version),
    };
    object! {
        "subresource": part.name,
        "responseKind": object! { "group": group, "version": version, "kind": part.kind },
        "verbs": words(part.verbs),
    }
}
