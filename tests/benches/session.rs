//! How long it takes to compute whole sessions again: recordings of a learner's first steps.

#![allow(missing_docs)] // The macro of the benchmark makes a function without any.

use criterion::{Criterion, criterion_group, criterion_main};
use session::Session;
use std::hint::black_box;
use std::path::Path;

const CASES: [&str; 3] = ["deployment", "rolling-10-steps", "service-clusterip"];
const SEED: u64 = 1;

fn replay(criterion: &mut Criterion) {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/seed");
    let mut group = criterion.benchmark_group("replay");
    group.sample_size(10);
    for case in CASES {
        let played = server::play::play_session(&directory.join(case), SEED);
        let log = played.expect("the recording can be played").log();
        group.bench_function(case, |bencher| {
            bencher.iter(|| Session::replay(black_box(&log)).expect("a log that was just made"));
        });
    }
    group.finish();
}

criterion_group!(benches, replay);
criterion_main!(benches);
