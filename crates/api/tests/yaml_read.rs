//! Manifest files as kubectl v1.29.4 reads them: each line of the data is one file and the objects
//! or the error that `kubectl label --local -f in.yaml a=b -o json` made of it.

use api::yaml::{self, Position};
use api::{Value, json};

const CASES: &str = include_str!("oracle/yaml-read.jsonl");

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
fn check_error(text: &str, message: &str, line: usize, column: usize) {
    let error = yaml::parse(text).expect_err("it is broken");
    assert_eq!(error.message(), message);
    assert_eq!(error.position, Some(Position { line, column }));
}

/// The message counts lines as go-yaml does; the position is where the editor underlines.
#[test]
fn errors_know_their_place() {
    check_error("a: b: c\n", "yaml: mapping values are not allowed in this context", 1, 5);
    check_error(
        "kind: Pod\nmetadata:\n  name: p\n labels:\n",
        "yaml: line 3: did not find expected key",
        4,
        2,
    );
    check_error("a: [1, 2\nb: 3\n", "yaml: line 1: did not find expected ',' or ']'", 2, 2);
    check_error("a: .inf", "json: unsupported value: +Inf", 1, 4);
    check_error("a: *x", "yaml: unknown anchor 'x' referenced", 1, 4);
    check_error("日本: [日, @]", "yaml: found character that cannot start any token", 1, 9);
}

#[test]
fn the_position_of_an_error_counts_in_the_file() {
    let text = "kind: A\n---\n# b\nkind: B\n x: 1\n";
    let error = yaml::manifests(text).last().expect("two documents");
    let error = error.expect_err("the second one is broken");
    assert_eq!(error.position().map(|position| position.line), Some(5));
    let error = yaml::manifests("{}\n{\n  \"a\": x}\n").last().expect("two");
    let position = error.expect_err("the second one is broken").position();
    assert_eq!(position, Some(Position { line: 3, column: 8 }));
}

#[test]
fn documents_are_separated_by_dashes() {
    let documents = |text| -> Vec<(usize, String)> {
        let documents = yaml::documents(text).map(|document| document.expect("it is sound"));
        documents.map(|document| (document.first_line, document.text.into_owned())).collect()
    };
    assert_eq!(
        documents("---\na: 1\n--- # two\nb: 2\r\n---\n---\nc: 3"),
        [(1, "---\na: 1\n".to_owned()), (4, "b: 2\n".to_owned()), (6, "---\nc: 3\n".to_owned()),]
    );
    assert_eq!(documents(""), []);
    let bad = yaml::documents("a: 1\n---x\nb: 2\n").next().expect("a document");
    let error = bad.expect_err("the dashes are wrong");
    assert_eq!((error.line, error.rest.as_str()), (2, "x"));
}

#[test]
fn duplicate_keys_are_reported_on_demand() {
    let text = "a: 1\nb:\n  c: 2\n  c: 3\na:\n  d: 4\n";
    let strict = yaml::parse_strict(text).expect("it is sound");
    assert_eq!(
        strict.value,
        api::object! { "a": api::object! { "d": 4 }, "b": api::object! { "c": 3 } }
    );
    let duplicates: Vec<String> = strict.duplicates.iter().map(ToString::to_string).collect();
    assert_eq!(
        duplicates,
        ["line 4: key \"c\" already set in map", "line 6: key \"a\" already set in map",]
    );
}

/// What nobody should write must be refused at once, and must not break anything.
#[test]
fn limits() {
    let bomb: String = (1..9)
        .map(|i| format!("a{i}: &a{i} [{}]\n", vec![format!("*a{}", i - 1); 9].join(",")))
        .collect();
    let bomb = format!("a0: &a0 [x,x,x,x,x,x,x,x,x]\n{bomb}");
    let chain: String = (1..30_000).map(|i| format!("a{i}: &a{i} [*a{}]\n", i - 1)).collect();
    let long_alias = format!("a: &a {}\nb: [{}]\n", "x".repeat(1 << 20), "*a,".repeat(50_000));
    let too_deep = "exceeded max depth of 500";
    let excessive = "yaml: document contains excessive aliasing";
    for (text, problem) in [
        ("[".repeat(20_000), too_deep),
        ("{a: ".repeat(20_000), too_deep),
        ("- ".repeat(20_000), too_deep),
        ("? ".repeat(20_000), too_deep),
        ((0..1000).map(|i| format!("{}a:\n", " ".repeat(i))).collect(), too_deep),
        (format!("a0: &a0 [x]\n{chain}"), too_deep),
        (bomb, excessive),
        (long_alias, excessive),
    ] {
        let error = yaml::parse(&text).expect_err("it is too much");
        assert!(error.message().ends_with(problem), "{error}");
    }
    assert!(yaml::parse(&format!("{}{}", "[".repeat(500), "]".repeat(500))).is_ok());
    assert_eq!(
        yaml::parse(&"[".repeat(501)).expect_err("too deep").message(),
        "yaml: line 1: exceeded max depth of 500"
    );
}

#[test]
fn equal_parts_are_shared() {
    let text = "a: &a {x: [1]}\nb: *a\n";
    let value = yaml::parse(text).expect("it is sound");
    assert!(value["a"].is_same(&value["b"]));
    assert_ne!(value["a"], Value::Null);
}
