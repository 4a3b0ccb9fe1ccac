//! What requests cost: a Deployment that is created, a long list as a table, a change that many
//! watch for.

#![allow(missing_docs)] // The macro of the benchmark makes a function without any.

use api::{Text, Value, json, list, object};
use apiserver::store::StoreLimits;
use apiserver::{ApiServer, Body, HttpRequest, Method, Response, ResponseBody, User, WatchStream};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use sim::{Cause, Sim, Time};
use std::hint::black_box;

const TABLE: &str = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
const PODS: &str = "/api/v1/namespaces/default/pods";
const LISTED_PODS: u64 = 10_000;

fn send(server: &mut ApiServer, method: Method, path: &str, body: &Value) -> Response {
    let content_type = match method {
        Method::Patch => "application/merge-patch+json",
        _ => "application/json",
    };
    let body = match body {
        Value::Null => Body::None,
        document => Body::Bytes(json::to_string(document).into_bytes().into()),
    };
    let response = server.handle_http(HttpRequest {
        method,
        path: path.into(),
        body,
        content_type: content_type.into(),
        accept: TABLE.into(),
        credentials: User::new("kubernetes-admin", &["system:masters", "system:authenticated"])
            .into(),
        user_agent: Text::from("kubectl/v1.29.4"),
        cause: Cause::Setup,
    });
    assert!(response.code < 400, "{path}: {}", response.code);
    response
}

/// A server with a namespace and so many Pods in it.
fn server(pods: u64) -> ApiServer {
    let sim = Sim::new(1, Time::from_seconds(1_795_000_000));
    let mut server = ApiServer::new(&sim, StoreLimits::default());
    let named = |name: &'static str| object! { "metadata": object! { "name": name } };
    send(&mut server, Method::Post, "/api/v1/namespaces", &named("default"));
    let accounts = "/api/v1/namespaces/default/serviceaccounts";
    send(&mut server, Method::Post, accounts, &named("default"));
    for number in 0..pods {
        let pod = object! {
            "metadata": object! {
                "name": format!("web-{number:05}"),
                "labels": object! { "app": "web" },
            },
            "spec": object! { "containers": list![container()] },
        };
        send(&mut server, Method::Post, PODS, &pod);
    }
    server
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
    let body = deployment();
    // A dry run does everything but store.
    let path = "/apis/apps/v1/namespaces/default/deployments?dryRun=All";
    criterion.bench_function("create a Deployment", |bencher| {
        bencher.iter(|| send(&mut server, Method::Post, path, black_box(&body)));
    });
}

fn list(criterion: &mut Criterion) {
    let mut server = server(LISTED_PODS);
    let mut group = criterion.benchmark_group("list");
    group.throughput(Throughput::Elements(LISTED_PODS)).sample_size(10);
    group.bench_function("10,000 Pods as a table", |bencher| {
        bencher.iter(|| send(&mut server, Method::Get, black_box(PODS), &Value::Null));
    });
    group.finish();
}

fn watch(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("watch");
    for watchers in [1, 100, 1_000] {
        let mut server = server(1);
        let mut streams: Vec<WatchStream> = (0..watchers)
            .map(|_| {
                let path = format!("{PODS}?watch=true");
                match send(&mut server, Method::Get, &path, &Value::Null).body {
                    ResponseBody::Watch(stream) => stream,
                    other => panic!("a watch, not {other:?}"),
                }
            })
            .collect();
        let path = format!("{PODS}/web-00000");
        let mut change = 0;
        group.throughput(Throughput::Elements(watchers));
        group.bench_function(format!("{watchers} watchers"), |bencher| {
            bencher.iter(|| {
                change += 1;
                let labels = object! { "change": change.to_string() };
                let patch = object! { "metadata": object! { "labels": labels } };
                send(&mut server, Method::Patch, &path, &patch);
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

criterion_group!(benches, create, list, watch);
criterion_main!(benches);
