//! ResourceQuota: nothing is created that would take more than a namespace may use.
//!
//! Models `k8s.io/apiserver/pkg/admission/plugin/resourcequota`. A quota counts from the moment at
//! which its controller has written its limits into its status.

use super::{Attributes, Context, Plugin, name_or_prefix};
use crate::pod_resources::{Amounts, amounts};
use crate::quota;
use crate::request::Verb;
use api::core::v1::{Container, Pod};
use api::{Quantity, Status, Value, View};
use kinds::core::{persistent_volume_claim, pod, resource_quota, service};
use kinds::table;
use std::collections::{BTreeMap, BTreeSet};

/// What every container has to state if a quota limits it.
const STATED: [&str; 6] =
    ["cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"];

pub(super) struct ResourceQuota;

impl Plugin for ResourceQuota {
    fn validate(
        &mut self,
        context: &Context<'_>,
        attributes: &mut Attributes<'_>,
        object: &Value,
    ) -> Result<(), Status> {
        let target = attributes.target;
        let kind = target.kind;
        let is_growing =
            attributes.is_for(&service::KIND) || attributes.is_for(&persistent_volume_claim::KIND);
        let counts = target.subresource.is_empty()
            && kind.is_namespaced
            && match attributes.verb {
                Verb::Create => true,
                Verb::Update => is_growing,
                _ => false,
            };
        if !counts {
            return Ok(());
        }
        for found in context.list(&resource_quota::KIND, Some(&target.namespace)) {
            if let Some(why) = refusal(context, attributes, found, object) {
                let name = name_or_prefix(object);
                return Err(Status::forbidden(target.qualified(), name, &why));
            }
        }
        Ok(())
    }
}

/// Why a quota does not let the object in.
fn refusal(
    context: &Context<'_>,
    attributes: &Attributes<'_>,
    found: &Value,
    object: &Value,
) -> Option<String> {
    let kind = attributes.target.kind;
    let mut hard = quota::hard_in_force(found);
    hard.retain(|resource, _| quota::concerns(kind, resource));
    if hard.is_empty() || !quota::matches(found, kind, object) {
        return None;
    }
    let name = table::metadata(found).name();
    if *kind == pod::KIND
        && let Some(missing) = unstated(Pod::of(object), &hard)
    {
        return Some(format!("failed quota: {name}: must specify {missing}"));
    }
    let mut requested = quota::usage(kind, object, context.now);
    if let Some(old) = attributes.old.filter(|old| quota::matches(found, kind, old)) {
        for (resource, amount) in quota::usage(kind, old, context.now) {
            if let Some(new) = requested.get_mut(&resource) {
                *new -= amount;
            }
        }
    }
    requested.retain(|resource, amount| amount.sign() > 0 && hard.contains_key(resource));
    if requested.is_empty() {
        return None;
    }
    let used = quota::used(context.registry, context.store, found, context.now);
    let zero = Quantity::ZERO;
    let exceeded: BTreeSet<&String> = requested
        .iter()
        .filter(|(resource, amount)| {
            let used = *used.get(*resource).unwrap_or(&zero);
            used + **amount > *hard.get(*resource).unwrap_or(&zero)
        })
        .map(|(resource, _)| resource)
        .collect();
    if exceeded.is_empty() {
        return None;
    }
    let show = |amounts: &Amounts| {
        let shown = exceeded
            .iter()
            .map(|resource| format!("{resource}={}", amounts.get(*resource).unwrap_or(&zero)));
        shown.collect::<Vec<_>>().join(",")
    };
    Some(format!(
        "exceeded quota: {name}, requested: {}, used: {}, limited: {}",
        show(&requested),
        show(&used),
        show(&hard)
    ))
}

/// What containers leave open although it is limited: `limits.cpu for: a,b; limits.memory for: a`.
fn unstated(pod: Pod<'_>, hard: &Amounts) -> Option<String> {
    let mut missing: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for container in pod.spec().containers().chain(pod.spec().init_containers()) {
        let stated = stated(container);
        for resource in STATED {
            if hard.contains_key(resource) && !stated.contains(resource) {
                missing.entry(resource).or_default().insert(container.name().to_owned());
            }
        }
    }
    if missing.is_empty() {
        return None;
    }
    let texts = missing.into_iter().map(|(resource, containers)| {
        let containers: Vec<String> = containers.into_iter().collect();
        format!("{resource} for: {}", containers.join(","))
    });
    Some(texts.collect::<Vec<_>>().join("; "))
}

fn stated(container: Container<'_>) -> BTreeSet<String> {
    let resources = container.resources();
    let mut stated = BTreeSet::new();
    for name in amounts(resources.requests()).into_keys() {
        stated.insert(format!("requests.{name}"));
        stated.insert(name);
    }
    stated.extend(amounts(resources.limits()).into_keys().map(|name| format!("limits.{name}")));
    stated
}
