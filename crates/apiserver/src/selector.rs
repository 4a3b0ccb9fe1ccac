//! Which objects a list or watch is about: label and field selectors.

use crate::registry::{BY_INVOLVED_NAME, BY_NODE};
use crate::request::{Options, ResourceTarget};
use crate::store::{FieldRequirement, Filter, Scope};
use api::core::v1::Pod;
use api::labels::Selector;
use api::{Status, Value, View};
use kinds::Kind;

/// A list's or watch's conditions, and what of them an index can answer.
pub(crate) struct Selection {
    pub(crate) filter: Filter,
    /// The name that the objects must have.
    pub(crate) name: Option<String>,
    /// An index of the kind and the value to look up.
    pub(crate) index: Option<(&'static str, String)>,
}

/// Reads the selectors of a request.
pub(crate) fn read(target: &ResourceTarget, options: &Options) -> Result<Selection, Status> {
    let labels = Selector::parse(&options.label_selector)
        .map_err(|error| Status::bad_request(error.to_string()))?;
    let mut selection = Selection {
        filter: Filter { labels, fields: Vec::new() },
        name: (!target.name.is_empty()).then(|| target.name.to_string()),
        index: None,
    };
    for term in split_terms(&options.field_selector) {
        let (path, is_equal, value) = split_term(&term).ok_or_else(|| {
            let selector = &options.field_selector;
            Status::bad_request(format!(
                "invalid selector: '{selector}'; can't understand '{term}'"
            ))
        })?;
        add_term(target.kind, &mut selection, path, is_equal, value)?;
    }
    if let Some(name) = &selection.name {
        let get: fn(&Value) -> String = |object| kinds::table::metadata(object).name().to_owned();
        let value = name.clone();
        selection.filter.fields.push(FieldRequirement { get, value, is_equal: true });
    }
    Ok(selection)
}

/// The value that a field selector asks the field `path` to have.
pub(crate) fn field_requirement(selector: &str, path: &str) -> Option<String> {
    let terms = split_terms(selector);
    let mut terms = terms.iter().filter_map(|term| split_term(term));
    terms.find(|(term, is_equal, _)| *is_equal && *term == path).map(|(_, _, value)| value)
}

fn add_term(
    kind: &'static Kind,
    selection: &mut Selection,
    path: &str,
    is_equal: bool,
    value: String,
) -> Result<(), Status> {
    let get: fn(&Value) -> String = match path {
        "metadata.name" if is_equal => {
            selection.name = Some(value);
            return Ok(());
        }
        "metadata.name" => |object| kinds::table::metadata(object).name().to_owned(),
        "metadata.namespace" if kind.is_namespaced => {
            |object| kinds::table::metadata(object).namespace().to_owned()
        }
        path => {
            let known = kind.field_selectors.iter().find(|selector| selector.path == path);
            known.ok_or_else(|| unknown_field(kind, path))?.get
        }
    };
    if is_equal && let Some(index) = [BY_NODE, BY_INVOLVED_NAME].iter().find(|i| **i == path) {
        selection.index = Some((index, value.clone()));
    }
    selection.filter.fields.push(FieldRequirement { get, value, is_equal });
    Ok(())
}

/// Kinds that have fields of their own to select by say it in other words than those that have not.
fn unknown_field(kind: &Kind, path: &str) -> Status {
    let quoted = api::go::quote(path);
    Status::bad_request(match (kind.group, kind.kind) {
        ("batch", "Job") => format!("field label {quoted} not supported for Job"),
        _ if kind.field_selectors.is_empty() => format!(
            "{quoted} is not a known field selector: only \"metadata.name\", \"metadata.namespace\""
        ),
        _ => format!("field label not supported: {path}"),
    })
}

/// The part of the resource that a watch with these conditions is offered.
pub(crate) fn scope(target: &ResourceTarget, selection: &Selection) -> Scope {
    if let Some(name) = &selection.name
        && (!target.namespace.is_empty() || !target.kind.is_namespaced)
    {
        return Scope::Name(target.namespace.clone(), name.as_str().into());
    }
    if let Some((BY_NODE, node)) = &selection.index {
        let get: fn(&Value) -> &str = |object| Pod::of(object).spec().node_name();
        return Scope::Field(get, node.as_str().into());
    }
    match &*target.namespace {
        "" => Scope::All,
        _ => Scope::Namespace(target.namespace.clone()),
    }
}

/// Splits at commas; a backslash escapes `\`, `,` and `=`.
fn split_terms(text: &str) -> Vec<String> {
    let mut terms = vec![String::new()];
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        let last = terms.last_mut().expect("never empty");
        match c {
            '\\' => {
                last.push(c);
                last.extend(chars.next());
            }
            ',' => terms.push(String::new()),
            c => last.push(c),
        }
    }
    terms.retain(|term| !term.is_empty());
    terms
}

fn split_term(term: &str) -> Option<(&str, bool, String)> {
    let operators = [("!=", false), ("==", true), ("=", true)];
    let (at, (operator, is_equal)) =
        (0..term.len()).filter(|at| term.is_char_boundary(*at)).find_map(|at| {
            let found = operators.iter().find(|(operator, _)| term[at..].starts_with(operator))?;
            Some((at, *found))
        })?;
    let value = &term[at + operator.len()..];
    let mut unescaped = String::new();
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => unescaped.extend(chars.next()),
            c => unescaped.push(c),
        }
    }
    Some((&term[..at], is_equal, unescaped))
}
