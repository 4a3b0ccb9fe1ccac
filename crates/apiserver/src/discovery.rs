//! Discovery: the documents that tell a client what the server serves.

use crate::registry::Registry;
use api::{List, Value, object};
use kinds::{Kind, Subresource};

/// The document at `path`, if there is one.
pub(crate) fn document(registry: &Registry, path: &str) -> Option<Value> {
    let segments: Vec<&str> = path.split('/').filter(|s| !s.is_empty()).collect();
    match segments.as_slice() {
        ["api"] => Some(api_versions()),
        ["apis"] => Some(groups(registry)),
        ["api", "v1"] => Some(resources(registry, "", "v1")),
        ["apis", group] => group_document(registry, group),
        ["apis", group, version] if registry.has_version(group, version) => {
            Some(resources(registry, group, version))
        }
        _ => None,
    }
}

/// What a server was built from, as `kubectl version` shows it.
#[derive(Clone, Copy, Debug)]
pub struct Build {
    /// The first number of the version.
    pub major: &'static str,
    /// The second number of the version.
    pub minor: &'static str,
    /// The version: `v1.29.0`.
    pub git_version: &'static str,
    /// The commit.
    pub git_commit: &'static str,
    /// Whether there was anything beyond that commit: `clean`.
    pub git_tree_state: &'static str,
    /// When.
    pub build_date: &'static str,
    /// The version of the compiler.
    pub go_version: &'static str,
}

impl Build {
    /// The release 1.29.0.
    pub const RELEASE: Build = Build {
        major: "1",
        minor: "29",
        git_version: "v1.29.0",
        git_commit: "3f7a50f38688eb332e2a1b013678c6435d539ae6",
        git_tree_state: "clean",
        build_date: "2023-12-14T19:18:17Z",
        go_version: "go1.21.5",
    };

    /// The document at `/version`.
    pub(crate) fn to_value(self) -> Value {
        object! {
            "major": self.major,
            "minor": self.minor,
            "gitVersion": self.git_version,
            "gitCommit": self.git_commit,
            "gitTreeState": self.git_tree_state,
            "buildDate": self.build_date,
            "goVersion": self.go_version,
            "compiler": "gc",
            "platform": "linux/amd64",
        }
    }
}

fn api_versions() -> Value {
    object! {
        "kind": "APIVersions",
        "versions": api::list!["v1"],
        "serverAddressByClientCIDRs": api::list![object! {
            "clientCIDR": "0.0.0.0/0",
            "serverAddress": "172.18.0.2:6443",
        }],
    }
}

/// The versions of a group, the preferred one first.
pub(crate) fn versions<'a>(registry: &'a Registry, group: &'a str) -> Vec<&'static str> {
    let mut versions: Vec<&'static str> = Vec::new();
    for kind in registry.kinds().iter().filter(|kind| kind.group == group) {
        if !versions.contains(&kind.version) {
            versions.push(kind.version);
        }
    }
    versions
}

fn group_document(registry: &Registry, group: &str) -> Option<Value> {
    let versions = versions(registry, group);
    let preferred = *versions.first()?;
    let version = |version: &'static str| {
        object! { "groupVersion": format!("{group}/{version}"), "version": version }
    };
    Some(object! {
        "kind": "APIGroup",
        "apiVersion": "v1",
        "name": group.to_owned(),
        "versions": Value::List(versions.iter().map(|v| version(v)).collect::<List>()),
        "preferredVersion": version(preferred),
    })
}

/// The groups that have a name, in the order of discovery.
pub(crate) fn group_names(registry: &Registry) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for kind in registry.kinds() {
        if !kind.group.is_empty() && !names.contains(&kind.group) {
            names.push(kind.group);
        }
    }
    names
}

/// The kinds of a group and version, by their names.
pub(crate) fn kinds_of(registry: &Registry, group: &str, version: &str) -> Vec<&'static Kind> {
    let is_of_it = |kind: &&'static Kind| kind.group == group && kind.version == version;
    let mut kinds: Vec<&'static Kind> = registry.kinds().iter().copied().filter(is_of_it).collect();
    kinds.sort_by_key(|kind| kind.plural);
    kinds
}

/// The subresources of a kind, by their names.
pub(crate) fn subresources_of(kind: &'static Kind) -> Vec<Subresource> {
    let status = Subresource {
        name: "status",
        group: kind.group,
        version: "",
        kind: kind.kind,
        verbs: &["get", "patch", "update"],
    };
    let stated = kind.subresources.iter().map(|part| Subresource { ..*part });
    let mut all: Vec<Subresource> = stated.chain(kind.has_status.then_some(status)).collect();
    all.sort_by_key(|subresource| subresource.name);
    all
}

fn groups(registry: &Registry) -> Value {
    let names = group_names(registry);
    let group = |name: &&str| {
        let mut group = group_document(registry, name)?;
        group.make_map().remove_str("kind");
        group.make_map().remove_str("apiVersion");
        Some(group)
    };
    object! {
        "kind": "APIGroupList",
        "apiVersion": "v1",
        "groups": Value::List(names.iter().filter_map(group).collect::<List>()),
    }
}

fn resources(registry: &Registry, group: &str, version: &str) -> Value {
    let mut list = List::EMPTY;
    for kind in kinds_of(registry, group, version) {
        list.push(resource(kind));
        for part in subresources_of(kind) {
            list.push(subresource(kind, &part));
        }
    }
    let group_version =
        if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") };
    let mut document = object! {
        "kind": "APIResourceList",
        "groupVersion": group_version,
        "resources": Value::List(list),
    };
    if !group.is_empty() {
        document.make_map().insert("apiVersion", "v1");
    }
    document
}

fn texts(items: &[&'static str]) -> Value {
    Value::List(items.iter().map(|item| Value::from(*item)).collect())
}

fn resource(kind: &'static Kind) -> Value {
    let mut value = object! {
        "name": kind.plural,
        "singularName": kind.singular,
        "namespaced": kind.is_namespaced,
        "kind": kind.kind,
        "verbs": texts(kind.verbs),
    };
    let map = value.make_map();
    if !kind.short_names.is_empty() {
        map.insert("shortNames", texts(kind.short_names));
    }
    if !kind.categories.is_empty() {
        map.insert("categories", texts(kind.categories));
    }
    if !kind.storage_version_hash.is_empty() {
        map.insert("storageVersionHash", kind.storage_version_hash);
    }
    value
}

fn subresource(kind: &'static Kind, subresource: &Subresource) -> Value {
    let mut value = object! {
        "name": format!("{}/{}", kind.plural, subresource.name),
        "singularName": "",
        "namespaced": kind.is_namespaced,
        "kind": subresource.kind,
        "verbs": texts(subresource.verbs),
    };
    let is_of_kind = (subresource.group, subresource.version) == (kind.group, kind.version);
    if !subresource.version.is_empty() && !is_of_kind {
        value.make_map().insert("version", subresource.version);
        value.make_map().insert("group", subresource.group);
    }
    value
}
