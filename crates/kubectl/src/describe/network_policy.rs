//! NetworkPolicies.

use super::Subject;
use super::text::{Description, go_time, line, or_none, selector_line};
use crate::errors::Result;
use api::networking::v1::{NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort};
use api::{View, Views};
use std::rc::Rc;

/// The words for one direction of traffic.
struct Direction {
    name: &'static str,
    peer: &'static str,
    end: &'static str,
}

const INGRESS: Direction = Direction { name: "ingress", peer: "From", end: "source" };
const EGRESS: Direction = Direction { name: "egress", peer: "To", end: "destination" };

type Rule<'a> = (Views<'a, NetworkPolicyPort<'a>>, Views<'a, NetworkPolicyPeer<'a>>);

pub(super) async fn describe(subject: Rc<Subject>) -> Result<Description> {
    let policy: NetworkPolicy<'_> = subject.view();
    let (metadata, spec) = (policy.metadata(), policy.spec());
    let mut out = Description::default();
    line!(out, 0, "Name:\t{}", metadata.name());
    line!(out, 0, "Namespace:\t{}", metadata.namespace());
    line!(out, 0, "Created on:\t{}", go_time(metadata.creation_timestamp()));
    out.labels("", "Labels", metadata.labels());
    out.annotations("Annotations", metadata.annotations());
    line!(out, 0, "Spec:");
    match selector_line(spec.pod_selector().value()).as_str() {
        "<none>" => line!(
            out,
            1,
            "PodSelector:     <none> (Allowing the specific traffic to all pods in this namespace)"
        ),
        selector => line!(out, 1, "PodSelector:     {selector}"),
    }
    let types: Vec<&str> = spec.policy_types().collect();
    let has_ingress = types.is_empty() || types.contains(&"Ingress");
    let has_egress = types.contains(&"Egress");
    let ingress = spec.ingress().map(|rule| (rule.ports(), rule.from())).collect();
    describe_direction(&mut out, &INGRESS, has_ingress, ingress);
    let egress = spec.egress().map(|rule| (rule.ports(), rule.to())).collect();
    describe_direction(&mut out, &EGRESS, has_egress, egress);
    line!(out, 1, "Policy Types: {}", or_none(&types.join(", ")));
    Ok(out)
}

fn describe_direction(
    out: &mut Description,
    direction: &Direction,
    is_affected: bool,
    rules: Vec<Rule<'_>>,
) {
    let Direction { name, peer, end } = direction;
    if !is_affected {
        line!(out, 1, "Not affecting {name} traffic");
        return;
    }
    line!(out, 1, "Allowing {name} traffic:");
    if rules.is_empty() {
        line!(out, 2, "<none> (Selected pods are isolated for {name} connectivity)");
    }
    let count = rules.len();
    for (at, (ports, peers)) in rules.into_iter().enumerate() {
        if ports.is_empty() {
            line!(out, 2, "To Port: <any> (traffic allowed to all ports)");
        }
        for port in ports {
            let number = port.port().map_or_else(|| "<nil>".to_owned(), |port| port.to_string());
            line!(out, 2, "To Port: {number}/{}", port.protocol().unwrap_or("TCP"));
        }
        if peers.is_empty() {
            line!(out, 2, "{peer}: <any> (traffic not restricted by {end})");
        }
        for one in peers {
            line!(out, 2, "{peer}:");
            describe_peer(out, one);
        }
        if at + 1 < count {
            line!(out, 2, "----------");
        }
    }
}

fn describe_peer(out: &mut Description, peer: NetworkPolicyPeer<'_>) {
    if let Some(selector) = peer.namespace_selector() {
        line!(out, 3, "NamespaceSelector: {}", selector_line(selector.value()));
    }
    if let Some(selector) = peer.pod_selector() {
        line!(out, 3, "PodSelector: {}", selector_line(selector.value()));
    }
    if peer.namespace_selector().is_some() || peer.pod_selector().is_some() {
        return;
    }
    if let Some(block) = peer.ip_block() {
        line!(out, 3, "IPBlock:");
        line!(out, 4, "CIDR: {}", block.cidr());
        line!(out, 4, "Except: {}", block.except().collect::<Vec<_>>().join(", "));
    }
}
