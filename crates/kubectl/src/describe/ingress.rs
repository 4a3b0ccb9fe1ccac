//! Ingresses, with the endpoints behind them.

use super::Subject;
use super::endpoints::endpoints_line;
use super::text::{Description, line};
use crate::errors::Result;
use api::View;
use api::core::v1::{Endpoints, Service};
use api::networking::v1::{Ingress, IngressBackend, IngressServiceBackend};
use std::collections::BTreeSet;
use std::rc::Rc;

pub(super) async fn describe(subject: Rc<Subject>) -> Result<Description> {
    let ingress: Ingress<'_> = subject.view();
    let (metadata, spec) = (ingress.metadata(), ingress.spec());
    let mut out = Description::default();
    line!(out, 0, "Name:\t{}", metadata.name());
    out.labels("", "Labels", metadata.labels());
    line!(out, 0, "Namespace:\t{}", metadata.namespace());
    line!(out, 0, "Address:\t{}", addresses(ingress));
    line!(out, 0, "Ingress Class:\t{}", spec.ingress_class_name().unwrap_or("<none>"));
    let default = match spec.default_backend() {
        Some(backend) => backend_line(&subject, backend).await,
        None => "<default>".to_owned(),
    };
    line!(out, 0, "Default backend:\t{default}");
    if !spec.tls().is_empty() {
        line!(out, 0, "TLS:");
    }
    for tls in spec.tls() {
        let hosts = tls.hosts().collect::<Vec<_>>().join(",");
        match tls.secret_name() {
            "" => line!(out, 1, "SNI routes {hosts}"),
            secret => line!(out, 1, "{secret} terminates {hosts}"),
        }
    }
    describe_rules(&mut out, &subject, ingress, &default).await;
    out.annotations("Annotations", metadata.annotations());
    subject.with_events(out).await
}

async fn describe_rules(
    out: &mut Description,
    subject: &Subject,
    ingress: Ingress<'_>,
    default: &str,
) {
    line!(out, 0, "Rules:\n  Host\tPath\tBackends");
    line!(out, 1, "----\t----\t--------");
    let mut is_empty = true;
    for rule in ingress.spec().rules() {
        let Some(http) = rule.http() else { continue };
        is_empty = false;
        line!(out, 1, "{}\t", if rule.host().is_empty() { "*" } else { rule.host() });
        for path in http.paths() {
            let backend = backend_line(subject, path.backend()).await;
            line!(out, 2, "\t{} \t{backend}", path.path());
        }
    }
    if is_empty {
        line!(out, 1, "*\t*\t{default}");
    }
}

fn addresses(ingress: Ingress<'_>) -> String {
    let address = |ingress: api::networking::v1::IngressLoadBalancerIngress<'_>| {
        if ingress.ip().is_empty() { ingress.hostname() } else { ingress.ip() }.to_owned()
    };
    let addresses: BTreeSet<String> =
        ingress.status().load_balancer().ingress().map(address).collect();
    addresses.into_iter().collect::<Vec<_>>().join(",")
}

/// `web:80 (10.244.0.5:8080)`
async fn backend_line(subject: &Subject, backend: IngressBackend<'_>) -> String {
    if let Some(service) = backend.service() {
        return service_line(subject, service).await;
    }
    let Some(resource) = backend.resource() else { return String::new() };
    let group = resource.api_group().unwrap_or("<none>");
    format!("APIGroup: {group}, Kind: {}, Name: {}", resource.kind(), resource.name())
}

async fn service_line(subject: &Subject, backend: IngressServiceBackend<'_>) -> String {
    let port = backend.port();
    let text = match port.number() {
        0 => format!("{}:{}", backend.name(), port.name()),
        number => format!("{}:{number}", backend.name()),
    };
    let endpoints = match subject.get(&subject.core_path("endpoints"), backend.name()).await {
        Ok(endpoints) => endpoints,
        Err(error) => return format!("{text} (<error: {error}>)"),
    };
    let service = match subject.get(&subject.core_path("services"), backend.name()).await {
        Ok(service) => service,
        Err(error) => return format!("{text}(<error: {error}>)"),
    };
    let is_meant = |known: &api::core::v1::ServicePort<'_>| match port.number() {
        0 => !port.name().is_empty() && port.name() == known.name(),
        number => number == known.port(),
    };
    let found = Service::of(&service).spec().ports().rfind(is_meant);
    let name = found.map_or("", |port| port.name());
    format!("{text} ({})", endpoints_line(Endpoints::of(&endpoints), name))
}
