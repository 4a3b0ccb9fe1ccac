//! What must hold after every single event of a cluster, whatever a person does to it.

use api::core::v1::{Node, Pod};
use api::{Text, Value, View, names};
use apiserver::{Body, HttpRequest, Method, ResponseBody, User, WatchStream};
use cluster::{Cluster, ClusterConfig, NodeRole, Profile};
use kinds::{Kind, table};
use proptest::prelude::*;
use sim::{Cause, Duration, Rng, Time};
use std::collections::BTreeMap;

const START: Time = Time::from_seconds(1_795_737_600);
const INPUTS: usize = 14;
/// The Deployment to which nobody does anything but change its template.
const STEADY: &str = "steady";

/// A cluster under test, and what the checkers remember.
struct World {
    cluster: Cluster,
    random: Rng,
    seen_revision: u64,
    /// Where each Pod was first seen, by uid.
    places: BTreeMap<String, String>,
    generations: BTreeMap<String, i64>,
    watch: WatchStream,
    watched: BTreeMap<String, Value>,
    steady_was_available: bool,
}

impl World {
    fn new(seed: u64) -> World {
        let mut config = ClusterConfig::single_node(Profile::Recorded, seed, START);
        config.nodes.extend([NodeRole::Worker, NodeRole::Worker]);
        let mut cluster = Cluster::new(config);
        let random = cluster.sim().rng("tests/invariants");
        let watch = match cluster.handle(request(Method::Get, "/api/v1/pods?watch=true", "")).body {
            ResponseBody::Watch(watch) => watch,
            other => panic!("a watch, not {other:?}"),
        };
        let seen_revision = cluster.server().borrow().store().revision();
        World {
            cluster,
            random,
            seen_revision,
            places: BTreeMap::new(),
            generations: BTreeMap::new(),
            watch,
            watched: BTreeMap::new(),
            steady_was_available: false,
        }
    }

    fn send(&mut self, method: Method, path: &str, body: &str) {
        // A refusal is an answer like any other here.
        let _ = self.cluster.handle(request(method, path, body));
        self.check();
    }

    fn run(&mut self, pause: Duration) {
        let limit = self.cluster.sim().now() + pause;
        while self.cluster.step(limit) {
            self.check();
        }
        self.cluster.run_until(limit);
    }

    fn list(&self, kind: &'static Kind) -> Vec<Value> {
        let server = self.cluster.server().borrow();
        let resource = server.registry().resource(kind);
        server.store().list(resource, None).map(|stored| stored.object.clone()).collect()
    }

    fn check(&mut self) {
        if self.check_changes() {
            self.check_nodes();
            self.check_watch();
            self.check_steady();
        }
    }

    /// Revisions grow by one, generations never shrink, and no Pod moves. False if nothing is new.
    fn check_changes(&mut self) -> bool {
        let server = self.cluster.server().borrow();
        let pods = server.registry().resource(&kinds::core::pod::KIND);
        let before = self.seen_revision;
        for change in server.changes_since(before).expect("all is remembered") {
            assert_eq!(change.revision, self.seen_revision + 1);
            self.seen_revision = change.revision;
            let metadata = table::metadata(&change.object);
            assert_eq!(metadata.resource_version(), change.revision.to_string());
            let uid = metadata.uid().to_owned();
            let generation = self.generations.entry(uid.clone()).or_default();
            assert!(metadata.generation() >= *generation, "{} goes back", change.key);
            *generation = metadata.generation();
            let node = Pod::of(&change.object).spec().node_name();
            if change.resource == pods && !node.is_empty() {
                let place = self.places.entry(uid).or_insert_with(|| node.to_owned());
                assert_eq!(place, node, "Pod {} is on two nodes", change.key);
            }
        }
        self.seen_revision != before
    }

    /// No node has more than it can bear.
    fn check_nodes(&self) {
        let mut used: BTreeMap<String, (i64, i64)> = BTreeMap::new();
        for object in self.list(&kinds::core::pod::KIND) {
            let pod = Pod::of(&object);
            let is_over = matches!(pod.status().phase(), "Succeeded" | "Failed");
            if pod.spec().node_name().is_empty() || is_over {
                continue;
            }
            let of_container = |container: api::core::v1::Container<'_>| {
                container.resources().requests().get("cpu").map_or(0, |cpu| cpu.milli_value())
            };
            let cpu: i64 = pod.spec().containers().map(of_container).sum();
            let sums = used.entry(pod.spec().node_name().to_owned()).or_default();
            *sums = (sums.0 + 1, sums.1 + cpu);
        }
        for object in self.list(&kinds::core::node::KIND) {
            let node = Node::of(&object);
            let name = node.metadata().name();
            let (pods, cpu) = used.get(name).copied().unwrap_or_default();
            let allocatable = node.status().allocatable();
            let most = |resource| allocatable.get(resource).map_or(0, |a| a.milli_value());
            assert!(pods * 1_000 <= most("pods"), "{name} has {pods} Pods");
            assert!(cpu <= most("cpu"), "{name} has requests of {cpu}m");
        }
    }

    /// What a watch has told is what a list shows.
    fn check_watch(&mut self) {
        while let Some(event) = self.watch.try_next() {
            let metadata = table::metadata(&event.object);
            let key = format!("{}/{}", metadata.namespace(), metadata.name());
            match event.ty {
                "DELETED" => self.watched.remove(&key).map(|_| ()).expect("it was there"),
                "ADDED" => {
                    let before = self.watched.insert(key, event.object.clone());
                    assert!(before.is_none(), "added twice");
                }
                _ => {
                    let before = self.watched.insert(key, event.object.clone());
                    assert!(before.is_some(), "changed before it was added");
                }
            }
        }
        let listed = self.list(&kinds::core::pod::KIND);
        assert_eq!(listed.len(), self.watched.len());
        for pod in &listed {
            let metadata = table::metadata(pod);
            let key = format!("{}/{}", metadata.namespace(), metadata.name());
            let seen = table::metadata(&self.watched[&key]).resource_version();
            assert_eq!(seen, metadata.resource_version(), "{key}");
        }
    }

    /// A rolling update keeps its bounds: 4 replicas, at most 1 more, at most 1 missing.
    fn check_steady(&mut self) {
        let is_its = |pod: &Value| table::metadata(pod).labels().get("app") == Some(STEADY);
        let pods: Vec<Value> =
            self.list(&kinds::core::pod::KIND).into_iter().filter(is_its).collect();
        let is_there = |pod: &&Value| {
            table::metadata(pod).deletion_timestamp().is_none()
                && !matches!(Pod::of(pod).status().phase(), "Succeeded" | "Failed")
        };
        let is_ready = |pod: &&Value| {
            let mut conditions = Pod::of(pod).status().conditions();
            conditions.any(|c| c.type_() == "Ready" && c.status() == "True")
        };
        // The bound is one of what the ReplicaSets are told. A Pod of one that was just told to have
        // fewer can be there for a moment longer than the new one of another.
        let sets: Vec<Value> =
            self.list(&kinds::apps::replica_set::KIND).into_iter().filter(is_its).collect();
        let told: i64 =
            sets.iter().map(|set| set["spec"]["replicas"].as_i64().unwrap_or_default()).sum();
        let ready = pods.iter().filter(is_there).filter(is_ready).count();
        assert!(told <= 5, "{told} Pods are more than the surge allows");
        self.steady_was_available |= ready == 4;
        assert!(!self.steady_was_available || ready >= 3, "only {ready} Pods are available");
    }

    /// Once all is quiet, nothing belongs to an owner that is gone.
    fn check_owners(&self) {
        let server = self.cluster.server().borrow();
        let mut uids = std::collections::BTreeSet::new();
        let mut owned = Vec::new();
        for kind in server.registry().kinds().iter().filter(|kind| kind.conversion.is_none()) {
            let resource = server.registry().resource(kind);
            for stored in server.store().list(resource, None) {
                let metadata = table::metadata(&stored.object);
                uids.insert(metadata.uid().to_owned());
                for owner in metadata.owner_references() {
                    owned.push((metadata.name().to_owned(), owner.uid().to_owned()));
                }
            }
        }
        for (name, owner) in owned {
            assert!(uids.contains(&owner), "{name} belongs to nothing");
        }
    }

    fn pick<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.random.below(words.len() as u32) as usize]
    }

    fn input(&mut self) {
        let name = self.pick(&["a", "b", "c"]);
        let kind = self.pick(&["deployments", "statefulsets", "daemonsets", "replicasets"]);
        let collection = format!("/apis/apps/v1/namespaces/default/{kind}");
        let one = format!("{collection}/{name}");
        match self.random.below(10) {
            0..=3 => {
                let body = self.workload(kind, name);
                self.send(Method::Post, &collection, &body);
            }
            4 => {
                let replicas = self.random.below(9);
                let body = format!(r#"{{"spec":{{"replicas":{replicas}}}}}"#);
                self.send(Method::Patch, &one, &body);
            }
            5 => {
                let image = self.pick(&["nginx:1.24.0", "nginx:1.25.3", "nosuch:1"]);
                let body = template_patch(image);
                self.send(Method::Patch, &one, &body);
            }
            6 => {
                let policy = self.pick(&["Background", "Foreground", "Orphan"]);
                self.send(Method::Delete, &format!("{one}?propagationPolicy={policy}"), "");
            }
            7 => self.delete_some_pod(),
            8 => {
                let node = self.pick(&["kind-worker", "kind-worker2"]);
                let flag = self.pick(&["true", "false"]);
                let body = format!(r#"{{"spec":{{"unschedulable":{flag}}}}}"#);
                self.send(Method::Patch, &format!("/api/v1/nodes/{node}"), &body);
            }
            _ => {
                let body = job(name);
                self.send(Method::Post, "/apis/batch/v1/namespaces/default/jobs", &body);
            }
        }
    }

    fn delete_some_pod(&mut self) {
        let mut pods = self.list(&kinds::core::pod::KIND);
        pods.retain(|pod| table::metadata(pod).labels().get("app") != Some(STEADY));
        if !pods.is_empty() {
            let at = self.random.below(pods.len() as u32) as usize;
            let name = table::metadata(&pods[at]).name().to_owned();
            let grace = self.pick(&["", "?gracePeriodSeconds=0"]);
            let path = format!("/api/v1/namespaces/default/pods/{name}{grace}");
            self.send(Method::Delete, &path, "");
        }
    }

    fn workload(&mut self, kind: &str, name: &str) -> String {
        let word = match kind {
            "deployments" => "Deployment",
            "statefulsets" => "StatefulSet",
            "daemonsets" => "DaemonSet",
            _ => "ReplicaSet",
        };
        let replicas = match kind {
            "daemonsets" => String::new(),
            _ => format!(r#""replicas":{},"#, self.random.below(7)),
        };
        let cpu = self.pick(&["50m", "300m", "900m"]);
        let label = format!("{name}-{kind}");
        format!(
            r#"{{"apiVersion":"apps/v1","kind":"{word}","metadata":{{"name":"{name}"}},"spec":{{
            {replicas}"selector":{{"matchLabels":{{"app":"{label}"}}}},"template":{{"metadata":
            {{"labels":{{"app":"{label}"}}}},"spec":{{"containers":[{{"name":"c","image":
            "nginx:1.25.3","resources":{{"requests":{{"cpu":"{cpu}"}}}}}}]}}}}}}}}"#
        )
    }
}

fn template_patch(image: &str) -> String {
    format!(
        r#"{{"spec":{{"template":{{"spec":{{"containers":[{{"name":"c","image":"{image}"}}]}}}}}}}}"#
    )
}

fn job(name: &str) -> String {
    format!(
        r#"{{"apiVersion":"batch/v1","kind":"Job","metadata":{{"name":"{name}"}},"spec":{{
        "completions":3,"parallelism":2,"template":{{"spec":{{"restartPolicy":"Never",
        "containers":[{{"name":"c","image":"busybox:1.36","command":["true"]}}]}}}}}}}}"#
    )
}

fn request(method: Method, path: &str, body: &str) -> HttpRequest {
    let content_type = match method {
        Method::Patch => "application/strategic-merge-patch+json",
        _ => "application/json",
    };
    HttpRequest {
        method,
        path: path.into(),
        body: if body.is_empty() { Body::None } else { Body::Bytes(body.as_bytes().into()) },
        content_type: content_type.into(),
        accept: "application/json".into(),
        credentials: User::new("kubernetes-admin", &["system:masters", "system:authenticated"])
            .into(),
        user_agent: Text::from("tests/v0"),
        cause: Cause::Setup,
    }
}

fn steady() -> String {
    format!(
        r#"{{"apiVersion":"apps/v1","kind":"Deployment","metadata":{{"name":"{STEADY}"}},"spec":{{
        "replicas":4,"strategy":{{"rollingUpdate":{{"maxSurge":1,"maxUnavailable":1}}}},
        "selector":{{"matchLabels":{{"app":"{STEADY}"}}}},"template":{{"metadata":{{"labels":
        {{"app":"{STEADY}"}}}},"spec":{{"containers":[{{"name":"c","image":"nginx:1.25.3"}}]}}}}}}}}"#
    )
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 12,
        // A failure prints its seed; nothing is written.
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn hold_after_every_event(seed in any::<u64>()) {
        let mut world = World::new(seed);
        let deployments = "/apis/apps/v1/namespaces/default/deployments";
        world.send(Method::Post, deployments, &steady());
        for _ in 0..INPUTS {
            world.input();
            if world.random.below(3) == 0 {
                let image = world.pick(&["nginx:1.24.0", "nginx:1.25.3", "nosuch:1"]);
                let path = format!("{deployments}/{STEADY}");
                world.send(Method::Patch, &path, &template_patch(image));
            }
            let pause = Duration::from_millis(world.random.below(12_000).into());
            world.run(pause);
        }
        world.run(Duration::from_secs(120));
        world.check_owners();
        assert!(!world.watched.values().any(|pod| pod.get(&names::METADATA).is_null()));
    }
}
