//! Real clients against our server.

use crate::command::{TaskError, cargo, program, root, run as run_command, say};
use crate::setup::{self, KUBECTL, NEWEST_KUBECTL};
use std::fs;
use std::process::Command;

/// Turns the tests of the crate `clients` on.
pub const FEATURE: &str = "clients/programs";

/// Turns the tests of the crate `clients` on, and names the programs that they need.
pub fn enable(test: &mut Command) -> Result<(), TaskError> {
    javascript_packages()?;
    test.args(["--features", FEATURE]);
    test.env("KUBECTL", KUBECTL.fetch()?).env("NEWEST_KUBECTL", NEWEST_KUBECTL.fetch()?);
    Ok(())
}

/// These tests of the crate `clients` alone.
fn test(names: &[&str]) -> Result<Command, TaskError> {
    let mut test = cargo(&["test", "--package", "clients", "--quiet"]);
    test.args(names.iter().flat_map(|name| ["--test", name]));
    enable(&mut test)?;
    Ok(test)
}

/// Plays areas and cases with the real kubectl in place of ours, or all of them.
pub fn differential(arguments: &[String]) -> Result<(), TaskError> {
    let mut play = test(&["differential"])?;
    play.arg("--").args(arguments);
    if arguments.iter().all(|argument| argument.starts_with("--")) {
        play.arg("--all");
    }
    run_command(play)
}

/// What is more than one request, with kubectl and with the JavaScript client.
pub fn run() -> Result<(), TaskError> {
    run_command(test(&["kubectl", "javascript"])?)
}

/// The Rust client.
pub fn kube() -> Result<(), TaskError> {
    run_command(cargo(&["test", "--package", "clients", "--quiet", "--test", "kube"]))
}

/// Installs the JavaScript client, if it is not the one of its lock file.
fn javascript_packages() -> Result<(), TaskError> {
    setup::run()?;
    let folder = root().join("tests/clients/javascript");
    let wanted = fs::read(folder.join("package-lock.json")).unwrap_or_default();
    let mark = folder.join("node_modules/.kobako-lock");
    if fs::read(&mark).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    say("Installing the JavaScript client of Kubernetes (about 10 s)");
    let prefix = "tests/clients/javascript";
    run_command(program("npm", &["--prefix", prefix, "ci", "--ignore-scripts"]))?;
    fs::write(&mark, wanted).map_err(|why| TaskError::File(mark, why))
}
