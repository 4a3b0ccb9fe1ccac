//! What becomes of the parts of a Service that were handed out when its author leaves them out or
//! changes its type.
//!
//! Models the strategy of Services in 1.29: addresses and ports that the new object does not
//! mention are kept as long as its type has a use for them, and given up when it has not.

use api::core::v1::ServiceSpec;
use api::{Key, Value, View, list, names};

/// Brings the two fields of addresses into line.
pub(super) fn prepare_create(object: &mut Value) {
    object.update(&names::SPEC, |spec| {
        let ip = spec.get(&names::CLUSTER_IP).clone();
        let is_set = ip.as_str().is_some_and(|ip| !ip.is_empty());
        if is_set && spec.get(&names::CLUSTER_IPS).items().is_empty() {
            spec.make_map().insert(&names::CLUSTER_IPS, list![ip]);
        }
    });
}

/// Keeps what was handed out, and gives up what the new type has no use for.
pub(super) fn prepare_update(new: &mut Value, old: &Value) {
    let old = old.get(&names::SPEC);
    new.update(&names::SPEC, |spec| {
        keep_addresses(spec, old);
        keep_ports(spec, old);
        align_addresses(spec, old);
        drop_by_type(spec, old);
    });
}

fn has_cluster_ip(spec: &Value) -> bool {
    matches!(ServiceSpec::of(spec).type_(), "ClusterIP" | "NodePort" | "LoadBalancer")
}

fn has_node_ports(spec: &Value) -> bool {
    let view = ServiceSpec::of(spec);
    view.type_() == "NodePort"
        || (view.type_() == "LoadBalancer"
            && view.allocate_load_balancer_node_ports() != Some(false))
}

fn has_health_port(spec: &Value) -> bool {
    let view = ServiceSpec::of(spec);
    view.type_() == "LoadBalancer" && view.external_traffic_policy() == "Local"
}

fn copy(spec: &mut Value, old: &Value, key: &Key) {
    let value = old.get(key);
    if !value.is_null() {
        spec.make_map().insert(key, value.clone());
    }
}

fn drop_field(spec: &mut Value, key: &Key) {
    if let Value::Map(map) = spec {
        map.remove(key);
    }
}

fn keep_addresses(spec: &mut Value, old: &Value) {
    if !has_cluster_ip(spec) || !has_cluster_ip(old) {
        return;
    }
    if ServiceSpec::of(spec).cluster_ip().is_empty() {
        copy(spec, old, &names::CLUSTER_IP);
    }
    let view = ServiceSpec::of(spec);
    let same_ip = view.cluster_ip() == ServiceSpec::of(old).cluster_ip();
    if view.cluster_ips().is_empty() && same_ip {
        copy(spec, old, &names::CLUSTER_IPS);
    }
}

/// A port keeps its number on the nodes if another does not have it now.
fn keep_ports(spec: &mut Value, old: &Value) {
    if has_node_ports(spec) && has_node_ports(old) {
        let mut used: Vec<i64> = Vec::new();
        used.extend(ServiceSpec::of(spec).ports().map(|port| port.node_port()));
        spec.update(&names::PORTS, |ports| {
            ports.update_items(|port| {
                let (number, protocol, node_port) = (
                    port.get(&names::PORT).clone(),
                    port.get(&names::PROTOCOL).clone(),
                    port.get(&names::NODE_PORT).as_i64().unwrap_or(0),
                );
                if node_port != 0 {
                    return;
                }
                let before = old.get(&names::PORTS).items().iter().find(|old| {
                    *old.get(&names::PORT) == number && *old.get(&names::PROTOCOL) == protocol
                });
                let kept = before.and_then(|old| old.get(&names::NODE_PORT).as_i64());
                if let Some(kept) = kept.filter(|kept| *kept != 0 && !used.contains(kept)) {
                    used.push(kept);
                    port.make_map().insert(&names::NODE_PORT, kept);
                }
            });
        });
    }
    if has_health_port(spec)
        && has_health_port(old)
        && ServiceSpec::of(spec).health_check_node_port() == 0
    {
        copy(spec, old, &names::HEALTH_CHECK_NODE_PORT);
    }
}

/// A changed first address is the only one, and without a first there are none.
fn align_addresses(spec: &mut Value, old: &Value) {
    let (ip, old_ip) = (spec.get(&names::CLUSTER_IP).clone(), old.get(&names::CLUSTER_IP));
    let same_ips = spec.get(&names::CLUSTER_IPS) == old.get(&names::CLUSTER_IPS);
    let is_set = ip.as_str().is_some_and(|ip| !ip.is_empty());
    if ip == *old_ip {
        return;
    }
    if !is_set && same_ips {
        drop_field(spec, &names::CLUSTER_IPS);
    } else if is_set && (same_ips || spec.get(&names::CLUSTER_IPS).items().is_empty()) {
        spec.make_map().insert(&names::CLUSTER_IPS, list![ip]);
    }
}

fn drop_by_type(spec: &mut Value, old: &Value) {
    let drop_same = |spec: &mut Value, key: &Key| {
        if spec.get(key) == old.get(key) {
            drop_field(spec, key);
        }
    };
    if has_cluster_ip(old) && !has_cluster_ip(spec) {
        for key in
            [&names::CLUSTER_IP, &names::CLUSTER_IPS, &names::IP_FAMILIES, &names::IP_FAMILY_POLICY]
        {
            drop_same(spec, key);
        }
    }
    if has_node_ports(old) && !has_node_ports(spec) {
        drop_node_ports(spec, old);
    }
    if has_health_port(old) && !has_health_port(spec) {
        drop_same(spec, &names::HEALTH_CHECK_NODE_PORT);
    }
    let (new_type, old_type) = (spec.get(&names::TYPE).clone(), ServiceSpec::of(old).type_());
    if old_type == "LoadBalancer" && new_type != "LoadBalancer" {
        drop_same(spec, &names::ALLOCATE_LOAD_BALANCER_NODE_PORTS);
        drop_same(spec, &names::LOAD_BALANCER_CLASS);
    }
    let is_external =
        |spec: &Value| super::service::is_externally_accessible(ServiceSpec::of(spec));
    if is_external(old) && !is_external(spec) {
        drop_same(spec, &names::EXTERNAL_TRAFFIC_POLICY);
    }
    if has_cluster_ip(old) && !has_cluster_ip(spec) {
        drop_same(spec, &names::INTERNAL_TRAFFIC_POLICY);
    }
}

/// Numbers on the nodes that are still the old ones go.
fn drop_node_ports(spec: &mut Value, old: &Value) {
    let numbers = |spec: &Value| -> Vec<i64> {
        let mut numbers: Vec<i64> = ServiceSpec::of(spec).ports().map(|p| p.node_port()).collect();
        numbers.sort_unstable();
        numbers
    };
    if numbers(spec) != numbers(old) {
        return;
    }
    spec.update(&names::PORTS, |ports| {
        ports.update_items(|port| drop_field(port, &names::NODE_PORT));
    });
}
