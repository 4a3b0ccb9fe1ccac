//! What kinds do with documents, as data: one file of `tests/cases/<kind>/` per case.
//!
//! A case has an `object`, and for an update the `old` one (both as somebody writes them), and
//! perhaps the `subresource` that is updated. It says what is to come of it:
//!
//! - `defaulted`: the object in canonical form with its defaults;
//! - `created`: a new object after that, in its initial state;
//! - `updated`: a changed object after what must not change has been undone;
//! - `stored`: the object in the version that is stored;
//! - `errors`: what is wrong with it, in order; without this entry nothing must be;
//! - `warnings`: what its author is told; without this entry nothing must be;
//! - `row`: the cells that `kubectl get -o wide` prints, `~` for those that do not matter.
//!
//! Of expected objects only those top-level fields are compared that are given. Addresses of
//! memory within messages do not count, nor does the kind of spaces.

mod support;

use api::field::ErrorList;
use api::{Key, Value, names, yaml};
use kinds::Kind;
use std::path::{Path, PathBuf};

/// The time at which tables are printed.
const NOW: &str = "2026-11-23T13:00:00Z";

/// The identity of a new object.
const UID: &str = "0dfab8bd-63d8-4180-9dbb-5a097f9eb66c";

struct Case {
    path: PathBuf,
    document: Value,
    kind: &'static Kind,
}

impl Case {
    fn read(path: PathBuf) -> Case {
        let text = std::fs::read_to_string(&path).expect("a case");
        let document = yaml::parse(&text)
            .unwrap_or_else(|error| panic!("{}: {}", path.display(), error.message()));
        let known = [
            "object",
            "old",
            "subresource",
            "defaulted",
            "created",
            "updated",
            "stored",
            "errors",
            "warnings",
            "row",
        ];
        for (key, _) in document.as_map().expect("a map").iter() {
            assert!(known.contains(&key.as_str()), "{}: {}", path.display(), key.as_str());
        }
        let kind = support::kind_of(document.get(&Key::from("object")));
        Case { path, document, kind }
    }

    fn get(&self, name: &'static str) -> &Value {
        self.document.get(&Key::from(name))
    }

    /// An object of the case with its defaults.
    fn object(&self, name: &'static str) -> Value {
        support::defaulted(self.kind, self.get(name))
    }

    fn texts(&self, name: &'static str) -> Vec<String> {
        let items = self.get(name).items();
        items.iter().map(|item| item.as_str().unwrap_or("~").to_owned()).collect()
    }

    fn is_update(&self) -> bool {
        !self.get("old").is_null()
    }

    /// The object as it is judged.
    fn prepared(&self) -> Value {
        let mut object = self.object("object");
        if !self.is_update() {
            // The server throws away the status of a new object; one that is given in a case
            // serves to print the table.
            if self.get("row").is_null() {
                if !self.kind.is_virtual {
                    object.update(&names::METADATA, |metadata| {
                        metadata.make_map().insert(&names::UID, UID);
                    });
                }
                if self.kind.has_status {
                    object.make_map().insert(&names::STATUS, self.kind.empty_status());
                }
                (self.kind.prepare_create)(&mut object);
            }
            return object;
        }
        let old = self.object("old");
        match self.get("subresource").as_str() {
            Some("status") => (self.kind.prepare_status_update)(&mut object, &old),
            _ => (self.kind.prepare_update)(&mut object, &old),
        }
        object
    }

    fn errors(&self) -> ErrorList {
        let object = self.prepared();
        let is_status = self.get("subresource").as_str() == Some("status");
        let mut errors = match is_status {
            true => ErrorList::new(),
            false => support::problems(self.kind, &object),
        };
        if self.is_update() {
            let old = self.object("old");
            match is_status {
                true => (self.kind.validate_status_update)(&object, &old, &mut errors),
                false => (self.kind.validate_update)(&object, &old, &mut errors),
            }
        } else {
            (self.kind.validate_create)(&object, &mut errors);
        }
        errors
    }

    fn check(&self, failures: &mut Vec<String>) {
        let mut compare = |what: &str, expected: String, actual: String| {
            if normalized(&expected) != normalized(&actual) {
                let path = self.path.display();
                failures.push(format!("{path}: {what}\nexpected:\n{expected}\nactual:\n{actual}"));
            }
        };
        for (name, object) in [
            ("defaulted", self.object("object")),
            ("created", self.prepared()),
            ("updated", self.prepared()),
            ("stored", self.stored()),
        ] {
            let expected = self.get(name);
            if !expected.is_null() {
                let part = same_fields(&object, expected);
                compare(name, yaml::to_string(expected), yaml::to_string(&part));
            }
        }
        let errors: Vec<String> = self.errors().0.iter().map(ToString::to_string).collect();
        compare("errors", self.texts("errors").join("\n"), errors.join("\n"));
        // Who is told of errors is told of nothing else.
        let old = self.is_update().then(|| self.object("old"));
        let warnings = match errors.is_empty() {
            true => (self.kind.warnings)(&self.prepared(), old.as_ref()),
            false => Vec::new(),
        };
        compare("warnings", self.texts("warnings").join("\n"), warnings.join("\n"));
        if !self.get("row").is_null() {
            let expected = self.texts("row");
            let actual = row(self.kind, &self.object("object"), &expected);
            compare("row", expected.join(" | "), actual.join(" | "));
        }
    }

    fn stored(&self) -> Value {
        let object = self.object("object");
        self.kind.conversion.map_or(object.clone(), |c| (c.to_stored)(&object))
    }
}

/// The fields of `object` that are in `expected`.
fn same_fields(object: &Value, expected: &Value) -> Value {
    let mut part = object.clone();
    part.make_map().retain(|key, _| !expected.get(key).is_null());
    part
}

/// The cells of an object; those that do not matter are replaced.
fn row(kind: &Kind, object: &Value, expected: &[String]) -> Vec<String> {
    let now = sim::Time::parse_rfc3339(NOW).expect("a time");
    let cells = (kind.row)(object, now);
    assert_eq!(cells.len(), kind.columns.len(), "{}", kind.kind);
    let text = |cell: &Value| match cell {
        Value::Str(text) => text.as_str().to_owned(),
        other => api::go::plain(other),
    };
    let ignored = |i: usize| expected.get(i).is_some_and(|cell| cell == "~");
    let cells = cells.iter().enumerate();
    cells.map(|(i, cell)| if ignored(i) { "~".to_owned() } else { text(cell) }).collect()
}

/// A text without what two runs of a real server do not print alike.
fn normalized(text: &str) -> String {
    let text = text.replace('\u{a0}', " ");
    let mut parts = text.split("(0x");
    let mut normalized = parts.next().unwrap_or_default().trim_end().to_owned();
    for part in parts {
        normalized.push_str("(0x");
        normalized.push_str(part.trim_start_matches(|c: char| c.is_ascii_hexdigit()));
    }
    normalized
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("a folder")
        .flatten()
        .flat_map(|entry| match entry.path() {
            path if path.is_dir() => self::files(&path),
            path => vec![path],
        })
        .collect();
    files.sort();
    files
}

#[test]
fn kinds_do_what_the_cases_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut failures = Vec::new();
    for path in files(&folder) {
        Case::read(path).check(&mut failures);
    }
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n\n"));
}

#[test]
fn every_kind_has_cases() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut covered: Vec<&'static Kind> =
        files(&folder).into_iter().map(|path| Case::read(path).kind).collect();
    covered.dedup();
    let missing: Vec<String> = kinds::ALL
        .iter()
        .filter(|kind| !covered.contains(kind))
        .map(|kind| format!("{} {} has no cases", kind.api_version(), kind.kind))
        .collect();
    let mut recipes = include_str!("../../../CONTRIBUTING.md").split("\n## ");
    let recipe = recipes.find(|recipe| recipe.starts_with("Add a kind")).unwrap_or_default();
    assert!(missing.is_empty(), "{}\n\n## {recipe}", missing.join("\n"));
}
