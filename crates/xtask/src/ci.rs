//! What is checked before a change lands.

use crate::clients;
use crate::command::{TaskError, cargo, run as run_command};
use crate::page::{self, Build};
use crate::{browser_test, determinism, setup, size};

/// How many random sessions are played both ways on every run; `cargo xtask determinism` plays more.
const CHECKED_SESSIONS: u32 = 300;

/// Sets up and runs every test, those of the page as it is published included.
pub fn test() -> Result<(), TaskError> {
    setup::run()?;
    let mut test = cargo(&["test", "--workspace", "--quiet"]);
    clients::enable(&mut test)?;
    run_command(test)?;
    determinism::run_after_tests(CHECKED_SESSIONS)?;
    page::build(Build::Published)?;
    browser_test::run_all(None)
}

/// Everything: form, lints, documentation, tests, benchmarks that compile, what a visit loads.
pub fn run() -> Result<(), TaskError> {
    run_command(cargo(&["fmt", "--all", "--check"]))?;
    let mut clippy = cargo(&["clippy", "--workspace", "--all-targets"]);
    clippy.args(["--features", clients::FEATURE, "--", "--deny", "warnings"]);
    run_command(clippy)?;
    let mut documentation = cargo(&["doc", "--workspace", "--no-deps", "--quiet"]);
    documentation.env("RUSTDOCFLAGS", "--deny warnings");
    run_command(documentation)?;
    test()?;
    size::run()
}
