//! Imports only go down: a crate may depend on crates of lower floors, and on none of its own.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The floors of the house, from the top. A crate that is on none of them has no place yet.
const FLOORS: &[&[&str]] = &[
    &["xtask", "determinism", "clients"],
    &["tests", "recordings"],
    &["server", "web"],
    &["lessons"],
    &["session"],
    &["workstation"],
    &["kubectl", "cluster"],
    &["controllers", "scheduler", "kubelet"],
    &["network"],
    &["client", "images"],
    &["apiserver"],
    &["kinds"],
    &["api", "shell", "descriptions"],
    &["sim"],
];

/// Kinds of dependencies that count. Tests of a crate may use crates beside it.
const SECTION: &str = "[dependencies]";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn manifests() -> BTreeMap<String, String> {
    let crates = fs::read_dir(root().join("crates")).expect("the crates are there");
    let paths = crates.map(|entry| entry.expect("a readable entry").path());
    let names = ["tests", "tests/clients", "tests/determinism", "tests/recordings"];
    let tests = names.map(|name| root().join(name));
    let mut manifests = BTreeMap::new();
    for path in paths.chain(tests) {
        if let Ok(text) = fs::read_to_string(path.join("Cargo.toml")) {
            let name = text
                .lines()
                .find_map(|line| line.strip_prefix("name = \""))
                .and_then(|rest| rest.strip_suffix('"'))
                .expect("a crate has a name");
            manifests.insert(name.to_owned(), text.clone());
        }
    }
    manifests
}

fn floor(name: &str) -> Option<usize> {
    FLOORS.iter().position(|crates| crates.contains(&name))
}

fn dependencies(manifest: &str) -> Vec<String> {
    let lines = manifest.lines().skip_while(|line| *line != SECTION).skip(1);
    let lines = lines.take_while(|line| !line.starts_with('['));
    let names = lines.filter_map(|line| line.split(['.', ' ', '=']).next());
    names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

#[test]
fn every_crate_has_its_floor() {
    for name in manifests().keys() {
        assert!(
            floor(name).is_some(),
            "the crate {name} is on no floor: give it its place in FLOORS, here and in the code map \
             of ARCHITECTURE.md"
        );
    }
}

#[test]
fn imports_only_go_down() {
    let manifests = manifests();
    let mut wrong = Vec::new();
    for (name, manifest) in &manifests {
        for dependency in dependencies(manifest) {
            if let (Some(upper), Some(lower)) = (floor(name), floor(&dependency))
                && upper >= lower
            {
                wrong.push(format!("{name} depends on {dependency}"));
            }
        }
    }
    assert!(wrong.is_empty(), "these imports do not go down: {wrong:?}");
}

#[test]
fn the_core_forbids_unsafe_code() {
    for (name, manifest) in manifests() {
        if matches!(name.as_str(), "determinism" | "web") {
            continue;
        }
        assert!(
            manifest.contains("[lints]\nworkspace = true"),
            "the crate {name} does not take over the lints of the workspace"
        );
    }
}
