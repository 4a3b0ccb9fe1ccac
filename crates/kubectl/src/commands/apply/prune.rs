//! `--prune`: what was applied once and is in the files no more.

use super::group_version_kind;
use crate::client::{Call, resource_path};
use crate::commands::common::{LAST_APPLIED, annotation};
use crate::commands::delete::request::{DeleteRequest, cascade};
use crate::discovery::Mapping;
use crate::errors::Result;
use crate::invocation::Invocation;
use crate::print::{DryRun, Order, Reporter};
use crate::resource::Info;
use api::{Value, names};
use std::collections::BTreeSet;
use std::rc::Rc;

/// What is looked through if `--prune-allowlist` does not say.
const KINDS: &[(&str, &str, &str)] = &[
    ("", "v1", "ConfigMap"),
    ("", "v1", "Endpoints"),
    ("", "v1", "PersistentVolumeClaim"),
    ("", "v1", "Pod"),
    ("", "v1", "ReplicationController"),
    ("", "v1", "Secret"),
    ("", "v1", "Service"),
    ("batch", "v1", "Job"),
    ("batch", "v1", "CronJob"),
    ("networking.k8s.io", "v1", "Ingress"),
    ("apps", "v1", "DaemonSet"),
    ("apps", "v1", "Deployment"),
    ("apps", "v1", "ReplicaSet"),
    ("apps", "v1", "StatefulSet"),
    ("", "v1", "Namespace"),
    ("", "v1", "PersistentVolume"),
];

/// Remembers what was applied and deletes the rest.
#[derive(Default)]
pub(crate) struct Pruner {
    mappings: Vec<Rc<Mapping>>,
    namespaces: BTreeSet<String>,
    visited: BTreeSet<String>,
}

impl Pruner {
    pub(crate) async fn new(invocation: &Invocation) -> Result<Pruner> {
        let mut pruner = Pruner::default();
        if !invocation.flags.bool("prune") {
            return Ok(pruner);
        }
        let listed = invocation.flags.strings("prune-allowlist");
        if listed.is_empty() {
            for (group, version, kind) in KINDS {
                pruner.mappings.push(invocation.kind(group, version, kind).await?);
            }
        }
        for text in listed {
            let (group, version, kind) = group_version_kind(text)?;
            pruner.mappings.push(invocation.kind(&group, &version, &kind).await?);
        }
        Ok(pruner)
    }

    /// An object of this namespace is applied, so the namespace is looked through.
    pub(crate) fn visit_namespace(&mut self, info: &Info) {
        if info.mapping.is_namespaced {
            self.namespaces.insert(info.namespace.clone());
        }
    }

    /// This object has been applied.
    pub(crate) fn visit(&mut self, info: &Info) {
        if let Some(uid) = info.object["metadata"]["uid"].as_str() {
            self.visited.insert(uid.to_owned());
        }
    }

    /// Deletes what has not been applied this time.
    pub(crate) async fn prune(
        &self,
        invocation: &Rc<Invocation>,
        dry_run: DryRun,
        reporter: &mut Reporter,
    ) -> Result {
        reporter.set_operation("pruned");
        let flags = &invocation.flags;
        let client = invocation.client()?;
        let request = DeleteRequest {
            propagation: cascade(invocation)?,
            grace_period: Some(flags.int("grace-period")).filter(|seconds| *seconds >= 0),
            dry_run,
        };
        for info in self.stale(invocation).await? {
            if !dry_run.is_client() {
                client.value(request.call(&info.path(""))).await?;
            }
            reporter.report_in(invocation, &info.object, Order::ByName)?;
        }
        Ok(())
    }

    /// What was applied once, but not this time.
    pub(crate) async fn stale(&self, invocation: &Invocation) -> Result<Vec<Info>> {
        let has_defaults = invocation.flags.strings("prune-allowlist").is_empty();
        if invocation.flags.bool("prune") && has_defaults {
            invocation.log(
                'W',
                "prune.go:71",
                "Deprecated: kubectl apply will no longer prune non-namespaced resources by \
                 default when used with the --namespace flag in a future release. To preserve the \
                 current behaviour, list the resources you want to target explicitly in the \
                 --prune-allowlist flag.",
            );
        }
        let (namespaced, others): (Vec<_>, Vec<_>) =
            self.mappings.iter().partition(|mapping| mapping.is_namespaced);
        let mut found = Vec::new();
        for namespace in &self.namespaces {
            for mapping in &namespaced {
                self.stale_in(invocation, mapping, namespace, &mut found).await?;
            }
        }
        for mapping in others {
            self.stale_in(invocation, mapping, "", &mut found).await?;
        }
        Ok(found)
    }

    async fn stale_in(
        &self,
        invocation: &Invocation,
        mapping: &Rc<Mapping>,
        namespace: &str,
        found: &mut Vec<Info>,
    ) -> Result {
        let list = Call::get(resource_path(mapping, namespace, "", ""))
            .query_if("labelSelector", invocation.flags.string("selector"));
        let list = invocation.client()?.value(list).await?;
        for item in list["items"].items() {
            let metadata = |field: &str| item["metadata"][field].as_str().unwrap_or_default();
            if annotation(item, LAST_APPLIED).is_none() || self.visited.contains(metadata("uid")) {
                continue;
            }
            let mut object = item.clone();
            object.set_default(&names::KIND, Value::from(mapping.kind.clone()));
            object.set_default(&names::API_VERSION, Value::from(mapping.api_version()));
            found.push(Info {
                mapping: mapping.clone(),
                namespace: namespace.to_owned(),
                name: metadata("name").to_owned(),
                source: String::new(),
                object,
            });
        }
        Ok(())
    }
}
