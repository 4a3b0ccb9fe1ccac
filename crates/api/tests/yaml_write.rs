//! `-o yaml` and `-o json` of kubectl v1.29.4: each line of the data is the `spec` of an object and
//! what was printed.

use api::{Value, json, yaml};

const CASES: &str = include_str!("oracle/yaml-write.jsonl");

/// The object that was printed.
fn object(spec: &Value) -> Value {
    api::object! {
        "apiVersion": "v1",
        "kind": "Foo",
        "metadata": api::object! { "labels": api::object! { "a": "b" }, "name": "x" },
        "spec": spec,
    }
}

fn check(wrong: &mut Vec<String>, expected: &str, actual: &str) {
    if expected == actual {
        return;
    }
    let lines = expected.lines().zip(actual.lines());
    let first = lines.into_iter().find(|(expected, actual)| expected != actual);
    wrong.push(format!("{first:?}"));
}

#[test]
fn as_kubectl_prints() {
    let mut wrong = Vec::new();
    for line in CASES.lines() {
        let case = json::parse(line.as_bytes()).expect("the case is sound");
        let object = object(&case["spec"]);
        if let Some(expected) = case["json"].as_str() {
            let actual = json::to_string_pretty(&object) + "\n";
            check(&mut wrong, expected, &actual);
        }
        match (yaml::try_to_string(&object), case["error"].as_str()) {
            (Ok(actual), None) => {
                check(&mut wrong, case["yaml"].as_str().expect("an output"), &actual);
            }
            (Err(actual), Some(expected)) => check(&mut wrong, expected, &actual.to_string()),
            (actual, expected) => wrong.push(format!("{expected:?}\n  {actual:?}")),
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// What kubectl refuses to print is printed with escapes where it need not be refused.
#[test]
fn forbidden_characters_are_escaped() {
    let value = Value::from("a\u{7f}b\u{85}c".to_owned());
    assert_eq!(yaml::to_string(&value), "\"a\\x7Fb\\Nc\"\n");
    assert!(yaml::try_to_string(&value).is_err());
}

#[test]
fn anything_can_be_a_document() {
    assert_eq!(yaml::to_string(&Value::Null), "null\n");
    assert_eq!(yaml::to_string(&api::list![]), "[]\n");
    assert_eq!(yaml::to_string(&api::object! {}), "{}\n");
    assert_eq!(yaml::to_string(&Value::from("a\nb\n")), "|\n  a\n  b\n");
    assert_eq!(yaml::to_string(&api::list![1, "two"]), "- 1\n- two\n");
}
