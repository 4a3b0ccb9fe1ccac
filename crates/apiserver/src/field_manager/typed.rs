//! What is wrong with an applied document, in the words of server-side apply.

use super::shape::Shape;
use api::schema::Type;
use api::{Value, go};

/// The problems of a document, as `.spec.replicas: expected ...`.
pub(super) fn problems(shape: Shape, document: &Value) -> Vec<String> {
    let mut problems = Vec::new();
    check(shape, document, "", &mut problems);
    problems
}

fn check(shape: Shape, value: &Value, path: &str, problems: &mut Vec<String>) {
    let mut expected = |what: &str| {
        let prefix = if path.is_empty() { String::new() } else { format!("{path}: ") };
        problems.push(format!("{prefix}expected {what}"));
    };
    match (shape, value) {
        (_, Value::Null) => {}
        (Shape::Struct(_) | Shape::Map(_), Value::Map(map)) => {
            for (key, part) in map.iter() {
                // The type of the object stands above its schema.
                if path.is_empty() && matches!(key.as_str(), "apiVersion" | "kind") {
                    continue;
                }
                let at = format!("{path}.{key}");
                match shape.part(key) {
                    Some(shape) => check(shape, part, &at, problems),
                    None => problems.push(format!("{at}: field not declared in schema")),
                }
            }
        }
        (Shape::Struct(_) | Shape::Map(_), _) => expected(&format!("map, got {}", plain(value))),
        (Shape::Set | Shape::Items(..), Value::List(list)) => {
            for item in list {
                let element = shape.item_element(item);
                let at = format!("{path}{}", super::field_set::path_element(&element));
                check(shape.item(), item, &at, problems);
            }
        }
        (Shape::Set | Shape::Items(..), _) => expected(&format!("list, got {}", plain(value))),
        (Shape::Whole(ty), value) => {
            if let Some(what) = misfit(ty, value) {
                expected(&what);
            }
        }
    }
}

/// What was expected of what is owned as a whole, if it is something else.
fn misfit(ty: &'static Type, value: &Value) -> Option<String> {
    let ty = match ty {
        Type::Pointer(inner) => inner,
        ty => ty,
    };
    let is_number = matches!(value, Value::Int(_) | Value::Float(_));
    match ty {
        Type::Int32 | Type::Int64 | Type::Float64 if !is_number => {
            Some(format!("numeric (int or float), got {}", go_type(value)))
        }
        Type::String(_) | Type::Time | Type::MicroTime | Type::Bytes
            if value.as_str().is_none() =>
        {
            let text = go::plain(value);
            Some(format!("string, got &value.valueUnstructured{{Value:{text}}}"))
        }
        Type::Bool if value.as_bool().is_none() => Some(format!("boolean, got {}", plain(value))),
        _ => None,
    }
}

fn plain(value: &Value) -> String {
    format!("&{{{}}}", go::plain(value))
}

fn go_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "<nil>",
        Value::Bool(_) => "bool",
        Value::Int(_) => "int64",
        Value::Float(_) => "float64",
        Value::Str(_) => "string",
        Value::List(_) => "[]interface {}",
        Value::Map(_) => "map[string]interface {}",
    }
}
