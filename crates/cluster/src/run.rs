//! The cluster and its loop.

use crate::bootstrap;
use crate::config::ClusterConfig;
use crate::node_proxy::KubeletProxy;
use apiserver::store::{Change, ObjectKey, ResourceId, StoreLimits};
use apiserver::{ApiServer, HttpRequest, Response};
use client::Component;
use kinds::Kind;
use kubelet::{Kubelets, PodNetwork};
use network::Network;
use scheduler::Scheduler;
use sim::{Duration, Sim, Time};
use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

/// How long a change takes to reach those who watch for it: a watch event on one machine.
const WATCH_LATENCY: Duration = Duration::from_micros(800);
/// How long before it is ready a cluster is switched on.
const BOOT: Duration = Duration::from_secs(30);

/// A change on its way to those who watch for it.
struct Delivery {
    at: Time,
    change: Rc<Change>,
}

/// What the loop does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Deliver,
    Wake(usize),
    Task,
}

/// Something that is to happen at some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pending {
    /// When.
    pub at: Time,
}

/// A whole cluster on its own virtual time.
pub struct Cluster {
    sim: Sim,
    server: Rc<RefCell<ApiServer>>,
    components: Vec<Box<dyn Component>>,
    kubelets: Rc<RefCell<Kubelets>>,
    network: Network,
    /// The components that are told of changes of each resource.
    subscribers: Vec<Vec<usize>>,
    deliveries: VecDeque<Delivery>,
    last_writes: BTreeMap<ResourceId, Time>,
    config: ClusterConfig,
}

/// Kubelets are driven by the loop and asked by the API server.
struct SharedKubelets(Rc<RefCell<Kubelets>>);

impl Component for SharedKubelets {
    fn name(&self) -> &'static str {
        self.0.borrow().name()
    }
    fn interests(&self) -> Vec<&'static Kind> {
        self.0.borrow().interests()
    }
    fn observe(&mut self, change: &Change) {
        self.0.borrow_mut().observe(change);
    }
    fn next_wake(&self) -> Option<Time> {
        self.0.borrow().next_wake()
    }
    fn wake(&mut self) {
        self.0.borrow_mut().wake();
    }
}

/// The leases of Events, which the API server cannot end without being woken.
struct EventLeases(Rc<RefCell<ApiServer>>);

impl Component for EventLeases {
    fn name(&self) -> &'static str {
        "etcd"
    }
    fn interests(&self) -> Vec<&'static Kind> {
        Vec::new()
    }
    fn observe(&mut self, _: &Change) {}
    fn next_wake(&self) -> Option<Time> {
        self.0.borrow().next_event_expiry()
    }
    fn wake(&mut self) {
        self.0.borrow_mut().forget_expired_events();
    }
}

impl Cluster {
    /// A cluster that is ready for use at the instant that its configuration says.
    pub fn new(config: ClusterConfig) -> Cluster {
        Cluster::with_limits(config, StoreLimits::default())
    }

    /// The same, with other limits of memory.
    pub fn with_limits(config: ClusterConfig, limits: StoreLimits) -> Cluster {
        let booted = config.ready_at - BOOT;
        let sim = Sim::new(config.seed, booted);
        let server = Rc::new(RefCell::new(ApiServer::new(&sim, limits)));
        server.borrow_mut().keep_changes();
        server.borrow_mut().set_build(config.profile.facts().build);
        bootstrap::create_system_objects(&server, &config);
        let prints_server_logs = config.profile.facts().prints_server_logs;
        let network = Network::new(&server, &sim, config.port_mappings.clone());
        let kubelets = Kubelets::new(&server, &sim, &network, prints_server_logs);
        let kubelets = Rc::new(RefCell::new(kubelets));
        network.set_pods(Rc::new(PodNetwork(kubelets.clone())));
        server.borrow_mut().set_node_proxy(Rc::new(KubeletProxy(kubelets.clone())));
        let mut components = controllers::all(&server, &sim);
        let scheduler = Scheduler::new(&server, &sim).on_host(&config.control_plane());
        components.push(Box::new(scheduler));
        components.push(Box::new(SharedKubelets(kubelets.clone())));
        components.push(Box::new(EventLeases(server.clone())));
        let subscribers = subscribers(&server.borrow(), &components);
        let mut cluster = Cluster {
            sim,
            server,
            components,
            kubelets,
            network,
            subscribers,
            deliveries: VecDeque::new(),
            last_writes: BTreeMap::new(),
            config,
        };
        for node in bootstrap::node_configs(&cluster.config, booted) {
            cluster.kubelets.borrow_mut().add_node(node);
        }
        cluster.collect_changes();
        cluster.run_until(cluster.config.ready_at);
        cluster
    }

    /// What the cluster was made from.
    pub fn config(&self) -> &ClusterConfig {
        &self.config
    }

    /// The virtual time of the cluster and of everything that runs beside it.
    pub fn sim(&self) -> &Sim {
        &self.sim
    }

    /// The API server.
    pub fn server(&self) -> &Rc<RefCell<ApiServer>> {
        &self.server
    }

    /// The network of the cluster and of the learner's machine.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// The kubelets.
    pub fn kubelets(&self) -> &Rc<RefCell<Kubelets>> {
        &self.kubelets
    }

    /// Stops the kubelet of a node or starts it again; false if there is no such node.
    pub fn set_kubelet_running(&mut self, node: &str, runs: bool) -> bool {
        let found = self.kubelets.borrow_mut().set_running(node, runs);
        self.collect_changes();
        found
    }

    /// Answers a request of somebody outside, at the present instant.
    pub fn handle(&mut self, request: HttpRequest) -> Response {
        let response = self.server.borrow_mut().handle_http(request);
        self.collect_changes();
        response
    }

    /// When something of these kinds was last written.
    pub fn last_write(&self, kinds: &[&'static Kind]) -> Option<Time> {
        let server = self.server.borrow();
        let times = kinds.iter().map(|kind| server.registry().resource(kind));
        times.filter_map(|resource| self.last_writes.get(&resource).copied()).max()
    }

    /// When the next thing happens, if anything ever does without input.
    pub fn next_time(&self) -> Option<Time> {
        self.next().map(|(at, _)| at)
    }

    fn next(&self) -> Option<(Time, Next)> {
        let delivery = self.deliveries.front().map(|delivery| (delivery.at, Next::Deliver));
        let task = self.sim.next_time().map(|at| (at, Next::Task));
        let now = self.sim.now();
        let mut best: Option<(Time, Next)> = delivery;
        let mut consider = |candidate: Option<(Time, Next)>| {
            if let Some((at, next)) = candidate
                && best.is_none_or(|(earliest, _)| at.max(now) < earliest.max(now))
            {
                best = Some((at, next));
            }
        };
        for (index, component) in self.components.iter().enumerate() {
            consider(component.next_wake().map(|at| (at, Next::Wake(index))));
        }
        consider(task);
        best.map(|(at, next)| (at.max(now), next))
    }

    /// Lets the next thing happen, if it is due by `limit`; false if nothing is.
    pub fn step(&mut self, limit: Time) -> bool {
        let Some((at, next)) = self.next() else {
            return false;
        };
        if at > limit {
            return false;
        }
        match next {
            Next::Deliver => {
                self.sim.advance_to(at);
                self.deliver();
            }
            Next::Wake(index) => {
                self.sim.advance_to(at);
                self.components[index].wake();
            }
            Next::Task => {
                self.sim.next(at);
            }
        }
        self.collect_changes();
        true
    }

    /// Lets everything happen that is due by `limit`, then moves the clock there.
    pub fn run_until(&mut self, limit: Time) {
        while self.step(limit) {}
        self.sim.advance_to(limit);
    }

    fn deliver(&mut self) {
        let Some(delivery) = self.deliveries.pop_front() else {
            return;
        };
        let change = delivery.change;
        for &index in &self.subscribers[usize::from(change.resource.0)] {
            self.components[index].observe(&change);
        }
    }

    /// Sends what has been written on its way to those who watch for it.
    fn collect_changes(&mut self) {
        let at = self.sim.now() + WATCH_LATENCY;
        for change in self.server.borrow_mut().take_changes() {
            self.last_writes.insert(change.resource, change.origin.time);
            if !self.subscribers[usize::from(change.resource.0)].is_empty() {
                self.deliveries.push_back(Delivery { at, change });
            }
        }
    }

    /// The key of an object by namespace and name, for those who look at the store.
    pub fn key(namespace: &str, name: &str) -> ObjectKey {
        ObjectKey::new(namespace, name)
    }
}

fn subscribers(server: &ApiServer, components: &[Box<dyn Component>]) -> Vec<Vec<usize>> {
    let registry = server.registry();
    let count = registry.kinds().iter().map(|kind| registry.resource(kind).0).max();
    let mut table = vec![Vec::new(); count.map_or(0, |last| usize::from(last) + 1)];
    for (index, component) in components.iter().enumerate() {
        for kind in component.interests() {
            let list: &mut Vec<usize> = &mut table[usize::from(registry.resource(kind).0)];
            if !list.contains(&index) {
                list.push(index);
            }
        }
    }
    table
}
