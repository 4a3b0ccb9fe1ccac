//! OpenAPI v3: which fields documents have, for clients that check and explain them.
//!
//! Made from the schema table, one document for each group and version. Missing: the descriptions
//! of fields, and version 2, which only older clients ask for.

use crate::registry::Registry;
use api::schema::{Field, Type, TypeId};
use api::{Map, Value, list, object};
use kinds::Kind;
use std::collections::BTreeSet;

const PREFIX: &str = "#/components/schemas/";
const QUANTITY: &str = "io.k8s.apimachinery.pkg.api.resource.Quantity";

/// The document at `path`, if it is one of these.
pub(crate) fn document(registry: &Registry, path: &str) -> Option<Value> {
    let path = path.split('?').next().unwrap_or_default().trim_end_matches('/');
    if path == "/openapi/v3" {
        return Some(index(registry));
    }
    let segments: Vec<&str> = path.strip_prefix("/openapi/v3/")?.split('/').collect();
    match segments.as_slice() {
        ["api", version] => group_version(registry, "", version),
        ["apis", group, version] => group_version(registry, group, version),
        _ => None,
    }
}

/// `apis/apps/v1`
fn prefix_of(kind: &Kind) -> String {
    match kind.group {
        "" => format!("api/{}", kind.version),
        group => format!("apis/{group}/{}", kind.version),
    }
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

fn group_version(registry: &Registry, group: &str, version: &str) -> Option<Value> {
    let is_of_it = |kind: &&&'static Kind| kind.group == group && kind.version == version;
    let kinds: Vec<&'static Kind> = registry.kinds().iter().filter(is_of_it).copied().collect();
    if kinds.is_empty() {
        return None;
    }
    let mut schemas = Schemas::default();
    let mut paths = Map::default();
    for kind in kinds {
        schemas.add_kind(kind);
        for (path, item) in paths_of(kind) {
            paths.insert(path.as_str(), item);
        }
    }
    Some(object! {
        "openapi": "3.0.0",
        "info": object! { "title": "Kubernetes", "version": "v1.29.0" },
        "paths": paths,
        "components": object! { "schemas": schemas.finish() },
    })
}

/// The names and versions of a kind, as extensions of the schema carry them.
fn group_version_kind(kind: &Kind) -> Value {
    object! { "group": kind.group, "version": kind.version, "kind": kind.kind }
}

fn paths_of(kind: &'static Kind) -> Vec<(String, Value)> {
    let base = match kind.is_namespaced {
        true => format!("/{}/namespaces/{{namespace}}/{}", prefix_of(kind), kind.plural),
        false => format!("/{}/{}", prefix_of(kind), kind.plural),
    };
    let parameter = |name: &'static str| {
        let schema = object! { "type": "string", "uniqueItems": true };
        object! { "name": name, "in": "query", "schema": schema }
    };
    let operation = |action: &'static str, parameters: Value| {
        object! {
            "operationId": format!("{action}{}", kind.kind),
            "parameters": parameters,
            "responses": object! { "200": object! { "description": "OK" } },
            "x-kubernetes-action": action,
            "x-kubernetes-group-version-kind": group_version_kind(kind),
        }
    };
    let writing =
        || list![parameter("dryRun"), parameter("fieldManager"), parameter("fieldValidation")];
    let collection = object! {
        "get": operation("list", list![]),
        "post": operation("post", writing()),
    };
    let one = object! {
        "get": operation("get", list![]),
        "put": operation("put", writing()),
        "patch": operation("patch", writing()),
        "delete": operation("delete", list![parameter("dryRun")]),
    };
    vec![(format!("{base}/{{name}}"), one), (base, collection)]
}

/// The schemas of a document: what its kinds need, each type once.
#[derive(Default)]
struct Schemas {
    done: Map,
    open: Vec<TypeId>,
    seen: BTreeSet<TypeId>,
}

impl Schemas {
    fn add_kind(&mut self, kind: &'static Kind) {
        self.seen.insert(kind.ty);
        let mut schema = self.of_struct(kind.ty);
        let map = schema.make_map();
        map.insert("x-kubernetes-group-version-kind", list![group_version_kind(kind)]);
        self.done.insert(name_of(kind.ty).as_str(), schema);
    }

    fn finish(mut self) -> Value {
        while let Some(ty) = self.open.pop() {
            let schema = self.of_struct(ty);
            self.done.insert(name_of(ty).as_str(), schema);
        }
        let quantity =
            object! { "oneOf": list![object! { "type": "string" }, object! { "type": "number" }] };
        self.done.insert(QUANTITY, quantity);
        self.done.into()
    }

    fn of_struct(&mut self, ty: TypeId) -> Value {
        let mut properties = Map::default();
        for field in ty.get().fields_by_name() {
            let schema = self.of_field(field);
            properties.insert(field.name(), schema);
        }
        object! { "type": "object", "properties": properties }
    }

    fn of_field(&mut self, field: &Field) -> Value {
        let mut schema = self.of_type(field.ty);
        if field.patch_merge {
            let map = schema.make_map();
            map.insert("x-kubernetes-patch-strategy", "merge");
            if !field.patch_merge_key.is_empty() {
                map.insert("x-kubernetes-patch-merge-key", field.patch_merge_key);
            }
        }
        schema
    }

    fn of_type(&mut self, ty: Type) -> Value {
        match ty {
            Type::String(_) => object! { "type": "string" },
            Type::Int32 => object! { "type": "integer", "format": "int32" },
            Type::Int64 => object! { "type": "integer", "format": "int64" },
            Type::Float64 => object! { "type": "number", "format": "double" },
            Type::Bool => object! { "type": "boolean" },
            Type::Bytes => object! { "type": "string", "format": "byte" },
            Type::Time | Type::MicroTime => object! { "type": "string", "format": "date-time" },
            Type::Quantity => object! { "$ref": format!("{PREFIX}{QUANTITY}") },
            Type::IntOrString => object! {
                "format": "int-or-string",
                "oneOf": list![object! { "type": "integer" }, object! { "type": "string" }],
            },
            Type::Any => object! { "type": "object" },
            Type::Struct(ty) => {
                if self.seen.insert(ty) {
                    self.open.push(ty);
                }
                let reference = object! { "$ref": format!("{PREFIX}{}", name_of(ty)) };
                object! { "allOf": list![reference] }
            }
            Type::Pointer(inner) => self.of_type(*inner),
            Type::Slice(inner) => object! { "type": "array", "items": self.of_type(*inner) },
            Type::Map(inner) => {
                object! { "type": "object", "additionalProperties": self.of_type(*inner) }
            }
        }
    }
}

/// `core/v1.PodSpec` as OpenAPI calls it: `io.k8s.api.core.v1.PodSpec`.
fn name_of(ty: TypeId) -> String {
    let name = ty.get().go.replace('/', ".");
    match name.strip_prefix("meta.") {
        Some(rest) => format!("io.k8s.apimachinery.pkg.apis.meta.{rest}"),
        None => format!("io.k8s.api.{name}"),
    }
}
