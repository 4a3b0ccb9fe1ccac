//! The schema table, read and resolved.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What a field holds, as far as decoding and accessors distinguish.
#[derive(Clone, Debug, PartialEq)]
pub enum Type {
    String {
        go: String,
    },
    Int32,
    Int64,
    Float64,
    Bool,
    Bytes,
    Time,
    MicroTime,
    Quantity,
    IntOrString,
    /// A nested document that Kubernetes does not look into.
    Any,
    Struct(String),
    Pointer(Box<Type>),
    Slice(Box<Type>),
    Map(Box<Type>),
}

#[derive(Debug)]
pub struct Field {
    pub go: String,
    /// Empty for an inlined struct.
    pub json: String,
    pub ty: Type,
    pub omit_empty: bool,
    pub patch_merge: bool,
    pub patch_replace: bool,
    pub patch_retain_keys: bool,
    pub patch_merge_key: String,
}

impl Field {
    pub fn is_inline(&self) -> bool {
        self.json.is_empty()
    }
}

#[derive(Debug)]
pub struct Struct {
    /// `core/v1.Pod`
    pub go: String,
    pub fields: Vec<Field>,
}

pub struct Model {
    pub structs: BTreeMap<String, Struct>,
    pub names: Vec<String>,
}

/// Go packages whose types are plumbing and never part of a document.
const PLUMBING: &[&str] = &["api/resource.", "gopkg.in/", "math/", "time.", "runtime.", "util/"];

/// Types with their own way of reading JSON, which no list of fields describes.
const DOCUMENTS: &[&str] = &[
    "meta/v1.FieldsV1",
    "runtime.RawExtension",
    "interface {}",
    "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1.JSON",
    "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1.JSONSchemaPropsOrArray",
    "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1.JSONSchemaPropsOrBool",
    "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1.JSONSchemaPropsOrStringArray",
];

impl Model {
    pub fn read(table: &str, extra_names: &str) -> Model {
        let table: BTreeMap<String, Value> = serde_json::from_str(table).expect("a JSON object");
        let mut structs = BTreeMap::new();
        let mut names: BTreeSet<String> = extra_names
            .lines()
            .filter(|line| !line.starts_with('#') && !line.is_empty())
            .map(str::to_owned)
            .collect();
        for (go, entry) in &table {
            let skipped = PLUMBING.iter().any(|package| go.starts_with(package))
                || DOCUMENTS.contains(&go.as_str())
                || matches!(go.as_str(), "meta/v1.Time" | "meta/v1.MicroTime");
            if skipped || entry["kind"] != "struct" {
                continue;
            }
            let fields: Vec<Field> = entry["fields"]
                .as_array()
                .map(|fields| fields.iter().filter_map(|f| read_field(f, &table)).collect())
                .unwrap_or_default();
            names.extend(fields.iter().filter(|f| !f.is_inline()).map(|f| f.json.clone()));
            structs.insert(go.clone(), Struct { go: go.clone(), fields });
        }
        Model { structs, names: names.into_iter().collect() }
    }

    pub fn name_index(&self, name: &str) -> usize {
        self.names.binary_search_by(|n| n.as_str().cmp(name)).expect("every name was collected")
    }

    pub fn struct_index(&self, go: &str) -> usize {
        self.structs.keys().position(|k| k == go).unwrap_or_else(|| panic!("no struct {go}"))
    }

    /// All fields with inlined structs opened, in Go's order.
    pub fn flat_fields<'a>(&'a self, ty: &'a Struct) -> Vec<&'a Field> {
        let mut flat = Vec::new();
        for field in &ty.fields {
            match &field.ty {
                Type::Struct(inner) if field.is_inline() => {
                    flat.extend(self.flat_fields(&self.structs[inner]));
                }
                _ => flat.push(field),
            }
        }
        flat
    }
}

fn read_field(field: &Value, table: &BTreeMap<String, Value>) -> Option<Field> {
    let text = |key: &str| field[key].as_str().unwrap_or_default().to_owned();
    let inline = field["inline"] == true;
    let json = text("json");
    if json == "-" || (json.is_empty() && !inline) {
        return None;
    }
    let strategy = text("patchStrategy");
    Some(Field {
        go: text("go"),
        json: if inline { String::new() } else { json },
        ty: read_type(&text("type"), table),
        omit_empty: field["omitempty"] == true,
        patch_merge: strategy.split(',').any(|s| s == "merge"),
        patch_replace: strategy == "replace",
        patch_retain_keys: strategy.split(',').any(|s| s == "retainKeys"),
        patch_merge_key: text("patchMergeKey"),
    })
}

fn read_type(go: &str, table: &BTreeMap<String, Value>) -> Type {
    if let Some(inner) = go.strip_prefix('*') {
        return match read_type(inner, table) {
            Type::Any => Type::Any,
            inner => Type::Pointer(Box::new(inner)),
        };
    }
    if go == "[]uint8" {
        return Type::Bytes;
    }
    if let Some(inner) = go.strip_prefix("[]") {
        return Type::Slice(Box::new(read_type(inner, table)));
    }
    if let Some(rest) = go.strip_prefix("map[") {
        let (_, value) = rest.split_once(']').expect("map[K]V");
        return Type::Map(Box::new(read_type(value, table)));
    }
    if DOCUMENTS.contains(&go) {
        return Type::Any;
    }
    match go {
        "string" => {
            return Type::String { go: "string".into() };
        }
        "int32" | "int" | "uint8" => return Type::Int32,
        "int64" => return Type::Int64,
        "float64" => return Type::Float64,
        "bool" => return Type::Bool,
        "meta/v1.Time" => return Type::Time,
        "meta/v1.MicroTime" => return Type::MicroTime,
        "api/resource.Quantity" => return Type::Quantity,
        "util/intstr.IntOrString" => return Type::IntOrString,
        _ => {}
    }
    let entry = table.get(go).unwrap_or_else(|| panic!("unknown type {go}"));
    let element = entry["elem"].as_str().unwrap_or_default();
    match entry["kind"].as_str().unwrap_or_default() {
        "string" => Type::String { go: go.to_owned() },
        "struct" => Type::Struct(go.to_owned()),
        "slice" => Type::Slice(Box::new(read_type(element, table))),
        "map" => {
            let (_, value) = element.split_once("->").expect("K->V");
            Type::Map(Box::new(read_type(value, table)))
        }
        kind => panic!("type {go} of kind {kind}"),
    }
}
