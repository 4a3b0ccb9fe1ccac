//! Programs that clients run in containers, and attaching to the ones that run.

use crate::container::{Console, Container, LogBuffer, Process};
use crate::node::Node;
use crate::{Kubelets, Shared, start};
use api::core::v1::Pod;
use api::{Value, View, list, object};
use apiserver::{ExecRefusal, ExecRequest, ExecStreams};
use shell::{Child, Errno, Handle, Launch, Machine, Null, Stream, Tty, pipe};
use sim::{Receiver, Sender, Sim, channel};
use std::rc::Rc;

/// Columns and rows of a terminal before its client has said anything.
pub(crate) const TERMINAL_SIZE: (usize, usize) = (80, 24);

/// An output that goes to a client.
struct Output(Sender<Vec<u8>>);

impl Stream for Output {
    fn read(&self, _: usize) -> Result<Vec<u8>, Errno> {
        Err(Errno::EBADF)
    }
    fn write(&self, bytes: &[u8]) -> Result<usize, Errno> {
        self.0.send(bytes.to_vec()).map_err(|_| Errno::EPIPE)?;
        Ok(bytes.len())
    }
    fn is_pipe(&self) -> bool {
        true
    }
}

/// The client's ends and ours.
struct Ends {
    stdin: Receiver<Vec<u8>>,
    stdout: Sender<Vec<u8>>,
    stderr: Sender<Vec<u8>>,
    status: Sender<Value>,
    resize: Receiver<(usize, usize)>,
}

fn ends() -> (Ends, ExecStreams) {
    let (stdin_sender, stdin) = channel();
    let (stdout, stdout_receiver) = channel();
    let (stderr, stderr_receiver) = channel();
    let (status, status_receiver) = channel();
    let (resize_sender, resize) = channel();
    let streams = ExecStreams {
        stdin: stdin_sender,
        stdout: stdout_receiver,
        stderr: stderr_receiver,
        status: status_receiver,
        resize: resize_sender,
    };
    (Ends { stdin, stdout, stderr, status, resize }, streams)
}

impl Kubelets {
    /// Runs a program in a container, or attaches to the one that runs if `request` names none.
    pub fn exec(&mut self, pod: &Value, request: &ExecRequest) -> Result<ExecStreams, ExecRefusal> {
        let Kubelets { shared, nodes, by_name, .. } = self;
        let view = Pod::of(pod);
        let missing = || {
            ExecRefusal::Text(format!(
                "container not found ({})",
                api::go::quote(&request.container)
            ))
        };
        let node = by_name.get(view.spec().node_name()).and_then(|at| nodes.get_mut(*at));
        let node = node.filter(|node| !node.is_stopped).ok_or_else(missing)?;
        let mut worker = node.workers.remove(&crate::uid_of(pod)).ok_or_else(missing)?;
        let count = worker.containers.len();
        let index = (0..count).find(|index| worker.spec_of(*index).name() == request.container);
        let is_running =
            |at: &usize| worker.containers[*at].current.as_ref().is_some_and(Container::is_running);
        let result = match index.filter(is_running) {
            None => Err(missing()),
            Some(at) if request.command.is_empty() => {
                attach(worker.containers[at].current.as_ref(), &shared.sim).ok_or_else(missing)
            }
            Some(at) => {
                let machine = machine_of_container(node, &mut worker, at, shared);
                let container = worker.containers[at].current.as_ref().ok_or_else(missing)?;
                let launch = Launch::new(request.command.clone())
                    .environment(start::environment_of(container))
                    .directory(&start::working_directory(container, &worker, at));
                Ok(run(&machine, launch, request, shared))
            }
        };
        node.workers.insert(worker.uid.clone(), worker);
        result
    }
}

/// The machine of a running container. A server that is only described gets one when somebody
/// wants to look inside.
pub(crate) fn machine_of_container(
    node: &Node,
    worker: &mut crate::pod::PodWorker,
    index: usize,
    shared: &mut Shared,
) -> Machine {
    let Some(container) = worker.containers[index].current.as_ref() else {
        return Machine::new(
            &shared.sim,
            &shell::Userland::scratch(&shared.sim),
            Default::default(),
        );
    };
    match &container.process {
        Process::Running { machine, .. } => return machine.clone(),
        Process::Service { machine: Some(machine), .. } => return machine.clone(),
        _ => {}
    }
    let made = start::machine_of(container, node, worker, index, shared);
    if let Some(container) = worker.containers[index].current.as_mut()
        && let Process::Service { machine, .. } = &mut container.process
    {
        *machine = Some(made.clone());
    }
    made
}

fn run(
    machine: &Machine,
    launch: Launch,
    request: &ExecRequest,
    shared: &mut Shared,
) -> ExecStreams {
    let (ends, streams) = ends();
    let sim = shared.sim.clone();
    let program = request.command.first().cloned().unwrap_or_default();
    let (launch, terminal) = match request.tty {
        true => {
            let tty = Tty::new(TERMINAL_SIZE.0, TERMINAL_SIZE.1);
            (launch.on_terminal(&tty), Some(tty))
        }
        false => {
            let stdout: Handle = Rc::new(Output(ends.stdout.clone()));
            let stderr: Handle = Rc::new(Output(ends.stderr.clone()));
            (launch.streams(Rc::new(Null), stdout, stderr), None)
        }
    };
    let Ends { stdin, stdout, stderr, status, resize } = ends;
    let launch = match (&terminal, request.stdin) {
        (None, true) => {
            let (sender, handle) = input_pipe(&sim);
            forward(&sim, stdin, sender);
            Launch { stdin: handle, ..launch }
        }
        (Some(tty), _) => {
            connect_terminal(&sim, tty, stdin, resize);
            launch
        }
        (None, false) => launch,
    };
    match machine.spawn(launch) {
        Err(errno) => {
            // Nobody reads this if the client is gone.
            let _ = status.send(cannot_start(&program, errno, &shared.ids.hex(64)));
        }
        Ok(child) => {
            if let Some(tty) = &terminal {
                copy_terminal(&sim, tty, Rc::new(Output(stdout.clone())));
            }
            report_status(&sim, child, terminal, (stdout, stderr), status);
        }
    }
    streams
}

/// Sends the program's end when it comes; keeps the outputs open until then.
fn report_status(
    sim: &Sim,
    child: Child,
    terminal: Option<Tty>,
    outputs: (Sender<Vec<u8>>, Sender<Vec<u8>>),
    status: Sender<Value>,
) {
    sim.spawn(async move {
        let ended = child.wait().await;
        if let Some(tty) = terminal {
            let rest = tty.take_output();
            if !rest.is_empty() {
                let _ = outputs.0.send(rest);
            }
            tty.hang_up();
        }
        let _ = status.send(exit_status(ended.code()));
        drop(outputs);
    });
}

fn attach(container: Option<&Container>, sim: &Sim) -> Option<ExecStreams> {
    let container = container?;
    let (ends, streams) = ends();
    let Ends { stdin, stdout, stderr, status, resize } = ends;
    match &container.console {
        Console::Terminal(tty) => connect_terminal(sim, tty, stdin, resize),
        Console::Pipe(sender) => forward(sim, stdin, sender.clone()),
        Console::None => {}
    }
    let child = match &container.process {
        Process::Running { child, .. } => Some(child.clone()),
        _ => None,
    };
    follow(sim, &container.log, stdout, stderr, (child, status));
    Some(streams)
}

/// Passes on what the container prints from now on, and its end.
fn follow(
    sim: &Sim,
    log: &LogBuffer,
    stdout: Sender<Vec<u8>>,
    stderr: Sender<Vec<u8>>,
    (child, status): (Option<Child>, Sender<Value>),
) {
    let mut lines = log.follow();
    sim.spawn(async move {
        while let Some(line) = lines.recv().await {
            if stdout.send(line.text.to_vec()).is_err() {
                return;
            }
        }
        let code = child.and_then(|child| child.status()).map_or(0, |status| status.code());
        let _ = status.send(exit_status(code));
        drop(stderr);
    });
}

/// A pipe into a program: what is sent comes out of the handle.
pub(crate) fn input_pipe(sim: &Sim) -> (Sender<Vec<u8>>, Handle) {
    let (sender, mut receiver) = channel::<Vec<u8>>();
    let (reader, writer) = pipe();
    sim.spawn(async move {
        while let Some(bytes) = receiver.recv().await {
            let mut rest = bytes.as_slice();
            while !rest.is_empty() {
                match writer.write(rest) {
                    Ok(count) => rest = rest.get(count..).unwrap_or_default(),
                    Err(Errno::EAGAIN) => match writer.bell() {
                        Some(bell) => bell.changed().await,
                        None => return,
                    },
                    Err(_) => return,
                }
            }
        }
    });
    (sender, reader)
}

fn forward(sim: &Sim, mut from: Receiver<Vec<u8>>, to: Sender<Vec<u8>>) {
    sim.spawn(async move {
        while let Some(bytes) = from.recv().await {
            if to.send(bytes).is_err() {
                return;
            }
        }
    });
}

/// Types into a terminal what a client sends, and gives it the client's size.
fn connect_terminal(
    sim: &Sim,
    tty: &Tty,
    mut stdin: Receiver<Vec<u8>>,
    mut resize: Receiver<(usize, usize)>,
) {
    let typed = tty.clone();
    sim.spawn(async move {
        while let Some(bytes) = stdin.recv().await {
            typed.input(&bytes);
        }
    });
    let sized = tty.clone();
    sim.spawn(async move {
        while let Some((columns, rows)) = resize.recv().await {
            sized.resize(columns, rows);
        }
    });
}

/// Copies what a terminal shows, until its reader is gone.
pub(crate) fn copy_terminal(sim: &Sim, tty: &Tty, to: Handle) {
    let tty = tty.clone();
    sim.spawn(async move {
        loop {
            let shown = tty.output_bell().changed();
            let bytes = tty.take_output();
            if !bytes.is_empty() && to.write(&bytes).is_err() {
                return;
            }
            if bytes.is_empty() {
                shown.await;
            }
        }
    });
}

fn exit_status(code: i32) -> Value {
    if code == 0 {
        return object! { "metadata": object! {}, "status": "Success" };
    }
    let cause = object! { "reason": "ExitCode", "message": code.to_string() };
    object! {
        "metadata": object! {},
        "status": "Failure",
        "message": format!(
            "command terminated with non-zero exit code: error executing command, exit code {code}"
        ),
        "reason": "NonZeroExitCode",
        "details": object! { "causes": list![cause] },
    }
}

/// The words of the runtime that cannot start a program.
pub(crate) fn start_error(program: &str, errno: Errno, id: &str) -> String {
    let quoted = api::go::quote(program);
    let why = start::cannot_execute(program, errno);
    format!(
        "rpc error: code = Unknown desc = failed to exec in container: failed to start exec \
         \"{id}\": OCI runtime exec failed: exec failed: unable to start container process: exec: \
         {quoted}: {why}: unknown"
    )
}

fn cannot_start(program: &str, errno: Errno, id: &str) -> Value {
    let why = start_error(program, errno, id);
    object! {
        "metadata": object! {},
        "status": "Failure",
        "message": format!("Internal error occurred: error executing command in container: {why}"),
        "reason": "InternalError",
        "code": 500,
    }
}
