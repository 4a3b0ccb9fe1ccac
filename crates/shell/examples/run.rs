//! Runs a script on a simulated machine and prints what it printed:
//! `cargo run -p shell --example run -- bash 'echo hello'`.

use shell::{Capture, Environment, Launch, Machine, MachineConfig, Userland};
use sim::{Sim, Time};
use std::io::Write as _;
use std::rc::Rc;

fn main() -> std::io::Result<()> {
    let mut words = std::env::args().skip(1);
    let name = words.next().unwrap_or_else(|| "bash".to_owned());
    let script = words.next().unwrap_or_default();
    let start = Time::parse_rfc3339("2026-11-23T12:00:00Z").unwrap_or(Time::EPOCH);
    let sim = Sim::new(1, start);
    let (userland, program) = match name.as_str() {
        "busybox" => (Userland::busybox(&sim), "sh"),
        "dash" => (Userland::gnu(&sim), "sh"),
        _ => (Userland::gnu(&sim), "bash"),
    };
    let config = MachineConfig { first_pid: 100, ..MachineConfig::default() };
    let machine = Machine::new(&sim, &userland, config);
    machine.files().root().create_directories("/tmp/case").ok();
    let output = Capture::new(1 << 24);
    let pairs = [("PATH", "/usr/bin:/bin"), ("HOME", "/root"), ("LANG", "C.UTF-8"), ("TZ", "UTC")];
    let launch = Launch::new([program, "-c", &script])
        .environment(Environment::from_iter(pairs))
        .directory("/tmp/case")
        .streams(Rc::new(shell::Null), output.clone(), output.clone());
    let child = machine.spawn(launch).map_err(std::io::Error::other)?;
    let end = start + sim::Duration::from_secs(3600);
    while child.status().is_none() && sim.next(end).is_some() {}
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(&output.take())?;
    match child.status() {
        Some(status) if status.code() == 0 => Ok(()),
        Some(status) => writeln!(stdout, "[exit {}]", status.code()),
        None => writeln!(stdout, "[still running after an hour]"),
    }
}
