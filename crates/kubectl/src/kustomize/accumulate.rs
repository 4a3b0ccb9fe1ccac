//! Gathering resources, level by level.

use super::load::{Directory, texts};
use super::order::Order;
use super::resource::Resource;
use super::{generate, images, labels, names, namespace, patch, replacement};
use crate::errors::{Error, Result, bail, error};
use api::{Value, names as fields, yaml};
use shell::Context;

/// How many kustomizations may stand on one another.
const DEPTH_MAX: usize = 32;

/// Builds kustomizations.
pub(super) struct Builder<'a> {
    context: &'a Context,
}

impl<'a> Builder<'a> {
    pub(super) fn new(context: &'a Context) -> Builder<'a> {
        Builder { context }
    }

    /// The resources of a kustomization, and the order in which they are to come.
    pub(super) fn build(&self, directory: &Directory) -> Result<(Vec<Resource>, Order)> {
        let kustomization = directory.kustomization(self.context)?;
        let order = Order::read(&kustomization)?;
        let trail = [directory.clone()];
        Ok((self.accumulate(directory, &kustomization, Vec::new(), &trail)?, order))
    }

    /// `resources` is what a component is applied to.
    fn accumulate(
        &self,
        directory: &Directory,
        kustomization: &Value,
        mut resources: Vec<Resource>,
        trail: &[Directory],
    ) -> Result<Vec<Resource>> {
        for path in texts(kustomization, "resources") {
            self.add(directory, path, &mut resources, trail)
                .map_err(|why| error!("accumulating resources: {why}"))?;
        }
        for path in texts(kustomization, "components") {
            resources = self
                .component(directory, path, resources, trail)
                .map_err(|why| error!("accumulating components: {why}"))?;
        }
        generate::run(self.context, directory, kustomization, &mut resources)?;
        self.transform(directory, kustomization, &mut resources)?;
        Ok(resources)
    }

    fn transform(
        &self,
        directory: &Directory,
        kustomization: &Value,
        resources: &mut Vec<Resource>,
    ) -> Result {
        patch::strategic_merges(self.context, directory, kustomization, resources)?;
        patch::patches(self.context, directory, kustomization, resources)?;
        namespace::set(kustomization, resources);
        names::add_prefix_and_suffix(kustomization, resources);
        labels::set(kustomization, resources);
        patch::json_patches(self.context, directory, kustomization, resources)?;
        images::set_replicas(kustomization, resources)?;
        images::set(kustomization, resources);
        replacement::run(self.context, directory, kustomization, resources)
    }

    /// Adds what a path means: a file, or a directory with a kustomization of its own.
    fn add(
        &self,
        directory: &Directory,
        path: &str,
        resources: &mut Vec<Resource>,
        trail: &[Directory],
    ) -> Result {
        let from_file = match self.read(directory, path) {
            Ok(found) => append(resources, found)
                .map_err(|why| error!("merging resources from '{path}': {why}")),
            Err(why) => Err(error!("accumulating resources from '{path}': {why}")),
        };
        let Err(not_a_file) = from_file else { return Ok(()) };
        if not_a_file.to_string().contains("MalformedYAMLError") {
            return Err(not_a_file);
        }
        let explain = |why: Error| error!("accumulation err='{not_a_file}': {why}");
        let base = Directory::open(self.context, &directory.join(path)).map_err(explain)?;
        let found = self.base(&base, trail).map_err(explain)?;
        append(resources, found)
    }

    fn base(&self, base: &Directory, trail: &[Directory]) -> Result<Vec<Resource>> {
        let trail = extended(trail, base)?;
        let kustomization = base
            .kustomization(self.context)
            .map_err(|why| error!("couldn't make target for path '{}': {why}", base.path))?;
        if *kustomization.get(&fields::KIND) == "Component" {
            bail!(
                "expected kind != 'Component' for path '{}'; please use the 'components' field",
                base.path
            );
        }
        self.accumulate(base, &kustomization, Vec::new(), &trail)
            .map_err(|why| error!("recursed accumulation of path '{}': {why}", base.path))
    }

    fn component(
        &self,
        directory: &Directory,
        path: &str,
        resources: Vec<Resource>,
        trail: &[Directory],
    ) -> Result<Vec<Resource>> {
        let component = Directory::open(self.context, &directory.join(path))?;
        let trail = extended(trail, &component)?;
        let kustomization = component
            .kustomization(self.context)
            .map_err(|why| error!("couldn't make target for path '{}': {why}", component.path))?;
        if *kustomization.get(&fields::KIND) != "Component" {
            bail!(
                "accumulation err='expected kind 'Component' for path '{}' but got \
                 'Kustomization''",
                component.path
            );
        }
        self.accumulate(&component, &kustomization, resources, &trail)
    }

    /// The resources of a file.
    fn read(&self, directory: &Directory, path: &str) -> Result<Vec<Resource>> {
        let bytes = directory.read(self.context, path)?;
        let text = String::from_utf8_lossy(&bytes);
        let mut found = Vec::new();
        for manifest in yaml::manifests(&text) {
            let manifest = manifest.map_err(|why| {
                let why = why.message("");
                let why = why.split_once(": ").map_or(why.as_str(), |(_, why)| why);
                error!("MalformedYAMLError: {why} in File: {path}")
            })?;
            flatten(manifest.value, &mut found)?;
        }
        Ok(found)
    }
}

fn extended(trail: &[Directory], next: &Directory) -> Result<Vec<Directory>> {
    if trail.contains(next) || trail.len() >= DEPTH_MAX {
        let last = trail.last().map_or("", |directory| directory.path.as_str());
        bail!("cycle detected: candidate root '{last}' contains visited root '{}'", next.path);
    }
    Ok(trail.iter().chain([next]).cloned().collect())
}

/// Adds a document, or the items of one that is a list.
fn flatten(document: Value, found: &mut Vec<Resource>) -> Result {
    if document.is_null() {
        return Ok(());
    }
    let kind = document.get(&fields::KIND).as_str().unwrap_or_default();
    if kind.ends_with("List") && matches!(document["items"], Value::List(_)) {
        for item in document["items"].items() {
            flatten(item.clone(), found)?;
        }
        return Ok(());
    }
    if kind.is_empty() {
        bail!("missing Resource metadata: {}", api::json::to_string(&document));
    }
    let resource = Resource::new(document);
    if resource.name().is_empty() {
        bail!("missing metadata.name in object {}", api::json::to_string(&resource.object));
    }
    found.push(resource);
    Ok(())
}

/// Adds resources; none may be there already.
pub(super) fn append(resources: &mut Vec<Resource>, more: Vec<Resource>) -> Result {
    for resource in more {
        if resources.iter().any(|other| other.is_same(&resource)) {
            bail!("may not add resource with an already registered id: {}", resource.id());
        }
        resources.push(resource);
    }
    Ok(())
}
