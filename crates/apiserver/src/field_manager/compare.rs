//! Which fields a change sets and removes, and which a document has.

use super::field_set::{FieldSet, Node};
use super::shape::{Shape, field_element};
use api::Value;
use std::collections::BTreeMap;

/// What differs between two objects.
#[derive(Default)]
pub(super) struct Difference {
    /// What is new or another.
    pub(super) changed: FieldSet,
    /// What is gone.
    pub(super) removed: FieldSet,
}

/// How `new` differs from `old`.
pub(super) fn compare(shape: Shape, old: &Value, new: &Value) -> Difference {
    let (changed, removed) = compare_at(shape, Some(old), Some(new));
    Difference { changed: changed.beneath, removed: removed.beneath }
}

/// The fields that a document has: all places without parts, and items of lists.
pub(super) fn fields_of(shape: Shape, document: &Value) -> FieldSet {
    fields_at(shape, document).beneath
}

fn compare_at(shape: Shape, old: Option<&Value>, new: Option<&Value>) -> (Node, Node) {
    let (mut changed, mut removed) = (Node::default(), Node::default());
    if let (Some(old), Some(new)) = (old, new)
        && (old.is_same(new) || old == new)
    {
        return (changed, removed);
    }
    match (old.is_some(), new.is_some()) {
        (false, _) => changed.is_member = true,
        (_, false) => removed.is_member = true,
        _ => {}
    }
    let has_parts = |value: Option<&Value>| value.is_some_and(|value| shape.has_parts(value));
    if !has_parts(old) && !has_parts(new) {
        changed.is_member = new.is_some();
        return (changed, removed);
    }
    let (old_parts, new_parts) = (parts(shape, old), parts(shape, new));
    let mut look_at = |element: &str, shape: Shape, old: Option<&Value>, new: Option<&Value>| {
        let (part_changed, part_removed) = compare_at(shape, old, new);
        changed.beneath.put(element, part_changed);
        removed.beneath.put(element, part_removed);
    };
    for (element, (shape, value)) in &new_parts {
        look_at(element, *shape, old_parts.get(element).map(|(_, old)| *old), Some(value));
    }
    for (element, (shape, value)) in &old_parts {
        if !new_parts.contains_key(element) {
            look_at(element, *shape, Some(value), None);
        }
    }
    (changed, removed)
}

fn fields_at(shape: Shape, value: &Value) -> Node {
    if !shape.has_parts(value) {
        return Node::leaf();
    }
    // An item of a list is owned itself, too.
    let are_items = matches!(shape, Shape::Set | Shape::Items(..));
    let mut node = Node::default();
    for (element, (shape, part)) in parts(shape, Some(value)) {
        let mut fields = fields_at(shape, part);
        fields.is_member |= are_items;
        node.beneath.put(&element, fields);
    }
    node
}

/// The parts of a value by what stands for them in a set of fields.
pub(super) fn parts(shape: Shape, value: Option<&Value>) -> BTreeMap<String, (Shape, &Value)> {
    match value {
        Some(Value::Map(map)) => map
            .iter()
            .filter_map(|(key, value)| Some((field_element(key), (shape.part(key)?, value))))
            .collect(),
        Some(Value::List(list)) => {
            list.iter().map(|item| (shape.item_element(item), (shape.item(), item))).collect()
        }
        _ => BTreeMap::new(),
    }
}
