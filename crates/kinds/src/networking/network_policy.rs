//! NetworkPolicy: who may talk to whom.

use crate::rules::port_number;
use crate::table::{AGE, Column, NAME, Row, age, name, selector};
use crate::{Generation, Kind, internal, meta};
use api::field::{ErrorList, Path};
use api::networking::v1::{IPBlock, NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort};
use api::schema::types;
use api::{IntOrString, Value, View, Views, list, names, validation};
use sim::Time;
use std::net::IpAddr;

/// `networking.k8s.io/v1` NetworkPolicy
pub static KIND: Kind = Kind {
    group: "networking.k8s.io",
    kind: "NetworkPolicy",
    plural: "networkpolicies",
    singular: "networkpolicy",
    short_names: &["netpol"],
    ty: types::NETWORKING_V1_NETWORK_POLICY,
    storage_version_hash: "YpfwF18m1G8=",
    generation: Generation::OnSpec,
    set_defaults,
    validate,
    columns: &[NAME, Column::text("Pod-Selector"), AGE],
    row,
    ..Kind::NAMESPACED
};

fn set_defaults(object: &mut Value) {
    object.update(&names::SPEC, |spec| {
        for rules in [&names::INGRESS, &names::EGRESS] {
            spec.update(rules, |rules| {
                rules.update_items(|rule| {
                    rule.update(&names::PORTS, |ports| {
                        ports.update_items(|port| port.set_default(&names::PROTOCOL, "TCP"));
                    });
                });
            });
        }
        if spec.get(&names::POLICY_TYPES).items().is_empty() {
            let has_egress = !spec.get(&names::EGRESS).items().is_empty();
            let types = if has_egress { list!["Ingress", "Egress"] } else { list!["Ingress"] };
            spec.make_map().insert(&names::POLICY_TYPES, types);
        }
    });
}

fn validate(object: &Value, errors: &mut ErrorList) {
    let spec = NetworkPolicy::of(object).spec();
    let at = Path::new("spec");
    meta::validate_selector(spec.pod_selector(), &at.child("podSelector"), errors);
    let list = at.child("ingress");
    for (i, rule) in spec.ingress().enumerate() {
        let at = list.index(i);
        validate_ports(rule.ports(), &at.child("ports"), errors);
        validate_peers(rule.from(), &at.child("from"), errors);
    }
    let list = at.child("egress");
    for (i, rule) in spec.egress().enumerate() {
        let at = list.index(i);
        validate_ports(rule.ports(), &at.child("ports"), errors);
        validate_peers(rule.to(), &at.child("to"), errors);
    }
    let types_at = at.child("policyTypes");
    if spec.policy_types().len() > 2 {
        let shown = internal::print_strings("networking.PolicyType", spec.policy_types());
        return errors.invalid(&types_at, shown, "may not specify more than two policyTypes");
    }
    for (i, ty) in spec.policy_types().enumerate() {
        if !matches!(ty, "Ingress" | "Egress") {
            errors.not_supported(&types_at.index(i), ty, &["Ingress", "Egress"]);
        }
    }
}

fn validate_ports<'a>(
    ports: Views<'a, NetworkPolicyPort<'a>>,
    list: &Path<'_>,
    errors: &mut ErrorList,
) {
    for (i, port) in ports.enumerate() {
        let at = list.index(i);
        if let Some(protocol) = port.protocol()
            && !matches!(protocol, "TCP" | "UDP" | "SCTP")
        {
            errors.not_supported(&at.child("protocol"), protocol, &["TCP", "UDP", "SCTP"]);
        }
        validate_port(port, &at, errors);
    }
}

fn validate_port(port: NetworkPolicyPort<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let (port_at, end_at) = (at.child("port"), at.child("endPort"));
    match (port.port(), port.end_port()) {
        (Some(IntOrString::Int(number)), end) => {
            port_number(number, &port_at, errors);
            if let Some(end) = end {
                if end < number {
                    let detail = "must be greater than or equal to `port`";
                    errors.invalid(&end_at, number, detail);
                }
                port_number(end, &end_at, errors);
            }
        }
        (Some(IntOrString::Str(name)), end) => {
            if let Some(end) = end {
                let detail = "may not be specified when `port` is non-numeric";
                errors.invalid(&end_at, end, detail);
            }
            crate::rules::check(validation::port_name, name, &port_at, errors);
        }
        (None, Some(end)) => {
            errors.invalid(&end_at, end, "may not be specified when `port` is not specified");
        }
        (None, None) => {}
    }
}

fn validate_peers<'a>(
    peers: Views<'a, NetworkPolicyPeer<'a>>,
    list: &Path<'_>,
    errors: &mut ErrorList,
) {
    for (i, peer) in peers.enumerate() {
        let at = list.index(i);
        let mut count = 0;
        for (field, selector) in
            [("podSelector", peer.pod_selector()), ("namespaceSelector", peer.namespace_selector())]
        {
            if let Some(selector) = selector {
                count += 1;
                meta::validate_selector(selector, &at.child(field), errors);
            }
        }
        match peer.ip_block() {
            None if count == 0 => errors.required(&at, "must specify a peer"),
            None => {}
            Some(block) => {
                validate_block(block, &at.child("ipBlock"), errors);
                if count > 0 {
                    errors.forbidden(&at, "may not specify both ipBlock and another peer");
                }
            }
        }
    }
}

fn validate_block(block: IPBlock<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let cidr_at = at.child("cidr");
    if block.cidr().is_empty() {
        return errors.required(&cidr_at, "");
    }
    let Some(range) = Range::parse(block.cidr()) else {
        return errors.invalid(&cidr_at, block.cidr(), "not a valid CIDR");
    };
    let list = at.child("except");
    for (i, except) in block.except().enumerate() {
        let at = list.index(i);
        let Some(inner) = Range::parse(except) else {
            return errors.invalid(&at, except, "not a valid CIDR");
        };
        if !range.contains(inner.first) || range.length >= inner.length {
            errors.invalid(&at, except, "must be a strict subset of `cidr`");
        }
    }
}

/// A range of addresses.
struct Range {
    first: IpAddr,
    length: u8,
}

impl Range {
    fn parse(text: &str) -> Option<Range> {
        if !crate::core::service_validation::is_cidr(text) {
            return None;
        }
        let (ip, length) = text.split_once('/')?;
        Some(Range { first: ip.parse().ok()?, length: length.parse().ok()? })
    }

    fn contains(&self, ip: IpAddr) -> bool {
        match (self.first, ip) {
            (IpAddr::V4(first), IpAddr::V4(ip)) => {
                let shift = 32 - u32::from(self.length);
                shift == 32 || u32::from(first) >> shift == u32::from(ip) >> shift
            }
            (IpAddr::V6(first), IpAddr::V6(ip)) => {
                let shift = 128 - u32::from(self.length);
                shift == 128 || u128::from(first) >> shift == u128::from(ip) >> shift
            }
            _ => false,
        }
    }
}

fn row(object: &Value, now: Time) -> Row {
    let pods = NetworkPolicy::of(object).spec().pod_selector();
    vec![name(object), selector(pods.value()), age(object, now)]
}
