//! What a difference of Secrets may show: that values differ, not what they are.

use api::{Key, Map, Value};

const MASK: &str = "***";
const MASK_BEFORE: &str = "*** (before)";
const MASK_AFTER: &str = "*** (after)";

/// The same two versions with masks for the values of `data`.
pub(super) fn masked(from: Option<&Value>, to: Option<&Value>) -> (Option<Value>, Option<Value>) {
    let data = |object: Option<&Value>| object.and_then(|object| object["data"].as_map().cloned());
    let (old, new) = (data(from), data(to));
    let with = |object: Option<&Value>, own: &Option<Map>, other: &Option<Map>, mask| {
        object.map(|object| {
            let mut object = object.clone();
            if let Some(own) = own {
                object.make_map().insert("data", masks(own, other.as_ref(), mask));
            }
            object
        })
    };
    (with(from, &old, &new, MASK_BEFORE), with(to, &new, &old, MASK_AFTER))
}

fn masks(own: &Map, other: Option<&Map>, changed: &'static str) -> Map {
    let mask = |(key, value): (&Key, &Value)| {
        let is_changed = other.and_then(|other| other.get(key)).is_some_and(|held| held != value);
        (key.clone(), Value::from(if is_changed { changed } else { MASK }))
    };
    own.iter().map(mask).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::object;

    #[test]
    fn masks_tell_what_differs() {
        let secret = |data: Value| object! { "kind": "Secret", "data": data };
        let old = secret(object! { "a": "MQ==", "b": "Mg==" });
        let new = secret(object! { "a": "MQ==", "b": "Mw==", "c": "NA==" });
        let (old, new) = masked(Some(&old), Some(&new));
        let old = old.expect("given");
        let new = new.expect("given");
        assert_eq!(old["data"], object! { "a": "***", "b": "*** (before)" });
        assert_eq!(new["data"], object! { "a": "***", "b": "*** (after)", "c": "***" });
        assert_eq!(masked(None, Some(&new)).0, None);
    }
}
