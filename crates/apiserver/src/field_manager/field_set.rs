//! Sets of fields, in the very form in which `managedFields` shows them (`FieldsV1`).
//!
//! A set is a tree: `f:NAME` stands for a field, `k:{...}` for an item of a list by its keys,
//! `v:VALUE` for an item by its value, and `.` for the place where it stands. A place without
//! anything beneath is an empty map. Sets that differ little share their memory.

use api::{Key, Map, Value};

/// What stands for the place itself.
const SELF: &str = ".";

/// A set of fields beneath some place.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct FieldSet(Map);

/// One place of a set: whether it is in the set, and what is beneath it.
#[derive(Clone, Debug, Default)]
pub(super) struct Node {
    pub(super) is_member: bool,
    pub(super) beneath: FieldSet,
}

impl Node {
    pub(super) const fn leaf() -> Node {
        Node { is_member: true, beneath: FieldSet(Map::EMPTY) }
    }

    fn of(value: &Value) -> Node {
        let Value::Map(map) = value else { return Node::leaf() };
        if map.is_empty() {
            return Node::leaf();
        }
        let mut beneath = map.clone();
        let is_member = map.get_str(SELF).is_some();
        if is_member {
            beneath.remove_str(SELF);
        }
        Node { is_member, beneath: FieldSet(beneath) }
    }

    fn into_value(self) -> Option<Value> {
        let Node { is_member, beneath: FieldSet(mut map) } = self;
        if map.is_empty() {
            return is_member.then_some(Value::EMPTY_MAP);
        }
        if is_member {
            map.insert(SELF, Value::EMPTY_MAP);
        }
        Some(Value::Map(map))
    }

    pub(super) fn is_empty(&self) -> bool {
        !self.is_member && self.beneath.is_empty()
    }
}

impl FieldSet {
    /// Reads `fieldsV1`.
    pub(super) fn of(value: &Value) -> FieldSet {
        FieldSet(value.as_map().cloned().unwrap_or_default())
    }

    /// As `fieldsV1`.
    pub(super) fn to_value(&self) -> Value {
        Value::Map(self.0.clone())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The places right beneath.
    pub(super) fn nodes(&self) -> impl Iterator<Item = (&str, Node)> {
        self.0.iter().map(|(key, value)| (key.as_str(), Node::of(value)))
    }

    pub(super) fn node(&self, element: &str) -> Option<Node> {
        self.0.get_str(element).map(Node::of)
    }

    /// Puts a place with all that is beneath it into the set, if there is anything.
    pub(super) fn put(&mut self, element: &str, node: Node) {
        match node.into_value() {
            Some(value) => {
                self.0.insert(Key::from(element), value);
            }
            None => {
                self.0.remove_str(element);
            }
        }
    }

    /// What is not right beneath `above` with one of these names, nor is one of `names` itself.
    pub(super) fn without(&self, names: &[&str], above: &str, beneath: &[&str]) -> FieldSet {
        let mut rest = self.clone();
        for name in names {
            rest.0.remove_str(name);
        }
        if let Some(mut node) = self.node(above) {
            for name in beneath {
                node.beneath.0.remove_str(name);
            }
            node.is_member = false;
            rest.put(above, node);
        }
        rest
    }

    /// What is in either.
    pub(super) fn union(&self, other: &FieldSet) -> FieldSet {
        let mut all = self.clone();
        for (key, value) in other.0.iter() {
            let merged = match self.0.get(key) {
                None => value.clone(),
                Some(own) if own == value => continue,
                Some(own) => {
                    let (own, other) = (Node::of(own), Node::of(value));
                    let is_member = own.is_member || other.is_member;
                    let beneath = own.beneath.union(&other.beneath);
                    Node { is_member, beneath }.into_value().unwrap_or(Value::EMPTY_MAP)
                }
            };
            if self.0.get(key) != Some(&merged) {
                all.0.insert(key, merged);
            }
        }
        all
    }

    /// What is in this one only.
    pub(super) fn difference(&self, other: &FieldSet) -> FieldSet {
        self.combine(other, |own, other| Node {
            is_member: own.is_member && !other.is_member,
            beneath: own.beneath.difference(&other.beneath),
        })
    }

    fn combine(&self, other: &FieldSet, combine: fn(Node, Node) -> Node) -> FieldSet {
        let mut rest = self.clone();
        for (key, value) in other.0.iter() {
            let Some(own) = self.0.get(key) else { continue };
            let combined = combine(Node::of(own), Node::of(value));
            rest.put(key.as_str(), combined);
        }
        rest
    }

    /// What is in both.
    pub(super) fn intersection(&self, other: &FieldSet) -> FieldSet {
        let mut both = FieldSet::default();
        for (key, value) in other.0.iter() {
            let Some(own) = self.0.get(key) else { continue };
            let (own, other) = (Node::of(own), Node::of(value));
            let node = Node {
                is_member: own.is_member && other.is_member,
                beneath: own.beneath.intersection(&other.beneath),
            };
            if !node.is_empty() {
                both.put(key.as_str(), node);
            }
        }
        both
    }

    /// The members as paths, in the order in which conflicts are told.
    pub(super) fn paths(&self) -> Vec<String> {
        let mut paths = Vec::new();
        self.collect("", &mut paths);
        paths
    }

    fn collect(&self, above: &str, paths: &mut Vec<String>) {
        let path = |key: &str| format!("{above}{}", path_element(key));
        for (key, node) in self.nodes() {
            if node.is_member {
                paths.push(path(key));
            }
        }
        for (key, node) in self.nodes() {
            node.beneath.collect(&path(key), paths);
        }
    }
}

/// `f:spec` as `.spec`, `k:{"name":"web"}` as `[name="web"]`, `v:"a"` as `[="a"]`.
pub(super) fn path_element(element: &str) -> String {
    let Some((kind, text)) = element.split_once(':') else { return format!(".{element}") };
    match kind {
        "k" => {
            let keys = api::json::parse(text.as_bytes()).unwrap_or_default();
            let entries = keys.as_map().cloned().unwrap_or_default();
            let pairs = entries.iter().map(|(key, v)| format!("{key}={}", api::json::to_string(v)));
            format!("[{}]", pairs.collect::<Vec<_>>().join(","))
        }
        "v" => format!("[={text}]"),
        "i" => format!("[{text}]"),
        _ => format!(".{text}"),
    }
}

/// The parts of `new` that `known` has too, in the memory of `known`.
pub(super) fn share(new: &Value, known: &Value) -> Value {
    if new == known {
        return known.clone();
    }
    let (Value::Map(new), Value::Map(known)) = (new, known) else { return new.clone() };
    let shared = new.iter().map(|(key, value)| match known.get(key) {
        Some(known) => (key.clone(), share(value, known)),
        None => (key.clone(), value.clone()),
    });
    Value::Map(shared.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(text: &str) -> FieldSet {
        FieldSet::of(&api::json::parse(text.as_bytes()).expect("JSON"))
    }

    fn check(result: FieldSet, expected: &str) {
        assert_eq!(api::json::to_string(&result.to_value()), expected);
    }

    #[test]
    fn sets_are_joined_and_parted() {
        let a = set(r#"{"f:a":{},"f:b":{".":{},"f:c":{}}}"#);
        let b = set(r#"{"f:b":{"f:c":{},"f:d":{}}}"#);
        check(a.union(&b), r#"{"f:a":{},"f:b":{".":{},"f:c":{},"f:d":{}}}"#);
        check(a.difference(&b), r#"{"f:a":{},"f:b":{}}"#);
        check(b.difference(&a), r#"{"f:b":{"f:d":{}}}"#);
        check(a.intersection(&b), r#"{"f:b":{"f:c":{}}}"#);
        check(a.difference(&a), "{}");
    }

    #[test]
    fn members_are_told_as_paths() {
        let a =
            set(r#"{"f:spec":{"f:c":{"k:{\"name\":\"web\"}":{".":{},"f:image":{}}},"f:r":{}}}"#);
        assert_eq!(
            a.paths(),
            [".spec.r", r#".spec.c[name="web"]"#, r#".spec.c[name="web"].image"#]
        );
        assert_eq!(set(r#"{"f:f":{"v:\"x\"":{}}}"#).paths(), [r#".f[="x"]"#]);
    }
}
