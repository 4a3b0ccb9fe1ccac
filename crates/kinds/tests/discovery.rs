//! The kinds are those of a real server, as its discovery documents describe them.

use api::{Key, Value, json};
use kinds::{Kind, Subresource};
use std::path::{Path, PathBuf};

/// What somebody forgot who is told so by a failing test.
const RECIPE: &str = "A kind is one file in crates/kinds/src/<group>/, one line in ALL.";

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn document(name: &str) -> Value {
    let bytes = std::fs::read(folder("tests/discovery").join(name)).expect("a document");
    json::parse(&bytes).expect("valid JSON")
}

fn text(value: &Value, name: &'static str) -> String {
    value.get(&Key::from(name)).as_str().unwrap_or_default().to_owned()
}

fn texts(value: &Value, name: &'static str) -> Vec<String> {
    let items = value.get(&Key::from(name)).items();
    items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
}

/// The groups and versions in the order in which the server lists them, each with its resources.
fn versions() -> Vec<(String, String, Vec<Value>)> {
    let resources = |file: &str| document(file).get(&Key::from("resources")).items().to_vec();
    let mut versions = vec![(String::new(), "v1".to_owned(), resources("_api_v1.json"))];
    for group in document("_apis.json").get(&Key::from("groups")).items() {
        let name = text(group, "name");
        for version in group.get(&Key::from("versions")).items() {
            let version = text(version, "version");
            let file = format!("_apis_{name}_{version}.json");
            let resources = resources(&file);
            versions.push((name.clone(), version, resources));
        }
    }
    versions
}

/// What a discovery document says of a resource or subresource, as far as it is comparable.
fn of_document(group: &str, version: &str, resource: &Value) -> Vec<String> {
    let name = text(resource, "name");
    vec![
        format!("{group}/{version} {name}"),
        format!("singular {}", text(resource, "singularName")),
        format!("namespaced {:?}", resource.get(&Key::from("namespaced")).as_bool()),
        format!(
            "kind {} {} {}",
            text(resource, "group"),
            text(resource, "version"),
            text(resource, "kind")
        ),
        format!("verbs {:?}", texts(resource, "verbs")),
        format!("short names {:?}", texts(resource, "shortNames")),
        format!("categories {:?}", texts(resource, "categories")),
        format!("hash {}", text(resource, "storageVersionHash")),
    ]
}

fn of_kind(kind: &Kind) -> Vec<Vec<String>> {
    let resource = vec![
        format!("{}/{} {}", kind.group, kind.version, kind.plural),
        format!("singular {}", kind.singular),
        format!("namespaced {:?}", Some(kind.is_namespaced)),
        format!("kind   {}", kind.kind),
        format!("verbs {:?}", kind.verbs),
        format!("short names {:?}", kind.short_names),
        format!("categories {:?}", kind.categories),
        format!("hash {}", kind.storage_version_hash),
    ];
    let mut lines = vec![resource];
    if kind.has_status && !kind.is_virtual {
        let status = Subresource::new("status", kind.kind, &["get", "patch", "update"]);
        lines.push(of_subresource(kind, &Subresource { group: kind.group, ..status }));
    }
    lines.extend(kind.subresources.iter().map(|subresource| of_subresource(kind, subresource)));
    lines
}

/// Discovery names the version of a subresource only if it is not that of the resource.
fn of_subresource(kind: &Kind, subresource: &Subresource) -> Vec<String> {
    let same = (subresource.group == kind.group && subresource.version.is_empty())
        || (subresource.group, subresource.version) == (kind.group, kind.version);
    let (group, version) = match same {
        true => ("", ""),
        false => (subresource.group, subresource.version),
    };
    vec![
        format!("{}/{} {}/{}", kind.group, kind.version, kind.plural, subresource.name),
        "singular ".to_owned(),
        format!("namespaced {:?}", Some(kind.is_namespaced)),
        format!("kind {group} {version} {}", subresource.kind),
        format!("verbs {:?}", subresource.verbs),
        "short names []".to_owned(),
        "categories []".to_owned(),
        "hash ".to_owned(),
    ]
}

#[test]
fn kinds_are_described_as_a_real_server_does() {
    let mut expected: Vec<Vec<String>> = Vec::new();
    for (group, version, resources) in versions() {
        expected.extend(resources.iter().map(|r| of_document(&group, &version, r)));
    }
    let mut actual: Vec<Vec<String>> = kinds::ALL.iter().flat_map(|kind| of_kind(kind)).collect();
    expected.sort();
    actual.sort();
    for (expected, actual) in expected.iter().zip(&actual) {
        assert_eq!(expected, actual, "{RECIPE}");
    }
    assert_eq!(expected.len(), actual.len(), "{RECIPE}");
}

#[test]
fn kinds_are_listed_in_the_order_of_discovery() {
    let mut expected = Vec::new();
    for (group, version, resources) in versions() {
        for resource in resources {
            let name = text(&resource, "name");
            if !name.contains('/') {
                expected.push(format!("{group}/{version} {name}"));
            }
        }
    }
    let listed: Vec<String> = kinds::ALL
        .iter()
        .map(|kind| format!("{}/{} {}", kind.group, kind.version, kind.plural))
        .collect();
    assert_eq!(listed, expected, "{RECIPE}");
}

#[test]
fn every_file_of_a_kind_is_listed() {
    let list = std::fs::read_to_string(folder("src/lib.rs")).expect("the list");
    for group in std::fs::read_dir(folder("src")).expect("the groups").flatten() {
        if !group.path().is_dir() {
            continue;
        }
        for file in std::fs::read_dir(group.path()).expect("a group").flatten() {
            let Ok(source) = std::fs::read_to_string(file.path()) else { continue };
            if !source.contains("pub static KIND: Kind") {
                continue;
            }
            let path = file.path();
            let module = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
            let group = group.file_name();
            let line = format!("&{}::{module}::KIND,", group.to_str().unwrap_or_default());
            assert!(list.contains(&line), "{} is not in ALL. {RECIPE}", path.display());
        }
    }
}
