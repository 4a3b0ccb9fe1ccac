//! Commands of a recording as processes of this machine.

// Real programs take real time.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

use std::fs::{self, File};
use std::io;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How often is looked whether a process has ended.
const POLL_PERIOD: Duration = Duration::from_millis(3);
/// For how long the output of a process has to stay the same to be all that comes for now.
const QUIET_TIME: Duration = Duration::from_millis(250);

/// A shell line that runs, with everything below it in a process group of its own.
pub struct Process {
    child: Child,
    output: PathBuf,
}

/// What came of one.
pub struct Outcome {
    /// Standard output and standard error, in the order of writing.
    pub output: Vec<u8>,
    /// The exit code.
    pub code: i32,
}

impl Process {
    /// Starts `line` as `bash -c` does; what it prints goes into the file `output`.
    ///
    /// # Errors
    /// If the machine refuses.
    pub fn start(
        line: &str,
        directory: &Path,
        environment: &[(String, String)],
        output: PathBuf,
    ) -> io::Result<Process> {
        let file = File::create(&output)?;
        let child = Command::new("bash")
            .args(["-c", line])
            .current_dir(directory)
            .env_clear()
            .envs(environment.iter().cloned())
            .stdin(Stdio::null())
            .stderr(file.try_clone()?)
            .stdout(file)
            .process_group(0)
            .spawn()?;
        Ok(Process { child, output })
    }

    /// Waits until it ends; what takes longer than `limit` is killed.
    ///
    /// # Errors
    /// If the machine refuses.
    pub fn finish(mut self, limit: Duration) -> io::Result<Outcome> {
        let begun = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait()? {
                break status;
            }
            if begun.elapsed() > limit {
                self.signal("KILL")?;
                break self.child.wait()?;
            }
            thread::sleep(POLL_PERIOD);
        };
        Ok(Outcome { output: fs::read(&self.output)?, code: code_of(status) })
    }

    /// Interrupts it as Ctrl-C does, once it has printed what there was to print.
    ///
    /// # Errors
    /// If the machine refuses.
    pub fn interrupt(self, limit: Duration) -> io::Result<Outcome> {
        let mut size = fs::metadata(&self.output)?.len();
        loop {
            thread::sleep(QUIET_TIME);
            let now = fs::metadata(&self.output)?.len();
            if now == size {
                break;
            }
            size = now;
        }
        self.signal("INT")?;
        self.finish(limit)
    }

    /// The file that it prints into.
    pub fn output(&self) -> &Path {
        &self.output
    }

    /// Waits until `is_ready`, the end of the process or the end of patience.
    ///
    /// # Errors
    /// If the machine refuses.
    pub fn wait_until(&mut self, is_ready: impl Fn() -> bool, limit: Duration) -> io::Result<()> {
        let begun = Instant::now();
        while begun.elapsed() < limit && self.child.try_wait()?.is_none() && !is_ready() {
            thread::sleep(POLL_PERIOD);
        }
        Ok(())
    }

    fn signal(&self, name: &str) -> io::Result<()> {
        let group = format!("-{}", self.child.id());
        Command::new("kill").args(["-s", name, "--", &group]).status().map(drop)
    }
}

/// As a shell tells it: 128 more than the signal that ended a process.
fn code_of(status: ExitStatus) -> i32 {
    status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or_default())
}
