//! Version 3: an index, and a document for each group and version.

use super::operations::{Form, paths_of};
use super::schemas::{Schemas, Version};
use super::{Descriptions, prefix_of};
use crate::registry::Registry;
use api::{Map, Value, object};
use kinds::Kind;
use std::collections::BTreeSet;

const FORM: Form = Form { parameter, path_parameter };

/// The document at `path`, if it is one of these.
pub(super) fn document(
    registry: &Registry,
    descriptions: &Descriptions,
    path: &str,
) -> Option<Value> {
    let path = path.split('?').next().unwrap_or_default().trim_end_matches('/');
    if path == "/openapi/v3" {
        return Some(index(registry));
    }
    let segments: Vec<&str> = path.strip_prefix("/openapi/v3/")?.split('/').collect();
    let (group, version) = match segments.as_slice() {
        ["api", version] => ("", *version),
        ["apis", group, version] => (*group, *version),
        _ => return None,
    };
    let is_of_it = |kind: &&&'static Kind| kind.group == group && kind.version == version;
    let kinds: Vec<&'static Kind> = registry.kinds().iter().filter(is_of_it).copied().collect();
    (!kinds.is_empty()).then(|| group_version(&kinds, descriptions))
}

fn index(registry: &Registry) -> Value {
    let prefixes: BTreeSet<String> = registry.kinds().iter().map(|kind| prefix_of(kind)).collect();
    let mut paths = Map::default();
    for prefix in prefixes {
        let url = format!("/openapi/v3/{prefix}?hash=29");
        paths.insert(prefix.as_str(), object! { "serverRelativeURL": url });
    }
    object! { "paths": paths }
}

fn group_version(kinds: &[&'static Kind], descriptions: &Descriptions) -> Value {
    let mut schemas = Schemas::new(Version::V3, descriptions);
    let mut paths = Map::default();
    for kind in kinds {
        schemas.add_kind(kind);
        for (path, item) in paths_of(kind, &FORM) {
            paths.insert(path.as_str(), item);
        }
    }
    object! {
        "openapi": "3.0.0",
        "info": object! { "title": "Kubernetes", "version": "v1.29.0" },
        "paths": paths,
        "components": object! { "schemas": schemas.finish() },
    }
}

fn parameter(name: &str, ty: &str) -> Value {
    let schema = object! { "type": ty.to_owned(), "uniqueItems": true };
    object! { "name": name.to_owned(), "in": "query", "schema": schema }
}

fn path_parameter(name: &str, said: &str) -> Value {
    let schema = object! { "type": "string", "uniqueItems": true };
    object! {
        "name": name.to_owned(), "in": "path", "description": said.to_owned(), "required": true,
        "schema": schema,
    }
}
