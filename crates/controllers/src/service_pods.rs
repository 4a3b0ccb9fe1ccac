//! What the controllers of Endpoints and EndpointSlices have in common: which Pods are behind a
//! Service, at which ports, and what made them change.

use crate::pods::{self, POD};
use api::core::v1::{Pod, Service, ServicePort};
use api::labels::Selector;
use api::{IntOrString, Value, View, names};
use apiserver::store::{Change, ChangeType, ObjectKey};
use client::Client;
use kinds::core::service;
use kinds::table;
use sim::{Duration, Time};
use std::collections::BTreeMap;

/// When whatever led to the present addresses happened.
pub(crate) const LAST_CHANGE: &str = "endpoints.kubernetes.io/last-change-trigger-time";
/// Marks what belongs to a Service without an address of its own.
pub(crate) const HEADLESS: &str = "service.kubernetes.io/headless";

/// The Services that a change of a Service or a Pod gives work for.
pub(crate) fn keys(change: &Change, client: &Client, add: &mut dyn FnMut(ObjectKey, Duration)) {
    if client.read(|server| server.registry().kind_of(change.resource)) == &service::KIND {
        return add(change.key.clone(), Duration::ZERO);
    }
    if !concerns_endpoints(change) {
        return;
    }
    let versions = [Some(&change.object), change.previous.as_ref()];
    for object in client.list(&service::KIND, Some(&change.key.namespace)) {
        let Some(selector) = selector_of(&object) else { continue };
        let selects = |pod: &Value| selector.matches(table::metadata(pod).labels());
        if versions.into_iter().flatten().any(selects) {
            add(ObjectKey::of(&object), Duration::ZERO);
        }
    }
}

/// Whether anything has changed that addresses tell of.
fn concerns_endpoints(change: &Change) -> bool {
    let (ChangeType::Modified, Some(old)) = (change.ty, &change.previous) else {
        return true;
    };
    let facts = |object: &Value| {
        let pod = Pod::of(object);
        let metadata = object.get(&names::METADATA);
        (
            object.get(&names::STATUS).get(&names::POD_IP).clone(),
            metadata.get(&names::LABELS).clone(),
            metadata.get(&names::DELETION_TIMESTAMP).clone(),
            pod.spec().node_name().to_owned(),
            pods::ready_since(pod),
            is_over(pod),
        )
    };
    facts(old) != facts(&change.object)
}

fn is_over(pod: Pod<'_>) -> bool {
    matches!(pod.status().phase(), "Succeeded" | "Failed")
}

/// The selector of a Service; `None` if somebody else looks after its addresses.
pub(crate) fn selector_of(service: &Value) -> Option<Selector> {
    let spec = Service::of(service).spec();
    let is_external = spec.type_() == "ExternalName";
    let selector = spec.selector();
    (!selector.is_empty() && !is_external).then(|| Selector::from_labels(selector))
}

/// The Pods that a Service selects, whatever their state.
pub(crate) fn selected_pods(selector: &Selector, namespace: &str, client: &Client) -> Vec<Value> {
    client.read(|server| {
        let resource = server.registry().resource(POD);
        let all = server.store().list(resource, Some(namespace));
        all.filter(|stored| selector.matches(table::metadata(&stored.object).labels()))
            .map(|stored| stored.object.clone())
            .collect()
    })
}

/// Whether a Pod has an address at which it can be reached, now or until it has ended.
pub(crate) fn has_address(pod: Pod<'_>, include_terminating: bool) -> bool {
    let is_terminating = pod.metadata().deletion_timestamp().is_some();
    !is_over(pod) && !pod.status().pod_ip().is_empty() && (include_terminating || !is_terminating)
}

/// The number of the port of a Pod that a port of a Service leads to.
pub(crate) fn target_port(pod: Pod<'_>, port: ServicePort<'_>) -> Option<i64> {
    match port.target_port() {
        IntOrString::Int(0) => Some(port.port()),
        IntOrString::Int(number) => Some(number),
        IntOrString::Str(name) => {
            let containers = pod.spec().containers();
            let mut ports = containers.flat_map(|container| container.ports());
            let found = ports.find(|p| p.name() == name && p.protocol() == port.protocol());
            found.map(|p| p.container_port())
        }
    }
}

/// Whether a Service has no address of its own.
pub(crate) fn is_headless(service: Service<'_>) -> bool {
    matches!(service.spec().cluster_ip(), "" | "None")
}

/// How addresses refer to a Pod.
pub(crate) fn target_reference(pod: &Value) -> Value {
    let metadata = pod.get(&names::METADATA);
    api::object! {
        "kind": "Pod",
        "name": metadata.get(&names::NAME),
        "namespace": metadata.get(&names::NAMESPACE),
        "uid": metadata.get(&names::UID),
    }
}

/// The host name of a Pod within a Service, if it has one.
pub(crate) fn hostname<'a>(pod: Pod<'a>, service: Service<'_>) -> Option<&'a str> {
    let spec = pod.spec();
    let is_in_it = spec.subdomain() == service.metadata().name() && !spec.hostname().is_empty();
    is_in_it.then(|| spec.hostname())
}

/// Remembers when each Service and its Pods last changed.
///
/// Models `endpointslice.TriggerTimeTracker`.
#[derive(Default)]
pub(crate) struct TriggerTimes(BTreeMap<ObjectKey, Seen>);

#[derive(Default)]
struct Seen {
    service: Time,
    pods: BTreeMap<String, Time>,
}

impl TriggerTimes {
    /// The earliest change since the last look; `None` if there was none.
    pub(crate) fn look(
        &mut self,
        key: &ObjectKey,
        service: &Value,
        pods: &[Value],
    ) -> Option<Time> {
        let seen = self.0.entry(key.clone()).or_default();
        let mut earliest: Option<Time> = None;
        let mut note = |time: Time| earliest = Some(earliest.map_or(time, |e| e.min(time)));
        let mut times = BTreeMap::new();
        for object in pods {
            let pod = Pod::of(object);
            let ready = pod.status().conditions().find(|condition| condition.type_() == "Ready");
            let Some(time) = ready.and_then(|ready| ready.last_transition_time()) else { continue };
            let name = pod.metadata().name().to_owned();
            if seen.pods.get(&name).is_none_or(|before| *before < time) {
                note(time);
            }
            times.insert(name, time);
        }
        let created = table::metadata(service).creation_timestamp().unwrap_or(Time::EPOCH);
        if created > seen.service {
            note(created);
        }
        *seen = Seen { service: created, pods: times };
        earliest
    }

    /// Forgets a Service that is gone.
    pub(crate) fn forget(&mut self, key: &ObjectKey) {
        self.0.remove(key);
    }
}
