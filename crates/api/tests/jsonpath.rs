//! JSONPath as kubectl v1.29.4 answers it: each line of the data is one template, applied to one
//! document, and what it printed.

use api::jsonpath::{Missing, Template, relaxed};
use api::{Value, json};

const CASES: &str = include_str!("oracle/jsonpath.jsonl");
const OBJECT: &str = include_str!("oracle/jsonpath.object.json");

/// What kubectl prints, or its error without the document that it shows at the end.
fn run(template: &str, missing: Missing, object: &Value) -> Result<String, String> {
    let template = Template::parse(template).map_err(|error| error.to_string())?;
    let template = template.with_missing(missing);
    template.print(object).map_err(|error| {
        let report = template.report(&error, object);
        let (message, _) = report.split_once(". Printing more").expect("it explains itself");
        message.to_owned()
    })
}

#[test]
fn as_kubectl_answers() {
    let object = json::parse(OBJECT.as_bytes()).expect("the document is sound");
    let mut wrong = Vec::new();
    for line in CASES.lines() {
        let case = json::parse(line.as_bytes()).expect("the case is sound");
        let template = case["template"].as_str().expect("a template");
        let missing = match case["missing"].as_str() {
            Some("refused") => Missing::Refused,
            _ => Missing::Allowed,
        };
        let expected = match case["error"].as_str() {
            Some(error) => Err(error.to_owned()),
            None => Ok(case["output"].as_str().expect("an output").to_owned()),
        };
        let actual = run(template, missing, &object);
        if actual != expected {
            wrong.push(format!("{template:?} {missing:?}\n  {expected:?}\n  {actual:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_failure_is_explained() {
    let object = api::object! { "kind": "Foo", "list": api::list![1, 1.5, "a\tb\"é\u{85}😀"], "none": Value::Null };
    let template = Template::parse("{.list[9]}\n\"x\"").expect("it is sound");
    let error = template.find(&object).expect_err("the list is shorter");
    assert_eq!(
        template.report(&error, &object),
        "error executing jsonpath \"{.list[9]}\\n\\\"x\\\"\": Error executing template: \
         array index out of bounds: index 9, length 3. \
         Printing more information for debugging the template:\n\
         \ttemplate was:\n\t\t{.list[9]}\n\"x\"\n\
         \tobject given to jsonpath engine was:\n\
         \t\tmap[string]interface {}{\"kind\":\"Foo\", \
         \"list\":[]interface {}{1, 1.5, \"a\\tb\\\"é\\u0085😀\"}, \"none\":interface {}(nil)}\n\n\n"
    );
}

#[test]
fn json_is_printed_part_by_part() {
    let object = api::object! { "a": api::list![1, "x"], "b": api::object! {} };
    let template = Template::parse("{.a[*]}{.b}{.none}").expect("it is sound");
    assert_eq!(
        template.print_json(&object).expect("it is sound"),
        "[\n    1,\n    \"x\"\n]\n[\n    {}\n]\n[]\n"
    );
}

#[test]
fn paths_may_lack_their_braces() {
    let template = |path| relaxed(path).map_err(|error| error.to_string());
    for path in ["metadata.name", ".metadata.name", "{metadata.name}", "{.metadata.name}"] {
        assert_eq!(template(path), Ok("{.metadata.name}".to_owned()));
    }
    assert_eq!(template(""), Ok(String::new()));
    assert_eq!(template(".items[*].spec"), Ok("{.items[*].spec}".to_owned()));
    for path in ["{.metadata.name", "metadata.name}", "{}", "{{.a}}", "{.a}{.b}"] {
        assert_eq!(
            template(path),
            Err("unexpected path string, expected a 'name1.name2' or '.name1.name2' or \
                 '{name1.name2}' or '{.name1.name2}'"
                .to_owned()),
            "{path}"
        );
    }
}

/// What is shown when somebody ranges over ranges must stay within bounds.
#[test]
fn what_is_found_is_limited() {
    let mut value = Value::Null;
    for _ in 0..400 {
        value = api::object! { "a": value };
    }
    let template = Template::parse("{..a..a..a..a..a}").expect("it is sound");
    let error = template.find(&value).expect_err("it is too much");
    assert_eq!(error.to_string(), "more than 2000000 values found");
}
