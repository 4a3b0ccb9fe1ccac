//! `kubectl create service`: clusterip, nodeport, loadbalancer, externalname.

use super::typed::{Creation, Kind, named_app};
use crate::command::{Command, run};
use crate::commands::common::one_name;
use crate::errors::{Result, bail, error, quote};
use crate::flags::{Flag, shared};
use crate::invocation::Invocation;
use api::{List, Value, object, validation};
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "service",
    aliases: &["svc"],
    short: "Create a service using a specified subcommand",
    long: include_str!("../../../help/create-service.txt"),
    usage: "service [flags]",
    subcommands: &[&CLUSTER_IP, &EXTERNAL_NAME, &LOAD_BALANCER, &NODE_PORT],
    ..Command::EMPTY
};

static CLUSTER_IP: Command = Command {
    name: "clusterip",
    short: "Create a ClusterIP service",
    long: include_str!("../../../help/create-service-clusterip.txt"),
    usage: "clusterip NAME [--tcp=<port>:<targetPort>] [--dry-run=server|client|none]",
    flags: &[
        shared::PRINT,
        &[
            shared::DRY_RUN,
            shared::FIELD_MANAGER_CREATE,
            shared::SAVE_CONFIG,
            shared::TCP,
            shared::VALIDATE,
            Flag::string(
                "clusterip",
                "",
                "Assign your own ClusterIP or set to 'None' for a 'headless' service (no \
            loadbalancing).",
            ),
        ],
    ],
    run: run!(cluster_ip),
    ..Command::EMPTY
};

static NODE_PORT: Command = Command {
    name: "nodeport",
    short: "Create a NodePort service",
    long: include_str!("../../../help/create-service-nodeport.txt"),
    usage: "nodeport NAME [--tcp=port:targetPort] [--dry-run=server|client|none]",
    flags: &[
        shared::PRINT,
        &[
            shared::DRY_RUN,
            shared::FIELD_MANAGER_CREATE,
            shared::SAVE_CONFIG,
            shared::TCP,
            shared::VALIDATE,
            Flag::int(
                "node-port",
                "0",
                "Port used to expose the service on each node in a cluster.",
            ),
        ],
    ],
    run: run!(node_port),
    ..Command::EMPTY
};

static LOAD_BALANCER: Command = Command {
    name: "loadbalancer",
    short: "Create a LoadBalancer service",
    long: include_str!("../../../help/create-service-loadbalancer.txt"),
    usage: "loadbalancer NAME [--tcp=port:targetPort] [--dry-run=server|client|none]",
    flags: &[
        shared::PRINT,
        &[
            shared::DRY_RUN,
            shared::FIELD_MANAGER_CREATE,
            shared::SAVE_CONFIG,
            shared::TCP,
            shared::VALIDATE,
        ],
    ],
    run: run!(load_balancer),
    ..Command::EMPTY
};

static EXTERNAL_NAME: Command = Command {
    name: "externalname",
    short: "Create an ExternalName service",
    long: include_str!("../../../help/create-service-externalname.txt"),
    usage: "externalname NAME --external-name external.name [--dry-run=server|client|none]",
    flags: &[
        shared::PRINT,
        &[
            shared::DRY_RUN,
            shared::FIELD_MANAGER_CREATE,
            shared::SAVE_CONFIG,
            shared::TCP,
            shared::VALIDATE,
            Flag::string("external-name", "", "External name of service").required(),
        ],
    ],
    run: run!(external_name),
    ..Command::EMPTY
};

async fn cluster_ip(invocation: Rc<Invocation>) -> Result {
    create(&invocation, "ClusterIP").await
}
async fn node_port(invocation: Rc<Invocation>) -> Result {
    create(&invocation, "NodePort").await
}
async fn load_balancer(invocation: Rc<Invocation>) -> Result {
    create(&invocation, "LoadBalancer").await
}
async fn external_name(invocation: Rc<Invocation>) -> Result {
    create(&invocation, "ExternalName").await
}

async fn create(invocation: &Rc<Invocation>, ty: &'static str) -> Result {
    let name = one_name(invocation)?;
    let creation = Creation::begin(invocation)?;
    let flags = &invocation.flags;
    let (tcp, address) = (flags.strings("tcp"), flags.string("clusterip"));
    if tcp.is_empty() && ty != "ExternalName" && address != "None" {
        bail!("at least one tcp port specifier must be provided");
    }
    let mut ports = List::EMPTY;
    for specifier in tcp {
        ports.push(port(specifier, flags.int("node-port"))?);
    }
    let mut spec = object! {
        "type": ty,
        "ports": Value::List(ports),
        "selector": object! { "app": name.clone() },
    };
    if !address.is_empty() {
        spec.make_map().insert("clusterIP", address.to_owned());
    }
    if ty == "ExternalName" {
        let external = flags.string("external-name");
        if !validation::dns1123_subdomain(external).is_empty() {
            bail!("invalid service external name {external}");
        }
        spec.make_map().insert("externalName", external.to_owned());
    }
    let failure = match ty {
        "ClusterIP" => "failed to create ClusterIP service: ",
        "NodePort" => "failed to create NodePort service: ",
        "LoadBalancer" => "failed to create LoadBalancer service: ",
        _ => "failed to create ExternalName service: ",
    };
    let object = object! { "metadata": named_app(&name), "spec": spec };
    creation.finish(invocation, Kind::core("Service", failure), object).await
}

/// `80` or `80:8080` or `80:http`
fn port(specifier: &str, node_port: i64) -> Result<Value> {
    let mut parts = specifier.split(':');
    let port = number(parts.next().unwrap_or_default())?;
    let target = match parts.next().filter(|target| !target.is_empty()) {
        None => Value::Int(port),
        Some(target) => target_port(target)?,
    };
    let mut object = object! {
        "name": specifier.replace(':', "-"),
        "port": port,
        "protocol": "TCP",
        "targetPort": target,
    };
    if node_port != 0 {
        object.make_map().insert("nodePort", node_port);
    }
    Ok(object)
}

fn number(text: &str) -> Result<i64> {
    let problem = |what: &str| error!("strconv.ParseUint: parsing {}: {what}", quote(text));
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(problem("invalid syntax"));
    }
    match text.parse::<u64>() {
        Ok(number @ 0..=65535) => Ok(number as i64),
        _ => Err(problem("value out of range")),
    }
}

fn target_port(text: &str) -> Result<Value> {
    if let Ok(number) = text.parse::<i64>() {
        let problems = validation::port_number(number);
        if !problems.is_empty() {
            bail!("{}", problems.join(","));
        }
        return Ok(Value::Int(number));
    }
    let problems = validation::port_name(text);
    if !problems.is_empty() {
        bail!("{}", problems.join(","));
    }
    Ok(Value::from(text.to_owned()))
}
