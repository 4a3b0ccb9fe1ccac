//! `namePrefix`, `nameSuffix`, and the hashes at the end of generated names.

use super::references;
use super::resource::Resource;
use crate::errors::Result;
use crate::hash;
use api::{Value, names, object};

/// Kinds whose names stay as they are.
const UNTOUCHED: [&str; 3] = ["APIService", "CustomResourceDefinition", "Namespace"];

/// Puts words before and behind all names.
pub(super) fn add_prefix_and_suffix(kustomization: &Value, resources: &mut [Resource]) {
    let text = |field: &str| kustomization[field].as_str().unwrap_or_default();
    let (prefix, suffix) = (text("namePrefix"), text("nameSuffix"));
    if prefix.is_empty() && suffix.is_empty() {
        return;
    }
    for resource in resources.iter_mut().filter(|r| !UNTOUCHED.contains(&r.kind())) {
        let name = format!("{prefix}{}{suffix}", resource.name());
        resource.rename(name);
    }
    references::update(resources);
}

/// Ends the names of generated objects with a hash of their content.
pub(super) fn append_hashes(resources: &mut [Resource]) -> Result {
    for resource in resources.iter_mut().filter(|resource| resource.needs_hash) {
        // Two objects of the same content have the same hash, whatever their names are.
        let mut nameless = resource.object.clone();
        nameless.make_map().insert(&names::METADATA, object! { "name": "" });
        let name = format!("{}-{}", resource.name(), hash::of_object(&nameless));
        resource.rename(name);
    }
    references::update(resources);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_the_real_kustomize() {
        let mut map = Resource::new(object! {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": object! { "name": "dev-cfg" },
            "data": object! { "color": "blue" },
        });
        map.needs_hash = true;
        let mut all = [map];
        append_hashes(&mut all).expect("no failure");
        assert_eq!(all[0].name(), "dev-cfg-747dfcb89d");
    }
}
