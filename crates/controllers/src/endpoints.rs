//! The Endpoints controller: the addresses behind every Service, in one object.
//!
//! Models `k8s.io/kubernetes/pkg/controller/endpoint`.

use crate::Parts;
use crate::pods::{self, POD};
use crate::service_pods::{self, HEADLESS, LAST_CHANGE, TriggerTimes};
use api::core::v1::{Pod, Service};
use api::{List, Map, Status, Text, Value, View, names, object};
use apiserver::store::{Change, ObjectKey};
use client::{Client, DeleteOptions, Reconcile, Reconciler};
use kinds::Kind;
use kinds::core::{endpoints, service};
use md5::{Digest, Md5};
use sim::Duration;
use std::collections::BTreeMap;

/// `maxCapacity`: more addresses do not fit into one object.
const ADDRESSES_MAX: usize = 1_000;
const OVER_CAPACITY: &str = "endpoints.kubernetes.io/over-capacity";

#[derive(Default)]
pub(crate) struct EndpointsController {
    triggers: TriggerTimes,
}

impl EndpointsController {
    pub(crate) fn new(_: Parts<'_>) -> EndpointsController {
        EndpointsController::default()
    }
}

impl Reconciler for EndpointsController {
    type Key = ObjectKey;

    fn name(&self) -> &'static str {
        "endpoint-controller"
    }

    fn interests(&self) -> Vec<&'static Kind> {
        vec![&service::KIND, POD]
    }

    fn keys(&self, change: &Change, client: &Client, add: &mut dyn FnMut(ObjectKey, Duration)) {
        service_pods::keys(change, client, add);
    }

    fn reconcile(&mut self, key: &ObjectKey, client: &Client) -> Result<Reconcile, Status> {
        let Some(object) = client.get(&service::KIND, &key.namespace, &key.name) else {
            self.triggers.forget(key);
            let gone = client.delete(&endpoints::KIND, key, "", DeleteOptions::default());
            return match gone {
                Err(status) if status.reason != api::Reason::NotFound => Err(status),
                _ => Ok(Reconcile::Done),
            };
        };
        let Some(selector) = service_pods::selector_of(&object) else {
            return Ok(Reconcile::Done);
        };
        let pods = service_pods::selected_pods(&selector, &key.namespace, client);
        let trigger = self.triggers.look(key, &object, &pods);
        let (subsets, is_truncated) = subsets(&object, &pods);
        let labels = labels(&object);
        let current = client.get(&endpoints::KIND, &key.namespace, &key.name);
        if let Some(current) = &current
            && current.get(&names::SUBSETS).items() == subsets.items()
            && *current.get(&names::METADATA).get(&names::LABELS) == labels
        {
            return Ok(Reconcile::Done);
        }
        let mut wanted = current.clone().unwrap_or_else(|| {
            object! { "metadata": object! {
                "name": Text::from(key.name.clone()),
                "namespace": Text::from(key.namespace.clone()),
            } }
        });
        wanted.make_map().insert(&names::SUBSETS, subsets);
        wanted.update(&names::METADATA, |metadata| {
            metadata.make_map().insert(&names::LABELS, labels);
            metadata.update(&names::ANNOTATIONS, |annotations| {
                set_or_remove(annotations, LAST_CHANGE, trigger.map(|time| time.rfc3339()));
                let truncated = is_truncated.then(|| "truncated".to_owned());
                set_or_remove(annotations, OVER_CAPACITY, truncated);
            });
        });
        match current {
            Some(_) => client.update(&endpoints::KIND, wanted)?,
            None => client.create(&endpoints::KIND, wanted)?,
        };
        Ok(Reconcile::Done)
    }
}

fn set_or_remove(map: &mut Value, key: &str, text: Option<String>) {
    match text {
        Some(text) => {
            map.make_map().insert(key, text);
        }
        None if !map[key].is_null() => {
            map.make_map().remove_str(key);
        }
        None => {}
    }
}

/// The labels of the Service, and one that says whether it has an address.
fn labels(service: &Value) -> Value {
    let of_service = service.get(&names::METADATA).get(&names::LABELS);
    let mut labels = of_service.as_map().cloned().unwrap_or_default();
    labels.remove_str(HEADLESS);
    if service_pods::is_headless(Service::of(service)) {
        labels.insert(HEADLESS, "");
    }
    if labels.is_empty() { Value::Null } else { Value::Map(labels) }
}

/// Addresses that share their ports, ready and not ready.
#[derive(Default)]
struct Subset {
    ports: Vec<Value>,
    ready: Vec<Value>,
    not_ready: Vec<Value>,
}

/// The subsets, and whether addresses had to be left out.
fn subsets(object: &Value, pods: &[Value]) -> (Value, bool) {
    let service = Service::of(object);
    let takes_unready = service.spec().publish_not_ready_addresses();
    let mut subsets: BTreeMap<String, Subset> = BTreeMap::new();
    let (mut count, mut is_truncated) = (0, false);
    for pod_object in pods {
        let pod = Pod::of(pod_object);
        if !service_pods::has_address(pod, takes_unready) {
            continue;
        }
        let ports = ports(service, pod);
        if ports.is_empty() && !service.spec().ports().is_empty() {
            continue;
        }
        count += 1;
        if count > ADDRESSES_MAX {
            is_truncated = true;
            break;
        }
        let key: String = ports.iter().map(port_text).collect();
        let subset = subsets.entry(key).or_default();
        subset.ports = ports;
        let address = address(pod_object, service);
        let is_ready = takes_unready || pods::is_ready(pod);
        if is_ready { subset.ready.push(address) } else { subset.not_ready.push(address) }
    }
    (Value::List(subsets.into_values().map(to_value).collect::<List>()), is_truncated)
}

fn to_value(mut subset: Subset) -> Value {
    let by_ip = |address: &Value| address.get(&names::IP).as_text().cloned();
    subset.ready.sort_by_key(by_ip);
    subset.not_ready.sort_by_key(by_ip);
    let mut map = Map::EMPTY;
    for (key, list) in [
        (&names::ADDRESSES, subset.ready),
        (&names::NOT_READY_ADDRESSES, subset.not_ready),
        (&names::PORTS, subset.ports),
    ] {
        if !list.is_empty() {
            map.insert(key, list);
        }
    }
    Value::Map(map)
}

fn address(object: &Value, service: Service<'_>) -> Value {
    let mut address = object! {
        "ip": object.get(&names::STATUS).get(&names::POD_IP),
        "nodeName": object.get(&names::SPEC).get(&names::NODE_NAME),
        "targetRef": service_pods::target_reference(object),
    };
    if let Some(hostname) = service_pods::hostname(Pod::of(object), service) {
        address.make_map().insert(&names::HOSTNAME, hostname.to_owned());
    }
    address
}

/// The ports of the Service that this Pod has, in the order of their hashes, as upstream sorts.
fn ports(service: Service<'_>, pod: Pod<'_>) -> Vec<Value> {
    let mut ports: Vec<Value> = service
        .spec()
        .ports()
        .filter_map(|port| {
            let number = service_pods::target_port(pod, port)?;
            let mut value = object! { "port": number, "protocol": port.protocol().to_owned() };
            if !port.name().is_empty() {
                value.make_map().insert(&names::NAME, port.name().to_owned());
            }
            if let Some(protocol) = port.app_protocol() {
                value.make_map().insert(&names::APP_PROTOCOL, protocol.to_owned());
            }
            Some(value)
        })
        .collect();
    ports.sort_by_cached_key(|port| Md5::digest(port_text(port).as_bytes()));
    ports
}

/// A port as upstream writes it for its hash.
fn port_text(port: &Value) -> String {
    let text = |key| port.get(key).as_str().unwrap_or_default();
    let protocol = match port.get(&names::APP_PROTOCOL).as_str() {
        Some(protocol) => format!("(*string){protocol}"),
        None => "(*string)<nil>".to_owned(),
    };
    format!(
        "(v1.EndpointPort){{Name:(string){} Port:(int32){} Protocol:(v1.Protocol){} \
         AppProtocol:{protocol}}}",
        text(&names::NAME),
        port.get(&names::PORT).as_i64().unwrap_or(0),
        text(&names::PROTOCOL),
    )
}
