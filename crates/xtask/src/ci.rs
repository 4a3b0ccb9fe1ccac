//! What is checked before a change lands.

use crate::clients::{self, CHECKED_AREAS};
use crate::command::{TaskError, cargo, run as run_command};
use crate::{determinism, setup};

/// How many random sessions are played both ways on every run; `cargo xtask determinism` plays more.
const CHECKED_SESSIONS: u32 = 300;

/// Sets up and runs every test.
pub fn test() -> Result<(), TaskError> {
    setup::run()?;
    run_command(cargo(&["test", "--workspace", "--quiet"]))?;
    clients::run()?;
    clients::differential(&CHECKED_AREAS.map(str::to_owned))?;
    determinism::run(CHECKED_SESSIONS)
}

/// Everything: form, lints, documentation, tests, benchmarks that compile.
pub fn run() -> Result<(), TaskError> {
    run_command(cargo(&["fmt", "--all", "--check"]))?;
    run_command(cargo(&["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"]))?;
    let mut documentation = cargo(&["doc", "--workspace", "--no-deps", "--quiet"]);
    documentation.env("RUSTDOCFLAGS", "--deny warnings");
    run_command(documentation)?;
    test()
}
