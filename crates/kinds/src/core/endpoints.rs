//! Endpoints: the addresses behind a Service, all in one object.
//!
//! What is missing: the server also merges subsets that have the same ports or addresses; those
//! that the controller writes are merged already.

use crate::Kind;
use crate::pod_spec::PROTOCOLS;
use crate::rules::{check, one_of_required, port_number};
use crate::table::{AGE, Column, NAME, NONE, Row, age, name};
use api::core::v1::{EndpointAddress, EndpointPort, Endpoints};
use api::field::{ErrorList, Path};
use api::schema::types;
use api::{Value, View, Views, names, validation};
use sim::Time;
use std::net::IpAddr;

/// `v1` Endpoints
pub static KIND: Kind = Kind {
    kind: "Endpoints",
    plural: "endpoints",
    singular: "endpoints",
    short_names: &["ep"],
    ty: types::CORE_V1_ENDPOINTS,
    storage_version_hash: "fWeeMqaN/OA=",
    allows_create_on_update: true,
    set_defaults,
    validate,
    columns: &[NAME, Column::text("Endpoints"), AGE],
    row,
    ..Kind::NAMESPACED
};

fn set_defaults(object: &mut Value) {
    object.update(&names::SUBSETS, |subsets| {
        subsets.update_items(|subset| {
            subset.update(&names::PORTS, |ports| {
                ports.update_items(|port| port.set_default(&names::PROTOCOL, "TCP"));
            });
        });
    });
}

fn validate(object: &Value, errors: &mut ErrorList) {
    let list = Path::new("subsets");
    for (i, subset) in Endpoints::of(object).subsets().enumerate() {
        let at = list.index(i);
        let (ready, not_ready) = (subset.addresses(), subset.not_ready_addresses());
        if ready.is_empty() && not_ready.is_empty() {
            errors.required(&at, "must specify `addresses` or `notReadyAddresses`");
        }
        validate_addresses(ready, &at.child("addresses"), errors);
        validate_addresses(not_ready, &at.child("notReadyAddresses"), errors);
        let ports_at = at.child("ports");
        let needs_names = subset.ports().len() > 1;
        for (i, port) in subset.ports().enumerate() {
            validate_port(port, needs_names, &ports_at.index(i), errors);
        }
    }
}

fn validate_addresses<'a>(
    addresses: Views<'a, EndpointAddress<'a>>,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    for (i, address) in addresses.enumerate() {
        let at = at.index(i);
        let ip_at = at.child("ip");
        check(validation::ip_address, address.ip(), &ip_at, errors);
        if !address.hostname().is_empty() {
            let at = at.child("hostname");
            check(validation::dns1123_label, address.hostname(), &at, errors);
        }
        if let Some(node) = address.node_name() {
            check(validation::dns1123_subdomain, node, &at.child("nodeName"), errors);
        }
        validate_ordinary_ip(address.ip(), &ip_at, errors);
    }
}

/// Checks that an address can belong to something that others reach.
pub fn validate_ordinary_ip(text: &str, at: &Path<'_>, errors: &mut ErrorList) {
    let Ok(ip) = text.parse::<IpAddr>() else {
        return errors.invalid(at, text, "must be a valid IP address");
    };
    let is_link_local = match ip {
        IpAddr::V4(ip) => ip.is_link_local(),
        IpAddr::V6(ip) => ip.segments()[0] & 0xffc0 == 0xfe80,
    };
    let is_local_multicast = match ip {
        IpAddr::V4(ip) => ip.octets()[..3] == [224, 0, 0],
        IpAddr::V6(ip) => ip.segments()[0] & 0xff0f == 0xff02,
    };
    for (is_special, detail) in [
        (ip.is_unspecified(), "may not be unspecified (0.0.0.0 or ::)"),
        (ip.is_loopback(), "may not be in the loopback range (127.0.0.0/8, ::1/128)"),
        (is_link_local, "may not be in the link-local range (169.254.0.0/16, fe80::/10)"),
        (
            is_local_multicast,
            "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)",
        ),
    ] {
        if is_special {
            errors.invalid(at, text, detail);
        }
    }
}

fn validate_port(port: EndpointPort<'_>, needs_name: bool, at: &Path<'_>, errors: &mut ErrorList) {
    match port.name() {
        "" if needs_name => errors.required(&at.child("name"), ""),
        "" => {}
        name => check(validation::dns1123_label, name, &at.child("name"), errors),
    }
    port_number(port.port(), &at.child("port"), errors);
    one_of_required(port.protocol(), &PROTOCOLS, &at.child("protocol"), errors);
    if let Some(protocol) = port.app_protocol() {
        check(validation::qualified_name, protocol, &at.child("appProtocol"), errors);
    }
}

/// How many endpoints a cell shows before it counts the rest.
const SHOWN_MAX: usize = 3;

fn row(object: &Value, now: Time) -> Row {
    vec![name(object), format(Endpoints::of(object)).into(), age(object, now)]
}

/// `10.0.0.1:80,10.0.0.2:80,10.0.0.3:80 + 2 more...`
fn format(endpoints: Endpoints<'_>) -> String {
    if endpoints.subsets().is_empty() {
        return NONE.to_owned();
    }
    let mut shown = Vec::new();
    let mut count = 0;
    let mut show = |ip: &str, port: Option<i64>| {
        count += 1;
        if shown.len() < SHOWN_MAX {
            shown.push(match port {
                Some(port) if ip.contains(':') => format!("[{ip}]:{port}"),
                Some(port) => format!("{ip}:{port}"),
                None => ip.to_owned(),
            });
        }
    };
    for subset in endpoints.subsets() {
        if subset.ports().is_empty() {
            subset.addresses().for_each(|address| show(address.ip(), None));
        }
        for port in subset.ports() {
            subset.addresses().for_each(|address| show(address.ip(), Some(port.port())));
        }
    }
    let text = shown.join(",");
    match count {
        0..=SHOWN_MAX => text,
        _ => format!("{text} + {} more...", count - SHOWN_MAX),
    }
}
