//! Containers of Pods and of Pod templates.

use super::text::{Description, date, line, or_none, title_case};
use super::{environment, probe};
use api::core::v1::{
    Container, ContainerPort, ContainerState, ContainerStatus, Pod, VolumeDevice, VolumeMount,
};
use api::{Strings, Views};

/// Containers under a heading.
pub(super) struct Containers<'a> {
    /// The heading: `Init Containers`.
    pub(super) title: &'static str,
    /// The containers.
    pub(super) containers: Views<'a, Container<'a>>,
    /// Their states, by name; none for a template.
    pub(super) statuses: Vec<ContainerStatus<'a>>,
    /// The Pod they are in.
    pub(super) pod: Option<Pod<'a>>,
}

impl Containers<'_> {
    /// Writes them. Those of a template stand further right.
    pub(super) fn describe(self, out: &mut Description) {
        let is_template = self.pod.is_none();
        let indent = if is_template { "  " } else { "" };
        let none = if self.containers.is_empty() { " <none>" } else { "" };
        line!(out, 0, "{indent}{}:{none}", self.title);
        for container in self.containers {
            let is_its = |status: &&ContainerStatus<'_>| status.name() == container.name();
            let status = self.statuses.iter().rev().find(is_its).copied();
            line!(out, 1, "{}{}:", if is_template { " " } else { "" }, container.name());
            describe_image(out, container, status);
            describe_words(out, "Command", container.command());
            describe_words(out, "Args", container.args());
            if let Some(status) = status {
                describe_status(out, status);
            }
            describe_resources(out, container);
            describe_probes(out, container);
            environment::describe(out, container, self.pod);
            describe_mounts(out, container);
        }
    }
}

fn describe_image(
    out: &mut Description,
    container: Container<'_>,
    status: Option<ContainerStatus<'_>>,
) {
    if let Some(status) = status {
        line!(out, 2, "Container ID:\t{}", status.container_id());
    }
    line!(out, 2, "Image:\t{}", container.image());
    if let Some(status) = status {
        line!(out, 2, "Image ID:\t{}", status.image_id());
    }
    describe_ports(out, "Port", container, |port| port.container_port());
    describe_ports(out, "Host Port", container, |port| port.host_port());
}

fn describe_ports(
    out: &mut Description,
    label: &str,
    container: Container<'_>,
    number: impl Fn(ContainerPort<'_>) -> i64,
) {
    let ports: Vec<String> =
        container.ports().map(|port| format!("{}/{}", number(port), port.protocol())).collect();
    let plural = if ports.len() > 1 { "s" } else { "" };
    line!(out, 2, "{label}{plural}:\t{}", or_none(&ports.join(", ")));
}

fn describe_words(out: &mut Description, label: &str, words: Strings<'_>) {
    if words.is_empty() {
        return;
    }
    line!(out, 2, "{label}:");
    for part in words.flat_map(|word| word.split('\n')) {
        line!(out, 3, "{part}");
    }
}

fn describe_status(out: &mut Description, status: ContainerStatus<'_>) {
    describe_state(out, "State", status.state());
    if status.last_state().terminated().is_some() {
        describe_state(out, "Last State", status.last_state());
    }
    line!(out, 2, "Ready:\t{}", title_case(status.ready()));
    line!(out, 2, "Restart Count:\t{}", status.restart_count());
}

fn describe_state(out: &mut Description, label: &str, state: ContainerState<'_>) {
    if let Some(running) = state.running() {
        line!(out, 2, "{label}:\tRunning");
        line!(out, 3, "Started:\t{}", date(running.started_at()));
    } else if let Some(terminated) = state.terminated() {
        line!(out, 2, "{label}:\tTerminated");
        out.field_if(3, "Reason", terminated.reason());
        out.field_if(3, "Message", terminated.message());
        line!(out, 3, "Exit Code:\t{}", terminated.exit_code());
        if terminated.signal() > 0 {
            line!(out, 3, "Signal:\t{}", terminated.signal());
        }
        line!(out, 3, "Started:\t{}", date(terminated.started_at()));
        line!(out, 3, "Finished:\t{}", date(terminated.finished_at()));
    } else {
        line!(out, 2, "{label}:\tWaiting");
        out.field_if(3, "Reason", state.waiting().map_or("", |waiting| waiting.reason()));
    }
}

fn describe_resources(out: &mut Description, container: Container<'_>) {
    let resources = container.resources();
    for (label, amounts) in [("Limits", resources.limits()), ("Requests", resources.requests())] {
        if !amounts.is_empty() {
            line!(out, 2, "{label}:");
        }
        out.resources(3, amounts);
    }
}

fn describe_probes(out: &mut Description, container: Container<'_>) {
    let probes = [
        ("Liveness", container.liveness_probe()),
        ("Readiness", container.readiness_probe()),
        ("Startup", container.startup_probe()),
    ];
    for (label, probe) in probes {
        if let Some(probe) = probe {
            line!(out, 2, "{label}:\t{}", probe::text(probe));
        }
    }
}

fn describe_mounts(out: &mut Description, container: Container<'_>) {
    let none = if container.volume_mounts().is_empty() { "\t<none>" } else { "" };
    line!(out, 2, "Mounts:{none}");
    let mut mounts: Vec<VolumeMount<'_>> = container.volume_mounts().collect();
    mounts.sort_by_key(|mount| mount.mount_path());
    for mount in mounts {
        let mut flags = if mount.read_only() { "ro" } else { "rw" }.to_owned();
        if !mount.sub_path().is_empty() {
            flags.push_str(&format!(",path={}", api::go::quote(mount.sub_path())));
        }
        line!(out, 3, "{} from {} ({flags})", mount.mount_path(), mount.name());
    }
    if container.volume_devices().is_empty() {
        return;
    }
    line!(out, 2, "Devices:{none}");
    let mut devices: Vec<VolumeDevice<'_>> = container.volume_devices().collect();
    devices.sort_by_key(|device| device.device_path());
    for device in devices {
        line!(out, 3, "{} from {}", device.device_path(), device.name());
    }
}
