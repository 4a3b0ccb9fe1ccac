//! The rules of a Service.
//!
//! Models `ValidateService` of `k8s.io/kubernetes/pkg/apis/core/validation` in 1.29. Whether an
//! address or a port is free is not known here.

use crate::core::endpoints::validate_ordinary_ip;
use crate::core::service::{is_externally_accessible, is_headless};
use crate::pod_spec::PROTOCOLS;
use crate::rules::{Seen, check, ip_address, one_of, one_of_required, port_number};
use crate::{internal, meta};
use api::core::v1::{Service, ServicePort, ServiceSpec};
use api::field::{BadValue, ErrorList, Path};
use api::{Value, View, names, validation};

const TYPES: [&str; 4] = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
const AFFINITY_SECONDS_MAX: i64 = 86_400;
/// The port of the kubelet, which some clouds hand out by mistake.
const KUBELET_PORT: i64 = 10_250;
const SOURCE_RANGES: &str = "service.beta.kubernetes.io/load-balancer-source-ranges";

/// Checks a Service.
pub(super) fn validate(object: &Value, errors: &mut ErrorList) {
    let service = Service::of(object);
    let spec = service.spec();
    let at = Path::new("spec");
    if spec.ports().is_empty() && !is_headless(spec) && spec.type_() != "ExternalName" {
        errors.required(&at.child("ports"), "");
    }
    validate_by_type(spec, &at, errors);
    validate_ports(spec, &at.child("ports"), errors);
    meta::validate_labels(spec.selector(), &at.child("selector"), errors);
    validate_affinity(spec, &at, errors);
    validate_cluster_ips(spec, &at, errors);
    let list = at.child("externalIPs");
    for (i, ip) in spec.external_ips().enumerate() {
        let at = list.index(i);
        if validation::ip_address(ip).is_empty() {
            validate_ordinary_ip(ip, &at, errors);
        } else {
            ip_address(ip, &at, errors);
        }
    }
    one_of_required(spec.type_(), &TYPES, &at.child("type"), errors);
    validate_port_uses(spec, &at.child("ports"), errors);
    validate_source_ranges(service, &at, errors);
    validate_load_balancer(spec, &at, errors);
    validate_policies(spec, &at, errors);
}

fn validate_by_type(spec: ServiceSpec<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let ips_at = at.child("clusterIPs");
    let ports_at = at.child("ports");
    match spec.type_() {
        "LoadBalancer" => {
            for (i, port) in spec.ports().enumerate() {
                if port.port() == KUBELET_PORT {
                    let detail = format!(
                        "may not expose port {KUBELET_PORT} externally since it is used by kubelet"
                    );
                    errors.invalid(&ports_at.index(i), port.port(), detail);
                }
            }
            forbid_headless(spec, &ips_at, errors);
        }
        "NodePort" => forbid_headless(spec, &ips_at, errors),
        "ExternalName" => {
            let detail = "may not be set for ExternalName services";
            for (field, is_set) in [
                ("clusterIPs", !spec.cluster_ips().is_empty()),
                ("ipFamilies", !spec.ip_families().is_empty()),
                ("ipFamilyPolicy", spec.ip_family_policy().is_some()),
            ] {
                if is_set {
                    errors.forbidden(&at.child(field), detail);
                }
            }
            let name_at = at.child("externalName");
            let name = spec.external_name();
            match name.strip_suffix('.').unwrap_or(name) {
                "" => errors.required(&name_at, ""),
                name => check(validation::dns1123_subdomain, name, &name_at, errors),
            }
        }
        _ => {}
    }
}

fn forbid_headless(spec: ServiceSpec<'_>, ips: &Path<'_>, errors: &mut ErrorList) {
    if is_headless(spec) {
        let detail = format!("may not be set to 'None' for {} services", spec.type_());
        errors.invalid(&ips.index(0), "None", detail);
    }
}

fn validate_ports(spec: ServiceSpec<'_>, list: &Path<'_>, errors: &mut ErrorList) {
    let needs_names = spec.ports().len() > 1;
    let mut names = Seen::new();
    for (i, port) in spec.ports().enumerate() {
        let at = list.index(i);
        let name_at = at.child("name");
        match port.name() {
            "" if needs_names => errors.required(&name_at, ""),
            "" => {}
            name => {
                check(validation::dns1123_label, name, &name_at, errors);
                if !names.insert(name) {
                    errors.duplicate(&name_at, name);
                }
            }
        }
        port_number(port.port(), &at.child("port"), errors);
        one_of_required(port.protocol(), &PROTOCOLS, &at.child("protocol"), errors);
        crate::rules::port_number_or_name(port.target_port(), &at.child("targetPort"), errors);
        if let Some(protocol) = port.app_protocol() {
            check(validation::qualified_name, protocol, &at.child("appProtocol"), errors);
        }
    }
}

fn validate_affinity(spec: ServiceSpec<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let affinity = spec.session_affinity();
    one_of_required(affinity, &["ClientIP", "None"], &at.child("sessionAffinity"), errors);
    let at = at.child("sessionAffinityConfig");
    let config = spec.session_affinity_config();
    if affinity == "None" && config.is_some() {
        errors.forbidden(&at, "must not be set when session affinity is None");
    }
    if affinity != "ClientIP" {
        return;
    }
    let detail = "when session affinity type is ClientIP";
    let Some(config) = config else { return errors.required(&at, detail) };
    let at = at.child("clientIP");
    let Some(client) = config.client_ip() else { return errors.required(&at, detail) };
    let at = at.child("timeoutSeconds");
    match client.timeout_seconds() {
        None => errors.required(&at, detail),
        Some(seconds) if !(1..=AFFINITY_SECONDS_MAX).contains(&seconds) => {
            let detail = format!("must be greater than 0 and less than {AFFINITY_SECONDS_MAX}");
            errors.invalid(&at, seconds, detail);
        }
        Some(_) => {}
    }
}

fn print_ips(spec: ServiceSpec<'_>) -> BadValue {
    internal::print_strings("string", spec.cluster_ips())
}

fn validate_cluster_ips(spec: ServiceSpec<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    if spec.type_() == "ExternalName" {
        return;
    }
    let before = errors.0.len();
    let ips_at = at.child("clusterIPs");
    let count = spec.cluster_ips().len();
    match (spec.cluster_ip(), spec.cluster_ips().next()) {
        ("", None) => {}
        ("", Some(_)) => {
            let detail = "must be empty when `clusterIP` is not specified";
            errors.invalid(&ips_at, print_ips(spec), detail);
        }
        (_, None) => errors.required(&ips_at, ""),
        (ip, Some(first)) if ip != first => {
            errors.invalid(&ips_at, print_ips(spec), "first value must match `clusterIP`");
        }
        _ => {}
    }
    validate_families(spec, at, errors);
    let mut are_ips_valid = true;
    for (i, ip) in spec.cluster_ips().enumerate() {
        if i == 0 && ip == "None" {
            if count > 1 {
                are_ips_valid = false;
                let detail = "'None' must be the first and only value";
                errors.invalid(&ips_at, print_ips(spec), detail);
            }
            continue;
        }
        are_ips_valid &= validation::ip_address(ip).is_empty();
        ip_address(ip, &ips_at.index(i), errors);
    }
    if count > 2 {
        errors.invalid(&ips_at, print_ips(spec), "may only hold up to 2 values");
    }
    if !are_ips_valid {
        return;
    }
    let is_v6 = |ip: &str| ip.contains(':');
    let mut ips = spec.cluster_ips();
    if let (Some(first), Some(second)) = (ips.next(), ips.next())
        && (count > 2 || is_v6(first) == is_v6(second))
    {
        let detail = "may specify no more than one IP for each IP family";
        errors.invalid(&ips_at, print_ips(spec), detail);
    }
    if is_headless(spec) || errors.0.len() > before {
        return;
    }
    for (i, (ip, family)) in spec.cluster_ips().zip(spec.ip_families()).enumerate() {
        if (family == "IPv6") != is_v6(ip) {
            let detail = format!("expected an {family} value as indicated by `ipFamilies[{i}]`");
            errors.invalid(&ips_at.index(i), ip, detail);
        }
    }
}

fn validate_families(spec: ServiceSpec<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let list = at.child("ipFamilies");
    let mut seen = Seen::new();
    for (i, family) in spec.ip_families().enumerate() {
        one_of(family, &["IPv4", "IPv6"], &list.index(i), errors);
        if !seen.insert(family) {
            errors.duplicate(&list.index(i), family);
        }
    }
    if let Some(policy) = spec.ip_family_policy() {
        let policies = ["PreferDualStack", "RequireDualStack", "SingleStack"];
        one_of(policy, &policies, &at.child("ipFamilyPolicy"), errors);
    }
}

/// How the ports are used together: no two may be the same.
fn validate_port_uses(spec: ServiceSpec<'_>, list: &Path<'_>, errors: &mut ErrorList) {
    if spec.type_() == "ClusterIP" {
        for (i, port) in spec.ports().enumerate() {
            if port.node_port() != 0 {
                let at = list.index(i);
                let detail = "may not be used when `type` is 'ClusterIP'";
                errors.forbidden(&at.child("nodePort"), detail);
            }
        }
    }
    let mut seen = Seen::new();
    for (i, port) in spec.ports().enumerate() {
        let number = port.node_port();
        if number != 0 && !seen.insert((port.protocol(), number)) {
            let at = list.index(i);
            errors.duplicate(&at.child("nodePort"), BadValue::from(number));
        }
    }
    let mut seen = Seen::new();
    for (i, port) in spec.ports().enumerate() {
        if !seen.insert((port.protocol(), port.port())) {
            let key = api::object! {
                "protocol": port.value().get(&names::PROTOCOL),
                "port": port.port(),
                "targetPort": 0,
            };
            errors.duplicate(&list.index(i), internal::print(ServicePort::TYPE, &key));
        }
    }
}

fn validate_source_ranges(service: Service<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let spec = service.spec();
    let annotation = service.metadata().annotations().get(SOURCE_RANGES);
    let detail = "may only be used when `type` is 'LoadBalancer'";
    let is_load_balancer = spec.type_() == "LoadBalancer";
    let invalid = "must be a list of IP ranges. For example, 10.240.0.0/24,10.250.0.0/24";
    if !spec.load_balancer_source_ranges().is_empty() {
        let at = at.child("LoadBalancerSourceRanges");
        if !is_load_balancer {
            errors.forbidden(&at, detail);
        }
        for (i, range) in spec.load_balancer_source_ranges().enumerate() {
            if !is_cidr(range.trim()) {
                errors.invalid(&at.index(i), range, invalid);
            }
        }
    } else if let Some(ranges) = annotation {
        let metadata = Path::new("metadata");
        let annotations = metadata.child("annotations");
        let at = annotations.key(SOURCE_RANGES);
        if !is_load_balancer {
            errors.forbidden(&at, detail);
        }
        let ranges = ranges.trim();
        if !ranges.is_empty() && !ranges.split(',').all(|range| is_cidr(range.trim())) {
            errors.invalid(&at, ranges, invalid);
        }
    }
}

/// Whether a text is an address with the length of a prefix.
pub fn is_cidr(text: &str) -> bool {
    let Some((ip, length)) = text.split_once('/') else { return false };
    let is_number = !length.is_empty() && length.bytes().all(|b| b.is_ascii_digit());
    match (ip.parse(), length.parse::<u8>()) {
        (Ok(std::net::IpAddr::V4(_)), Ok(length)) => is_number && length <= 32,
        (Ok(std::net::IpAddr::V6(_)), Ok(length)) => is_number && length <= 128,
        _ => false,
    }
}

fn validate_load_balancer(spec: ServiceSpec<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let is_load_balancer = spec.type_() == "LoadBalancer";
    let node_ports_at = at.child("allocateLoadBalancerNodePorts");
    match spec.allocate_load_balancer_node_ports() {
        Some(_) if !is_load_balancer => {
            errors.forbidden(&node_ports_at, "may only be used when `type` is 'LoadBalancer'");
        }
        None if is_load_balancer => {
            errors.required(&node_ports_at, "field is required when `type` is 'LoadBalancer'");
        }
        _ => {}
    }
    if let Some(class) = spec.load_balancer_class() {
        let at = at.child("loadBalancerClass");
        if !is_load_balancer {
            errors.forbidden(&at, "may only be used when `type` is 'LoadBalancer'");
        }
        check(validation::qualified_name, class, &at, errors);
    }
}

fn validate_policies(spec: ServiceSpec<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let policies = ["Cluster", "Local"];
    let external_at = at.child("externalTrafficPolicy");
    let external = spec.external_traffic_policy();
    if is_externally_accessible(spec) {
        one_of_required(external, &policies, &external_at, errors);
    } else if !external.is_empty() {
        let detail = "may only be set for externally-accessible services";
        errors.invalid(&external_at, external, detail);
    }
    let health_at = at.child("healthCheckNodePort");
    let health_port = spec.health_check_node_port();
    let needs_health_port = spec.type_() == "LoadBalancer" && external == "Local";
    if !needs_health_port && health_port != 0 {
        let detail = "may only be set when `type` is 'LoadBalancer' and \
            `externalTrafficPolicy` is 'Local'";
        errors.invalid(&health_at, health_port, detail);
    } else if health_port != 0 {
        port_number(health_port, &health_at, errors);
    }
    let internal_at = at.child("internalTrafficPolicy");
    match spec.internal_traffic_policy() {
        Some(policy) => one_of(policy, &policies, &internal_at, errors),
        None if matches!(spec.type_(), "NodePort" | "LoadBalancer" | "ClusterIP") => {
            errors.required(&internal_at, "");
        }
        None => {}
    }
}

/// Checks a change of a Service: its addresses stay.
pub(super) fn validate_update(new: &Value, old: &Value, errors: &mut ErrorList) {
    let (new, old) = (Service::of(new).spec(), Service::of(old).spec());
    let at = Path::new("spec");
    validate_ip_change(new, old, &at, errors);
    validate_family_change(new, old, &at, errors);
    let (new_class, old_class) = (new.load_balancer_class(), old.load_balancer_class());
    let stays = old.type_() == "LoadBalancer" && new.type_() == "LoadBalancer";
    if stays && new_class != old_class {
        let shown = new_class.map_or_else(|| "null".into(), BadValue::from);
        errors.invalid(&at.child("loadBalancerClass"), shown, "may not change once set");
    }
}

fn validate_ip_change(
    new: ServiceSpec<'_>,
    old: ServiceSpec<'_>,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    let is_external = new.type_() == "ExternalName" || old.type_() == "ExternalName";
    let has_no_old = old.cluster_ips().is_empty();
    if is_external || has_no_old || (is_headless(old) && is_headless(new)) {
        return;
    }
    let ips_at = at.child("clusterIPs");
    let fixed = "may not change once set";
    let (new_count, old_count) = (new.cluster_ips().len(), old.cluster_ips().len());
    if new_count == 0 {
        let detail = "primary clusterIP can not be unset";
        return errors.invalid(&ips_at.index(0), print_ips(new), detail);
    }
    for (i, (new_ip, old_ip)) in new.cluster_ips().zip(old.cluster_ips()).enumerate() {
        if new_ip != old_ip {
            errors.invalid(&ips_at.index(i), print_ips(new), fixed);
        }
    }
    if new_count == 1 && old_count > 1 && new.ip_family_policy() != Some("SingleStack") {
        let shown = new.ip_family_policy().map_or_else(|| "null".into(), BadValue::from);
        let detail = "must be set to 'SingleStack' when releasing the secondary clusterIP";
        errors.invalid(&at.child("ipFamilyPolicy"), shown, detail);
    }
}

fn validate_family_change(
    new: ServiceSpec<'_>,
    old: ServiceSpec<'_>,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    if new.type_() == "ExternalName" || old.type_() == "ExternalName" {
        return;
    }
    let families_at = at.child("ipFamilies");
    let (first_new, first_old) = (new.ip_families().next(), old.ip_families().next());
    if let (Some(new_family), Some(old_family)) = (first_new, first_old)
        && new_family != old_family
    {
        let shown = internal::print_strings("core.IPFamily", new.ip_families());
        errors.invalid(&families_at.index(0), shown, "may not change once set");
    }
}
