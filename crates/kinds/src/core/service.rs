//! Service: one name and address for a changing set of Pods.
//!
//! The rules of a Service are in [`super::service_validation`], what happens to it on an update in
//! [`super::service_update`]. Addresses and node ports are handed out elsewhere.

use crate::core::{service_update, service_validation};
use crate::table::{AGE, Column, NAME, NONE, Row, age, labels, name};
use crate::{Kind, Subresource};
use api::core::v1::{Service, ServicePort, ServiceSpec};
use api::schema::types;
use api::{Value, View, names, object, validation};
use sim::Time;

/// `v1` Service
pub static KIND: Kind = Kind {
    kind: "Service",
    plural: "services",
    singular: "service",
    short_names: &["svc"],
    categories: &["all"],
    ty: types::CORE_V1_SERVICE,
    storage_version_hash: "0/CO1lhkEBI=",
    has_status: true,
    subresources: &[Subresource::new(
        "proxy",
        "ServiceProxyOptions",
        &["create", "delete", "get", "patch", "update"],
    )],
    allows_create_on_update: true,
    name_problems: validation::dns1035_label,
    set_defaults,
    prepare_create: service_update::prepare_create,
    prepare_update: service_update::prepare_update,
    validate: service_validation::validate,
    validate_update: service_validation::validate_update,
    columns: &[
        NAME,
        Column::text("Type"),
        Column::text("Cluster-IP"),
        Column::text("External-IP"),
        Column::text("Port(s)"),
        AGE,
        Column::wide("Selector"),
    ],
    row,
    ..Kind::NAMESPACED
};

/// For how long a client is sent to the same Pod, if it is.
const AFFINITY_SECONDS: i64 = 3 * 60 * 60;

fn set_defaults(object: &mut Value) {
    object.update(&names::SPEC, |spec| {
        spec.set_default(&names::SESSION_AFFINITY, "None");
        set_affinity_defaults(spec);
        spec.set_default(&names::TYPE, "ClusterIP");
        spec.update(&names::PORTS, |ports| {
            ports.update_items(|port| {
                port.set_default(&names::PROTOCOL, "TCP");
                let target = port.get(&names::TARGET_PORT);
                let is_unset = matches!(target, Value::Null | Value::Int(0)) || *target == "";
                if is_unset {
                    let number = port.get(&names::PORT).clone();
                    port.make_map().insert(&names::TARGET_PORT, number);
                }
            });
        });
        set_policy_defaults(spec);
    });
}

fn set_affinity_defaults(spec: &mut Value) {
    if *spec.get(&names::SESSION_AFFINITY) == "None" {
        if let Value::Map(map) = spec {
            map.remove(&names::SESSION_AFFINITY_CONFIG);
        }
    } else if *spec.get(&names::SESSION_AFFINITY) == "ClientIP" {
        let view = ServiceSpec::of(spec);
        let config = view.session_affinity_config().and_then(|config| config.client_ip());
        if config.and_then(|config| config.timeout_seconds()).is_none() {
            let config = object! { "clientIP": object! { "timeoutSeconds": AFFINITY_SECONDS } };
            spec.make_map().insert(&names::SESSION_AFFINITY_CONFIG, config);
        }
    }
}

fn set_policy_defaults(spec: &mut Value) {
    let view = ServiceSpec::of(spec);
    let is_load_balancer = view.type_() == "LoadBalancer";
    let has_cluster_ip = matches!(view.type_(), "NodePort" | "LoadBalancer" | "ClusterIP");
    if is_externally_accessible(view) {
        spec.set_default(&names::EXTERNAL_TRAFFIC_POLICY, "Cluster");
    }
    if has_cluster_ip {
        spec.set_default(&names::INTERNAL_TRAFFIC_POLICY, "Cluster");
    }
    if is_load_balancer {
        spec.set_default(&names::ALLOCATE_LOAD_BALANCER_NODE_PORTS, true);
    }
}

/// Whether the Service can be reached from outside of the cluster.
pub fn is_externally_accessible(spec: ServiceSpec<'_>) -> bool {
    match spec.type_() {
        "LoadBalancer" | "NodePort" => true,
        "ClusterIP" => !spec.external_ips().is_empty(),
        _ => false,
    }
}

/// Whether the Service has no address of its own.
pub fn is_headless(spec: ServiceSpec<'_>) -> bool {
    spec.cluster_ip() == "None" || spec.cluster_ips().next() == Some("None")
}

fn row(object: &Value, now: Time) -> Row {
    let service = Service::of(object);
    let spec = service.spec();
    let cluster_ip = spec.cluster_ips().next().unwrap_or(NONE);
    vec![
        name(object),
        spec.type_().to_owned().into(),
        cluster_ip.to_owned().into(),
        external_ip(service).into(),
        ports(spec).into(),
        age(object, now),
        labels(spec.selector()),
    ]
}

fn external_ip(service: Service<'_>) -> String {
    let spec = service.spec();
    let external: Vec<&str> = spec.external_ips().collect();
    let or = |texts: Vec<&str>, nothing: &str| match texts.as_slice() {
        [] => nothing.to_owned(),
        texts => texts.join(","),
    };
    match spec.type_() {
        "ClusterIP" | "NodePort" => or(external, NONE),
        "LoadBalancer" => {
            let ingress = service.status().load_balancer().ingress();
            let mut addresses: Vec<&str> = ingress
                .map(|i| if i.ip().is_empty() { i.hostname() } else { i.ip() })
                .filter(|address| !address.is_empty())
                .collect();
            addresses.extend(external);
            or(addresses, "<pending>")
        }
        "ExternalName" => spec.external_name().to_owned(),
        _ => "<unknown>".to_owned(),
    }
}

/// `80/TCP,443:30443/TCP`
fn ports(spec: ServiceSpec<'_>) -> String {
    let port = |port: ServicePort<'_>| match port.node_port() {
        0 => format!("{}/{}", port.port(), port.protocol()),
        node_port => format!("{}:{node_port}/{}", port.port(), port.protocol()),
    };
    match spec.ports().map(port).collect::<Vec<_>>().as_slice() {
        [] => NONE.to_owned(),
        ports => ports.join(","),
    }
}
