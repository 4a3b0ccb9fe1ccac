//! `patches`, `patchesStrategicMerge` and `patchesJson6902`

use super::load::Directory;
use super::resource::{Resource, id};
use crate::discovery::split_version;
use crate::errors::{Result, bail, error};
use crate::patches;
use crate::print::typed_json::type_of;
use api::{Value, labels, names, yaml};
use apiserver::PatchType;
use shell::Context;

/// `patchesStrategicMerge`: files or texts.
pub(super) fn strategic_merges(
    context: &Context,
    directory: &Directory,
    kustomization: &Value,
    resources: &mut Vec<Resource>,
) -> Result {
    for entry in super::load::texts(kustomization, "patchesStrategicMerge") {
        let text = match directory.read(context, entry) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(_) if entry.contains('\n') || entry.contains(':') => entry.to_owned(),
            Err(why) => bail!("trouble configuring builtin PatchStrategicMergeTransformer: {why}"),
        };
        for patch in documents(&text)? {
            merge_into_own(resources, &patch)?;
        }
    }
    Ok(())
}

/// `patches`: texts or files, with the objects that they are meant for or without.
pub(super) fn patches(
    context: &Context,
    directory: &Directory,
    kustomization: &Value,
    resources: &mut Vec<Resource>,
) -> Result {
    for entry in kustomization["patches"].items() {
        let text = text_of(context, directory, entry)?;
        let target = &entry["target"];
        for patch in documents(&text)? {
            if matches!(patch, Value::List(_)) {
                if target.is_null() {
                    bail!("must specify a target for patch {}", text.trim_end());
                }
                apply_operations(resources, target, &patch)?;
            } else if target.is_null() {
                merge_into_own(resources, &patch)?;
            } else {
                let target = Target::read(target)?;
                merge_into(resources, |resource| target.fits(resource), &patch, &entry["options"])?;
            }
        }
    }
    Ok(())
}

/// `patchesJson6902`
pub(super) fn json_patches(
    context: &Context,
    directory: &Directory,
    kustomization: &Value,
    resources: &mut [Resource],
) -> Result {
    for entry in kustomization["patchesJson6902"].items() {
        let text = text_of(context, directory, entry)?;
        for patch in documents(&text)? {
            apply_operations(resources, &entry["target"], &patch)?;
        }
    }
    Ok(())
}

fn text_of(context: &Context, directory: &Directory, entry: &Value) -> Result<String> {
    match (entry["path"].as_str(), entry["patch"].as_str()) {
        (Some(_), Some(_)) => bail!("patch and path can't be set at the same time\n{entry:?}"),
        (None, None) => bail!("must specify one of patch and path in PatchTransformer"),
        (None, Some(text)) => Ok(text.to_owned()),
        (Some(path), None) => {
            let bytes = directory
                .read(context, path)
                .map_err(|why| error!("unable to get file path for patch from {path}: {why}"))?;
            Ok(String::from_utf8_lossy(&bytes).into_owned())
        }
    }
}

fn documents(text: &str) -> Result<Vec<Value>> {
    let mut found = Vec::new();
    for manifest in yaml::manifests(text) {
        let value = manifest.map_err(|why| {
            error!("unable to parse SM or JSON patch from [{}]: {}", text, why.message("patch"))
        })?;
        if !value.value.is_null() {
            found.push(value.value);
        }
    }
    Ok(found)
}

fn apply_operations(resources: &mut [Resource], target: &Value, patch: &Value) -> Result {
    let target = Target::read(target)?;
    for resource in resources.iter_mut().filter(|resource| target.fits(resource)) {
        let object = patches::apply(PatchType::Json, &resource.object, patch)?;
        replace(resource, object);
    }
    Ok(())
}

/// A patch without a target is meant for the object that it names.
fn merge_into_own(resources: &mut Vec<Resource>, patch: &Value) -> Result {
    let named = Resource::new(patch.clone());
    let (kind, name) = (named.kind().to_owned(), named.name().to_owned());
    let (group, namespace) = (named.group().to_owned(), named.namespace().to_owned());
    let fits = |resource: &Resource| {
        resource.kind() == kind
            && resource.group() == group
            && resource.is_called(&name)
            && (namespace.is_empty() || resource.namespace() == namespace)
    };
    let version = named.version();
    let text = id(&group, version, &kind, &name, &namespace);
    match resources.iter().filter(|resource| fits(resource)).count() {
        0 => bail!("no matches for Id {text}; failed to find unique target for patch {text}"),
        1 => merge_into(resources, fits, patch, &Value::Null),
        _ => bail!("multiple matches for Id {text}; failed to find unique target for patch {text}"),
    }
}

fn merge_into(
    resources: &mut Vec<Resource>,
    fits: impl Fn(&Resource) -> bool,
    patch: &Value,
    options: &Value,
) -> Result {
    if patch["$patch"].as_str() == Some("delete") {
        resources.retain(|resource| !fits(resource));
        return Ok(());
    }
    let is_allowed = |option: &str| options[option].as_bool().unwrap_or(false);
    for resource in resources.iter_mut().filter(|resource| fits(resource)) {
        let mut patch = patch.clone();
        if !is_allowed("allowKindChange") {
            patch.make_map().remove(&names::KIND);
            patch.make_map().remove(&names::API_VERSION);
        }
        if !is_allowed("allowNameChange") {
            patch.update(&names::METADATA, |metadata| {
                if let Value::Map(map) = metadata {
                    map.remove(&names::NAME);
                    map.remove(&names::NAMESPACE);
                }
            });
        }
        let ty = match type_of(&resource.object) {
            Some(_) => PatchType::Strategic,
            None => PatchType::Merge,
        };
        let object = patches::apply(ty, &resource.object, &patch)?;
        replace(resource, object);
    }
    Ok(())
}

/// A name that a patch has changed is remembered.
fn replace(resource: &mut Resource, object: Value) {
    let before = resource.name().to_owned();
    resource.object = object;
    if resource.name() != before {
        resource.earlier.push(before);
    }
}

/// Which objects are meant.
pub(super) struct Target {
    group: Option<String>,
    version: Option<String>,
    kind: Option<String>,
    name: Option<String>,
    namespace: Option<String>,
    labels: Option<labels::Selector>,
    annotations: Option<labels::Selector>,
}

impl Target {
    pub(super) fn read(target: &Value) -> Result<Target> {
        let text =
            |field: &str| target[field].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        let selector = |field: &str| match text(field) {
            Some(text) => match labels::Selector::parse(&text) {
                Ok(selector) => Ok(Some(selector)),
                Err(why) => Err(error!("{why}")),
            },
            None => Ok(None),
        };
        let api_version = text("apiVersion").unwrap_or_default();
        let (group, version) = split_version(&api_version);
        let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Ok(Target {
            group: text("group").or_else(|| given(group)),
            version: text("version").or_else(|| given(version)),
            kind: text("kind"),
            name: text("name"),
            namespace: text("namespace"),
            labels: selector("labelSelector")?,
            annotations: selector("annotationSelector")?,
        })
    }

    pub(super) fn fits(&self, resource: &Resource) -> bool {
        let fits = |wanted: &Option<String>, held: &str| {
            wanted.as_deref().is_none_or(|wanted| matches(wanted, held))
        };
        let selects = |selector: &Option<labels::Selector>, field: &str| {
            let map = resource.object.get(&names::METADATA)[field].as_map().cloned();
            let map = map.unwrap_or_default();
            selector.as_ref().is_none_or(|selector| selector.matches(api::StringMap(&map)))
        };
        let is_named = self.name.as_deref().is_none_or(|wanted| {
            matches(wanted, resource.name())
                || resource.earlier.iter().any(|earlier| matches(wanted, earlier))
        });
        is_named
            && fits(&self.group, resource.group())
            && fits(&self.version, resource.version())
            && fits(&self.kind, resource.kind())
            && fits(&self.namespace, resource.namespace())
            && selects(&self.labels, "labels")
            && selects(&self.annotations, "annotations")
    }
}

/// Whether a text fits a regular expression from its beginning to its end.
fn matches(pattern: &str, text: &str) -> bool {
    pattern == text || super::expression::matches(pattern, text)
}
