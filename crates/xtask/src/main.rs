//! `cargo xtask`: everything that is done to the project besides editing it.
//!
//! A task says what it installs, runs the programs it needs and stops at the first that fails.
//! Tasks know nothing of Kubernetes.

mod ci;
mod command;
mod determinism;
mod setup;

use command::{TaskError, say};
use lexopt::prelude::*;
use std::process::ExitCode;

const USAGE: &str = "\
Usage: cargo xtask TASK

  setup                    install what building and testing need
  test                     set up, then run every test
  determinism [--count N]  the same random sessions natively and as WebAssembly
  ci                       everything that is checked before a change lands
";

/// How many random sessions `determinism` plays when nobody says.
const SESSIONS: u32 = 1_000;

enum Task {
    Help,
    Setup,
    Test,
    Determinism { count: u32 },
    Ci,
}

fn parse() -> Result<Task, lexopt::Error> {
    let mut parser = lexopt::Parser::from_env();
    let word = match parser.next()? {
        Some(Value(word)) => word.string()?,
        Some(Long("help") | Short('h')) | None => return Ok(Task::Help),
        Some(other) => return Err(other.unexpected()),
    };
    let mut count = SESSIONS;
    while let Some(argument) = parser.next()? {
        match argument {
            Long("count") if word == "determinism" => count = parser.value()?.parse()?,
            other => return Err(other.unexpected()),
        }
    }
    Ok(match word.as_str() {
        "help" => Task::Help,
        "setup" => Task::Setup,
        "test" => Task::Test,
        "determinism" => Task::Determinism { count },
        "ci" => Task::Ci,
        other => return Err(format!("unknown task {other:?}\n\n{USAGE}").into()),
    })
}

fn run(task: &Task) -> Result<(), TaskError> {
    match task {
        Task::Help => {
            say(USAGE);
            Ok(())
        }
        Task::Setup => setup::run(),
        Task::Test => ci::test(),
        Task::Determinism { count } => determinism::run(*count),
        Task::Ci => ci::run(),
    }
}

fn main() -> ExitCode {
    let result = parse()
        .map_err(|why| why.to_string())
        .and_then(|task| run(&task).map_err(|why| why.to_string()));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            command::complain(&format!("xtask: {why}"));
            ExitCode::FAILURE
        }
    }
}
