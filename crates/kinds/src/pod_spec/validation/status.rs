//! What a Pod's status must be like.

use crate::rules::ip_address;
use api::core::v1::{ContainerStatus, Pod};
use api::field::{ErrorList, Path};
use api::{Value, View, Views, names, validation};

/// Checks a change of a Pod's status.
pub fn validate_pod_status_update(new: Pod<'_>, old: Pod<'_>, errors: &mut ErrorList) {
    let metadata = Path::new("metadata");
    let annotations_at = metadata.child("annotations");
    super::annotations::validate_update(new, old, errors);
    super::annotations::validate(new.metadata().annotations(), new.spec(), &annotations_at, errors);
    let at = Path::new("status");
    validate_conditions(new, &at.child("conditions"), errors);
    if new.spec().node_name() != old.spec().node_name() {
        errors.forbidden(&at.child("nodeName"), "may not be changed directly");
    }
    let nominated = new.status().nominated_node_name();
    if !nominated.is_empty() {
        let at = at.child("nominatedNodeName");
        crate::rules::check(validation::dns1123_subdomain, nominated, &at, errors);
    }
    let policy = old.spec().restart_policy();
    let is_sidecar = |name: &str| {
        let mut containers = old.spec().init_containers();
        containers.any(|c| c.name() == name && c.restart_policy() == Some("Always"))
    };
    let (new_status, old_status) = (new.status(), old.status());
    validate_terminations(
        new_status.container_statuses(),
        old_status.container_statuses(),
        policy,
        |_| false,
        &at.child("containerStatuses"),
        errors,
    );
    validate_terminations(
        new_status.init_container_statuses(),
        old_status.init_container_statuses(),
        policy,
        is_sidecar,
        &at.child("initContainerStatuses"),
        errors,
    );
    validate_terminations(
        new_status.ephemeral_container_statuses(),
        old_status.ephemeral_container_statuses(),
        "Never",
        |_| false,
        &at.child("ephemeralContainerStatuses"),
        errors,
    );
    validate_ips(new, &at, errors);
}

fn validate_conditions(pod: Pod<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    const SYSTEM: [&str; 4] = ["PodScheduled", "Ready", "Initialized", "ContainersReady"];
    for (i, condition) in pod.status().conditions().enumerate() {
        if !SYSTEM.contains(&condition.type_()) {
            let at = at.index(i);
            let at = at.child("Type");
            crate::rules::check(validation::qualified_name, condition.type_(), &at, errors);
        }
    }
}

/// A container that will not be started again cannot come back to life.
fn validate_terminations<'a>(
    new: Views<'a, ContainerStatus<'a>>,
    old: Views<'a, ContainerStatus<'a>>,
    restart_policy: &str,
    may_restart: impl Fn(&str) -> bool,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    if restart_policy == "Always" {
        return;
    }
    for status in old {
        let Some(ended) = status.state().terminated() else {
            continue;
        };
        let failed = restart_policy == "OnFailure" && ended.exit_code() != 0;
        if failed || may_restart(status.name()) {
            continue;
        }
        let now = new.clone().enumerate().find(|(_, other)| other.name() == status.name());
        if let Some((i, other)) = now
            && other.state().terminated().is_none()
        {
            let at = at.index(i);
            let detail = "may not be transitioned to non-terminated state";
            errors.forbidden(&at.child("state"), detail);
        }
    }
}

fn validate_ips(pod: Pod<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let list = at.child("podIPs");
    for (i, ip) in pod.status().pod_ips().enumerate() {
        ip_address(ip.ip(), &list.index(i), errors);
    }
    validate_families(pod.status().value().get(&names::POD_IPS), &list, errors);
    let list = at.child("hostIPs");
    let host_ips = pod.status().host_ips();
    if let Some(first) = host_ips.at(0)
        && first.ip() != pod.status().host_ip()
    {
        let at = list.index(0);
        errors.invalid(&at.child("ip"), first.ip(), "must be equal to `hostIP`");
    }
    for (i, ip) in host_ips.enumerate() {
        ip_address(ip.ip(), &list.index(i), errors);
    }
}

fn validate_families(ips: &Value, at: &Path<'_>, errors: &mut ErrorList) {
    let is_v6 = |ip: &Value| ip.get(&names::IP).as_str().is_some_and(|ip| ip.contains(':'));
    let is_dual = match ips.items() {
        [] | [_] => true,
        [first, second] => is_v6(first) != is_v6(second),
        _ => false,
    };
    if !is_dual {
        let shown = api::field::BadValue::Plain(api::go::plain(ips));
        errors.invalid(at, shown, "may specify no more than one IP for each IP family");
    }
}
