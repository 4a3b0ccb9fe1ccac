//! A cluster that consists of an API server and a scheduler.

use crate::Scheduler;
use api::{Value, names, object};
use apiserver::store::{ObjectKey, StoreLimits};
use apiserver::{ApiServer, PatchType, User};
use client::{Client, Component, DeleteOptions};
use kinds::Kind;
use kinds::core::{event, namespace, node, pod, service_account};
use kinds::scheduling::priority_class;
use sim::{Duration, Sim, Time};
use std::cell::RefCell;
use std::rc::Rc;

/// Begins on a full second, long after the epoch.
const START: Time = Time::from_seconds(1_795_000_000);

/// A server, a scheduler, and somebody who uses them.
pub(crate) struct Cluster {
    pub(crate) sim: Sim,
    pub(crate) server: Rc<RefCell<ApiServer>>,
    pub(crate) user: Client,
    pub(crate) scheduler: Scheduler,
    seen: u64,
}

impl Cluster {
    /// A cluster without nodes.
    pub(crate) fn new() -> Cluster {
        let sim = Sim::new(1, START);
        let server = Rc::new(RefCell::new(ApiServer::new(&sim, StoreLimits::default())));
        let admin = User::new("kubernetes-admin", &["system:masters"]);
        let user = Client::new(&server, admin, "kubectl");
        let metadata = object! { "metadata": object! { "name": "default" } };
        user.create(&namespace::KIND, metadata).expect("a namespace");
        let account = object! {
            "metadata": object! { "name": "default", "namespace": "default" }
        };
        user.create(&service_account::KIND, account).expect("a service account");
        let class = object! {
            "metadata": object! { "name": "system-cluster-critical" },
            "value": 2_000_000_000,
        };
        user.create(&priority_class::KIND, class).expect("a priority class");
        let scheduler = Scheduler::new(&server, &sim);
        let seen = server.borrow().store().revision();
        Cluster { sim, server, user, scheduler, seen }
    }

    /// Adds a node with 2 CPUs, 8 GiB and the labels and the taints given as YAML.
    pub(crate) fn add_node(&mut self, name: &str, yaml: &str) {
        let mut document = api::yaml::parse(yaml).expect("YAML");
        document.update(&names::METADATA, |metadata| {
            metadata.make_map().insert(&names::NAME, name.to_owned());
            metadata.update(&names::LABELS, |labels| {
                labels.set_default(&"kubernetes.io/hostname".into(), name.to_owned());
            });
        });
        document.update(&names::STATUS, |status| {
            let allocatable = object! { "cpu": "2", "memory": "8Gi", "pods": "110" };
            status.set_default(&names::ALLOCATABLE, allocatable);
        });
        let status = document.get(&names::STATUS).clone();
        let mut created = self.user.create(&node::KIND, document).expect("a node");
        created.make_map().insert(&names::STATUS, status);
        self.user.update_status(&node::KIND, created).expect("a status");
        self.settle();
    }

    /// Creates a Pod in `default`, from the YAML of its spec; containers need not be complete.
    pub(crate) fn add_pod(&mut self, name: &str, spec: &str) {
        self.add_pod_with(name, "{}", spec);
    }

    /// The same with metadata.
    pub(crate) fn add_pod_with(&mut self, name: &str, metadata: &str, spec: &str) {
        let mut metadata = api::yaml::parse(metadata).expect("YAML");
        metadata.make_map().insert(&names::NAME, name.to_owned());
        metadata.make_map().insert(&names::NAMESPACE, "default");
        let mut spec = api::yaml::parse(spec).expect("YAML");
        spec.set_default(&names::CONTAINERS, api::list![Value::EMPTY_MAP]);
        spec.update(&names::CONTAINERS, |containers| {
            containers.update_items(|container| {
                container.set_default(&names::NAME, "c");
                container.set_default(&names::IMAGE, "nginx:1.25.3");
            });
        });
        let pod = object! { "metadata": metadata, "spec": spec };
        self.user.create(&pod::KIND, pod).expect("a Pod");
        self.settle();
    }

    /// A Pod that asks for CPU.
    pub(crate) fn add_pod_of(&mut self, name: &str, cpu: &str) {
        let spec = format!("containers: [{{resources: {{requests: {{cpu: {cpu}}}}}}}]");
        self.add_pod(name, &spec);
    }

    /// Changes an object by a patch in YAML.
    pub(crate) fn patch(&mut self, kind: &'static Kind, name: &str, yaml: &str) {
        let namespace = if kind.is_namespaced { "default" } else { "" };
        let patch = api::yaml::parse(yaml).expect("YAML");
        let key = ObjectKey::new(namespace, name);
        self.user
            .patch(kind, &key, "", PatchType::Strategic, patch)
            .expect("the patch is accepted");
        self.settle();
    }

    /// Deletes an object at once.
    pub(crate) fn delete(&mut self, kind: &'static Kind, name: &str) {
        let namespace = if kind.is_namespaced { "default" } else { "" };
        let key = ObjectKey::new(namespace, name);
        let options = DeleteOptions { grace_period_seconds: Some(0), propagation: None };
        self.user.delete(kind, &key, "", options).expect("the object is deleted");
        self.settle();
    }

    /// Lets a little time pass, in which the scheduler does what it can do at once.
    pub(crate) fn settle(&mut self) {
        self.run(Duration::from_millis(20));
    }

    /// Lets time pass.
    pub(crate) fn run(&mut self, time: Duration) {
        let end = self.sim.now() + time;
        loop {
            self.tell();
            match self.scheduler.next_wake() {
                Some(at) if at <= end => {
                    self.sim.advance_to(at);
                    self.scheduler.wake();
                }
                _ => break,
            }
        }
        self.sim.advance_to(end);
        self.tell();
    }

    /// Tells the scheduler of what has changed.
    pub(crate) fn tell(&mut self) {
        let changes: Vec<_> = {
            let server = self.server.borrow();
            let changes = server.changes_since(self.seen).expect("remembered");
            changes.cloned().collect()
        };
        for change in changes {
            self.seen = change.revision;
            self.scheduler.observe(&change);
        }
    }

    /// A Pod as it is.
    pub(crate) fn pod(&self, name: &str) -> Value {
        let found = self.user.get(&pod::KIND, "default", name);
        found.expect("the Pod exists")
    }

    /// The node of a Pod; empty if it has none.
    pub(crate) fn node_of(&self, name: &str) -> String {
        let pod = self.pod(name);
        pod["spec"]["nodeName"].as_str().unwrap_or_default().to_owned()
    }

    /// The events about an object, oldest first: reason and message.
    pub(crate) fn events(&self, name: &str) -> Vec<Value> {
        let mut events = self.user.list(&event::KIND, Some("default"));
        events.retain(|event| event["involvedObject"]["name"] == *name);
        events.sort_by_key(|event| event["eventTime"].as_str().unwrap_or_default().to_owned());
        events
    }

    /// The messages of these events.
    pub(crate) fn messages(&self, name: &str) -> Vec<String> {
        let events = self.events(name);
        let message = |event: &Value| event["message"].as_str().unwrap_or_default().to_owned();
        events.iter().map(message).collect()
    }

    /// The last message about an object.
    pub(crate) fn last_message(&self, name: &str) -> String {
        self.messages(name).pop().unwrap_or_default()
    }
}
