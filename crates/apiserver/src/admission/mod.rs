//! Admission: what a change must fulfil beyond the rules of its kind, and what the cluster adds.
//!
//! One plugin per file, in the order in which a real API server runs them.

mod certificate_requester;
mod default_class;
mod default_ingress_class;
mod default_storage_class;
mod default_toleration_seconds;
mod limit_ranger;
mod namespace_lifecycle;
mod persistent_volume_claim_resize;
mod pod_security;
mod priority;
mod resource_quota;
mod runtime_class;
mod service_account;
mod service_addresses;
mod storage_object_in_use_protection;

use crate::registry::Registry;
use crate::request::{Request, ResourceTarget, Verb};
use crate::server::ApiServer;
use crate::store::{Store, Stored};
use api::{Status, Value};
use kinds::Kind;
use sim::{Sim, Time};

/// A request as an admission plugin sees it.
pub struct Attributes<'a> {
    /// `Create`, `Update` or `Delete`; a patch is an update.
    pub verb: Verb,
    /// What the request is about.
    pub target: &'a ResourceTarget,
    /// The request itself.
    pub request: &'a Request,
    /// The object as it is.
    pub old: Option<&'a Value>,
    /// What the client should be told.
    pub warnings: &'a mut Vec<String>,
}

impl Attributes<'_> {
    /// Whether the request creates an object of `kind`.
    pub fn creates(&self, kind: &'static Kind) -> bool {
        self.verb == Verb::Create && self.is_for(kind)
    }

    /// Whether the request is about objects of `kind` themselves.
    pub fn is_for(&self, kind: &'static Kind) -> bool {
        self.target.kind == kind && self.target.subresource.is_empty()
    }
}

/// What a refusal calls an object: its name, or what its name will begin with.
fn name_or_prefix(object: &Value) -> &str {
    let metadata = kinds::table::metadata(object);
    if metadata.name().is_empty() { metadata.generate_name() } else { metadata.name() }
}

/// The cluster as an admission plugin sees it.
pub struct Context<'a> {
    pub(crate) registry: &'a Registry,
    pub(crate) store: &'a Store,
    /// The present instant.
    pub now: Time,
}

impl<'a> Context<'a> {
    /// An object that exists.
    pub fn get(&self, kind: &'static Kind, namespace: &str, name: &str) -> Option<&'a Value> {
        let resource = self.registry.resource(kind);
        self.store.get(resource, namespace, name).map(|stored| &*stored.object)
    }

    /// The objects of a namespace, or of all.
    pub fn list(
        &self,
        kind: &'static Kind,
        namespace: Option<&'a str>,
    ) -> impl Iterator<Item = &'a Value> {
        let stored = self.store.list(self.registry.resource(kind), namespace);
        stored.map(|stored: &Stored| &*stored.object)
    }
}

/// An admission plugin.
pub trait Plugin {
    /// Changes what is to be stored, or refuses it.
    fn admit(
        &mut self,
        context: &Context<'_>,
        attributes: &mut Attributes<'_>,
        object: &mut Value,
    ) -> Result<(), Status> {
        let _ = (context, attributes, object);
        Ok(())
    }

    /// Refuses what is to be stored, after all plugins have changed it.
    fn validate(
        &mut self,
        context: &Context<'_>,
        attributes: &mut Attributes<'_>,
        object: &Value,
    ) -> Result<(), Status> {
        let _ = (context, attributes, object);
        Ok(())
    }

    /// Refuses that `old` is deleted.
    fn validate_delete(
        &mut self,
        context: &Context<'_>,
        attributes: &mut Attributes<'_>,
        old: &Value,
    ) -> Result<(), Status> {
        let _ = (context, attributes, old);
        Ok(())
    }
}

/// The plugins of a default cluster.
pub(crate) fn default_plugins(sim: &Sim) -> Vec<Box<dyn Plugin>> {
    vec![
        Box::new(namespace_lifecycle::NamespaceLifecycle),
        Box::new(limit_ranger::LimitRanger),
        Box::new(service_account::ServiceAccount::new(sim)),
        Box::new(pod_security::PodSecurity),
        Box::new(priority::Priority),
        Box::new(default_toleration_seconds::DefaultTolerationSeconds::new()),
        Box::new(default_storage_class::DefaultStorageClass),
        Box::new(storage_object_in_use_protection::StorageObjectInUseProtection),
        Box::new(persistent_volume_claim_resize::PersistentVolumeClaimResize),
        Box::new(runtime_class::RuntimeClass),
        Box::new(default_ingress_class::DefaultIngressClass),
        Box::new(certificate_requester::CertificateRequester),
        Box::new(service_addresses::ServiceAddresses::new(sim)),
        Box::new(resource_quota::ResourceQuota),
    ]
}

impl ApiServer {
    /// Asks the plugins whether `old` may be deleted.
    pub(crate) fn admit_delete(
        &mut self,
        request: &Request,
        target: &ResourceTarget,
        old: &Value,
    ) -> Result<(), Status> {
        let context = Context { registry: &self.registry, store: &self.store, now: self.sim.now() };
        let mut warnings = Vec::new();
        let mut attributes = Attributes {
            verb: Verb::Delete,
            target,
            request,
            old: Some(old),
            warnings: &mut warnings,
        };
        for plugin in &mut self.plugins {
            plugin.validate_delete(&context, &mut attributes, old)?;
        }
        Ok(())
    }
}
