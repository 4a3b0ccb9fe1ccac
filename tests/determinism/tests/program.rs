//! The program that is compared with WebAssembly.

use std::process::Command;

fn printed(count: &str) -> String {
    let program = env!("CARGO_BIN_EXE_determinism");
    let output = Command::new(program).arg(count).output().expect("it has just been built");
    String::from_utf8(output.stdout).expect("digests are text")
}

#[test]
fn a_session_has_a_digest_of_its_own_and_always_the_same() {
    let digests = printed("3");
    let lines: Vec<&str> = digests.lines().collect();
    assert!(lines.iter().all(|line| line.len() == 16), "{digests}");
    assert!(lines.len() == 3 && lines[0] != lines[1] && lines[1] != lines[2], "{digests}");
    assert_eq!(printed("3"), digests);
}
