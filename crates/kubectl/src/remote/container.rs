//! The container that a command is about.

use crate::errors::{Result, bail, error, quote};
use crate::invocation::Invocation;
use api::Value;

/// The annotation that names the container to take.
const DEFAULT_CONTAINER: &str = "kubectl.kubernetes.io/default-container";

/// The lists of containers, in the order in which they are searched, and what is added to their
/// names where all are named.
const LISTS: [(&str, &str); 3] =
    [("containers", ""), ("ephemeralContainers", " (ephem)"), ("initContainers", " (init)")];

/// A container of any sort by its name.
pub(crate) fn find_container<'a>(pod: &'a Value, name: &str) -> Option<&'a Value> {
    let lists = ["initContainers", "containers", "ephemeralContainers"];
    let mut all = lists.iter().flat_map(|list| pod["spec"][*list].items());
    all.find(|container| container["name"] == name)
}

/// The container of that name; without one the annotated, or the first, which is then told.
pub(crate) fn container_or_default<'a>(
    invocation: &Invocation,
    pod: &'a Value,
    name: &str,
    is_quiet: bool,
) -> Result<&'a Value> {
    let text = |field: &str| pod["metadata"][field].as_str().unwrap_or_default();
    if !name.is_empty() {
        return find_container(pod, name)
            .ok_or_else(|| error!("container {name} not found in pod {}", text("name")));
    }
    let Some(first) = pod["spec"]["containers"].items().first() else {
        bail!("pod {}/{} does not have any containers", text("namespace"), text("name"));
    };
    let annotation = crate::commands::common::annotation(pod, DEFAULT_CONTAINER);
    if let Some(annotated) = annotation.and_then(|name| find_container(pod, name)) {
        return Ok(annotated);
    }
    let names = all_names(pod);
    if !is_quiet && names.len() > 1 {
        let name = quote(first["name"].as_str().unwrap_or_default());
        invocation.complain(format!("Defaulted container {name} out of: {}", names.join(", ")));
    }
    Ok(first)
}

fn all_names(pod: &Value) -> Vec<String> {
    let mut names = Vec::new();
    for (list, suffix) in LISTS {
        for container in pod["spec"][list].items() {
            names.push(format!("{}{suffix}", container["name"].as_str().unwrap_or_default()));
        }
    }
    names
}
