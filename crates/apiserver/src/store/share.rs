//! Memory that objects have in common.
//!
//! A kubelet writes a whole status each time, of which little has changed; Pods that start in the
//! same second have equal conditions. What is written is compared with what it replaces and with
//! what was written before it, of whatever name; equal parts at the same place are kept once.

use api::{Value, names};

/// Lets `object` use the memory of equal parts of `previous`, which it replaces, and of `last`.
///
/// A spec is left alone: it shares its parts with the template that it was made from.
pub(super) fn share_parts(object: &mut Value, previous: &Value, last: &Value) {
    for (key, value) in object.make_map().values_mut() {
        if *key != names::SPEC {
            share(value, &Value::Null, previous.get(key));
            share(value, previous.get(key), last.get(key));
        }
    }
}

/// Whether all of `value` is now that of `known`. What is that of `kept` stays so.
fn share(value: &mut Value, kept: &Value, known: &Value) -> bool {
    if value.is_same(known) {
        return true;
    }
    if value.is_same(kept) {
        return false;
    }
    let is_equal = match value {
        Value::Str(_) => value == known,
        Value::Map(map) => {
            let mut is_equal = known.as_map().is_some_and(|known| known.len() == map.len());
            for (key, value) in map.values_mut() {
                let has_key = known.as_map().is_some_and(|known| known.get(key).is_some());
                is_equal &= share(value, kept.get(key), known.get(key)) && has_key;
            }
            is_equal
        }
        Value::List(list) => {
            let mut is_equal = known.items().len() == list.len();
            for (at, item) in list.make_mut().iter_mut().enumerate() {
                is_equal &= share(item, &kept[at], &known[at]);
            }
            is_equal
        }
        // Numbers that are equal are the same already.
        _ => false,
    };
    if is_equal {
        *value = known.clone();
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
    fn what_an_object_has_from_before_comes_first() {
        let previous = pod("a", "True");
        let mut new = pod("a", "True");
        share_parts(&mut new, &previous, &pod("b", "True"));
        assert!(new["status"].is_same(&previous["status"]));
        assert!(new["metadata"].is_same(&previous["metadata"]));
    }
}
