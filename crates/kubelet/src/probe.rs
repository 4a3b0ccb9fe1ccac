//! Probes: startup, readiness and liveness of containers.
//!
//! Models the probe manager and its workers: one for each probe of each container, ticking from
//! the first sync of the Pod on, whatever attempt of the container runs. A readiness probe is also
//! run whenever a status is made of a container that has started and is not ready.

use crate::container::{Container, Process};
use crate::node::Node;
use crate::pod::{Life, PodWorker, Restart};
use crate::{Shared, Work, dial, exec, start, status};
use api::View;
use api::core::v1::{HTTPGetAction, Probe};
use images::HttpRequest;
use shell::{Either, Launch, Null, race};
use sim::{Cause, Duration, Time};
use std::rc::Rc;

/// What a probe is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ProbeKind {
    Startup,
    Readiness,
    Liveness,
}

pub(crate) const KINDS: [ProbeKind; 3] =
    [ProbeKind::Startup, ProbeKind::Readiness, ProbeKind::Liveness];

/// What is known of one probe of one container.
#[derive(Debug, Default)]
pub(crate) struct ProbeState {
    /// The attempt of the container that the rest is about.
    container_id: String,
    /// What counts, after the thresholds.
    pub(crate) result: Option<bool>,
    last: Option<bool>,
    /// How often the last outcome came in a row.
    run: i64,
    /// Whether it waits for the container to be started again.
    is_on_hold: bool,
    /// Whether a command of it is running.
    is_busy: bool,
}

/// Names a probe: the Pod's uid, the container's place, the kind.
pub(crate) type Key = (Rc<str>, usize, ProbeKind);

/// The end of a command that a probe ran.
pub(crate) struct Done {
    pub(crate) node: usize,
    pub(crate) key: Key,
    pub(crate) container_id: String,
    pub(crate) outcome: Outcome,
}

/// What a probe came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Success,
    Failure(String),
    /// It could not be run at all, which counts for nothing.
    Error(String),
}

impl ProbeKind {
    fn name(self) -> &'static str {
        match self {
            ProbeKind::Startup => "Startup",
            ProbeKind::Readiness => "Readiness",
            ProbeKind::Liveness => "Liveness",
        }
    }

    /// As it stands in `Container c failed startup probe`.
    pub(crate) fn word(self) -> &'static str {
        match self {
            ProbeKind::Startup => "startup",
            ProbeKind::Readiness => "readiness",
            ProbeKind::Liveness => "liveness",
        }
    }
}

/// The probe of that kind of a container.
pub(crate) fn spec(worker: &PodWorker, index: usize, kind: ProbeKind) -> Option<Probe<'_>> {
    let container = worker.spec_of(index);
    match kind {
        ProbeKind::Startup => container.startup_probe(),
        ProbeKind::Readiness => container.readiness_probe(),
        ProbeKind::Liveness => container.liveness_probe(),
    }
}

fn period(probe: Probe<'_>) -> Duration {
    Duration::from_secs(probe.period_seconds().max(1).unsigned_abs())
}

/// Starts the workers of a Pod's probes.
pub(crate) fn begin(node: &Node, worker: &mut PodWorker, shared: &mut Shared) {
    let now = shared.sim.now();
    worker.probes_begun = Some(now);
    for index in 0..worker.containers.len() {
        for kind in KINDS {
            if spec(worker, index, kind).is_some() {
                worker.probes.insert((index, kind), ProbeState::default());
                run_at(node, worker, index, kind, now, shared);
            }
        }
    }
}

fn run_at(
    node: &Node,
    worker: &PodWorker,
    index: usize,
    kind: ProbeKind,
    at: Time,
    shared: &mut Shared,
) {
    let key = (worker.uid.clone(), index, kind);
    shared.queue.add_at(at, (node.index, Work::Probe(key)), Cause::Setup);
}

/// Whether a running container has started: its startup probe says so, or it has none.
pub(crate) fn has_started(worker: &PodWorker, index: usize) -> bool {
    result_of(worker, index, ProbeKind::Startup)
}

/// Whether a running container is ready, as far as its probes say.
pub(crate) fn is_ready(worker: &PodWorker, index: usize) -> bool {
    has_started(worker, index) && result_of(worker, index, ProbeKind::Readiness)
}

fn result_of(worker: &PodWorker, index: usize, kind: ProbeKind) -> bool {
    let Some(state) = worker.probes.get(&(index, kind)) else {
        return true;
    };
    let current = worker.containers[index].current.as_ref();
    let is_about_it = current.is_some_and(|container| container.id == state.container_id);
    is_about_it && state.result == Some(true)
}

/// A status was made: containers that have started and are not ready are asked at once.
pub(crate) fn ask_unready(node: &Node, worker: &PodWorker, shared: &mut Shared) {
    let asked: Vec<usize> = worker
        .running()
        .map(|(index, _)| index)
        .filter(|index| worker.probes.contains_key(&(*index, ProbeKind::Readiness)))
        .filter(|index| has_started(worker, *index) && !is_ready(worker, *index))
        .collect();
    let now = shared.sim.now();
    for index in asked {
        run_at(node, worker, index, ProbeKind::Readiness, now, shared);
    }
}

/// Runs a probe if its container is there to be asked.
pub(crate) fn tick(node: &mut Node, worker: &mut PodWorker, key: &Key, shared: &mut Shared) {
    let (index, kind) = (key.1, key.2);
    let now = shared.sim.now();
    let Some(probe) = spec(worker, index, kind) else {
        return;
    };
    let is_over = match worker.life {
        Life::Running => false,
        Life::Terminating => kind != ProbeKind::Readiness,
        Life::Terminated => true,
    };
    if is_over || rests(worker, index, kind) {
        return;
    }
    let phase = worker.probes_begun.unwrap_or(now);
    let next = (now + Duration::from_nanos(1)).next_tick(phase, period(probe));
    run_at(node, worker, index, kind, next, shared);
    if is_askable(worker, index, kind, now) {
        ask(node, worker, index, kind, shared);
    }
}

/// Whether the answer is known for as long as the container runs.
fn rests(worker: &PodWorker, index: usize, kind: ProbeKind) -> bool {
    let current = worker.containers[index].current.as_ref();
    current.is_some_and(|container| container.is_running() && is_steady(container))
        && result_of(worker, index, kind)
}

fn is_steady(container: &Container) -> bool {
    matches!(&container.process, Process::Service { service, .. } if service.is_steady())
}

/// A container runs again: probes that rested go on.
pub(crate) fn resume(node: &Node, worker: &PodWorker, index: usize, shared: &mut Shared) {
    if !worker.containers[index].current.as_ref().is_some_and(is_steady) {
        return;
    }
    let now = shared.sim.now();
    for kind in KINDS.into_iter().filter(|kind| worker.probes.contains_key(&(index, *kind))) {
        run_at(node, worker, index, kind, now, shared);
    }
}

fn is_askable(worker: &mut PodWorker, index: usize, kind: ProbeKind, now: Time) -> bool {
    let delay = spec(worker, index, kind).map_or(0, |probe| probe.initial_delay_seconds());
    let Some(container) = worker.containers[index].current.as_ref() else {
        return false;
    };
    // The worker knows of a container what the published status says.
    if !container.is_running() || !container.is_published {
        return false;
    }
    let (id, age) = (container.id.clone(), now.since(container.started));
    let has_started = has_started(worker, index);
    let Some(state) = worker.probes.get_mut(&(index, kind)) else {
        return false;
    };
    if state.container_id != id {
        let result = (kind == ProbeKind::Liveness).then_some(true);
        *state = ProbeState { container_id: id, result, ..ProbeState::default() };
    }
    if state.is_on_hold || state.is_busy || age < Duration::from_secs(delay.max(0).unsigned_abs()) {
        return false;
    }
    match kind {
        ProbeKind::Startup => !has_started,
        _ => has_started,
    }
}

fn ask(
    node: &mut Node,
    worker: &mut PodWorker,
    index: usize,
    kind: ProbeKind,
    shared: &mut Shared,
) {
    let Some(probe) = spec(worker, index, kind) else {
        return;
    };
    let outcome = if let Some(http) = probe.http_get() {
        http_get(worker, index, http, shared)
    } else if let Some(tcp) = probe.tcp_socket() {
        let port = port_number(worker, index, tcp.value().get(&api::names::PORT));
        dial(worker, tcp.host(), port)
    } else if let Some(grpc) = probe.grpc() {
        let address = format!("{}:{}", ip(worker), grpc.port());
        let seconds = probe.timeout_seconds().max(1);
        Outcome::Failure(format!(
            "timeout: failed to connect service \"{address}\" within {seconds}s: context deadline \
             exceeded"
        ))
    } else if probe.exec().is_some() {
        return run_command(node, worker, index, kind, shared);
    } else {
        Outcome::Success
    };
    conclude(node, worker, index, kind, outcome, shared);
}

fn ip(worker: &PodWorker) -> String {
    worker.ip.as_ref().map(|ip| ip.to_string()).unwrap_or_default()
}

/// A port by its number or by its name in the container.
fn port_number(worker: &PodWorker, index: usize, port: &api::Value) -> i64 {
    match port.as_str() {
        Some(name) => {
            let mut ports = worker.spec_of(index).ports();
            let named = ports.find(|port| port.name() == name);
            named.map_or_else(|| name.parse().unwrap_or(0), |port| port.container_port())
        }
        None => port.as_i64().unwrap_or(0),
    }
}

/// The container of the Pod that listens at a port.
fn listener(worker: &PodWorker, port: i64) -> Option<(usize, &Container)> {
    worker.running().find(|(_, container)| match &container.process {
        Process::Service { ports, .. } => ports.iter().any(|other| i64::from(*other) == port),
        _ => false,
    })
}

fn refused(host: &str, port: i64) -> String {
    format!("dial tcp {host}:{port}: connect: connection refused")
}

fn dial(worker: &PodWorker, host: &str, port: i64) -> Outcome {
    match listener(worker, port) {
        Some(_) => Outcome::Success,
        None if host.is_empty() => Outcome::Failure(refused(&ip(worker), port)),
        None => Outcome::Failure(refused(host, port)),
    }
}

fn http_get(worker: &PodWorker, index: usize, http: HTTPGetAction<'_>, shared: &Shared) -> Outcome {
    let port = port_number(worker, index, http.value().get(&api::names::PORT));
    let host = if http.host().is_empty() { ip(worker) } else { http.host().to_owned() };
    let scheme = http.scheme().to_ascii_lowercase();
    let path = if http.path().starts_with('/') {
        http.path().to_owned()
    } else {
        format!("/{}", http.path())
    };
    let url = format!("{scheme}://{host}:{port}{path}");
    let failed = |why: &str| Outcome::Failure(format!("Get \"{url}\": {why}"));
    let Some((at, container)) = listener(worker, port) else {
        return failed(&refused(&host, port));
    };
    let Process::Service { service, .. } = &container.process else {
        return failed(&refused(&host, port));
    };
    match (scheme == "https", service.speaks_tls(u16::try_from(port).unwrap_or_default())) {
        (true, false) => return failed("http: server gave HTTP response to HTTPS client"),
        (false, true) => {
            return Outcome::Failure("HTTP probe failed with statuscode: 400".to_owned());
        }
        _ => {}
    }
    let request = HttpRequest {
        method: "GET".to_owned(),
        path,
        user_agent: "kube-probe/1.29".to_owned(),
        from: network::GATEWAY.to_owned(),
    };
    let answer = dial::answer(worker, (at, container), service.as_ref(), &request, shared);
    let Some(response) = answer else {
        return failed(
            "context deadline exceeded (Client.Timeout exceeded while awaiting headers)",
        );
    };
    match response.code {
        200..400 => Outcome::Success,
        code => Outcome::Failure(format!("HTTP probe failed with statuscode: {code}")),
    }
}

/// Runs the command of a probe; its outcome comes when it ends or its time is up.
fn run_command(
    node: &Node,
    worker: &mut PodWorker,
    index: usize,
    kind: ProbeKind,
    shared: &mut Shared,
) {
    let machine = exec::machine_of_container(node, worker, index, shared);
    let Some(probe) = spec(worker, index, kind) else {
        return;
    };
    let command: Vec<String> =
        probe.exec().map(|exec| exec.command().map(str::to_owned).collect()).unwrap_or_default();
    let timeout = Duration::from_secs(probe.timeout_seconds().max(1).unsigned_abs());
    let Some(container) = worker.containers[index].current.as_ref() else {
        return;
    };
    let launch = Launch::new(command.clone())
        .environment(start::environment_of(container))
        .directory(&start::working_directory(container, worker, index));
    let output = shell::Capture::new(OUTPUT_BYTES_MAX);
    let launch = launch.streams(Rc::new(Null), output.clone(), output.clone());
    let (done, sim) = (shared.probes_done.clone(), shared.sim.clone());
    let key = (worker.uid.clone(), index, kind);
    let (node, container_id) = (node.index, container.id.clone());
    let line = command.join(" ");
    let started = machine.spawn(launch).map_err(|errno| {
        let program = command.first().map_or("", String::as_str);
        exec::start_error(program, errno, &shared.ids.hex(64))
    });
    if let Some(state) = worker.probes.get_mut(&(index, kind)) {
        state.is_busy = true;
    }
    sim.clone().spawn(async move {
        let outcome = match started {
            Err(why) => Outcome::Error(why),
            Ok(child) => match race(child.wait(), sim.sleep(timeout)).await {
                Either::First(status) if status.code() == 0 => Outcome::Success,
                Either::First(_) => {
                    Outcome::Failure(String::from_utf8_lossy(&output.take()).into_owned())
                }
                Either::Second(()) => {
                    child.signal(shell::Signal::KILL);
                    Outcome::Failure(format!("command {} timed out", api::go::quote(&line)))
                }
            },
        };
        done.borrow_mut().push(Done { node, key, container_id, outcome });
    });
}

/// How much of a command's output is kept.
const OUTPUT_BYTES_MAX: usize = 10 * 1024;

/// A command of a probe has ended.
pub(crate) fn command_done(
    node: &mut Node,
    worker: &mut PodWorker,
    done: Done,
    shared: &mut Shared,
) {
    let (_, index, kind) = done.key;
    if let Some(state) = worker.probes.get_mut(&(index, kind)) {
        if state.container_id != done.container_id {
            return;
        }
        state.is_busy = false;
    }
    conclude(node, worker, index, kind, done.outcome, shared);
}

/// Counts an outcome and acts on it when a threshold is reached.
fn conclude(
    node: &mut Node,
    worker: &mut PodWorker,
    index: usize,
    kind: ProbeKind,
    outcome: Outcome,
    shared: &mut Shared,
) {
    report(node, worker, index, kind, &outcome);
    let Some(probe) = spec(worker, index, kind) else {
        return;
    };
    let thresholds = (probe.success_threshold().max(1), probe.failure_threshold().max(1));
    let is_success = match outcome {
        Outcome::Success => true,
        Outcome::Failure(_) => false,
        Outcome::Error(_) => return,
    };
    let Some(state) = worker.probes.get_mut(&(index, kind)) else {
        return;
    };
    state.run = if state.last == Some(is_success) { state.run + 1 } else { 1 };
    state.last = Some(is_success);
    let threshold = if is_success { thresholds.0 } else { thresholds.1 };
    if state.run < threshold {
        return;
    }
    let is_change = state.result != Some(is_success);
    state.result = Some(is_success);
    let kills = !is_success && kind != ProbeKind::Readiness;
    if kills {
        state.is_on_hold = true;
        state.run = 0;
        worker.containers[index].restart = Some(Restart::Probe(kind));
    }
    if !is_change && !kills {
        return;
    }
    if worker.life == Life::Running {
        worker.wants_sync = true;
        node.schedule(shared, shared.sim.now(), &worker.uid.clone(), Cause::Setup);
    }
    if kind != ProbeKind::Liveness && !kills {
        status::publish(node, worker, shared);
    }
}

fn report(node: &mut Node, worker: &PodWorker, index: usize, kind: ProbeKind, outcome: &Outcome) {
    let (verb, why) = match outcome {
        Outcome::Success => return,
        Outcome::Failure(why) => ("failed", why),
        Outcome::Error(why) => ("errored", why),
    };
    let name = worker.spec_of(index).name();
    let about = Node::container_reference(&worker.object, worker.list_of(index), name);
    let message = format!("{} probe {verb}: {why}", kind.name());
    node.recorder.warning(&about, "Unhealthy", message);
}
