//! The HorizontalPodAutoscaler controller: keeps a workload between its bounds.
//!
//! Models `k8s.io/kubernetes/pkg/controller/podautoscaler` on a cluster without a metrics API, as
//! kind makes it: the bounds are kept, and every metric fails as it does there.

use crate::Parts;
use api::autoscaling::v2::{HorizontalPodAutoscaler, MetricSpec};
use api::{Reason, Status, Value, View, names, object};
use apiserver::store::{Change, ObjectKey};
use apiserver::{Body, Method, Options, ResourceTarget, Verb};
use client::{Client, EventRecorder, ObjectReference, Reconcile, Reconciler};
use kinds::Kind;
use kinds::autoscaling::horizontal_pod_autoscaler;
use sim::{Duration, Sim};

/// `--horizontal-pod-autoscaler-sync-period`; new ones wait for it too.
const SYNC_PERIOD: Duration = Duration::from_secs(15);
const NO_CUSTOM_METRICS: &str = "unable to fetch metrics from custom metrics API: no custom \
    metrics API (custom.metrics.k8s.io) registered";

pub(crate) struct HorizontalController {
    sim: Sim,
    recorder: EventRecorder,
}

impl HorizontalController {
    pub(crate) fn new(parts: Parts<'_>) -> HorizontalController {
        HorizontalController { sim: parts.sim.clone(), recorder: parts.recorder }
    }
}

impl Reconciler for HorizontalController {
    type Key = ObjectKey;

    fn name(&self) -> &'static str {
        "horizontal-pod-autoscaler"
    }

    fn interests(&self) -> Vec<&'static Kind> {
        vec![&horizontal_pod_autoscaler::KIND]
    }

    fn keys(&self, change: &Change, _: &Client, add: &mut dyn FnMut(ObjectKey, Duration)) {
        add(change.key.clone(), SYNC_PERIOD);
    }

    fn reconcile(&mut self, key: &ObjectKey, client: &Client) -> Result<Reconcile, Status> {
        let kind = &horizontal_pod_autoscaler::KIND;
        let Some(object) = client.get(kind, &key.namespace, &key.name) else {
            return Ok(Reconcile::Done);
        };
        self.recorder.set_cause(client.cause());
        let mut look = Look {
            about: ObjectReference::to(kind, &object),
            status: object.get(&names::STATUS).clone(),
            now: self.sim.now().rfc3339(),
        };
        self.scale(&object, &mut look, client);
        if *object.get(&names::STATUS) != look.status {
            let mut changed = object.clone();
            changed.make_map().insert(&names::STATUS, look.status);
            // Somebody may have changed it meanwhile; the next look is soon.
            let _ = client.update_status(kind, changed);
        }
        Ok(Reconcile::After(SYNC_PERIOD))
    }
}

/// One look at an autoscaler: whom events are about, and its status as it becomes.
struct Look {
    about: ObjectReference,
    status: Value,
    now: String,
}

impl Look {
    fn set_condition(&mut self, ty: &'static str, holds: bool, reason: &str, message: String) {
        let status = if holds { "True" } else { "False" };
        let now = self.now.clone();
        self.status.update(&names::CONDITIONS, |conditions| {
            let at = conditions.items().iter().position(|c| *c.get(&names::TYPE) == ty);
            let before = at.map(|at| conditions.items()[at].clone()).unwrap_or_default();
            let since = match *before.get(&names::STATUS) == status {
                true => before.get(&names::LAST_TRANSITION_TIME).clone(),
                false => now.into(),
            };
            let condition = object! {
                "type": ty,
                "status": status,
                "lastTransitionTime": since,
                "reason": reason.to_owned(),
                "message": message,
            };
            let list = conditions.make_list();
            match at {
                Some(at) => list.make_mut()[at] = condition,
                None => list.push(condition),
            }
        });
    }

    fn set_replicas(&mut self, current: i64, desired: i64) {
        let map = self.status.make_map();
        map.insert("currentReplicas", current);
        map.insert("desiredReplicas", desired);
    }
}

/// Which object is scaled.
struct Target {
    kind: &'static Kind,
    key: ObjectKey,
}

impl Target {
    /// Reads its scale, or sets it if `body` holds one.
    fn request(&self, client: &Client, method: Method, body: Body) -> Result<Value, Status> {
        let target = ResourceTarget {
            verb: if method == Method::Get { Verb::Get } else { Verb::Update },
            kind: self.kind,
            namespace: self.key.namespace.clone(),
            name: self.key.name.clone(),
            subresource: "scale".into(),
        };
        client.request(method, target, Options::default(), body, "")
    }
}

impl HorizontalController {
    fn scale(&mut self, object: &Value, look: &mut Look, client: &Client) {
        let view = HorizontalPodAutoscaler::of(object);
        let (target, scale) = match current_scale(view, client) {
            Ok(found) => found,
            Err(why) => {
                self.recorder.warning(&look.about, "FailedGetScale", why.clone());
                let message = format!(
                    "the HPA controller was unable to get the target's current scale: {why}"
                );
                look.set_condition("AbleToScale", false, "FailedGetScale", message);
                return;
            }
        };
        let message = "the HPA controller was able to get the target's current scale";
        look.set_condition("AbleToScale", true, "SucceededGetScale", message.into());
        let wanted = scale.get(&names::SPEC).get(&names::REPLICAS).as_i64().unwrap_or(0);
        let current = scale.get(&names::STATUS).get(&names::REPLICAS).as_i64().unwrap_or(0);
        let min = view.spec().min_replicas().unwrap_or(1);
        let max = view.spec().max_replicas();
        if wanted == 0 && min != 0 {
            let message = "scaling is disabled since the replica count of the target is zero";
            look.set_condition("ScalingActive", false, "ScalingDisabled", message.into());
            look.set_replicas(current, 0);
        } else if wanted > max {
            let reason = "Current number of replicas above Spec.MaxReplicas";
            self.rescale(&target, scale, (current, max), reason, look, client);
        } else if wanted < min {
            let reason = "Current number of replicas below Spec.MinReplicas";
            self.rescale(&target, scale, (current, min), reason, look, client);
        } else {
            self.fail_metrics(view, look);
            look.status.make_map().insert("currentReplicas", current);
        }
    }

    fn rescale(
        &mut self,
        target: &Target,
        mut scale: Value,
        (current, desired): (i64, i64),
        reason: &str,
        look: &mut Look,
        client: &Client,
    ) {
        scale.update(&names::SPEC, |spec| {
            spec.make_map().insert(&names::REPLICAS, desired);
        });
        if let Err(status) = target.request(client, Method::Put, Body::Value(scale)) {
            let message = format!("New size: {desired}; reason: {reason}; error: {status}");
            self.recorder.warning(&look.about, "FailedRescale", message);
            let message =
                format!("the HPA controller was unable to update the target scale: {status}");
            look.set_condition("AbleToScale", false, "FailedUpdateScale", message);
            return;
        }
        let message =
            format!("the HPA controller was able to update the target scale to {desired}");
        look.set_condition("AbleToScale", true, "SucceededRescale", message);
        let message = format!("New size: {desired}; reason: {reason}");
        self.recorder.normal(&look.about, "SuccessfulRescale", message);
        look.set_replicas(current, desired);
        let now = look.now.clone();
        look.status.make_map().insert("lastScaleTime", now);
    }

    /// There is nobody to ask for metrics.
    fn fail_metrics(&mut self, view: HorizontalPodAutoscaler<'_>, look: &mut Look) {
        let namespace = view.metadata().namespace();
        let failures: Vec<Failure> =
            view.spec().metrics().map(|metric| failure(metric, namespace)).collect();
        for failure in &failures {
            self.recorder.warning(&look.about, failure.reason, failure.message.clone());
        }
        let Some(first) = failures.first() else { return };
        let message = format!("the HPA was unable to compute the replica count: {}", first.message);
        look.set_condition("ScalingActive", false, first.reason, message);
        let count = failures.len();
        let message = format!(
            "invalid metrics ({count} invalid out of {count}), first error is: {}: {}",
            first.what, first.message
        );
        self.recorder.warning(&look.about, "FailedComputeMetricsReplicas", message);
    }
}

fn current_scale(
    view: HorizontalPodAutoscaler<'_>,
    client: &Client,
) -> Result<(Target, Value), String> {
    let reference = view.spec().scale_target_ref();
    let (group, version) =
        reference.api_version().split_once('/').unwrap_or(("", reference.api_version()));
    let kind = client.read(|server| server.registry().find_kind(group, version, reference.kind()));
    let Some(kind) = kind else {
        return Err(format!(
            "no matches for kind {} in group {}",
            api::go::quote(reference.kind()),
            api::go::quote(group)
        ));
    };
    let key = ObjectKey::new(view.metadata().namespace(), reference.name());
    let target = Target { kind, key };
    match target.request(client, Method::Get, Body::None) {
        Ok(scale) => Ok((target, scale)),
        Err(status) if status.reason == Reason::NotFound => {
            let resource = format!("{}/scale", kind.plural);
            let resource = api::QualifiedResource { group, resource: &resource };
            Err(Status::not_found(resource, reference.name()).to_string())
        }
        Err(status) => Err(status.to_string()),
    }
}

/// Why a metric has no value.
struct Failure {
    reason: &'static str,
    what: String,
    message: String,
}

fn failure(metric: MetricSpec<'_>, namespace: &str) -> Failure {
    let value = metric.value();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let resource = |part: &'static str| {
        let name = text(&value[part]["name"]);
        let usage = match value[part]["target"]["averageUtilization"].is_null() {
            true => "usage",
            false => "utilization",
        };
        let message = format!(
            "failed to get {name} {usage}: unable to get metrics for resource {name}: unable to \
             fetch metrics from resource metrics API: the server could not find the requested \
             resource (get pods.metrics.k8s.io)"
        );
        (name, message)
    };
    match metric.type_() {
        "Resource" => {
            let (name, message) = resource("resource");
            let what = format!("failed to get {name} resource metric value");
            Failure { reason: "FailedGetResourceMetric", what, message }
        }
        "ContainerResource" => {
            let (name, message) = resource("containerResource");
            let what = format!("failed to get {name} container resource metric value");
            Failure { reason: "FailedGetContainerResourceMetric", what, message }
        }
        "Pods" => Failure {
            reason: "FailedGetPodsMetric",
            what: "failed to get pods metric value".into(),
            message: format!(
                "unable to get metric {}: {NO_CUSTOM_METRICS}",
                text(&value["pods"]["metric"]["name"])
            ),
        },
        "Object" => {
            let described = &value["object"]["describedObject"];
            Failure {
                reason: "FailedGetObjectMetric",
                what: "failed to get object metric value".into(),
                message: format!(
                    "unable to get metric {}: {} on {namespace} {}/{NO_CUSTOM_METRICS}",
                    text(&value["object"]["metric"]["name"]),
                    text(&described["kind"]),
                    text(&described["name"])
                ),
            }
        }
        _ => {
            let name = text(&value["external"]["metric"]["name"]);
            Failure {
                reason: "FailedGetExternalMetric",
                what: "failed to get external metric value".into(),
                message: format!(
                    "unable to get external metric {namespace}/{name}/nil: unable to fetch \
                     metrics from external metrics API: no external metrics API \
                     (external.metrics.k8s.io) registered"
                ),
            }
        }
    }
}
