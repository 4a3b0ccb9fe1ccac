//! The EndpointSlice controller: the addresses behind every Service, a hundred to a slice.
//!
//! Models `k8s.io/kubernetes/pkg/controller/endpointslice` and `k8s.io/endpointslice`, without
//! topology hints.

use crate::Parts;
use crate::pods::{self, POD};
use crate::service_pods::{self, HEADLESS, LAST_CHANGE, TriggerTimes};
use api::core::v1::{Pod, Service};
use api::{Map, Status, Text, Value, View, names, object};
use apiserver::store::{Change, ObjectKey};
use client::{Client, DeleteOptions, Reconcile, Reconciler, controller_reference};
use kinds::core::{node, service};
use kinds::discovery::endpoint_slice;
use kinds::{Kind, table};
use sim::{Duration, Time};
use std::collections::BTreeMap;

/// `--max-endpoints-per-slice`
const ENDPOINTS_PER_SLICE: usize = 100;
pub(crate) const MANAGED_BY: &str = "endpointslice.kubernetes.io/managed-by";
const MANAGER: &str = "endpointslice-controller.k8s.io";
pub(crate) const SERVICE_NAME: &str = "kubernetes.io/service-name";

#[derive(Default)]
pub(crate) struct EndpointSliceController {
    triggers: TriggerTimes,
}

impl EndpointSliceController {
    pub(crate) fn new(_: Parts<'_>) -> EndpointSliceController {
        EndpointSliceController::default()
    }
}

impl Reconciler for EndpointSliceController {
    type Key = ObjectKey;

    fn name(&self) -> &'static str {
        "endpointslice-controller"
    }

    fn interests(&self) -> Vec<&'static Kind> {
        vec![&service::KIND, POD, &endpoint_slice::KIND]
    }

    fn keys(&self, change: &Change, client: &Client, add: &mut dyn FnMut(ObjectKey, Duration)) {
        let kind = client.read(|server| server.registry().kind_of(change.resource));
        if kind != &endpoint_slice::KIND {
            return service_pods::keys(change, client, add);
        }
        // Only what somebody else did to a slice is news.
        let is_own = change.origin.actor.ends_with(":endpointslice-controller");
        let labels = table::metadata(&change.object).labels();
        if !is_own
            && labels.get(MANAGED_BY) == Some(MANAGER)
            && let Some(name) = labels.get(SERVICE_NAME)
        {
            add(ObjectKey::new(&change.key.namespace, name), Duration::ZERO);
        }
    }

    fn reconcile(&mut self, key: &ObjectKey, client: &Client) -> Result<Reconcile, Status> {
        let Some(object) = client.get(&service::KIND, &key.namespace, &key.name) else {
            // The slices belong to the Service and go with it.
            self.triggers.forget(key);
            return Ok(Reconcile::Done);
        };
        let Some(selector) = service_pods::selector_of(&object) else {
            return Ok(Reconcile::Done);
        };
        let pods = service_pods::selected_pods(&selector, &key.namespace, client);
        let trigger = self.triggers.look(key, &object, &pods);
        let wanted = wanted_groups(&object, &pods, client);
        let plan = Plan::make(&object, wanted, existing_slices(key, MANAGER, client));
        plan.carry_out(&object, trigger, client)?;
        Ok(Reconcile::Done)
    }
}

/// The slices of a Service that one controller looks after.
pub(crate) fn existing_slices(key: &ObjectKey, manager: &str, client: &Client) -> Vec<Value> {
    let mut slices = client.list(&endpoint_slice::KIND, Some(&key.namespace));
    slices.retain(|slice| {
        let metadata = table::metadata(slice);
        let labels = metadata.labels();
        labels.get(SERVICE_NAME) == Some(&*key.name)
            && labels.get(MANAGED_BY) == Some(manager)
            && metadata.deletion_timestamp().is_none()
    });
    slices
}

/// Endpoints that share their ports.
struct Group {
    ports: Value,
    endpoints: Vec<Value>,
}

fn wanted_groups(object: &Value, pods: &[Value], client: &Client) -> BTreeMap<String, Group> {
    let service = Service::of(object);
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    for pod_object in pods {
        let pod = Pod::of(pod_object);
        if !service_pods::has_address(pod, true) {
            continue;
        }
        let ports = ports(service, pod);
        let key = api::json::to_string(&ports);
        let group = groups.entry(key).or_insert_with(|| Group { ports, endpoints: Vec::new() });
        group.endpoints.push(endpoint(pod_object, service, client));
    }
    groups
}

fn ports(service: Service<'_>, pod: Pod<'_>) -> Value {
    let ports: Vec<Value> = service
        .spec()
        .ports()
        .filter_map(|port| {
            let number = service_pods::target_port(pod, port)?;
            let mut value = object! {
                "name": port.name().to_owned(),
                "port": number,
                "protocol": port.protocol().to_owned(),
            };
            if let Some(protocol) = port.app_protocol() {
                value.make_map().insert(&names::APP_PROTOCOL, protocol.to_owned());
            }
            Some(value)
        })
        .collect();
    ports.into()
}

fn endpoint(object: &Value, service: Service<'_>, client: &Client) -> Value {
    let pod = Pod::of(object);
    let serving = pods::is_ready(pod);
    let terminating = pod.metadata().deletion_timestamp().is_some();
    let ready = service.spec().publish_not_ready_addresses() || (serving && !terminating);
    let node_name = pod.spec().node_name();
    let mut endpoint = object! {
        "addresses": api::list![object.get(&names::STATUS).get(&names::POD_IP)],
        "conditions": object! { "ready": ready, "serving": serving, "terminating": terminating },
        "nodeName": object.get(&names::SPEC).get(&names::NODE_NAME),
        "targetRef": service_pods::target_reference(object),
    };
    let node = client.get(&node::KIND, "", node_name).unwrap_or_default();
    if let Some(zone) = table::metadata(&node).labels().get("topology.kubernetes.io/zone") {
        endpoint.make_map().insert(&names::ZONE, zone.to_owned());
    }
    if let Some(hostname) = service_pods::hostname(pod, service) {
        endpoint.make_map().insert(&names::HOSTNAME, hostname.to_owned());
    }
    endpoint
}

fn address_of(endpoint: &Value) -> &str {
    endpoint.get(&names::ADDRESSES)[0].as_str().unwrap_or_default()
}

/// Which slices are to be made, changed and deleted.
#[derive(Default)]
pub(crate) struct Plan {
    create: Vec<Value>,
    update: Vec<Value>,
    delete: Vec<Value>,
}

impl Plan {
    fn make(service: &Value, wanted: BTreeMap<String, Group>, existing: Vec<Value>) -> Plan {
        let mut plan = Plan::default();
        let mut by_ports: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for slice in existing {
            let ports =
                api::json::to_string(&Value::from(slice.get(&names::PORTS).items().to_vec()));
            by_ports.entry(ports).or_default().push(slice);
        }
        for (key, group) in wanted {
            let slices = by_ports.remove(&key).unwrap_or_default();
            plan.fill(service, group, slices);
        }
        plan.delete.extend(by_ports.into_values().flatten());
        let leaves_none = plan.create.is_empty() && plan.update.is_empty();
        if leaves_none {
            plan.keep_one_empty(service);
        }
        plan.recycle();
        plan
    }

    /// Keeps endpoints where they are, and puts new ones where there is room.
    fn fill(&mut self, service: &Value, group: Group, slices: Vec<Value>) {
        let mut new = group.endpoints;
        let mut kept = Vec::new();
        for slice in slices {
            let mut endpoints = Vec::new();
            for there in slice.get(&names::ENDPOINTS).items() {
                let is_same_target =
                    |e: &Value| e.get(&names::TARGET_REF) == there.get(&names::TARGET_REF);
                if let Some(at) = new.iter().position(is_same_target) {
                    endpoints.push(new.swap_remove(at));
                }
            }
            kept.push((slice, endpoints));
        }
        let by_number = |endpoint: &Value| address_of(endpoint).parse::<std::net::IpAddr>().ok();
        new.sort_by_key(by_number);
        for (slice, endpoints) in &mut kept {
            let room = ENDPOINTS_PER_SLICE.saturating_sub(endpoints.len()).min(new.len());
            endpoints.extend(new.drain(..room));
            if endpoints.is_empty() {
                self.delete.push(slice.clone());
                continue;
            }
            // A slice that stays as it is counts as updated, so that one is known to be left.
            let mut updated = slice.clone();
            updated.make_map().insert(&names::ENDPOINTS, std::mem::take(endpoints));
            self.update.push(updated);
        }
        for endpoints in new.chunks(ENDPOINTS_PER_SLICE) {
            self.create.push(new_slice(service, group.ports.clone(), endpoints.to_vec()));
        }
    }

    /// A Service without any address has one empty slice.
    fn keep_one_empty(&mut self, service: &Value) {
        match self.delete.is_empty() {
            true => self.create.push(new_slice(service, Value::Null, Vec::new())),
            false => {
                let mut kept = self.delete.remove(0);
                let map = kept.make_map();
                map.insert(&names::ENDPOINTS, Value::Null);
                map.insert(&names::PORTS, Value::Null);
                self.update.push(kept);
            }
        }
    }

    /// A slice that would be deleted takes the place of one that would be made.
    fn recycle(&mut self) {
        while !self.create.is_empty() && !self.delete.is_empty() {
            let made = self.create.remove(0);
            let mut reused = self.delete.remove(0);
            let map = reused.make_map();
            map.insert(&names::ENDPOINTS, made.get(&names::ENDPOINTS));
            map.insert(&names::PORTS, made.get(&names::PORTS));
            self.update.push(reused);
        }
    }

    fn carry_out(
        self,
        service: &Value,
        trigger: Option<Time>,
        client: &Client,
    ) -> Result<(), Status> {
        let labels = labels(service);
        for mut slice in self.create {
            annotate(&mut slice, &labels, trigger);
            client.create(&endpoint_slice::KIND, slice)?;
        }
        for mut slice in self.update {
            let key = ObjectKey::of(&slice);
            let before = client.get(&endpoint_slice::KIND, &key.namespace, &key.name);
            let is_same = before.is_some_and(|before| {
                let same_items =
                    |field: &api::Key| before.get(field).items() == slice.get(field).items();
                same_items(&names::ENDPOINTS)
                    && same_items(&names::PORTS)
                    && *before.get(&names::METADATA).get(&names::LABELS) == labels
            });
            if !is_same {
                annotate(&mut slice, &labels, trigger);
                client.update(&endpoint_slice::KIND, slice)?;
            }
        }
        for slice in self.delete {
            let key = ObjectKey::of(&slice);
            let uid = table::metadata(&slice).uid();
            let options = DeleteOptions::default();
            match client.delete(&endpoint_slice::KIND, &key, uid, options) {
                Err(status) if status.reason != api::Reason::NotFound => return Err(status),
                _ => {}
            }
        }
        Ok(())
    }
}

fn labels(service: &Value) -> Value {
    let of_service = service.get(&names::METADATA).get(&names::LABELS);
    let mut labels = of_service.as_map().cloned().unwrap_or_default();
    labels.remove_str(HEADLESS);
    if service_pods::is_headless(Service::of(service)) {
        labels.insert(HEADLESS, "");
    }
    labels.insert(SERVICE_NAME, table::metadata(service).name().to_owned());
    labels.insert(MANAGED_BY, MANAGER);
    Value::Map(labels)
}

fn annotate(slice: &mut Value, labels: &Value, trigger: Option<Time>) {
    slice.update(&names::METADATA, |metadata| {
        metadata.make_map().insert(&names::LABELS, labels.clone());
        if let Some(time) = trigger {
            metadata.update(&names::ANNOTATIONS, |annotations| {
                annotations.make_map().insert(LAST_CHANGE, time.rfc3339());
            });
        }
    });
}

fn new_slice(service: &Value, ports: Value, endpoints: Vec<Value>) -> Value {
    let metadata = table::metadata(service);
    let name = metadata.name();
    let family = Service::of(service).spec().ip_families().next();
    let mut slice: Map = [
        ("addressType", Value::from(if family == Some("IPv6") { "IPv6" } else { "IPv4" })),
        ("endpoints", endpoints.into()),
        ("ports", ports),
    ]
    .into_iter()
    .collect();
    slice.insert(
        &names::METADATA,
        object! {
            "generateName": format!("{name}-"),
            "namespace": Text::from(metadata.namespace().to_owned()),
            "ownerReferences": api::list![controller_reference(&service::KIND, service)],
        },
    );
    Value::Map(slice)
}
