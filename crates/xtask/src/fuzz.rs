//! `cargo xtask fuzz`: tries what reads a user's texts with random inputs.

use crate::command::{TaskError, cargo, run};

/// How long a target is tried when nobody says.
pub const SECONDS: u64 = 60;

/// Tries one target for so many seconds.
pub fn fuzz(target: &str, seconds: u64) -> Result<(), TaskError> {
    let seconds = seconds.to_string();
    run(cargo(&[
        "run",
        "--release",
        "--quiet",
        "--manifest-path",
        "fuzz/Cargo.toml",
        "--",
        target,
        "--seconds",
        &seconds,
    ]))
}
