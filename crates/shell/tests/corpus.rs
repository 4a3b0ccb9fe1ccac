//! Plays the scripts of `tests/cases`, whose results were recorded from real shells.
//!
//! `record.py` says how a file is written. `CASE=text cargo test -p shell --test corpus` plays
//! only the cases whose file or script contains the text.

use shell::{Capture, Environment, Launch, Machine, MachineConfig, Null, Userland};
use sim::{Duration, Sim, Time};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::rc::Rc;

#[derive(Default)]
struct Case {
    file: String,
    line: usize,
    script: String,
    /// By shell.
    expected: BTreeMap<String, String>,
    /// Shells for which the simulation knowingly differs.
    differs: Vec<String>,
}

fn read(file: &str, text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut shells: Vec<String> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        if let Some(script) = line.strip_prefix("$ ") {
            shells.clear();
            cases.push(Case {
                file: file.to_owned(),
                line: number + 1,
                script: script.to_owned(),
                ..Case::default()
            });
            continue;
        }
        let Some(case) = cases.last_mut() else {
            continue;
        };
        if let Some(more) = line.strip_prefix('>') {
            case.script.push('\n');
            case.script.push_str(more.strip_prefix(' ').unwrap_or(more));
        } else if let Some(names) = line.strip_prefix("= ") {
            shells = names.split(' ').map(str::to_owned).collect();
            for shell in &shells {
                case.expected.insert(shell.clone(), String::new());
            }
        } else if let Some(reason) = line.strip_prefix("! ") {
            let shell = reason.split(':').next().unwrap_or_default();
            case.differs.push(shell.to_owned());
        } else if !line.starts_with('#') && !line.is_empty() {
            let line = line.strip_prefix("  ").unwrap_or(line);
            for shell in &shells {
                let text = case.expected.entry(shell.clone()).or_default();
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    cases
}

struct Players {
    sim: Sim,
    gnu: Userland,
    busybox: Userland,
}

impl Players {
    fn play(&self, shell: &str, script: &str) -> String {
        let (userland, program) = match shell {
            "bash" => (&self.gnu, "bash"),
            "dash" => (&self.gnu, "sh"),
            _ => (&self.busybox, "sh"),
        };
        let config = MachineConfig { first_pid: 100, ..MachineConfig::default() };
        let machine = Machine::new(&self.sim, userland, config);
        machine.files().root().create_directories("/tmp/case").expect("a fresh directory");
        let output = Capture::new(1 << 22);
        let pairs =
            [("PATH", "/usr/bin:/bin"), ("HOME", "/root"), ("LANG", "C.UTF-8"), ("TZ", "UTC")];
        let launch = Launch::new([program, "-c", script])
            .environment(Environment::from_iter(pairs))
            .directory("/tmp/case")
            .streams(Rc::new(Null), output.clone(), output.clone());
        let child = machine.spawn(launch).expect("the shell is there");
        let end = self.sim.now() + Duration::from_secs(600);
        while child.status().is_none() && self.sim.next(end).is_some() {}
        // Whatever still holds the output may write until it ends too.
        let end = self.sim.now() + Duration::from_secs(30);
        while self.sim.next(end).is_some() {}
        let mut text = String::from_utf8_lossy(&output.take()).into_owned();
        if !text.is_empty() && !text.ends_with('\n') {
            text.push_str("\n[no newline at end]\n");
        }
        match child.status() {
            Some(status) if status.code() == 0 => {}
            Some(status) => {
                let _ = writeln!(text, "[exit {}]", status.code());
            }
            None => text.push_str("[still running]\n"),
        }
        machine.kill_all();
        text
    }
}

#[test]
fn scripts_behave_as_in_real_shells() {
    let sim = Sim::new(1, Time::parse_rfc3339("2026-11-23T12:00:00Z").expect("a date"));
    let gnu = Userland::gnu(&sim);
    let busybox = Userland::busybox(&sim);
    let players = Players { sim, gnu, busybox };
    let wanted = std::env::var("CASE").unwrap_or_default();
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases");
    let mut files: Vec<_> = std::fs::read_dir(directory)
        .expect("the cases are there")
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "console"))
        .collect();
    files.sort();
    let (mut played, mut report) = (0, String::new());
    let mut failed = 0;
    for path in files {
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).expect("a readable file");
        for case in read(&file, &text) {
            if !case.file.contains(&wanted) && !case.script.contains(&wanted) {
                continue;
            }
            for (shell, expected) in &case.expected {
                played += 1;
                let actual = players.play(shell, &case.script);
                let should_differ = case.differs.contains(shell);
                if (actual == *expected) == should_differ {
                    failed += 1;
                    let _ = writeln!(
                        report,
                        "{}:{} in {shell}:\n{}\n--- expected{}\n{expected}--- actual\n{actual}",
                        case.file,
                        case.line,
                        case.script,
                        if should_differ { " to differ from" } else { "" },
                    );
                }
            }
        }
    }
    assert!(played > 0, "no case contains {wanted:?}");
    assert!(failed == 0, "{failed} of {played} differ\n{report}");
}
