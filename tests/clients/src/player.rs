//! Plays one recording with real programs.

use crate::front::Front;
use crate::process::{Outcome, Process};
use server::play::script::{self, Step};
use server::play::{PlayError, is_about_the_recording};
use server::serve::ClockKind;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// The home directory on the machine of the recordings.
const RECORDED_HOME: &str = "/home/learner";
/// The address of the server there.
const RECORDED_ADDRESS: &str = "https://127.0.0.1:6443";
/// What starting a program takes in virtual time, beside its requests.
const PROCESS_COST: Duration = Duration::from_millis(60);
/// How long a command may take in real time.
const COMMAND_LIMIT: Duration = Duration::from_secs(60);
const SETTLE_LIMIT: Duration = Duration::from_secs(60);
const UNTIL_PERIOD: Duration = Duration::from_millis(400);
/// How often `@until` asks: for 150 s.
const UNTIL_ATTEMPTS: usize = 375;
const BACKGROUND_START: Duration = Duration::from_millis(700);
/// How long a program in the background has to open its streams, in real time.
const STREAM_LIMIT: Duration = Duration::from_secs(10);

/// Why a recording cannot be played.
#[derive(Debug, thiserror::Error)]
pub enum DifferentialError {
    /// A file or a program is not to be had.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// Its script is not understood.
    #[error("{0}")]
    Script(#[from] PlayError),
}

/// Plays the recording in `case` with this kubectl and gives the transcript.
///
/// # Errors
/// If a program cannot be started or the script is not understood. Commands that fail are no error.
pub fn play(case: &Path, kubectl: &Path) -> Result<String, DifferentialError> {
    let steps = script::parse(&fs::read_to_string(case.join("transcript.console"))?)?;
    let mut player = Player::new(case, kubectl)?;
    for step in &steps {
        player.step(step)?;
    }
    let home = player.home().to_string_lossy().into_owned();
    let transcript = String::from_utf8_lossy(&player.transcript);
    Ok(transcript.replace(&home, RECORDED_HOME).replace(player.front.address(), RECORDED_ADDRESS))
}

struct Player {
    front: Front,
    /// A directory of this case's own, removed at the end.
    directory: PathBuf,
    environment: Vec<(String, String)>,
    background: Vec<(String, Process)>,
    started: usize,
    transcript: Vec<u8>,
}

impl Player {
    fn new(case: &Path, kubectl: &Path) -> io::Result<Player> {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("kobako-differential-{}-{number}", std::process::id());
        let directory = std::env::temp_dir().join(name);
        let (home, tools) = (directory.join("learner"), directory.join("bin"));
        copy_files(case, &home, "")?;
        fs::create_dir_all(&tools)?;
        std::os::unix::fs::symlink(kubectl, tools.join("kubectl"))?;
        let kubeconfig = home.join("kc");
        let kind_config = case.join("cluster.yaml");
        let kind_config =
            if kind_config.exists() { fs::read_to_string(kind_config)? } else { String::new() };
        let front = Front::start(ClockKind::Stepped, &kubeconfig, kind_config)?;
        let path = std::env::var("PATH").unwrap_or_default();
        let text = |path: &Path| path.to_string_lossy().into_owned();
        let environment = [
            ("PATH", format!("{}:{path}", text(&tools))),
            ("HOME", text(&home)),
            ("KUBECONFIG", text(&kubeconfig)),
            ("TZ", "UTC".to_owned()),
            ("LANG", "C.UTF-8".to_owned()),
            ("COLUMNS", "200".to_owned()),
        ];
        let environment = environment.map(|(name, value)| (name.to_owned(), value)).to_vec();
        let (background, transcript) = (Vec::new(), Vec::new());
        Ok(Player { front, directory, environment, background, started: 0, transcript })
    }

    fn home(&self) -> PathBuf {
        self.directory.join("learner")
    }

    fn step(&mut self, step: &Step) -> Result<(), DifferentialError> {
        if !matches!(step, Step::Output(_)) {
            self.print(&step.line());
        }
        match step {
            Step::Title(_) => {}
            Step::Command(line) => {
                let outcome = self.run(line)?;
                self.print_outcome(&outcome);
            }
            Step::Settle(limit) => self.front.settle(limit.unwrap_or(SETTLE_LIMIT))?,
            Step::Wait(time) => self.front.advance(*time)?,
            Step::Until(line) => self.wait_until(line)?,
            Step::Set(name, line) => {
                let output = self.run(line)?.output;
                let value = String::from_utf8_lossy(&output).trim().to_owned();
                self.environment.retain(|(other, _)| other != name);
                self.environment.push((name.clone(), value));
            }
            Step::Background(line) => self.start_background(line)?,
            Step::Output(line) => self.stop_background(line)?,
            Step::StopKubelet(_) | Step::StartKubelet(_) => {
                let why = "a kubelet cannot be stopped from outside";
                return Err(io::Error::other(why).into());
            }
        }
        Ok(())
    }

    fn start(&mut self, line: &str) -> io::Result<Process> {
        self.started += 1;
        let output = self.directory.join(format!("output-{}", self.started));
        Process::start(line, &self.home(), &self.environment, output)
    }

    fn run(&mut self, line: &str) -> io::Result<Outcome> {
        let outcome = self.start(line)?.finish(COMMAND_LIMIT)?;
        self.front.advance(PROCESS_COST)?;
        Ok(outcome)
    }

    fn wait_until(&mut self, line: &str) -> io::Result<()> {
        for _ in 0..UNTIL_ATTEMPTS {
            if self.run(line)?.code == 0 {
                break;
            }
            self.front.advance(UNTIL_PERIOD)?;
        }
        Ok(())
    }

    /// Starts a command whose streams will see what later commands do.
    fn start_background(&mut self, line: &str) -> io::Result<()> {
        let before = self.front.hold()?;
        let mut process = self.start(line)?;
        let has_stream = || self.front.hold().is_ok_and(|count| count > before);
        process.wait_until(has_stream, STREAM_LIMIT)?;
        self.background.push((line.to_owned(), process));
        self.front.advance(BACKGROUND_START)?;
        self.front.hold().map(drop)
    }

    fn stop_background(&mut self, line: &str) -> io::Result<()> {
        let at = self.background.iter().position(|(other, _)| other == line);
        let process = at.map(|at| self.background.remove(at).1);
        let outcome = process.map(|process| process.interrupt(COMMAND_LIMIT)).transpose()?;
        self.print(&format!("@output $ {line}"));
        if let Some(Outcome { output, .. }) = outcome {
            self.print_outcome(&Outcome { output, code: 0 });
        }
        self.print("^C");
        Ok(())
    }

    fn print(&mut self, line: &str) {
        self.transcript.extend_from_slice(line.as_bytes());
        self.transcript.push(b'\n');
    }

    fn print_outcome(&mut self, outcome: &Outcome) {
        self.transcript.extend_from_slice(&outcome.output);
        if !outcome.output.is_empty() && !outcome.output.ends_with(b"\n") {
            self.print("\n[no newline at end]");
        }
        if outcome.code != 0 {
            self.print(&format!("[exit {}]", outcome.code));
        }
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        for (_, process) in self.background.drain(..) {
            // What runs on ends; what it says is of no interest.
            let _ = process.finish(Duration::ZERO);
        }
        let _ = fs::remove_dir_all(&self.directory);
    }
}

fn copy_files(from: &Path, to: &Path, prefix: &str) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        let path = format!("{prefix}{}", name.to_string_lossy());
        if entry.path().is_dir() {
            copy_files(&entry.path(), &to.join(&name), &format!("{path}/"))?;
        } else if !is_about_the_recording(&path) {
            fs::copy(entry.path(), to.join(&name))?;
        }
    }
    Ok(())
}
