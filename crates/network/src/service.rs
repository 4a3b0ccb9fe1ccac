//! Services, as kube-proxy carries them out on every node.

use crate::connection::{ConnectError, Connection};
use crate::network::{Network, connected};
use api::core::v1::Service;
use api::{Value, View};
use kinds::core::{endpoints, node, service};

/// A connection to one of the Pods behind a cluster IP; nothing if no Service has this address.
pub(crate) fn cluster_ip(
    network: &Network,
    from: &str,
    ip: &str,
    port: u16,
) -> Option<Result<Connection, ConnectError>> {
    let services = network.client().list(&service::KIND, None);
    let found = services.iter().find(|found| Service::of(found).spec().cluster_ip() == ip)?;
    let name = port_name(found, "port", port);
    Some(match name {
        Some(name) => backend(network, from, found, &name),
        // Nothing is set up for this port: packets get lost.
        None => Err(ConnectError::TimedOut),
    })
}

/// A connection to one of the Pods behind a port that is open on every node.
pub(crate) fn node_port(
    network: &Network,
    from: &str,
    port: u16,
) -> Result<Connection, ConnectError> {
    let services = network.client().list(&service::KIND, None);
    let found = services
        .iter()
        .find_map(|found| port_name(found, "nodePort", port).map(|name| (found, name)));
    match found {
        Some((found, name)) => backend(network, from, found, &name),
        None => Err(ConnectError::Refused),
    }
}

/// Whether a node has this address.
pub(crate) fn is_node(network: &Network, ip: &str) -> bool {
    let nodes = network.client().list(&node::KIND, None);
    nodes.iter().any(|node| {
        let mut addresses = node["status"]["addresses"].items().iter();
        addresses.any(|address| address["address"] == ip)
    })
}

/// The name of the port of a Service whose `field` is that number.
fn port_name(service: &Value, field: &str, number: u16) -> Option<String> {
    let mut ports = service["spec"]["ports"].items().iter();
    let port = ports.find(|port| port[field].as_i64() == Some(i64::from(number)))?;
    Some(port["name"].as_str().unwrap_or_default().to_owned())
}

/// A connection to a ready address of a Service, chosen at random.
fn backend(
    network: &Network,
    from: &str,
    service: &Value,
    port_name: &str,
) -> Result<Connection, ConnectError> {
    let metadata = Service::of(service).metadata();
    let endpoints = network.client().get(&endpoints::KIND, metadata.namespace(), metadata.name());
    let endpoints = endpoints.unwrap_or_default();
    let mut targets: Vec<(String, u16)> = Vec::new();
    for subset in endpoints["subsets"].items() {
        let mut ports = subset["ports"].items().iter();
        let port = ports.find(|port| port["name"].as_str().unwrap_or_default() == port_name);
        let number =
            port.and_then(|port| port["port"].as_i64()).and_then(|n| u16::try_from(n).ok());
        if let Some(number) = number {
            let addresses = subset["addresses"].items().iter();
            let ips = addresses.filter_map(|address| address["ip"].as_str());
            targets.extend(ips.map(|ip| (ip.to_owned(), number)));
        }
    }
    if targets.is_empty() {
        // kube-proxy rejects what has no endpoints.
        return Err(ConnectError::Refused);
    }
    let (ip, port) = &targets[network.choose(targets.len())];
    connected(network.dial(from, ip, *port))
}
