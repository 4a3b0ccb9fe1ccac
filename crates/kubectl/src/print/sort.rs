//! `--sort-by`: objects in the order of one of their fields.

use super::table::is_table;
use crate::errors::{Error, Result, bail, error, quote};
use crate::invocation::Invocation;
use api::jsonpath::{Template, relaxed};
use api::{List, Quantity, Value, names};
use sim::Time;
use std::cmp::Ordering;

/// Sorts the rows of tables, and the objects, by the field at `path`.
///
/// # Errors
/// There is no such field, or it holds lists or maps, which have no order; of those kubectl dies.
pub fn sort(invocation: &Invocation, objects: &mut Vec<Value>, path: &str) -> Result {
    let is_one_object = |object: &Value| !is_table(object) || object["rows"].items().len() <= 1;
    let is_sorted = matches!(objects.as_slice(), [] | [_]) && objects.iter().all(is_one_object);
    if path.is_empty() || is_sorted {
        return Ok(());
    }
    let field = relaxed(path).map_err(|why| error!("{why}"))?;
    let template =
        Template::parse(&field).map_err(|why| error!("sorting error: {}", why.problem))?;
    // kubectl sorts the rows of a table only if it is the only one; several are sorted among
    // themselves, and have none of the fields that one would name.
    if let [table] = objects.as_mut_slice()
        && is_table(table)
    {
        let rows = sorted(table["rows"].items().to_vec(), &template, &field, |row| {
            row.get(&names::OBJECT)
        })?;
        let rows = rows.or_die(invocation, &field, ("sorter.go:378", "[][][]reflect.Value"))?;
        table.make_map().insert("rows", List::from(rows));
        return Ok(());
    }
    let items = sorted(std::mem::take(objects), &template, &field, |object| object)?;
    *objects = items.or_die(invocation, &field, ("sorter.go:332", "*unstructured.Unstructured"))?;
    Ok(())
}

/// What came of sorting.
enum Outcome {
    Sorted(Vec<Value>),
    /// The field holds values of this type of Go.
    Unsortable(&'static str),
}

impl Outcome {
    /// The items, or the death of kubectl, told by that line of its code about items of that type.
    fn or_die(
        self,
        invocation: &Invocation,
        field: &str,
        (place, items): (&str, &str),
    ) -> Result<Vec<Value>> {
        match self {
            Outcome::Sorted(items) => Ok(items),
            Outcome::Unsortable(ty) => {
                let message = format!(
                    "Field {field} in {items} is an unsortable type: interface, err: unsortable \
                     type: {ty}"
                );
                invocation.log('F', place, &message);
                Err(Error::Exit(1))
            }
        }
    }
}

fn sorted(
    items: Vec<Value>,
    template: &Template,
    field: &str,
    object_of: impl Fn(&Value) -> &Value,
) -> Result<Outcome> {
    let mut keyed = Vec::new();
    for item in items {
        let found = template.find(object_of(&item)).map_err(|why| error!("{why}"))?;
        let key = found.into_iter().flatten().next().cloned().unwrap_or_default();
        keyed.push((key, item));
    }
    if !keyed.is_empty() && keyed.iter().all(|(key, _)| key.is_null()) {
        bail!("couldn't find any field with path {} in the list of objects", quote(field));
    }
    let unsortable = |(key, _): &(Value, Value)| match key {
        Value::Map(_) => Some("map[string]interface {}"),
        Value::List(_) => Some("[]interface {}"),
        _ => None,
    };
    if let Some(ty) = keyed.iter().find_map(unsortable).filter(|_| keyed.len() > 1) {
        return Ok(Outcome::Unsortable(ty));
    }
    keyed.sort_by(|(a, _), (b, _)| compare(a, b));
    Ok(Outcome::Sorted(keyed.into_iter().map(|(_, item)| item).collect()))
}

/// Missing values come first; texts that are quantities or times compare as such.
fn compare(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Null, Value::Null) => Ordering::Equal,
        (Value::Null, _) => Ordering::Less,
        (_, Value::Null) => Ordering::Greater,
        (Value::Str(a), Value::Str(b)) => compare_texts(a, b),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Int(a), Value::Int(b)) => a.cmp(b),
        _ => {
            let (a, b) = (a.as_f64().unwrap_or(0.0), b.as_f64().unwrap_or(0.0));
            a.partial_cmp(&b).unwrap_or(Ordering::Equal)
        }
    }
}

fn compare_texts(a: &str, b: &str) -> Ordering {
    if let (Some(a), Some(b)) = (Time::parse_rfc3339(a), Time::parse_rfc3339(b)) {
        return a.cmp(&b);
    }
    match (a.parse::<Quantity>(), b.parse::<Quantity>()) {
        (Ok(a), Ok(b)) => a.nanos().cmp(&b.nanos()),
        _ => natural(a, b),
    }
}

/// Numbers within texts compare as numbers: `pod2` before `pod10`.
fn natural(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a, b);
    loop {
        let (x, y) = (chunk(left), chunk(right));
        if x.is_empty() || y.is_empty() {
            return x.len().cmp(&y.len());
        }
        let order = match (number(x), number(y)) {
            (Some(p), Some(q)) if p != q => p.cmp(&q),
            (Some(_), Some(_)) => x.len().cmp(&y.len()),
            _ => x.cmp(y),
        };
        if order != Ordering::Equal {
            return order;
        }
        left = left.get(x.len()..).unwrap_or_default();
        right = right.get(y.len()..).unwrap_or_default();
    }
}

/// The digits, or the other characters, that a text begins with.
fn chunk(text: &str) -> &str {
    let is_digit = text.starts_with(|c: char| c.is_ascii_digit());
    let end = text.find(|c: char| c.is_ascii_digit() != is_digit).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

fn number(text: &str) -> Option<u128> {
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_times_within_texts_count() {
        let check = |a: &str, b: &str| assert_eq!(compare_texts(a, b), Ordering::Less, "{a} {b}");
        check("pod2", "pod10");
        check("500m", "1");
        check("2026-11-23T12:00:00Z", "2026-11-23T12:00:01Z");
        check("a", "b");
    }
}
