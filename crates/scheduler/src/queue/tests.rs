//! Tests of the queue alone.

use super::*;
use crate::cache::ClassId;
use crate::framework::rejection::{Plugin, PluginSet};
use api::{Value, list, object};
use apiserver::store::ObjectKey;

const START: Time = Time::from_seconds(1_000);

fn at(millis: u64) -> Time {
    START + Duration::from_millis(millis)
}

fn object_of(name: &str, priority: i64, gates: &Value) -> Value {
    let uid = name.to_owned();
    object! {
        "metadata": object! { "name": name.to_owned(), "namespace": "default", "uid": uid },
        "spec": object! { "priority": priority, "schedulingGates": gates },
    }
}

fn uid(name: &str) -> Uid {
    Uid::parse(name)
}

/// A Pod that came at `now`.
fn pod(name: &str, priority: i64, now: Time) -> QueuedPod {
    let object = object_of(name, priority, &Value::Null);
    let key = ObjectKey::of(&object);
    QueuedPod::new(uid(name), key, &object, (ClassId(0), false), now, Cause::Setup)
}

/// Takes the next Pod, which some plugins turn down.
fn fail(queue: &mut SchedulingQueue, now: Time, plugins: &[Plugin]) {
    let mut pod = queue.pop().expect("a Pod is active");
    pod.plugins = PluginSet::default();
    for plugin in plugins {
        pod.plugins.insert(*plugin);
    }
    queue.add_unschedulable(pod, now);
}

fn popped(queue: &mut SchedulingQueue) -> Vec<String> {
    let names = std::iter::from_fn(|| queue.pop().map(|pod| pod.key.name.to_string()));
    names.collect()
}

fn place(queue: &SchedulingQueue, name: &str) -> Option<Place> {
    queue.get(uid(name)).map(|pod| pod.place)
}

#[test]
fn the_highest_priority_comes_first_and_then_the_oldest() {
    let mut queue = SchedulingQueue::new(START);
    for (name, priority, since) in [("a", 0, 3), ("b", 0, 1), ("c", 5, 9), ("d", 0, 3)] {
        queue.add(pod(name, priority, at(since)));
    }
    // A change does not cost a Pod its turn.
    queue.update(uid("a"), at(10), |pod| pod.object = object_of("a", 0, &Value::Null));
    assert_eq!(popped(&mut queue), ["c", "b", "a", "d"]);
}

#[test]
fn each_failure_doubles_the_backoff() {
    let mut queue = SchedulingQueue::new(START);
    queue.add(pod("p", 0, START));
    let mut now = START;
    let mut waits = Vec::new();
    for _ in 0..6 {
        fail(&mut queue, now, &[Plugin::NodeResourcesFit]);
        assert_eq!(place(&queue, "p"), Some(Place::Unschedulable));
        queue.move_all(ClusterEvent::NodeAdd, Cause::Setup, now, |_| true);
        assert_eq!(place(&queue, "p"), Some(Place::Backoff));
        let then = queue.next_flush().expect("the backoff ends");
        waits.push(then.since(now).as_secs());
        now = then;
        queue.flush(now);
        assert_eq!(place(&queue, "p"), Some(Place::Active));
    }
    assert_eq!(waits, [1, 2, 4, 8, 10, 10]);
}

#[test]
fn the_end_of_a_backoff_is_noticed_once_a_second() {
    let mut queue = SchedulingQueue::new(START);
    queue.add(pod("p", 0, at(300)));
    fail(&mut queue, at(300), &[]);
    assert_eq!(place(&queue, "p"), Some(Place::Backoff), "nobody turned it down");
    assert_eq!(queue.next_flush(), Some(at(2_000)));
    queue.flush(at(1_999));
    assert_eq!(place(&queue, "p"), Some(Place::Backoff));
    queue.flush(at(2_000));
    assert_eq!(place(&queue, "p"), Some(Place::Active));
}

#[test]
fn events_help_those_whom_the_right_plugin_turned_down() {
    let check = |plugin: Plugin, event: ClusterEvent, expected: bool| {
        let mut queue = SchedulingQueue::new(START);
        queue.add(pod("p", 0, START));
        fail(&mut queue, START, &[plugin]);
        queue.move_all(event, Cause::Setup, at(5_000), |_| true);
        let is_active = place(&queue, "p") == Some(Place::Active);
        assert_eq!(is_active, expected, "{plugin:?} {event:?}");
    };
    use ClusterEvent::*;
    for (plugin, event, expected) in [
        (Plugin::NodeResourcesFit, AssignedPodDelete, true),
        (Plugin::NodeResourcesFit, AssignedPodAdd, false),
        (Plugin::NodeResourcesFit, NodeAllocatableChange, true),
        (Plugin::NodeResourcesFit, PvcUpdate, false),
        (Plugin::NodeAffinity, NodeLabelChange, true),
        (Plugin::NodeAffinity, AssignedPodDelete, false),
        (Plugin::TaintToleration, NodeTaintChange, true),
        (Plugin::NodeUnschedulable, NodeSpecUnschedulableChange, true),
        (Plugin::NodeUnschedulable, NodeLabelChange, false),
        (Plugin::NodePorts, AssignedPodDelete, true),
        (Plugin::VolumeBinding, PvcUpdate, true),
        (Plugin::VolumeBinding, StorageClassAdd, true),
        (Plugin::VolumeZone, PvAdd, true),
        (Plugin::InterPodAffinity, AssignedPodAdd, true),
        (Plugin::InterPodAffinity, NodeConditionChange, false),
        (Plugin::PodTopologySpread, AssignedPodDelete, true),
    ] {
        check(plugin, event, expected);
    }
}

#[test]
fn an_event_counts_only_for_those_that_pass_the_check() {
    let mut queue = SchedulingQueue::new(START);
    for name in ["a", "b"] {
        queue.add(pod(name, 0, START));
        fail(&mut queue, START, &[Plugin::NodeResourcesFit]);
    }
    queue.move_all(ClusterEvent::NodeAdd, Cause::Setup, at(5_000), |pod| *pod.key.name == *"b");
    assert_eq!(popped(&mut queue), ["b"]);
}

#[test]
fn an_event_during_the_cycle_is_not_missed() {
    let mut queue = SchedulingQueue::new(START);
    queue.add(pod("p", 0, START));
    let mut pod = queue.pop().expect("a Pod is active");
    queue.note_event();
    pod.plugins = PluginSet::only(Plugin::NodeResourcesFit);
    queue.add_unschedulable(pod, START);
    assert_eq!(place(&queue, "p"), Some(Place::Backoff));
}

#[test]
fn without_an_event_a_pod_is_tried_again_after_five_minutes() {
    let mut queue = SchedulingQueue::new(START);
    queue.add(pod("p", 0, START));
    fail(&mut queue, START, &[Plugin::NodeAffinity]);
    assert_eq!(queue.next_flush(), Some(at(330_000)));
    queue.flush(at(300_000));
    assert_eq!(place(&queue, "p"), Some(Place::Unschedulable));
    queue.flush(at(330_000));
    assert_eq!(place(&queue, "p"), Some(Place::Active));
}

#[test]
fn gates_keep_a_pod_out_until_they_are_gone() {
    let mut queue = SchedulingQueue::new(START);
    let gates = list![object! { "name": "example.com/wait" }];
    let mut gated = pod("p", 0, START);
    gated.object = object_of("p", 0, &gates);
    queue.add(gated);
    assert_eq!(place(&queue, "p"), Some(Place::Unschedulable));
    assert_eq!(queue.next_flush(), None, "it waits for nothing but its gates");
    queue.move_all(ClusterEvent::NodeAdd, Cause::Setup, START, |_| true);
    assert_eq!(place(&queue, "p"), Some(Place::Unschedulable));
    queue.update(uid("p"), START, |pod| pod.object = object_of("p", 0, &Value::Null));
    assert_eq!(place(&queue, "p"), Some(Place::Active));
}

#[test]
fn only_changes_of_what_a_pod_asks_for_let_it_be_tried_again() {
    let check = |key: &'static str, value: Value, expected: Place| {
        let mut queue = SchedulingQueue::new(START);
        queue.add(pod("p", 0, START));
        fail(&mut queue, START, &[Plugin::NodeAffinity]);
        queue.update(uid("p"), at(5_000), |pod| {
            pod.object.update(&"metadata".into(), |metadata| {
                metadata.make_map().insert(key, value.clone());
            });
        });
        assert_eq!(place(&queue, "p"), Some(expected), "{key}");
    };
    check("labels", object! { "a": "b" }, Place::Active);
    check("annotations", object! { "a": "b" }, Place::Active);
    check("resourceVersion", "7".into(), Place::Unschedulable);
    check("finalizers", list!["a/b"], Place::Unschedulable);
}

#[test]
fn a_nomination_follows_the_status_of_the_pod() {
    let mut queue = SchedulingQueue::new(START);
    queue.add(pod("p", 0, START));
    let nominate = |queue: &mut SchedulingQueue, node: &str| {
        let status = object! { "nominatedNodeName": node.to_owned() };
        queue.update(uid("p"), START, |pod| {
            pod.object.make_map().insert("status", status.clone());
        });
    };
    nominate(&mut queue, "n1");
    assert_eq!(queue.nominator.on("n1").len(), 1);
    nominate(&mut queue, "n2");
    assert_eq!((queue.nominator.on("n1").len(), queue.nominator.on("n2").len()), (0, 1));
    nominate(&mut queue, "");
    assert_eq!(queue.nominator.nodes().count(), 0);
    // One that was made in memory outlives changes that do not mention it.
    queue.nominator.add(uid("p"), "n3", ClassId(0));
    nominate(&mut queue, "");
    assert_eq!(queue.nominator.on("n3").len(), 1);
    queue.delete(uid("p"));
    assert_eq!(queue.nominator.nodes().count(), 0);
}
