//! The order in which the objects come.

use super::load::texts;
use super::resource::Resource;
use crate::errors::{Result, bail};
use api::Value;

/// Kinds that others need come first.
const FIRST: &[&str] = &[
    "Namespace",
    "ResourceQuota",
    "StorageClass",
    "CustomResourceDefinition",
    "ServiceAccount",
    "PodSecurityPolicy",
    "Role",
    "ClusterRole",
    "RoleBinding",
    "ClusterRoleBinding",
    "ConfigMap",
    "Secret",
    "Endpoints",
    "Service",
    "LimitRange",
    "PriorityClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "Deployment",
    "StatefulSet",
    "CronJob",
    "PodDisruptionBudget",
];

/// Kinds that get in the way of others come last.
const LAST: &[&str] = &["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];

/// `sortOptions`
pub(super) enum Order {
    /// As they were found.
    AsFound,
    /// By kind, then by name.
    ByKind { first: Vec<String>, last: Vec<String> },
}

impl Order {
    pub(super) fn read(kustomization: &Value) -> Result<Order> {
        let options = &kustomization["sortOptions"];
        let owned = |list: &[&str]| list.iter().map(|kind| (*kind).to_owned()).collect();
        match options["order"].as_str().unwrap_or_default() {
            "fifo" => Ok(Order::AsFound),
            "" | "legacy" => {
                let legacy = &options["legacySortOptions"];
                Ok(match legacy.as_map() {
                    Some(_) => Order::ByKind {
                        first: owned(&texts(legacy, "orderFirst")),
                        last: owned(&texts(legacy, "orderLast")),
                    },
                    None => Order::ByKind { first: owned(FIRST), last: owned(LAST) },
                })
            }
            other => {
                bail!("the field 'sortOptions.order' must be one of [fifo, legacy]. got: {other}")
            }
        }
    }

    pub(super) fn apply(&self, resources: &mut [Resource]) {
        let Order::ByKind { first, last } = self else { return };
        let rank = |kind: &str| {
            let at = |list: &[String]| list.iter().position(|other| other == kind);
            match (at(first), at(last)) {
                (Some(at), _) => (0, at),
                (None, None) => (1, 0),
                (None, Some(at)) => (2, at),
            }
        };
        resources.sort_by_cached_key(|resource| {
            let type_text =
                format!("{}_{}_{}", or_last(resource.group()), resource.version(), resource.kind());
            let (namespace, name) = (resource.namespace().to_owned(), resource.name().to_owned());
            (rank(resource.kind()), type_text, namespace, name)
        });
    }
}

/// The core group comes behind all others.
fn or_last(group: &str) -> &str {
    if group.is_empty() { "~G" } else { group }
}
