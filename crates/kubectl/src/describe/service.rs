//! Services.

use super::Subject;
use super::endpoints::endpoints_line;
use super::text::{Description, labels_line, line, or_none};
use crate::errors::Result;
use api::IntOrString;
use api::View;
use api::core::v1::{Endpoints, Service};
use std::rc::Rc;

pub(super) async fn describe(subject: Rc<Subject>) -> Result<Description> {
    let service: Service<'_> = subject.view();
    // A Service without Endpoints has none to show.
    let found = subject.get(&subject.core_path("endpoints"), &subject.name).await;
    let found = found.unwrap_or_default();
    let mut out = Description::default();
    describe_head(&mut out, service);
    describe_ports(&mut out, service, Endpoints::of(&found));
    let spec = service.spec();
    line!(out, 0, "Session Affinity:\t{}", spec.session_affinity());
    out.field_if(0, "External Traffic Policy", spec.external_traffic_policy());
    if spec.health_check_node_port() != 0 {
        line!(out, 0, "HealthCheck NodePort:\t{}", spec.health_check_node_port());
    }
    let ranges: Vec<&str> = spec.load_balancer_source_ranges().collect();
    out.field_if(0, "LoadBalancer Source Ranges", &ranges.join(","));
    subject.with_events(out).await
}

fn describe_head(out: &mut Description, service: Service<'_>) {
    let (metadata, spec) = (service.metadata(), service.spec());
    line!(out, 0, "Name:\t{}", metadata.name());
    line!(out, 0, "Namespace:\t{}", metadata.namespace());
    out.labels("", "Labels", metadata.labels());
    out.annotations("Annotations", metadata.annotations());
    line!(out, 0, "Selector:\t{}", labels_line(spec.selector()));
    line!(out, 0, "Type:\t{}", spec.type_());
    if let Some(policy) = spec.ip_family_policy() {
        line!(out, 0, "IP Family Policy:\t{policy}");
    }
    let families: Vec<&str> = spec.ip_families().collect();
    line!(out, 0, "IP Families:\t{}", or_none(&families.join(",")));
    line!(out, 0, "IP:\t{}", spec.cluster_ip());
    let addresses: Vec<&str> = spec.cluster_ips().collect();
    line!(out, 0, "IPs:\t{}", or_none(&addresses.join(",")));
    let external: Vec<&str> = spec.external_ips().collect();
    out.field_if(0, "External IPs", &external.join(","));
    out.field_if(0, "IP", spec.load_balancer_ip());
    out.field_if(0, "External Name", spec.external_name());
    let ingress: Vec<String> = service
        .status()
        .load_balancer()
        .ingress()
        .map(|ingress| match ingress.ip() {
            "" => ingress.hostname().to_owned(),
            ip => ip.to_owned(),
        })
        .collect();
    out.field_if(0, "LoadBalancer Ingress", &ingress.join(", "));
}

fn describe_ports(out: &mut Description, service: Service<'_>, endpoints: Endpoints<'_>) {
    for port in service.spec().ports() {
        let name = if port.name().is_empty() { "<unset>" } else { port.name() };
        let protocol = port.protocol();
        line!(out, 0, "Port:\t{name}\t{}/{protocol}", port.port());
        match port.target_port() {
            IntOrString::Int(number) => line!(out, 0, "TargetPort:\t{number}/{protocol}"),
            IntOrString::Str(target) => line!(out, 0, "TargetPort:\t{target}/{protocol}"),
        }
        if port.node_port() != 0 {
            line!(out, 0, "NodePort:\t{name}\t{}/{protocol}", port.node_port());
        }
        line!(out, 0, "Endpoints:\t{}", endpoints_line(endpoints, port.name()));
    }
}
