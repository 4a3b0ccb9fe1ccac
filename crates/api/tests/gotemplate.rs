//! Go templates as kubectl v1.29.4 executes them: each line of the data is one template, applied
//! to one document, and what it printed.

use api::gotemplate::{Missing, Template};
use api::{Value, json};

const CASES: &str = include_str!("oracle/gotemplate.jsonl");
const OBJECT: &str = include_str!("oracle/jsonpath.object.json");

/// The output in front of kubectl's explanation of a failure, and the failure.
fn run(template: &str, missing: Missing, object: &Value) -> (String, Option<String>) {
    let template = match Template::parse(template) {
        Ok(template) => template.with_missing(missing),
        Err(error) => return (String::new(), Some(error.to_string())),
    };
    let printed = template.print(object);
    let output = match (&printed.error, printed.text.split_once("Error executing template: ")) {
        (Some(_), Some((output, _))) => output.to_owned(),
        _ => printed.text,
    };
    (output, printed.error)
}

#[test]
fn as_kubectl_prints() {
    let object = json::parse(OBJECT.as_bytes()).expect("the document is sound");
    let mut wrong = Vec::new();
    for line in CASES.lines() {
        let case = json::parse(line.as_bytes()).expect("the case is sound");
        let template = case["template"].as_str().expect("a template");
        let missing = match case["missing"].as_str() {
            Some("refused") => Missing::Refused,
            _ => Missing::Allowed,
        };
        let output = case["output"].as_str().unwrap_or_default().to_owned();
        let expected = (output, case["error"].as_str().map(str::to_owned));
        let actual = run(template, missing, &object);
        if actual != expected {
            wrong.push(format!("{template:?} {missing:?}\n  {expected:?}\n  {actual:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_failure_is_explained() {
    let object =
        api::object! { "kind": "Foo", "spec": api::object! { "f": 1.0, "n": api::Value::Null } };
    let template = Template::parse("a{{.spec.f.x}}").expect("it is sound");
    let printed = template.print(&object);
    assert_eq!(
        printed.text,
        "aError executing template: template: output:1:8: executing \"output\" at <.spec.f.x>: \
         can't evaluate field x in type interface {}. \
         Printing more information for debugging the template:\n\
         \ttemplate was:\n\t\ta{{.spec.f.x}}\n\
         \traw data was:\n\t\t{\"kind\":\"Foo\",\"spec\":{\"f\":1,\"n\":null}}\n\
         \tobject given to template engine was:\n\t\tmap[kind:Foo spec:map[f:1 n:<nil>]]\n\n"
    );
}
