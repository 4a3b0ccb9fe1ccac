//! JSON patches (RFC 6902).

use super::PatchError;
use super::error::JsonPatchError;
use super::pointer::{Pointer, entry, existing_index, insertion_index};
use crate::{Key, Value, json};

/// How many bytes of JSON the `copy` operations of a patch may add in all: the API server's limit.
pub const COPY_BYTES_MAX: usize = 3 * 1024 * 1024;

/// The document that the operations of `patch` make of `document`.
///
/// Behaves as evanphx/json-patch 4.12 does: an index may count from the end, `replace` adds a
/// missing entry to a map, a missing `value` is `null`. The limit of 10,000 operations is the
/// caller's; nesting ends at [`json::MAX_DEPTH`].
pub fn json_patch(document: &Value, patch: &Value) -> Result<Value, PatchError> {
    let operations = match patch {
        Value::List(list) => &list[..],
        Value::Null => &[],
        other => return Err(cannot_decode(other, "jsonpatch.Patch").into()),
    };
    let is_operation = |item: &&Value| !matches!(item, Value::Map(_) | Value::Null);
    if let Some(odd) = operations.iter().find(is_operation) {
        return Err(cannot_decode(odd, "jsonpatch.Operation").into());
    }
    let mut patching = Patching { document: document.clone(), copied_bytes: 0 };
    for operation in operations {
        patching.apply(operation)?;
    }
    Ok(patching.document)
}

struct Patching {
    document: Value,
    copied_bytes: usize,
}

impl Patching {
    fn apply(&mut self, operation: &Value) -> Result<(), JsonPatchError> {
        match operation["op"].as_str().unwrap_or("unknown") {
            "add" => self.add(operation),
            "remove" => self.remove(operation),
            "replace" => self.replace(operation),
            "move" => self.move_(operation),
            "copy" => self.copy(operation),
            "test" => self.test(operation),
            other => Err(error(format!("Unexpected kind: {other}"))),
        }
    }

    fn add(&mut self, operation: &Value) -> Result<(), JsonPatchError> {
        let path = plain_path(operation, "add")?;
        let missing = || does_not_apply("add", &format!("doc is missing path: \"{path}\""));
        let target = Pointer::parse(path).ok_or_else(missing)?;
        let value = operation["value"].clone();
        self.insert(&target, value, missing, |problem| failed("add", path, &problem))
    }

    fn remove(&mut self, operation: &Value) -> Result<(), JsonPatchError> {
        let path = plain_path(operation, "remove")?;
        let missing = || does_not_apply("remove", &format!("doc is missing path: \"{path}\""));
        let target = Pointer::parse(path).ok_or_else(missing)?;
        let container = target.container_mut(&mut self.document).ok_or_else(missing)?;
        take(container, &target.last).map_err(|problem| failed("remove", path, &problem))?;
        Ok(())
    }

    fn replace(&mut self, operation: &Value) -> Result<(), JsonPatchError> {
        let path = path(operation, "replace")?;
        let value = operation["value"].clone();
        if path.is_empty() {
            // Upstream passes over a scalar without a word.
            if matches!(value, Value::Map(_) | Value::List(_)) {
                self.document = value;
            }
            return Ok(());
        }
        let missing = |what| does_not_apply("replace", &format!("doc is missing {what}: {path}"));
        let target = Pointer::parse(path).ok_or_else(|| missing("path"))?;
        check_depth(&target, &value)?;
        let container = target.container_mut(&mut self.document);
        match container.ok_or_else(|| missing("path"))? {
            Value::List(list) => {
                let index = existing_index(&target.last, list.len());
                list.make_mut()[index.map_err(|_| missing("key"))?] = value;
            }
            map => *map.entry(&Key::from(target.last.as_str())) = value,
        }
        Ok(())
    }

    fn move_(&mut self, operation: &Value) -> Result<(), JsonPatchError> {
        let from = from(operation, "move")?;
        let missing = || does_not_apply("move", &format!("doc is missing from path: {from}"));
        let source = Pointer::parse(from).ok_or_else(missing)?;
        let container = source.container_mut(&mut self.document).ok_or_else(missing)?;
        let value = take(container, &source.last);
        let value = value.map_err(|problem| failed("move", &source.last, &problem))?;

        let path = path(operation, "move")?;
        let missing = || does_not_apply("move", &missing_destination(path));
        let target = Pointer::parse(path).ok_or_else(missing)?;
        self.insert(&target, value, missing, |problem| failed("move", path, &problem))
    }

    fn copy(&mut self, operation: &Value) -> Result<(), JsonPatchError> {
        let from = from(operation, "copy")?;
        let missing = || does_not_apply("copy", &format!("doc is missing from path: {from}"));
        let source = Pointer::parse(from).ok_or_else(missing)?;
        let container = source.container(&self.document).ok_or_else(missing)?;
        let value = entry(container, &source.last).cloned();
        let value = value
            .map_err(|problem| error(format!("error in copy for from: '{from}': {problem}")))?;

        let path = plain_path(operation, "copy")?;
        let missing = || does_not_apply("copy", &missing_destination(path));
        let target = Pointer::parse(path).ok_or_else(missing)?;
        target.container(&self.document).ok_or_else(missing)?;
        self.count_copy(&value)?;
        self.insert(&target, value, missing, |problem| {
            error(format!("error while adding value during copy: {problem}"))
        })
    }

    fn count_copy(&mut self, value: &Value) -> Result<(), JsonPatchError> {
        if !value.is_null() {
            self.copied_bytes += json::to_string(value).len();
        }
        if self.copied_bytes > COPY_BYTES_MAX {
            let size = self.copied_bytes;
            return Err(error(format!(
                "Unable to complete the copy, the accumulated size increase of copy is {size}, \
                 exceeding the limit {COPY_BYTES_MAX}"
            )));
        }
        Ok(())
    }

    fn test(&self, operation: &Value) -> Result<(), JsonPatchError> {
        let path = path(operation, "test")?;
        let found = if path.is_empty() {
            &self.document
        } else {
            let missing = || does_not_apply("test", &format!("is missing path: {path}"));
            let place = Pointer::parse(path).ok_or_else(missing)?;
            let container = place.container(&self.document).ok_or_else(missing)?;
            entry(container, &place.last).map_err(|problem| failed("test", path, &problem))?
        };
        if is_equal(found, &operation["value"]) {
            return Ok(());
        }
        Err(error(format!("testing value {path} failed: test failed")))
    }

    /// Adds an entry to a map, or inserts it in a list.
    fn insert(
        &mut self,
        target: &Pointer,
        value: Value,
        missing: impl Fn() -> JsonPatchError,
        failed: impl Fn(String) -> JsonPatchError,
    ) -> Result<(), JsonPatchError> {
        check_depth(target, &value)?;
        match target.container_mut(&mut self.document).ok_or_else(missing)? {
            Value::List(list) => {
                let index = insertion_index(&target.last, list.len()).map_err(failed)?;
                list.make_mut().insert(index, value);
            }
            map => *map.entry(&Key::from(target.last.as_str())) = value,
        }
        Ok(())
    }
}

/// Takes an entry out of a map or a list.
fn take(container: &mut Value, name: &str) -> Result<Value, String> {
    match container {
        Value::List(list) => {
            let index = existing_index(name, list.len())?;
            Ok(list.make_mut().remove(index))
        }
        map => map
            .make_map()
            .remove_str(name)
            .ok_or_else(|| format!("Unable to remove nonexistent key: {name}: missing value")),
    }
}

/// A patch must not build a tree that is too deep to be walked.
fn check_depth(target: &Pointer, value: &Value) -> Result<(), JsonPatchError> {
    if target.depth() + value.depth() > json::MAX_DEPTH {
        return Err(error("exceeded max depth".to_owned()));
    }
    Ok(())
}

/// Equality of JSON: a number is what it is worth.
fn is_equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Int(whole), Value::Float(number)) | (Value::Float(number), Value::Int(whole)) => {
            *whole as f64 == *number
        }
        (Value::List(a), Value::List(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_equal(a, b))
        }
        (Value::Map(a), Value::Map(b)) => {
            let mut pairs = a.iter().zip(b.iter());
            a.len() == b.len() && pairs.all(|((k, v), (l, w))| k == l && is_equal(v, w))
        }
        _ => a == b,
    }
}

/// The path of `add` and `remove` and the target of `copy`, about which upstream says little.
fn plain_path<'a>(operation: &'a Value, name: &str) -> Result<&'a str, JsonPatchError> {
    let missing = || missing_value(&format!("{name} operation failed to decode path"));
    operation["path"].as_str().ok_or_else(missing)
}

fn path<'a>(operation: &'a Value, name: &str) -> Result<&'a str, JsonPatchError> {
    let place = format!("{name} operation failed to decode path");
    string(&operation["path"], &place, "operation missing path field")
}

fn from<'a>(operation: &'a Value, name: &str) -> Result<&'a str, JsonPatchError> {
    let place = format!("{name} operation failed to decode from");
    string(&operation["from"], &place, "operation, missing from field")
}

fn string<'a>(value: &'a Value, place: &str, absent: &str) -> Result<&'a str, JsonPatchError> {
    match value {
        Value::Str(text) => Ok(text),
        Value::Null => Err(missing_value(&format!("{place}: {absent}"))),
        other => Err(error(format!("{place}: {}", cannot_decode(other, "string")))),
    }
}

fn error(text: String) -> JsonPatchError {
    JsonPatchError(text)
}

fn missing_value(what: &str) -> JsonPatchError {
    error(format!("{what}: missing value"))
}

fn does_not_apply(name: &str, what: &str) -> JsonPatchError {
    missing_value(&format!("{name} operation does not apply: {what}"))
}

fn missing_destination(path: &str) -> String {
    format!("doc is missing destination path: {path}")
}

fn failed(name: &str, path: &str, problem: &str) -> JsonPatchError {
    error(format!("error in {name} for path: '{path}': {problem}"))
}

fn cannot_decode(value: &Value, go_type: &str) -> JsonPatchError {
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Int(_) | Value::Float(_) => "number",
        Value::Str(_) => "string",
        Value::List(_) => "array",
        Value::Map(_) => "object",
    };
    error(format!("json: cannot unmarshal {kind} into Go value of type {go_type}"))
}
