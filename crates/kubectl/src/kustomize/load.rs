//! Finding and reading kustomization files.

use crate::errors::{Error, Result, bail, error, quote};
use crate::invocation::go_errno;
use crate::resource::clean_path;
use api::{Key, Map, Value, yaml};
use shell::Context;

/// What the file may be called.
const FILE_NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// What the file may contain.
const FIELDS: &[&str] = &[
    "apiVersion",
    "bases",
    "buildMetadata",
    "commonAnnotations",
    "commonLabels",
    "components",
    "configMapGenerator",
    "configurations",
    "crds",
    "generatorOptions",
    "generators",
    "helmChartInflationGenerator",
    "helmCharts",
    "helmGlobals",
    "imageTags",
    "images",
    "kind",
    "labels",
    "metadata",
    "namePrefix",
    "nameSuffix",
    "namespace",
    "openapi",
    "patches",
    "patchesJson6902",
    "patchesStrategicMerge",
    "replacements",
    "replicas",
    "resources",
    "secretGenerator",
    "sortOptions",
    "transformers",
    "validators",
    "vars",
];

/// Fields that have been replaced, and by what.
const DEPRECATED: &[(&str, &str, &str)] = &[
    ("bases", "resources", ""),
    ("imageTags", "images", ""),
    ("patchesJson6902", "patches", ""),
    ("patchesStrategicMerge", "patches", ""),
    ("vars", "replacements", "[EXPERIMENTAL] "),
];

/// Fields that need what is not there, and the words for it.
const UNSUPPORTED: &[(&str, &str)] = &[
    (
        "helmCharts",
        "trouble configuring builtin HelmChartInflationGenerator: must specify \
                    --enable-helm",
    ),
    ("generators", "plugins are not supported"),
    ("transformers", "plugins are not supported"),
    ("validators", "plugins are not supported"),
];

/// A directory with a kustomization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Directory {
    /// Its absolute path without links.
    pub(super) path: String,
}

impl Directory {
    /// The directory at a path.
    pub(super) fn open(context: &Context, path: &str) -> Result<Directory> {
        match resolve(context, path) {
            Err(why) => bail!("must build at directory: not a valid directory: {why}"),
            Ok(found) if !context.is_directory(&found) => {
                bail!("must build at directory: '{found}': file is not directory")
            }
            Ok(path) => Ok(Directory { path }),
        }
    }

    /// A path below the directory, from what a kustomization says.
    pub(super) fn join(&self, path: &str) -> String {
        if path.starts_with('/') { path.to_owned() } else { format!("{}/{path}", self.path) }
    }

    /// Reads a file that is in the directory or below.
    pub(super) fn read(&self, context: &Context, path: &str) -> Result<Vec<u8>> {
        let found = resolve(context, &self.join(path)).map_err(Error::Other)?;
        if context.is_directory(&found) {
            bail!("'{found}' must resolve to a file");
        }
        if !found.starts_with(&format!("{}/", self.path.trim_end_matches('/'))) {
            bail!("security; file '{found}' is not in or below '{}'", self.path);
        }
        let read = context.read_file(&found);
        read.map(|bytes| bytes.to_vec()).map_err(|why| error!("open {found}: {}", go_errno(why)))
    }

    /// The kustomization of the directory.
    pub(super) fn kustomization(&self, context: &Context) -> Result<Value> {
        let name = self.file_name(context)?;
        let bytes = self.read(context, name)?;
        let text = String::from_utf8_lossy(&bytes);
        let invalid = |why: &dyn std::fmt::Display| error!("invalid Kustomization: {why}");
        let document = yaml::parse(&text).map_err(|why| invalid(&why))?;
        let map = match &document {
            Value::Map(map) if !map.is_empty() => map,
            Value::Map(_) | Value::Null => bail!("{name} is empty"),
            _ => {
                return Err(invalid(
                    &"json: cannot unmarshal into Go value of type \
                                      types.Kustomization",
                ));
            }
        };
        if let Some((unknown, _)) = map.iter().find(|(key, _)| !FIELDS.contains(&key.as_str())) {
            return Err(invalid(&format!("json: unknown field {}", quote(unknown.as_str()))));
        }
        check_type(map)?;
        for (field, why) in UNSUPPORTED {
            if !document[*field].items().is_empty() {
                bail!("{why}");
            }
        }
        warn_of_deprecated(context, map);
        Ok(modern(&document))
    }

    fn file_name(&self, context: &Context) -> Result<&'static str> {
        let is_there = |name: &&str| context.exists(&self.join(name));
        let found: Vec<&'static str> = FILE_NAMES.iter().copied().filter(is_there).collect();
        match found.as_slice() {
            [] => bail!(
                "unable to find one of 'kustomization.yaml', 'kustomization.yml' or \
                 'Kustomization' in directory '{}'",
                self.path
            ),
            [one] => Ok(one),
            _ => bail!("Found multiple kustomization files: {}\n", self.path),
        }
    }
}

/// The absolute path of something that exists; the error is that of `filepath.EvalSymlinks`.
pub(super) fn resolve(context: &Context, path: &str) -> Result<String, String> {
    let absolute = match path.strip_prefix('/') {
        Some(_) => path.to_owned(),
        None => format!("{}/{path}", context.directory()),
    };
    let clean = clean_path(&absolute);
    let failed = |why: String| format!("evalsymlink failure on '{path}' : lstat {clean}: {why}");
    let found = context.machine().files().canonical(&context.caller(), &clean);
    match found {
        Ok((found, true)) => Ok(found),
        Ok((_, false)) => Err(failed("no such file or directory".to_owned())),
        Err(why) => Err(failed(go_errno(why))),
    }
}

fn check_type(map: &Map) -> Result {
    let text = |field: &str| map.get_str(field).and_then(Value::as_str).unwrap_or_default();
    let kind = text("kind");
    if !matches!(kind, "" | "Kustomization" | "Component") {
        bail!("kind should be Kustomization or Component");
    }
    let wanted = match kind {
        "Component" => "kustomize.config.k8s.io/v1alpha1",
        _ => "kustomize.config.k8s.io/v1beta1",
    };
    let version = text("apiVersion");
    if !version.is_empty() && version != wanted {
        let kind = if kind.is_empty() { "Kustomization" } else { kind };
        bail!("apiVersion for {kind} should be {wanted}");
    }
    Ok(())
}

fn warn_of_deprecated(context: &Context, map: &Map) {
    for (field, replacement, note) in DEPRECATED {
        if map.get_str(field).is_some_and(|value| !value.is_null()) {
            context.complain(format!(
                "# Warning: '{field}' is deprecated. Please use '{replacement}' instead. \
                 {note}Run 'kustomize edit fix' to update your Kustomization automatically.\n"
            ));
        }
    }
}

/// The kustomization with its deprecated fields in those that have replaced them.
fn modern(kustomization: &Value) -> Value {
    let mut modern = kustomization.clone();
    for (old, new) in [("bases", "resources"), ("imageTags", "images")] {
        let items = kustomization[old].items();
        if !items.is_empty() {
            modern.update(&Key::from(new), |list| {
                for item in items {
                    list.make_list().push(item);
                }
            });
        }
    }
    modern
}

/// The texts of a list in a kustomization.
pub(super) fn texts<'a>(kustomization: &'a Value, field: &str) -> Vec<&'a str> {
    kustomization[field].items().iter().filter_map(Value::as_str).collect()
}
