//! What requests cost, from bytes to bytes: a Deployment that is created, a long list as a table, a
//! change that many watch for, and a change while many watch something else.
//!
//! The bars: 100 microseconds for a Deployment, 50 milliseconds for 10,000 Pods; and a change costs
//! no more when 1,000 watch something else than when one does.

#![allow(missing_docs)] // The macro of the benchmark makes a function without any.

use api::{Text, Value, json, list, object};
use apiserver::store::StoreLimits;
use apiserver::{
    ApiServer, Body, HttpRequest, Method, Response, ResponseBody, User, WatchStream, wire,
};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use sim::{Cause, Sim, Time};
use std::hint::black_box;

const TABLE: &str = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
const PODS: &str = "/api/v1/namespaces/default/pods";
const LISTED_PODS: u64 = 10_000;
/// Over which the listed Pods are spread.
const NAMESPACES: u64 = 10;

fn bytes(document: &Value) -> Body {
    Body::Bytes(json::to_string(document).into_bytes().into())
}

fn send(server: &mut ApiServer, method: Method, path: &str, body: &Value) -> Response {
    let body = if body.is_null() { Body::None } else { bytes(body) };
    send_body(server, method, path, body)
}

fn send_body(server: &mut ApiServer, method: Method, path: &str, body: Body) -> Response {
    let content_type = match method {
        Method::Patch => "application/merge-patch+json",
        _ => "application/json",
    };
    let groups = ["system:masters", "system:authenticated"];
    let response = server.handle_http(HttpRequest {
        method,
        path: path.into(),
        body,
        content_type: content_type.into(),
        accept: TABLE.into(),
        credentials: User::new("kubernetes-admin", &groups).into(),
        user_agent: Text::from("kubectl/v1.29.4"),
        cause: Cause::Setup,
    });
    assert!(response.code < 400, "{path}: {}", response.code);
    response
}

/// The text of an answer, as it goes to the client.
fn text(path: &str, response: Response) -> String {
    match response.body {
        ResponseBody::Value(value) => wire::document(path, &value),
        other => panic!("a document, not {other:?}"),
    }
}

/// A server with so many Pods, spread over `default` and other namespaces.
fn server(pods: u64) -> ApiServer {
    let sim = Sim::new(1, Time::from_seconds(1_795_000_000));
    let mut server = ApiServer::new(&sim, StoreLimits::default());
    let named = |name: String| object! { "metadata": object! { "name": name } };
    for number in 0..NAMESPACES {
        let namespace = namespace(number);
        let accounts = format!("/api/v1/namespaces/{namespace}/serviceaccounts");
        send(&mut server, Method::Post, "/api/v1/namespaces", &named(namespace));
        send(&mut server, Method::Post, &accounts, &named("default".to_owned()));
    }
    for number in 0..pods {
        let pod = object! {
            "metadata": object! {
                "name": format!("web-{number:05}"),
                "labels": object! { "app": "web" },
            },
            "spec": object! { "containers": list![container()] },
        };
        let path = format!("/api/v1/namespaces/{}/pods", namespace(number % NAMESPACES));
        send(&mut server, Method::Post, &path, &pod);
    }
    server
}

fn namespace(number: u64) -> String {
    if number == 0 { "default".to_owned() } else { format!("team-{number}") }
}

fn container() -> Value {
    object! {
        "name": "web",
        "image": "nginx:1.25.3",
        "resources": object! { "requests": object! { "cpu": "100m", "memory": "64Mi" } },
        "ports": list![object! { "containerPort": 80 }],
    }
}

fn deployment() -> Value {
    let labels = object! { "app": "web" };
    object! {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": object! { "name": "web", "labels": &labels },
        "spec": object! {
            "replicas": 3,
            "selector": object! { "matchLabels": &labels },
            "template": object! {
                "metadata": object! { "labels": &labels },
                "spec": object! { "containers": list![container()] },
            },
        },
    }
}

fn create(criterion: &mut Criterion) {
    let mut server = server(0);
    let body = bytes(&deployment());
    // A dry run does everything but store.
    let path = "/apis/apps/v1/namespaces/default/deployments?dryRun=All";
    criterion.bench_function("create a Deployment", |bencher| {
        bencher.iter(|| {
            let response = send_body(&mut server, Method::Post, path, black_box(body.clone()));
            text(path, response)
        });
    });
}

fn list(criterion: &mut Criterion) {
    let mut server = server(LISTED_PODS);
    let mut group = criterion.benchmark_group("list");
    group.throughput(Throughput::Elements(LISTED_PODS)).sample_size(10);
    for path in ["/api/v1/pods", PODS] {
        group.bench_function(format!("{path} as a table"), |bencher| {
            bencher.iter(|| {
                let response = send(&mut server, Method::Get, black_box(path), &Value::Null);
                text(path, response)
            });
        });
    }
    group.finish();
}

fn watches(server: &mut ApiServer, paths: impl Iterator<Item = String>) -> Vec<WatchStream> {
    let open = |path: String| match send(server, Method::Get, &path, &Value::Null).body {
        ResponseBody::Watch(stream) => stream,
        other => panic!("a watch, not {other:?}"),
    };
    paths.map(open).collect()
}

/// Changes a label of the first Pod.
fn change(server: &mut ApiServer, number: u64) {
    let labels = object! { "change": number.to_string() };
    let patch = object! { "metadata": object! { "labels": labels } };
    send(server, Method::Patch, &format!("{PODS}/web-00000"), &patch);
}

fn watch(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("watch");
    for watchers in [1, 100, 1_000] {
        let mut server = server(1);
        let paths = (0..watchers).map(|_| format!("{PODS}?watch=true"));
        let mut streams = watches(&mut server, paths);
        let mut number = 0;
        group.throughput(Throughput::Elements(watchers));
        group.bench_function(format!("{watchers} watchers"), |bencher| {
            bencher.iter(|| {
                number += 1;
                change(&mut server, number);
                for stream in &mut streams {
                    while let Some(event) = stream.try_next() {
                        black_box(event);
                    }
                }
            });
        });
    }
    group.finish();
}

fn watch_elsewhere(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("watch elsewhere");
    for watchers in [0, 1, 100, 1_000] {
        let mut server = server(LISTED_PODS);
        // Half of them other namespaces, half of them other objects.
        let paths = (0..watchers).map(|number| match number % 2 {
            0 => format!("/api/v1/namespaces/team-{}/pods?watch=true", 1 + number % 9),
            _ => format!("{PODS}?watch=true&fieldSelector=metadata.name%3Dother-{number}"),
        });
        let streams = watches(&mut server, paths);
        let mut number = 0;
        group.bench_function(format!("{watchers} watchers"), |bencher| {
            bencher.iter(|| {
                number += 1;
                change(&mut server, number);
            });
        });
        drop(streams);
    }
    group.finish();
}

criterion_group!(benches, create, list, watch, watch_elsewhere);
criterion_main!(benches);
