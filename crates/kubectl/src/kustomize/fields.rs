//! Fields by their paths.

use super::resource::Resource;
use api::{Key, Value};

/// A field of some kinds of resources.
#[derive(Clone, Copy, Debug)]
pub(super) struct FieldSpec<'a> {
    /// The group; empty for any.
    pub(super) group: &'a str,
    /// The kind; empty for any.
    pub(super) kind: &'a str,
    /// The way to the field; lists on it are entered.
    pub(super) path: &'a str,
    /// Whether the way is made where it is missing.
    pub(super) create: bool,
}

impl<'a> FieldSpec<'a> {
    /// A field that is made where it is missing.
    pub(super) const fn made(group: &'a str, kind: &'a str, path: &'a str) -> FieldSpec<'a> {
        FieldSpec { group, kind, path, create: true }
    }

    /// A field that is left out where it is missing.
    pub(super) const fn found(group: &'a str, kind: &'a str, path: &'a str) -> FieldSpec<'a> {
        FieldSpec { group, kind, path, create: false }
    }

    /// Whether the resource may have the field.
    pub(super) fn fits(&self, resource: &Resource) -> bool {
        (self.kind.is_empty() || self.kind == resource.kind())
            && (self.group.is_empty() || self.group == resource.group())
    }

    /// Changes the field of a resource.
    pub(super) fn update(&self, resource: &mut Resource, change: &mut dyn FnMut(&mut Value)) {
        if self.fits(resource) {
            let path = split(self.path);
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            visit(&mut resource.object, &path, self.create, change);
        }
    }
}

/// The names in a path; a slash within a name stands behind a backslash.
pub(super) fn split(path: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut letters = path.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' if letters.peek() == Some(&'/') => {
                letters.next();
                if let Some(part) = parts.last_mut() {
                    part.push('/');
                }
            }
            '/' => parts.push(String::new()),
            letter => {
                if let Some(part) = parts.last_mut() {
                    part.push(letter);
                }
            }
        }
    }
    parts.retain(|part| !part.is_empty());
    for part in &mut parts {
        if let Some(name) = part.strip_suffix("[]") {
            *part = name.to_owned();
        }
    }
    parts
}

/// Changes every value that a path leads to.
pub(super) fn visit(
    value: &mut Value,
    path: &[&str],
    create: bool,
    change: &mut dyn FnMut(&mut Value),
) {
    let Some((first, rest)) = path.split_first() else { return change(value) };
    match value {
        Value::List(_) => value.update_items(|item| visit(item, path, create, change)),
        Value::Map(_) | Value::Null if (create || !value[*first].is_null()) => {
            value.update(&Key::from(*first), |entry| visit(entry, rest, create, change));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::{list, object};

    #[test]
    fn paths_enter_lists_and_make_maps() {
        let mut value = object! { "a": list![object! { "b": 1 }, object! { "c": 2 }] };
        visit(&mut value, &["a", "b"], false, &mut |found| *found = 7.into());
        assert_eq!(value, object! { "a": list![object! { "b": 7 }, object! { "c": 2 }] });
        visit(&mut value, &["x", "y"], true, &mut |found| *found = 1.into());
        assert_eq!(value["x"]["y"].as_i64(), Some(1));
        assert_eq!(split("metadata/annotations/a\\/b"), ["metadata", "annotations", "a/b"]);
    }
}
