//! Kinds without a description of their own: every field under a title made of its name.

use super::Subject;
use super::text::{Description, line};
use crate::errors::Result;
use api::{StringMap, Value, names};
use std::rc::Rc;

/// Words that stay in capitals in titles.
const CAPITALS: [&str; 5] = ["API", "URL", "UID", "OSB", "GUID"];

pub(super) async fn describe(subject: Rc<Subject>) -> Result<Description> {
    let metadata = subject.metadata();
    let mut out = Description::default();
    line!(out, 0, "Name:\t{}", metadata.name());
    line!(out, 0, "Namespace:\t{}", metadata.namespace());
    out.labels("", "Labels", metadata.labels());
    out.annotations("Annotations", StringMap(metadata.annotations().0));
    let known = ["metadata.name", "metadata.namespace", "metadata.labels", "metadata.annotations"];
    describe_map(&mut out, 0, &shown(&subject.object), "", &known);
    subject.with_events(out).await
}

/// Who set which field is of no interest here.
fn shown(object: &Value) -> Value {
    let mut shown = object.clone();
    shown.update(&names::METADATA, |metadata| {
        if let Value::Map(map) = metadata {
            map.remove(&names::MANAGED_FIELDS);
        }
    });
    shown
}

fn describe_map(out: &mut Description, level: usize, value: &Value, at: &str, skipped: &[&str]) {
    let Some(map) = value.as_map() else { return };
    let mut fields: Vec<(&str, &Value)> = map.iter().map(|(k, v)| (k.as_str(), v)).collect();
    fields.sort_by_key(|(name, _)| *name);
    for (name, value) in fields {
        let path = if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") };
        if skipped.contains(&path.as_str()) {
            continue;
        }
        let title = title(name);
        match value {
            Value::Map(_) => {
                line!(out, level, "{title}:");
                describe_map(out, level + 1, value, &path, skipped);
            }
            Value::List(items) => {
                line!(out, level, "{title}:");
                for item in items.iter() {
                    match item {
                        Value::Map(_) => describe_map(out, level + 1, item, &path, skipped),
                        other => line!(out, level + 1, "{}", api::go::plain(other)),
                    }
                }
            }
            other => line!(out, level, "{title}:\t{}", api::go::plain(other)),
        }
    }
}

/// `apiVersion` as a title: `API Version`.
fn title(name: &str) -> String {
    if name.chars().any(|letter| !letter.is_alphabetic() && letter != '-') {
        return name.to_owned();
    }
    let mut words: Vec<String> = Vec::new();
    let mut previous = ' ';
    let letters: Vec<char> = name.chars().collect();
    for (at, &letter) in letters.iter().enumerate() {
        let next_is_lower = letters.get(at + 1).is_some_and(|next| next.is_lowercase());
        let begins = words.is_empty()
            || (letter.is_uppercase() && (previous.is_lowercase() || next_is_lower))
            || ((letter == '-') != (previous == '-'));
        match words.last_mut() {
            Some(word) if !begins => word.push(letter),
            _ => words.push(letter.to_string()),
        }
        previous = letter;
    }
    let word = |word: &String| {
        let upper = word.to_uppercase();
        if CAPITALS.contains(&upper.as_str()) {
            return upper;
        }
        let mut letters = word.chars();
        letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
    };
    words.iter().map(word).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::title;

    #[test]
    fn titles_are_made_of_the_words_of_names() {
        for (name, text) in [
            ("apiVersion", "API Version"),
            ("creationTimestamp", "Creation Timestamp"),
            ("uid", "UID"),
            ("leaseDurationSeconds", "Lease Duration Seconds"),
            ("caBundle", "Ca Bundle"),
            ("podCIDR", "Pod CIDR"),
            ("app.kubernetes.io/name", "app.kubernetes.io/name"),
        ] {
            assert_eq!(title(name), text, "{name}");
        }
    }
}
