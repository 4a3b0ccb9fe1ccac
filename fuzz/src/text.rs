//! Targets that read one text.

use crate::outcome;
use api::schema::types;
use api::{Quantity, StringMap, Value, gotemplate, json, jsonpath, labels, patch, yaml};

/// What templates and paths are evaluated on.
const DOCUMENT: &str = r#"{"kind":"List","items":[
  {"metadata":{"name":"a","labels":{"app":"web","tier.x/y":"1"}},"spec":{"n":1,"f":1.5,"on":true},
   "status":{"list":[1,2,3],"nested":[[{"a":"b"}],[]],"nothing":null}},
  {"metadata":{"name":"b"},"spec":{"n":-2,"s":"text"}}]}"#;

fn document() -> Value {
    json::parse(DOCUMENT.as_bytes()).expect("the document is valid")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// YAML is read in every way there is, and what is written can be read again.
pub fn yaml(bytes: &[u8]) -> u64 {
    let text = text(bytes);
    let parsed = yaml::parse(&text);
    let _ = yaml::parse_strict(&text);
    let documents = yaml::documents(&text).count();
    let manifests = yaml::manifests(&text).count();
    let _ = yaml::Outline::read(&text).locate("spec.containers[0].image");
    match parsed {
        Ok(value) => {
            if let Ok(written) = yaml::try_to_string(&value) {
                let again = yaml::parse(&written).map_err(|why| why.to_string());
                assert_eq!(again.as_ref(), Ok(&value), "written as {written:?}");
            }
            outcome(&format!("{documents} {manifests} {}", shape(&value, 3)))
        }
        Err(why) => outcome(&why.to_string()),
    }
}

/// JSON is read, written and read again.
pub fn json(bytes: &[u8]) -> u64 {
    let _ = json::parse_strict(bytes);
    let _ = json::parse_first(bytes);
    match json::parse(bytes) {
        Ok(value) => {
            let written = json::to_string(&value);
            // `2.5e3` and `-0.0` are floats and are written as `2500` and `-0`, which are none.
            let plain = |text: &str| text.replace("-0", "0");
            let again =
                json::parse(written.as_bytes()).map(|value| plain(&json::to_string(&value)));
            assert_eq!(again.map_err(|why| why.to_string()), Ok(plain(&written)));
            outcome(&shape(&value, 3))
        }
        Err(why) => outcome(&why.to_string()),
    }
}

/// The kinds of a value's parts.
fn shape(value: &Value, depth: usize) -> String {
    let inner = |value: &Value| if depth == 0 { String::new() } else { shape(value, depth - 1) };
    match value {
        Value::Map(map) => {
            let parts: String = map.iter().take(4).map(|(_, value)| inner(value)).collect();
            format!("{{{parts}}}")
        }
        Value::List(list) => {
            let parts: String = list.iter().take(4).map(inner).collect();
            format!("[{parts}]")
        }
        Value::Str(_) => "s".to_owned(),
        Value::Int(_) => "i".to_owned(),
        Value::Float(_) => "f".to_owned(),
        Value::Bool(_) => "b".to_owned(),
        Value::Null => "n".to_owned(),
    }
}

/// Two or three documents, one a line: the last one patches the first.
pub fn patch(bytes: &[u8]) -> u64 {
    let text = text(bytes);
    let parsed: Vec<Value> =
        text.lines().take(3).filter_map(|line| json::parse(line.as_bytes()).ok()).collect();
    let [object, .., by] = parsed.as_slice() else {
        return 0;
    };
    let ty = types::CORE_V1_POD;
    let outcomes = [
        patch::json_patch(object, by),
        patch::merge_patch(object, by),
        patch::strategic_merge(object, by, ty),
        patch::create_two_way_strategic(object, by, ty),
        patch::create_merge_patch(object, by),
    ];
    let current = &parsed[parsed.len() / 2];
    let three_way = patch::create_three_way_strategic(object, by, current, ty, true);
    let _ = patch::create_three_way_json_merge(object, by, current);
    let mut words = String::new();
    for one in outcomes.into_iter().chain([three_way]) {
        words.push_str(&one.map_or_else(|why| why.to_string(), |value| shape(&value, 1)));
    }
    let _ = api::decode(ty, object).map(|decoded| api::canonical(ty, &decoded.value));
    outcome(&words)
}

/// Label selectors; what is printed selects the same.
pub fn selector(bytes: &[u8]) -> u64 {
    let text = text(bytes);
    let document = document();
    let labels = document["items"].items()[0]["metadata"]["labels"].as_map();
    let labels = StringMap(labels.expect("the first item has labels"));
    match labels::Selector::parse(&text) {
        Ok(selector) => {
            let printed = selector.to_string();
            let again = labels::Selector::parse(&printed).expect("what is printed can be read");
            assert_eq!(again.matches(labels), selector.matches(labels), "{printed:?}");
            outcome(&format!(
                "{:?}",
                selector.requirements().iter().map(|r| r.operator).collect::<Vec<_>>()
            ))
        }
        Err(why) => outcome(&why.to_string()),
    }
}

/// Quantities; what is printed is worth the same.
pub fn quantity(bytes: &[u8]) -> u64 {
    let text = text(bytes);
    match text.parse::<Quantity>() {
        Ok(quantity) => {
            let printed = quantity.to_string();
            let again: Quantity = printed.parse().expect("what is printed can be read");
            assert_eq!(again.to_string(), printed, "{text:?}");
            let _ = (quantity.value(), quantity.milli_value(), quantity.nanos(), quantity.as_f64());
            let _ = (quantity.go_amount(), quantity.is_fractional(), quantity.sign());
            outcome(printed.trim_start_matches(|c: char| c.is_ascii_digit() || c == '-'))
        }
        Err(why) => outcome(&why.to_string()),
    }
}

/// Paths to fields, within a text of which the first line is the path.
pub fn field_path(bytes: &[u8]) -> u64 {
    let text = text(bytes);
    let (path, rest) = text.split_once('\n').unwrap_or((&text, "a: {b: [c, d]}\n"));
    let outline = yaml::Outline::read(rest);
    let found = outline.locate(path).is_some();
    let relaxed = jsonpath::relaxed(path);
    outcome(&format!("{found} {:?}", relaxed.map_err(|why| why.to_string())))
}

/// JSONPath templates.
pub fn jsonpath(bytes: &[u8]) -> u64 {
    let document = document();
    match jsonpath::Template::parse(&text(bytes)) {
        Ok(template) => {
            let _ = template.find(&document);
            let _ = template.print_json(&document);
            match template.print(&document) {
                Ok(printed) => outcome(&printed),
                Err(why) => outcome(&template.report(&why, &document)),
            }
        }
        Err(why) => outcome(&why.to_string()),
    }
}

/// Templates of Go.
pub fn go_template(bytes: &[u8]) -> u64 {
    let document = document();
    match gotemplate::Template::parse(&text(bytes)) {
        Ok(template) => outcome(&format!("{:?}", template.print(&document))),
        Err(why) => outcome(&why.to_string()),
    }
}
