//! How fast documents are read and written.

// The macro of the harness makes a function without documentation.
#![allow(missing_docs)]

use api::{Value, json, jsonpath, yaml};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;

/// A list of about 100 KB, as an API server sends it.
fn pod_list() -> Value {
    let pod = include_str!("pod.yaml");
    let pods = (0..28).map(|number| {
        let text = pod.replace("NUMBER", &number.to_string());
        yaml::parse(&text).expect("the example is sound")
    });
    api::object! {
        "apiVersion": "v1",
        "kind": "PodList",
        "metadata": api::object! { "resourceVersion": "3054" },
        "items": Value::from(pods.collect::<Vec<_>>()),
    }
}

fn json_text(criterion: &mut Criterion) {
    let list = pod_list();
    let text = json::to_string(&list);
    let mut group = criterion.benchmark_group("json");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("parse", |bencher| {
        bencher.iter(|| json::parse(black_box(text.as_bytes())))
    });
    group.bench_function("to_string", |bencher| bencher.iter(|| json::to_string(black_box(&list))));
    group.bench_function("to_string_pretty", |bencher| {
        bencher.iter(|| json::to_string_pretty(black_box(&list)))
    });
    group.finish();
}

fn yaml_text(criterion: &mut Criterion) {
    let list = pod_list();
    let text = yaml::to_string(&list);
    let mut group = criterion.benchmark_group("yaml");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("parse", |bencher| bencher.iter(|| yaml::parse(black_box(&text))));
    group.bench_function("to_string", |bencher| bencher.iter(|| yaml::to_string(black_box(&list))));
    group.bench_function("outline", |bencher| {
        bencher.iter(|| yaml::Outline::read(black_box(&text)))
    });
    group.finish();
}

fn paths(criterion: &mut Criterion) {
    let list = pod_list();
    let text = r#"{range .items[?(@.status.phase=="Running")]}{.metadata.name}{"\n"}{end}"#;
    let template = jsonpath::Template::parse(text).expect("the example is sound");
    criterion.bench_function("jsonpath/print", |bencher| {
        bencher.iter(|| template.print(black_box(&list)))
    });
}

criterion_group!(benches, json_text, yaml_text, paths);
criterion_main!(benches);
