//! Tests of the page in a real browser, and of what parts its module.

use crate::command::{TaskError, cargo, find, program, run};
use crate::page::{self, Build};
use crate::setup;
use std::env;
use std::path::PathBuf;

/// Builds the page, unless it is to be taken as it is, and runs the tests of `www/tests`, and those
/// of the tool that made the page.
pub fn run_all(build: Option<Build>) -> Result<(), TaskError> {
    if let Some(build) = build {
        page::build(build)?;
    } else {
        setup::node_packages()?;
    }
    let manifest = setup::BINDGEN_MANIFEST;
    let mut parting = cargo(&["test", "--quiet", "--locked", "--manifest-path", manifest]);
    parting.arg("--target-dir").arg(setup::bindgen_target());
    run(parting)?;
    let mut node = program("node", &["--test", "--test-concurrency=1", "www/tests/"]);
    node.env("CHROMIUM", chromium()?).env("DIST", page::folder());
    run(node)
}

/// Where Chromium is; installed by the system's packages if it can be.
fn chromium() -> Result<PathBuf, TaskError> {
    if let Some(path) = env::var_os("CHROMIUM") {
        return Ok(path.into());
    }
    let names = ["chromium", "chromium-browser", "google-chrome"];
    if let Some(path) = names.into_iter().find_map(find) {
        return Ok(path);
    }
    setup::chromium()?;
    Ok(PathBuf::from("/usr/bin/chromium"))
}
