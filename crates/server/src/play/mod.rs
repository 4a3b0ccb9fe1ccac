//! Plays a recording of a real cluster against the simulation.
//!
//! A recording is a directory with manifests and a `transcript.console`. [`play`] does what its
//! lines say and gives the transcript as it would have been recorded here.

pub mod script;

use script::Step;
use session::{Input, InputError, ReplayError, Session, Start};
use sim::Duration;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The instant at which every recording begins: 23 November 2026, 12:00 UTC.
const BEGIN_SECONDS: u64 = 1_795_435_200;
const KUBECONFIG: &str = "/home/learner/kc";
/// How long a command may take; nothing recorded takes longer than `@until` waits.
const COMMAND_LIMIT: Duration = Duration::from_secs(600);
const SETTLE_LIMIT: Duration = Duration::from_secs(60);
const UNTIL_LIMIT: Duration = Duration::from_secs(150);
const UNTIL_PERIOD: Duration = Duration::from_millis(400);
/// How long a background command runs before the next line.
const BACKGROUND_START: Duration = Duration::from_millis(700);
/// How long a command has to end after an interrupt.
const INTERRUPT_LIMIT: Duration = Duration::from_secs(5);

/// Why a recording cannot be played.
#[derive(Debug, thiserror::Error)]
pub enum PlayError {
    /// A file cannot be read.
    #[error("{0}: {1}")]
    File(PathBuf, io::Error),
    /// The cluster cannot be made.
    #[error("{0}")]
    Start(#[from] ReplayError),
    /// A line cannot be carried out.
    #[error("{0}: {1}")]
    Input(String, InputError),
    /// A line says nothing that is understood.
    #[error("line {0} cannot be understood: {1}")]
    Line(usize, String),
}

/// Plays the recording in `directory` with this seed and gives the transcript.
///
/// # Errors
/// If its files cannot be read or its script not understood. Commands that fail are no error.
pub fn play(directory: &Path, seed: u64) -> Result<Vec<u8>, PlayError> {
    Ok(played(directory, seed)?.transcript)
}

/// Plays the recording and gives the session that came of it.
///
/// # Errors
/// As [`play`].
pub fn play_session(directory: &Path, seed: u64) -> Result<Session, PlayError> {
    Ok(played(directory, seed)?.session)
}

fn played(directory: &Path, seed: u64) -> Result<Player, PlayError> {
    let mut player = Player::new(directory, seed)?;
    for step in script::parse(&read_text(&directory.join("transcript.console"))?)? {
        player.step(&step)?;
    }
    Ok(player)
}

fn read_text(path: &Path) -> Result<String, PlayError> {
    fs::read_to_string(path).map_err(|why| PlayError::File(path.to_owned(), why))
}

struct Player {
    session: Session,
    transcript: Vec<u8>,
    variables: Vec<(String, String)>,
    /// Commands in the background: their lines and numbers.
    background: Vec<(String, u32)>,
}

impl Player {
    fn new(directory: &Path, seed: u64) -> Result<Player, PlayError> {
        let kind_config = directory.join("cluster.yaml");
        let kind_config =
            if kind_config.exists() { read_text(&kind_config)? } else { String::new() };
        let session = Session::new(Start {
            profile: "recorded".to_owned(),
            kind_config,
            seed,
            begin_seconds: BEGIN_SECONDS,
            kubeconfig: KUBECONFIG.to_owned(),
            columns: 200,
        })?;
        session.set_descriptions(|| Some(descriptions::TEXT.into()));
        let mut player = Player {
            session,
            transcript: Vec::new(),
            variables: Vec::new(),
            background: Vec::new(),
        };
        player.copy_files(directory, "")?;
        Ok(player)
    }

    fn copy_files(&mut self, directory: &Path, prefix: &str) -> Result<(), PlayError> {
        let failed = |why| PlayError::File(directory.to_owned(), why);
        let mut entries = fs::read_dir(directory)
            .and_then(Iterator::collect::<io::Result<Vec<_>>>)
            .map_err(failed)?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = format!("{prefix}{name}");
            if entry.path().is_dir() {
                self.copy_files(&entry.path(), &format!("{path}/"))?;
            } else if !is_about_the_recording(&path) {
                let bytes =
                    fs::read(entry.path()).map_err(|why| PlayError::File(entry.path(), why))?;
                self.input(&name, Input::WriteFile { path, bytes })?;
            }
        }
        Ok(())
    }

    fn input(&mut self, line: &str, input: Input) -> Result<(), PlayError> {
        self.session.input(input).map_err(|why| PlayError::Input(line.to_owned(), why))
    }

    fn print(&mut self, line: &str) {
        self.transcript.extend_from_slice(line.as_bytes());
        self.transcript.push(b'\n');
    }

    fn step(&mut self, step: &Step) -> Result<(), PlayError> {
        if !matches!(step, Step::Output(_)) || self.transcript.is_empty() {
            self.print(&step.line());
        }
        match step {
            Step::Title(_) => {}
            Step::Command(line) => {
                let (output, code) = self.run(line)?;
                self.print_output(&output, code);
            }
            Step::Settle(limit) => self.session.settle(limit.unwrap_or(SETTLE_LIMIT)),
            Step::Wait(time) => self.session.run_until(self.session.now() + *time),
            Step::Until(line) => self.wait_until(line)?,
            Step::Set(name, line) => {
                let (output, _) = self.run(line)?;
                let value = String::from_utf8_lossy(&output).trim().to_owned();
                self.variables.retain(|(other, _)| other != name);
                self.variables.push((name.clone(), value));
            }
            Step::Background(line) => {
                let number = self.start(line)?;
                self.background.push((line.clone(), number));
                self.session.run_until(self.session.now() + BACKGROUND_START);
            }
            Step::Output(line) => self.stop_background(line)?,
            Step::StopKubelet(node) => {
                self.input(&step.line(), Input::StopKubelet { node: node.clone() })?;
            }
            Step::StartKubelet(node) => {
                self.input(&step.line(), Input::StartKubelet { node: node.clone() })?;
            }
        }
        Ok(())
    }

    fn start(&mut self, line: &str) -> Result<u32, PlayError> {
        let number = self.session.next_command();
        let variables = self.variables.clone();
        self.input(line, Input::Command { line: line.to_owned(), variables })?;
        Ok(number)
    }

    /// Runs a command to its end: its output and exit code.
    fn run(&mut self, line: &str) -> Result<(Vec<u8>, i32), PlayError> {
        let number = self.start(line)?;
        let limit = self.session.now() + COMMAND_LIMIT;
        if self.session.run_command(number, limit).is_none() {
            self.interrupt(line, number)?;
        }
        let command = self.session.command(number);
        let code = command.and_then(session::Command::status).map_or(124, |status| status.code());
        Ok((command.map(session::Command::output).unwrap_or_default(), code))
    }

    fn interrupt(&mut self, line: &str, number: u32) -> Result<(), PlayError> {
        self.input(line, Input::Interrupt { command: number })?;
        let limit = self.session.now() + INTERRUPT_LIMIT;
        self.session.run_command(number, limit);
        Ok(())
    }

    fn wait_until(&mut self, line: &str) -> Result<(), PlayError> {
        let end = self.session.now() + UNTIL_LIMIT;
        while self.run(line)?.1 != 0 && self.session.now() < end {
            self.session.run_until(self.session.now() + UNTIL_PERIOD);
        }
        Ok(())
    }

    fn stop_background(&mut self, line: &str) -> Result<(), PlayError> {
        let at = self.background.iter().position(|(other, _)| other == line);
        let output = match at.map(|at| self.background.remove(at)) {
            Some((_, number)) => {
                self.interrupt(line, number)?;
                self.session.command(number).map(session::Command::output).unwrap_or_default()
            }
            None => Vec::new(),
        };
        self.print(&format!("@output $ {line}"));
        self.print_output(&output, 0);
        self.print("^C");
        Ok(())
    }

    fn print_output(&mut self, output: &[u8], code: i32) {
        self.transcript.extend_from_slice(output);
        if !output.is_empty() && !output.ends_with(b"\n") {
            self.print("\n[no newline at end]");
        }
        if code != 0 {
            self.print(&format!("[exit {code}]"));
        }
    }
}

/// Files that were not on the recording machine's desk.
pub fn is_about_the_recording(path: &str) -> bool {
    let is_transcript = path.starts_with("transcript") && path.ends_with(".console");
    is_transcript || matches!(path, "objects.yaml" | "cluster.yaml")
}
