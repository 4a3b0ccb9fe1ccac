//! Which fields a change sets and removes, and which a document has.

use super::field_set::{FieldSet, Node};
use super::shape::{Shape, field_element};
use api::{Key, Value};
use std::cmp::Ordering;
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
    let mut look_at =
        |element: &dyn Fn() -> String, shape: Shape, old: Option<&Value>, new: Option<&Value>| {
            if let (Some(old), Some(new)) = (old, new)
                && old.is_same(new)
            {
                return;
            }
            let (part_changed, part_removed) = compare_at(shape, old, new);
            if !part_changed.is_empty() {
                changed.beneath.put(&element(), part_changed);
            }
            if !part_removed.is_empty() {
                removed.beneath.put(&element(), part_removed);
            }
        };
    if let (Some(old), Some(new)) = (entries(old), entries(new)) {
        walk_entries(old, new, &mut |key, old, new| {
            if let Some(shape) = shape.part(key) {
                look_at(&|| field_element(key), shape, old, new);
            }
        });
        return (changed, removed);
    }
    let (old_parts, new_parts) = (parts(shape, old), parts(shape, new));
    for (element, (shape, value)) in &new_parts {
        let old = old_parts.get(element).map(|(_, old)| *old);
        look_at(&|| element.clone(), *shape, old, Some(value));
    }
    for (element, (shape, value)) in &old_parts {
        if !new_parts.contains_key(element) {
            look_at(&|| element.clone(), *shape, Some(value), None);
        }
    }
    (changed, removed)
}

/// The entries of a value that is no list.
fn entries(value: Option<&Value>) -> Option<&[(Key, Value)]> {
    match value {
        Some(Value::Map(map)) => Some(map.entries()),
        Some(Value::List(_)) => None,
        _ => Some(&[]),
    }
}

/// Visits the keys of two maps in their order, each once.
fn walk_entries(
    mut old: &[(Key, Value)],
    mut new: &[(Key, Value)],
    visit: &mut dyn FnMut(&Key, Option<&Value>, Option<&Value>),
) {
    loop {
        let order = match (old.first(), new.first()) {
            (None, None) => return,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((old, _)), Some((new, _))) => old.cmp(new),
        };
        let old_entry = old.first().filter(|_| order.is_le());
        let new_entry = new.first().filter(|_| order.is_ge());
        if let Some((key, _)) = new_entry.or(old_entry) {
            visit(key, old_entry.map(|(_, value)| value), new_entry.map(|(_, value)| value));
        }
        old = &old[usize::from(old_entry.is_some())..];
        new = &new[usize::from(new_entry.is_some())..];
    }
}

/// Whether two objects have the same fields, so that either sets the same ones when it is new.
pub(super) fn has_same_fields(shape: Shape, one: &Value, other: &Value) -> bool {
    if one.is_same(other) {
        return true;
    }
    match (shape, one, other) {
        (Shape::Struct(_) | Shape::Map(_), Value::Map(one), Value::Map(other)) => {
            let is_alike = |((key, one), (there, other)): (&(Key, Value), &(Key, Value))| {
                key == there
                    && shape.part(key).is_none_or(|shape| has_same_fields(shape, one, other))
            };
            one.len() == other.len() && one.entries().iter().zip(other.entries()).all(is_alike)
        }
        // What stands for an item is made of its values.
        (Shape::Set | Shape::Items(..), ..) => one == other,
        _ => one == other || (!is_zero(one) && !is_zero(other)),
    }
}

/// Whether a new object may have a value without anybody having set it.
fn is_zero(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) | Value::Int(0) => true,
        Value::Bool(_) | Value::Int(_) => false,
        Value::Float(number) => *number == 0.0,
        Value::Str(text) => text.is_empty(),
        Value::List(list) => list.is_empty(),
        Value::Map(_) => true,
    }
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
