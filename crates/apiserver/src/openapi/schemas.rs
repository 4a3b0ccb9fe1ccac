//! The schemas of types.

use super::Descriptions;
use super::operations::group_version_kind;
use api::schema::{Field, ListType, MapType, Type, TypeId};
use api::{Map, Value, list, object};
use kinds::Kind;
use std::collections::BTreeSet;

const QUANTITY: &str = "io.k8s.apimachinery.pkg.api.resource.Quantity";
const INT_OR_STRING: &str = "io.k8s.apimachinery.pkg.util.intstr.IntOrString";
const TIME: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.Time";
const MICRO_TIME: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime";
const LIST_META: &str = "meta/v1.ListMeta";

/// How schemas are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    /// As `definitions`, where a field that refers to a type says nothing but that and its
    /// description.
    V2,
    /// As `components`.
    V3,
}

/// The schemas of a document: what its kinds need, each type once.
pub(super) struct Schemas<'a> {
    version: Version,
    descriptions: &'a Descriptions,
    done: Map,
    open: Vec<TypeId>,
    seen: BTreeSet<TypeId>,
}

impl<'a> Schemas<'a> {
    pub(super) fn new(version: Version, descriptions: &'a Descriptions) -> Schemas<'a> {
        let (done, open, seen) = (Map::default(), Vec::new(), BTreeSet::new());
        Schemas { version, descriptions, done, open, seen }
    }

    /// Adds a kind, and the list of its objects where there is one.
    pub(super) fn add_kind(&mut self, kind: &'static Kind) {
        let name = name_of(kind.ty);
        // Kinds of several groups can share a type.
        if let Some(schema) = self.done.get_str(&name).cloned() {
            let mut schema = schema;
            let mut kinds = schema["x-kubernetes-group-version-kind"].clone();
            if let Value::List(list) = &mut kinds {
                list.push(group_version_kind(kind));
            }
            schema.make_map().insert("x-kubernetes-group-version-kind", kinds);
            self.done.insert(name.as_str(), schema);
            return;
        }
        self.seen.insert(kind.ty);
        let mut schema = self.of_struct(kind.ty);
        let kinds = list![group_version_kind(kind)];
        schema.make_map().insert("x-kubernetes-group-version-kind", kinds);
        self.done.insert(name.as_str(), schema);
        if kind.verbs.contains(&"list") {
            self.add_list(kind, &name);
        }
    }

    fn add_list(&mut self, kind: &'static Kind, name: &str) {
        let mut properties = Map::default();
        for field in ["apiVersion", "kind"] {
            let schema = self.described(object! { "type": "string" }, name, field);
            properties.insert(field, schema);
        }
        let items = object! { "type": "array", "items": self.reference(name) };
        let said = "items is the list of objects";
        properties.insert("items", with_description(items, Some(said)));
        if let Some(meta) = TypeId::find(LIST_META) {
            properties.insert("metadata", self.of_type(Type::Struct(meta)));
        }
        let own = object! {
            "group": kind.group, "version": kind.version, "kind": format!("{}List", kind.kind),
        };
        let schema = object! {
            "description": format!("{0}List is a list of {0}.", kind.kind),
            "type": "object",
            "required": list!["items"],
            "properties": properties,
            "x-kubernetes-group-version-kind": list![own],
        };
        self.done.insert(format!("{name}List").as_str(), schema);
    }

    /// All schemas, by name.
    pub(super) fn finish(mut self) -> Map {
        while let Some(ty) = self.open.pop() {
            let schema = self.of_struct(ty);
            self.done.insert(name_of(ty).as_str(), schema);
        }
        let either =
            |a: &'static str, b: &'static str| list![object! { "type": a }, object! { "type": b }];
        let (quantity, int_or_string) = match self.version {
            Version::V2 => (
                object! { "type": "string" },
                object! { "type": "string", "format": "int-or-string" },
            ),
            Version::V3 => (
                object! { "oneOf": either("string", "number") },
                object! { "format": "int-or-string", "oneOf": either("integer", "string") },
            ),
        };
        let time = || object! { "type": "string", "format": "date-time" };
        let known = [
            (QUANTITY, quantity),
            (INT_OR_STRING, int_or_string),
            (TIME, time()),
            (MICRO_TIME, time()),
        ];
        for (name, schema) in known {
            let schema = with_description(schema, self.descriptions.of_type(name));
            self.done.insert(name, schema);
        }
        self.done
    }

    fn of_struct(&mut self, ty: TypeId) -> Value {
        let name = name_of(ty);
        let mut properties = Map::default();
        let mut required = Vec::new();
        for field in ty.get().fields_by_name() {
            let schema = self.of_field(field);
            let schema = self.described(schema, &name, field.name());
            properties.insert(field.name(), schema);
            if !field.omit_empty && !matches!(field.ty, Type::Pointer(_)) {
                required.push(Value::from(field.name()));
            }
        }
        let mut schema = object! { "type": "object", "properties": properties };
        if !required.is_empty() {
            schema.make_map().insert("required", Value::List(required.into_iter().collect()));
        }
        with_description(schema, self.descriptions.of_type(&name))
    }

    fn described(&self, schema: Value, ty: &str, field: &str) -> Value {
        with_description(schema, self.descriptions.of_field(ty, field))
    }

    fn of_field(&mut self, field: &Field) -> Value {
        let mut schema = self.of_type(field.ty);
        let map = schema.make_map();
        if field.patch_merge {
            map.insert("x-kubernetes-patch-strategy", "merge");
            if !field.patch_merge_key.is_empty() {
                map.insert("x-kubernetes-patch-merge-key", field.patch_merge_key);
            }
        }
        if matches!(field.ty, Type::Slice(_)) {
            let list_type = match field.list_type {
                ListType::Atomic => "atomic",
                ListType::Set => "set",
                ListType::Map(keys) => {
                    let keys = keys.iter().map(|key| Value::from(*key)).collect();
                    map.insert("x-kubernetes-list-map-keys", Value::List(keys));
                    "map"
                }
            };
            map.insert("x-kubernetes-list-type", list_type);
        }
        if field.map_type == MapType::Atomic {
            map.insert("x-kubernetes-map-type", "atomic");
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
            Type::Time => self.reference(TIME),
            Type::MicroTime => self.reference(MICRO_TIME),
            Type::Quantity => self.reference(QUANTITY),
            Type::IntOrString => self.reference(INT_OR_STRING),
            Type::Any => object! { "type": "object" },
            Type::Struct(ty) => {
                if self.seen.insert(ty) {
                    self.open.push(ty);
                }
                self.reference(&name_of(ty))
            }
            Type::Pointer(inner) => self.of_type(*inner),
            Type::Slice(inner) => object! { "type": "array", "items": self.of_type(*inner) },
            Type::Map(inner) => {
                object! { "type": "object", "additionalProperties": self.of_type(*inner) }
            }
        }
    }

    fn reference(&self, name: &str) -> Value {
        match self.version {
            Version::V2 => object! { "$ref": format!("#/definitions/{name}") },
            Version::V3 => {
                let reference = object! { "$ref": format!("#/components/schemas/{name}") };
                object! { "allOf": list![reference] }
            }
        }
    }
}

fn with_description(mut schema: Value, text: Option<&str>) -> Value {
    if let Some(text) = text {
        schema.make_map().insert("description", text.to_owned());
    }
    schema
}

/// `core/v1.PodSpec` as OpenAPI calls it: `io.k8s.api.core.v1.PodSpec`. Groups are called by their
/// first word.
pub(super) fn name_of(ty: TypeId) -> String {
    let name = ty.get().go.replace('/', ".");
    match name.split_once('.') {
        Some(("meta", rest)) => format!("io.k8s.apimachinery.pkg.apis.meta.{rest}"),
        Some(("apiextensions", rest)) => {
            format!("io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.{rest}")
        }
        Some(("apiregistration", rest)) => {
            format!("io.k8s.kube-aggregator.pkg.apis.apiregistration.{rest}")
        }
        _ => format!("io.k8s.api.{name}"),
    }
}
