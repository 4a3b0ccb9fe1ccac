//! Looking at a Pod: publish its status, then bring its containers closer to what the spec asks
//! for.
//!
//! Models `SyncPod` and the pod workers. A sync goes on over several steps, each of which takes
//! time; the next one begins only when the runtime has been asked again, so syncs fall on the
//! relist of the kubelet.

use crate::backoff::print_delay;
use crate::container::Exit;
use crate::image_manager::{Missing, Present};
use crate::latency::{
    CREATE_CONTAINER, CREATE_SANDBOX, MOUNT_VOLUMES, RESYNC, START_CONTAINER, SYNC_RETRY,
};
use crate::node::{Node, pod_name};
use crate::pod::{Life, PodWorker, Restart, Step};
use crate::volumes::MountedVolumes;
use crate::{Shared, environment, kill, probe, start, status};
use images::Reference;
use sim::{Cause, Duration, Time};

/// A postStart hook has no time limit of its own.
const POST_START_MAX: Duration = Duration::from_secs(24 * 3600);
/// `initialDurationBeforeRetry` and `maxDurationBeforeRetry` of failed mounts.
const MOUNT_RETRY_INITIAL: Duration = Duration::from_millis(500);
const MOUNT_RETRY_MAX: Duration = Duration::from_secs(122);

/// Goes on with a Pod as far as it can now; true if nothing is left of it.
pub(crate) fn look(node: &mut Node, worker: &mut PodWorker, shared: &mut Shared) -> bool {
    let now = shared.sim.now();
    let is_deleted = worker.pod().metadata().deletion_timestamp().is_some();
    if is_deleted && worker.life == Life::Running {
        // The end of a Pod interrupts what was being done for its start.
        worker.step = None;
        worker.to_start.clear();
        kill::begin(node, worker, shared);
    }
    if let Some((step, until)) = worker.step.take() {
        if now < until && !kill::has_ended(worker, &step, now) {
            worker.step = Some((step, until));
        } else if finish(node, worker, step, shared) {
            return true;
        }
    }
    if worker.step.is_none() {
        match worker.life {
            Life::Running => {
                if is_due(node, worker, now) {
                    begin(node, worker, shared);
                }
            }
            Life::Terminating => kill::go_on(node, worker, shared),
            Life::Terminated => {}
        }
    }
    schedule_next(node, worker, shared);
    false
}

/// Whether there is a reason to sync, and the runtime has been asked since the last one.
fn is_due(node: &Node, worker: &PodWorker, now: Time) -> bool {
    let has_reason = worker.wants_sync
        || worker.relist_at.is_some_and(|at| at <= now)
        || worker.next_sync.is_some_and(|at| at <= now);
    has_reason && worker.last_sync_end.is_none_or(|end| node.next_relist(end) <= now)
}

fn schedule_next(node: &Node, worker: &PodWorker, shared: &mut Shared) {
    let now = shared.sim.now();
    let mut at = worker.step.as_ref().map(|(_, until)| *until);
    if let Some((Step::Restarting(index), until)) = &worker.step {
        let obeys = worker.containers[*index].current.as_ref().and_then(|c| c.kill_at);
        at = Some(obeys.map_or(*until, |obeys| obeys.min(*until)));
    }
    if worker.life == Life::Terminating {
        at = at.into_iter().chain(kill::next_time(worker)).min();
    } else if at.is_none() && worker.life == Life::Running {
        let reasons = [worker.wants_sync.then_some(now), worker.relist_at, worker.next_sync];
        let earliest = worker.last_sync_end.map_or(now, |end| node.next_relist(end));
        at = reasons.into_iter().flatten().min().map(|at| at.max(earliest));
    }
    if let Some(at) = at {
        node.schedule(shared, at, &worker.uid, Cause::Setup);
    }
}

fn begin(node: &mut Node, worker: &mut PodWorker, shared: &mut Shared) {
    let now = shared.sim.now();
    worker.wants_sync = false;
    if worker.relist_at.is_some_and(|at| at <= now) {
        worker.relist_at = None;
    }
    worker.next_sync = None;
    worker.sync_failed = false;
    if worker.probes_begun.is_none() {
        probe::begin(node, worker, shared);
    }
    let is_over = status::publish(node, worker, shared);
    if is_over {
        return kill::end_of_finished(node, worker, shared);
    }
    if let Some(volumes) = &worker.volumes {
        volumes.refresh(node, worker, shared);
    }
    next_action(node, worker, shared);
}

/// Chooses what comes first: volumes, then the sandbox, then containers.
fn next_action(node: &mut Node, worker: &mut PodWorker, shared: &mut Shared) {
    let now = shared.sim.now();
    if worker.volumes.is_none() {
        let pause = Node::varied(shared, MOUNT_VOLUMES);
        worker.step = Some((Step::Mounting, now + pause));
    } else if worker.ip.is_none() {
        let pause = Node::varied(shared, CREATE_SANDBOX);
        worker.step = Some((Step::Sandbox, now + pause));
    } else {
        start_containers(node, worker, shared);
    }
}

/// Stops the containers that failed a probe, one after the other, then starts what is to run.
fn start_containers(node: &mut Node, worker: &mut PodWorker, shared: &mut Shared) {
    for index in 0..worker.containers.len() {
        let image = worker.spec_of(index).image().to_owned();
        let state = &mut worker.containers[index];
        let current = state.current.as_ref().filter(|current| current.is_running());
        if current.is_some_and(|current| *current.spec_image != *image) {
            state.restart = state.restart.or(Some(Restart::Changed));
        }
    }
    let failed = (0..worker.containers.len()).find(|at| worker.containers[*at].restart.is_some());
    if let Some(index) = failed
        && let Some(deadline) = kill::restart(node, worker, index, shared)
    {
        worker.step = Some((Step::Restarting(index), deadline));
        return;
    }
    worker.to_start = containers_to_start(worker);
    worker.to_start.reverse();
    start_next(node, worker, shared);
}

/// Ends a step; true if nothing is left of the Pod.
fn finish(node: &mut Node, worker: &mut PodWorker, step: Step, shared: &mut Shared) -> bool {
    let now = shared.sim.now();
    match step {
        Step::Mounting => mount(node, worker, shared),
        Step::Sandbox => {
            worker.ip = Some(match worker.pod().spec().host_network() {
                true => node.config.internal_ip.clone().into(),
                false => node.take_ip(),
            });
            worker.relist_at = Some(node.next_relist(now));
            next_action(node, worker, shared);
        }
        Step::Pulling(index, pull) => match node.images.end_pull(&pull, shared) {
            Ok(present) => {
                let about = about(worker, index);
                let image = worker.spec_of(index).image().to_owned();
                let message = format!(
                    "Successfully pulled image \"{image}\" in {} ({} including waiting)",
                    print_duration(now.since(pull.started)),
                    print_duration(now.since(pull.began)),
                );
                node.recorder.normal(&about, "Pulled", message);
                begin_start(worker, index, present, shared);
            }
            Err(missing) => {
                pull_failed(node, worker, index, missing, now);
                start_next(node, worker, shared);
            }
        },
        Step::Starting(index) => {
            finish_start(node, worker, index, shared);
            if kill::run_post_start(node, worker, index, shared) {
                worker.step = Some((Step::PostStart(index), now + POST_START_MAX));
            } else {
                start_next(node, worker, shared);
            }
        }
        Step::PostStart(index) => {
            kill::post_start_ended(node, worker, index, shared);
            start_next(node, worker, shared);
        }
        Step::Restarting(index) => {
            kill::end_restarted(worker, index, now);
            worker.restarted = Some(index);
            worker.relist_at = Some(node.next_relist(now));
            start_containers(node, worker, shared);
        }
        Step::Stopping => kill::stopped(node, worker, shared),
        Step::CleaningUp => return kill::clean_up(node, worker, shared),
    }
    false
}

fn mount(node: &mut Node, worker: &mut PodWorker, shared: &mut Shared) {
    let now = shared.sim.now();
    match MountedVolumes::mount(node, worker, shared) {
        Ok(volumes) => {
            worker.volumes = Some(volumes);
            next_action(node, worker, shared);
        }
        Err(error) => {
            let message = format!(
                "MountVolume.SetUp failed for volume \"{}\" : {}",
                error.volume, error.message
            );
            let about = Node::reference(&worker.object);
            node.recorder.warning(&about, "FailedMount", message);
            worker.mount_retry = match worker.mount_retry {
                Duration::ZERO => MOUNT_RETRY_INITIAL,
                pause => (pause * 2).min(MOUNT_RETRY_MAX),
            };
            worker.step = Some((Step::Mounting, now + worker.mount_retry));
        }
    }
}

/// The containers that are to be started now, in order: ephemeral ones first, and only once.
fn containers_to_start(worker: &PodWorker) -> Vec<usize> {
    let new =
        |index: &usize| worker.is_ephemeral(*index) && worker.containers[*index].current.is_none();
    let mut all: Vec<usize> = (0..worker.containers.len()).filter(new).collect();
    all.extend(lasting_containers_to_start(worker));
    all
}

fn lasting_containers_to_start(worker: &PodWorker) -> Vec<usize> {
    let init_count = worker.init_count();
    for index in 0..init_count {
        let is_sidecar = worker.spec_of(index).restart_policy() == Some("Always");
        let current = worker.containers[index].current.as_ref();
        match current {
            Some(container) if container.is_running() && is_sidecar => {}
            Some(container) if container.is_running() => return Vec::new(),
            Some(container) => {
                let has_succeeded = container.exit.as_ref().is_some_and(|exit| exit.code == 0);
                if has_succeeded && !is_sidecar {
                    continue;
                }
                let policy = worker.pod().spec().restart_policy();
                let restarts = is_sidecar || policy != "Never";
                return if restarts { vec![index] } else { Vec::new() };
            }
            None => return vec![index],
        }
    }
    let all = init_count..worker.containers.len();
    let lasting = all.filter(|index| !worker.is_ephemeral(*index));
    lasting.filter(|index| is_to_be_started(worker, *index)).collect()
}

fn is_to_be_started(worker: &PodWorker, index: usize) -> bool {
    let Some(container) = &worker.containers[index].current else {
        return true;
    };
    match &container.exit {
        None => false,
        Some(exit) => should_restart(worker, exit),
    }
}

/// Whether the restart policy lets a container run again that has ended.
pub(crate) fn should_restart(worker: &PodWorker, exit: &Exit) -> bool {
    match worker.pod().spec().restart_policy() {
        "Never" => false,
        "OnFailure" => exit.code != 0,
        _ => true,
    }
}

fn start_next(node: &mut Node, worker: &mut PodWorker, shared: &mut Shared) {
    while let Some(index) = worker.to_start.pop() {
        begin_container(node, worker, index, shared);
        if worker.step.is_some() {
            return;
        }
    }
    end_sync(worker, shared);
}

fn end_sync(worker: &mut PodWorker, shared: &mut Shared) {
    let now = shared.sim.now();
    worker.last_sync_end = Some(now);
    worker.restarted = None;
    let pause = if worker.sync_failed {
        Some(SYNC_RETRY)
    } else if worker.volumes.as_ref().is_some_and(|volumes| volumes.can_change) {
        Some(RESYNC)
    } else {
        None
    };
    worker.next_sync = pause.map(|pause| now + jittered(pause, shared));
}

/// Up to half as much again (`wait.Jitter` with factor 0.5).
fn jittered(pause: Duration, shared: &mut Shared) -> Duration {
    pause + pause * shared.rng.below(500) / 1_000
}

/// Begins to start a container, or notes why it cannot be started yet.
fn begin_container(node: &mut Node, worker: &mut PodWorker, index: usize, shared: &mut Shared) {
    let now = shared.sim.now();
    if backs_off(node, worker, index, now) {
        return;
    }
    let spec = worker.spec_of(index);
    let (image, policy) = (spec.image().to_owned(), spec.image_pull_policy().to_owned());
    let about = about(worker, index);
    let reference = match Reference::parse(&image) {
        Ok(reference) => reference,
        Err(error) => {
            let message = format!(
                "Failed to apply default image tag \"{image}\": couldn't parse image name \
                 \"{image}\": {error}"
            );
            node.recorder.warning(&about, "InspectFailed", message.clone());
            return cannot_start(node, worker, index, "InvalidImageName", message);
        }
    };
    let present = node.images.present(&reference, shared);
    match (policy.as_str(), present) {
        ("IfNotPresent" | "Never", Some(present)) => {
            let message = format!("Container image \"{image}\" already present on machine");
            node.recorder.normal(&about, "Pulled", message);
            begin_start(worker, index, present, shared);
        }
        ("Never", None) => {
            let message =
                format!("Container image \"{image}\" is not present with pull policy of Never");
            node.recorder.warning(&about, "ErrImageNeverPull", message.clone());
            cannot_start(node, worker, index, "ErrImageNeverPull", message);
        }
        _ => {
            let key = (worker.uid.clone(), image.clone());
            if node.images.backoff.waits_since_update(&key, now).is_some() {
                let message = format!("Back-off pulling image \"{image}\"");
                node.recorder.normal(&about, "BackOff", message.clone());
                return cannot_start(node, worker, index, "ImagePullBackOff", message);
            }
            node.recorder.normal(&about, "Pulling", format!("Pulling image \"{image}\""));
            let pulls = node.config.pulls.clone();
            let pull = node.images.begin_pull(reference, &pulls, shared);
            let until = pull.ends;
            worker.step = Some((Step::Pulling(index, pull), until));
        }
    }
}

/// Whether a container that has ended must wait before it is started again.
fn backs_off(node: &mut Node, worker: &mut PodWorker, index: usize, now: Time) -> bool {
    let state = &worker.containers[index];
    // A container that was stopped in this very sync still counts as running: what counts is how
    // the attempt before it ended.
    let last = if worker.restarted == Some(index) { &state.previous } else { &state.current };
    let exit = last.as_ref().and_then(|container| container.exit.as_ref());
    let Some(ended) = exit.map(|exit| exit.at.max(worker.start_time)) else {
        return false;
    };
    if let Some(delay) = worker.backoff.waits_since(&index, ended, now) {
        let name = worker.spec_of(index).name().to_owned();
        let pod = pod_name(&worker.object);
        let uid = &worker.uid;
        let event = format!("Back-off restarting failed container {name} in pod {pod}({uid})");
        node.recorder.warning(&about(worker, index), "BackOff", event);
        let delay = print_delay(delay);
        let message =
            format!("back-off {delay} restarting failed container={name} pod={pod}({uid})");
        worker.containers[index].waiting = Some(("CrashLoopBackOff", message));
        worker.sync_failed = true;
        return true;
    }
    worker.backoff.next(index, ended, now);
    false
}

fn cannot_start(
    node: &mut Node,
    worker: &mut PodWorker,
    index: usize,
    reason: &'static str,
    message: String,
) {
    node.recorder.warning(&about(worker, index), "Failed", format!("Error: {reason}"));
    worker.containers[index].waiting = Some((reason, message));
    worker.sync_failed = true;
}

fn pull_failed(node: &mut Node, worker: &mut PodWorker, index: usize, missing: Missing, now: Time) {
    let image = worker.spec_of(index).image().to_owned();
    node.images.backoff.next((worker.uid.clone(), image.clone()), now, now);
    let message = format!("Failed to pull image \"{image}\": {}", missing.message);
    node.recorder.warning(&about(worker, index), "Failed", message);
    cannot_start(node, worker, index, missing.reason, missing.message);
}

fn begin_start(worker: &mut PodWorker, index: usize, present: Present, shared: &mut Shared) {
    let pause = Node::varied(shared, CREATE_CONTAINER + START_CONTAINER);
    worker.starting = Some(present);
    worker.step = Some((Step::Starting(index), shared.sim.now() + pause));
}

fn finish_start(node: &mut Node, worker: &mut PodWorker, index: usize, shared: &mut Shared) {
    let Some(present) = worker.starting.take() else {
        return;
    };
    let spec = worker.spec_of(index);
    let about = about(worker, index);
    let image = (present.image, present.tag.as_str());
    let resolved = environment::resolve(node, worker, spec, image, shared);
    let environment = match start::check_user(worker, index).and(resolved) {
        Ok(resolved) => {
            for message in &resolved.skipped {
                let pod = Node::reference(&worker.object);
                node.recorder.warning(&pod, "InvalidEnvironmentVariableNames", message.clone());
            }
            resolved
        }
        Err(message) => {
            node.recorder.warning(&about, "Failed", format!("Error: {message}"));
            worker.containers[index].waiting = Some(("CreateContainerConfigError", message));
            worker.sync_failed = true;
            return;
        }
    };
    let name = spec.name().to_owned();
    node.recorder.normal(&about, "Created", format!("Created container {name}"));
    let container = start::start(node, worker, index, present, environment, shared);
    let failure = container
        .exit
        .as_ref()
        .filter(|exit| exit.reason == "StartError")
        .map(|exit| exit.message.clone());
    let state = &mut worker.containers[index];
    if let Some(before) = state.current.replace(container) {
        state.previous = Some(before);
        state.restart_count += 1;
    }
    match failure {
        Some(message) => {
            node.recorder.warning(&about, "Failed", format!("Error: {message}"));
            state.waiting = Some(("RunContainerError", message));
            worker.sync_failed = true;
        }
        None => {
            state.waiting = None;
            let is_again = state.restart_count > 0;
            node.recorder.normal(&about, "Started", format!("Started container {name}"));
            if is_again {
                probe::resume(node, worker, index, shared);
            }
        }
    }
    worker.relist_at = Some(node.next_relist(shared.sim.now()));
}

fn about(worker: &PodWorker, index: usize) -> client::ObjectReference {
    let name = worker.spec_of(index).name();
    Node::container_reference(&worker.object, worker.list_of(index), name)
}

/// `1.506s`, `402ms`: as Go prints a duration rounded to milliseconds.
fn print_duration(duration: Duration) -> String {
    let millis = (duration.as_nanos() as u64 + 500_000) / 1_000_000;
    if millis < 1_000 {
        return format!("{millis}ms");
    }
    let (minutes, rest) = (millis / 60_000, millis % 60_000);
    let mut seconds = format!("{}.{:03}", rest / 1_000, rest % 1_000);
    seconds.truncate(seconds.trim_end_matches('0').trim_end_matches('.').len());
    match minutes {
        0 => format!("{seconds}s"),
        _ => format!("{minutes}m{seconds}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_print_as_in_go() {
        for (millis, text) in [
            (402, "402ms"),
            (1_500, "1.5s"),
            (1_506, "1.506s"),
            (60_000, "1m0s"),
            (61_250, "1m1.25s"),
        ] {
            assert_eq!(print_duration(Duration::from_millis(millis)), text);
        }
    }
}
