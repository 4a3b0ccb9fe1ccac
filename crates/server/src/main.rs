//! `kobako`: plays recordings and measures.

mod bench_scale;

use lexopt::prelude::*;
use server::serve::{ClockKind, Options};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

const USAGE: &str = "\
Usage:
  kobako play DIR [--seed N]    play DIR/transcript.console and print what happens
  kobako serve [--port N] [--kubeconfig FILE] [--speed X] [--profile P] [--config FILE]
               [--clock real|stepped] [--seed N]
                                serve the Kubernetes API on 127.0.0.1 for real clients
  kobako bench-scale --nodes N --pods M
                                measure the CPU and the memory that a large cluster costs
";

/// What the command line asks for.
enum Task {
    Help,
    Play { directory: PathBuf, seed: u64 },
    Serve(Options),
    BenchScale(bench_scale::Options),
}

fn parse() -> Result<Task, lexopt::Error> {
    let mut parser = lexopt::Parser::from_env();
    let command = match parser.next()? {
        Some(Value(word)) => word.string()?,
        Some(Long("help") | Short('h')) | None => return Ok(Task::Help),
        Some(other) => return Err(other.unexpected()),
    };
    match command.as_str() {
        "play" => parse_play(&mut parser),
        "serve" => parse_serve(&mut parser),
        "bench-scale" => parse_bench_scale(&mut parser),
        "help" => Ok(Task::Help),
        other => Err(format!("unknown command {other:?}\n\n{USAGE}").into()),
    }
}

fn parse_play(parser: &mut lexopt::Parser) -> Result<Task, lexopt::Error> {
    let (mut directory, mut seed) = (None, 1);
    while let Some(argument) = parser.next()? {
        match argument {
            Long("seed") => seed = parser.value()?.parse()?,
            Value(path) if directory.is_none() => directory = Some(PathBuf::from(path)),
            other => return Err(other.unexpected()),
        }
    }
    let directory = directory.ok_or("play needs the directory of a recording")?;
    Ok(Task::Play { directory, seed })
}

fn parse_serve(parser: &mut lexopt::Parser) -> Result<Task, lexopt::Error> {
    let mut options = Options {
        port: 6443,
        kubeconfig: None,
        speed: 1.0,
        profile: "kind".to_owned(),
        kind_config: String::new(),
        clock: ClockKind::Real,
        seed: 1,
    };
    while let Some(argument) = parser.next()? {
        match argument {
            Long("port") => options.port = parser.value()?.parse()?,
            Long("kubeconfig") => options.kubeconfig = Some(PathBuf::from(parser.value()?)),
            Long("speed") => options.speed = parser.value()?.parse_with(parse_speed)?,
            Long("profile") => options.profile = parser.value()?.string()?,
            Long("config") => {
                let path = PathBuf::from(parser.value()?);
                let failed = |why| format!("{}: {why}", path.display());
                options.kind_config = std::fs::read_to_string(&path).map_err(failed)?;
            }
            Long("clock") => options.clock = parser.value()?.parse_with(parse_clock)?,
            Long("seed") => options.seed = parser.value()?.parse()?,
            other => return Err(other.unexpected()),
        }
    }
    Ok(Task::Serve(options))
}

fn parse_speed(text: &str) -> Result<f64, String> {
    let speed = text.parse().ok().filter(|speed: &f64| speed.is_finite() && *speed > 0.0);
    speed.ok_or_else(|| "a speed is a number above 0".to_owned())
}

fn parse_clock(text: &str) -> Result<ClockKind, String> {
    match text {
        "real" => Ok(ClockKind::Real),
        "stepped" => Ok(ClockKind::Stepped),
        _ => Err("a clock is real or stepped".to_owned()),
    }
}

fn announce(address: &str) {
    // Nobody is left to tell if this fails.
    let _ = writeln!(std::io::stdout(), "Serving the Kubernetes API at {address}");
}

fn parse_bench_scale(parser: &mut lexopt::Parser) -> Result<Task, lexopt::Error> {
    let mut options = bench_scale::Options { nodes: 100, pods: 1_000 };
    while let Some(argument) = parser.next()? {
        match argument {
            Long("nodes") => options.nodes = parser.value()?.parse()?,
            Long("pods") => options.pods = parser.value()?.parse()?,
            other => return Err(other.unexpected()),
        }
    }
    Ok(Task::BenchScale(options))
}

fn run(task: Task) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    match task {
        Task::Help => Ok(USAGE.into()),
        Task::Serve(options) => {
            server::serve::serve(&options, announce)?;
            Ok(Vec::new())
        }
        Task::BenchScale(options) => Ok(bench_scale::run(&options)?.into_bytes()),
        Task::Play { directory, seed } => Ok(server::play::play(&directory, seed)?),
    }
}

fn main() -> ExitCode {
    let result = parse().map_err(Into::into).and_then(run);
    let written = match &result {
        Ok(output) => std::io::stdout().write_all(output),
        Err(why) => writeln!(std::io::stderr(), "kobako: {why}"),
    };
    if result.is_ok() && written.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
