//! The subresource `eviction` of a Pod: deleting it, if no disruption budget objects.

use crate::codec;
use crate::request::{Request, ResourceTarget};
use crate::response::Response;
use crate::server::{ApiServer, Handled};
use api::core::v1::Pod;
use api::labels::Selector;
use api::policy::v1::PodDisruptionBudget;
use api::status::StatusCause;
use api::{Reason, Status, Value, View, names, object};
use kinds::Kind;

/// The cause by which clients know a refusal of a budget.
const DISRUPTION_BUDGET: &str = "DisruptionBudget";
/// When it is worth asking again, if the budget has not been computed yet.
const RETRY_AFTER_SECONDS: u32 = 10;

impl ApiServer {
    pub(crate) fn evict(&mut self, request: &Request, target: &ResourceTarget) -> Handled {
        let mut eviction = request.clone();
        eviction.body = crate::Body::Value(codec::document(request)?["deleteOptions"].clone());
        let options = codec::delete_options(&eviction)?;
        let pod = self.stored(target)?.object.clone();
        if !is_ending(Pod::of(&pod)) {
            self.ask_budgets(request, target, &pod)?;
        }
        let whole = ResourceTarget { subresource: "".into(), ..target.clone() };
        self.delete_object(request, &whole, &options)?;
        Ok(Response::with_code(
            201,
            object! {
                "kind": "Status",
                "apiVersion": "v1",
                "metadata": Value::EMPTY_MAP,
                "status": "Success",
                "code": 201,
            },
        ))
    }

    /// Refuses if a budget does, and otherwise takes one disruption from it.
    fn ask_budgets(
        &mut self,
        request: &Request,
        target: &ResourceTarget,
        pod: &Value,
    ) -> Result<(), Status> {
        let Some(kind) = self.registry.find_kind("policy", "v1", "PodDisruptionBudget") else {
            return Ok(());
        };
        let labels = Pod::of(pod).metadata().labels();
        let selects = |budget: &Value| {
            let selector = &budget["spec"]["selector"];
            Selector::from_document(selector).matches(labels)
        };
        let resource = self.resource(kind);
        let budgets = self.store.list(resource, Some(&target.namespace));
        let mut found: Vec<Value> =
            budgets.map(|stored| stored.object.clone()).filter(selects).collect();
        let Some(budget) = found.pop() else { return Ok(()) };
        if !found.is_empty() {
            return Err(Status::new(
                Reason::InternalError,
                "This pod has more than one PodDisruptionBudget, which the eviction subresource \
                 does not support.",
            ));
        }
        if may_go_unhealthy(Pod::of(pod), PodDisruptionBudget::of(&budget)) {
            return Ok(());
        }
        check(PodDisruptionBudget::of(&budget))?;
        if !request.options.dry_run {
            self.take_disruption(request, kind, &budget, &target.name);
        }
        Ok(())
    }

    fn take_disruption(
        &mut self,
        request: &Request,
        kind: &'static Kind,
        budget: &Value,
        pod: &str,
    ) {
        let allowed = PodDisruptionBudget::of(budget).status().disruptions_allowed();
        let now = self.now().rfc3339();
        let mut changed = budget.clone();
        changed.update(&names::STATUS, |status| {
            let map = status.make_map();
            map.insert("disruptionsAllowed", allowed - 1);
            status.entry(&"disruptedPods".into()).make_map().insert(pod.to_owned(), now);
        });
        let origin = self.origin(request);
        self.store.update(self.registry.resource(kind), changed, origin);
    }
}

/// Pods that are over, that never began or that go already are in no budget.
fn is_ending(pod: Pod<'_>) -> bool {
    matches!(pod.status().phase(), "Succeeded" | "Failed" | "Pending")
        || pod.metadata().deletion_timestamp().is_some()
}

/// A Pod that is not ready may go while the others suffice, or always if the budget says so.
fn may_go_unhealthy(pod: Pod<'_>, budget: PodDisruptionBudget<'_>) -> bool {
    let is_ready = pod
        .status()
        .conditions()
        .any(|condition| condition.type_() == "Ready" && condition.status() == "True");
    if is_ready {
        return false;
    }
    let status = budget.status();
    budget.value()["spec"]["unhealthyPodEvictionPolicy"] == "AlwaysAllow"
        || (status.desired_healthy() > 0 && status.current_healthy() >= status.desired_healthy())
}

fn check(budget: PodDisruptionBudget<'_>) -> Result<(), Status> {
    let (name, status) = (budget.metadata().name(), budget.status());
    if status.observed_generation() < budget.metadata().generation() {
        let why = format!("The disruption budget {name} is still being processed by the server.");
        return Err(refusal(why, RETRY_AFTER_SECONDS));
    }
    if status.disruptions_allowed() <= 0 {
        let why = format!(
            "The disruption budget {name} needs {} healthy pods and has {} currently",
            status.desired_healthy(),
            status.current_healthy()
        );
        return Err(refusal(why, 0));
    }
    Ok(())
}

fn refusal(why: String, retry_after_seconds: u32) -> Status {
    let mut status = Status::new(
        Reason::TooManyRequests,
        "Cannot evict pod as it would violate the pod's disruption budget.",
    );
    let details = status.details.get_or_insert_default();
    details.retry_after_seconds = retry_after_seconds;
    details.causes.push(StatusCause {
        reason: DISRUPTION_BUDGET.to_owned(),
        message: why,
        field: String::new(),
    });
    status
}
