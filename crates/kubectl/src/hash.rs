//! The hash that ends the names of generated ConfigMaps and Secrets.

use api::json::{self, Html};
use api::{Value, names, object};
use sha2::{Digest, Sha256};

/// How many characters of the hash are used.
const LENGTH: usize = 10;

/// The hash of a ConfigMap or Secret: ten letters that form no words.
pub(crate) fn of_object(object: &Value) -> String {
    let field = |name: &str| match &object[name] {
        Value::Null => Value::from(""),
        held => held.clone(),
    };
    let kind = object.get(&names::KIND);
    let mut content = object! {
        "kind": kind.clone(),
        "name": object["metadata"]["name"].clone(),
        "data": match &object["data"] {
            Value::Null => Value::EMPTY_MAP,
            data => data.clone(),
        },
    };
    if *kind == "Secret" {
        content.make_map().insert("type", field("type"));
    } else if object["binaryData"].as_map().is_some_and(|map| !map.is_empty()) {
        content.make_map().insert("binaryData", object["binaryData"].clone());
    }
    of_text(&json::to_string_with(&content, Html::Escaped))
}

/// The hash of a text.
pub(crate) fn of_text(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let letter = |c: char| match c {
        '0' => 'g',
        '1' => 'h',
        '3' => 'k',
        'a' => 'm',
        'e' => 't',
        other => other,
    };
    hex.chars().take(LENGTH).map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_the_real_kubectl() {
        let map = object! {
            "kind": "ConfigMap",
            "metadata": object! { "name": "k9" },
            "data": object! { "a": "b" },
        };
        assert_eq!(of_object(&map), "9hdhtdmdtt");
        let secret = object! {
            "kind": "Secret",
            "type": "foo",
            "metadata": object! { "name": "s2" },
            "data": object! { "f.txt": "eAp5Cg==" },
        };
        assert_eq!(of_object(&secret), "c6hf62kb55");
    }
}
