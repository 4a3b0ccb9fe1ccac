//! Version 2: one document for everything.

use super::Descriptions;
use super::operations::{Form, paths_of};
use super::schemas::{Schemas, Version};
use crate::registry::Registry;
use api::{Map, Value, object};

const FORM: Form = Form { parameter, path_parameter };

/// The document.
pub(super) fn document(registry: &Registry, descriptions: &Descriptions) -> Value {
    let mut schemas = Schemas::new(Version::V2, descriptions);
    let mut paths = Map::default();
    for kind in registry.kinds() {
        schemas.add_kind(kind);
        for (path, item) in paths_of(kind, &FORM) {
            paths.insert(path.as_str(), item);
        }
    }
    object! {
        "swagger": "2.0",
        "info": object! { "title": "Kubernetes", "version": "v1.29.0" },
        "paths": paths,
        "definitions": schemas.finish(),
    }
}

fn parameter(name: &str, ty: &str) -> Value {
    object! {
        "name": name.to_owned(), "in": "query", "type": ty.to_owned(), "uniqueItems": true,
    }
}

fn path_parameter(name: &str, said: &str) -> Value {
    object! {
        "name": name.to_owned(), "in": "path", "description": said.to_owned(), "required": true,
        "type": "string", "uniqueItems": true,
    }
}
