//! The disruption controller: how many Pods a PodDisruptionBudget lets go at present.
//!
//! Models `k8s.io/kubernetes/pkg/controller/disruption`. Missing: budgets over Pods that custom
//! resources with a scale of their own control count those Pods themselves.

use crate::Parts;
use crate::pods::{self, POD};
use api::core::v1::Pod;
use api::labels::Selector;
use api::policy::v1::PodDisruptionBudget;
use api::{IntOrString, Map, Status, Value, View, names, object};
use apiserver::store::{Change, ObjectKey};
use client::{Client, EventRecorder, ObjectReference, Reconcile, Reconciler};
use kinds::apps::{deployment, replica_set, stateful_set};
use kinds::core::replication_controller;
use kinds::policy::pod_disruption_budget;
use kinds::{Kind, table};
use sim::{Duration, Sim, Time};
use std::collections::BTreeMap;

/// `DeletionTimeout`: a Pod that was evicted and has not begun to go by then counts again.
const DELETION_TIMEOUT: Duration = Duration::from_secs(120);

pub(crate) struct DisruptionController {
    sim: Sim,
    recorder: EventRecorder,
}

impl DisruptionController {
    pub(crate) fn new(parts: Parts<'_>) -> DisruptionController {
        DisruptionController { sim: parts.sim.clone(), recorder: parts.recorder }
    }
}

impl Reconciler for DisruptionController {
    type Key = ObjectKey;

    fn name(&self) -> &'static str {
        "disruption-controller"
    }

    fn interests(&self) -> Vec<&'static Kind> {
        vec![&pod_disruption_budget::KIND, POD]
    }

    fn keys(&self, change: &Change, client: &Client, add: &mut dyn FnMut(ObjectKey, Duration)) {
        let kind = client.read(|server| server.registry().kind_of(change.resource));
        if kind == &pod_disruption_budget::KIND {
            return add(change.key.clone(), Duration::ZERO);
        }
        for object in client.list(&pod_disruption_budget::KIND, Some(&change.key.namespace)) {
            let selector = selector_of(&object);
            let selects = |pod: &Value| selector.matches(table::metadata(pod).labels());
            if selects(&change.object) || change.previous.as_ref().is_some_and(selects) {
                add(ObjectKey::of(&object), Duration::ZERO);
            }
        }
    }

    fn reconcile(&mut self, key: &ObjectKey, client: &Client) -> Result<Reconcile, Status> {
        let kind = &pod_disruption_budget::KIND;
        let Some(object) = client.get(kind, &key.namespace, &key.name) else {
            return Ok(Reconcile::Done);
        };
        let now = self.sim.now();
        let selector = selector_of(&object);
        let selected = |pod: &Value| selector.matches(table::metadata(pod).labels());
        let mut pods = client.list(POD, Some(&key.namespace));
        pods.retain(selected);
        if pods.is_empty() {
            let about = ObjectReference::to(kind, &object);
            self.recorder.normal(&about, "NoPods", "No matching pods found");
        }
        let disrupted = still_disrupted(&object, &pods, now);
        let healthy = |pod: &&Value| {
            let name = table::metadata(pod).name();
            let is_leaving = table::metadata(pod).deletion_timestamp().is_some();
            !is_leaving && pods::is_ready(Pod::of(pod)) && disrupted.get_str(name).is_none()
        };
        let budget = Budget::of(&object, &pods, client);
        let healthy = pods.iter().filter(healthy).count() as i64;
        let allowed = if budget.expected == 0 { 0 } else { (healthy - budget.wanted).max(0) };
        let mut updated = object.clone();
        let generation = table::metadata(&object).generation();
        updated.update(&names::STATUS, |status| {
            let map = status.make_map();
            map.insert(&names::CURRENT_HEALTHY, healthy);
            map.insert(&names::DESIRED_HEALTHY, budget.wanted);
            map.insert(&names::DISRUPTIONS_ALLOWED, allowed);
            map.insert(&names::EXPECTED_PODS, budget.expected);
            map.insert(&names::OBSERVED_GENERATION, generation);
            match disrupted.is_empty() {
                true => map.remove(&names::DISRUPTED_PODS),
                false => map.insert(&names::DISRUPTED_PODS, disrupted.clone()),
            };
            status.update(&names::CONDITIONS, |conditions| {
                *conditions = with_condition(conditions, allowed, generation, now);
            });
        });
        if updated.get(&names::STATUS) != object.get(&names::STATUS) {
            client.update_status(kind, updated)?;
        }
        if disrupted.is_empty() {
            Ok(Reconcile::Done)
        } else {
            Ok(Reconcile::After(DELETION_TIMEOUT))
        }
    }
}

fn selector_of(object: &Value) -> Selector {
    Selector::from_document(object.get(&names::SPEC).get(&names::SELECTOR))
}

/// The Pods whose eviction was granted and that have not begun to go yet.
fn still_disrupted(object: &Value, pods: &[Value], now: Time) -> Map {
    let noted = PodDisruptionBudget::of(object).status().disrupted_pods();
    let mut kept = noted.clone();
    kept.retain(|name, time| {
        let pod = pods.iter().find(|pod| table::metadata(pod).name() == name.as_str());
        let granted = time.as_str().and_then(Time::parse_rfc3339).unwrap_or_default();
        pod.is_some_and(|pod| table::metadata(pod).deletion_timestamp().is_none())
            && granted + DELETION_TIMEOUT > now
    });
    kept
}

/// How many Pods there should be, and how many of them must be healthy.
struct Budget {
    expected: i64,
    wanted: i64,
}

impl Budget {
    fn of(object: &Value, pods: &[Value], client: &Client) -> Budget {
        let spec = PodDisruptionBudget::of(object).spec();
        if let Some(max_unavailable) = spec.max_unavailable() {
            let expected = expected_pods(pods, client);
            let unavailable = max_unavailable.scaled(expected, true).unwrap_or(0);
            return Budget { expected, wanted: (expected - unavailable).max(0) };
        }
        match spec.min_available() {
            Some(IntOrString::Int(number)) => {
                Budget { expected: pods.len() as i64, wanted: number }
            }
            Some(share) => {
                let expected = expected_pods(pods, client);
                Budget { expected, wanted: share.scaled(expected, true).unwrap_or(0) }
            }
            None => Budget { expected: pods.len() as i64, wanted: 1 },
        }
    }
}

/// The replicas that the controllers of these Pods are asked for, each counted once.
fn expected_pods(pods: &[Value], client: &Client) -> i64 {
    let mut scales: BTreeMap<String, i64> = BTreeMap::new();
    for pod in pods {
        if let Some((uid, replicas)) = scale_of(pod, client) {
            scales.insert(uid, replicas);
        }
    }
    scales.values().sum()
}

fn scale_of(pod: &Value, client: &Client) -> Option<(String, i64)> {
    let owners: [&'static Kind; 3] =
        [&replica_set::KIND, &stateful_set::KIND, &replication_controller::KIND];
    let found = owners.into_iter().find_map(|kind| {
        let key = pods::controller_key(pod, kind)?;
        client.get(kind, &key.namespace, &key.name)
    })?;
    let top = match pods::controller_key(&found, &deployment::KIND) {
        Some(key) => client.get(&deployment::KIND, &key.namespace, &key.name)?,
        None => found,
    };
    let replicas = top.get(&names::SPEC).get(&names::REPLICAS).as_i64().unwrap_or(1);
    Some((table::metadata(&top).uid().to_owned(), replicas))
}

fn with_condition(conditions: &Value, allowed: i64, generation: i64, now: Time) -> Value {
    let (status, reason) = match allowed {
        0 => ("False", "InsufficientPods"),
        _ => ("True", "SufficientPods"),
    };
    let is_it = |condition: &&Value| *condition.get(&names::TYPE) == "DisruptionAllowed";
    let before = conditions.items().iter().find(is_it);
    let since = before
        .filter(|condition| *condition.get(&names::STATUS) == status)
        .map(|condition| condition.get(&names::LAST_TRANSITION_TIME).clone())
        .unwrap_or_else(|| now.rfc3339().into());
    let condition = object! {
        "type": "DisruptionAllowed",
        "status": status,
        "reason": reason,
        "message": "",
        "observedGeneration": generation,
        "lastTransitionTime": since,
    };
    let others = conditions.items().iter().filter(|condition| !is_it(condition)).cloned();
    Value::from(others.chain([condition]).collect::<Vec<_>>())
}
