//! What watches and pages bring.

mod support;

use api::{Value, object};
use apiserver::{Method, ResponseBody, WatchStream};
use sim::{Duration, Sim, Time};
use std::cell::RefCell;
use std::rc::Rc;
use support::{Call, TestServer};

const CONFIG_MAPS: &str = "/api/v1/namespaces/default/configmaps";

fn watch(server: &mut TestServer, query: &str) -> WatchStream {
    let path = format!("{CONFIG_MAPS}?watch=1&{query}");
    match server.send(&Call::new(Method::Get, &path)).body {
        ResponseBody::Watch(stream) => stream,
        other => panic!("{query}: {other:?}"),
    }
}

/// The events that have happened: `ADDED a`.
fn events(stream: &mut WatchStream) -> Vec<String> {
    let mut events = Vec::new();
    while let Some(event) = stream.try_next() {
        let name = event.object["metadata"]["name"].as_str().unwrap_or("-");
        events.push(format!("{} {name}", event.ty));
    }
    events
}

fn create(server: &mut TestServer, name: &'static str, app: &'static str) {
    let labels = object! { "app": app };
    let body = object! { "metadata": object! { "name": name, "labels": labels } };
    server.success(&Call::with(Method::Post, CONFIG_MAPS, &body));
}

fn label(server: &mut TestServer, name: &str, app: &'static str) {
    let path = format!("{CONFIG_MAPS}/{name}");
    let patch = object! { "metadata": object! { "labels": object! { "app": app } } };
    let content_type = "application/merge-patch+json";
    server.success(&Call { content_type, ..Call::with(Method::Patch, &path, &patch) });
}

#[test]
fn what_a_selector_no_longer_picks_is_deleted() {
    let mut server = TestServer::new();
    create(&mut server, "a", "web");
    let mut stream = watch(&mut server, "labelSelector=app=web");
    assert_eq!(events(&mut stream), ["ADDED a"]);
    create(&mut server, "b", "db");
    label(&mut server, "a", "db");
    label(&mut server, "b", "web");
    label(&mut server, "a", "cache");
    server.success(&Call::new(Method::Delete, &format!("{CONFIG_MAPS}/b")));
    assert_eq!(events(&mut stream), ["DELETED a", "ADDED b", "DELETED b"]);
}

#[test]
fn a_watch_goes_on_where_a_list_ended() {
    let mut server = TestServer::new();
    create(&mut server, "a", "web");
    let list = server.get(CONFIG_MAPS);
    let revision = list["metadata"]["resourceVersion"].as_str().unwrap_or_default().to_owned();
    create(&mut server, "b", "web");
    let mut stream = watch(&mut server, &format!("resourceVersion={revision}"));
    assert_eq!(events(&mut stream), ["ADDED b"]);
    let mut from_any = watch(&mut server, "resourceVersion=0");
    assert_eq!(events(&mut from_any), ["ADDED a", "ADDED b"]);
}

#[test]
fn bookmarks_tell_how_far_a_client_has_come() {
    let mut server = TestServer::new();
    let mut stream = watch(&mut server, "allowWatchBookmarks=true");
    let mut without = watch(&mut server, "");
    create(&mut server, "a", "web");
    server.success(&Call::with(
        Method::Post,
        "/api/v1/namespaces",
        &object! { "metadata": object! { "name": "other" } },
    ));
    let later = server.sim.now() + Duration::from_secs(61);
    server.sim.advance_to(later);
    assert_eq!(stream.try_next().map(|event| event.ty), Some("ADDED"));
    let bookmark = stream.try_next().expect("a bookmark");
    assert_eq!(bookmark.ty, "BOOKMARK");
    assert_eq!(bookmark.object["kind"], "ConfigMap");
    let list = server.get(CONFIG_MAPS);
    let revision = |value: &Value| value["metadata"]["resourceVersion"].clone();
    assert_eq!(revision(&bookmark.object), revision(&list));
    assert_eq!(events(&mut stream), Vec::<String>::new());
    assert_eq!(events(&mut without), ["ADDED a"]);
}

/// Runs tasks and lets time pass until `end`.
fn run_until(sim: &Sim, end: Time) {
    while sim.next_time().is_some_and(|next| next <= end) {
        assert!(sim.next(end).is_some());
    }
    sim.advance_to(end);
}

#[test]
fn bookmarks_come_to_those_who_wait() {
    let mut server = TestServer::new();
    let mut stream = watch(&mut server, "allowWatchBookmarks=true");
    let seen = Rc::new(RefCell::new(Vec::new()));
    let told = seen.clone();
    server.sim.spawn(async move {
        while let Some(event) = stream.next().await {
            told.borrow_mut().push(event.ty);
        }
    });
    let second = Duration::from_secs(1);
    run_until(&server.sim, server.sim.now() + second);
    create(&mut server, "a", "web");
    run_until(&server.sim, server.sim.now() + second * 58);
    assert_eq!(*seen.borrow(), ["ADDED"]);
    run_until(&server.sim, server.sim.now() + second * 62);
    create(&mut server, "b", "web");
    run_until(&server.sim, server.sim.now() + second);
    assert_eq!(*seen.borrow(), ["ADDED", "BOOKMARK", "BOOKMARK", "ADDED"]);
}

#[test]
fn pages_make_a_whole() {
    let mut server = TestServer::new();
    for name in ["a", "b", "c", "d", "e"] {
        create(&mut server, name, "web");
    }
    let mut names: Vec<String> = Vec::new();
    let mut remaining = Vec::new();
    let mut token = String::new();
    loop {
        let path = format!("{CONFIG_MAPS}?limit=2&continue={token}");
        let list = server.get(&path);
        let items = list["items"].items().iter();
        names.extend(items.map(|o| o["metadata"]["name"].as_str().unwrap_or("").to_owned()));
        remaining.push(list["metadata"]["remainingItemCount"].as_i64());
        match list["metadata"]["continue"].as_str() {
            Some(next) => token = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(names, ["a", "b", "c", "d", "e"]);
    assert_eq!(remaining, [Some(3), Some(1), None]);
}

#[test]
fn a_token_is_believed_for_as_long_as_it_is_valid() {
    let mut server = TestServer::new();
    let accounts = "/api/v1/namespaces/default/serviceaccounts/default";
    let issued =
        server.success(&Call::with(Method::Post, &format!("{accounts}/token"), &object! {}));
    let token = issued["status"]["token"].clone();
    let review = object! { "spec": object! { "token": token } };
    let ask = |server: &mut TestServer| {
        let path = "/apis/authentication.k8s.io/v1/tokenreviews";
        server.success(&Call::with(Method::Post, path, &review))["status"].clone()
    };
    let status = ask(&mut server);
    assert_eq!(status["authenticated"], Value::Bool(true), "{status:?}");
    assert_eq!(status["user"]["username"], "system:serviceaccount:default:default");
    let later = server.sim.now() + Duration::from_secs(3_601);
    server.sim.advance_to(later);
    assert_eq!(ask(&mut server)["error"], "invalid bearer token");
}
