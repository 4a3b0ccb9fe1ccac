//! What a kubelet knows of one Pod.

use crate::backoff::Backoff;
use crate::container::{Container, Exit, Process};
use crate::image_manager::{Present, Pull};
use crate::probe::{ProbeKind, ProbeState};
use crate::uid_of;
use crate::volumes::MountedVolumes;
use api::core::v1::Pod;
use api::{Text, Value, View, names};
use shell::Signal;
use sim::{Duration, Time};
use std::collections::BTreeMap;
use std::rc::Rc;

/// A container of a Pod, over all its attempts.
#[derive(Default)]
pub(crate) struct ContainerState {
    /// The attempt that runs, or the last one that has ended.
    pub(crate) current: Option<Container>,
    /// The one before it.
    pub(crate) previous: Option<Container>,
    pub(crate) restart_count: i64,
    /// Why it waits, once the kubelet has tried to start it (the kubelet's reason cache).
    pub(crate) waiting: Option<(&'static str, String)>,
    /// Why it is to be stopped and started again.
    pub(crate) restart: Option<Restart>,
}

/// Why a running container is stopped and started again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Restart {
    /// A probe failed.
    Probe(ProbeKind),
    /// Its image is another one in the spec.
    Changed,
}

/// What the worker is in the middle of.
pub(crate) enum Step {
    /// Waiting for volumes to be mounted.
    Mounting,
    /// Making the sandbox.
    Sandbox,
    /// Pulling the image of a container.
    Pulling(usize, Pull),
    /// Creating and starting a container.
    Starting(usize),
    /// Waiting for a container to end that is to be started again.
    Restarting(usize),
    /// Waiting for the postStart hook of a container.
    PostStart(usize),
    /// Telling containers to stop, after their hooks.
    Stopping,
    /// Removing what is left of the Pod.
    CleaningUp,
}

/// How far the end of a Pod has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Life {
    /// It is to run.
    Running,
    /// It is to end.
    Terminating,
    /// Its containers have ended.
    Terminated,
}

/// A Pod as its kubelet sees it.
pub(crate) struct PodWorker {
    pub(crate) uid: Rc<str>,
    /// The Pod as the API server had it last.
    pub(crate) object: Value,
    pub(crate) life: Life,
    pub(crate) start_time: Time,
    /// The address, once there is a sandbox.
    pub(crate) ip: Option<Text>,
    pub(crate) volumes: Option<MountedVolumes>,
    /// Init containers first, then the others, in the order of the spec; ephemeral ones last.
    pub(crate) containers: Vec<ContainerState>,
    pub(crate) step: Option<(Step, Time)>,
    /// The containers still to be started in the present sync.
    pub(crate) to_start: Vec<usize>,
    /// Whether something in the present sync went wrong.
    pub(crate) sync_failed: bool,
    /// Whether there is news to look at after the present step.
    pub(crate) wants_sync: bool,
    /// When the relist notices a change of a container.
    pub(crate) relist_at: Option<Time>,
    /// When it is looked at again without news.
    pub(crate) next_sync: Option<Time>,
    pub(crate) backoff: Backoff<usize>,
    pub(crate) mount_retry: Duration,
    /// When the containers must be gone.
    pub(crate) kill_deadline: Option<Time>,
    /// preStop hooks that end at a known time, by container.
    pub(crate) hooks: Vec<(usize, Option<Time>)>,
    /// When the last sync ended.
    pub(crate) last_sync_end: Option<Time>,
    /// What is known of the probes, by container and kind.
    pub(crate) probes: BTreeMap<(usize, ProbeKind), ProbeState>,
    /// How the postStart hook ended that was waited for.
    pub(crate) hook_code: Option<i32>,
    /// The container that was stopped in the present sync because of a probe.
    pub(crate) restarted: Option<usize>,
    /// When the probes began to tick.
    pub(crate) probes_begun: Option<Time>,
    /// The image of the container that is being started.
    pub(crate) starting: Option<Present>,
}

impl PodWorker {
    pub(crate) fn new(object: &Value, now: Time) -> PodWorker {
        let spec = Pod::of(object).spec();
        let count = spec.init_containers().len()
            + spec.containers().len()
            + spec.ephemeral_containers().len();
        PodWorker {
            uid: uid_of(object),
            object: object.clone(),
            life: Life::Running,
            start_time: now,
            ip: None,
            volumes: None,
            containers: std::iter::repeat_with(ContainerState::default).take(count).collect(),
            step: None,
            to_start: Vec::new(),
            sync_failed: false,
            wants_sync: true,
            relist_at: None,
            next_sync: None,
            backoff: Backoff::default(),
            mount_retry: Duration::ZERO,
            kill_deadline: None,
            hooks: Vec::new(),
            last_sync_end: None,
            probes: BTreeMap::new(),
            hook_code: None,
            restarted: None,
            probes_begun: None,
            starting: None,
        }
    }

    pub(crate) fn pod(&self) -> Pod<'_> {
        Pod::of(&self.object)
    }

    pub(crate) fn init_count(&self) -> usize {
        self.pod().spec().init_containers().len()
    }

    /// The spec of a container by its place among all.
    pub(crate) fn spec_of(&self, index: usize) -> api::core::v1::Container<'_> {
        let spec = self.pod().spec();
        let init = self.init_count();
        let found = match index.checked_sub(init) {
            None => spec.init_containers().at(index),
            Some(index) => match index.checked_sub(spec.containers().len()) {
                None => spec.containers().at(index),
                // The fields that both have mean the same.
                Some(index) => spec
                    .ephemeral_containers()
                    .at(index)
                    .map(|ephemeral| api::core::v1::Container(ephemeral.value())),
            },
        };
        found.unwrap_or(api::core::v1::Container(&Value::Null))
    }

    /// The list of the spec that a container stands in.
    pub(crate) fn list_of(&self, index: usize) -> &'static str {
        if index < self.init_count() {
            "initContainers"
        } else if self.is_ephemeral(index) {
            "ephemeralContainers"
        } else {
            "containers"
        }
    }

    /// Whether a container was added to the running Pod.
    pub(crate) fn is_ephemeral(&self, index: usize) -> bool {
        index >= self.init_count() + self.pod().spec().containers().len()
    }

    /// Makes room for containers that were added to the Pod.
    pub(crate) fn add_ephemeral_containers(&mut self) {
        let spec = self.pod().spec();
        let count = self.init_count() + spec.containers().len() + spec.ephemeral_containers().len();
        if count > self.containers.len() {
            self.containers.resize_with(count, ContainerState::default);
        }
    }

    /// Whether a change from the API server asks for something: anything but the status that the
    /// kubelet itself reported.
    pub(crate) fn has_news(&self, object: &Value) -> bool {
        let without_noise = |object: &Value| {
            let mut metadata = object.get(&names::METADATA).clone();
            metadata.make_map().remove(&names::RESOURCE_VERSION);
            metadata.make_map().remove(&names::MANAGED_FIELDS);
            metadata
        };
        self.object.get(&names::SPEC) != object.get(&names::SPEC)
            || without_noise(&self.object) != without_noise(object)
    }

    pub(crate) fn is_terminating(&self) -> bool {
        self.life != Life::Running
    }

    pub(crate) fn running(&self) -> impl Iterator<Item = (usize, &Container)> {
        self.containers.iter().enumerate().filter_map(|(index, state)| {
            let current = state.current.as_ref()?;
            current.is_running().then_some((index, current))
        })
    }

    pub(crate) fn has_running(&self) -> bool {
        self.running().next().is_some()
    }

    /// A process of a container has ended.
    pub(crate) fn container_ended(
        &mut self,
        container_id: &str,
        code: i32,
        out_of_memory: bool,
        now: Time,
    ) {
        let found = self
            .containers
            .iter_mut()
            .filter_map(|state| state.current.as_mut())
            .find(|container| container.id == container_id);
        if let Some(container) = found
            && container.exit.is_none()
        {
            let reason = match (code, out_of_memory) {
                (_, true) => "OOMKilled",
                (0, _) => "Completed",
                _ => "Error",
            };
            container.exit = Some(Exit { code, reason, message: String::new(), at: now });
            container.process = Process::None;
            container.log.close();
        }
    }

    /// Ends all processes at once, as when the Pod was deleted by force.
    pub(crate) fn kill_everything(&mut self, now: Time) {
        for container in self.containers.iter_mut().filter_map(|state| state.current.as_mut()) {
            PodWorker::kill_container(container, now);
        }
    }

    /// Ends all processes of a container at once.
    pub(crate) fn kill_container(container: &mut Container, now: Time) {
        if let Process::Running { machine, child } = &container.process {
            child.signal(Signal::KILL);
            machine.kill_all();
        }
        if container.exit.is_none() {
            let exit = Exit { code: 137, reason: "Error", message: String::new(), at: now };
            container.exit = Some(exit);
            container.process = Process::None;
            container.log.close();
        }
    }

    /// The fields of the Pod that environment variables and files can refer to.
    pub(crate) fn field(&self, path: &str, node_name: &str, host_ip: &str) -> Option<String> {
        let pod = self.pod();
        let metadata = pod.metadata();
        let quoted = |(key, value): (&str, &str)| format!("{key}={}", api::go::quote(value));
        let lines = |map: api::StringMap<'_>| map.iter().map(quoted).collect::<Vec<_>>().join("\n");
        if let Some((map, key)) = subscript(path) {
            let map = match map {
                "metadata.labels" => metadata.labels(),
                "metadata.annotations" => metadata.annotations(),
                _ => return None,
            };
            return Some(map.get(key).unwrap_or_default().to_owned());
        }
        Some(match path {
            "metadata.name" => metadata.name().to_owned(),
            "metadata.namespace" => metadata.namespace().to_owned(),
            "metadata.uid" => metadata.uid().to_owned(),
            "metadata.labels" => lines(metadata.labels()),
            "metadata.annotations" => lines(metadata.annotations()),
            "spec.nodeName" => node_name.to_owned(),
            "spec.serviceAccountName" => pod.spec().service_account_name().to_owned(),
            "status.hostIP" | "status.hostIPs" => host_ip.to_owned(),
            "status.podIP" | "status.podIPs" => {
                self.ip.as_ref().map_or(String::new(), |ip| ip.to_string())
            }
            _ => return None,
        })
    }
}

/// `metadata.labels['app']`
fn subscript(path: &str) -> Option<(&str, &str)> {
    let (map, rest) = path.split_once("['")?;
    Some((map, rest.strip_suffix("']")?))
}

/// The environment of a container, by name.
pub(crate) type EnvironmentMap = BTreeMap<String, String>;
