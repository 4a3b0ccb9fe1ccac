//! Waiting until a cluster is quiet, by the rule with which the recordings were made.

use crate::Session;
use api::core::v1::{ContainerStatus, Pod};
use api::{Value, View};
use kinds::Kind;
use kinds::core::pod;
use sim::Duration;

/// The kinds whose writes count: not events, leases and nodes, which are written for ever.
const KINDS: &[(&str, &str, &str)] = &[
    ("", "v1", "Pod"),
    ("apps", "v1", "Deployment"),
    ("apps", "v1", "ReplicaSet"),
    ("apps", "v1", "StatefulSet"),
    ("apps", "v1", "DaemonSet"),
    ("", "v1", "ReplicationController"),
    ("batch", "v1", "Job"),
    ("", "v1", "Service"),
    ("", "v1", "Endpoints"),
    ("discovery.k8s.io", "v1", "EndpointSlice"),
    ("", "v1", "PersistentVolumeClaim"),
    ("", "v1", "Namespace"),
    ("autoscaling", "v2", "HorizontalPodAutoscaler"),
    ("policy", "v1", "PodDisruptionBudget"),
    ("", "v1", "ResourceQuota"),
];

/// How long nothing may have been written.
const QUIET: Duration = Duration::from_secs(2);
/// The same while a container is about to be created.
const QUIET_CREATING: Duration = Duration::from_secs(7);
/// The same while a Pod is being deleted.
const QUIET_DELETING: Duration = Duration::from_secs(35);

impl Session {
    /// Lets time pass until no object has been written for a while, at most for `limit`.
    pub fn settle(&mut self, limit: Duration) {
        let begun = self.now();
        let latest = begun + limit;
        let kinds = self.watched_kinds();
        loop {
            // What was written before nobody was there to see.
            let written = self.cluster().last_write(&kinds).map_or(begun, |at| at.max(begun));
            let quiet = written + self.quiet_period();
            let end = quiet.min(latest);
            if self.now() >= end {
                return;
            }
            if !self.step(end) {
                self.run_until(end);
            }
        }
    }

    fn watched_kinds(&self) -> Vec<&'static Kind> {
        let server = self.cluster().server().borrow();
        let find = |(group, version, kind): &(&str, &str, &str)| {
            server.registry().find_kind(group, version, kind)
        };
        KINDS.iter().filter_map(find).collect()
    }

    fn quiet_period(&self) -> Duration {
        let server = self.cluster().server().borrow();
        let pods = server.registry().resource(&pod::KIND);
        let periods = server.store().list(pods, None).map(|stored| quiet_period_of(&stored.object));
        periods.max().unwrap_or(QUIET)
    }
}

fn quiet_period_of(object: &Value) -> Duration {
    let pod = Pod::of(object);
    if !object["metadata"]["deletionTimestamp"].is_null() {
        return QUIET_DELETING;
    }
    let mut statuses = pod.status().container_statuses().peekable();
    let is_bound = !pod.spec().node_name().is_empty();
    let is_creating = statuses.peek().is_none() || statuses.any(is_being_created);
    if is_bound && is_creating {
        return QUIET_CREATING;
    }
    QUIET
}

fn is_being_created(status: ContainerStatus<'_>) -> bool {
    let waiting = status.state().waiting();
    waiting.is_some_and(|state| matches!(state.reason(), "ContainerCreating" | "PodInitializing"))
}
