//! Filters.

use super::constraints::{check_affinity, check_spread, is_about, node_of, terms};
use super::{Refusal, Verdict, World, labels, name, pods_on, priority, refuse, uid};
use api::core::v1::{Container, Node, NodeSelectorTerm, Pod, Taint, Toleration};
use api::{Quantity, Value, View, names};

/// The filters, with the Pods that are nominated for the node and without them. `base` is the
/// world as it really is.
pub(super) fn filter_with_nominated(
    base: &World,
    world: &World,
    pod: &Value,
    node: &Value,
) -> Verdict {
    let mut with = world.clone();
    for (nominated, target) in &world.nominated {
        if target == name(node)
            && uid(nominated) != uid(pod)
            && priority(nominated) >= priority(pod)
        {
            let mut placed = nominated.clone();
            placed.update(&names::SPEC, |spec| {
                spec.make_map().insert(&names::NODE_NAME, target.clone());
            });
            with.pods.push(placed);
        }
    }
    filter(base, &with, pod, node)?;
    filter(base, world, pod, node)
}

fn filter(base: &World, world: &World, pod: &Value, node: &Value) -> Verdict {
    if Node::of(node).spec().unschedulable() {
        let taint = ("node.kubernetes.io/unschedulable", "", "NoSchedule");
        if !Pod::of(pod).spec().tolerations().any(|t| tolerates(t, taint)) {
            return refuse(false, "node(s) were unschedulable");
        }
    }
    if let Some(taint) = untolerated(pod, node) {
        let (key, value) = (taint.key(), taint.value());
        return refuse(false, &format!("node(s) had untolerated taint {{{key}: {value}}}"));
    }
    if !matches_node(pod, node) {
        return refuse(false, "node(s) didn't match Pod's node affinity/selector");
    }
    if ports(pod).iter().any(|port| {
        let others = pods_on(world, node);
        others.iter().any(|other| ports(other).iter().any(|used| conflict(port, used)))
    }) {
        return refuse(true, "node(s) didn't have free ports for the requested pod ports");
    }
    check_resources(world, pod, node)?;
    check_spread(world, pod, node)?;
    match is_affinity_involved(base, pod) {
        true => check_affinity(world, pod, node),
        false => Ok(()),
    }
}

/// Whether the Pod has terms of its own, or those of a Pod that runs turn it down anywhere. If not,
/// upstream skips the plugin, even where a Pod that is only nominated has such terms.
fn is_affinity_involved(base: &World, pod: &Value) -> bool {
    let sides = ["podAffinity", "podAntiAffinity"];
    let has_own = sides.iter().any(|side| !terms(pod, side, true).is_empty());
    has_own
        || base.pods.iter().any(|other| {
            terms(other, "podAntiAffinity", true).iter().any(|(_, t)| {
                let domain = node_of(base, other).and_then(|n| labels(n).get(t.topology_key()));
                domain.is_some() && is_about(base, other, *t, pod)
            })
        })
}

fn tolerates(toleration: Toleration<'_>, (key, value, effect): (&str, &str, &str)) -> bool {
    (toleration.effect().is_empty() || toleration.effect() == effect)
        && (toleration.key().is_empty() || toleration.key() == key)
        && (toleration.operator() == "Exists" || toleration.value() == value)
}

pub(super) fn is_tolerated(pod: &Value, taint: Taint<'_>) -> bool {
    let taint = (taint.key(), taint.value(), taint.effect());
    Pod::of(pod).spec().tolerations().any(|t| tolerates(t, taint))
}

pub(super) fn untolerated<'a>(pod: &Value, node: &'a Value) -> Option<Taint<'a>> {
    let mut taints = Node::of(node).spec().taints();
    taints.find(|taint| taint.effect() != "PreferNoSchedule" && !is_tolerated(pod, *taint))
}

pub(super) fn term_matches(term: NodeSelectorTerm<'_>, node: &Value) -> bool {
    let holds = |operator: &str, values: Vec<&str>, value: Option<&str>| match operator {
        "In" => value.is_some_and(|v| values.contains(&v)),
        "NotIn" => !value.is_some_and(|v| values.contains(&v)),
        "Exists" => value.is_some(),
        "DoesNotExist" => value.is_none(),
        "Gt" => value.and_then(|v| v.parse::<i64>().ok()) > values[0].parse().ok(),
        _ => false,
    };
    let mut labelled = term.match_expressions();
    let mut fields = term.match_fields();
    labelled.all(|e| holds(e.operator(), e.values().collect(), labels(node).get(e.key())))
        && fields.all(|e| holds(e.operator(), e.values().collect(), Some(name(node))))
}

pub(super) fn matches_node(pod: &Value, node: &Value) -> bool {
    let spec = Pod::of(pod).spec();
    let has = |(key, value)| labels(node).get(key) == Some(value);
    let required = spec
        .affinity()
        .and_then(|a| a.node_affinity())
        .and_then(|a| a.required_during_scheduling_ignored_during_execution());
    spec.node_selector().iter().all(has)
        && required.is_none_or(|r| r.node_selector_terms().any(|term| term_matches(term, node)))
}

fn ports(pod: &Value) -> Vec<(String, String, i64)> {
    let containers = Pod::of(pod).spec().containers();
    let of_container = |container: Container<'_>| {
        let ports = container.ports().filter(|port| port.host_port() > 0);
        let port = |port: api::core::v1::ContainerPort<'_>| {
            let ip = if port.host_ip().is_empty() { "0.0.0.0" } else { port.host_ip() };
            let protocol = if port.protocol().is_empty() { "TCP" } else { port.protocol() };
            (ip.to_owned(), protocol.to_owned(), port.host_port())
        };
        ports.map(port).collect::<Vec<_>>()
    };
    containers.flat_map(of_container).collect()
}

fn conflict(a: &(String, String, i64), b: &(String, String, i64)) -> bool {
    (a.1.as_str(), a.2) == (b.1.as_str(), b.2)
        && (a.0 == b.0 || a.0 == "0.0.0.0" || b.0 == "0.0.0.0")
}

/// The amount of a resource that a Pod asks for; `default` is what a container without counts.
pub(super) fn request(pod: &Value, resource: &str, default: &str) -> i64 {
    let spec = Pod::of(pod).spec();
    let default: Quantity = default.parse().expect("a quantity");
    let of = |container: Container<'_>| {
        container.resources().requests().get(resource).unwrap_or(default)
    };
    let mut total = Quantity::ZERO;
    for container in spec.containers() {
        total += of(container);
    }
    for container in spec.init_containers() {
        total = total.max(of(container));
    }
    if resource == "cpu" { total.milli_value() } else { total.value() }
}

pub(super) fn allocatable(node: &Value, resource: &str) -> i64 {
    let amount = Node::of(node).status().allocatable().get(resource);
    let amount = amount.unwrap_or(Quantity::ZERO);
    if resource == "cpu" { amount.milli_value() } else { amount.value() }
}

pub(super) fn used(world: &World, node: &Value, resource: &str, default: &str) -> i64 {
    let pods = pods_on(world, node);
    pods.iter().map(|pod| request(pod, resource, default)).sum()
}

fn check_resources(world: &World, pod: &Value, node: &Value) -> Verdict {
    let mut reasons = Vec::new();
    if pods_on(world, node).len() as i64 + 1 > allocatable(node, "pods") {
        reasons.push("Too many pods".to_owned());
    }
    for resource in ["cpu", "memory"] {
        let wanted = request(pod, resource, "0");
        let free = allocatable(node, resource) - used(world, node, resource, "0");
        if wanted > 0 && wanted > free {
            reasons.push(format!("Insufficient {resource}"));
        }
    }
    match reasons.is_empty() {
        true => Ok(()),
        false => Err(Refusal { reasons, is_resolvable: true }),
    }
}
