//! Names: the cluster's DNS, and what every machine knows by itself.

use crate::host::Host;
use crate::network::Network;
use api::core::v1::Service;
use api::{Value, View};
use kinds::core::{endpoints, service};

/// `--cluster-domain`
const DOMAIN: &str = "cluster.local";

/// What a name stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The machine itself.
    Loopback,
    /// This IPv4 address.
    Address(String),
}

/// Looks a name up as programs at `from` do.
pub(crate) fn resolve(network: &Network, from: &Host, name: &str) -> Option<Answer> {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    if matches!(name.as_str(), "localhost" | "::1") || name.starts_with("127.") {
        return Some(Answer::Loopback);
    }
    if is_address(&name) {
        return Some(match from {
            Host::Pod { ip, .. } if *ip == name => Answer::Loopback,
            _ => Answer::Address(name),
        });
    }
    let Host::Pod { namespace, .. } = from else {
        return None;
    };
    // The search list of a Pod's resolv.conf; `ndots:5` tries it before the name itself.
    let candidates = [
        format!("{name}.{namespace}.svc.{DOMAIN}"),
        format!("{name}.svc.{DOMAIN}"),
        format!("{name}.{DOMAIN}"),
        name,
    ];
    candidates.iter().find_map(|name| record(network, name)).map(Answer::Address)
}

fn is_address(name: &str) -> bool {
    let octets: Vec<&str> = name.split('.').collect();
    octets.len() == 4 && octets.iter().all(|octet| octet.parse::<u8>().is_ok())
}

/// The address record of a full name.
fn record(network: &Network, name: &str) -> Option<String> {
    let labels: Vec<&str> = name.strip_suffix(&format!(".svc.{DOMAIN}"))?.split('.').collect();
    match labels.as_slice() {
        [service, namespace] => service_record(network, namespace, service),
        [hostname, service, namespace] => addresses(network, namespace, service)
            .into_iter()
            .find(|(name, _)| name == hostname)
            .map(|(_, ip)| ip),
        _ => None,
    }
}

fn service_record(network: &Network, namespace: &str, name: &str) -> Option<String> {
    let found = network.client().get(&service::KIND, namespace, name)?;
    let spec = Service::of(&found).spec();
    match (spec.type_(), spec.cluster_ip()) {
        ("ExternalName", _) => None,
        (_, "None") => {
            let ready = addresses(network, namespace, name);
            let at = network.choose(ready.len().max(1));
            ready.into_iter().nth(at).map(|(_, ip)| ip)
        }
        (_, "") => None,
        (_, ip) => Some(ip.to_owned()),
    }
}

/// The ready addresses of a Service, with the names of their hosts.
fn addresses(network: &Network, namespace: &str, name: &str) -> Vec<(String, String)> {
    let found = network.client().get(&endpoints::KIND, namespace, name).unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let subsets = found["subsets"].items().iter();
    let ready = subsets.flat_map(|subset| subset["addresses"].items());
    ready.map(|address| (text(&address["hostname"]), text(&address["ip"]))).collect()
}
