//! `kubectl expose`

use super::create::typed::Kind;
use super::generated;
use crate::command::{Command, run};
use crate::errors::{Error, Result, bail, error};
use crate::flags::{Flag, Flags, shared};
use crate::invocation::Invocation;
use crate::polymorphic::pod_spec;
use crate::print::{DryRun, Reporter};
use crate::resource::{Builder, Info};
use api::{List, Map, Value, list, object};
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "expose",
    short: "Take a replication controller, service, deployment or pod and expose it as a new \
            Kubernetes service",
    long: include_str!("../../help/expose.txt"),
    usage: "expose (-f FILENAME | TYPE NAME) [--port=port] [--protocol=TCP|UDP|SCTP] \
            [--target-port=number-or-name] [--name=name] [--external-ip=external-ip-of-service] \
            [--type=type]",
    flags: &[
        shared::PRINT,
        &[
            shared::DRY_RUN,
            shared::KUSTOMIZE,
            shared::OVERRIDE_TYPE,
            shared::OVERRIDES,
            shared::RECORD,
            shared::RECURSIVE,
            shared::SAVE_CONFIG,
            Flag::string(
                "cluster-ip",
                "",
                "ClusterIP to be assigned to the service. Leave empty to auto-allocate, or set to \
                'None' to create a headless service.",
            ),
            Flag::string(
                "external-ip",
                "",
                "Additional external IP address (not managed by Kubernetes) to accept for the \
                service. If this IP is routed to a node, the service can be accessed by this IP \
                in addition to its generated service IP.",
            ),
            Flag::string(
                "field-manager",
                "kubectl-expose",
                "Name of the manager used to track field ownership.",
            ),
            Flag::string_slice(
                "filename",
                "",
                "Filename, directory, or URL to files identifying the resource to expose a service",
            )
            .short('f'),
            Flag::string("labels", "", "Labels to apply to the service created by this call.")
                .short('l'),
            Flag::string(
                "load-balancer-ip",
                "",
                "IP to assign to the LoadBalancer. If empty, an ephemeral IP will be created and \
                used (cloud-provider specific).",
            ),
            Flag::string("name", "", "The name for the newly created object."),
            Flag::string(
                "port",
                "",
                "The port that the service should serve on. Copied from the resource being \
                exposed, if unspecified",
            ),
            Flag::string(
                "protocol",
                "",
                "The network protocol for the service to be created. Default is 'TCP'.",
            ),
            Flag::string(
                "selector",
                "",
                "A label selector to use for this service. Only equality-based selector \
                requirements are supported. If empty (the default) infer the selector from the \
                replication controller or replica set.)",
            ),
            Flag::string(
                "session-affinity",
                "",
                "If non-empty, set the session affinity for the service to this; legal values: \
                'None', 'ClientIP'",
            ),
            Flag::string(
                "target-port",
                "",
                "Name or number for the port on the container that the service should direct \
                traffic to. Optional.",
            ),
            Flag::string(
                "type",
                "",
                "Type for this service: ClusterIP, NodePort, LoadBalancer, or ExternalName. \
                Default is 'ClusterIP'.",
            ),
        ],
    ],
    run: run!(expose),
    ..Command::EMPTY
};

const KIND: Kind = Kind::core("Service", "");
/// A Service's name is a label of the DNS.
const NAME_LENGTH_MAX: usize = 63;

async fn expose(invocation: Rc<Invocation>) -> Result {
    let dry_run = DryRun::read(&invocation)?;
    let mut reporter = Reporter::new(&invocation, "exposed", dry_run)?;
    let mut visitor =
        Builder::new(&invocation).arguments(&invocation.arguments).flatten().build().await?;
    let mut errors = Vec::new();
    let mut wanted = Wanted::read(&invocation.flags)?;
    while let Some(next) = visitor.next().await {
        let result = match next {
            Ok(info) => expose_one(&invocation, &info, &mut wanted, dry_run, &mut reporter).await,
            Err(error) => Err(error),
        };
        errors.extend(result.err());
    }
    Error::collect(errors)
}

/// What flags say of the Service. What they leave out is taken from the first object, for the
/// others too.
struct Wanted {
    selector: Map,
    ports: Vec<String>,
    labels: Option<Map>,
}

impl Wanted {
    fn read(flags: &Flags) -> Result<Wanted> {
        let words =
            |text: &str| text.split(',').filter(|_| !text.is_empty()).map(str::to_owned).collect();
        Ok(Wanted {
            selector: generated::labels(flags.string("selector"))?,
            ports: words(flags.string("port")),
            labels: match flags.string("labels") {
                "" => None,
                text => Some(generated::labels(text)?),
            },
        })
    }

    /// Takes from an object what is still missing.
    fn complete(&mut self, object: &Value, is_headless: bool) -> Result {
        if self.selector.is_empty() {
            self.selector = selector_of(object).map_err(|why| {
                why.in_sentence(
                    "couldn't retrieve selectors via --selector flag or introspection: ",
                )
            })?;
        }
        if self.ports.is_empty() {
            self.ports = ports_of(object).into_iter().map(|(port, _)| port).collect();
            if self.ports.is_empty() && !is_headless {
                bail!("couldn't find port via --port flag or introspection");
            }
        }
        if self.labels.is_none() {
            let labels = object["metadata"]["labels"].as_map().cloned().unwrap_or_default();
            self.labels = (!labels.is_empty()).then_some(labels);
        }
        Ok(())
    }
}

async fn expose_one(
    invocation: &Rc<Invocation>,
    info: &Info,
    wanted: &mut Wanted,
    dry_run: DryRun,
    reporter: &mut Reporter,
) -> Result {
    let mapping = &info.mapping;
    match (mapping.group.as_str(), mapping.kind.as_str()) {
        ("", "ReplicationController" | "Service" | "Pod")
        | ("apps" | "extensions", "Deployment" | "ReplicaSet") => {}
        (group, kind) => {
            bail!("cannot expose a {}", crate::discovery::join_group(kind, group))
        }
    }
    wanted.complete(&info.object, invocation.flags.string("cluster-ip") == "None")?;
    let service = service(&invocation.flags, info, wanted)?;
    let service = generated::overridden(invocation, KIND.complete(service))?;
    let created = generated::create(invocation, KIND, service, dry_run).await?;
    reporter.report(invocation, &created)
}

/// The labels by which an object selects its Pods, or by which a Pod is selected.
fn selector_of(object: &Value) -> Result<Map> {
    let labels = |value: &Value| value.as_map().cloned().unwrap_or_default();
    let (selector, missing) = match object["kind"].as_str().unwrap_or_default() {
        "Pod" => {
            (labels(&object["metadata"]["labels"]), "the pod has no labels and cannot be exposed")
        }
        "Service" => (labels(&object["spec"]["selector"]), "the service has no pod selector set"),
        "ReplicationController" => return Ok(labels(&object["spec"]["selector"])),
        kind => {
            let document = &object["spec"]["selector"];
            let labels = labels(&document["matchLabels"]);
            if labels.is_empty() {
                let kind = kind.to_lowercase();
                bail!("invalid {kind}: no selectors, therefore cannot be exposed");
            }
            let expressions = document["matchExpressions"].items();
            if !expressions.is_empty() {
                let texts: Vec<String> = expressions.iter().map(expression_text).collect();
                bail!(
                    "couldn't convert expressions - \"[{}]\" to map-based selector format",
                    texts.join(" ")
                );
            }
            return Ok(labels);
        }
    };
    if selector.is_empty() { Err(error!("{missing}")) } else { Ok(selector) }
}

/// An expression as Go prints the struct.
fn expression_text(expression: &Value) -> String {
    let text = |field: &str| expression[field].as_str().unwrap_or_default().to_owned();
    let values: Vec<&str> = expression["values"].items().iter().filter_map(Value::as_str).collect();
    format!("{{Key:{} Operator:{} Values:[{}]}}", text("key"), text("operator"), values.join(" "))
}

/// The ports of an object with their protocols.
fn ports_of(object: &Value) -> Vec<(String, String)> {
    let pair = |port: &Value, field: &str| {
        let number = port[field].as_i64().unwrap_or(0).to_string();
        (number, port["protocol"].as_str().unwrap_or("TCP").to_owned())
    };
    if object["kind"] == "Service" {
        return object["spec"]["ports"].items().iter().map(|port| pair(port, "port")).collect();
    }
    let Some(template) = pod_spec::template(object) else { return Vec::new() };
    let containers = template["spec"]["containers"].items().iter();
    let ports = containers.flat_map(|container| container["ports"].items());
    ports.map(|port| pair(port, "containerPort")).collect()
}

fn service(flags: &Flags, info: &Info, wanted: &Wanted) -> Result<Value> {
    let name = match flags.string("name") {
        "" => info.name.chars().take(NAME_LENGTH_MAX).collect(),
        name => name.to_owned(),
    };
    let mut metadata = object! { "name": name };
    if let Some(labels) = &wanted.labels {
        metadata.make_map().insert("labels", labels.clone());
    }
    let ports = ports(flags, &info.object, wanted)?;
    let mut spec = object! { "ports": ports, "selector": wanted.selector.clone() };
    let mut set = |field: &'static str, value: &str| {
        if !value.is_empty() {
            spec.make_map().insert(field, value.to_owned());
        }
    };
    set("type", flags.string("type"));
    if flags.string("type") == "LoadBalancer" {
        set("loadBalancerIP", flags.string("load-balancer-ip"));
    }
    set("clusterIP", flags.string("cluster-ip"));
    match flags.string("session-affinity") {
        affinity @ ("" | "None" | "ClientIP") => set("sessionAffinity", affinity),
        other => bail!("unknown session affinity: {other}"),
    }
    match flags.string("external-ip") {
        "" => {}
        address => {
            spec.make_map().insert("externalIPs", list![address.to_owned()]);
        }
    }
    Ok(object! { "metadata": metadata, "spec": spec })
}

fn ports(flags: &Flags, object: &Value, wanted: &Wanted) -> Result<Value> {
    let target = match flags.string("target-port") {
        "" => None,
        text => Some(match text.parse::<i64>() {
            Ok(number) => Value::Int(number),
            Err(_) => Value::from(text.to_owned()),
        }),
    };
    let mut known = ports_of(object);
    let mut ports = List::EMPTY;
    for (at, text) in wanted.ports.iter().enumerate() {
        let number = generated::number(text)?;
        // A port may be there once for each protocol.
        let known = known.iter().position(|(port, _)| port == text).map(|at| known.remove(at));
        let protocol = match flags.string("protocol") {
            "" => known.map_or_else(|| "TCP".to_owned(), |(_, protocol)| protocol),
            protocol => protocol.to_owned(),
        };
        let mut port = object! {
            "port": number,
            "protocol": protocol,
            "targetPort": target.clone().unwrap_or(Value::Int(number)),
        };
        if wanted.ports.len() > 1 {
            port.make_map().insert("name", format!("port-{}", at + 1));
        }
        ports.push(port);
    }
    Ok(Value::List(ports))
}
