//! The EndpointSliceMirroring controller: Endpoints that a person wrote, as slices.
//!
//! Models `k8s.io/kubernetes/pkg/controller/endpointslicemirroring` for the sizes that people
//! write: every subset becomes one slice.

use crate::Parts;
use crate::endpoint_slice::{MANAGED_BY, SERVICE_NAME, existing_slices};
use crate::service_pods;
use api::core::v1::{EndpointAddress, EndpointSubset, Endpoints};
use api::{List, Status, Text, Value, View, names, object};
use apiserver::store::{Change, ObjectKey};
use client::{Client, DeleteOptions, Reconcile, Reconciler, controller_reference};
use kinds::core::{endpoints, service};
use kinds::discovery::endpoint_slice;
use kinds::{Kind, table};
use sim::Duration;

const MANAGER: &str = "endpointslicemirroring-controller.k8s.io";
const SKIP: &str = "endpointslice.kubernetes.io/skip-mirror";
/// What slices do not take over from Endpoints.
const NOT_MIRRORED: [&str; 2] =
    ["kubectl.kubernetes.io/last-applied-configuration", service_pods::LAST_CHANGE];

pub(crate) struct EndpointSliceMirroringController;

impl EndpointSliceMirroringController {
    pub(crate) fn new(_: Parts<'_>) -> EndpointSliceMirroringController {
        EndpointSliceMirroringController
    }
}

impl Reconciler for EndpointSliceMirroringController {
    type Key = ObjectKey;

    fn name(&self) -> &'static str {
        "endpointslicemirroring-controller"
    }

    fn interests(&self) -> Vec<&'static Kind> {
        vec![&service::KIND, &endpoints::KIND]
    }

    fn keys(&self, change: &Change, _: &Client, add: &mut dyn FnMut(ObjectKey, Duration)) {
        add(change.key.clone(), Duration::ZERO);
    }

    fn reconcile(&mut self, key: &ObjectKey, client: &Client) -> Result<Reconcile, Status> {
        let service = client.get(&service::KIND, &key.namespace, &key.name);
        let object = client.get(&endpoints::KIND, &key.namespace, &key.name);
        let object = object.filter(|object| {
            let is_without_selector =
                service.as_ref().is_some_and(|s| service_pods::selector_of(s).is_none());
            is_without_selector && table::metadata(object).labels().get(SKIP) != Some("true")
        });
        let mut existing = existing_slices(key, MANAGER, client).into_iter();
        let wanted = object.as_ref().map(slices).unwrap_or_default();
        for slice in wanted {
            let Some(there) = existing.next() else {
                client.create(&endpoint_slice::KIND, slice)?;
                continue;
            };
            let mut updated = there.clone();
            for field in [&names::ENDPOINTS, &names::PORTS] {
                updated.make_map().insert(field, slice.get(field));
            }
            let same = |field: &api::Key| there.get(field).items() == updated.get(field).items();
            if !same(&names::ENDPOINTS) || !same(&names::PORTS) {
                client.update(&endpoint_slice::KIND, updated)?;
            }
        }
        for slice in existing {
            let uid = table::metadata(&slice).uid();
            let options = DeleteOptions::default();
            match client.delete(&endpoint_slice::KIND, &ObjectKey::of(&slice), uid, options) {
                Err(status) if status.reason != api::Reason::NotFound => return Err(status),
                _ => {}
            }
        }
        Ok(Reconcile::Done)
    }
}

fn slices(object: &Value) -> Vec<Value> {
    Endpoints::of(object).subsets().map(|subset| slice(object, subset)).collect()
}

fn slice(object: &Value, subset: EndpointSubset<'_>) -> Value {
    let metadata = table::metadata(object);
    let ready = subset.addresses().map(|address| endpoint(address, true));
    let not_ready = subset.not_ready_addresses().map(|address| endpoint(address, false));
    let ports = subset.ports().map(|port| {
        let mut port = port.value().clone();
        port.set_default(&names::NAME, "");
        port
    });
    let first = subset.addresses().chain(subset.not_ready_addresses()).next();
    let is_v6 = first.is_some_and(|address| address.ip().contains(':'));
    let mut labels = metadata.value().get(&names::LABELS).clone();
    labels.make_map().insert(SERVICE_NAME, metadata.name().to_owned());
    labels.make_map().insert(MANAGED_BY, MANAGER);
    let mut annotations =
        metadata.value().get(&names::ANNOTATIONS).as_map().cloned().unwrap_or_default();
    annotations.retain(|key, _| !NOT_MIRRORED.contains(&key.as_str()));
    let annotations = if annotations.is_empty() { Value::Null } else { annotations.into() };
    object! {
        "metadata": object! {
            "generateName": format!("{}-", metadata.name()),
            "namespace": Text::from(metadata.namespace().to_owned()),
            "labels": labels,
            "annotations": annotations,
            "ownerReferences": api::list![controller_reference(&endpoints::KIND, object)],
        },
        "addressType": if is_v6 { "IPv6" } else { "IPv4" },
        "endpoints": Value::List(ready.chain(not_ready).collect::<List>()),
        "ports": Value::List(ports.collect::<List>()),
    }
}

fn endpoint(address: EndpointAddress<'_>, is_ready: bool) -> Value {
    let mut endpoint = object! {
        "addresses": api::list![address.ip().to_owned()],
        "conditions": object! { "ready": is_ready },
        "targetRef": address.value().get(&names::TARGET_REF),
        "nodeName": address.value().get(&names::NODE_NAME),
    };
    if !address.hostname().is_empty() {
        endpoint.make_map().insert(&names::HOSTNAME, address.hostname().to_owned());
    }
    endpoint
}
