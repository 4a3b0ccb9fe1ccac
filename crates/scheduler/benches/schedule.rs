//! How many Pods a second the scheduler places, the API server's part included: the replicas of
//! one Deployment on clusters of 100, 1,000 and 5,000 nodes.

#![allow(missing_docs)] // The macro of the benchmark makes a function without any.

use api::{Value, list, object};
use apiserver::store::StoreLimits;
use apiserver::{ApiServer, User};
use client::{Client, Component};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use kinds::apps::replica_set;
use kinds::core::{namespace, node, pod, service_account};
use scheduler::Scheduler;
use sim::{Sim, Time};
use std::cell::RefCell;
use std::hint::black_box;
use std::rc::Rc;

const PODS: u64 = 1_000;
/// Nodes are in so many zones.
const ZONES: usize = 3;

struct Cluster {
    sim: Sim,
    server: Rc<RefCell<ApiServer>>,
    scheduler: Scheduler,
    seen: u64,
}

impl Cluster {
    /// A cluster with `nodes` nodes and the Pods of a ReplicaSet that wait.
    fn new(nodes: usize, spec: &Value) -> Cluster {
        let sim = Sim::new(1, Time::from_seconds(1_795_000_000));
        let limits = StoreLimits::default();
        let server = Rc::new(RefCell::new(ApiServer::new(&sim, limits)));
        let admin = User::new("kubernetes-admin", &["system:masters"]);
        let client = Client::new(&server, admin, "bench");
        let create = |kind, object| client.create(kind, object).expect("it is created");
        create(&namespace::KIND, object! { "metadata": object! { "name": "default" } });
        create(
            &service_account::KIND,
            object! { "metadata": object! { "name": "default", "namespace": "default" } },
        );
        for i in 0..nodes {
            let name = format!("node-{i}");
            let mut created = create(
                &node::KIND,
                object! { "metadata": object! { "name": name.clone(), "labels": object! {
                    "kubernetes.io/hostname": name,
                    "topology.kubernetes.io/zone": format!("zone-{}", i % ZONES),
                } } },
            );
            let allocatable = object! { "cpu": "64", "memory": "256Gi", "pods": "110" };
            created.make_map().insert("status", object! { "allocatable": allocatable });
            client.update_status(&node::KIND, created).expect("it is updated");
        }
        let labels = object! { "app": "web" };
        let template = object! { "metadata": object! { "labels": &labels }, "spec": spec };
        let set = create(
            &replica_set::KIND,
            object! {
                "metadata": object! { "name": "web", "namespace": "default" },
                "spec": object! {
                    "replicas": PODS as i64,
                    "selector": object! { "matchLabels": &labels },
                    "template": template,
                },
            },
        );
        let owner = client::controller_reference(&replica_set::KIND, &set);
        let pod = object! {
            "metadata": object! {
                "generateName": "web-",
                "namespace": "default",
                "labels": &set["spec"]["template"]["metadata"]["labels"],
                "ownerReferences": list![owner],
            },
            "spec": &set["spec"]["template"]["spec"],
        };
        for _ in 0..PODS {
            create(&pod::KIND, pod.clone());
        }
        let scheduler = Scheduler::new(&server, &sim);
        let seen = server.borrow().store().revision();
        Cluster { sim, server, scheduler, seen }
    }

    /// Lets the scheduler work until no Pod waits.
    fn run(&mut self) {
        while let Some(at) = self.scheduler.next_wake() {
            self.sim.advance_to(at);
            self.scheduler.wake();
            let server = self.server.clone();
            let server = server.borrow();
            let changes = server.changes_since(self.seen).expect("it is remembered");
            for change in changes {
                self.seen = change.revision;
                self.scheduler.observe(change);
            }
        }
        assert!(self.scheduler.pending().is_empty(), "all Pods fit");
    }
}

fn plain() -> Value {
    let requests = object! { "cpu": "100m", "memory": "64Mi" };
    object! { "containers": list![object! {
        "name": "web",
        "image": "nginx:1.25.3",
        "resources": object! { "requests": requests },
    }] }
}

/// Spread over zones and nodes by constraints, at most so many Pods of the set a node.
fn constrained() -> Value {
    let selector = object! { "matchLabels": object! { "app": "web" } };
    let constraint = |key: &'static str, skew: i64| {
        object! {
            "maxSkew": skew,
            "topologyKey": key,
            "whenUnsatisfiable": "DoNotSchedule",
            "labelSelector": &selector,
        }
    };
    let near = object! { "weight": 10, "podAffinityTerm": object! {
        "labelSelector": &selector,
        "topologyKey": "topology.kubernetes.io/zone",
    } };
    let mut spec = plain();
    spec.make_map().insert(
        "topologySpreadConstraints",
        list![
            constraint("topology.kubernetes.io/zone", 5),
            constraint("kubernetes.io/hostname", 20)
        ],
    );
    spec.make_map().insert(
        "affinity",
        object! { "podAffinity": object! {
            "preferredDuringSchedulingIgnoredDuringExecution": list![near],
        } },
    );
    spec
}

fn schedule(criterion: &mut Criterion) {
    for (name, spec) in [("plain", plain()), ("constrained", constrained())] {
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Elements(PODS)).sample_size(10);
        for nodes in [100, 1_000, 5_000] {
            group.bench_function(format!("{nodes} nodes"), |bencher| {
                bencher.iter_batched(
                    || Cluster::new(nodes, &spec),
                    |mut cluster| {
                        cluster.run();
                        black_box(cluster)
                    },
                    BatchSize::PerIteration,
                );
            });
        }
        group.finish();
    }
}

criterion_group!(benches, schedule);
criterion_main!(benches);
