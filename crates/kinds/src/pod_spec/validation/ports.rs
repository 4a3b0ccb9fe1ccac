//! The ports of containers.

use super::Context;
use crate::rules::{Seen, one_of_required, port_number};
use api::core::v1::Container;
use api::field::{ErrorList, Path};
use api::validation;

/// The protocols that ports can have.
pub const PROTOCOLS: [&str; 3] = ["SCTP", "TCP", "UDP"];

/// Checks the ports of a container.
pub(super) fn validate(container: Container<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let mut seen = Seen::new();
    for (i, port) in container.ports().enumerate() {
        let at = at.index(i);
        if !port.name().is_empty() {
            let problems = validation::port_name(port.name());
            if problems.is_empty() && !seen.insert(port.name()) {
                errors.duplicate(&at.child("name"), port.name());
            }
            for problem in problems {
                errors.invalid(&at.child("name"), port.name(), problem);
            }
        }
        match port.container_port() {
            0 => errors.required(&at.child("containerPort"), ""),
            number => port_number(number, &at.child("containerPort"), errors),
        }
        if port.host_port() != 0 {
            port_number(port.host_port(), &at.child("hostPort"), errors);
        }
        one_of_required(port.protocol(), &PROTOCOLS, &at.child("protocol"), errors);
    }
}

/// Checks that no two containers ask for the same port of the node.
pub(super) fn validate_host_ports<'a>(
    containers: impl Iterator<Item = Container<'a>>,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    let mut seen = Seen::new();
    for (i, container) in containers.enumerate() {
        let container_at = at.index(i);
        let at = container_at.child("ports");
        for (i, port) in container.ports().enumerate() {
            let number = port.host_port();
            if number != 0 && !seen.insert((port.protocol(), port.host_ip(), number)) {
                let shown = format!("{}/{}/{number}", port.protocol(), port.host_ip());
                errors.duplicate(&at.index(i).child("hostPort"), shown);
            }
        }
    }
}

/// Checks that a Pod in the node's network has the ports of the node that its containers open.
pub(super) fn validate_host_network(context: &Context<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    if !context.spec.host_network() {
        return;
    }
    let list = at.child("containers");
    for (i, container) in context.spec.containers().enumerate() {
        let container_at = list.index(i);
        let at = container_at.child("ports");
        for (i, port) in container.ports().enumerate() {
            let number = port.host_port();
            // Templates may leave it out: it is filled in when the Pod is made.
            let is_checked = context.pod.is_some() || number != 0;
            if is_checked && number != port.container_port() {
                let detail = "must match `containerPort` when `hostNetwork` is true";
                errors.invalid(&at.index(i).child("hostPort"), number, detail);
            }
        }
    }
}
