//! What a running program sees: itself, its machine, its streams.
//!
//! Writing is buffered per process, as stdio does it, but in one queue for all descriptors, so
//! that output and complaints keep their order: [`Context::put`] and [`Context::complain`] never
//! wait. The queue is written out before anything that waits (a read, a sleep, a child) and when
//! the program ends. A program that produces output without end calls [`Context::flush`] itself.

use crate::environment::Environment;
use crate::errno::Errno;
use crate::fs::Caller;
use crate::machine::{Child, Machine, run_program};
use crate::notify::{Either, race};
use crate::process::{Pid, Process, Status};
use crate::signal::Signal;
use crate::stream::Handle;
use crate::text::Bytes;
use crate::tty::Tty;
use crate::userland::Flavour;
use sim::{Duration, Sim, Time};
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::rc::Rc;

/// Past this, what was put is written out at the next chance.
pub(crate) const FLUSH_BYTES: usize = 64 * 1024;
/// How many bytes of input or output count as one unit of work.
const BYTES_PER_UNIT: usize = 4096;
/// What one process may hold in memory of what it reads; more is taken for a runaway.
pub(crate) const LIMIT_HELD_BYTES: usize = 64 * 1024 * 1024;

/// The process that a program runs in. Cloning gives another handle to the same process.
#[derive(Clone)]
pub struct Context {
    machine: Machine,
    process: Rc<Process>,
}

/// Who and where.
impl Context {
    pub(crate) fn new(machine: Machine, process: Rc<Process>) -> Context {
        Context { machine, process }
    }

    /// The machine.
    pub fn machine(&self) -> &Machine {
        &self.machine
    }

    pub(crate) fn process(&self) -> &Rc<Process> {
        &self.process
    }

    /// The simulation.
    pub fn sim(&self) -> &Sim {
        self.machine.sim()
    }

    /// The present instant.
    pub fn now(&self) -> Time {
        self.sim().now()
    }

    /// Whose tools the machine has.
    pub fn flavour(&self) -> Flavour {
        self.machine.flavour()
    }

    /// Whether the machine's tools are busybox's.
    pub(crate) fn is_busybox(&self) -> bool {
        self.flavour() == Flavour::Busybox
    }

    /// Its number.
    pub fn pid(&self) -> Pid {
        self.process.pid
    }

    /// All arguments, the program's name first.
    pub fn arguments(&self) -> Rc<[String]> {
        self.process.arguments.borrow().clone()
    }

    /// The arguments after the program's name.
    pub fn operands(&self) -> Vec<String> {
        self.arguments().iter().skip(1).cloned().collect()
    }

    /// What the program calls itself in messages: GNU's tools the word they were called by,
    /// busybox's the applet.
    pub fn name(&self) -> String {
        let arguments = self.arguments();
        let word = arguments.first().map_or("", String::as_str);
        let name = if self.is_busybox() { crate::fs::base_name(word) } else { word };
        name.to_owned()
    }

    /// The environment.
    pub fn environment(&self) -> Environment {
        self.process.environment.borrow().clone()
    }

    /// An environment variable.
    pub fn variable(&self, name: &str) -> Option<Rc<str>> {
        self.process.environment.borrow().get(name).cloned()
    }

    /// Changes the environment.
    pub fn set_environment(&self, environment: Environment) {
        *self.process.environment.borrow_mut() = environment;
    }

    /// The working directory.
    pub fn directory(&self) -> Rc<str> {
        self.process.directory.borrow().clone()
    }

    /// The process's identity for questions to the file system.
    pub fn caller(&self) -> Caller {
        self.process.caller()
    }

    /// The terminal the process is on.
    pub fn terminal(&self) -> Option<Tty> {
        self.process.terminal.clone()
    }
}

/// Time and work.
impl Context {
    /// Lets virtual time pass.
    pub async fn sleep(&self, pause: Duration) {
        self.settle().await;
        self.sim().sleep(pause).await;
    }

    /// Counts work; sleeps when the machine has done as much as fits into an instant. Every loop
    /// that a user can make long calls this.
    pub async fn work(&self, units: u32) {
        if let Some(pause) = self.machine.budget().charge(self.now(), units) {
            self.sim().sleep(pause).await;
        }
    }

    /// Says how much memory the process uses; it may be killed for that at once.
    pub async fn set_memory(&self, bytes: u64) {
        self.machine.set_memory(&self.process, bytes);
        self.die_if_dead().await;
    }

    /// A process that was killed while it ran goes no further than here.
    async fn die_if_dead(&self) {
        if self.process.status.get().is_some() {
            std::future::pending::<()>().await;
        }
    }

    /// Ends the process at once, as `_exit` does.
    pub async fn exit(&self, status: i32) -> ! {
        self.finish(status).await;
        loop {
            std::future::pending::<()>().await;
        }
    }

    /// Writes out what was put and ends the process.
    pub(crate) async fn finish(&self, status: i32) {
        let mut status = status & 0xff;
        self.settle().await;
        if let Some(error) = self.process.write_error.take() {
            self.complain(format!("{}: write error: {error}\n", self.name()));
            self.settle().await;
            status = if status == 0 { 1 } else { status };
        }
        self.machine.terminate(&self.process, Status::Exited(status));
    }
}

/// Output.
impl Context {
    /// Writes to standard output when there is time.
    pub fn put(&self, bytes: impl Bytes) {
        self.put_to(1, bytes);
    }

    /// Writes to standard error when there is time.
    pub fn complain(&self, bytes: impl Bytes) {
        self.put_to(2, bytes);
    }

    /// `name: message` to standard error, as tools complain.
    pub fn fail(&self, message: impl std::fmt::Display) {
        self.complain(format!("{}: {message}\n", self.name()));
    }

    /// Writes to a descriptor when there is time.
    pub fn put_to(&self, descriptor: u32, bytes: impl Bytes) {
        let bytes = bytes.bytes();
        let mut queue = self.process.unwritten.borrow_mut();
        match queue.last_mut() {
            Some((last, waiting)) if *last == descriptor => waiting.extend_from_slice(&bytes),
            _ => queue.push((descriptor, bytes.into_owned())),
        }
    }

    /// How many bytes wait to be written.
    pub(crate) fn unwritten_bytes(&self) -> usize {
        self.process.unwritten.borrow().iter().map(|(_, bytes)| bytes.len()).sum()
    }

    /// Writes out everything that was put.
    pub async fn flush(&self) -> Result<(), Errno> {
        let mut result = Ok(());
        loop {
            let queue = self.process.unwritten.take();
            if queue.is_empty() {
                return result;
            }
            for (descriptor, bytes) in queue {
                if let Err(error) = self.write(descriptor, &bytes).await {
                    // Complaints that nobody can read are no error.
                    result = if descriptor == 2 { result } else { Err(error) };
                }
            }
        }
    }

    /// Writes out when much has gathered. For loops that put.
    pub async fn flush_some(&self) -> Result<(), Errno> {
        if self.unwritten_bytes() >= FLUSH_BYTES { self.flush().await } else { Ok(()) }
    }

    /// Writes out what was put; an error is told when the program ends.
    pub(crate) async fn settle(&self) {
        if self.process.unwritten.borrow().is_empty() {
            return;
        }
        if let Err(error) = self.flush().await {
            self.process.write_error.set(Some(error));
        }
    }

    /// The error of an earlier write, to be told once.
    pub(crate) fn take_write_error(&self) -> Option<Errno> {
        self.process.write_error.take()
    }

    /// Writes all bytes now, waiting for room. A pipe that nobody reads raises SIGPIPE.
    pub async fn write(&self, descriptor: u32, bytes: &[u8]) -> Result<(), Errno> {
        let stream = self.process.descriptor(descriptor)?;
        self.write_stream(&stream, bytes).await
    }

    /// Writes all bytes to a stream.
    pub async fn write_stream(&self, stream: &Handle, bytes: &[u8]) -> Result<(), Errno> {
        let mut left = bytes;
        while !left.is_empty() {
            self.work(1 + (left.len() / BYTES_PER_UNIT) as u32).await;
            match stream.write(left) {
                Ok(count) => left = left.get(count..).unwrap_or_default(),
                Err(Errno::EAGAIN) => self.wait_for(stream).await,
                Err(Errno::EPIPE) if stream.is_pipe() => {
                    self.machine.deliver(&self.process, Signal::PIPE, false);
                    self.die_if_dead().await;
                    return Err(Errno::EPIPE);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    async fn wait_for(&self, stream: &Handle) {
        match stream.bell() {
            Some(bell) => bell.changed().await,
            // A stream without a bell that cannot go on never will.
            None => std::future::pending().await,
        }
    }
}

/// Input.
impl Context {
    /// Reads up to `limit` bytes, waiting for the first; empty at the end.
    pub async fn read(&self, descriptor: u32, limit: usize) -> Result<Vec<u8>, Errno> {
        let stream = self.process.descriptor(descriptor)?;
        self.read_stream(&stream, limit).await
    }

    /// Reads up to `limit` bytes of a stream.
    pub async fn read_stream(&self, stream: &Handle, limit: usize) -> Result<Vec<u8>, Errno> {
        self.settle().await;
        loop {
            self.work(1).await;
            match stream.read(limit) {
                Err(Errno::EAGAIN) => self.wait_for(stream).await,
                Ok(bytes) => {
                    self.machine.budget().note((bytes.len() / BYTES_PER_UNIT) as u32);
                    return Ok(bytes);
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Reads a stream to its end. What it holds counts as memory, and there is a limit to it.
    pub async fn read_to_end(&self, stream: &Handle) -> Result<Vec<u8>, Errno> {
        let mut bytes = Vec::new();
        loop {
            let more = self.read_stream(stream, FLUSH_BYTES).await?;
            if more.is_empty() {
                return Ok(bytes);
            }
            bytes.extend(more);
            self.hold(bytes.len()).await;
        }
    }

    /// Says that the process keeps so many bytes of its input in memory.
    pub(crate) async fn hold(&self, bytes: usize) {
        const BASE_BYTES: u64 = 1024 * 1024;
        if bytes as u64 > BASE_BYTES {
            self.set_memory(BASE_BYTES + bytes as u64).await;
        }
        if bytes > LIMIT_HELD_BYTES {
            self.process.was_out_of_memory.set(true);
            self.machine.deliver(&self.process, Signal::KILL, true);
            self.die_if_dead().await;
        }
    }

    /// Reads one line including its end, and nothing after it; empty at the end of the input.
    pub async fn read_line(&self, stream: &Handle, end: u8) -> Result<Vec<u8>, Errno> {
        // Where the stream takes back the rest, a look ahead saves a round per byte.
        let limit = if stream.unread(&[]) { 4096 } else { 1 };
        let mut line = Vec::new();
        loop {
            let mut more = self.read_stream(stream, limit).await?;
            let found = more.iter().position(|byte| *byte == end);
            if let Some(at) = found {
                let rest = more.split_off(at + 1);
                stream.unread(&rest);
            }
            let is_over = found.is_some() || more.is_empty();
            line.extend(more);
            if is_over {
                return Ok(line);
            }
            self.hold(line.len()).await;
        }
    }

    /// Whether a descriptor is a terminal.
    pub fn is_terminal(&self, descriptor: u32) -> bool {
        self.stream(descriptor).is_ok_and(|stream| stream.terminal().is_some())
    }

    /// The stream behind a descriptor.
    pub fn stream(&self, descriptor: u32) -> Result<Handle, Errno> {
        self.process.descriptor(descriptor)
    }

    /// Columns and rows of the terminal that output goes to.
    pub fn window_size(&self) -> Option<(usize, usize)> {
        self.stream(1).ok()?.terminal().map(|terminal| terminal.size())
    }
}

/// Other processes.
impl Context {
    /// Starts a child that inherits everything this process has.
    ///
    /// The error is that of finding or reading the executable file.
    pub fn spawn(&self, arguments: Vec<String>) -> Result<Child, Errno> {
        let search = self.variable("PATH");
        let search = search.as_deref().unwrap_or(crate::userland::DEFAULT_PATH);
        let name = arguments.first().ok_or(Errno::EINVAL)?;
        let path = self.machine.find_executable(&self.caller(), name, search)?;
        self.spawn_file(&path, arguments)
    }

    /// Starts a child that runs the file at `path`.
    pub fn spawn_file(&self, path: &str, arguments: Vec<String>) -> Result<Child, Errno> {
        let (entry, arguments) = self.machine.prepare(&self.caller(), path, arguments)?;
        let child = self.child_process()?;
        *child.arguments.borrow_mut() = arguments.into();
        Ok(self.machine.start(child, move |context| run_program(context, entry)))
    }

    /// Starts a child that goes on with `main` in a copy of this process.
    pub fn fork<R: Future<Output = i32> + 'static>(
        &self,
        main: impl FnOnce(Context) -> R,
    ) -> Result<Child, Errno> {
        let child = self.child_process()?;
        Ok(self.machine.start(child, main))
    }

    fn child_process(&self) -> Result<Rc<Process>, Errno> {
        let own = &self.process;
        self.machine.add_process(|pid| Process {
            pid,
            parent: Cell::new(own.pid),
            group: Cell::new(own.group.get()),
            arguments: RefCell::new(own.arguments.borrow().clone()),
            environment: RefCell::new(own.environment.borrow().clone()),
            directory: RefCell::new(own.directory.borrow().clone()),
            umask: Cell::new(own.umask.get()),
            user: Cell::new(own.user.get()),
            terminal: own.terminal.clone(),
            descriptors: RefCell::new(own.descriptors.borrow().clone()),
            signals: crate::process::Signals {
                ignored: Cell::new(own.signals.ignored.get()),
                ..Default::default()
            },
            status: Cell::new(None),
            exited: Default::default(),
            task: Cell::new(None),
            started: self.now(),
            memory_bytes: Cell::new(0),
            was_out_of_memory: Cell::new(false),
            unwritten: RefCell::default(),
            write_error: Cell::new(None),
        })
    }

    /// Becomes another program: runs it in this very process and completes with its status.
    pub fn execute(
        &self,
        path: &str,
        arguments: Vec<String>,
    ) -> Result<impl Future<Output = i32> + use<>, Errno> {
        let (entry, arguments) = self.machine.prepare(&self.caller(), path, arguments)?;
        *self.process.arguments.borrow_mut() = arguments.into();
        self.process.signals.handled.set(0);
        Ok(run_program(self.clone(), entry))
    }

    /// Completes when a child ends.
    pub async fn wait(&self, child: &Child) -> Status {
        self.settle().await;
        child.wait().await
    }

    /// Sends a signal as this process may: pid 1 is safe from what it does not handle, also from
    /// SIGKILL. A negative number is a process group, 0 the process's own.
    pub fn kill(&self, pid: i64, signal: Option<Signal>) -> Result<(), Errno> {
        if pid <= 0 {
            let group = if pid == 0 { i64::from(self.process.group.get()) } else { -pid };
            let group = Pid::try_from(group).map_err(|_| Errno::ESRCH)?;
            let signal = signal.unwrap_or(Signal::CONT);
            let found = self.machine.signal_group(group, signal, false);
            return if found { Ok(()) } else { Err(Errno::ESRCH) };
        }
        let pid = Pid::try_from(pid).map_err(|_| Errno::ESRCH)?;
        let target = self.machine.process(pid).ok_or(Errno::ESRCH)?;
        let own = self.process.user.get().uid;
        if own != 0 && own != target.user.get().uid {
            return Err(Errno::EPERM);
        }
        if let Some(signal) = signal {
            self.machine.deliver(&target, signal, false);
        }
        Ok(())
    }
}

/// Signals to this process.
impl Context {
    /// Asks for a signal to be kept for [`Context::signalled`] instead of ending the process.
    pub fn handle(&self, signal: Signal) {
        let signals = &self.process.signals;
        signals.handled.set(signals.handled.get() | signal.bit());
        signals.ignored.set(signals.ignored.get() & !signal.bit());
    }

    /// Ignores a signal; children inherit that.
    pub fn ignore(&self, signal: Signal) {
        let signals = &self.process.signals;
        signals.ignored.set(signals.ignored.get() | signal.bit());
        signals.handled.set(signals.handled.get() & !signal.bit());
    }

    /// Leaves a signal to its default action again.
    pub fn reset(&self, signal: Signal) {
        let signals = &self.process.signals;
        signals.handled.set(signals.handled.get() & !signal.bit());
        signals.ignored.set(signals.ignored.get() & !signal.bit());
    }

    /// Whether a signal is ignored.
    pub fn is_ignored(&self, signal: Signal) -> bool {
        self.process.signals.ignored.get() & signal.bit() != 0
    }

    /// A handled signal that has arrived, the lowest first.
    pub fn take_signal(&self) -> Option<Signal> {
        let pending = self.process.signals.pending.get();
        if pending == 0 {
            return None;
        }
        let signal = Signal::from_number(pending.trailing_zeros())?;
        self.process.signals.pending.set(pending & !signal.bit());
        Some(signal)
    }

    pub(crate) fn has_signal(&self) -> bool {
        self.process.signals.pending.get() != 0
    }

    /// Completes with the next handled signal.
    pub async fn signalled(&self) -> Signal {
        self.process.signals.bell.until(|| self.take_signal()).await
    }

    /// Completes when a handled signal has arrived, without taking it.
    pub(crate) async fn until_signal(&self) {
        self.process.signals.bell.until(|| self.has_signal().then_some(())).await;
    }

    /// Completes with `future`, or with nothing when a handled signal arrives first.
    pub(crate) async fn interruptible<F: Future>(&self, future: F) -> Option<F::Output> {
        match race(self.until_signal(), future).await {
            Either::First(()) => None,
            Either::Second(value) => Some(value),
        }
    }
}
