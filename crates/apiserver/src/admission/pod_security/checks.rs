//! What the checks have in common: how a violation reads, and ways through a Pod's containers.

use api::Value;
use std::fmt;

/// Something that a level forbids.
pub(super) struct Violation {
    /// What it is about: `hostPort`.
    pub(super) reason: &'static str,
    /// Where, and what would be right.
    pub(super) detail: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.detail {
            "" => f.write_str(self.reason),
            detail => write!(f, "{} ({detail})", self.reason),
        }
    }
}

/// Notes a violation if there is anything to say about it.
pub(super) fn note(violations: &mut Vec<Violation>, reason: &'static str, details: Vec<String>) {
    if !details.is_empty() {
        violations.push(Violation { reason, detail: details.join("; ") });
    }
}

/// All containers of a Pod: those that run first, those that run, those added later.
pub(super) fn containers(spec: &Value) -> impl Iterator<Item = &Value> {
    let lists = ["initContainers", "containers", "ephemeralContainers"];
    lists.into_iter().flat_map(|list| spec[list].items())
}

/// The names of the containers for which something holds, in quotes.
pub(super) fn named(spec: &Value, holds: impl Fn(&Value) -> bool) -> Vec<String> {
    containers(spec).filter(|container| holds(container)).map(quoted_name).collect()
}

/// The name of a container or a volume in quotes.
pub(super) fn quoted_name(part: &Value) -> String {
    api::go::quote(part["name"].as_str().unwrap_or_default())
}

/// `container "a"`, or `containers "a", "b"`; `None` for none.
pub(super) fn many(word: &str, names: &[String]) -> Option<String> {
    match names {
        [] => None,
        [only] => Some(format!("{word} {only}")),
        several => Some(format!("{word}s {}", several.join(", "))),
    }
}

/// The text of a field.
pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Texts, each once, in order and in quotes.
pub(super) fn sorted(mut texts: Vec<String>) -> Vec<String> {
    texts.sort();
    texts.dedup();
    texts
}
