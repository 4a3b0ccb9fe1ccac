//! Applying a document again and again, and what becomes of the fields' owners.

use crate::request::{Body, HttpRequest, Method};
use crate::store::StoreLimits;
use crate::user::User;
use crate::{ApiServer, PatchType};
use api::{Value, json};
use sim::{Cause, Sim, Time};

/// A server, and a ConfigMap `c` in the namespace `default`.
struct Desk(ApiServer);

impl Desk {
    fn new() -> Desk {
        let mut desk = Desk(ApiServer::new(&Sim::new(1, Time::default()), StoreLimits::default()));
        let namespace = r#"{"metadata":{"name":"default"}}"#;
        desk.send(Method::Post, "/api/v1/namespaces", "application/json", namespace);
        desk
    }

    fn send(&mut self, method: Method, path: &str, content_type: &str, body: &str) -> Value {
        let response = self.0.handle_http(HttpRequest {
            method,
            path: path.to_owned(),
            body: Body::Bytes(body.as_bytes().into()),
            content_type: content_type.to_owned(),
            accept: String::new(),
            credentials: User::new("admin", &["system:masters"]).into(),
            user_agent: "test/v1".into(),
            cause: Cause::default(),
        });
        match response.into_result() {
            Ok(value) => value,
            Err(status) => status.message.into(),
        }
    }

    fn apply(&mut self, manager: &str, query: &str, body: &str) -> Value {
        let path = format!("/api/v1/namespaces/default/configmaps/c?fieldManager={manager}{query}");
        let body =
            format!(r#"{{"apiVersion":"v1","kind":"ConfigMap","metadata":{{"name":"c"}},{body}}}"#);
        self.send(Method::Patch, &path, PatchType::Apply.content_type(), &body)
    }

    fn merge(&mut self, manager: &str, body: &str) -> Value {
        let path = format!("/api/v1/namespaces/default/configmaps/c?fieldManager={manager}");
        self.send(Method::Patch, &path, PatchType::Merge.content_type(), body)
    }
}

/// `manager/operation fields`, entry by entry.
fn owners(object: &Value) -> Vec<String> {
    let entry = |entry: &Value| {
        let text = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
        let fields = json::to_string(&entry["fieldsV1"]);
        format!("{}/{} {fields}", text("manager"), text("operation"))
    };
    object["metadata"]["managedFields"].items().iter().map(entry).collect()
}

#[test]
fn an_applier_owns_what_it_applies_and_loses_what_it_leaves_out() {
    let mut desk = Desk::new();
    let object = desk.apply("one", "", r#""data":{"a":"1","b":"2"}"#);
    assert_eq!(owners(&object), [r#"one/Apply {"f:data":{"f:a":{},"f:b":{}}}"#]);
    let again = desk.apply("one", "", r#""data":{"a":"1","b":"2"}"#);
    assert_eq!(again, object);
    let object = desk.apply("one", "", r#""data":{"a":"1"}"#);
    assert_eq!(json::to_string(&object["data"]), r#"{"a":"1"}"#);
    assert_eq!(owners(&object), [r#"one/Apply {"f:data":{"f:a":{}}}"#]);
}

#[test]
fn fields_of_others_are_in_conflict_unless_they_are_equal_or_taken_by_force() {
    let mut desk = Desk::new();
    desk.apply("one", "", r#""data":{"a":"1","b":"2"}"#);
    let refusal = desk.apply("two", "", r#""data":{"a":"9"}"#);
    assert_eq!(refusal, r#"Apply failed with 1 conflict: conflict with "one": .data.a"#);
    let refusal = desk.apply("two", "", r#""data":{"a":"9","b":"9"}"#);
    let expected = "Apply failed with 2 conflicts: conflicts with \"one\":\n- .data.a\n- .data.b";
    assert_eq!(refusal, expected);
    let object = desk.apply("two", "", r#""data":{"a":"1"}"#);
    assert_eq!(owners(&object).len(), 2);
    // What somebody else owns too stays.
    let object = desk.apply("one", "", r#""data":{"b":"2"}"#);
    assert_eq!(json::to_string(&object["data"]), r#"{"a":"1","b":"2"}"#);
    let object = desk.apply("two", "&force=true", r#""data":{"b":"3"}"#);
    assert_eq!(json::to_string(&object["data"]), r#"{"b":"3"}"#);
    assert_eq!(owners(&object), [r#"two/Apply {"f:data":{"f:b":{}}}"#]);
}

#[test]
fn an_update_takes_what_it_changes() {
    let mut desk = Desk::new();
    desk.apply("one", "", r#""data":{"a":"1","b":"2"}"#);
    let object = desk.merge("two", r#"{"data":{"a":"5","c":"3"}}"#);
    let expected =
        [r#"one/Apply {"f:data":{"f:b":{}}}"#, r#"two/Update {"f:data":{"f:a":{},"f:c":{}}}"#];
    assert_eq!(owners(&object), expected);
    let refusal = desk.apply("one", "", r#""data":{"a":"1"}"#);
    let expected = r#"Apply failed with 1 conflict: conflict with "two" using v1: .data.a"#;
    assert_eq!(refusal, expected);
    let object = desk.merge("two", r#"{"metadata":{"managedFields":[{}]}}"#);
    assert!(owners(&object).is_empty());
    let object = desk.apply("one", "", r#""data":{"c":"3"}"#);
    let before = r#"before-first-apply/Update {"f:data":{".":{},"f:a":{},"f:b":{},"f:c":{}}}"#;
    assert_eq!(owners(&object)[0], r#"one/Apply {"f:data":{"f:c":{}}}"#);
    assert_eq!(owners(&object)[1], before);
}

#[test]
fn a_document_that_does_not_fit_is_refused() {
    let mut desk = Desk::new();
    let refusal = desk.apply("one", "", r#""data":{"a":1},"foo":2"#);
    let expected = "failed to create typed patch object (default/c; /v1, Kind=ConfigMap): \
                    errors:\n  .data.a: expected string, got &value.valueUnstructured{Value:1}\n  \
                    .foo: field not declared in schema";
    assert_eq!(refusal, expected);
    let refusal = desk.apply("", "", r#""data":{}"#);
    let expected = "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is \
                    required for apply patch";
    assert_eq!(refusal, expected);
}
