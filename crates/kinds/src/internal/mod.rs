//! Objects as the API server's own Go code holds and prints them.
//!
//! Some error messages contain a whole Go value (`%#v`), and some a difference between two. Both
//! are written in terms of the server's internal types, which differ from the published ones: the
//! package is `core` instead of `v1`, and a few structs have other fields in another order. This
//! module turns a document into a tree of such values and prints it.
//!
//! What is different: an address of memory is invented, the same on every run.

mod compare;
mod diff;
mod layout;
mod node;
mod syntax;

use api::field::BadValue;
use api::schema::TypeId;
use api::{ResourceList, StringMap, Value};
use node::Node;

/// A struct, as an error prints it: `apps.DeploymentStrategy{Type:"Rolling", …}`.
pub fn print(ty: TypeId, value: &Value) -> BadValue {
    BadValue::Plain(syntax::print(&node::of_struct(ty, value)))
}

/// A map of labels, as an error prints it: `map[string]string{"app":"web"}`.
pub fn print_string_map(map: StringMap<'_>) -> BadValue {
    let entries = map.iter().map(|(key, value)| (key.to_owned(), Node::text(value)));
    let node = Node::Map {
        ty: "map[string]string".into(),
        entries: (!map.is_empty()).then(|| entries.collect()),
    };
    BadValue::Plain(syntax::print(&node))
}

/// A list of strings of the Go type `element`, as an error prints it: `[]string{"a", "b"}`.
pub fn print_strings<'a>(element: &str, items: impl Iterator<Item = &'a str>) -> BadValue {
    let items: Vec<Node> = items.map(Node::text).collect();
    let node =
        Node::Slice { ty: format!("[]{element}"), items: (!items.is_empty()).then_some(items) };
    BadValue::Plain(syntax::print(&node))
}

/// A list of structs, as an error prints it: `[]core.Taint{core.Taint{…}}`.
pub fn print_list(element: TypeId, items: &[Value]) -> BadValue {
    let nodes: Vec<Node> = items.iter().map(|item| node::of_struct(element, item)).collect();
    let name = match nodes.first() {
        Some(Node::Struct { ty, .. }) => ty.clone(),
        _ => node::internal_name(element.get().go),
    };
    let node = Node::Slice { ty: format!("[]{name}"), items: (!nodes.is_empty()).then_some(nodes) };
    BadValue::Plain(syntax::print(&node))
}

/// Amounts of resources, as an error prints them.
pub fn resource_list(amounts: ResourceList<'_>) -> String {
    let entries = amounts.iter().map(|(name, amount)| (name.to_owned(), Node::Quantity(amount)));
    let node = Node::Map {
        ty: "core.ResourceList".into(),
        entries: (!amounts.is_empty()).then(|| entries.collect()),
    };
    syntax::print(&node)
}

/// What differs between two structs of the same type, as the server reports it; empty if nothing
/// does.
pub fn diff(ty: TypeId, old: &Value, new: &Value) -> String {
    diff::report(&node::of_struct(ty, old), &node::of_struct(ty, new))
}
