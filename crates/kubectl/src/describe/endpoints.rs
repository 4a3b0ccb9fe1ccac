//! Endpoints, also as Services and Ingresses show them.

use super::Subject;
use super::probe::join_host_port;
use super::text::{Description, line, or_none};
use crate::errors::Result;
use api::Views;
use api::core::v1::{EndpointAddress, Endpoints};
use std::rc::Rc;

pub(super) async fn describe(subject: Rc<Subject>) -> Result<Description> {
    let endpoints: Endpoints<'_> = subject.view();
    let metadata = endpoints.metadata();
    let mut out = Description::default();
    line!(out, 0, "Name:\t{}", metadata.name());
    line!(out, 0, "Namespace:\t{}", metadata.namespace());
    out.labels("", "Labels", metadata.labels());
    out.annotations("Annotations", metadata.annotations());
    line!(out, 0, "Subsets:");
    for subset in endpoints.subsets() {
        line!(out, 1, "Addresses:\t{}", addresses(subset.addresses()));
        line!(out, 1, "NotReadyAddresses:\t{}", addresses(subset.not_ready_addresses()));
        if !subset.ports().is_empty() {
            line!(out, 1, "Ports:");
            line!(out, 2, "Name\tPort\tProtocol");
            line!(out, 2, "----\t----\t--------");
        }
        for port in subset.ports() {
            let name = if port.name().is_empty() { "<unset>" } else { port.name() };
            line!(out, 2, "{name}\t{}\t{}", port.port(), port.protocol());
        }
        line!(out, 0, "");
    }
    subject.with_events(out).await
}

fn addresses(addresses: Views<'_, EndpointAddress<'_>>) -> String {
    let addresses: Vec<&str> = addresses.map(|address| address.ip()).collect();
    or_none(&addresses.join(",")).to_owned()
}

/// The addresses behind a port of a Service, three at most: `a:80,b:80,c:80 + 2 more...`.
pub(super) fn endpoints_line(endpoints: Endpoints<'_>, port: &str) -> String {
    const SHOWN_MAX: usize = 3;
    if endpoints.subsets().is_empty() {
        return "<none>".to_owned();
    }
    let mut all: Vec<String> = Vec::new();
    for subset in endpoints.subsets() {
        // Headless Services need no ports.
        if subset.ports().is_empty() {
            all.extend(subset.addresses().map(|address| address.ip().to_owned()));
        }
        for known in subset.ports().filter(|known| known.name() == port) {
            let number = known.port().to_string();
            all.extend(subset.addresses().map(|address| join_host_port(address.ip(), &number)));
        }
    }
    let more = all.len().saturating_sub(SHOWN_MAX);
    all.truncate(SHOWN_MAX);
    let shown = all.join(",");
    if more > 0 { format!("{shown} + {more} more...") } else { shown }
}
