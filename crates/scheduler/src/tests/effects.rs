//! What the scheduler writes: conditions, nominations, events.

use super::cluster::Cluster;
use crate::kinds_in_use::Subject;
use api::{Value, names};
use apiserver::store::ObjectKey;
use client::{Component, DeleteOptions};
use kinds::core::{node, pod};
use sim::{Cause, Duration};

/// A Pod that must run, whatever it costs.
const IMPORTANT: &str = "priorityClassName: system-cluster-critical";

fn important(cpu: &str) -> String {
    format!("{IMPORTANT}\ncontainers: [{{resources: {{requests: {{cpu: {cpu}}}}}}}]")
}

fn keys(value: &Value) -> Vec<String> {
    let entries = value.as_map().into_iter().flat_map(|map| map.iter());
    entries.map(|(key, _)| key.as_str().to_owned()).collect()
}

#[test]
fn the_event_of_a_placed_pod_has_a_time_and_no_count() {
    let mut cluster = Cluster::new();
    cluster.add_node("n", "{}");
    cluster.add_pod("p", "{}");
    let events = cluster.events("p");
    let [event] = &events[..] else {
        panic!("one event: {events:?}");
    };
    for (field, text) in [
        ("reason", "Scheduled"),
        ("message", "Successfully assigned default/p to n"),
        ("type", "Normal"),
        ("action", "Binding"),
        ("reportingComponent", "default-scheduler"),
        ("reportingInstance", "default-scheduler-kind-control-plane"),
    ] {
        assert_eq!(event[field], *text, "{field}");
    }
    assert!(event["count"].is_null() && event["series"].is_null());
    assert!(event["firstTimestamp"].is_null() && event["lastTimestamp"].is_null());
    assert_eq!(event["source"], Value::EMPTY_MAP);
    let time = event["eventTime"].as_str().unwrap_or_default();
    assert!(time.ends_with('Z') && time.contains('.'), "{time}");
    let about = &event["involvedObject"];
    assert_eq!(keys(about), ["apiVersion", "kind", "name", "namespace", "resourceVersion", "uid"]);
    let name = event["metadata"]["name"].as_str().unwrap_or_default();
    let (of, digits) = name.split_once('.').unwrap_or_default();
    assert_eq!((of, digits.len()), ("p", 16));
}

#[test]
fn the_condition_changes_only_with_the_message() {
    let mut cluster = Cluster::new();
    cluster.add_node("n", "{}");
    cluster.add_pod_of("p", "3");
    let condition = cluster.pod("p")["status"]["conditions"][0].clone();
    assert_eq!(
        keys(&condition),
        ["lastProbeTime", "lastTransitionTime", "message", "reason", "status", "type"]
    );
    assert_eq!(condition["status"], "False");
    let version = |cluster: &Cluster| cluster.pod("p")["metadata"]["resourceVersion"].clone();
    let first = version(&cluster);
    // Tried again in vain, the Pod stays as it is; the event becomes a series.
    for _ in 0..3 {
        cluster.run(Duration::from_secs(12));
        let labels = format!("metadata: {{labels: {{at: t{}}}}}", cluster.sim.now().seconds());
        cluster.patch(&node::KIND, "n", &labels);
    }
    assert_eq!(version(&cluster), first);
    assert_eq!(cluster.scheduler.pending(), ["default/p"]);
    cluster.run(Duration::from_secs(2));
    cluster.add_node("m", "spec: {unschedulable: true}");
    cluster.run(Duration::from_secs(400));
    let changed = &cluster.pod("p")["status"]["conditions"][0];
    assert_eq!(changed["lastTransitionTime"], condition["lastTransitionTime"]);
    assert!(changed["message"].as_str().is_some_and(|m| m.starts_with("0/2")), "{changed:?}");
}

#[test]
fn repeated_failures_become_a_series() {
    let mut cluster = Cluster::new();
    cluster.add_pod("p", "{}");
    cluster.run(Duration::from_secs(60));
    let events = cluster.events("p");
    // The first failure changed the Pod; those after it are about the Pod with its condition.
    assert_eq!(events.len(), 2, "{events:?}");
    assert!(events[0]["series"].is_null());
    assert_eq!(events[1]["series"]["count"].as_i64(), Some(2), "written when it begins");
    cluster.add_node("n", "{}");
    cluster.run(Duration::from_secs(13 * 60));
    let count = cluster.events("p")[1]["series"]["count"].as_i64();
    assert!(count.is_some_and(|count| (6..9).contains(&count)), "written when it ends: {count:?}");
}

#[test]
fn a_pod_of_higher_priority_pushes_another_aside() {
    let mut cluster = Cluster::new();
    cluster.add_node("n", "{}");
    cluster.add_pod_of("low", "1500m");
    cluster.add_pod("high", &important("1500m"));
    let high = cluster.pod("high");
    assert_eq!(high["status"]["nominatedNodeName"], "n");
    assert_eq!(cluster.messages("high"), ["0/1 nodes are available: 1 Insufficient cpu."]);
    let low = cluster.pod("low");
    assert!(!low["metadata"]["deletionTimestamp"].is_null());
    let conditions = low["status"]["conditions"].items();
    let target = conditions.iter().find(|c| c["type"] == "DisruptionTarget").expect("marked");
    assert_eq!(target["reason"], "PreemptionByScheduler");
    assert_eq!(
        target["message"],
        "default-scheduler: preempting to accommodate a higher priority pod"
    );
    let uid = high["metadata"]["uid"].as_str().unwrap_or_default();
    assert_eq!(cluster.last_message("low"), format!("Preempted by pod {uid} on node n"));
    let preempted = cluster.events("low").pop().expect("an event");
    assert_eq!(
        (&preempted["type"], &preempted["action"]),
        (&"Normal".into(), &"Preempting".into())
    );
    assert_eq!(preempted["related"]["name"], "high");

    // While the victim takes its time, the Pod is tried once more and kills no one else.
    cluster.run(Duration::from_secs(3));
    assert_eq!(
        cluster.messages("high")[1..],
        ["0/1 nodes are available: 1 Insufficient cpu. preemption: not eligible due to a \
             terminating pod on the nominated node."]
    );
    // What the victim leaves behind is not given to others.
    cluster.add_pod_of("late", "400m");
    cluster.add_pod_of("later", "1");
    assert_eq!(["late", "later"].map(|name| cluster.node_of(name)), ["", ""]);
    cluster.run(Duration::from_secs(3));
    cluster.delete(&pod::KIND, "low");
    assert_eq!(cluster.node_of("high"), "n");
    assert_eq!(["late", "later"].map(|name| cluster.node_of(name)), ["n", ""]);
    assert_eq!(cluster.last_message("high"), "Successfully assigned default/high to n");
}

#[test]
fn the_victims_that_are_missed_least_go() {
    let mut cluster = Cluster::new();
    for name in ["a", "b"] {
        cluster.add_node(name, "{}");
    }
    let on = |node: &str, cpu: &str| {
        format!("nodeName: {node}\ncontainers: [{{resources: {{requests: {{cpu: {cpu}}}}}}}]")
    };
    cluster.add_pod("a1", &on("a", "900m"));
    cluster.add_pod("a2", &on("a", "900m"));
    cluster.add_pod("b1", &on("b", "1500m"));
    cluster.add_pod("high", &important("1500m"));
    // One victim is better than two.
    assert_eq!(cluster.pod("high")["status"]["nominatedNodeName"], "b");
    let is_leaving = |name| !cluster.pod(name)["metadata"]["deletionTimestamp"].is_null();
    assert_eq!(["a1", "a2", "b1"].map(is_leaving), [false, false, true]);
}

#[test]
fn a_pod_may_be_forbidden_to_preempt() {
    let mut cluster = Cluster::new();
    cluster.add_node("n", "{}");
    cluster.add_pod_of("low", "1500m");
    let spec = format!("schedulerName: other\n{}", important("1500m"));
    cluster.add_pod("high", &spec);
    // Told to the scheduler only: admission has its own opinion on such Pods.
    let mut high = cluster.pod("high");
    high.update(&names::SPEC, |spec| {
        let map = spec.make_map();
        map.insert(&names::SCHEDULER_NAME, "default-scheduler");
        map.insert(&names::PREEMPTION_POLICY, "Never");
    });
    let key = ObjectKey::of(&high);
    let scheduler = &mut cluster.scheduler;
    scheduler.handle(Subject::Pod, &key, None, Some(&high), Cause::Setup);
    cluster.settle();
    assert_eq!(
        cluster.messages("high"),
        ["0/1 nodes are available: 1 Insufficient cpu. preemption: not eligible due to \
             preemptionPolicy=Never."]
    );
    assert!(cluster.pod("low")["metadata"]["deletionTimestamp"].is_null());
}

#[test]
fn a_pod_that_is_deleted_while_it_is_bound() {
    let mut cluster = Cluster::new();
    cluster.add_node("n", "{}");
    cluster.add_pod_of("other", "1");
    let spec = api::object! { "containers": api::list![api::object! {
        "name": "c", "image": "nginx",
        "resources": api::object! { "requests": api::object! { "cpu": "1" } },
    }] };
    let metadata = api::object! { "name": "p", "namespace": "default" };
    let pod = api::object! { "metadata": metadata, "spec": spec };
    cluster.user.create(&pod::KIND, pod).expect("a Pod");
    cluster.tell();
    cluster.scheduler.wake();
    let options = DeleteOptions::default();
    let key = ObjectKey::new("default", "p");
    cluster.user.delete(&pod::KIND, &key, "", options).expect("the Pod is deleted");
    cluster.settle();
    assert_eq!(
        cluster.messages("p"),
        ["running Bind plugin \"DefaultBinder\": pods \"p\" not found"]
    );
    // Its place is free again.
    cluster.add_pod_of("next", "1");
    assert_eq!(cluster.node_of("next"), "n");
}

#[test]
fn a_pod_that_somebody_else_has_placed() {
    let mut cluster = Cluster::new();
    for name in ["a", "b"] {
        cluster.add_node(name, "{}");
    }
    let metadata = api::object! { "name": "p", "namespace": "default" };
    let spec = api::object! { "containers": api::list![api::object! {
        "name": "c", "image": "nginx",
    }] };
    let pod = api::object! { "metadata": metadata, "spec": spec };
    cluster.user.create(&pod::KIND, pod).expect("a Pod");
    cluster.tell();
    cluster.scheduler.wake();
    for node in ["a", "b"] {
        let binding = api::object! {
            "metadata": api::object! { "name": "p" },
            "target": api::object! { "kind": "Node", "name": node },
        };
        let key = ObjectKey::new("default", "p");
        // The second is refused, as the scheduler's own will be.
        let _ = cluster.user.post(&pod::KIND, &key, "binding", binding);
    }
    cluster.settle();
    assert_eq!(cluster.node_of("p"), "a");
    assert!(cluster.scheduler.pending().is_empty());
}

#[test]
fn a_pod_with_a_finalizer_that_is_deleted_while_it_waits() {
    let mut cluster = Cluster::new();
    cluster.add_node("n", "{}");
    cluster.add_pod_with("p", "finalizers: [example.com/keep]", "nodeSelector: {no: node}");
    cluster.run(Duration::from_secs(2));
    let key = ObjectKey::new("default", "p");
    let options = DeleteOptions::default();
    cluster.user.delete(&pod::KIND, &key, "", options).expect("it is marked");
    cluster.settle();
    assert_eq!(cluster.last_message("p"), "skip schedule deleting pod: default/p");
    assert!(cluster.scheduler.pending().is_empty());
}
