//! Lists of an earlier state: pages that fit together, and what is forgotten.

use crate::request::{Body, HttpRequest, Method};
use crate::store::StoreLimits;
use crate::user::User;
use crate::{ApiServer, Response};
use api::{Status, Value, json};
use sim::{Cause, Sim, Time};

const PATH: &str = "/api/v1/namespaces/default/configmaps";

/// A server with the ConfigMaps `a`, `b`, `c` and `d`.
struct Desk(ApiServer);

impl Desk {
    fn new(history_bytes_max: usize) -> Desk {
        let sim = Sim::new(1, Time::default());
        let mut desk = Desk(ApiServer::new(&sim, StoreLimits { history_bytes_max }));
        desk.send(Method::Post, "/api/v1/namespaces", r#"{"metadata":{"name":"default"}}"#);
        for name in ["a", "b", "c", "d"] {
            desk.create(name);
        }
        desk
    }

    fn send(&mut self, method: Method, path: &str, body: &str) -> Response {
        self.0.handle_http(HttpRequest {
            method,
            path: path.to_owned(),
            body: if body.is_empty() { Body::None } else { Body::Bytes(body.as_bytes().into()) },
            content_type: "application/json".into(),
            accept: String::new(),
            credentials: User::new("admin", &["system:masters"]).into(),
            user_agent: "test/v1".into(),
            cause: Cause::default(),
        })
    }

    fn create(&mut self, name: &str) {
        let body = format!(r#"{{"metadata":{{"name":"{name}"}}}}"#);
        assert_eq!(self.send(Method::Post, PATH, &body).code, 201);
    }

    fn delete(&mut self, name: &str) {
        assert_eq!(self.send(Method::Delete, &format!("{PATH}/{name}"), "").code, 200);
    }

    fn list(&mut self, query: &str) -> Result<Value, Status> {
        self.send(Method::Get, &format!("{PATH}?{query}"), "").into_result()
    }
}

/// The names, and how many objects are said to come after them.
fn page(list: &Value) -> (Vec<&str>, Option<i64>) {
    let names = list["items"]
        .items()
        .iter()
        .filter_map(|object| object["metadata"]["name"].as_str())
        .collect();
    (names, list["metadata"]["remainingItemCount"].as_i64())
}

fn version(list: &Value) -> String {
    list["metadata"]["resourceVersion"].as_str().unwrap_or_default().to_owned()
}

fn token(list: &Value) -> String {
    list["metadata"]["continue"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn the_pages_of_a_list_show_one_state() {
    let mut desk = Desk::new(1 << 20);
    let first = desk.list("limit=2").expect("a list");
    assert_eq!(page(&first), (vec!["a", "b"], Some(2)));
    desk.delete("c");
    desk.create("e");
    let second = desk.list(&format!("limit=1&continue={}", token(&first))).expect("a list");
    assert_eq!(page(&second), (vec!["c"], Some(1)));
    assert_eq!(version(&second), version(&first));
    let third = desk.list(&format!("continue={}", token(&second))).expect("a list");
    assert_eq!(page(&third), (vec!["d"], None));
    assert_eq!(token(&third), "");
}

#[test]
fn a_list_of_a_revision_shows_its_state() {
    let mut desk = Desk::new(1 << 20);
    let before = version(&desk.list("").expect("a list"));
    desk.delete("a");
    desk.create("e");
    let exact = format!("resourceVersion={before}&resourceVersionMatch=Exact");
    let list = desk.list(&exact).expect("a list");
    assert_eq!(page(&list).0, ["a", "b", "c", "d"]);
    assert_eq!(version(&list), before);
    // Who asks for a page gets that very revision; who asks for no older one gets the present.
    let list = desk.list(&format!("resourceVersion={before}&limit=1")).expect("a list");
    assert_eq!(page(&list), (vec!["a"], Some(3)));
    let list = desk.list(&format!("resourceVersion={before}")).expect("a list");
    assert_eq!(page(&list).0, ["b", "c", "d", "e"]);
}

#[test]
fn what_is_forgotten_is_gone() {
    let mut desk = Desk::new(1);
    let first = desk.list("limit=2").expect("a list");
    desk.delete("c");
    desk.create("e");
    let exact = format!("resourceVersion={}&resourceVersionMatch=Exact", version(&first));
    let status = desk.list(&exact).expect_err("too old");
    let told = (status.code, status.reason.as_str(), status.message.as_str());
    let message = "The resourceVersion for the provided list is too old.";
    assert_eq!(told, (410, "Expired", message));

    let path = format!("{PATH}?continue={}", token(&first));
    let response = desk.send(Method::Get, &path, "");
    let crate::ResponseBody::Value(body) = response.body else { panic!("a document") };
    assert_eq!(response.code, 410);
    // The token that comes with the refusal goes on in the present state.
    let rest = desk.list(&format!("continue={}", token(&body))).expect("a list");
    assert_eq!(page(&rest).0, ["d", "e"]);
    assert!(json::to_string(&body).contains("inconsistent list"));
}
