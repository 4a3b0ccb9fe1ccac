//! Pushing Pods aside: what DefaultPreemption has found is carried out here.

use crate::algorithm::Search;
use crate::cache::{NodeId, PodInfo};
use crate::event_recorder::Report;
use crate::failure::{Nominating, pod_reference, set_condition};
use crate::framework::filter::Candidate;
use crate::framework::fit_error;
use crate::kinds_in_use::KindsInUse;
use crate::plugins::default_preemption::{self, Budget, Surroundings};
use crate::queue::QueuedPod;
use crate::scheduler::{NAME, Scheduler};
use api::core::v1::Pod;
use api::{Value, View, names, object};
use apiserver::PatchType;
use apiserver::store::ObjectKey;
use client::{Client, DeleteOptions};
use kinds::core::pod;
use kinds::table;
use sim::{Rng, Time};
use std::collections::BTreeSet;
use std::rc::Rc;

/// What has come of an attempt at preemption.
pub(crate) enum Attempt {
    /// These Pods are to go from this node.
    Victims(Rc<str>, Vec<ObjectKey>),
    /// No node would be helped.
    Hopeless(String),
    /// The Pod must not, or already waits for others to go.
    NotEligible(&'static str),
}

/// Finds out whether others of lower priority could make room for a Pod.
pub(crate) fn attempt(
    pod: &QueuedPod,
    candidate: &Candidate<'_>,
    search: &mut Search<'_>,
    client: &Client,
    kinds: &KindsInUse,
    (now, rng): (Time, &mut Rng),
) -> Attempt {
    let rejected = search.rejected;
    let evaluation = &*search.evaluation;
    let unresolvable: BTreeSet<NodeId> = rejected
        .iter()
        .filter(|(_, rejection)| !evaluation.rejection(*rejection).is_resolvable)
        .map(|(node, _)| *node)
        .collect();
    if let Some(reason) = why_not(pod, candidate, &unresolvable, client) {
        return Attempt::NotEligible(reason);
    }
    // A node that no plugin was asked about was left out for good reasons.
    let asked: BTreeSet<NodeId> = rejected.iter().map(|(node, _)| *node).collect();
    let is_unresolvable = |node| unresolvable.contains(&node) || !asked.contains(&node);
    let budgets: Vec<Budget> = match kinds.disruption_budgets {
        Some(kind) => client.list(kind, None).iter().map(Budget::of).collect(),
        None => Vec::new(),
    };
    let start_time = |victim: &PodInfo| {
        let object = client.get(&pod::KIND, &victim.key.namespace, &victim.key.name);
        let started = object.and_then(|object| Pod::of(&object).status().start_time());
        started.unwrap_or(now)
    };
    let surroundings = Surroundings { budgets: &budgets, start_time: &start_time };
    let found =
        default_preemption::find(candidate, search.evaluation, is_unresolvable, &surroundings, rng);
    match found {
        Err(reasons) => Attempt::Hopeless(reasons),
        Ok(found) => {
            let cache = candidate.cache;
            let victims = found.victims.iter().map(|id| cache.pod(*id).key.clone());
            Attempt::Victims(cache.node(found.node).name.clone(), victims.collect())
        }
    }
}

/// Why a Pod must not push others aside.
fn why_not(
    pod: &QueuedPod,
    candidate: &Candidate<'_>,
    unresolvable: &BTreeSet<NodeId>,
    client: &Client,
) -> Option<&'static str> {
    if !candidate.class.preempts {
        return Some("not eligible due to preemptionPolicy=Never.");
    }
    let cache = candidate.cache;
    let node = cache.find_node(pod.nominated_node()?)?;
    if unresolvable.contains(&node) {
        return None;
    }
    let is_leaving = |victim: &PodInfo| {
        victim.is_terminating
            && cache.class(victim.class).priority < candidate.class.priority
            && client
                .get(&pod::KIND, &victim.key.namespace, &victim.key.name)
                .is_some_and(|object| was_preempted(Pod::of(&object)))
    };
    let mut pods = cache.node(node).pods.iter().map(|id| cache.pod(*id));
    pods.any(is_leaving).then_some("not eligible due to a terminating pod on the nominated node.")
}

fn was_preempted(pod: Pod<'_>) -> bool {
    let mut conditions = pod.status().conditions();
    let target = conditions.find(|condition| condition.type_() == "DisruptionTarget");
    target.is_some_and(|c| c.status() == "True" && c.reason() == "PreemptionByScheduler")
}

impl Scheduler {
    /// Does what preemption asks for, and completes the message of the Pod's failure.
    pub(crate) fn carry_out(
        &mut self,
        pod: &QueuedPod,
        attempt: Attempt,
        message: &mut String,
    ) -> Nominating {
        match attempt {
            Attempt::Hopeless(reasons) => {
                fit_error::append(message, &format!("preemption: {reasons}"));
                Nominating::None
            }
            Attempt::NotEligible(reason) => {
                fit_error::append(message, &format!("preemption: {reason}"));
                Nominating::Unchanged
            }
            Attempt::Victims(node, victims) => {
                match victims.iter().try_for_each(|victim| self.evict(pod, victim, &node)) {
                    Ok(()) => {
                        self.end_lower_nominations(pod, &node);
                        // What happens to the victims reaches the scheduler before it is done
                        // with the Pod.
                        self.queue.note_event();
                        Nominating::Node(node)
                    }
                    Err(status) => {
                        fit_error::append(message, &format!("preemption: {status}"));
                        Nominating::Unchanged
                    }
                }
            }
        }
    }

    /// Marks a victim, deletes it, and tells why.
    fn evict(&mut self, pod: &QueuedPod, key: &ObjectKey, node: &str) -> Result<(), api::Status> {
        let Some(victim) = self.client.get(&pod::KIND, &key.namespace, &key.name) else {
            return Ok(());
        };
        let condition = object! {
            "type": "DisruptionTarget",
            "status": "True",
            "reason": "PreemptionByScheduler",
            "message": format!("{NAME}: preempting to accommodate a higher priority pod"),
        };
        if let Some(condition) = set_condition(&victim, condition, self.sim.now()) {
            let patch = object! { "status": object! { "conditions": api::list![condition] } };
            let ty = PatchType::Strategic;
            self.client.patch(&pod::KIND, key, "status", ty, patch)?;
        }
        let uid = table::metadata(&victim).uid();
        let gone = self.client.delete(&pod::KIND, key, uid, DeleteOptions::default());
        gone.or_else(|status| match status.reason {
            api::Reason::NotFound => Ok(Value::Null),
            _ => Err(status),
        })?;
        let preemptor = table::metadata(&pod.object).uid();
        self.recorder.report(Report {
            about: &pod_reference(&victim),
            related: Some(&pod_reference(&pod.object)),
            ty: "Normal",
            reason: "Preempted",
            action: "Preempting",
            message: format!("Preempted by pod {preemptor} on node {node}"),
        });
        Ok(())
    }

    /// Pods of lower priority that are nominated for the node may no longer fit there.
    fn end_lower_nominations(&mut self, pod: &QueuedPod, node: &str) {
        let nominations = self.queue.nominator.on(node).to_vec();
        for nomination in nominations {
            let Some(other) = self.queue.get(nomination.uid) else {
                continue;
            };
            if other.priority < pod.priority && other.nominated_node().is_some() {
                let key = other.key.clone();
                let mut status = Value::EMPTY_MAP;
                status.make_map().insert(&names::NOMINATED_NODE_NAME, Value::Null);
                let patch = object! { "status": status };
                let ty = PatchType::Strategic;
                // It may be gone; then its nomination is gone too.
                let _ = self.client.patch(&pod::KIND, &key, "status", ty, patch);
            }
        }
    }
}
