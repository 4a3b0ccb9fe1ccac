//! What is checked before a change lands.

use crate::command::{TaskError, cargo, run as run_command};
use crate::{determinism, setup};

/// Sets up and runs every test.
pub fn test() -> Result<(), TaskError> {
    setup::run()?;
    run_command(cargo(&["test", "--workspace", "--quiet"]))?;
    determinism::run(crate::SESSIONS)
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
