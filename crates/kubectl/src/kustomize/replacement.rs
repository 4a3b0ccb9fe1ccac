//! `replacements`: values that are copied from one object into others.

use super::load::{Directory, texts};
use super::patch::Target;
use super::resource::Resource;
use crate::errors::{Result, bail, error};
use api::{Key, Value, yaml};
use shell::Context;

/// The field that is copied if none is named.
const FIELD_DEFAULT: &str = "metadata.name";

/// Copies all values that the kustomization names.
pub(super) fn run(
    context: &Context,
    directory: &Directory,
    kustomization: &Value,
    resources: &mut [Resource],
) -> Result {
    for entry in kustomization["replacements"].items() {
        let Some(path) = entry["path"].as_str() else {
            replace(entry, resources)?;
            continue;
        };
        let bytes = directory.read(context, path)?;
        let document = yaml::parse(&String::from_utf8_lossy(&bytes))
            .map_err(|why| error!("invalid replacement file {path}: {why}"))?;
        match &document {
            Value::List(items) => {
                for item in items.iter() {
                    replace(item, resources)?;
                }
            }
            one => replace(one, resources)?,
        }
    }
    Ok(())
}

fn replace(entry: &Value, resources: &mut [Resource]) -> Result {
    let value = source(&entry["source"], resources)?;
    for target in entry["targets"].items() {
        let select = Target::read(&target["select"])?;
        let rejected: Vec<Target> =
            target["reject"].items().iter().map(Target::read).collect::<Result<_>>()?;
        let mut paths = texts(target, "fieldPaths");
        if paths.is_empty() {
            paths.push(FIELD_DEFAULT);
        }
        for resource in resources.iter_mut() {
            if !select.fits(resource) || rejected.iter().any(|reject| reject.fits(resource)) {
                continue;
            }
            for path in &paths {
                let is_set = set(resource, path, &value, &target["options"]);
                if !is_set && !target["select"]["kind"].is_null() {
                    bail!(
                        "unable to find field {} in replacement target",
                        crate::errors::quote(path)
                    );
                }
            }
        }
    }
    Ok(())
}

/// The value that is to be copied.
fn source(source: &Value, resources: &[Resource]) -> Result<Value> {
    let select = Target::read(source)?;
    let found: Vec<&Resource> = resources.iter().filter(|r| select.fits(r)).collect();
    let [one] = found.as_slice() else {
        let what = api::json::to_string(source);
        match found.len() {
            0 => bail!("nothing selected by {what}"),
            count => bail!("multiple matches for selector {what}: {count}"),
        }
    };
    let path = source["fieldPath"].as_str().unwrap_or(FIELD_DEFAULT);
    let mut object = one.object.clone();
    let mut value = Value::Null;
    visit(&mut object, &split(path), false, &mut |found| value = found.clone());
    if value.is_null() {
        bail!("fieldPath `{path}` is missing for replacement source {}", one.id());
    }
    let options = &source["options"];
    match options["delimiter"].as_str() {
        Some(delimiter) => {
            let text = text_of(&value);
            let index = usize::try_from(options["index"].as_i64().unwrap_or(0)).unwrap_or(0);
            text.split(delimiter)
                .nth(index)
                .map(|part| Value::from(part.to_owned()))
                .ok_or_else(|| error!("options.index {index} is out of bounds for value {text}"))
        }
        None => Ok(value),
    }
}

/// Sets a field; false if there is none.
fn set(resource: &mut Resource, path: &str, value: &Value, options: &Value) -> bool {
    let create = options["create"].as_bool().unwrap_or(false);
    let mut is_set = false;
    let before = resource.name().to_owned();
    visit(&mut resource.object, &split(path), create, &mut |held| {
        is_set = true;
        *held = match options["delimiter"].as_str() {
            Some(delimiter) => Value::from(with_part(
                &text_of(held),
                delimiter,
                options["index"].as_i64().unwrap_or(0),
                &text_of(value),
            )),
            None => value.clone(),
        };
    });
    if resource.name() != before {
        resource.earlier.push(before);
    }
    is_set
}

/// A text with one of its parts replaced; beyond its ends the part is added.
fn with_part(text: &str, delimiter: &str, index: i64, part: &str) -> String {
    let mut parts: Vec<&str> = text.split(delimiter).collect();
    match usize::try_from(index) {
        Err(_) => parts.insert(0, part),
        Ok(at) => match parts.get_mut(at) {
            Some(held) => *held = part,
            None => parts.push(part),
        },
    }
    parts.join(delimiter)
}

fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| api::json::to_string(value), str::to_owned)
}

/// The steps of a path such as `spec.containers.[name=nginx].image`.
fn split(path: &str) -> Vec<String> {
    let mut steps = vec![String::new()];
    let (mut in_brackets, mut letters) = (false, path.chars().peekable());
    while let Some(letter) = letters.next() {
        in_brackets = match letter {
            '[' => true,
            ']' => false,
            _ => in_brackets,
        };
        let Some(step) = steps.last_mut() else { break };
        match letter {
            '\\' if letters.peek() == Some(&'.') => step.extend(letters.next()),
            '.' if !in_brackets => steps.push(String::new()),
            letter => step.push(letter),
        }
    }
    steps.retain(|step| !step.is_empty());
    steps
}

/// Changes what a path leads to. A step is a field, `*`, an index, or `[field=value]`.
fn visit(value: &mut Value, steps: &[String], create: bool, change: &mut dyn FnMut(&mut Value)) {
    let Some((step, rest)) = steps.split_first() else { return change(value) };
    let condition = step.strip_prefix('[').and_then(|step| step.strip_suffix(']'));
    match value {
        Value::List(_) => {
            let mut at = 0;
            value.update_items(|item| {
                let is_meant = match condition {
                    Some(condition) => {
                        let (field, wanted) = condition.split_once('=').unwrap_or((condition, ""));
                        match field {
                            "" => text_of(item) == wanted,
                            field => item[field].as_str() == Some(wanted),
                        }
                    }
                    None => step == "*" || step.parse() == Ok(at),
                };
                at += 1;
                if is_meant {
                    visit(item, rest, create, change);
                }
            });
        }
        Value::Map(_) | Value::Null if (create || !value[step.as_str()].is_null()) => {
            let key = Key::from(step.as_str());
            value.update(&key, |entry| visit(entry, rest, create, change));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::{list, object};

    #[test]
    fn paths_pick_items() {
        let mut object = object! { "c": list![
            object! { "name": "a", "image": "x:1" },
            object! { "name": "b", "image": "y:1" },
        ] };
        let path = split("c.[name=b].image");
        visit(&mut object, &path, false, &mut |held| *held = "z".into());
        assert_eq!(object["c"].items()[1]["image"], "z");
        assert_eq!(split("a.b\\.c/d"), ["a", "b.c/d"]);
        assert_eq!(with_part("x:1", ":", 1, "2"), "x:2");
        assert_eq!(with_part("x", ":", 3, "2"), "x:2");
        assert_eq!(with_part("x", "-", -1, "2"), "2-x");
    }
}
