//! `kobako`: plays recordings and measures.

use lexopt::prelude::*;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

const USAGE: &str = "\
Usage:
  kobako play DIR [--seed N]    play DIR/transcript.console and print what happens
";

/// What the command line asks for.
enum Task {
    Help,
    Play { directory: PathBuf, seed: u64 },
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

fn run(task: Task) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    match task {
        Task::Help => Ok(USAGE.into()),
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
