//! JSON as Go and kubectl v1.29.4 read it: each line of the data is a file and the objects or the
//! error that `kubectl label --local -f in.yaml a=b -o json` made of it.

use api::json::{self, Html, Problem};
use api::{Value, yaml};

const CASES: &str = include_str!("oracle/json-read.jsonl");

/// The objects of a file in compact JSON, with the label that the recording added, and the error.
fn read(text: &str) -> (Vec<String>, Option<String>) {
    let mut documents = Vec::new();
    for manifest in yaml::manifests(text) {
        match manifest {
            Ok(manifest) => {
                let mut value = manifest.value;
                let labels = value.entry(&"metadata".into()).entry(&"labels".into());
                labels.make_map().insert("a", "b");
                documents.push(json::to_string(&value));
            }
            Err(error) => return (documents, Some(error.message("in.yaml"))),
        }
    }
    (documents, None)
}

#[test]
fn as_kubectl_reads() {
    let mut wrong = Vec::new();
    for line in CASES.lines() {
        let case = json::parse(line.as_bytes()).expect("the case is sound");
        let input = case["input"].as_str().expect("an input");
        let documents = case["documents"].items().iter().map(json::to_string);
        let expected = (documents.collect(), case["error"].as_str().map(str::to_owned));
        let actual = read(input);
        if actual != expected {
            wrong.push(format!("{input:?}\n  {expected:?}\n  {actual:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[track_caller]
fn check_error(text: &[u8], message: &str, offset: usize) {
    let error = json::parse(text).expect_err("it is broken");
    assert_eq!((error.to_string().as_str(), error.offset), (message, offset));
}

#[test]
fn errors_are_those_of_go() {
    check_error(b"", "unexpected end of JSON input", 0);
    check_error(b"{\"a\":", "unexpected end of JSON input", 5);
    check_error(b"x", "invalid character 'x' looking for beginning of value", 1);
    check_error(b"[1,]", "invalid character ']' looking for beginning of value", 4);
    check_error(b"{\"a\" 1}", "invalid character '1' after object key", 6);
    check_error(b"{\"a\":1 2}", "invalid character '2' after object key:value pair", 8);
    check_error(b"[1 2]", "invalid character '2' after array element", 4);
    check_error(b"{} {}", "invalid character '{' after top-level value", 4);
    check_error(b"tru1", "invalid character '1' in literal true (expecting 'e')", 4);
    check_error(b"-x", "invalid character 'x' in numeric literal", 2);
    check_error(b"1.x", "invalid character 'x' after decimal point in numeric literal", 3);
    check_error(b"1ex", "invalid character 'x' in exponent of numeric literal", 3);
    check_error(b"\"\\x\"", "invalid character 'x' in string escape code", 3);
    check_error(b"\"\\u12x\"", "invalid character 'x' in \\u hexadecimal character escape", 6);
    check_error(b"\"a\nb\"", "invalid character '\\n' in string literal", 3);
    check_error(b"['a']", "invalid character '\\'' looking for beginning of value", 2);
    check_error(b"\"\xff\xff\" \xc3", "invalid character '\u{c3}' after top-level value", 6);
    check_error(
        b"[1e999, 2]",
        "json: cannot unmarshal number 1e999 into Go value of type float64",
        6,
    );
    // A text that is not well formed is not looked into.
    check_error(b"[1e999, 2", "unexpected end of JSON input", 9);
    let deep = "[".repeat(501);
    check_error(deep.as_bytes(), "invalid character '[' exceeded max depth", 501);
    let error = json::parse("[".repeat(10_000_000).as_bytes()).expect_err("it is too deep");
    assert!(matches!(error.problem, Problem::InvalidCharacter { byte: b'[', .. }));
}

#[test]
fn broken_characters_are_replaced() {
    let value = json::parse(b"\"a\xff\xe3\x81b\\ud800\\u0041\\udc00\"").expect("it is sound");
    assert_eq!(value, "a\u{fffd}\u{fffd}\u{fffd}b\u{fffd}A\u{fffd}");
}

#[test]
fn numbers() {
    let numbers = json::parse(b"[1, -0, 1.0, 1e2, 9223372036854775807, 9223372036854775808]");
    let numbers = numbers.expect("it is sound");
    assert_eq!(numbers, api::list![1, 0, 1.0, 100.0, i64::MAX, 9223372036854775808.0]);
}

#[test]
fn duplicates_are_reported_on_demand() {
    let text = br#"{"spec":{"replicas":1,"replicas":2,"containers":[{"name":"a"},
        {"env":[{"name":"x","name":"y"}],"name":"b","name":"c"}]},"kind":"A","spec":{}}"#;
    let strict = json::parse_strict(text).expect("it is sound");
    assert_eq!(
        strict.duplicates,
        ["spec.replicas", "spec.containers[1].env[0].name", "spec.containers[1].name", "spec",]
    );
    assert_eq!(strict.value, api::object! { "kind": "A", "spec": api::object! {} });
}

#[test]
fn html_is_escaped_as_asked() {
    let value = Value::from("<a href=\"x\">&\u{2028}é\u{7f}\u{1}");
    assert_eq!(
        json::to_string(&value),
        "\"\\u003ca href=\\\"x\\\"\\u003e\\u0026\\u2028é\u{7f}\\u0001\""
    );
    assert_eq!(
        json::to_string_with(&value, Html::Plain),
        "\"<a href=\\\"x\\\">&\\u2028é\u{7f}\\u0001\""
    );
}

#[test]
fn streams_are_read_value_by_value() {
    let (value, length) = json::parse_first(b" {\"a\":1} [2]");
    assert_eq!((value, length), (Ok(api::object! { "a": 1 }), 8));
}
