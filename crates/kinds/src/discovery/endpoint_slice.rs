//! EndpointSlice: some of the addresses behind a Service.

use crate::core::endpoints::validate_ordinary_ip;
use crate::pod_spec::PROTOCOLS;
use crate::rules::{Seen, check, immutable, one_of_required, scalar};
use crate::table::{AGE, Column, NAME, Row, age, name};
use crate::{Generation, Kind, meta};
use api::discovery::v1::{Endpoint, EndpointPort, EndpointSlice};
use api::field::{ErrorList, Path};
use api::schema::types;
use api::{Value, View, names, validation};
use sim::Time;

/// `discovery.k8s.io/v1` EndpointSlice
pub static KIND: Kind = Kind {
    group: "discovery.k8s.io",
    kind: "EndpointSlice",
    plural: "endpointslices",
    singular: "endpointslice",
    ty: types::DISCOVERY_V1_ENDPOINT_SLICE,
    storage_version_hash: "Nx3SIv6I0mE=",
    generation: Generation::OnAnything,
    set_defaults,
    validate,
    validate_update,
    columns: &[
        NAME,
        Column::text("AddressType"),
        Column::text("Ports"),
        Column::text("Endpoints"),
        AGE,
    ],
    row,
    ..Kind::NAMESPACED
};

const ENDPOINTS_MAX: usize = 1_000;
const ADDRESSES_MAX: usize = 100;
const PORTS_MAX: usize = 20_000;
const ZONE_HINTS_MAX: usize = 8;
const TOPOLOGY_MAX: usize = 16;

fn set_defaults(object: &mut Value) {
    object.update(&names::PORTS, |ports| {
        ports.update_items(|port| {
            port.set_default(&names::NAME, "");
            port.set_default(&names::PROTOCOL, "TCP");
        });
    });
}

fn validate(object: &Value, errors: &mut ErrorList) {
    let slice = EndpointSlice::of(object);
    let types = ["FQDN", "IPv4", "IPv6"];
    one_of_required(slice.address_type(), &types, &Path::new("addressType"), errors);
    let list = Path::new("endpoints");
    if slice.endpoints().len() > ENDPOINTS_MAX {
        errors.too_many(&list, slice.endpoints().len(), ENDPOINTS_MAX);
    } else {
        for (i, endpoint) in slice.endpoints().enumerate() {
            validate_endpoint(endpoint, slice.address_type(), &list.index(i), errors);
        }
    }
    validate_ports(slice, &Path::new("ports"), errors);
}

fn validate_endpoint(endpoint: Endpoint<'_>, ty: &str, at: &Path<'_>, errors: &mut ErrorList) {
    let list = at.child("addresses");
    match endpoint.addresses().len() {
        0 => errors.required(&list, "must contain at least 1 address"),
        count if count > ADDRESSES_MAX => errors.too_many(&list, count, ADDRESSES_MAX),
        _ => {}
    }
    for (i, address) in endpoint.addresses().enumerate() {
        validate_address(address, ty, &list.index(i), errors);
    }
    if let Some(node) = endpoint.node_name() {
        check(validation::dns1123_subdomain, node, &at.child("nodeName"), errors);
    }
    let topology = endpoint.deprecated_topology();
    let topology_at = at.child("deprecatedTopology");
    if topology.len() > TOPOLOGY_MAX {
        errors.too_many(&topology_at, topology.len(), TOPOLOGY_MAX);
    }
    meta::validate_labels(topology, &topology_at, errors);
    if let Some(hostname) = endpoint.hostname() {
        check(validation::dns1123_label, hostname, &at.child("hostname"), errors);
    }
    let Some(hints) = endpoint.hints() else { return };
    let hints_at = at.child("hints");
    let list = hints_at.child("forZones");
    if hints.for_zones().len() > ZONE_HINTS_MAX {
        return errors.too_many(&list, hints.for_zones().len(), ZONE_HINTS_MAX);
    }
    let mut zones = Seen::new();
    for (i, zone) in hints.for_zones().enumerate() {
        let at = list.index(i);
        let at = at.child("name");
        if !zones.insert(zone.name()) {
            errors.duplicate(&at, zone.name());
        }
        check(validation::label_value, zone.name(), &at, errors);
    }
}

fn validate_address(address: &str, ty: &str, at: &Path<'_>, errors: &mut ErrorList) {
    match ty {
        "IPv4" => {
            if address.parse::<std::net::Ipv4Addr>().is_err() {
                errors.invalid(at, address, "must be a valid IPv4 address");
            }
            validate_ordinary_ip(address, at, errors);
        }
        "IPv6" => {
            if address.parse::<std::net::Ipv6Addr>().is_err() {
                errors.invalid(at, address, "must be a valid IPv6 address");
            }
            validate_ordinary_ip(address, at, errors);
        }
        "FQDN" => validate_fqdn(address, at, errors),
        _ => {}
    }
}

fn validate_fqdn(address: &str, at: &Path<'_>, errors: &mut ErrorList) {
    if address.is_empty() {
        return errors.required(at, "");
    }
    let name = address.strip_suffix('.').unwrap_or(address);
    let problems = validation::dns1123_subdomain(name);
    if !problems.is_empty() {
        return errors.invalid(at, address, problems.join(","));
    }
    if !name.contains('.') {
        errors.invalid(
            at,
            address,
            "should be a domain with at least two segments separated by dots",
        );
    }
}

fn validate_ports(slice: EndpointSlice<'_>, list: &Path<'_>, errors: &mut ErrorList) {
    let count = slice.ports().len();
    if count > PORTS_MAX {
        return errors.too_many(list, count, PORTS_MAX);
    }
    let mut names = Seen::new();
    for (i, port) in slice.ports().enumerate() {
        let at = list.index(i);
        validate_port(port, &at, errors);
        if !names.insert(port.name().unwrap_or_default()) {
            errors.duplicate(&at.child("name"), port.name().unwrap_or_default());
        }
    }
}

fn validate_port(port: EndpointPort<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    if let Some(name) = port.name().filter(|name| !name.is_empty()) {
        check(validation::dns1123_label, name, &at.child("name"), errors);
    }
    let protocol_at = at.child("protocol");
    match port.protocol() {
        None => errors.required(&protocol_at, ""),
        Some(protocol) => one_of_required(protocol, &PROTOCOLS, &protocol_at, errors),
    }
    if let Some(protocol) = port.app_protocol() {
        check(validation::qualified_name, protocol, &at.child("appProtocol"), errors);
    }
}

fn validate_update(new: &Value, old: &Value, errors: &mut ErrorList) {
    let ty = |slice: &Value| slice.get(&names::ADDRESS_TYPE).clone();
    immutable(&ty(new), &ty(old), &Path::new("addressType"), scalar, errors);
}

/// How many ports or addresses a cell shows before it counts the rest.
const SHOWN_MAX: usize = 3;

fn shortened(texts: &[String]) -> String {
    let shown = texts[..texts.len().min(SHOWN_MAX)].join(",");
    match texts.len() {
        0 => "<unset>".to_owned(),
        1..=SHOWN_MAX => shown,
        count => format!("{shown} + {} more...", count - SHOWN_MAX),
    }
}

fn row(object: &Value, now: Time) -> Row {
    let slice = EndpointSlice::of(object);
    let ports: Vec<String> = slice
        .ports()
        .map(|port| match (port.port(), port.name()) {
            (Some(number), _) => number.to_string(),
            (None, Some(name)) if !name.is_empty() => name.to_owned(),
            _ => "*".to_owned(),
        })
        .collect();
    let addresses: Vec<String> =
        slice.endpoints().flat_map(|e| e.addresses()).map(str::to_owned).collect();
    vec![
        name(object),
        slice.address_type().to_owned().into(),
        shortened(&ports).into(),
        shortened(&addresses).into(),
        age(object, now),
    ]
}
