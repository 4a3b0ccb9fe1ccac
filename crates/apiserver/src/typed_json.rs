//! JSON with the fields in the order of their Go structs.
//!
//! The server sends them so, and kubectl prints objects so that it knows by type, as by `kubectl
//! create --dry-run -o json`. What has no known type has its fields in alphabetical order.

use api::json::Html;
use api::schema::{Struct, Type, TypeId};
use api::{Map, Value, names};

/// The type of an object, if it is one of Kubernetes' own.
pub fn type_of(object: &Value) -> Option<TypeId> {
    let version = object.get(&names::API_VERSION).as_str()?;
    let kind = object.get(&names::KIND).as_str()?;
    type_of_kind(version, kind)
}

/// The type of a kind, if it is one of Kubernetes' own.
pub fn type_of_kind(api_version: &str, kind: &str) -> Option<TypeId> {
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    // A group that is not Kubernetes' own has types that nobody here knows.
    let is_ours = !group.contains('.') || group.ends_with(".k8s.io");
    let package = match group.split('.').next().unwrap_or_default() {
        "" => "core",
        first => first,
    };
    if is_ours { TypeId::find(&format!("{package}/{version}.{kind}")) } else { None }
}

/// Writes a document as it stands on the wire: as [`to_string`] does, and lists of objects too.
pub(crate) fn to_wire(document: &Value) -> String {
    let version = document.get(&names::API_VERSION).as_str().unwrap_or_default();
    let kind = document.get(&names::KIND).as_str().unwrap_or_default();
    let group = version.split_once('/').map_or("", |(group, _)| group);
    let mut writer = Writer { out: String::new(), is_pretty: false };
    let meta = || TypeId::find(&format!("meta/v1.{kind}"));
    let is_of_meta = group.is_empty() || group == "meta.k8s.io";
    let item = || type_of_kind(version, kind.strip_suffix("List")?);
    match type_of_kind(version, kind).or_else(|| if is_of_meta { meta() } else { None }) {
        Some(ty) => writer.structure(document, ty.get(), 0),
        None => match item() {
            Some(item) => writer.list(document, item.get()),
            None => writer.untyped(document, 0),
        },
    }
    writer.out.push('\n');
    writer.out
}

/// Writes an object with four spaces for each level.
pub fn to_string_pretty(object: &Value) -> String {
    write(object, true)
}

/// Writes an object on one line.
pub fn to_string(object: &Value) -> String {
    write(object, false)
}

fn write(object: &Value, is_pretty: bool) -> String {
    let mut writer = Writer { out: String::new(), is_pretty };
    match type_of(object) {
        Some(ty) => writer.structure(object, ty.get(), 0),
        None => writer.untyped(object, 0),
    }
    writer.out
}

struct Writer {
    out: String,
    is_pretty: bool,
}

impl Writer {
    fn value(&mut self, value: &Value, ty: &Type, depth: usize) {
        match (ty, value) {
            (Type::Pointer(inner), _) => self.value(value, inner, depth),
            (Type::Struct(id), Value::Map(_)) => self.structure(value, id.get(), depth),
            (Type::Slice(inner), Value::List(items)) if !items.is_empty() => {
                self.out.push('[');
                for (at, item) in items.iter().enumerate() {
                    self.next(at, depth + 1);
                    self.value(item, inner, depth + 1);
                }
                self.close(']', depth);
            }
            (Type::Map(inner), Value::Map(map)) if !map.is_empty() => {
                self.out.push('{');
                for (at, (key, item)) in map.iter().enumerate() {
                    self.next(at, depth + 1);
                    self.name(key.as_str());
                    self.value(item, inner, depth + 1);
                }
                self.close('}', depth);
            }
            _ => self.untyped(value, depth),
        }
    }

    fn structure(&mut self, object: &Value, ty: &'static Struct, depth: usize) {
        let Value::Map(map) = object else { return self.untyped(object, depth) };
        let mut entries: Vec<(&str, &Value, Option<&Type>)> = Vec::with_capacity(map.len());
        ordered(ty, map, &mut entries);
        if entries.len() < map.len() {
            for (key, held) in map.iter().filter(|(key, _)| ty.field(key).is_none()) {
                entries.push((key.as_str(), held, None));
            }
        }
        if entries.is_empty() {
            return self.out.push_str("{}");
        }
        self.out.push('{');
        for (at, (key, held, ty)) in entries.into_iter().enumerate() {
            self.next(at, depth + 1);
            self.name(key);
            match ty {
                Some(ty) => self.value(held, ty, depth + 1),
                None => self.untyped(held, depth + 1),
            }
        }
        self.close('}', depth);
    }

    /// A list whose items do not say what they are.
    fn list(&mut self, list: &Value, item: &'static Struct) {
        self.out.push('{');
        let mut at = 0;
        for field in [names::KIND, names::API_VERSION, names::METADATA, names::ITEMS] {
            let held = list.get(&field);
            if held.is_null() {
                continue;
            }
            self.next(at, 1);
            self.name(field.as_str());
            at += 1;
            if field != names::ITEMS {
                self.untyped(held, 1);
                continue;
            }
            self.out.push('[');
            for (at, object) in held.items().iter().enumerate() {
                self.next(at, 2);
                self.structure(object, item, 2);
            }
            self.close(']', 1);
        }
        self.close('}', 0);
    }

    fn untyped(&mut self, value: &Value, depth: usize) {
        if self.is_pretty {
            let text = api::json::to_string_pretty(value);
            let indent = format!("\n{}", "    ".repeat(depth));
            self.out.push_str(&text.replace('\n', &indent));
        } else {
            api::json::append(&mut self.out, value, Html::Escaped);
        }
    }

    fn name(&mut self, name: &str) {
        api::json::append_string(&mut self.out, name, Html::Escaped);
        self.out.push_str(if self.is_pretty { ": " } else { ":" });
    }

    fn next(&mut self, at: usize, depth: usize) {
        if at > 0 {
            self.out.push(',');
        }
        self.line(depth);
    }

    fn close(&mut self, bracket: char, depth: usize) {
        self.line(depth);
        self.out.push(bracket);
    }

    fn line(&mut self, depth: usize) {
        if self.is_pretty {
            self.out.push('\n');
            self.out.push_str(&"    ".repeat(depth));
        }
    }
}

/// The fields that are there, in Go's order.
fn ordered<'a>(
    ty: &'static Struct,
    map: &'a Map,
    entries: &mut Vec<(&'a str, &'a Value, Option<&'a Type>)>,
) {
    for field in ty.fields {
        if field.is_inline {
            if let Type::Struct(inner) = field.ty {
                ordered(inner.get(), map, entries);
            }
        } else if let Some(held) = map.get(&field.key()) {
            entries.push((field.name(), held, Some(&field.ty)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::object;

    #[test]
    fn fields_come_in_the_order_of_go() {
        let pod = object! {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": object! { "labels": object! { "a": "b" }, "name": "x" },
            "spec": object! { "containers": api::list![object! { "image": "i", "name": "c" }] },
        };
        assert_eq!(
            to_string(&pod),
            r#"{"kind":"Pod","apiVersion":"v1","metadata":{"name":"x","labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}"#
        );
        let list =
            object! { "apiVersion": "v1", "items": api::list![pod.clone()], "kind": "PodList" };
        assert!(
            to_wire(&list).starts_with(r#"{"kind":"PodList","apiVersion":"v1","items":[{"kind""#)
        );
        assert!(to_string_pretty(&pod).ends_with("            }\n        ]\n    }\n}"));
    }
}
