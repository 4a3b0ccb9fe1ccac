//! Where the Pods of a workload are described.

use crate::errors::{Result, bail};
use api::{Key, Value};

/// The way to the template of Pods within an object; empty for a Pod itself.
pub(crate) fn template_path(kind: &str) -> Option<&'static [&'static str]> {
    match kind {
        "Pod" => Some(&[]),
        "Deployment"
        | "ReplicaSet"
        | "DaemonSet"
        | "StatefulSet"
        | "Job"
        | "ReplicationController" => Some(&["spec", "template"]),
        "CronJob" => Some(&["spec", "jobTemplate", "spec", "template"]),
        _ => None,
    }
}

/// The template of Pods within an object.
pub(crate) fn template(object: &Value) -> Option<&Value> {
    let path = template_path(object["kind"].as_str()?)?;
    Some(path.iter().fold(object, |value, name| &value[*name]))
}

/// Lets `change` work on the template of Pods within an object.
pub(crate) fn update_template(
    object: &mut Value,
    change: impl FnOnce(&mut Value) -> Result,
) -> Result {
    match template_path(object["kind"].as_str().unwrap_or_default()) {
        Some(path) => {
            let template = path.iter().fold(object, |value, name| value.entry(&Key::from(*name)));
            change(template)
        }
        None => {
            bail!("the object is not a pod or does not have a pod template: {}", go_type(object))
        }
    }
}

/// Lets `change` work on the specification of Pods within an object.
pub(crate) fn update(object: &mut Value, change: impl FnOnce(&mut Value) -> Result) -> Result {
    update_template(object, |template| change(template.entry(&"spec".into())))
}

/// Lets `change` work on each container, the init containers last.
pub(crate) fn each_container(spec: &mut Value, mut change: impl FnMut(&mut Value)) {
    for field in ["containers", "initContainers"] {
        spec.update(&field.into(), |containers| containers.update_items(&mut change));
    }
}

/// What Go calls the type of an object: `*v1.Service`.
pub(crate) fn go_type(object: &Value) -> String {
    let version = object["apiVersion"].as_str().unwrap_or_default();
    let (_, version) = crate::discovery::split_version(version);
    format!("*{version}.{}", object["kind"].as_str().unwrap_or_default())
}

/// Whether a name fits a pattern in which `*` stands for anything.
pub(crate) fn is_selected(name: &str, pattern: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(rest) = name.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    let mut rest = rest;
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = rest.get(at + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, yes, no) in [
            ("*", "web", None),
            ("web", "web", Some("web2")),
            ("w*", "web", Some("x")),
            ("*b", "web", Some("bx")),
            ("w*b", "web", Some("wb2")),
            ("*e*", "web", Some("wab")),
        ] {
            assert!(is_selected(yes, pattern), "{pattern}");
            assert!(no.is_none_or(|no| !is_selected(no, pattern)), "{pattern}");
        }
    }
}
