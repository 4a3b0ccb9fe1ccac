//! NodePorts: two Pods cannot have the same port of one node.

use crate::cache::{NodeState, PodClass};
use crate::framework::rejection::{Plugin, Rejection, Verdict};
use api::core::v1::PodSpec;

const ANY_ADDRESS: &str = "0.0.0.0";

/// A port of a node that a Pod occupies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HostPort {
    address: String,
    protocol: String,
    port: i64,
}

impl HostPort {
    fn conflicts_with(&self, other: &HostPort) -> bool {
        let shares_address = self.address == other.address
            || self.address == ANY_ADDRESS
            || other.address == ANY_ADDRESS;
        self.port == other.port && self.protocol == other.protocol && shares_address
    }
}

/// The ports of its node that a Pod occupies. Init containers have none.
pub(crate) fn host_ports_of(spec: PodSpec<'_>) -> Vec<HostPort> {
    let or = |text: &str, default: &str| {
        let text = if text.is_empty() { default } else { text };
        text.to_owned()
    };
    spec.containers()
        .flat_map(|container| container.ports())
        .filter(|port| port.host_port() > 0)
        .map(|port| HostPort {
            address: or(port.host_ip(), ANY_ADDRESS),
            protocol: or(port.protocol(), "TCP"),
            port: port.host_port(),
        })
        .collect()
}

/// Whether the ports that the Pod wants are free.
pub(crate) fn filter(class: &PodClass, state: &NodeState) -> Verdict {
    let is_taken = |wanted: &HostPort| state.ports.iter().any(|used| used.conflicts_with(wanted));
    if !class.ports.iter().any(is_taken) {
        return Ok(());
    }
    let reason = "node(s) didn't have free ports for the requested pod ports";
    Err(Rejection::resolvable(Plugin::NodePorts, reason))
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::{View, list, object};

    #[test]
    fn the_same_port_conflicts_on_overlapping_addresses() {
        let port = |ip: &'static str, protocol: &'static str, port: i64| {
            let spec = object! { "containers": list![object! { "ports": list![
                object! { "hostIP": ip, "protocol": protocol, "hostPort": port }
            ] }] };
            host_ports_of(PodSpec::of(&spec)).remove(0)
        };
        let check = |a: &HostPort, b: &HostPort, expected: bool| {
            assert_eq!(a.conflicts_with(b), expected, "{a:?} {b:?}");
            assert_eq!(b.conflicts_with(a), expected, "{b:?} {a:?}");
        };
        check(&port("", "", 80), &port("", "TCP", 80), true);
        check(&port("", "TCP", 80), &port("", "UDP", 80), false);
        check(&port("127.0.0.1", "", 80), &port("0.0.0.0", "", 80), true);
        check(&port("127.0.0.1", "", 80), &port("127.0.0.2", "", 80), false);
        check(&port("", "", 80), &port("", "", 81), false);
    }
}
