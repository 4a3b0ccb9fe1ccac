//! What it costs to start a machine, and to run a script on one.

#![allow(missing_docs)] // The macro of the benchmark makes a function without any.

use criterion::{Criterion, criterion_group, criterion_main};
use shell::{Capture, Launch, Machine, MachineConfig, Null, Userland};
use sim::{Duration, Sim, Time};
use std::rc::Rc;

const LOOP: &str =
    "i=0; while [ $i -lt 100 ]; do i=$((i + 1)); echo line $i; done | sort | tail -1";

fn run(sim: &Sim, machine: &Machine, script: &str) -> Vec<u8> {
    let output = Capture::new(1 << 20);
    let launch = Launch::new(["bash", "-c", script]);
    let launch = launch.streams(Rc::new(Null), output.clone(), output.clone());
    let child = machine.spawn(launch).expect("the shell is there");
    let end = sim.now() + Duration::from_secs(60);
    while child.status().is_none() && sim.next(end).is_some() {}
    output.take()
}

fn benches(criterion: &mut Criterion) {
    let sim = Sim::new(1, Time::from_seconds(1_000));
    let userland = Userland::gnu(&sim);
    criterion.bench_function("start a machine", |bencher| {
        bencher.iter(|| Machine::new(&sim, &userland, MachineConfig::default()));
    });
    let machine = Machine::new(&sim, &userland, MachineConfig::default());
    criterion.bench_function("run echo", |bencher| {
        bencher.iter(|| run(&sim, &machine, "echo hello"));
    });
    criterion.bench_function("run a loop of a hundred lines", |bencher| {
        bencher.iter(|| run(&sim, &machine, LOOP));
    });
}

criterion_group!(shell, benches);
criterion_main!(shell);
