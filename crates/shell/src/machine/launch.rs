//! What to start, and what becomes of it.

use super::Machine;
use crate::environment::Environment;
use crate::fs::User;
use crate::process::{Pid, Process, Status};
use crate::signal::Signal;
use crate::stream::{Handle, Null};
use crate::tty::Tty;
use std::rc::Rc;

/// What to start, and with what around it. The defaults are an empty environment, `/`, root, and
/// streams that are empty and drop everything.
#[derive(Clone)]
pub struct Launch {
    /// The program and its arguments.
    pub arguments: Vec<String>,
    /// The file to execute, if it is not what the first argument says.
    pub executable: Option<String>,
    /// Its environment. `PATH` in it decides where the program is looked for.
    pub environment: Environment,
    /// Its working directory.
    pub directory: Rc<str>,
    /// Who it runs as.
    pub user: User,
    /// Standard input.
    pub stdin: Handle,
    /// Standard output.
    pub stdout: Handle,
    /// Standard error.
    pub stderr: Handle,
    /// The terminal it is on, whether or not the streams are.
    pub terminal: Option<Tty>,
}

impl Launch {
    /// Starts `arguments`, the first of which names the program.
    pub fn new<S: Into<String>>(arguments: impl IntoIterator<Item = S>) -> Launch {
        let null: Handle = Rc::new(Null);
        Launch {
            arguments: arguments.into_iter().map(Into::into).collect(),
            executable: None,
            environment: Environment::new(),
            directory: "/".into(),
            user: User::ROOT,
            stdin: null.clone(),
            stdout: null.clone(),
            stderr: null,
            terminal: None,
        }
    }

    /// With this environment.
    pub fn environment(mut self, environment: Environment) -> Launch {
        self.environment = environment;
        self
    }

    /// In this directory.
    pub fn directory(mut self, directory: &str) -> Launch {
        self.directory = directory.into();
        self
    }

    /// With these three streams.
    pub fn streams(mut self, stdin: Handle, stdout: Handle, stderr: Handle) -> Launch {
        (self.stdin, self.stdout, self.stderr) = (stdin, stdout, stderr);
        self
    }

    /// On a terminal, with all three streams.
    pub fn on_terminal(mut self, terminal: &Tty) -> Launch {
        let stream: Handle = Rc::new(terminal.clone());
        self.terminal = Some(terminal.clone());
        self.streams(stream.clone(), stream.clone(), stream)
    }
}

/// What a program that ran to its end left behind.
#[derive(Clone, Debug)]
pub struct Output {
    /// How it ended.
    pub status: Status,
    /// What it wrote.
    pub stdout: Vec<u8>,
    /// What it complained about; empty if both were captured together.
    pub stderr: Vec<u8>,
}

/// A process that was started here.
#[derive(Clone)]
pub struct Child {
    pub(super) machine: Machine,
    pub(super) process: Rc<Process>,
}

impl Child {
    /// Its number.
    pub fn pid(&self) -> Pid {
        self.process.pid
    }

    /// How it ended, if it has.
    pub fn status(&self) -> Option<Status> {
        self.process.status.get()
    }

    /// Completes when it ends.
    pub async fn wait(&self) -> Status {
        self.process.exited.until(|| self.process.status.get()).await
    }

    /// Sends it a signal from outside of its machine, as the node's kernel can.
    pub fn signal(&self, signal: Signal) {
        self.machine.deliver(&self.process, signal, true);
    }

    /// Sends its whole process group a signal from outside, as a terminal does for `^C`.
    pub fn signal_group(&self, signal: Signal) {
        self.machine.signal_group(self.process.group.get(), signal, true);
    }

    /// Whether it was killed because the machine ran out of memory.
    pub fn was_out_of_memory(&self) -> bool {
        self.process.was_out_of_memory.get()
    }

    pub(crate) fn process(&self) -> &Rc<Process> {
        &self.process
    }
}
