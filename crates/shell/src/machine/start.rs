//! Starting processes.

use super::{Child, LIMIT_ARGUMENT_BYTES, LIMIT_INTERPRETERS, LIMIT_PID, Launch, Machine, Output};
use crate::context::Context;
use crate::errno::Errno;
use crate::fs::{Caller, User};
use crate::notify::Notify;
use crate::process::{Descriptors, Pid, Process, Signals};
use crate::program::{self, Entry, Format};
use crate::stream::{Capture, Source};
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::rc::Rc;

/// A file that was found to be executable, and what executing it means.
pub(crate) enum Executable {
    Program(Entry),
    /// Run this interpreter with these arguments before the script's own.
    Script(Entry, Vec<String>),
    /// A file without `#!`: a shell runs it itself.
    Text,
}

impl Machine {
    /// Starts a program. The error says why its file cannot be executed: `ENOENT` if there is
    /// none in `PATH`, `EACCES` if it is not executable.
    pub fn spawn(&self, launch: Launch) -> Result<Child, Errno> {
        let caller = Caller { user: launch.user, directory: launch.directory.clone(), umask: 0o22 };
        let name = launch.arguments.first().ok_or(Errno::EINVAL)?;
        let path = match &launch.executable {
            Some(path) => path.clone(),
            None => {
                let search = launch.environment.get("PATH").cloned();
                let search = search.as_deref().unwrap_or(crate::userland::DEFAULT_PATH);
                self.find_executable(&caller, name, search)?
            }
        };
        let size: usize = launch.arguments.iter().map(|argument| argument.len() + 1).sum();
        if size + launch.environment.size() > LIMIT_ARGUMENT_BYTES {
            return Err(Errno::E2BIG);
        }
        if !self.files().metadata(&caller, &launch.directory, true)?.is_directory() {
            return Err(Errno::ENOTDIR);
        }
        let (entry, arguments) = self.prepare(&caller, &path, launch.arguments)?;
        let mut descriptors = Descriptors::default();
        for (number, stream) in (0..).zip([launch.stdin, launch.stdout, launch.stderr]) {
            descriptors.set(number, stream)?;
        }
        let process = self.add_process(|pid| Process {
            pid,
            parent: Cell::new(0),
            group: Cell::new(pid),
            arguments: RefCell::new(arguments.into()),
            environment: RefCell::new(launch.environment),
            directory: RefCell::new(launch.directory),
            umask: Cell::new(0o22),
            user: Cell::new(launch.user),
            terminal: launch.terminal,
            descriptors: RefCell::new(descriptors),
            signals: Signals::default(),
            status: Cell::new(None),
            exited: Notify::default(),
            task: Cell::new(None),
            started: self.sim().now(),
            memory_bytes: Cell::new(0),
            was_out_of_memory: Cell::new(false),
            unwritten: RefCell::default(),
            write_error: Cell::new(None),
        })?;
        Ok(self.start(process, move |context| run_program(context, entry)))
    }

    /// Starts a program and completes with what it wrote and how it ended.
    pub fn run(
        &self,
        mut launch: Launch,
        stdin: &[u8],
    ) -> Result<impl Future<Output = Output> + use<>, Errno> {
        let (stdout, stderr) = (Capture::new(CAPTURE_BYTES), Capture::new(CAPTURE_BYTES));
        launch = launch.streams(Source::new(stdin), stdout.clone(), stderr.clone());
        let child = self.spawn(launch)?;
        Ok(async move {
            let status = child.wait().await;
            Output { status, stdout: stdout.take(), stderr: stderr.take() }
        })
    }

    pub(crate) fn add_process(
        &self,
        make: impl FnOnce(Pid) -> Process,
    ) -> Result<Rc<Process>, Errno> {
        let mut processes = self.0.processes.borrow_mut();
        if processes.len() >= self.0.config.borrow().process_limit {
            return Err(Errno::EAGAIN);
        }
        let pid = self.0.next_pid.get();
        if pid >= LIMIT_PID {
            return Err(Errno::EAGAIN);
        }
        self.0.next_pid.set(pid + 1);
        let process = Rc::new(make(pid));
        processes.insert(pid, process.clone());
        Ok(process)
    }

    pub(crate) fn start<R: Future<Output = i32> + 'static>(
        &self,
        process: Rc<Process>,
        main: impl FnOnce(Context) -> R,
    ) -> Child {
        let context = Context::new(self.clone(), process.clone());
        let run = main(context.clone());
        let task = self.sim().spawn(async move {
            let status = run.await;
            context.finish(status).await;
        });
        process.task.set(Some(task));
        Child { machine: self.clone(), process }
    }

    /// Finds the file that `name` means: itself if it has a slash, else the first executable file
    /// in the directories of `search`.
    pub(crate) fn find_executable(
        &self,
        caller: &Caller,
        name: &str,
        search: &str,
    ) -> Result<String, Errno> {
        if name.is_empty() {
            return Err(Errno::ENOENT);
        }
        if name.contains('/') {
            return Ok(name.to_owned());
        }
        let files = self.files();
        let mut error = Errno::ENOENT;
        for directory in search.split(':') {
            let directory = if directory.is_empty() { "." } else { directory };
            let path = crate::fs::join(directory, name);
            match files.metadata(caller, &path, true) {
                Ok(metadata) if metadata.is_file() => match files.may(caller, &path, 1) {
                    Ok(()) => return Ok(path),
                    Err(denied) => error = denied,
                },
                _ => {}
            }
        }
        Err(error)
    }

    pub(crate) fn executable(&self, caller: &Caller, path: &str) -> Result<Executable, Errno> {
        self.executable_within(caller, path, LIMIT_INTERPRETERS)
    }

    fn executable_within(
        &self,
        caller: &Caller,
        path: &str,
        interpreters: u32,
    ) -> Result<Executable, Errno> {
        let content = {
            let files = self.files();
            let metadata = files.metadata(caller, path, true)?;
            if !metadata.is_file() {
                return Err(Errno::EACCES);
            }
            files.may(caller, path, 1)?;
            files.read_file(&Caller { user: User::ROOT, ..caller.clone() }, path)?
        };
        match program::format(&content) {
            Format::Program(name) => {
                let entry = self.0.programs.borrow().get(&name).cloned();
                Ok(Executable::Program(entry.ok_or(Errno::ENOEXEC)?))
            }
            Format::Binary => Err(Errno::ENOEXEC),
            Format::Text => Ok(Executable::Text),
            Format::Script(interpreter, argument) => {
                let left = interpreters.checked_sub(1).ok_or(Errno::ELOOP)?;
                let own = std::iter::once(interpreter.clone()).chain(argument);
                match self.executable_within(caller, &interpreter, left)? {
                    Executable::Program(entry) => Ok(Executable::Script(entry, own.collect())),
                    Executable::Script(entry, mut before) => {
                        before.extend(own);
                        Ok(Executable::Script(entry, before))
                    }
                    Executable::Text => Err(Errno::ENOEXEC),
                }
            }
        }
    }

    /// The program behind a file and the arguments it gets. A text without `#!` runs in `sh`.
    pub(crate) fn prepare(
        &self,
        caller: &Caller,
        path: &str,
        arguments: Vec<String>,
    ) -> Result<(Entry, Vec<String>), Errno> {
        let script = |mut before: Vec<String>| {
            before.push(path.to_owned());
            before.extend(arguments.iter().skip(1).cloned());
            before
        };
        match self.executable(caller, path)? {
            Executable::Program(entry) => Ok((entry, arguments)),
            Executable::Script(entry, before) => {
                let arguments = script(before);
                Ok((entry, arguments))
            }
            Executable::Text => match self.executable(caller, "/bin/sh")? {
                Executable::Program(entry) => Ok((entry, script(vec!["sh".to_owned()]))),
                _ => Err(Errno::ENOEXEC),
            },
        }
    }
}

/// As much as [`Machine::run`] keeps of what a program writes.
const CAPTURE_BYTES: usize = 16 * 1024 * 1024;

/// Runs a program in its process, after the time that starting it takes.
pub(crate) async fn run_program(context: Context, entry: Entry) -> i32 {
    let cost = entry.cost.unwrap_or_else(|| context.machine().config().process_cost);
    context.machine().budget().spend(cost);
    context.sim().sleep(cost).await;
    entry.program.run(context).await
}
