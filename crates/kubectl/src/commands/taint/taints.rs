//! Taints as words: `key=value:Effect`, `key:Effect-`, `key-`.

use super::{invalid, not_found};
use crate::errors::{Error, Result, bail};
use api::{List, Value, object, validation};

/// A taint; one that is to go may be without an effect.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Taint {
    key: String,
    value: String,
    effect: String,
}

/// What is to become of taints.
#[derive(Clone, Debug, Default)]
pub(super) struct Update {
    added: Vec<Taint>,
    removed: Vec<Taint>,
}

impl Taint {
    fn parse(text: &str) -> Result<Taint> {
        let parts: Vec<&str> = text.split(':').collect();
        let (pair, effect) = match parts.as_slice() {
            [key] => (vec![*key], ""),
            [pair, effect] => {
                if !matches!(*effect, "NoSchedule" | "PreferNoSchedule" | "NoExecute") {
                    bail!("invalid taint effect: {effect}, unsupported taint effect");
                }
                (pair.split('=').collect(), *effect)
            }
            _ => return Err(invalid(text, &[])),
        };
        let (key, value) = match pair.as_slice() {
            [key] => (*key, ""),
            [key, value] => (*key, *value),
            _ => return Err(invalid(text, &[])),
        };
        for problems in [validation::label_value(value), validation::qualified_name(key)] {
            if !problems.is_empty() {
                return Err(invalid(text, &problems));
            }
        }
        Ok(Taint { key: key.to_owned(), value: value.to_owned(), effect: effect.to_owned() })
    }

    /// Whether a taint of a node is this one.
    fn is(&self, taint: &Value) -> bool {
        taint["key"] == self.key.as_str()
            && (self.effect.is_empty() || taint["effect"] == self.effect.as_str())
    }

    fn text(&self) -> String {
        let Taint { key, value, effect } = self;
        match (value.as_str(), effect.as_str()) {
            ("", "") => key.clone(),
            ("", effect) => format!("{key}:{effect}"),
            (value, "") => format!("{key}={value}:"),
            (value, effect) => format!("{key}={value}:{effect}"),
        }
    }

    fn to_value(&self) -> Value {
        let mut taint = object! { "key": self.key.clone(), "effect": self.effect.clone() };
        if !self.value.is_empty() {
            taint.make_map().insert("value", self.value.clone());
        }
        taint
    }
}

impl Update {
    /// Reads the words.
    pub(super) fn parse(words: &[String]) -> Result<Update> {
        let mut update = Update::default();
        for word in words {
            if let Some(word) = word.strip_suffix('-') {
                update.removed.push(Taint::parse(word)?);
                continue;
            }
            let taint = Taint::parse(word)?;
            if taint.effect.is_empty() {
                return Err(invalid(word, &[]));
            }
            let is_same = |known: &Taint| known.key == taint.key && known.effect == taint.effect;
            if update.added.iter().any(is_same) {
                let Taint { key, value, effect } = taint;
                bail!(
                    "duplicated taints with the same key and effect: {{{key} {value} {effect} \
                     <nil>}}"
                );
            }
            update.added.push(taint);
        }
        Ok(update)
    }

    /// Taints that are to come and to go at once.
    pub(super) fn conflicts(&self) -> Vec<String> {
        let mut conflicts = Vec::new();
        for added in &self.added {
            for removed in self.removed.iter().filter(|removed| removed.key == added.key) {
                if removed.effect.is_empty() || removed.effect == added.effect {
                    conflicts.push(format!("{}={}", removed.key, removed.effect));
                }
            }
        }
        conflicts
    }

    /// Changes the taints of a node; says what that was.
    pub(super) fn apply(&self, node: &mut Value, overwrites: bool) -> Result<&'static str> {
        let old = node["spec"]["taints"].clone();
        if !overwrites {
            self.refuse_overwriting(node)?;
        }
        let mut taints: Vec<Value> = self.added.iter().map(Taint::to_value).collect();
        for taint in old.items() {
            if !self.added.iter().any(|added| added.is(taint)) {
                taints.push(taint.clone());
            }
        }
        let has_added = taints.len() != old.items().len();
        let mut errors = Vec::new();
        let mut has_removed = false;
        for removed in &self.removed {
            let before = taints.len();
            taints.retain(|taint| !removed.is(taint));
            if taints.len() == before {
                errors.push(not_found(&removed.text()));
            } else {
                has_removed = true;
            }
        }
        Error::collect(errors)?;
        let spec = node.entry(&"spec".into()).make_map();
        if taints.is_empty() {
            spec.remove_str("taints");
        } else {
            spec.insert("taints", taints.into_iter().collect::<List>());
        }
        Ok(match (has_added, has_removed) {
            (true, true) => "modified",
            _ if overwrites => "modified",
            (true, false) => "tainted",
            (false, _) => "untainted",
        })
    }

    fn refuse_overwriting(&self, node: &Value) -> Result {
        let held = node["spec"]["taints"].items();
        let is_there = |added: &&Taint| held.iter().any(|taint| added.is(taint));
        let there: Vec<&str> =
            self.added.iter().filter(is_there).map(|added| added.key.as_str()).collect();
        if there.is_empty() {
            return Ok(());
        }
        let name = node["metadata"]["name"].as_str().unwrap_or_default();
        bail!(
            "node {name} already has {} taint(s) with same effect(s) and --overwrite is false",
            there.join(",")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::list;

    #[test]
    fn taints_come_and_go() {
        let check = |words: &str, overwrites: bool, operation: &str, keys: &[&str]| {
            let words: Vec<String> = words.split(' ').map(str::to_owned).collect();
            let held = object! { "key": "a", "value": "b", "effect": "NoSchedule" };
            let mut node = object! { "spec": object! { "taints": list![held] } };
            let update = Update::parse(&words).expect("valid");
            assert_eq!(update.apply(&mut node, overwrites), Ok(operation), "{words:?}");
            let found = node["spec"]["taints"].items().iter();
            let found: Vec<_> = found.map(|taint| taint["key"].as_str().unwrap_or("")).collect();
            assert_eq!(found, keys);
        };
        check("x=y:NoExecute", false, "tainted", &["x", "a"]);
        check("a-", false, "untainted", &[]);
        check("x:NoExecute a:NoSchedule-", false, "modified", &["x"]);
        check("a=c:NoSchedule", true, "modified", &["a"]);
        check("a:NoExecute", false, "tainted", &["a", "a"]);
    }
}
