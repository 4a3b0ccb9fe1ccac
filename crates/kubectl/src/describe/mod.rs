//! Describers: what `kubectl describe` says about an object, one file per kind.
//!
//! A describer is registered by its line in [`DESCRIBERS`]; kinds without one are described field
//! by field ([`generic`]). A describer reads what belongs to its object (events, Pods, ReplicaSets)
//! in the versions it knows, whatever version it was asked for.

mod certificate_signing_request;
mod config_map;
mod container;
mod cron_job;
mod daemon_set;
mod deployment;
mod endpoint_slice;
mod endpoints;
mod environment;
mod events;
mod generic;
mod horizontal_pod_autoscaler;
mod ingress;
mod ingress_class;
mod job;
mod limit_range;
mod namespace;
mod network_policy;
mod node;
mod persistent_volume;
mod persistent_volume_claim;
mod pod;
mod pod_disruption_budget;
mod pod_resources;
mod pod_template;
mod priority_class;
mod probe;
mod replica_set;
mod replication_controller;
mod resource_quota;
mod role;
mod role_binding;
mod secret;
mod service;
mod service_account;
mod stateful_set;
mod storage_class;
mod text;
mod volume;
mod volume_source;

use crate::client::{Call, Client, encode};
use crate::discovery::Mapping;
use crate::errors::Result;
use crate::resource::Info;
use crate::transport::LocalFuture;
use api::meta::v1::ObjectMeta;
use api::{Value, View, names};
use sim::Time;
use std::rc::Rc;
use text::Description;

pub(crate) use events::interval;

/// Describes objects of a kind.
struct Describer {
    group: &'static str,
    kind: &'static str,
    describe: Describe,
}

type Describe = fn(Rc<Subject>) -> LocalFuture<Result<Description>>;

/// Makes a [`Describer`] of an `async fn(Rc<Subject>) -> Result<Description>`.
macro_rules! describer {
    ($group:literal, $kind:literal, $function:path) => {
        Describer { group: $group, kind: $kind, describe: |subject| Box::pin($function(subject)) }
    };
}

/// The kinds with a description of their own.
const DESCRIBERS: &[Describer] = &[
    describer!("", "ConfigMap", config_map::describe),
    describer!("", "Endpoints", endpoints::describe),
    describer!("", "LimitRange", limit_range::describe),
    describer!("", "Namespace", namespace::describe),
    describer!("", "Node", node::describe),
    describer!("", "PersistentVolume", persistent_volume::describe),
    describer!("", "PersistentVolumeClaim", persistent_volume_claim::describe),
    describer!("", "Pod", pod::describe),
    describer!("", "ReplicationController", replication_controller::describe),
    describer!("", "ResourceQuota", resource_quota::describe),
    describer!("", "Secret", secret::describe),
    describer!("", "Service", service::describe),
    describer!("", "ServiceAccount", service_account::describe),
    describer!("apps", "DaemonSet", daemon_set::describe),
    describer!("apps", "Deployment", deployment::describe),
    describer!("apps", "ReplicaSet", replica_set::describe),
    describer!("apps", "StatefulSet", stateful_set::describe),
    describer!("autoscaling", "HorizontalPodAutoscaler", horizontal_pod_autoscaler::describe),
    describer!("batch", "CronJob", cron_job::describe),
    describer!("batch", "Job", job::describe),
    describer!(
        "certificates.k8s.io",
        "CertificateSigningRequest",
        certificate_signing_request::describe
    ),
    describer!("discovery.k8s.io", "EndpointSlice", endpoint_slice::describe),
    describer!("networking.k8s.io", "Ingress", ingress::describe),
    describer!("networking.k8s.io", "IngressClass", ingress_class::describe),
    describer!("networking.k8s.io", "NetworkPolicy", network_policy::describe),
    describer!("policy", "PodDisruptionBudget", pod_disruption_budget::describe),
    describer!("rbac.authorization.k8s.io", "ClusterRole", role::describe),
    describer!("rbac.authorization.k8s.io", "ClusterRoleBinding", role_binding::describe),
    describer!("rbac.authorization.k8s.io", "Role", role::describe),
    describer!("rbac.authorization.k8s.io", "RoleBinding", role_binding::describe),
    describer!("scheduling.k8s.io", "PriorityClass", priority_class::describe),
    describer!("storage.k8s.io", "StorageClass", storage_class::describe),
];

/// An object that is to be described, and the way to what belongs to it.
struct Subject {
    client: Rc<Client>,
    mapping: Rc<Mapping>,
    namespace: String,
    name: String,
    object: Value,
    shows_events: bool,
    chunk_size: i64,
    now: Time,
}

/// What a user can choose.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    /// `--show-events`
    pub(crate) shows_events: bool,
    /// `--chunk-size`
    pub(crate) chunk_size: i64,
    /// The present instant.
    pub(crate) now: Time,
}

/// The description of an object that has been read.
pub(crate) async fn describe(
    client: &Rc<Client>,
    info: &Info,
    settings: Settings,
) -> Result<String> {
    let subject = Rc::new(Subject {
        client: client.clone(),
        mapping: info.mapping.clone(),
        namespace: info.namespace.clone(),
        name: info.name.clone(),
        object: info.object.clone(),
        shows_events: settings.shows_events,
        chunk_size: settings.chunk_size,
        now: settings.now,
    });
    let known = |describer: &&Describer| info.mapping.is_kind(describer.group, describer.kind);
    let description = match DESCRIBERS.iter().find(known) {
        Some(describer) => (describer.describe)(subject).await?,
        None => generic::describe(subject).await?,
    };
    Ok(description.layout())
}

/// A template of Pods as `rollout history` shows it: its cells are not laid out.
pub(crate) fn template_text(template: &Value) -> String {
    let mut out = Description::default();
    pod_template::describe(&mut out, View::of(template));
    out.into_text()
}

impl Subject {
    /// The object as its type.
    fn view<'a, T: View<'a>>(&'a self) -> T {
        T::of(&self.object)
    }

    fn metadata(&self) -> ObjectMeta<'_> {
        ObjectMeta::of(self.object.get(&names::METADATA))
    }

    /// The path of a collection of the core group in the object's namespace, or in all.
    fn core_path(&self, resource: &str) -> String {
        self.path("api/v1", resource)
    }

    /// The path of a collection in the object's namespace: `path("apis/apps/v1", "replicasets")`.
    fn path(&self, version: &str, resource: &str) -> String {
        match self.namespace.as_str() {
            "" => format!("/{version}/{resource}"),
            namespace => format!("/{version}/namespaces/{}/{resource}", encode(namespace)),
        }
    }

    /// An object of such a collection.
    async fn get(&self, collection: &str, name: &str) -> Result<Value> {
        self.client.value(Call::get(format!("{collection}/{}", encode(name)))).await
    }

    /// The objects of a collection, read piece by piece.
    async fn list(&self, collection: &str, query: &[(&str, &str)]) -> Result<Vec<Value>> {
        let mut items = Vec::new();
        let mut token = String::new();
        loop {
            let mut call = Call::get(collection).query_if("continue", &token);
            for (name, value) in query {
                call = call.query_if(name, value);
            }
            if self.chunk_size > 0 {
                call = call.query("limit", self.chunk_size.to_string());
            }
            let list = self.client.value(call).await?;
            items.extend(list["items"].items().iter().cloned());
            match list["metadata"]["continue"].as_str() {
                Some(more) if !more.is_empty() => more.clone_into(&mut token),
                _ => return Ok(items),
            }
        }
    }
}

/// Whether `owner` controls an object.
fn is_controlled_by(object: &Value, uid: &str) -> bool {
    let metadata = ObjectMeta::of(object.get(&names::METADATA));
    let mut owners = metadata.owner_references();
    owners.any(|owner| owner.controller() == Some(true) && owner.uid() == uid)
}

/// `ReplicaSet/web-b86dd6984`, or nothing.
fn controller(metadata: ObjectMeta<'_>) -> String {
    let mut owners = metadata.owner_references();
    match owners.find(|owner| owner.controller() == Some(true)) {
        Some(owner) => format!("{}/{}", owner.kind(), owner.name()),
        None => String::new(),
    }
}
