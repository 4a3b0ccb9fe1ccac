//! `images` and `replicas`

use super::resource::Resource;
use crate::errors::{Result, bail};
use api::{Key, Value, names};

/// Kinds that have a number of replicas.
const SCALABLE: [&str; 4] = ["Deployment", "ReplicationController", "ReplicaSet", "StatefulSet"];

/// Sets the numbers of replicas.
pub(super) fn set_replicas(kustomization: &Value, resources: &mut [Resource]) -> Result {
    for entry in kustomization["replicas"].items() {
        let name = entry["name"].as_str().unwrap_or_default();
        let count = entry["count"].as_i64().unwrap_or(0);
        let mut is_found = false;
        for resource in resources.iter_mut() {
            if SCALABLE.contains(&resource.kind()) && resource.is_called(name) {
                is_found = true;
                resource.object.update(&names::SPEC, |spec| {
                    spec.make_map().insert(Key::from("replicas"), count);
                });
            }
        }
        if !is_found {
            let kinds = SCALABLE.map(|kind| format!("{kind}.[noVer].[noGrp]")).join(" ");
            bail!(
                "resource with name {name} does not match a config with the following GVK [{kinds}]"
            );
        }
    }
    Ok(())
}

/// Sets the images of all containers.
pub(super) fn set(kustomization: &Value, resources: &mut [Resource]) {
    for entry in kustomization["images"].items() {
        for resource in resources.iter_mut() {
            if resource.kind() != "CustomResourceDefinition" {
                set_in(&mut resource.object, entry);
            }
        }
    }
}

/// Containers are found wherever they are.
fn set_in(value: &mut Value, entry: &Value) {
    match value {
        Value::List(_) => value.update_items(|item| set_in(item, entry)),
        Value::Map(map) => {
            let keys: Vec<Key> = map
                .iter()
                .filter(|(_, held)| matches!(held, Value::Map(_) | Value::List(_)))
                .map(|(key, _)| key.clone())
                .collect();
            for key in keys {
                let is_containers = matches!(key.as_str(), "containers" | "initContainers");
                value.update(&key, |held| {
                    if is_containers {
                        held.update_items(|container| set_image(container, entry));
                    }
                    set_in(held, entry);
                });
            }
        }
        _ => {}
    }
}

fn set_image(container: &mut Value, entry: &Value) {
    container.update(&Key::from("image"), |image| {
        if let Some(new) = image.as_str().and_then(|image| changed(image, entry)) {
            *image = new.into();
        }
    });
}

/// The image as the entry wants it; `None` if the entry means another one.
fn changed(image: &str, entry: &Value) -> Option<String> {
    let text = |field: &str| entry[field].as_str().filter(|text| !text.is_empty());
    let number = |field: &str| entry[field].as_i64().map(|number| number.to_string());
    let (name, mut tag, mut digest) = split(image);
    if text("name")? != name {
        return None;
    }
    let new_tag = text("newTag").map(str::to_owned).or_else(|| number("newTag"));
    match (new_tag, text("digest")) {
        (Some(new_tag), new_digest) => {
            tag = Some(new_tag);
            digest = new_digest.map(str::to_owned);
        }
        (None, Some(new_digest)) => {
            tag = None;
            digest = Some(new_digest.to_owned());
        }
        (None, None) => {
            if let Some(suffix) = text("tagSuffix") {
                tag = Some(tag.unwrap_or_default() + suffix);
                digest = None;
            }
        }
    }
    let mut result = text("newName").unwrap_or(name).to_owned();
    for (separator, part) in [(':', tag), ('@', digest)] {
        if let Some(part) = part {
            result.push(separator);
            result.push_str(&part);
        }
    }
    Some(result)
}

/// Name, tag and digest.
fn split(image: &str) -> (&str, Option<String>, Option<String>) {
    let (rest, digest) = match image.split_once('@') {
        Some((rest, digest)) => (rest, Some(digest.to_owned())),
        None => (image, None),
    };
    let last = rest.rfind('/').map_or(0, |at| at + 1);
    match rest.get(last..).and_then(|base| base.find(':')) {
        Some(at) => {
            let (name, tag) = rest.split_at(last + at);
            (name, tag.strip_prefix(':').map(str::to_owned), digest)
        }
        None => (rest, None, digest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::object;

    #[test]
    fn images_change_in_parts() {
        let entry = object! { "name": "reg:5000/a", "newTag": "2" };
        assert_eq!(changed("reg:5000/a:1", &entry).as_deref(), Some("reg:5000/a:2"));
        assert_eq!(changed("reg:5000/a", &entry).as_deref(), Some("reg:5000/a:2"));
        assert_eq!(changed("reg:5000/a@sha256:1", &entry).as_deref(), Some("reg:5000/a:2"));
        assert_eq!(changed("a:1", &entry), None);
        let entry = object! { "name": "a", "newName": "b", "digest": "sha256:2" };
        assert_eq!(changed("a:1", &entry).as_deref(), Some("b@sha256:2"));
    }
}
