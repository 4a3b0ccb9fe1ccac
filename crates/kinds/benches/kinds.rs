//! What it costs to bring a Deployment into the form in which it is stored.

#![allow(missing_docs)] // The macro of the benchmark makes a function without any.

use api::decode;
use api::field::ErrorList;
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use kinds::apps::deployment::KIND;

const DEPLOYMENT: &str = "
metadata: {name: web, namespace: default, labels: {app: web}}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: nginx:1.25.3
        ports: [{containerPort: 80}]
        resources: {requests: {cpu: 100m, memory: 64Mi}}
";

fn benches(criterion: &mut Criterion) {
    let document = api::yaml::parse(DEPLOYMENT).expect("YAML");
    criterion.bench_function("decode a Deployment", |bencher| {
        bencher.iter(|| decode(KIND.ty, &document).expect("a Deployment"));
    });
    let decoded = decode(KIND.ty, &document).expect("a Deployment").value;
    criterion.bench_function("set its defaults", |bencher| {
        let setup = || decoded.clone();
        bencher.iter_batched(
            setup,
            |mut object| {
                (KIND.set_defaults)(&mut object);
                object
            },
            BatchSize::SmallInput,
        );
    });
    let mut complete = decoded.clone();
    (KIND.set_defaults)(&mut complete);
    criterion.bench_function("validate it", |bencher| {
        bencher.iter(|| {
            let mut errors = ErrorList::new();
            (KIND.validate)(&complete, &mut errors);
            errors.is_empty()
        });
    });
}

criterion_group!(kinds, benches);
criterion_main!(kinds);
