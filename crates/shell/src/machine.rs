//! One simulated computer: a container, or the learner's desk.

use crate::budget::Budget;
use crate::context::Context;
use crate::environment::Environment;
use crate::errno::Errno;
use crate::fs::{Caller, FileSystem, Namespace, User};
use crate::notify::Notify;
use crate::process::{Descriptors, Pid, Process, Signals, Status};
use crate::program::{self, Entry, Format, Program, Programs};
use crate::signal::Signal;
use crate::stream::{Capture, Handle, Null, Source};
use crate::tty::Tty;
use crate::userland::{Flavour, Userland};
use sim::{Duration, Rng, Sim, Time};
use std::cell::{Cell, Ref, RefCell, RefMut};
use std::collections::BTreeMap;
use std::future::Future;
use std::rc::{Rc, Weak};

/// Linux's limit on argument list and environment together, scaled to a small machine.
const LIMIT_ARGUMENT_BYTES: usize = 1024 * 1024;
/// How many `#!` lines may lead to one another.
const LIMIT_INTERPRETERS: u32 = 4;
/// A child that a shell forks; the first pid is taken by the first process.
const LIMIT_PID: Pid = 4_194_304;

/// What a machine is made of.
#[derive(Clone, Debug)]
pub struct MachineConfig {
    /// What `hostname` prints.
    pub hostname: Rc<str>,
    /// The pid of the first process. Pid 1 has init's privileges and duties.
    pub first_pid: Pid,
    /// Virtual time it takes to start a program.
    pub process_cost: Duration,
    /// How many processes may exist at once.
    pub process_limit: usize,
    /// Memory of all processes together past which the largest is killed.
    pub memory_limit_bytes: Option<u64>,
    /// What `/proc` and the tools that read it tell about the hardware.
    pub hardware: Rc<Hardware>,
}

/// The computer that a machine runs on. Containers of one node share it.
#[derive(Clone, Debug)]
pub struct Hardware {
    /// Number of processors.
    pub processors: u32,
    /// Memory in bytes.
    pub memory_bytes: u64,
    /// `uname -r`
    pub kernel_release: String,
    /// `uname -v`
    pub kernel_version: String,
    /// `uname -m`
    pub architecture: String,
    /// When it was switched on.
    pub booted: Time,
}

impl Default for Hardware {
    fn default() -> Hardware {
        Hardware {
            processors: 2,
            memory_bytes: 8 * 1024 * 1024 * 1024,
            kernel_release: "6.1.0".to_owned(),
            kernel_version: "#1 SMP PREEMPT_DYNAMIC".to_owned(),
            architecture: "x86_64".to_owned(),
            booted: Time::EPOCH,
        }
    }
}

impl Default for MachineConfig {
    fn default() -> MachineConfig {
        MachineConfig {
            hostname: "localhost".into(),
            first_pid: 1,
            process_cost: Duration::from_millis(5),
            process_limit: 512,
            memory_limit_bytes: None,
            hardware: Rc::default(),
        }
    }
}

pub(crate) struct Inner {
    sim: Sim,
    config: RefCell<Rc<MachineConfig>>,
    flavour: Flavour,
    files: RefCell<Namespace>,
    programs: RefCell<Programs>,
    processes: RefCell<BTreeMap<Pid, Rc<Process>>>,
    next_pid: Cell<Pid>,
    rng: RefCell<Rng>,
    budget: Budget,
}

/// A handle to a machine; cloning it gives another handle to the same one.
#[derive(Clone)]
pub struct Machine(Rc<Inner>);

/// A machine that may be gone.
#[derive(Clone)]
pub(crate) struct WeakMachine(Weak<Inner>);

impl WeakMachine {
    pub(crate) fn get(&self) -> Option<Machine> {
        self.0.upgrade().map(Machine)
    }
}

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
    machine: Machine,
    process: Rc<Process>,
}

impl Child {
    pub(crate) fn new(machine: &Machine, process: &Rc<Process>) -> Child {
        Child { machine: machine.clone(), process: process.clone() }
    }

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

/// A file that was found to be executable, and what executing it means.
pub(crate) enum Executable {
    Program(Entry),
    /// Run this interpreter with these arguments before the script's own.
    Script(Entry, Vec<String>),
    /// A file without `#!`: a shell runs it itself.
    Text,
}

impl Machine {
    /// A machine with the files and programs of `userland`.
    pub fn new(sim: &Sim, userland: &Userland, config: MachineConfig) -> Machine {
        let root = FileSystem::of_image(sim, &userland.image);
        let rng = sim.rng(&config.hostname);
        Machine(Rc::new(Inner {
            sim: sim.clone(),
            next_pid: Cell::new(config.first_pid),
            config: RefCell::new(Rc::new(config)),
            flavour: userland.flavour,
            files: RefCell::new(Namespace::new(root)),
            programs: RefCell::new(userland.programs.clone()),
            processes: RefCell::default(),
            rng: RefCell::new(rng),
            budget: Budget::default(),
        }))
    }

    pub(crate) fn downgrade(&self) -> WeakMachine {
        WeakMachine(Rc::downgrade(&self.0))
    }

    /// Its simulation.
    pub fn sim(&self) -> &Sim {
        &self.0.sim
    }

    /// What it is made of.
    pub fn config(&self) -> Rc<MachineConfig> {
        self.0.config.borrow().clone()
    }

    /// Changes what it is made of while it runs.
    pub fn configure(&self, change: impl FnOnce(&mut MachineConfig)) {
        change(Rc::make_mut(&mut self.0.config.borrow_mut()));
    }

    /// Whose tools it has.
    pub fn flavour(&self) -> Flavour {
        self.0.flavour
    }

    /// Its files; mounts are added here. Do not hold on to it across an await.
    pub fn files(&self) -> Ref<'_, Namespace> {
        self.0.files.borrow()
    }

    /// Its files, to mount and unmount.
    pub fn files_mut(&self) -> RefMut<'_, Namespace> {
        self.0.files.borrow_mut()
    }

    /// Adds a program to this machine alone and, if it has a path, an executable file for it.
    pub fn install(&self, path: &str, program: impl Program + 'static) -> Result<(), Errno> {
        self.0.programs.borrow_mut().add(path, program);
        let root = self.0.files.borrow().root().clone();
        root.write_file(path, &program::executable(path), 0o755)
    }

    /// [`Machine::install`] for a program whose start takes a time of its own.
    pub fn install_with_cost(
        &self,
        path: &str,
        cost: Duration,
        program: impl Program + 'static,
    ) -> Result<(), Errno> {
        self.0.programs.borrow_mut().add_with_cost(path, cost, program);
        let root = self.0.files.borrow().root().clone();
        root.write_file(path, &program::executable(path), 0o755)
    }

    /// Draws from the machine's own random numbers.
    pub fn random(&self) -> u32 {
        self.0.rng.borrow_mut().next_u32()
    }

    pub(crate) fn split_rng(&self) -> Rng {
        Rng::new(self.0.rng.borrow_mut().next_u64())
    }

    pub(crate) fn budget(&self) -> &Budget {
        &self.0.budget
    }

    /// Processor time that its programs have used so far.
    pub fn processor_time(&self) -> Duration {
        self.0.budget.busy()
    }

    /// Memory that its processes say they use.
    pub fn memory_bytes(&self) -> u64 {
        self.0.processes.borrow().values().map(|process| process.memory_bytes.get()).sum()
    }

    /// The numbers of all processes.
    pub fn pids(&self) -> Vec<Pid> {
        self.0.processes.borrow().keys().copied().collect()
    }

    pub(crate) fn processes(&self) -> Vec<Rc<Process>> {
        self.0.processes.borrow().values().cloned().collect()
    }

    pub(crate) fn process(&self, pid: Pid) -> Option<Rc<Process>> {
        self.0.processes.borrow().get(&pid).cloned()
    }
}

/// Starting processes.
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

/// Signals and ends.
impl Machine {
    /// Sends a signal to a process from outside of the machine.
    pub fn signal(&self, pid: Pid, signal: Signal) -> Result<(), Errno> {
        let process = self.process(pid).ok_or(Errno::ESRCH)?;
        self.deliver(&process, signal, true);
        Ok(())
    }

    /// Sends a signal to every process of a group; says whether there was one.
    pub(crate) fn signal_group(&self, group: Pid, signal: Signal, from_outside: bool) -> bool {
        let members: Vec<_> =
            self.processes().into_iter().filter(|process| process.group.get() == group).collect();
        for process in &members {
            self.deliver(process, signal, from_outside);
        }
        !members.is_empty()
    }

    /// Kills every process at this instant: the power goes out.
    pub fn kill_all(&self) {
        for process in self.processes() {
            self.terminate(&process, Status::Signalled(Signal::KILL));
        }
    }

    pub(crate) fn deliver(&self, process: &Rc<Process>, signal: Signal, from_outside: bool) {
        let is_init = process.pid == 1;
        let signals = &process.signals;
        if signal == Signal::KILL {
            if from_outside || !is_init {
                self.terminate(process, Status::Signalled(signal));
            }
        } else if signal.is_forced() || signals.ignored.get() & signal.bit() != 0 {
        } else if signals.handled.get() & signal.bit() != 0 {
            signals.pending.set(signals.pending.get() | signal.bit());
            signals.bell.ring();
        } else if signal.is_deadly() && !is_init {
            // The kernel spares pid 1 what it has not asked for.
            self.terminate(process, Status::Signalled(signal));
        }
    }

    /// Ends a process: its task is dropped, its descriptors are closed, whoever waits is told.
    pub(crate) fn terminate(&self, process: &Rc<Process>, status: Status) {
        if process.status.get().is_some() {
            return;
        }
        process.status.set(Some(status));
        self.0.processes.borrow_mut().remove(&process.pid);
        for orphan in self.processes() {
            if orphan.parent.get() == process.pid {
                orphan.parent.set(if process.pid == 1 { 0 } else { 1 });
            }
        }
        if let Some(task) = process.task.get() {
            self.sim().abort(task);
        }
        let descriptors = process.descriptors.take();
        drop(descriptors);
        process.unwritten.take();
        process.exited.ring();
        if let Some(parent) = self.process(process.parent.get()) {
            self.deliver(&parent, Signal::CHLD, false);
        }
        if process.pid == 1 {
            self.kill_all();
        }
    }

    /// Sets how much memory a process uses and kills the largest if that is too much.
    pub(crate) fn set_memory(&self, process: &Rc<Process>, bytes: u64) {
        process.memory_bytes.set(bytes);
        let Some(limit) = self.0.config.borrow().memory_limit_bytes else {
            return;
        };
        while self.memory_bytes() > limit {
            let processes = self.processes();
            let Some(largest) = processes.iter().max_by_key(|one| one.memory_bytes.get()) else {
                return;
            };
            largest.was_out_of_memory.set(true);
            self.terminate(largest, Status::Signalled(Signal::KILL));
        }
    }
}
