//! What a patch costs on objects of the usual sizes.

// Criterion's macro makes a function that nobody documents.
#![allow(missing_docs)]

use api::patch;
use api::schema::types;
use api::{Value, json};
use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;

fn parse(text: &str) -> Value {
    json::parse(text.as_bytes()).expect("the benchmark's document is JSON")
}

/// A running Pod as the kubelet leaves it.
fn pod() -> Value {
    parse(include_str!("patch/pod.json"))
}

/// The kubelet's report that a container is not ready.
fn pod_status() -> Value {
    parse(include_str!("patch/pod-status.json"))
}

fn deployment() -> Value {
    parse(include_str!("patch/deployment.json"))
}

fn strategic(criterion: &mut Criterion) {
    let (pod, status) = (pod(), pod_status());
    criterion.bench_function("strategic: status of a Pod", |bencher| {
        bencher.iter(|| patch::strategic_merge(black_box(&pod), &status, types::CORE_V1_POD));
    });
    let image = parse(
        r#"{"spec":{"template":{"spec":{"$setElementOrder/containers":[{"name":"nginx"}],
            "containers":[{"name":"nginx","image":"nginx:1.27"}]}}}}"#,
    );
    let (deployment, ty) = (deployment(), types::APPS_V1_DEPLOYMENT);
    criterion.bench_function("strategic: image of a Deployment", |bencher| {
        bencher.iter(|| patch::strategic_merge(black_box(&deployment), &image, ty));
    });
}

fn others(criterion: &mut Criterion) {
    let (pod, status) = (pod(), pod_status());
    criterion.bench_function("merge: status of a Pod", |bencher| {
        bencher.iter(|| patch::merge_patch(black_box(&pod), &status));
    });
    let operations = parse(
        r#"[{"op":"test","path":"/status/phase","value":"Running"},
            {"op":"replace","path":"/status/phase","value":"Failed"}]"#,
    );
    criterion.bench_function("json: phase of a Pod", |bencher| {
        bencher.iter(|| patch::json_patch(black_box(&pod), &operations));
    });
}

fn differences(criterion: &mut Criterion) {
    let (live, ty) = (deployment(), types::APPS_V1_DEPLOYMENT);
    let mut new = live.clone();
    let scale = parse(r#"{"spec":{"replicas":7},"metadata":{"labels":{"tier":"front"}}}"#);
    new = patch::merge_patch(&new, &scale).expect("a map is a merge patch");
    criterion.bench_function("two-way: scale of a Deployment", |bencher| {
        bencher.iter(|| patch::create_two_way_strategic(black_box(&live), &new, ty));
    });
    criterion.bench_function("three-way: apply of a Deployment", |bencher| {
        bencher.iter(|| patch::create_three_way_strategic(black_box(&live), &new, &live, ty, true));
    });
}

criterion_group!(benches, strategic, others, differences);
criterion_main!(benches);
