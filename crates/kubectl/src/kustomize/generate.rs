//! `configMapGenerator` and `secretGenerator`

use super::accumulate::append;
use super::load::{Directory, texts};
use super::resource::Resource;
use crate::commands::create::sources::encode;
use crate::errors::{Result, bail, error};
use api::{Key, Map, Value, object};
use shell::Context;

/// How many characters of a Secret's value stand on one line.
const LINE_LENGTH: usize = 70;

/// Generates what the kustomization asks for.
pub(super) fn run(
    context: &Context,
    directory: &Directory,
    kustomization: &Value,
    resources: &mut Vec<Resource>,
) -> Result {
    for (field, kind) in [("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret")] {
        for arguments in kustomization[field].items() {
            let generator = Generator {
                context,
                directory,
                kind,
                arguments,
                common: &kustomization["generatorOptions"],
            };
            generator.run(resources)?;
        }
    }
    Ok(())
}

struct Generator<'a> {
    context: &'a Context,
    directory: &'a Directory,
    kind: &'static str,
    /// What the kustomization says of this object.
    arguments: &'a Value,
    /// What it says of all of them.
    common: &'a Value,
}

impl Generator<'_> {
    fn run(&self, resources: &mut Vec<Resource>) -> Result {
        let generated = self.generate()?;
        let existing = resources.iter_mut().find(|other| {
            other.kind() == self.kind
                && other.is_called(generated.name())
                && (generated.namespace().is_empty() || other.namespace() == generated.namespace())
        });
        let behavior = self.arguments["behavior"].as_str().unwrap_or_default();
        match (behavior, existing) {
            ("merge", Some(existing)) => {
                merge(existing, &generated, false);
                Ok(())
            }
            ("replace", Some(existing)) => {
                merge(existing, &generated, true);
                Ok(())
            }
            ("merge" | "replace", None) => bail!(
                "merging from generator: id {} does not exist; cannot merge or replace",
                generated.id()
            ),
            (_, Some(_)) => bail!(
                "merging from generator: id {} exists; behavior must be merge or replace",
                generated.id()
            ),
            (_, None) => append(resources, vec![generated]),
        }
    }

    fn generate(&self) -> Result<Resource> {
        let text = |field: &str| self.arguments[field].as_str().unwrap_or_default().to_owned();
        let mut metadata = object! { "name": text("name") };
        if !text("namespace").is_empty() {
            metadata.make_map().insert("namespace", text("namespace"));
        }
        for field in ["labels", "annotations"] {
            let map = self.option_map(field);
            if !map.is_empty() {
                metadata.make_map().insert(field, map);
            }
        }
        let mut generated = object! { "apiVersion": "v1", "kind": self.kind, "metadata": metadata };
        let map = generated.make_map();
        for (field, entries) in self.data()? {
            if !entries.is_empty() {
                map.insert(field, entries);
            }
        }
        if self.kind == "Secret" {
            let ty = text("type");
            map.insert("type", if ty.is_empty() { "Opaque".to_owned() } else { ty });
        }
        if self.option("immutable") {
            map.insert("immutable", true);
        }
        let mut resource = Resource::new(generated);
        resource.needs_hash = !self.option("disableNameSuffixHash");
        Ok(resource)
    }

    fn option(&self, name: &str) -> bool {
        let is_set = |options: &Value| options[name].as_bool().unwrap_or(false);
        is_set(&self.arguments["options"]) || is_set(self.common)
    }

    fn option_map(&self, name: &str) -> Map {
        let mut map = self.common[name].as_map().cloned().unwrap_or_default();
        for (key, value) in self.arguments["options"][name].as_map().into_iter().flat_map(Map::iter)
        {
            map.insert(key, value.clone());
        }
        map
    }

    /// `data` and `binaryData`
    fn data(&self) -> Result<[(&'static str, Map); 2]> {
        let (mut data, mut binary) = (Map::EMPTY, Map::EMPTY);
        for (key, bytes) in self.entries()? {
            if data.get_str(&key).is_some() || binary.get_str(&key).is_some() {
                bail!(
                    "configmap {} illegally repeats the key `{key}`",
                    self.arguments["name"].as_str().unwrap_or_default()
                );
            }
            let key = Key::from(key);
            if self.kind == "Secret" {
                data.insert(key, in_lines(&encode(&bytes)));
                continue;
            }
            match String::from_utf8(bytes) {
                Ok(text) => data.insert(key, text),
                Err(why) => binary.insert(key, in_lines(&encode(why.as_bytes()))),
            };
        }
        Ok([("data", data), ("binaryData", binary)])
    }

    fn entries(&self) -> Result<Vec<(String, Vec<u8>)>> {
        let mut entries = Vec::new();
        let mut env_files = texts(self.arguments, "envs");
        env_files.extend(self.arguments["env"].as_str());
        for path in env_files {
            let bytes = self.read(path)?;
            self.env_file(&String::from_utf8_lossy(&bytes), &mut entries)?;
        }
        for literal in texts(self.arguments, "literals") {
            match literal.split_once('=') {
                Some((key, value)) if !key.is_empty() => {
                    entries.push((key.to_owned(), unquoted(value).as_bytes().to_vec()));
                }
                _ => bail!("literal values: invalid literal source {literal}, expected key=value"),
            }
        }
        for source in texts(self.arguments, "files") {
            let (key, path) = match source.split_once('=') {
                Some((key, path)) => (key, path),
                None => (source.rsplit('/').next().unwrap_or(source), source),
            };
            entries.push((key.to_owned(), self.read(path)?));
        }
        Ok(entries)
    }

    fn read(&self, path: &str) -> Result<Vec<u8>> {
        self.directory
            .read(self.context, path)
            .map_err(|why| error!("loading KV pairs: file sources: [{path}]: {why}"))
    }

    /// Lines of `KEY=value`; a key alone takes its value from the environment.
    fn env_file(&self, text: &str, entries: &mut Vec<(String, Vec<u8>)>) -> Result {
        for line in text.trim_start_matches('\u{feff}').lines().map(str::trim_start) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (key, value) = match line.split_once('=') {
                Some((key, value)) => (key, value.to_owned()),
                None => {
                    let value = self.context.variable(line);
                    (line, value.as_deref().unwrap_or_default().to_owned())
                }
            };
            let problems = api::validation::env_var_name(key);
            if !problems.is_empty() {
                let key = crate::errors::quote(key);
                bail!("{key} is not a valid key name: {}", problems.join(";"));
            }
            entries.push((key.to_owned(), value.into_bytes()));
        }
        Ok(())
    }
}

/// A value within quotes loses them.
fn unquoted(value: &str) -> &str {
    for quote in ['"', '\''] {
        if value.len() > 1
            && let Some(inner) = value.strip_prefix(quote).and_then(|v| v.strip_suffix(quote))
        {
            return inner;
        }
    }
    value
}

/// Long values are broken into lines.
fn in_lines(text: &str) -> String {
    if text.len() < LINE_LENGTH {
        return text.to_owned();
    }
    let mut lines = String::new();
    for (at, letter) in text.chars().enumerate() {
        if at > 0 && at % LINE_LENGTH == 0 {
            lines.push('\n');
        }
        lines.push(letter);
    }
    lines.push('\n');
    lines
}

/// Puts what was generated into what is there.
fn merge(existing: &mut Resource, generated: &Resource, replaces: bool) {
    existing.needs_hash |= generated.needs_hash;
    for field in ["data", "binaryData"] {
        merge_map(&mut existing.object, &generated.object, field, replaces);
    }
    existing.object.update(&api::names::METADATA, |metadata| {
        for field in ["labels", "annotations"] {
            merge_map(metadata, &generated.object["metadata"], field, false);
        }
    });
}

fn merge_map(object: &mut Value, other: &Value, field: &str, replaces: bool) {
    let Some(more) = other[field].as_map() else { return };
    object.update(&Key::from(field), |held| {
        if replaces {
            *held = Value::Map(more.clone());
            return;
        }
        let map = held.make_map();
        for (key, value) in more.iter() {
            map.insert(key, value.clone());
        }
    });
}
