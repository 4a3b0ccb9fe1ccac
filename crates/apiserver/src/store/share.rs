//! Memory that objects have in common.
//!
//! A kubelet writes a whole status each time, of which little has changed; Pods that start in the
//! same second have equal conditions. What is written is compared with what it replaces and with
//! what was written before it, of whatever name; equal parts at the same place are kept once.

use api::{Key, List, Map, Value, names};

/// Lets `object` use the memory of equal parts of `previous`, which it replaces, and of `last`.
///
/// A spec is left alone: it shares its parts with the template that it was made from.
pub(super) fn share_parts(object: &mut Value, previous: &Value, last: &Value) {
    for (at, (key, value)) in object.make_map().values_mut().enumerate() {
        if *key != names::SPEC {
            let (before, last) = (part(previous, at, key), part(last, at, key));
            share(value, &Value::Null, before);
            share(value, before, last);
        }
    }
}

/// The entry of `key`, which stands most often at the same place in maps of the same kind.
fn part<'a>(value: &'a Value, at: usize, key: &Key) -> &'a Value {
    value.as_map().and_then(|map| map.get_near(at, key)).unwrap_or(&Value::Null)
}

/// Whether all of `value` is now that of `known`. What is that of `kept` stays so.
fn share(value: &mut Value, kept: &Value, known: &Value) -> bool {
    if value.is_same(known) {
        return true;
    }
    if known.is_null() || value.is_same(kept) {
        return false;
    }
    let is_equal = match value {
        Value::Str(_) => value == known,
        Value::Map(map) => share_entries(map, kept, known),
        Value::List(list) => share_items(list, kept, known),
        // Numbers that are equal are the same already.
        _ => false,
    };
    if is_equal {
        *value = known.clone();
    }
    is_equal
}

fn share_entries(map: &mut Map, kept: &Value, known: &Value) -> bool {
    let Some(known) = known.as_map() else { return false };
    let mut is_equal = known.len() == map.len();
    for at in 0..map.len() {
        let is_ours = map.is_unshared();
        let (key, value) = &map.entries()[at];
        let Some(known) = known.get_near(at, key) else {
            is_equal = false;
            continue;
        };
        if value.is_same(known) {
            continue;
        }
        let kept = part(kept, at, key);
        if is_ours {
            is_equal &= share(map.value_mut_at(at), kept, known);
        } else {
            // What is shared with somebody else stays so, unless it can be shared better.
            let mut shared = value.clone();
            is_equal &= share(&mut shared, kept, known);
            if !shared.is_same(value) {
                *map.value_mut_at(at) = shared;
            }
        }
    }
    is_equal
}

fn share_items(list: &mut List, kept: &Value, known: &Value) -> bool {
    let mut is_equal = known.items().len() == list.len();
    for at in 0..list.len() {
        if list.is_unshared() {
            is_equal &= share(&mut list.make_mut()[at], &kept[at], &known[at]);
        } else {
            let mut shared = list[at].clone();
            is_equal &= share(&mut shared, &kept[at], &known[at]);
            if !shared.is_same(&list[at]) {
                list.make_mut()[at] = shared;
            }
        }
    }
    is_equal
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::{list, object};

    fn pod(name: &str, ready: &str) -> Value {
        let condition = |ty: &str, status: &str| {
            object! { "type": ty.to_owned(), "status": status.to_owned() }
        };
        object! {
            "metadata": object! { "name": name.to_owned(), "namespace": "default".to_owned() },
            "status": object! {
                "conditions": list![condition("Ready", ready), condition("PodScheduled", "True")],
            },
        }
    }

    #[test]
    fn equal_parts_are_kept_once_and_nothing_changes() {
        let known = pod("a", "True");
        let mut other = pod("b", "False");
        share_parts(&mut other, &Value::Null, &known);
        assert_eq!(other, pod("b", "False"));
        let (ours, theirs) = (&other["status"]["conditions"], &known["status"]["conditions"]);
        assert!(ours[1].is_same(&theirs[1]));
        assert!(ours[0]["type"].is_same(&theirs[0]["type"]));
        assert!(other["metadata"]["namespace"].is_same(&known["metadata"]["namespace"]));
        let mut equal = pod("c", "True");
        share_parts(&mut equal, &Value::Null, &known);
        assert!(equal["status"].is_same(&known["status"]));
    }

    #[test]
    fn an_entry_of_null_is_not_a_missing_one() {
        let known = object! { "data": object! { "a": 1, "b": 2 } };
        let mut other = object! { "data": object! { "a": 1, "c": Value::Null } };
        share_parts(&mut other, &Value::Null, &known);
        assert_eq!(other, object! { "data": object! { "a": 1, "c": Value::Null } });
    }

    #[test]
    fn what_is_shared_with_others_stays_so() {
        let labels = object! { "app": "a".to_owned() };
        let with_labels = |labels: &Value| object! { "metadata": object! { "labels": labels } };
        let mut object = with_labels(&labels);
        share_parts(&mut object, &Value::Null, &with_labels(&object! { "app": "b".to_owned() }));
        assert!(object["metadata"]["labels"].is_same(&labels));
    }

    #[test]
    fn what_an_object_has_from_before_comes_first() {
        let previous = pod("a", "True");
        let mut new = pod("a", "True");
        share_parts(&mut new, &previous, &pod("b", "True"));
        assert!(new["status"].is_same(&previous["status"]));
        assert!(new["metadata"].is_same(&previous["metadata"]));
    }
}
