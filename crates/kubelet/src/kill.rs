//! The end of a Pod: hooks, signals, the grace period, and the removal from the API server.

use crate::container::{Exit, Process};
use crate::latency::{CLEAN_UP_POD, KILL_POD, STOP_SERVICE};
use crate::node::Node;
use crate::pod::{Life, PodWorker, Restart, Step};
use crate::{Shared, exec, probe, start, status};
use client::{DeleteOptions, EventRecorder};
use kinds::core::pod as pod_kind;
use shell::{Handle, Launch, Null, Signal};
use sim::{Duration, Time};
use std::rc::Rc;

/// Hooks are told apart from containers by this mark before the container's id.
const HOOK: &str = "hook:";

/// The same mark of a postStart hook.
pub(crate) const POST_START: &str = "post-start:";

/// Begins to end a Pod that was deleted.
pub(crate) fn begin(node: &mut Node, worker: &mut PodWorker, shared: &mut Shared) {
    let now = shared.sim.now();
    let grace = worker.pod().metadata().deletion_grace_period_seconds().unwrap_or(30).max(0);
    worker.life = Life::Terminating;
    worker.wants_sync = false;
    worker.kill_deadline = Some(now + Duration::from_secs(grace as u64));
    let running: Vec<usize> = worker.running().map(|(index, _)| index).collect();
    for index in running {
        let name = worker.spec_of(index).name().to_owned();
        let about = Node::container_reference(&worker.object, worker.list_of(index), &name);
        node.recorder.normal(&about, "Killing", format!("Stopping container {name}"));
        if !run_hook(node, worker, index, shared) {
            stop(worker, index, now);
        }
    }
}

/// Starts the preStop hook of a container; false if it has none that takes time.
fn run_hook(node: &Node, worker: &mut PodWorker, index: usize, shared: &mut Shared) -> bool {
    let Some(hook) = worker.spec_of(index).lifecycle().and_then(|l| l.pre_stop()) else {
        return false;
    };
    if let Some(sleep) = hook.sleep() {
        let pause = Duration::from_secs(sleep.seconds().max(0) as u64);
        set_stop_time(worker, index, shared.sim.now() + pause);
        return true;
    }
    let Some(exec) = hook.exec() else {
        return false;
    };
    let command: Vec<String> = exec.command().map(str::to_owned).collect();
    let Some(container) = worker.containers[index].current.as_ref() else {
        return false;
    };
    let machine = match &container.process {
        Process::Running { machine, .. } => machine.clone(),
        _ => start::machine_of(container, node, worker, index, shared),
    };
    let null: Handle = Rc::new(Null);
    let launch = Launch::new(command).environment(start::environment_of(container)).streams(
        null.clone(),
        null.clone(),
        null,
    );
    let Ok(child) = machine.spawn(launch) else {
        return false;
    };
    let id = format!("{HOOK}{}", container.id);
    start::report_end(shared, node.index, worker.uid.clone(), id, child);
    true
}

/// Stops a container that failed a probe: when it must be gone, or nothing if it is already.
pub(crate) fn restart(
    node: &mut Node,
    worker: &mut PodWorker,
    index: usize,
    shared: &mut Shared,
) -> Option<Time> {
    let reason = worker.containers[index].restart.take()?;
    let is_running =
        worker.containers[index].current.as_ref().is_some_and(|current| current.is_running());
    if !is_running {
        return None;
    }
    let now = shared.sim.now();
    let name = worker.spec_of(index).name().to_owned();
    let (mut message, probe) = match reason {
        Restart::Probe(kind) => {
            (format!("Container {name} failed {} probe", kind.word()), Some(kind))
        }
        Restart::Changed => (format!("Container {name} definition changed"), None),
    };
    if worker.pod().spec().restart_policy() != "Never" {
        message.push_str(", will be restarted");
    }
    let about = Node::container_reference(&worker.object, worker.list_of(index), &name);
    node.recorder.normal(&about, "Killing", message);
    if !run_hook(node, worker, index, shared) {
        stop(worker, index, now);
    }
    let of_probe = probe
        .and_then(|kind| probe::spec(worker, index, kind))
        .and_then(|probe| probe.termination_grace_period_seconds());
    let grace = of_probe.or(worker.pod().spec().termination_grace_period_seconds()).unwrap_or(30);
    Some(now + Duration::from_secs(grace.max(1).unsigned_abs()))
}

/// Whether the step waits for a container that has ended.
pub(crate) fn has_ended(worker: &mut PodWorker, step: &Step, now: Time) -> bool {
    let index = match step {
        Step::Restarting(index) => index,
        Step::PostStart(_) => return worker.hook_code.is_some(),
        _ => return false,
    };
    end_obeying_services(worker, now);
    worker.containers[*index].current.as_ref().is_none_or(|current| !current.is_running())
}

/// Starts the postStart hook of a container; false if it has none that can be run here.
pub(crate) fn run_post_start(
    node: &Node,
    worker: &mut PodWorker,
    index: usize,
    shared: &mut Shared,
) -> bool {
    let Some(hook) = worker.spec_of(index).lifecycle().and_then(|l| l.post_start()) else {
        return false;
    };
    let Some(exec) = hook.exec() else {
        return false;
    };
    let command: Vec<String> = exec.command().map(str::to_owned).collect();
    let machine = exec::machine_of_container(node, worker, index, shared);
    let Some(container) = worker.containers[index].current.as_ref() else {
        return false;
    };
    let launch = Launch::new(command).environment(start::environment_of(container));
    let id = format!("{POST_START}{}", container.id);
    match machine.spawn(launch) {
        Ok(child) => {
            start::report_end(shared, node.index, worker.uid.clone(), id, child);
        }
        Err(_) => worker.hook_code = Some(126),
    }
    true
}

/// The postStart hook has ended; a container whose hook failed is stopped.
pub(crate) fn post_start_ended(
    node: &mut Node,
    worker: &mut PodWorker,
    index: usize,
    shared: &mut Shared,
) {
    if worker.hook_code.take().unwrap_or(0) == 0 {
        return;
    }
    let now = shared.sim.now();
    let name = worker.spec_of(index).name();
    let about = Node::container_reference(&worker.object, worker.list_of(index), name);
    node.recorder.warning(&about, "FailedPostStartHook", "PostStartHook failed".to_owned());
    node.recorder.normal(&about, "Killing", "FailedPostStartHook".to_owned());
    stop(worker, index, now);
    end_obeying_services(worker, now + STOP_SERVICE);
    if let Some(container) = worker.containers[index].current.as_mut() {
        PodWorker::kill_container(container, now);
    }
    worker.containers[index].waiting = Some(("PostStartHookError", String::new()));
    worker.sync_failed = true;
    worker.relist_at = Some(node.next_relist(now));
}

/// The time of a container is up that is to be started again.
pub(crate) fn end_restarted(worker: &mut PodWorker, index: usize, now: Time) {
    worker.hooks.retain(|(other, _)| *other != index);
    if let Some(container) = worker.containers[index].current.as_mut() {
        PodWorker::kill_container(container, now);
    }
}

fn set_stop_time(worker: &mut PodWorker, index: usize, at: Time) {
    worker.hooks.push((index, Some(at)));
}

/// Goes on with the end of a Pod: hooks that are done, servers that have obeyed, time that is up.
pub(crate) fn go_on(node: &mut Node, worker: &mut PodWorker, shared: &mut Shared) {
    let now = shared.sim.now();
    let done: Vec<usize> = worker
        .hooks
        .iter()
        .filter(|(_, at)| at.is_some_and(|at| at <= now))
        .map(|(i, _)| *i)
        .collect();
    worker.hooks.retain(|(_, at)| at.is_none_or(|at| at > now));
    for index in done {
        stop(worker, index, now);
    }
    end_obeying_services(worker, now);
    if worker.kill_deadline.is_some_and(|deadline| deadline <= now) {
        worker.kill_everything(now);
    }
    if !worker.has_running() {
        let pause = Node::varied(shared, KILL_POD);
        worker.step = Some((Step::Stopping, now + pause));
    }
    let _ = node;
}

/// The hook of a container has ended; its container may be stopped now.
pub(crate) fn hook_ended(
    recorder: &mut EventRecorder,
    worker: &mut PodWorker,
    id: &str,
    code: i32,
    now: Time,
) -> bool {
    let Some(container_id) = id.strip_prefix(HOOK) else {
        return false;
    };
    let found = worker
        .containers
        .iter()
        .position(|state| state.current.as_ref().is_some_and(|c| c.id == container_id));
    if let Some(index) = found {
        if code != 0 {
            let name = worker.spec_of(index).name();
            let about = Node::container_reference(&worker.object, worker.list_of(index), name);
            recorder.warning(&about, "FailedPreStopHook", "PreStopHook failed".to_owned());
        }
        stop(worker, index, now);
    }
    true
}

/// Asks the process of a container to end.
fn stop(worker: &mut PodWorker, index: usize, now: Time) {
    let Some(container) = worker.containers[index].current.as_mut() else {
        return;
    };
    if container.exit.is_some() {
        return;
    }
    let name = container.image.map_or("SIGTERM", |image| image.stop_signal);
    let signal = Signal::parse(name).unwrap_or(Signal::TERM);
    match &container.process {
        Process::Service { service, .. } => {
            if service.exit_code_on(i32::from(signal.number())).is_some() {
                container.kill_at = Some(now + STOP_SERVICE);
            }
        }
        Process::Running { child, .. } => child.signal(signal),
        Process::None => {}
    }
}

fn end_obeying_services(worker: &mut PodWorker, now: Time) {
    for state in &mut worker.containers {
        let Some(container) = state.current.as_mut() else {
            continue;
        };
        let Some(at) = container.kill_at.filter(|at| *at <= now) else {
            continue;
        };
        if container.exit.is_some() {
            continue;
        }
        let name = container.image.map_or("SIGTERM", |image| image.stop_signal);
        let number = Signal::parse(name).map_or(15, |signal| i32::from(signal.number()));
        let code = match &container.process {
            Process::Service { service, .. } => service.exit_code_on(number).unwrap_or(137),
            _ => 0,
        };
        let reason = if code == 0 { "Completed" } else { "Error" };
        container.exit = Some(Exit { code, reason, message: String::new(), at });
        container.process = Process::None;
        container.log.close();
    }
}

/// When there is something to do for a Pod that is ending.
pub(crate) fn next_time(worker: &PodWorker) -> Option<Time> {
    if worker.step.is_some() {
        return None;
    }
    let hooks = worker.hooks.iter().filter_map(|(_, at)| *at);
    let services = worker
        .containers
        .iter()
        .filter_map(|state| state.current.as_ref())
        .filter(|container| container.exit.is_none())
        .filter_map(|container| container.kill_at);
    hooks.chain(services).chain(worker.kill_deadline).min()
}

/// All containers have ended: the status says so, then the Pod is removed.
pub(crate) fn stopped(node: &mut Node, worker: &mut PodWorker, shared: &mut Shared) {
    let now = shared.sim.now();
    worker.life = Life::Terminated;
    status::publish(node, worker, shared);
    if worker.pod().metadata().deletion_timestamp().is_some() {
        let pause = Node::varied(shared, CLEAN_UP_POD);
        worker.step = Some((Step::CleaningUp, now + pause));
    }
}

/// A Pod whose containers have all ended for good needs no more looking at; when it is deleted,
/// it goes at once.
pub(crate) fn end_of_finished(node: &mut Node, worker: &mut PodWorker, shared: &mut Shared) {
    let now = shared.sim.now();
    worker.last_sync_end = Some(now);
    if worker.life == Life::Running {
        // Its sandbox is stopped, which the status says after the next look at the runtime.
        worker.step = Some((Step::Stopping, node.next_relist(now)));
    }
}

/// Removes the Pod from the API server; true, since nothing is left of it here.
pub(crate) fn clean_up(node: &mut Node, worker: &mut PodWorker, shared: &mut Shared) -> bool {
    let key = apiserver::store::ObjectKey::of(&worker.object);
    let options = DeleteOptions { grace_period_seconds: Some(0), propagation: None };
    // A Pod that is gone already, or that waits for finalizers, needs nothing more from here.
    let _ = shared.client.delete(&pod_kind::KIND, &key, &worker.uid, options);
    let _ = node;
    true
}
