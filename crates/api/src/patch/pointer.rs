//! Paths in a document (RFC 6901), and what stands at their ends.

use crate::{Value, go};

/// A path, cut into the way to a map or list and the entry in it.
pub(super) struct Pointer {
    way: Vec<String>,
    /// The name or index of the entry, unescaped.
    pub(super) last: String,
}

impl Pointer {
    /// `None` if there is no `/`. What stands before the first is not looked at, as upstream.
    pub(super) fn parse(text: &str) -> Option<Pointer> {
        let mut way: Vec<String> = text.split('/').skip(1).map(unescape).collect();
        let last = way.pop()?;
        Some(Pointer { way, last })
    }

    /// How many steps it has.
    pub(super) fn depth(&self) -> usize {
        self.way.len() + 1
    }

    /// The map or list that holds the entry.
    pub(super) fn container<'v>(&self, document: &'v Value) -> Option<&'v Value> {
        let mut at = document;
        for step in &self.way {
            at = entry(at, step).ok()?;
        }
        is_container(at).then_some(at)
    }

    /// The same, to be changed.
    pub(super) fn container_mut<'v>(&self, document: &'v mut Value) -> Option<&'v mut Value> {
        // Nothing is copied for a path that leads nowhere.
        self.container(document)?;
        let mut at = document;
        for step in &self.way {
            at = match at {
                Value::Map(map) => map.get_mut(&step.as_str().into())?,
                Value::List(list) => {
                    let index = existing_index(step, list.len()).ok()?;
                    list.make_mut().get_mut(index)?
                }
                _ => return None,
            };
        }
        Some(at)
    }
}

fn unescape(step: &str) -> String {
    // In one pass: `~01` is `~1`.
    let mut out = String::with_capacity(step.len());
    let mut rest = step;
    while let Some(at) = rest.find('~') {
        out.push_str(&rest[..at]);
        let (meaning, length) = match rest.as_bytes().get(at + 1) {
            Some(b'0') => ('~', 2),
            Some(b'1') => ('/', 2),
            _ => ('~', 1),
        };
        out.push(meaning);
        rest = &rest[at + length..];
    }
    out.push_str(rest);
    out
}

fn is_container(value: &Value) -> bool {
    matches!(value, Value::Map(_) | Value::List(_))
}

/// An entry of a map, `null` if it has none, or of a list.
pub(super) fn entry<'v>(container: &'v Value, name: &str) -> Result<&'v Value, String> {
    match container {
        Value::List(list) => Ok(&list[existing_index(name, list.len())?]),
        other => Ok(&other[name]),
    }
}

/// The index of an item that a list has; a negative one counts from the end.
pub(super) fn existing_index(name: &str, length: usize) -> Result<usize, String> {
    let index = number(name)?;
    resolve(index, length).filter(|&at| at < length).ok_or_else(|| no_such_index(index))
}

/// The index at which an item can be inserted.
pub(super) fn insertion_index(name: &str, length: usize) -> Result<usize, String> {
    if name == "-" {
        return Ok(length);
    }
    let not_an_index = |problem| format!("value was not a proper array index: '{name}': {problem}");
    let index = number(name).map_err(not_an_index)?;
    resolve(index, length + 1).filter(|&at| at <= length).ok_or_else(|| no_such_index(index))
}

fn resolve(index: i64, length: usize) -> Option<usize> {
    let from = if index < 0 { length } else { 0 };
    let at = i64::try_from(from).ok()?.checked_add(index)?;
    usize::try_from(at).ok()
}

fn no_such_index(index: i64) -> String {
    format!("Unable to access invalid index: {index}: invalid index referenced")
}

/// A number as Go's `strconv.Atoi` reads it.
fn number(text: &str) -> Result<i64, String> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let problem = if is_number { "value out of range" } else { "invalid syntax" };
    text.parse::<i64>()
        .ok()
        .filter(|_| is_number)
        .ok_or_else(|| format!("strconv.Atoi: parsing {}: {problem}", go::quote(text)))
}
