//! Hands out what a Service has of its own: IP families, cluster IPs, ports on the nodes.
//!
//! Models `k8s.io/kubernetes/pkg/registry/core/service` on a cluster with IPv4 alone. What is in
//! use is read from the Services themselves, so nothing has to be released. An author may choose
//! any address of the range; those handed out come from its upper part, so that they seldom meet.

use super::{Attributes, Context, Plugin};
use crate::request::Verb;
use api::core::v1::{Service, ServicePort, ServiceSpec};
use api::field::{BadValue, ErrorList, Path};
use api::{Status, Value, View, list, names};
use kinds::core::service;
use kinds::table;
use sim::{Rng, Sim};
use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

/// `--service-cluster-ip-range`
const RANGE: &str = "10.96.0.0/16";
const RANGE_BASE: u32 = u32::from_be_bytes([10, 96, 0, 0]);
/// The addresses of the range that can be used: neither the first nor the last.
const OFFSET_MAX: u32 = 0xfffe;
/// The first addresses are left to those who choose their own.
const STATIC_ADDRESSES: u32 = 256;
/// `--service-node-port-range`
const NODE_PORTS: std::ops::RangeInclusive<i64> = 30_000..=32_767;
/// The first node ports are left to those who choose their own.
const STATIC_NODE_PORTS: i64 = 86;
const IN_USE: &str = "provided port is already allocated";

pub(super) struct ServiceAddresses {
    rng: Rng,
}

impl ServiceAddresses {
    pub(super) fn new(sim: &Sim) -> ServiceAddresses {
        ServiceAddresses { rng: sim.rng("admission/service-addresses") }
    }
}

impl Plugin for ServiceAddresses {
    fn admit(
        &mut self,
        context: &Context<'_>,
        attributes: &mut Attributes<'_>,
        object: &mut Value,
    ) -> Result<(), Status> {
        if !attributes.is_for(&service::KIND) || attributes.verb == Verb::Delete {
            return Ok(());
        }
        let others = Taken::of(context, attributes);
        let mut errors = ErrorList::new();
        if attributes.old.is_none() {
            // The two fields of addresses are brought into line before anything is handed out.
            (service::KIND.prepare_create)(object);
        }
        let is_external = Service::of(object).spec().type_() == "ExternalName";
        if !is_external {
            set_families(object, &mut errors);
            if errors.is_empty() {
                self.set_cluster_ip(object, &others, &mut errors);
            }
        }
        if errors.is_empty() {
            self.set_node_ports(object, attributes.old, &others, &mut errors);
        }
        if errors.is_empty() {
            return Ok(());
        }
        Err(Status::invalid("", "Service", table::metadata(object).name(), &errors))
    }
}

/// What the other Services have.
struct Taken {
    addresses: BTreeSet<String>,
    /// The protocols for which a port is in use.
    node_ports: BTreeMap<i64, BTreeSet<String>>,
}

impl Taken {
    fn of(context: &Context<'_>, attributes: &Attributes<'_>) -> Taken {
        let mut taken = Taken { addresses: BTreeSet::new(), node_ports: BTreeMap::new() };
        for other in context.list(&service::KIND, None) {
            let metadata = table::metadata(other);
            let target = attributes.target;
            if attributes.old.is_some()
                && metadata.name() == &*target.name
                && metadata.namespace() == &*target.namespace
            {
                continue;
            }
            let spec = Service::of(other).spec();
            taken.addresses.extend(spec.cluster_ips().map(str::to_owned));
            for port in spec.ports().filter(|port| port.node_port() != 0) {
                taken.add(port.node_port(), port.protocol());
            }
            if spec.health_check_node_port() != 0 {
                taken.add(spec.health_check_node_port(), "TCP");
            }
        }
        taken
    }

    fn add(&mut self, node_port: i64, protocol: &str) {
        self.node_ports.entry(node_port).or_default().insert(protocol.to_owned());
    }

    fn has(&self, node_port: i64, protocol: &str) -> bool {
        self.node_ports.get(&node_port).is_some_and(|protocols| protocols.contains(protocol))
    }
}

/// Which IP families the Service has, and by whose wish.
fn set_families(object: &mut Value, errors: &mut ErrorList) {
    let view = Service::of(object).spec();
    let spec_at = Path::new("spec");
    let is_headless = service::is_headless(view);
    // A Service that picks no Pods may name endpoints of families that the cluster has not.
    let is_free = is_headless && view.selector().is_empty();
    if !is_free {
        let policy = view.ip_family_policy();
        if policy == Some("RequireDualStack") {
            let detail = "this cluster is not configured for dual-stack services";
            errors.invalid(&spec_at.child("ipFamilyPolicy"), "RequireDualStack", detail);
        }
        let families = spec_at.child("ipFamilies");
        for (index, family) in view.ip_families().enumerate() {
            if family == "IPv6" {
                errors.invalid(&families.index(index), family, "not configured on this cluster");
            }
        }
        if !errors.is_empty() {
            return;
        }
    }
    let policy = if is_free { "RequireDualStack" } else { "SingleStack" };
    object.update(&names::SPEC, |spec| {
        spec.set_default(&names::IP_FAMILY_POLICY, policy);
        if spec.get(&names::IP_FAMILIES).items().is_empty() {
            spec.make_map().insert(&names::IP_FAMILIES, list!["IPv4"]);
        }
        let is_dual = *spec.get(&names::IP_FAMILY_POLICY) != "SingleStack";
        if is_free && is_dual && spec.get(&names::IP_FAMILIES).items().len() == 1 {
            let only_v4 = *spec.get(&names::IP_FAMILIES).items() == [Value::from("IPv4")];
            let second = if only_v4 { "IPv6" } else { "IPv4" };
            spec.update(&names::IP_FAMILIES, |families| families.make_list().push(second));
        }
    });
}

/// How far an address is into the range of Services.
fn offset(address: &str) -> Option<u32> {
    let number = u32::from(address.parse::<Ipv4Addr>().ok()?);
    number.checked_sub(RANGE_BASE).filter(|offset| (1..=OFFSET_MAX).contains(offset))
}

impl ServiceAddresses {
    fn set_cluster_ip(&mut self, object: &mut Value, taken: &Taken, errors: &mut ErrorList) {
        let view = Service::of(object).spec();
        let Some(wanted) = view.cluster_ips().next().map(str::to_owned) else {
            let address = self.free_address(taken);
            object.update(&names::SPEC, |spec| {
                spec.make_map().insert(&names::CLUSTER_IP, address.clone());
                spec.make_map().insert(&names::CLUSTER_IPS, list![address]);
            });
            return;
        };
        if wanted == "None" || wanted.parse::<Ipv4Addr>().is_err() {
            return;
        }
        let problem = if offset(&wanted).is_none() {
            format!(
                "the provided IP ({wanted}) is not in the valid range. The range of valid IPs is {RANGE}"
            )
        } else if taken.addresses.contains(&wanted) {
            "provided IP is already allocated".to_owned()
        } else {
            return;
        };
        let spec_at = Path::new("spec");
        let value = BadValue::Plain(format!("[]string{{{}}}", api::go::quote(&wanted)));
        let detail = format!("failed to allocate IP {wanted}: {problem}");
        errors.invalid(&spec_at.child("clusterIPs"), value, detail);
    }

    fn free_address(&mut self, taken: &Taken) -> String {
        let count = OFFSET_MAX - STATIC_ADDRESSES + 1;
        let start = self.rng.below(count);
        let upper = (0..count).map(|step| STATIC_ADDRESSES + (start + step) % count);
        let mut offsets = upper.chain(1..STATIC_ADDRESSES);
        let address = |offset: u32| Ipv4Addr::from(RANGE_BASE + offset).to_string();
        // With 65,000 Services the range is full; the last address is then shared.
        let free = offsets.find(|offset| !taken.addresses.contains(&address(*offset)));
        address(free.unwrap_or(OFFSET_MAX))
    }

    fn set_node_ports(
        &mut self,
        object: &mut Value,
        old: Option<&Value>,
        taken: &Taken,
        errors: &mut ErrorList,
    ) {
        let view = Service::of(object).spec();
        if !has_node_ports(view) {
            return;
        }
        check_node_ports(view, old, taken, errors);
        if !errors.is_empty() {
            return;
        }
        let mut used = Taken { addresses: BTreeSet::new(), node_ports: taken.node_ports.clone() };
        for port in view.ports().filter(|port| port.node_port() != 0) {
            used.add(port.node_port(), port.protocol());
        }
        let mut of_number: BTreeMap<i64, i64> = BTreeMap::new();
        let needs_health_port = view.type_() == "LoadBalancer"
            && view.external_traffic_policy() == "Local"
            && view.health_check_node_port() == 0;
        object.update(&names::SPEC, |spec| {
            spec.update(&names::PORTS, |ports| {
                ports.update_items(|port| {
                    let view = ServicePort::of(port);
                    let (number, protocol) = (view.port(), view.protocol().to_owned());
                    let mut node_port = view.node_port();
                    if node_port == 0 {
                        // The same port of another protocol has the same number on the nodes.
                        let shared = of_number.get(&number).copied();
                        node_port = shared
                            .filter(|shared| !used.has(*shared, &protocol))
                            .unwrap_or_else(|| self.free_node_port(&used));
                        port.make_map().insert(&names::NODE_PORT, node_port);
                    }
                    used.add(node_port, &protocol);
                    of_number.insert(number, node_port);
                });
            });
            if needs_health_port {
                let port = self.free_node_port(&used);
                spec.make_map().insert(&names::HEALTH_CHECK_NODE_PORT, port);
            }
        });
    }

    fn free_node_port(&mut self, taken: &Taken) -> i64 {
        let first = *NODE_PORTS.start() + STATIC_NODE_PORTS;
        let count = *NODE_PORTS.end() - first + 1;
        let start = i64::from(self.rng.below(count as u32));
        let upper = (0..count).map(|step| first + (start + step) % count);
        let mut ports = upper.chain(*NODE_PORTS.start()..first);
        ports.find(|port| !taken.node_ports.contains_key(port)).unwrap_or(*NODE_PORTS.end())
    }
}

fn has_node_ports(spec: ServiceSpec<'_>) -> bool {
    match spec.type_() {
        "NodePort" => true,
        "LoadBalancer" => spec.allocate_load_balancer_node_ports() != Some(false),
        _ => false,
    }
}

/// Finds node ports that the author chose and cannot have.
fn check_node_ports(
    spec: ServiceSpec<'_>,
    old: Option<&Value>,
    taken: &Taken,
    errors: &mut ErrorList,
) {
    let had = |port: i64| {
        let old = old.map(|old| Service::of(old).spec());
        old.is_some_and(|old| old.ports().any(|before| before.node_port() == port))
    };
    let spec_at = Path::new("spec");
    let ports_at = spec_at.child("ports");
    let mut mine: BTreeSet<(i64, &str)> = BTreeSet::new();
    for (index, port) in spec.ports().enumerate() {
        let node_port = port.node_port();
        if node_port == 0 || had(node_port) {
            continue;
        }
        let port_at = ports_at.index(index);
        let at = port_at.child("nodePort");
        if !NODE_PORTS.contains(&node_port) {
            let detail = format!(
                "provided port is not in the valid range. The range of valid ports is {}-{}",
                NODE_PORTS.start(),
                NODE_PORTS.end()
            );
            errors.invalid(&at, node_port, detail);
        } else if taken.node_ports.contains_key(&node_port)
            || !mine.insert((node_port, port.protocol()))
        {
            errors.invalid(&at, node_port, IN_USE);
        }
        // The first that cannot be had ends the search.
        if !errors.is_empty() {
            return;
        }
    }
}
