//! Typed views: `Pod` and `PodMut`, with a getter and a setter for every field.

use crate::model::{Field, Model, Struct, Type};
use crate::tables::{constant, snake_case, type_constant};
use std::collections::BTreeMap;
use std::fmt::Write;

/// One module for every API group and version.
pub fn modules(model: &Model) -> String {
    let mut modules: BTreeMap<(String, String), String> = BTreeMap::new();
    for ty in model.structs.values() {
        let (module, name) = rust_path(&ty.go);
        let out = modules.entry(module).or_default();
        view(out, model, ty, &name);
        view_mut(out, model, ty, &name);
    }
    let mut groups: BTreeMap<String, String> = BTreeMap::new();
    for ((group, version), text) in modules {
        let out = groups.entry(group.clone()).or_default();
        writeln!(
            out,
            "/// `{group}/{version}`\npub mod {version} {{\nuse crate::accessor::*;\n{text}\n}}"
        )
        .unwrap();
    }
    let mut out = String::new();
    for (group, text) in groups {
        writeln!(out, "/// The types of `{group}`.\npub mod {group} {{\n{text}\n}}").unwrap();
    }
    out
}

/// `core/v1.Pod` lives in `core::v1` as `Pod`.
fn rust_path(go: &str) -> ((String, String), String) {
    let short = go.rsplit_once("/apis/").map_or(go, |(_, tail)| tail);
    let (package, name) = short.rsplit_once('.').expect("package.Type");
    let (group, version) = package.split_once('/').expect("group/version");
    ((group.to_owned(), version.to_owned()), name.to_owned())
}

fn rust_type(go: &str, suffix: &str) -> String {
    let ((group, version), name) = rust_path(go);
    format!("crate::{group}::{version}::{name}{suffix}")
}

fn method(name: &str) -> String {
    let snake = snake_case(name).trim_matches('_').to_owned();
    match snake.as_str() {
        "type" | "ref" | "continue" | "match" | "enum" | "static" => format!("{snake}_"),
        _ => snake,
    }
}

fn view(out: &mut String, model: &Model, ty: &Struct, name: &str) {
    writeln!(
        out,
        "/// Reads a `{go}`.\n#[derive(Clone, Copy, Debug)]\npub struct {name}<'a>(pub &'a Value);\n\
         impl<'a> View<'a> for {name}<'a> {{\n\
         const TYPE: TypeId = types::{constant};\n\
         fn of(value: &'a Value) -> Self {{ Self(value) }}\n\
         fn value(self) -> &'a Value {{ self.0 }}\n}}\n\
         impl<'a> {name}<'a> {{",
        go = ty.go,
        constant = type_constant(&ty.go),
    )
    .unwrap();
    for field in model.flat_fields(ty) {
        getter(out, field);
    }
    out.push_str("}\n");
}

fn getter(out: &mut String, field: &Field) {
    let (result, body) = match &field.ty {
        Type::Pointer(inner) => match &**inner {
            Type::String { .. } => ("Option<&'a str>".to_owned(), "get::optional_str"),
            Type::Int32 | Type::Int64 => ("Option<i64>".to_owned(), "get::optional_int"),
            Type::Bool => ("Option<bool>".to_owned(), "get::optional_bool"),
            Type::Struct(go) => {
                (format!("Option<{}>", rust_type(go, "<'a>")), "get::optional_view")
            }
            Type::IntOrString => {
                ("Option<IntOrString<'a>>".to_owned(), "get::optional_int_or_string")
            }
            other => getter_of(other),
        },
        other => getter_of(other),
    };
    writeln!(
        out,
        "/// `{json}`\npub fn {method}(self) -> {result} {{ {body}(self.0, &names::{name}) }}",
        json = field.json,
        method = method(&field.json),
        name = constant(&field.json),
    )
    .unwrap();
}

fn getter_of(ty: &Type) -> (String, &'static str) {
    match ty {
        Type::String { .. } | Type::Bytes => ("&'a str".into(), "get::str"),
        Type::Int32 | Type::Int64 => ("i64".into(), "get::int"),
        Type::Float64 => ("f64".into(), "get::float"),
        Type::Bool => ("bool".into(), "get::bool"),
        Type::Time | Type::MicroTime => ("Option<Time>".into(), "get::time"),
        Type::Quantity => ("Option<Quantity>".into(), "get::quantity"),
        Type::IntOrString => ("IntOrString<'a>".into(), "get::int_or_string"),
        Type::Struct(go) => (rust_type(go, "<'a>"), "get::view"),
        Type::Slice(inner) => match &**inner {
            Type::Struct(go) => (format!("Views<'a, {}>", rust_type(go, "<'a>")), "get::views"),
            Type::String { .. } => ("Strings<'a>".into(), "get::strings"),
            _ => ("&'a [Value]".into(), "get::list"),
        },
        Type::Map(inner) => match &**inner {
            Type::String { .. } | Type::Bytes => ("StringMap<'a>".into(), "get::string_map"),
            Type::Quantity => ("ResourceList<'a>".into(), "get::resource_list"),
            _ => ("&'a Map".into(), "get::map"),
        },
        Type::Any => ("&'a Value".into(), "get::any"),
        Type::Pointer(inner) => getter_of(inner),
    }
}

fn view_mut(out: &mut String, model: &Model, ty: &Struct, name: &str) {
    writeln!(
        out,
        "/// Writes a `{go}`.\n#[derive(Debug)]\npub struct {name}Mut<'a>(pub &'a mut Value);\n\
         impl<'a> ViewMut<'a> for {name}Mut<'a> {{\n\
         fn of(value: &'a mut Value) -> Self {{ Self(value) }}\n}}\n\
         impl {name}Mut<'_> {{\n\
         /// The same object, to be read.\n\
         pub fn read(&self) -> {name}<'_> {{ {name}(self.0) }}",
        go = ty.go,
    )
    .unwrap();
    for field in model.flat_fields(ty) {
        setters(out, field);
    }
    out.push_str("}\n");
}

fn setters(out: &mut String, field: &Field) {
    let (pointer, ty) = match &field.ty {
        Type::Pointer(inner) => (true, &**inner),
        other => (false, other),
    };
    let name = constant(&field.json);
    let method = method(&field.json);
    let stem = method.trim_end_matches('_');
    let json = &field.json;
    // A zero value is left out if the field says so; a pointer to one is kept.
    let keep_zero = pointer || !field.omit_empty;
    let (parameter, setter) = match (ty, pointer) {
        (Type::String { .. } | Type::Bytes | Type::Quantity, false) => {
            ("impl Into<Text>", "set::text")
        }
        (Type::String { .. } | Type::Quantity, true) => ("impl Into<Text>", "set::text"),
        (Type::Int32 | Type::Int64, _) => ("i64", "set::int"),
        (Type::Float64, _) => ("f64", "set::float"),
        (Type::Bool, _) => ("bool", "set::bool"),
        (Type::Time, _) => ("impl Into<Option<Time>>", "set::time"),
        (Type::MicroTime, _) => ("impl Into<Option<Time>>", "set::micro_time"),
        _ => ("impl Into<Value>", "set::value"),
    };
    writeln!(
        out,
        "/// Sets `{json}`.\npub fn set_{method}(&mut self, value: {parameter}) {{ \
         {setter}(self.0, &names::{name}, value, {keep_zero}) }}"
    )
    .unwrap();
    if pointer || !matches!(ty, Type::Struct(_)) {
        writeln!(
            out,
            "/// Takes `{json}` away.\npub fn clear_{method}(&mut self) {{ set::clear(self.0, &names::{name}) }}"
        )
        .unwrap();
    }
    match ty {
        Type::Struct(go) => writeln!(
            out,
            "/// `{json}`, made if it is missing.\npub fn {stem}_mut(&mut self) -> {} {{ \
             set::view(self.0, &names::{name}) }}",
            rust_type(go, "Mut<'_>")
        ),
        Type::Slice(_) => writeln!(
            out,
            "/// `{json}`, made if it is missing.\npub fn {stem}_mut(&mut self) -> &mut Vec<Value> {{ \
             set::list(self.0, &names::{name}) }}"
        ),
        Type::Map(_) => writeln!(
            out,
            "/// `{json}`, made if it is missing.\npub fn {stem}_mut(&mut self) -> &mut Map {{ \
             set::map(self.0, &names::{name}) }}"
        ),
        _ => Ok(()),
    }
    .unwrap();
}
