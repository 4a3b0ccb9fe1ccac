//! The status of a Pod as its kubelet reports it.
//!
//! Models `generateAPIPodStatus`, `getPhase` and the status manager.

use crate::container::{Container, Exit};
use crate::node::Node;
use crate::pod::{ContainerState, Life, PodWorker};
use crate::sync::should_restart;
use crate::{Shared, probe};
use api::core::v1::Pod;
use api::{List, Text, Value, View, list, names, object};
use kinds::core::pod as pod_kind;
use sim::Time;

/// Reports the status if it has changed; true if the Pod has come to its end.
pub(crate) fn publish(node: &Node, worker: &mut PodWorker, shared: &mut Shared) -> bool {
    let status = generate(node, worker, shared.sim.now());
    for container in worker.containers.iter_mut().filter_map(|state| state.current.as_mut()) {
        container.is_published = true;
    }
    probe::ask_unready(node, worker, shared);
    let phase = status.get(&names::PHASE);
    let is_over = *phase == "Succeeded" || *phase == "Failed";
    store(worker, status, shared);
    is_over
}

fn store(worker: &mut PodWorker, status: Value, shared: &Shared) {
    let key = apiserver::store::ObjectKey::of(&worker.object);
    let Some(current) = shared.client.get(&pod_kind::KIND, &key.namespace, &key.name) else {
        return;
    };
    let uid = |pod: &Value| pod.get(&names::METADATA).get(&names::UID).clone();
    let is_same_pod = uid(&current) == uid(&worker.object);
    if !is_same_pod || *current.get(&names::STATUS) == status {
        return;
    }
    let mut updated = current;
    updated.make_map().insert(&names::STATUS, status);
    if let Ok(stored) = shared.client.update_status(&pod_kind::KIND, updated) {
        worker.object = stored;
    }
}

fn generate(node: &Node, worker: &PodWorker, now: Time) -> Value {
    let old = Pod::of(&worker.object).status();
    let init_count = worker.init_count();
    let (init, rest) = worker.containers.split_at(init_count);
    let main_count = worker.pod().spec().containers().len().min(rest.len());
    let (main, ephemeral) = rest.split_at(main_count);
    let has_init = init_count > 0;
    let main_reason = if has_init { "PodInitializing" } else { "ContainerCreating" };
    let init_statuses: Vec<Value> = init
        .iter()
        .enumerate()
        .map(|(i, state)| container_status(worker, i, state, "PodInitializing"))
        .collect();
    let main_statuses: Vec<Value> = main
        .iter()
        .enumerate()
        .map(|(i, state)| container_status(worker, init_count + i, state, main_reason))
        .collect();
    let first_ephemeral = init_count + main_count;
    let ephemeral_statuses: Vec<Value> = ephemeral
        .iter()
        .enumerate()
        .map(|(i, state)| container_status(worker, first_ephemeral + i, state, "ContainerCreating"))
        .collect();
    let phase = phase(worker, &main_statuses);
    let mut status = worker.object.get(&names::STATUS).clone();
    let map = status.make_map();
    map.insert(&names::PHASE, phase);
    let conditions =
        conditions(worker, old.conditions().values(), phase, &init_statuses, &main_statuses, now);
    map.insert(&names::CONDITIONS, conditions);
    // The scheduler's wish is fulfilled: a kubelet knows nothing of it and leaves it out.
    map.remove(&names::NOMINATED_NODE_NAME);
    let (host_ip, host_ips) = &node.host_ips;
    map.insert(&names::HOST_IP, host_ip);
    map.insert(&names::HOST_IPS, host_ips);
    map.insert(&names::START_TIME, worker.start_time.rfc3339());
    if let Some(ip) = &worker.ip {
        map.insert(&names::POD_IP, ip);
        map.insert(&names::POD_IPS, list![object! { "ip": ip }]);
    }
    if has_init {
        map.insert(&names::INIT_CONTAINER_STATUSES, init_statuses);
    }
    if !ephemeral_statuses.is_empty() {
        map.insert(&names::EPHEMERAL_CONTAINER_STATUSES, sorted_by_name(ephemeral_statuses));
    }
    map.insert(&names::CONTAINER_STATUSES, sorted_by_name(main_statuses));
    status
}

/// Statuses are sorted by the names of their containers.
fn sorted_by_name(mut statuses: Vec<Value>) -> Value {
    statuses.sort_by(|a, b| a.get(&names::NAME).as_str().cmp(&b.get(&names::NAME).as_str()));
    statuses.into()
}

fn container_status(
    worker: &PodWorker,
    index: usize,
    state: &ContainerState,
    waiting_reason: &'static str,
) -> Value {
    let spec = worker.spec_of(index);
    let is_init = index < worker.init_count();
    let running = state.current.as_ref().filter(|c| c.is_running());
    let (now, last) = states(worker, state, waiting_reason, worker.is_ephemeral(index));
    let is_ready = match (&state.current, is_init) {
        (Some(container), true) if spec.restart_policy() != Some("Always") => {
            container.exit.as_ref().is_some_and(|exit| exit.code == 0)
        }
        _ if worker.is_ephemeral(index) => false,
        _ => running.is_some() && worker.life == Life::Running && probe::is_ready(worker, index),
    };
    let has_started =
        running.is_some() && !worker.is_ephemeral(index) && probe::has_started(worker, index);
    let image = match &state.current {
        Some(container) => Text::from(container.image_name.clone()),
        None => spec.value().get(&names::IMAGE).as_text().cloned().unwrap_or_default(),
    };
    let mut status = object! {
        "name": spec.value().get(&names::NAME),
        "state": now,
        "lastState": last,
        "ready": is_ready,
        "restartCount": state.restart_count,
        "image": image,
        "imageID": state.current.as_ref().map_or(Text::EMPTY, |c| Text::from(c.image_id.clone())),
        "started": has_started,
    };
    if let Some(container) = &state.current {
        status.make_map().insert(&names::CONTAINER_ID, container_id(container));
    }
    status
}

fn container_id(container: &Container) -> String {
    format!("containerd://{}", container.id)
}

/// (state, lastState): what a container does now, and how its attempt before ended.
fn states(
    worker: &PodWorker,
    state: &ContainerState,
    waiting_reason: &'static str,
    is_ephemeral: bool,
) -> (Value, Value) {
    let waiting = |reason: &'static str, message: &str| {
        let mut waiting = object! { "reason": reason };
        if !message.is_empty() {
            waiting.make_map().insert(&names::MESSAGE, message.to_owned());
        }
        object! { "waiting": waiting }
    };
    let previous = state
        .previous
        .as_ref()
        .and_then(|container| Some(terminated(container, container.exit.as_ref()?)));
    let Some(current) = &state.current else {
        let state = match &state.waiting {
            Some((reason, message)) => waiting(reason, message),
            None => waiting(waiting_reason, ""),
        };
        return (state, previous.unwrap_or(Value::EMPTY_MAP));
    };
    match (&current.exit, &state.waiting) {
        // What is to be started again and has been tried waits for a reason.
        (Some(exit), Some((reason, message))) if !is_ephemeral && should_restart(worker, exit) => {
            (waiting(reason, message), terminated(current, exit))
        }
        (Some(exit), _) => (terminated(current, exit), previous.unwrap_or(Value::EMPTY_MAP)),
        (None, _) => {
            let running = object! { "running": object! { "startedAt": current.started.rfc3339() } };
            (running, previous.unwrap_or(Value::EMPTY_MAP))
        }
    }
}

fn terminated(container: &Container, exit: &Exit) -> Value {
    let started = if exit.reason == "StartError" { Time::EPOCH } else { container.started };
    let mut terminated = object! {
        "exitCode": exit.code,
        "reason": exit.reason,
        "startedAt": started.rfc3339(),
        "finishedAt": exit.at.max(started).rfc3339(),
        "containerID": container_id(container),
    };
    if !exit.message.is_empty() {
        terminated.make_map().insert(&names::MESSAGE, exit.message.clone());
    }
    object! { "terminated": terminated }
}

/// Models `getPhase`.
fn phase(worker: &PodWorker, main: &[Value]) -> &'static str {
    let policy = worker.pod().spec().restart_policy();
    let init_count = worker.init_count();
    for (index, state) in worker.containers[..init_count].iter().enumerate() {
        let is_sidecar = worker.spec_of(index).restart_policy() == Some("Always");
        let current = state.current.as_ref();
        let exit = current.and_then(|container| container.exit.as_ref());
        let is_done = exit.is_some_and(|exit| exit.code == 0)
            || (is_sidecar && current.is_some_and(|container| container.is_running()));
        if !is_done {
            let has_failed = exit.is_some_and(|exit| exit.code != 0) && policy == "Never";
            return if has_failed { "Failed" } else { "Pending" };
        }
    }
    let (mut running, mut waiting, mut stopped, mut succeeded) = (0, 0, 0, 0);
    for status in main {
        let state = status.get(&names::STATE);
        let ended = state.get(&names::TERMINATED);
        if !state.get(&names::RUNNING).is_null() {
            running += 1;
        } else if !ended.is_null() {
            stopped += 1;
            succeeded += usize::from(ended.get(&names::EXIT_CODE).as_i64() == Some(0));
        } else if !status.get(&names::LAST_STATE).get(&names::TERMINATED).is_null() {
            stopped += 1;
        } else {
            waiting += 1;
        }
    }
    let is_ending = worker.life != Life::Running;
    match (waiting, running, stopped) {
        (1.., _, _) => "Pending",
        (_, 1.., _) => "Running",
        (_, 0, 1..) if is_ending || policy == "Never" => {
            if stopped == succeeded {
                "Succeeded"
            } else {
                "Failed"
            }
        }
        (_, 0, 1..) if policy == "Always" => "Running",
        (_, 0, 1..) if stopped == succeeded => "Succeeded",
        (_, 0, 1..) => "Running",
        _ => "Pending",
    }
}

/// The conditions in the order in which the kubelet writes them, those of others first.
fn conditions(
    worker: &PodWorker,
    old: &[Value],
    phase: &str,
    init: &[Value],
    main: &[Value],
    now: Time,
) -> Value {
    const OURS: [&str; 5] =
        ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"];
    let unready = names_where(main, |status| status.get(&names::READY).as_bool() != Some(true));
    let is_sidecar = |status: &Value| {
        let name = status.get(&names::NAME);
        worker
            .pod()
            .spec()
            .init_containers()
            .any(|c| *name == c.name() && c.restart_policy() == Some("Always"))
    };
    let incomplete = names_where(init, |status| {
        let ended = status.get(&names::STATE).get(&names::TERMINATED);
        let is_done = ended.get(&names::EXIT_CODE).as_i64() == Some(0)
            || (is_sidecar(status) && status.get(&names::STARTED).as_bool() == Some(true));
        !is_done
    });
    let ready = match phase {
        "Succeeded" => ("False", "PodCompleted", String::new()),
        "Failed" => ("False", "PodFailed", String::new()),
        _ if unready.is_empty() => ("True", "", String::new()),
        _ => {
            let message = format!("containers with unready status: [{}]", unready.join(" "));
            ("False", "ContainersNotReady", message)
        }
    };
    let initialized = match phase {
        "Succeeded" => ("True", "PodCompleted", String::new()),
        _ if incomplete.is_empty() => ("True", "", String::new()),
        _ => {
            let message = format!("containers with incomplete status: [{}]", incomplete.join(" "));
            ("False", "ContainersNotInitialized", message)
        }
    };
    let has_sandbox = worker.ip.is_some() && worker.life != Life::Terminated;
    let sandbox = if has_sandbox { "True" } else { "False" };
    let gates = worker.pod().spec().readiness_gates();
    let is_true = |ty: &str| {
        old.iter().any(|c| *c.get(&names::TYPE) == *ty && *c.get(&names::STATUS) == "True")
    };
    let missing_gate = gates.map(|gate| gate.condition_type()).find(|ty| !is_true(ty));
    let pod_ready = match (&ready, missing_gate) {
        (("True", _, _), Some(gate)) => {
            let message =
                format!("corresponding condition of pod readiness gate \"{gate}\" does not exist.");
            ("False", "ReadinessGatesNotReady", message)
        }
        _ => ready.clone(),
    };
    let all = [
        ("PodReadyToStartContainers", (sandbox, "", String::new())),
        ("Initialized", initialized),
        ("Ready", pod_ready),
        ("ContainersReady", ready),
        ("PodScheduled", ("True", "", String::new())),
    ];
    let others =
        old.iter().filter(|c| !OURS.contains(&c.get(&names::TYPE).as_str().unwrap_or_default()));
    let ours = all
        .into_iter()
        .map(|(ty, (status, reason, message))| condition(old, ty, status, reason, message, now));
    Value::List(others.cloned().chain(ours).collect::<List>())
}

fn names_where(statuses: &[Value], holds: impl Fn(&Value) -> bool) -> Vec<&str> {
    statuses
        .iter()
        .filter(|status| holds(status))
        .filter_map(|status| status.get(&names::NAME).as_str())
        .collect()
}

/// A condition keeps its time of transition as long as its status stays the same.
fn condition(
    old: &[Value],
    ty: &'static str,
    status: &'static str,
    reason: &'static str,
    message: String,
    now: Time,
) -> Value {
    let before = old.iter().find(|c| *c.get(&names::TYPE) == ty);
    let since = before
        .filter(|c| *c.get(&names::STATUS) == status)
        .map(|c| c.get(&names::LAST_TRANSITION_TIME).clone())
        .unwrap_or_else(|| now.rfc3339().into());
    let mut condition = object! {
        "type": ty,
        "status": status,
        "lastProbeTime": Value::Null,
        "lastTransitionTime": since,
    };
    if !reason.is_empty() {
        condition.make_map().insert(&names::REASON, reason);
    }
    if !message.is_empty() {
        condition.make_map().insert(&names::MESSAGE, message);
    }
    match before {
        // An equal condition shares the memory of the one before.
        Some(before) if *before == condition => before.clone(),
        _ => condition,
    }
}
