//! What objects count against a ResourceQuota, and how much is used.
//!
//! Models the evaluators of `k8s.io/kubernetes/pkg/quota/v1/evaluator/core`. Use is added up from
//! the objects themselves whenever somebody asks; a quota's status only shows it.

use crate::pod_resources::{self, Amounts, add};
use crate::registry::Registry;
use crate::store::Store;
use api::core::v1::{PersistentVolumeClaim, Pod, ResourceQuota, Service};
use api::{Quantity, Value, View};
use kinds::core::{persistent_volume_claim, pod, service};
use kinds::{Kind, table};
use sim::{Duration, Time};

const COUNT_PREFIX: &str = "count/";
const CLASS_SUFFIX: &str = ".storageclass.storage.k8s.io/";

fn one() -> Quantity {
    Quantity::from(1)
}

/// How many objects of a kind there are is limited under this name too.
fn count_name(kind: &Kind) -> String {
    match kind.group {
        "" => format!("{COUNT_PREFIX}{}", kind.plural),
        group => format!("{COUNT_PREFIX}{}.{group}", kind.plural),
    }
}

/// What an object uses of everything that can be limited.
pub fn usage(kind: &Kind, object: &Value, now: Time) -> Amounts {
    let mut usage = Amounts::from([(count_name(kind), one())]);
    match (kind.group, kind.kind) {
        ("", "Pod") => add_pod(&mut usage, Pod::of(object), now),
        ("", "Service") => add_service(&mut usage, Service::of(object)),
        ("", "PersistentVolumeClaim") => {
            add_claim(&mut usage, PersistentVolumeClaim::of(object));
        }
        ("", "ConfigMap" | "Secret" | "ReplicationController" | "ResourceQuota") => {
            usage.insert(kind.plural.to_owned(), one());
        }
        _ => {}
    }
    usage
}

fn add_pod(usage: &mut Amounts, pod: Pod<'_>, now: Time) {
    if matches!(pod.status().phase(), "Succeeded" | "Failed") {
        return;
    }
    let metadata = pod.metadata();
    if let (Some(end), Some(grace)) =
        (metadata.deletion_timestamp(), metadata.deletion_grace_period_seconds())
        && now > end + Duration::from_secs(grace.unsigned_abs())
    {
        return;
    }
    usage.insert("pods".into(), one());
    for (name, amount) in pod_resources::requests(pod.spec()) {
        usage.insert(format!("requests.{name}"), amount);
        if matches!(&*name, "cpu" | "memory" | "ephemeral-storage") {
            usage.insert(name, amount);
        }
    }
    for (name, amount) in pod_resources::limits(pod.spec()) {
        usage.insert(format!("limits.{name}"), amount);
    }
}

fn add_service(usage: &mut Amounts, service: Service<'_>) {
    usage.insert("services".into(), one());
    let spec = service.spec();
    let node_ports = spec.ports().filter(|port| port.node_port() != 0).count() as i64;
    let ports = Quantity::from(node_ports.max(match spec.type_() {
        "NodePort" => spec.ports().len() as i64,
        _ => 0,
    }));
    if !ports.is_zero() {
        usage.insert("services.nodeports".into(), ports);
    }
    if spec.type_() == "LoadBalancer" {
        usage.insert("services.loadbalancers".into(), one());
    }
}

fn add_claim(usage: &mut Amounts, claim: PersistentVolumeClaim<'_>) {
    let class = claim.spec().storage_class_name().unwrap_or_default();
    usage.insert("persistentvolumeclaims".into(), one());
    usage.insert(format!("{class}{CLASS_SUFFIX}persistentvolumeclaims"), one());
    if let Some(storage) = claim.spec().resources().requests().get("storage") {
        usage.insert("requests.storage".into(), storage);
        usage.insert(format!("{class}{CLASS_SUFFIX}requests.storage"), storage);
    }
}

/// Whether a quota is about this object at all.
pub fn matches(quota: &Value, kind: &'static Kind, object: &Value) -> bool {
    let spec = ResourceQuota::of(quota).spec();
    let is_pod = *kind == pod::KIND;
    let has_scopes = !spec.scopes().is_empty() || spec.scope_selector().is_some();
    if !has_scopes {
        return true;
    }
    if !is_pod {
        return false;
    }
    let pod = Pod::of(object);
    let mut scopes = spec.scopes();
    let mut expressions =
        spec.scope_selector().into_iter().flat_map(|selector| selector.match_expressions());
    scopes.all(|scope| is_in_scope(pod, scope))
        && expressions.all(|expression| match expression.scope_name() {
            "PriorityClass" => {
                let class = pod.spec().priority_class_name();
                match expression.operator() {
                    "In" => expression.values().has(class),
                    "NotIn" => !expression.values().has(class),
                    "DoesNotExist" => class.is_empty(),
                    _ => !class.is_empty(),
                }
            }
            scope => is_in_scope(pod, scope),
        })
}

fn is_in_scope(pod: Pod<'_>, scope: &str) -> bool {
    let is_limited = pod.spec().active_deadline_seconds().is_some();
    let is_best_effort = || kinds::core::pod::qos_class(pod) == "BestEffort";
    match scope {
        "Terminating" => is_limited,
        "NotTerminating" => !is_limited,
        "BestEffort" => is_best_effort(),
        "NotBestEffort" => !is_best_effort(),
        "PriorityClass" => !pod.spec().priority_class_name().is_empty(),
        "CrossNamespacePodAffinity" => names_other_namespaces(pod),
        _ => false,
    }
}

fn names_other_namespaces(pod: Pod<'_>) -> bool {
    let affinity = &pod.value()["spec"]["affinity"];
    ["podAffinity", "podAntiAffinity"].iter().any(|kind| {
        let terms = &affinity[*kind];
        let required = terms["requiredDuringSchedulingIgnoredDuringExecution"].items().iter();
        let preferred = terms["preferredDuringSchedulingIgnoredDuringExecution"].items().iter();
        let mut terms = required.chain(preferred.map(|weighted| &weighted["podAffinityTerm"]));
        terms.any(|term| {
            !term["namespaces"].items().is_empty() || !term["namespaceSelector"].is_null()
        })
    })
}

/// Whether objects of a kind use a resource that can be limited.
pub fn concerns(kind: &'static Kind, resource: &str) -> bool {
    if resource == count_name(kind) {
        return true;
    }
    if *kind == pod::KIND {
        let is_amount = ["requests.", "limits."].iter().any(|p| resource.starts_with(p));
        return (is_amount && resource != "requests.storage")
            || matches!(resource, "pods" | "cpu" | "memory" | "ephemeral-storage");
    }
    if *kind == service::KIND {
        return resource == "services" || resource.starts_with("services.");
    }
    if *kind == persistent_volume_claim::KIND {
        return matches!(resource, "persistentvolumeclaims" | "requests.storage")
            || resource.contains(CLASS_SUFFIX);
    }
    kind.group.is_empty() && resource == kind.plural
}

/// How much of what a quota limits is used by the objects that exist.
pub fn used(registry: &Registry, store: &Store, quota: &Value, now: Time) -> Amounts {
    let hard = pod_resources::amounts(ResourceQuota::of(quota).spec().hard());
    let namespace = table::metadata(quota).namespace();
    let mut used: Amounts = hard.keys().map(|name| (name.clone(), Quantity::ZERO)).collect();
    for kind in registry.kinds() {
        let is_counted = kind.is_namespaced && kind.conversion.is_none() && !kind.is_virtual;
        if !is_counted || !hard.keys().any(|resource| concerns(kind, resource)) {
            continue;
        }
        for stored in store.list(registry.resource(kind), Some(namespace)) {
            if matches(quota, kind, &stored.object) {
                let mut usage = usage(kind, &stored.object, now);
                usage.retain(|name, _| hard.contains_key(name) && concerns(kind, name));
                add(&mut used, &usage);
            }
        }
    }
    used
}

/// Amounts as a document.
pub fn to_value(amounts: &Amounts) -> Value {
    let entries = amounts.iter().map(|(name, amount)| (name.clone(), amount.to_string()));
    Value::Map(entries.collect())
}

/// The limits that a quota has in force: those that its status shows.
pub fn hard_in_force(quota: &Value) -> Amounts {
    pod_resources::amounts(ResourceQuota::of(quota).status().hard())
}
