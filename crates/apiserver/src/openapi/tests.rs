//! What clients look for in the documents.

use super::*;
use api::Value;

fn descriptions() -> Descriptions {
    let text = "io.k8s.api.core.v1.PodSpec\t\tA description of a pod.\n\
        io.k8s.api.core.v1.PodSpec\tnodeName\tOne\\nTwo \\\\n";
    Descriptions::loaded_by(|| Some(text.into()))
}

fn body(path: &str, accept: &str) -> ResponseBody {
    let response = document(&Registry::new(), &descriptions(), path, accept);
    response.expect("the document exists").body
}

fn value(path: &str) -> Value {
    match body(path, "application/json") {
        ResponseBody::Value(value) => value,
        other => panic!("a document, not {other:?}"),
    }
}

#[test]
fn types_are_described_and_refer_to_each_other() {
    let document = value("/openapi/v3/api/v1");
    let schemas = &document["components"]["schemas"];
    let spec = &schemas["io.k8s.api.core.v1.PodSpec"];
    assert_eq!(spec["description"], "A description of a pod.");
    assert_eq!(spec["properties"]["nodeName"]["description"], "One\nTwo \\n");
    assert_eq!(spec["required"].items(), [Value::from("containers")]);
    let reference = &schemas["io.k8s.api.core.v1.Pod"]["properties"]["spec"]["allOf"];
    let expected = "#/components/schemas/io.k8s.api.core.v1.PodSpec";
    assert_eq!(reference.items()[0]["$ref"], expected);
}

#[test]
fn every_reference_has_its_schema() {
    fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        value.items().iter().for_each(|item| references(item, found));
        for (key, held) in value.as_map().into_iter().flat_map(|map| map.iter()) {
            match held.as_str() {
                Some(text) if key.as_str() == "$ref" => found.push(text),
                _ => references(held, found),
            }
        }
    }
    let document = value("/openapi/v2");
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(!found.is_empty());
    for reference in found {
        let name = reference.strip_prefix("#/definitions/").expect("it refers to a definition");
        assert!(document["definitions"].as_map().is_some_and(|all| all.get_str(name).is_some()));
    }
}

#[test]
fn patches_say_which_parameters_they_take() {
    let document = value("/openapi/v2");
    let patch = &document["paths"]["/api/v1/namespaces/{name}"]["patch"];
    let mut names = patch["parameters"].items().iter().map(|one| one["name"].clone());
    assert!(names.any(|name| name == "fieldValidation"));
    assert_eq!(patch["x-kubernetes-group-version-kind"]["kind"], "Namespace");
}

#[test]
fn the_binary_form_is_for_those_who_ask() {
    let accept = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";
    let ResponseBody::Bytes { bytes, content_type } = body("/openapi/v2", accept) else {
        panic!("bytes");
    };
    assert!(content_type.ends_with("protobuf"));
    // The first field is `swagger`, a text of three bytes.
    assert_eq!(bytes.get(..5), Some(&b"\x0a\x032.0"[..]));
}
