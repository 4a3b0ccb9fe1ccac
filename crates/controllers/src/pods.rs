//! What controllers that own Pods have in common.

use api::core::v1::Pod;
use api::labels::Selector;
use api::{Value, View, names, object};
use apiserver::PatchType;
use apiserver::store::{Change, ChangeType, ObjectKey};
use client::Client;
use kinds::core::pod;
use kinds::{Kind, table};
use sim::{Duration, Time};

/// Whether a Pod counts: it is neither over nor on its way out.
pub(crate) fn is_active(pod: Pod<'_>) -> bool {
    !matches!(pod.status().phase(), "Succeeded" | "Failed")
        && pod.metadata().deletion_timestamp().is_none()
}

/// Since when a Pod has been ready; `None` if it is not.
pub(crate) fn ready_since(pod: Pod<'_>) -> Option<Time> {
    let ready = pod.status().conditions().find(|condition| condition.type_() == "Ready")?;
    if ready.status() != "True" {
        return None;
    }
    Some(ready.last_transition_time().unwrap_or(Time::EPOCH))
}

/// Whether a Pod is ready.
pub(crate) fn is_ready(pod: Pod<'_>) -> bool {
    ready_since(pod).is_some()
}

/// Whether a Pod has been ready for long enough.
pub(crate) fn is_available(pod: Pod<'_>, min_ready_seconds: i64, now: Time) -> bool {
    let min_ready = Duration::from_secs(min_ready_seconds.max(0) as u64);
    ready_since(pod).is_some_and(|since| min_ready_seconds == 0 || since + min_ready <= now)
}

/// The owner reference by which a controller of `kind` owns an object.
pub(crate) fn controller_of<'a>(
    object: &'a Value,
    kind: &Kind,
) -> Option<api::meta::v1::OwnerReference<'a>> {
    table::metadata(object).owner_references().find(|owner| {
        owner.controller() == Some(true)
            && owner.kind() == kind.kind
            && owner.api_version().split_once('/').map_or("", |(group, _)| group) == kind.group
    })
}

/// The selector of an owner.
pub(crate) fn selector(owner: &Value) -> Selector {
    Selector::from_document(owner.get(&names::SPEC).get(&names::SELECTOR))
}

/// Adds the owners of `kind` that could adopt an object that nobody controls.
fn matching_owners(
    kind: &'static Kind,
    change: &Change,
    client: &Client,
    add: &mut dyn FnMut(ObjectKey, Duration),
) {
    let labels = table::metadata(&change.object).labels();
    if labels.is_empty() {
        return;
    }
    for owner in client.list(kind, Some(&change.key.namespace)) {
        if selector(&owner).matches(labels) {
            add(ObjectKey::of(&owner), Duration::ZERO);
        }
    }
}

/// Adds the owners of `kind` that a change of something owned concerns: the controller that it
/// has, the one that it had, and if it has none, those that could adopt it.
pub(crate) fn concerned_owners(
    kind: &'static Kind,
    change: &Change,
    client: &Client,
    add: &mut dyn FnMut(ObjectKey, Duration),
) {
    let owner = controller_key(&change.object, kind);
    let old_owner = change.previous.as_ref().and_then(|old| controller_key(old, kind));
    if let Some(key) = old_owner
        && owner.as_ref() != Some(&key)
    {
        add(key, Duration::ZERO);
    }
    match owner {
        Some(key) => add(key, Duration::ZERO),
        None if change.ty != ChangeType::Deleted => matching_owners(kind, change, client, add),
        None => {}
    }
}

/// When a Pod becomes ready, its owner looks again once it counts as available.
pub(crate) fn becomes_available_in(change: &Change, min_ready_seconds: i64) -> Option<Duration> {
    let was_ready = change.previous.as_ref().is_some_and(|old| is_ready(Pod::of(old)));
    if min_ready_seconds <= 0 || was_ready || !is_ready(Pod::of(&change.object)) {
        return None;
    }
    // One second more, since times are kept to the second.
    Some(Duration::from_secs(min_ready_seconds as u64 + 1))
}

/// The objects of `owned` that belong to `owner`: those it controls and its selector matches,
/// those it may adopt; those that no longer match are let go.
///
/// Models `controller.ControllerRefManager`.
pub(crate) fn claim(
    client: &Client,
    owned: &'static Kind,
    owner_kind: &'static Kind,
    owner: &Value,
    selector: &Selector,
) -> Vec<Value> {
    claim_if(client, owned, owner_kind, owner, selector, &|_| true)
}

/// [`claim`], of those objects only that `is_member` accepts.
pub(crate) fn claim_if(
    client: &Client,
    owned: &'static Kind,
    owner_kind: &'static Kind,
    owner: &Value,
    selector: &Selector,
    is_member: &dyn Fn(&Value) -> bool,
) -> Vec<Value> {
    let metadata = table::metadata(owner);
    let is_deleting = metadata.deletion_timestamp().is_some();
    let mut claimed = Vec::new();
    for object in client.controlled_by(owned, metadata.uid()) {
        if selector.matches(table::metadata(&object).labels()) && is_member(&object) {
            claimed.push(object);
        } else if !is_deleting {
            release(client, owned, &object, metadata.uid());
        }
    }
    if !is_deleting {
        for object in client.orphans(owned, metadata.namespace()) {
            let orphan = table::metadata(&object);
            if orphan.deletion_timestamp().is_none()
                && selector.matches(orphan.labels())
                && is_member(&object)
                && let Some(adopted) = adopt(client, owned, &object, owner_kind, owner)
            {
                claimed.push(adopted);
            }
        }
    }
    claimed.sort_by(|a, b| table::metadata(a).name().cmp(table::metadata(b).name()));
    claimed
}

fn adopt(
    client: &Client,
    owned: &'static Kind,
    object: &Value,
    owner_kind: &'static Kind,
    owner: &Value,
) -> Option<Value> {
    let patch = object! { "metadata": object! {
        "ownerReferences": api::list![client::controller_reference(owner_kind, owner)],
        "uid": table::metadata(object).value().get(&names::UID),
    } };
    let key = ObjectKey::of(object);
    client.patch(owned, &key, "", PatchType::Strategic, patch).ok()
}

fn release(client: &Client, owned: &'static Kind, object: &Value, owner_uid: &str) {
    let patch = object! { "metadata": object! {
        "ownerReferences": api::list![object! {
            "$patch": "delete",
            "uid": owner_uid.to_owned(),
        }],
        "uid": table::metadata(object).value().get(&names::UID),
    } };
    // Another controller may have been quicker; then there is nothing left to release.
    let _ = client.patch(owned, &ObjectKey::of(object), "", PatchType::Strategic, patch);
}

/// A Pod made from a template, controlled by `owner`.
pub(crate) fn from_template(template: &Value, owner_kind: &'static Kind, owner: &Value) -> Value {
    let metadata = table::metadata(owner);
    let of_template = template.get(&names::METADATA);
    let mut pod_metadata = object! {
        "generateName": format!("{}-", metadata.name()),
        "namespace": metadata.value().get(&names::NAMESPACE),
        "ownerReferences": api::list![client::controller_reference(owner_kind, owner)],
    };
    for key in [&names::LABELS, &names::ANNOTATIONS, &names::FINALIZERS] {
        if !of_template.get(key).is_null() {
            pod_metadata.make_map().insert(key, of_template.get(key));
        }
    }
    object! { "metadata": pod_metadata, "spec": template.get(&names::SPEC) }
}

/// The `count` Pods that are to be deleted first.
///
/// Models `controller.ActivePodsWithRanks`: what is least useful goes first, then what shares its
/// node with most of its like, then what is youngest on a logarithmic scale.
pub(crate) fn first_to_go(
    pods: &mut [Value],
    count: usize,
    now: Time,
    rank: impl Fn(&str) -> usize,
) -> &[Value] {
    let count = count.min(pods.len());
    let mut keyed: Vec<(DeletionKey, Value)> =
        pods.iter().map(|pod| (DeletionKey::of(Pod::of(pod), now, &rank), pod.clone())).collect();
    if count < keyed.len() {
        keyed.select_nth_unstable_by(count, |a, b| a.0.cmp(&b.0));
    }
    keyed[..count].sort_by(|a, b| a.0.cmp(&b.0));
    for (pod, (_, chosen)) in pods.iter_mut().zip(keyed) {
        *pod = chosen;
    }
    &pods[..count]
}

/// What decides which Pod goes first, in the order in which it decides; the smallest goes first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct DeletionKey {
    is_bound: bool,
    phase: u8,
    is_ready: bool,
    cost: i32,
    neighbours: std::cmp::Reverse<usize>,
    ready_age: Option<u32>,
    restarts: std::cmp::Reverse<i64>,
    age: u32,
    uid: api::Text,
}

impl DeletionKey {
    fn of(pod: Pod<'_>, now: Time, rank: &impl Fn(&str) -> usize) -> DeletionKey {
        let ready = ready_since(pod);
        let cost = pod.metadata().annotations().get("controller.kubernetes.io/pod-deletion-cost");
        let restarts = pod.status().container_statuses().map(|c| c.restart_count()).max();
        DeletionKey {
            is_bound: !pod.spec().node_name().is_empty(),
            phase: match pod.status().phase() {
                "Pending" => 0,
                "Unknown" => 1,
                _ => 2,
            },
            is_ready: ready.is_some(),
            cost: cost.and_then(|cost| cost.parse().ok()).unwrap_or(0),
            neighbours: std::cmp::Reverse(rank(pod.spec().node_name())),
            ready_age: ready.map(|since| age_class(since, now)),
            restarts: std::cmp::Reverse(restarts.unwrap_or(0)),
            age: age_class(pod.metadata().creation_timestamp().unwrap_or(now), now),
            uid: pod.metadata().value().get(&names::UID).as_text().cloned().unwrap_or_default(),
        }
    }
}

/// The logarithm of an age: ages of the same class count as equal.
fn age_class(since: Time, now: Time) -> u32 {
    (now.since(since).as_nanos() as u64).checked_ilog2().map_or(0, |log| log + 1)
}

/// The key of an object's controller, if it is of `kind`.
pub(crate) fn controller_key(object: &Value, kind: &Kind) -> Option<ObjectKey> {
    let owner = controller_of(object, kind)?;
    Some(ObjectKey::new(table::metadata(object).namespace(), owner.name()))
}

/// The kind of Pods, for short.
pub(crate) static POD: &Kind = &pod::KIND;
