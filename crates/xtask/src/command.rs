//! Running programs.

// The time that a program takes is real.
#![allow(clippy::disallowed_types)]

use std::env;
use std::ffi::OsStr;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::time::Instant;

/// Why a task stopped.
#[derive(Debug, thiserror::Error)]
pub enum TaskError {
    /// A program is missing, with what to do about it.
    #[error("{program} is not there. {remedy}")]
    Missing {
        /// The program.
        program: &'static str,
        /// What to do.
        remedy: &'static str,
    },
    /// A program failed; it has said why.
    #[error("failed ({status}): {line}")]
    Failed {
        /// What was run.
        line: String,
        /// How it ended.
        status: ExitStatus,
    },
    /// A file cannot be read or written.
    #[error("{0}: {1}")]
    File(PathBuf, io::Error),
    /// Results that should be equal are not.
    #[error("{0}")]
    Different(String),
}

/// Prints a line for whoever runs the task.
pub fn say(line: &str) {
    // Nobody is left to tell if this fails.
    let _ = writeln!(io::stdout(), "{line}");
}

/// Prints a complaint.
pub fn complain(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// The project's directory.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().skip(2).take(1).collect()
}

/// A program to be run in the project's directory.
pub fn program(name: impl AsRef<OsStr>, arguments: &[&str]) -> Command {
    let mut command = Command::new(name);
    command.args(arguments).current_dir(root());
    command
}

/// `cargo` with these arguments.
pub fn cargo(arguments: &[&str]) -> Command {
    program(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()), arguments)
}

fn line_of(command: &Command) -> String {
    let words: Vec<_> = [command.get_program()]
        .into_iter()
        .chain(command.get_args())
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    words.join(" ")
}

/// Runs a program with its output shown, and says what it is and how long it took.
pub fn run(mut command: Command) -> Result<(), TaskError> {
    let line = line_of(&command);
    say(&format!("$ {line}"));
    let begun = Instant::now();
    let status = command.status().map_err(|_| TaskError::Missing {
        program: "A program that this task needs",
        remedy: "README.md says what has to be installed first.",
    })?;
    if !status.success() {
        return Err(TaskError::Failed { line, status });
    }
    say(&format!("  {:.1} s", begun.elapsed().as_secs_f64()));
    Ok(())
}

/// Runs a program and gives what it prints.
pub fn output(mut command: Command) -> Result<String, TaskError> {
    let line = line_of(&command);
    let output = command.output().map_err(|why| TaskError::File(line.clone().into(), why))?;
    if !output.status.success() {
        complain(&String::from_utf8_lossy(&output.stderr));
        return Err(TaskError::Failed { line, status: output.status });
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether a program can be started.
pub fn exists(name: &str) -> bool {
    Command::new(name).arg("--version").output().is_ok_and(|output| output.status.success())
}

/// Where the program of this name is, of those that can be started by it.
pub fn find(name: &str) -> Option<PathBuf> {
    let folders = env::var_os("PATH")?;
    env::split_paths(&folders).map(|folder| folder.join(name)).find(|path| path.is_file())
}
