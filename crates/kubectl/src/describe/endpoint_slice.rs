//! EndpointSlices.

use super::Subject;
use super::text::{Description, line, or_unset};
use crate::errors::Result;
use api::discovery::v1::{Endpoint, EndpointSlice};
use std::rc::Rc;

pub(super) async fn describe(subject: Rc<Subject>) -> Result<Description> {
    let slice: EndpointSlice<'_> = subject.view();
    let metadata = slice.metadata();
    let mut out = Description::default();
    line!(out, 0, "Name:\t{}", metadata.name());
    line!(out, 0, "Namespace:\t{}", metadata.namespace());
    out.labels("", "Labels", metadata.labels());
    out.annotations("Annotations", metadata.annotations());
    line!(out, 0, "AddressType:\t{}", slice.address_type());
    if slice.ports().is_empty() {
        line!(out, 0, "Ports: <unset>");
    } else {
        line!(out, 0, "Ports:");
        line!(out, 1, "Name\tPort\tProtocol");
        line!(out, 1, "----\t----\t--------");
    }
    for port in slice.ports() {
        let name = or_unset(port.name().filter(|name| !name.is_empty()));
        let protocol = port.protocol().unwrap_or_default();
        line!(out, 1, "{name}\t{}\t{protocol}", or_unset(port.port()));
    }
    if slice.endpoints().is_empty() {
        line!(out, 0, "Endpoints: <none>");
    } else {
        line!(out, 0, "Endpoints:");
    }
    slice.endpoints().for_each(|endpoint| describe_endpoint(&mut out, endpoint));
    subject.with_events(out).await
}

fn describe_endpoint(out: &mut Description, endpoint: Endpoint<'_>) {
    let addresses: Vec<&str> = endpoint.addresses().collect();
    line!(out, 1, "- Addresses:\t{}", addresses.join(","));
    line!(out, 2, "Conditions:");
    line!(out, 3, "Ready:\t{}", or_unset(endpoint.conditions().ready()));
    line!(out, 2, "Hostname:\t{}", or_unset(endpoint.hostname()));
    if let Some(target) = endpoint.target_ref() {
        line!(out, 2, "TargetRef:\t{}/{}", target.kind(), target.name());
    }
    line!(out, 2, "NodeName:\t{}", or_unset(endpoint.node_name()));
    line!(out, 2, "Zone:\t{}", or_unset(endpoint.zone()));
}
