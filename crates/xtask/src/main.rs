//! `cargo xtask`: everything that is done to the project besides editing it.
//!
//! A task says what it installs, runs the programs it needs and stops at the first that fails.
//! Tasks know nothing of Kubernetes.

mod browser_test;
mod ci;
mod clients;
mod command;
mod determinism;
mod fuzz;
mod page;
mod serve;
mod setup;
mod size;

use command::{TaskError, say};
use lexopt::prelude::*;
use page::Build;
use std::process::ExitCode;

const USAGE: &str = "\
Usage: cargo xtask TASK

  serve [--port N]         build the page and offer it on this machine
  dist                     build the page as it is published, into dist
  size                     measure what dist makes a browser load
  browser-test             build the page and test it in Chromium
  setup                    install what building and testing need
  kubectl                  fetch the real kubectl v1.29, and say where it is
  test                     set up, then run every test
  determinism [--count N]  the same random sessions natively and as WebAssembly
  fuzz TARGET [--seconds N]
                           try a part with random inputs; fuzz/src/lib.rs has the list
  memory [--nodes N] [--pods N]
                           the WebAssembly memory that a Pod takes
  differential [AREA|CASE...]
                           play recordings with the real kubectl; --diff shows
                           what differs
  clients                  kubectl, an older and a newer one, and the JavaScript
                           client against our server
  kube-client              the Rust client, which takes minutes to compile
  ci                       everything that is checked before a change lands

  serve and browser-test build quickly; --published builds as dist does, and
  --as-it-is takes dist as it is.
";

/// How many random sessions `determinism` plays when nobody says.
const SESSIONS: u32 = 1_000;
/// How large a cluster `memory` makes when nobody says.
const NODES: u32 = 100;
const PODS: u32 = 10_000;

enum Task {
    Help,
    Setup,
    Kubectl,
    Test,
    Determinism { count: u32 },
    Fuzz { target: String, seconds: u64 },
    Memory { nodes: u32, pods: u32 },
    Differential { arguments: Vec<String> },
    Clients,
    KubeClient,
    Ci,
    Serve { build: Option<Build>, port: u16 },
    Dist,
    Size,
    BrowserTest { build: Option<Build> },
}

fn parse() -> Result<Task, lexopt::Error> {
    let mut parser = lexopt::Parser::from_env();
    let word = match parser.next()? {
        Some(Value(word)) => word.string()?,
        Some(Long("help") | Short('h')) | None => return Ok(Task::Help),
        Some(other) => return Err(other.unexpected()),
    };
    let (mut target, mut seconds) = (None, fuzz::SECONDS);
    let (mut count, mut nodes, mut pods) = (SESSIONS, NODES, PODS);
    let (mut build, mut port) = (Some(Build::Quick), serve::PORT);
    let mut arguments = Vec::new();
    let takes_build = ["serve", "browser-test"].contains(&word.as_str());
    while let Some(argument) = parser.next()? {
        match argument {
            Long("count") if word == "determinism" => count = parser.value()?.parse()?,
            Long("seconds") if word == "fuzz" => seconds = parser.value()?.parse()?,
            Value(name) if word == "fuzz" && target.is_none() => target = Some(name.string()?),
            Long("nodes") if word == "memory" => nodes = parser.value()?.parse()?,
            Long("pods") if word == "memory" => pods = parser.value()?.parse()?,
            Long("published") if takes_build => build = Some(Build::Published),
            Long("as-it-is") if takes_build => build = None,
            Long("diff") if word == "differential" => arguments.push("--diff".to_owned()),
            Value(name) if word == "differential" => arguments.push(name.string()?),
            Long("port") if word == "serve" => port = parser.value()?.parse()?,
            other => return Err(other.unexpected()),
        }
    }
    Ok(match word.as_str() {
        "help" => Task::Help,
        "setup" => Task::Setup,
        "kubectl" => Task::Kubectl,
        "test" => Task::Test,
        "determinism" => Task::Determinism { count },
        "fuzz" => {
            let target = target.ok_or("which target? fuzz/src/lib.rs has the list")?;
            Task::Fuzz { target, seconds }
        }
        "memory" => Task::Memory { nodes, pods },
        "differential" => Task::Differential { arguments },
        "clients" => Task::Clients,
        "kube-client" => Task::KubeClient,
        "ci" => Task::Ci,
        "serve" => Task::Serve { build, port },
        "dist" => Task::Dist,
        "size" => Task::Size,
        "browser-test" => Task::BrowserTest { build },
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
        Task::Kubectl => setup::KUBECTL.fetch().map(|path| say(&path.display().to_string())),
        Task::Test => ci::test(),
        Task::Determinism { count } => determinism::run(*count),
        Task::Fuzz { target, seconds } => fuzz::fuzz(target, *seconds),
        Task::Memory { nodes, pods } => determinism::measure_memory(*nodes, *pods),
        Task::Differential { arguments } => clients::differential(arguments),
        Task::Clients => clients::run(),
        Task::KubeClient => clients::kube(),
        Task::Ci => ci::run(),
        Task::Serve { build, port } => {
            build.map_or(Ok(()), page::build)?;
            serve::run(*port)
        }
        Task::Dist => page::build(Build::Published),
        Task::Size => size::run(),
        Task::BrowserTest { build } => browser_test::run_all(*build),
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
