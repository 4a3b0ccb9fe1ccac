//! Pod: containers that live and die together on one node.

use crate::table::{AGE, Column, NAME, Row, age, name, or_none};
use crate::{FieldSelector, Kind, Subresource, pod_spec};
use api::core::v1::{ContainerState, ContainerStatus, Pod};
use api::field::ErrorList;
use api::schema::types;
use api::{StringMap, Text, Value, View, human, names, object};
use sim::Time;
use std::fmt::Write;

/// `v1` Pod
pub static KIND: Kind = Kind {
    kind: "Pod",
    plural: "pods",
    singular: "pod",
    short_names: &["po"],
    categories: &["all"],
    ty: types::CORE_V1_POD,
    storage_version_hash: "xPOwRZ+Yhw8=",
    has_status: true,
    subresources: SUBRESOURCES,
    set_defaults: pod_spec::set_pod_defaults,
    prepare_create,
    prepare_update,
    prepare_status_update,
    validate: pod_spec::validate_pod,
    validate_create: pod_spec::validate_new_pod,
    validate_update: pod_spec::validate_pod_update,
    validate_status_update,
    warnings: pod_spec::pod_warnings,
    grace_period_seconds: Some(grace_period_seconds),
    field_selectors: FIELD_SELECTORS,
    columns: &[
        NAME,
        Column::text("Ready"),
        Column::text("Status"),
        Column::text("Restarts"),
        AGE,
        Column::wide("IP"),
        Column::wide("Node"),
        Column::wide("Nominated Node"),
        Column::wide("Readiness Gates"),
    ],
    row,
    ..Kind::NAMESPACED
};

const SUBRESOURCES: &[Subresource] = &[
    Subresource::new("attach", "PodAttachOptions", &["create", "get"]),
    Subresource::new("binding", "Binding", &["create"]),
    Subresource::new("ephemeralcontainers", "Pod", &["get", "patch", "update"]),
    Subresource {
        group: "policy",
        version: "v1",
        ..Subresource::new("eviction", "Eviction", &["create"])
    },
    Subresource::new("exec", "PodExecOptions", &["create", "get"]),
    Subresource::new("log", "Pod", &["get"]),
    Subresource::new("portforward", "PodPortForwardOptions", &["create", "get"]),
    Subresource::new("proxy", "PodProxyOptions", &["create", "delete", "get", "patch", "update"]),
];

const FIELD_SELECTORS: &[FieldSelector] = &[
    FieldSelector { path: "spec.nodeName", get: |p| Pod::of(p).spec().node_name().to_owned() },
    FieldSelector {
        path: "spec.restartPolicy",
        get: |p| Pod::of(p).spec().restart_policy().to_owned(),
    },
    FieldSelector {
        path: "spec.schedulerName",
        get: |p| Pod::of(p).spec().scheduler_name().to_owned(),
    },
    FieldSelector {
        path: "spec.serviceAccountName",
        get: |p| Pod::of(p).spec().service_account_name().to_owned(),
    },
    FieldSelector {
        path: "spec.hostNetwork",
        get: |p| Pod::of(p).spec().host_network().to_string(),
    },
    FieldSelector { path: "status.phase", get: |p| Pod::of(p).status().phase().to_owned() },
    FieldSelector { path: "status.podIP", get: |p| Pod::of(p).status().pod_ip().to_owned() },
    FieldSelector {
        path: "status.nominatedNodeName",
        get: |p| Pod::of(p).status().nominated_node_name().to_owned(),
    },
];

/// A new Pod is Pending, whatever its author says.
fn prepare_create(object: &mut Value) {
    object.update(&names::SPEC, pod_spec::drop_disabled_fields);
    let mut status = object! { "phase": "Pending" };
    let pod = Pod::of(object);
    status.make_map().insert(&names::QOS_CLASS, qos_class(pod));
    if !pod.spec().scheduling_gates().is_empty() {
        let condition = object! {
            "type": "PodScheduled",
            "status": "False",
            "reason": "SchedulingGated",
            "message": "Scheduling is blocked due to non-empty scheduling gates",
            "lastProbeTime": Value::Null,
            "lastTransitionTime": Value::Null,
        };
        status.make_map().insert(&names::CONDITIONS, api::list![condition]);
    }
    object.make_map().insert(&names::STATUS, status);
}

fn prepare_update(new: &mut Value, old: &Value) {
    new.update(&names::SPEC, pod_spec::drop_disabled_fields);
    new.make_map().insert(&names::STATUS, old.get(&names::STATUS));
}

/// The status of a Pod does not carry its deletion; that and the owners stay as they are. So does
/// the QoS class, which old kubelets leave out.
fn prepare_status_update(new: &mut Value, old: &Value) {
    new.make_map().insert(&names::SPEC, old.get(&names::SPEC));
    let qos_class = old.get(&names::STATUS).get(&names::QOS_CLASS).clone();
    if !qos_class.is_null() {
        new.update(&names::STATUS, |status| status.set_default(&names::QOS_CLASS, qos_class));
    }
    let old_metadata = old.get(&names::METADATA);
    new.update(&names::METADATA, |metadata| {
        for key in [&names::DELETION_TIMESTAMP, &names::OWNER_REFERENCES] {
            match old_metadata.get(key) {
                Value::Null => {
                    metadata.make_map().remove(key);
                }
                kept if kept == metadata.get(key) => {}
                kept => {
                    metadata.make_map().insert(key, kept.clone());
                }
            }
        }
    });
}

fn validate_status_update(new: &Value, old: &Value, errors: &mut ErrorList) {
    pod_spec::validate_pod_status_update(Pod::of(new), Pod::of(old), errors);
}

/// As `podStrategy.CheckGracefulDelete`: what never ran or is over needs no time to end.
fn grace_period_seconds(object: &Value) -> i64 {
    let pod = Pod::of(object);
    let is_over = matches!(pod.status().phase(), "Succeeded" | "Failed");
    if pod.spec().node_name().is_empty() || is_over {
        return 0;
    }
    pod.spec().termination_grace_period_seconds().unwrap_or(30)
}

/// Guaranteed, Burstable or BestEffort (`qos.ComputePodQOS`).
pub fn qos_class(pod: Pod<'_>) -> &'static str {
    let spec = pod.spec();
    let mut is_guaranteed = true;
    let mut has_any = false;
    for container in spec.containers().chain(spec.init_containers()) {
        let resources = container.resources();
        for resource in ["cpu", "memory"] {
            let nonzero = |amount: Option<api::Quantity>| amount.filter(|a| !a.is_zero());
            let request = nonzero(resources.requests().get(resource));
            let limit = nonzero(resources.limits().get(resource));
            has_any |= request.is_some() || limit.is_some();
            is_guaranteed &= limit.is_some() && (request.is_none() || request == limit);
        }
    }
    match (has_any, is_guaranteed) {
        (false, _) => "BestEffort",
        (true, true) => "Guaranteed",
        (true, false) => "Burstable",
    }
}

fn row(object: &Value, now: Time) -> Row {
    let pod = Pod::of(object);
    let summary = summary(pod);
    let restarts = match (summary.restarts, summary.last_restart) {
        (0, _) | (_, None) => summary.restarts.to_string(),
        (count, Some(then)) => format!("{count} ({} ago)", human::age(then, now)),
    };
    let ready = format!("{}/{}", summary.ready_containers, summary.containers);
    let ip = pod.status().pod_ips().at(0).map_or(String::new(), |ip| ip.ip().to_owned());
    vec![
        name(object),
        ready.into(),
        summary.reason.into(),
        restarts.into(),
        age(object, now),
        or_none(ip),
        or_none(pod.spec().node_name().to_owned()),
        or_none(pod.status().nominated_node_name().to_owned()),
        readiness_gates(pod),
    ]
}

fn readiness_gates(pod: Pod<'_>) -> Value {
    let gates = pod.spec().readiness_gates();
    if gates.is_empty() {
        return crate::table::NONE.into();
    }
    let is_true =
        |ty: &str| pod.status().conditions().any(|c| c.type_() == ty && c.status() == "True");
    let count = gates.clone().filter(|gate| is_true(gate.condition_type())).count();
    format!("{count}/{}", gates.len()).into()
}

/// What the columns READY, STATUS and RESTARTS say about a Pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The word under STATUS.
    pub reason: Text,
    /// The containers that are ready.
    pub ready_containers: usize,
    /// The containers there are.
    pub containers: usize,
    /// How often containers were started again.
    pub restarts: i64,
    /// When the last of those that ended did so.
    pub last_restart: Option<Time>,
}

/// Models `printPod` of `k8s.io/kubernetes/pkg/printers/internalversion`.
pub fn summary(pod: Pod<'_>) -> Summary {
    let status = pod.status();
    let phase = if status.reason().is_empty() { status.phase() } else { status.reason() };
    let mut summary = Summary {
        reason: Text::from(phase.to_owned()),
        ready_containers: 0,
        containers: pod.spec().containers().len(),
        restarts: 0,
        last_restart: None,
    };
    if status.conditions().any(|c| c.type_() == "PodScheduled" && c.reason() == "SchedulingGated") {
        summary.reason = "SchedulingGated".into();
    }
    let initializing = summarize_init_containers(pod, &mut summary);
    if !initializing || is_initialized(pod) {
        summarize_containers(pod, &mut summary);
    }
    if pod.metadata().deletion_timestamp().is_some() {
        summary.reason = match status.reason() {
            "NodeLost" => "Unknown".into(),
            _ => "Terminating".into(),
        };
    }
    summary
}

fn is_initialized(pod: Pod<'_>) -> bool {
    pod.status().conditions().any(|c| c.type_() == "Initialized" && c.status() == "True")
}

fn finished_at(status: ContainerStatus<'_>) -> Option<Time> {
    status.last_state().terminated().and_then(|t| t.finished_at())
}

/// Whether an init container still keeps the others waiting.
fn summarize_init_containers(pod: Pod<'_>, summary: &mut Summary) -> bool {
    let spec = pod.spec();
    let restarts_always = |name: &str| {
        spec.init_containers().any(|c| c.name() == name && c.restart_policy() == Some("Always"))
    };
    let total = spec.init_containers().len();
    let mut initializing = false;
    let mut sidecar_restarts = (0, None);
    for (i, status) in pod.status().init_container_statuses().enumerate() {
        summary.restarts += status.restart_count();
        summary.last_restart = summary.last_restart.max(finished_at(status));
        let is_sidecar = restarts_always(status.name());
        if is_sidecar {
            summary.containers += 1;
            sidecar_restarts.0 += status.restart_count();
            sidecar_restarts.1 = sidecar_restarts.1.max(finished_at(status));
        }
        if initializing {
            continue;
        }
        let state = status.state();
        if state.terminated().is_some_and(|t| t.exit_code() == 0) {
            continue;
        }
        if is_sidecar && status.started() == Some(true) {
            summary.ready_containers += usize::from(status.ready());
            continue;
        }
        summary.reason = init_reason(state, i, total).into();
        initializing = true;
    }
    if !initializing || is_initialized(pod) {
        // Once the Pod is initialized, only containers that go on running count.
        (summary.restarts, summary.last_restart) = sidecar_restarts;
    }
    initializing
}

/// `Init:Error`, `Init:0/2`, `Init:CrashLoopBackOff`
fn init_reason(state: ContainerState<'_>, index: usize, total: usize) -> String {
    if let Some(terminated) = state.terminated() {
        return format!("Init:{}", terminated_reason(terminated));
    }
    match state.waiting().map(|waiting| waiting.reason()) {
        Some(reason) if !reason.is_empty() && reason != "PodInitializing" => {
            format!("Init:{reason}")
        }
        _ => format!("Init:{index}/{total}"),
    }
}

fn terminated_reason(state: api::core::v1::ContainerStateTerminated<'_>) -> String {
    let mut out = state.reason().to_owned();
    if out.is_empty() {
        let result = match state.signal() {
            0 => write!(out, "ExitCode:{}", state.exit_code()),
            signal => write!(out, "Signal:{signal}"),
        };
        result.expect("a string takes it");
    }
    out
}

fn summarize_containers(pod: Pod<'_>, summary: &mut Summary) {
    let mut has_running = false;
    for status in pod.status().container_statuses().rev() {
        summary.restarts += status.restart_count();
        summary.last_restart = summary.last_restart.max(finished_at(status));
        let state = status.state();
        if let Some(waiting) = state.waiting()
            && !waiting.reason().is_empty()
        {
            summary.reason = waiting.reason().to_owned().into();
        } else if let Some(terminated) = state.terminated() {
            summary.reason = terminated_reason(terminated).into();
        } else if status.ready() && state.running().is_some() {
            has_running = true;
            summary.ready_containers += 1;
        }
    }
    if summary.reason == "Completed" && has_running {
        let is_ready =
            pod.status().conditions().any(|c| c.type_() == "Ready" && c.status() == "True");
        summary.reason = if is_ready { "Running".into() } else { "NotReady".into() };
    }
}

/// The labels of a Pod, or of anything with metadata.
pub fn labels(object: &Value) -> StringMap<'_> {
    crate::table::metadata(object).labels()
}
