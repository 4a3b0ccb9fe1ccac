//! Nothing is forgotten: what a recipe of CONTRIBUTING.md asks for has been done for every file.
//! A failure shows the recipe.

use std::fs;
use std::path::{Path, PathBuf};

const CONTRIBUTING: &str = include_str!("../../CONTRIBUTING.md");

/// A family of files, each of which stands in a list.
struct Family {
    /// The title of the recipe.
    recipe: &'static str,
    /// The folder of the files, or of their folders.
    folder: &'static str,
    /// The file with the list.
    list: &'static str,
    /// By what a file is known to belong to the family.
    exports: &'static str,
    /// What stands in the list, `NAME` being the name of the file.
    entry: &'static str,
    /// What every file has to say; the parts are separated by `|`.
    says: &'static str,
}

const FAMILIES: &[Family] = &[
    Family {
        recipe: "Add a controller",
        folder: "crates/controllers/src",
        list: "crates/controllers/src/lib.rs",
        exports: "Reconciler for ",
        entry: "NAME::",
        says: "fn new(",
    },
    Family {
        recipe: "Add a kubectl command",
        folder: "crates/kubectl/src/commands",
        list: "crates/kubectl/src/commands/mod.rs",
        exports: "pub static COMMAND: Command",
        entry: "&NAME::COMMAND",
        says: "name: \"|short: \"|usage: \"",
    },
    Family {
        recipe: "Add a kubectl command",
        folder: "crates/kubectl/src/commands/create",
        list: "crates/kubectl/src/commands/create/mod.rs",
        exports: "pub static COMMAND: Command",
        entry: "&NAME::COMMAND",
        says: "name: \"|short: \"|usage: \"",
    },
    Family {
        recipe: "Add a shell builtin",
        folder: "crates/shell/src/builtins",
        list: "crates/shell/src/builtins/mod.rs",
        exports: "BUILTINS: &[Builtin]",
        entry: "NAME::BUILTINS",
        says: "",
    },
    Family {
        recipe: "Add a shell tool",
        folder: "crates/shell/src/tools",
        list: "crates/shell/src/tools/mod.rs",
        exports: ": Tool = Tool {",
        entry: "NAME::",
        says: "",
    },
    Family {
        recipe: "Add an image",
        folder: "crates/images/src",
        list: "crates/images/src/lib.rs",
        exports: "static IMAGE: Image",
        entry: "&NAME::IMAGE",
        says: "repository: \"",
    },
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A section of CONTRIBUTING.md.
fn recipe(title: &str) -> &'static str {
    let mut sections = CONTRIBUTING.split("\n## ");
    let section = sections.find(|section| section.starts_with(title));
    section.unwrap_or_else(|| panic!("CONTRIBUTING.md has no section {title:?}")).trim_end()
}

/// The names of the files and folders of a folder, with all that stands in them.
fn members(folder: &Path) -> Vec<(String, String)> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.expect("a readable entry").path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let is_source = path.extension().is_some_and(|extension| extension == "rs");
        if path.is_dir() {
            let texts = members(&path).into_iter().chain([module(&path)]).map(|(_, text)| text);
            found.push((name, texts.collect()));
        } else if is_source && !matches!(name.as_str(), "mod" | "lib") {
            found.push((name, read(&path)));
        }
    }
    found.sort();
    found
}

fn module(folder: &Path) -> (String, String) {
    let text = fs::read_to_string(folder.join("mod.rs")).unwrap_or_default();
    ("mod".to_owned(), text)
}

/// What is missing for one file.
fn problems(family: &Family, name: &str, text: &str, list: &str) -> Vec<String> {
    let entry = family.entry.replace("NAME", name);
    let mut problems = Vec::new();
    if !list.lines().any(|line| line.trim_end().ends_with(&format!("mod {name};"))) {
        problems.push(format!("`mod {name};` is not in {}", family.list));
    }
    if !list.contains(&entry) {
        problems.push(format!("`{entry}` is not in {}", family.list));
    }
    for part in family.says.split('|').filter(|part| !part.is_empty()) {
        let empty = format!("{part}\"");
        let has_part = text.contains(part) || text.contains(part.trim_end_matches('"').trim_end());
        if !has_part || (part.ends_with('"') && text.contains(&empty)) {
            problems.push(format!("it does not say `{}`", part.trim_end_matches('"')));
        }
    }
    problems
}

fn check(family: &Family) -> Vec<String> {
    let list = read(&root().join(family.list));
    let members = members(&root().join(family.folder));
    let members: Vec<_> =
        members.iter().filter(|(_, text)| text.contains(family.exports)).collect();
    assert!(!members.is_empty(), "no file of {} exports `{}`", family.folder, family.exports);
    let mut failures = Vec::new();
    for (name, text) in members {
        for problem in problems(family, name, text, &list) {
            failures.push(format!("{}/{name}: {problem}", family.folder));
        }
    }
    failures
}

#[test]
fn every_file_is_registered_as_its_recipe_says() {
    let mut text = String::new();
    for family in FAMILIES {
        let failures = check(family);
        if !failures.is_empty() {
            let failures = failures.join("\n");
            text.push_str(&format!("{failures}\n\n## {}\n\n", recipe(family.recipe)));
        }
    }
    assert!(text.is_empty(), "\n{text}");
}

#[test]
fn every_kind_is_listed_and_has_cases() {
    let source = root().join("crates/kinds/src");
    let list = read(&source.join("lib.rs"));
    let cases = members_of_cases(&root().join("crates/kinds/tests/cases"));
    let mut failures = Vec::new();
    for entry in fs::read_dir(&source).expect("the kinds are there") {
        let group = entry.expect("a readable entry").path();
        if !group.is_dir() {
            continue;
        }
        let group_name = group.file_name().unwrap_or_default().to_string_lossy().into_owned();
        for (name, text) in members(&group) {
            if !text.contains("pub static KIND: Kind") {
                continue;
            }
            if !list.contains(&format!("&{group_name}::{name}::KIND")) {
                failures.push(format!("`&{group_name}::{name}::KIND` is not in ALL"));
            }
            let kind = text.split("kind: \"").nth(1).and_then(|rest| rest.split('"').next());
            // A second version takes most from the stored one, its kind too.
            if kind.is_some_and(|kind| !cases.contains(&format!("kind: {kind}\n"))) {
                failures.push(format!("{group_name}/{name}.rs has no case in crates/kinds/tests"));
            }
        }
    }
    let failures = failures.join("\n");
    assert!(failures.is_empty(), "\n{failures}\n\n## {}", recipe("Add a kind"));
}

fn members_of_cases(folder: &Path) -> String {
    let mut text = String::new();
    for entry in fs::read_dir(folder).expect("the cases are there") {
        let path = entry.expect("a readable entry").path();
        if path.is_dir() {
            text.push_str(&members_of_cases(&path));
        } else {
            text.push_str(&read(&path));
        }
    }
    text
}
