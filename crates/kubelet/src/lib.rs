//! The kubelets of all nodes, each with its container runtime.
//!
//! Models `k8s.io/kubernetes/pkg/kubelet` as far as its effects can be seen at the API server: the
//! status of a Pod is published at the beginning of each look at it, the runtime is asked for
//! changes once a second, failures are tried again after ten seconds and more. Those habits make
//! the STATUS column what it is.
//!
//! Containers that only serve requests are described, not run; all others are processes of a
//! `shell::Machine`.

mod backoff;
mod container;
mod dial;
mod environment;
mod exec;
mod heartbeat;
mod image_manager;
mod kill;
mod latency;
mod logs;
mod mirror;
mod node;
mod pod;
mod probe;
mod progress;
mod start;
mod status;
mod sync;
mod volumes;

pub use container::LogLine;
pub use dial::PodNetwork;
pub use logs::{LogOptions, LogSource};
pub use node::{NodeConfig, Pulls};
pub use progress::Progress;

use crate::node::Node;
use api::core::v1::Pod;
use api::{View, names};
use apiserver::store::{Change, ChangeType};
use apiserver::{ApiServer, User};
use client::{Client, Component, EventRecorder, EventSource, WorkQueue};
use images::Catalogue;
use kinds::Kind;
use kinds::core::pod as pod_kind;
use network::Network;
use sim::{Cause, Rng, Sim, Time};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// What a kubelet has to do at some time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Work {
    /// Look at a Pod, named by its uid.
    Pod(Rc<str>),
    /// Run a probe.
    Probe(probe::Key),
    /// Renew the node's lease.
    Lease,
    /// Report the node's status.
    NodeStatus,
}

/// The end of a process, noted by the task that waited for it.
#[derive(Clone, Debug)]
pub(crate) struct Ended {
    pub(crate) node: usize,
    pub(crate) pod: Rc<str>,
    pub(crate) container_id: String,
    pub(crate) code: i32,
    pub(crate) out_of_memory: bool,
}

/// What all kubelets share.
pub(crate) struct Shared {
    pub(crate) sim: Sim,
    pub(crate) client: Client,
    pub(crate) catalogue: Catalogue,
    pub(crate) rng: Rng,
    pub(crate) ids: Rng,
    pub(crate) queue: WorkQueue<(usize, Work)>,
    pub(crate) ended: Rc<RefCell<Vec<Ended>>>,
    pub(crate) probes_done: Rc<RefCell<Vec<probe::Done>>>,
    pub(crate) network: Network,
    /// The variables that name Services, as the last container got them: most get the same.
    pub(crate) last_links: RefCell<Rc<pod::EnvironmentMap>>,
    pub(crate) prints_server_logs: bool,
}

/// All kubelets of a cluster.
pub struct Kubelets {
    shared: Shared,
    nodes: Vec<Node>,
    by_name: BTreeMap<Rc<str>, usize>,
    server: Rc<RefCell<ApiServer>>,
}

impl Kubelets {
    /// No kubelets yet.
    pub fn new(
        server: &Rc<RefCell<ApiServer>>,
        sim: &Sim,
        network: &Network,
        prints_server_logs: bool,
    ) -> Kubelets {
        let user = User::new("system:nodes", &["system:nodes", "system:authenticated"]);
        Kubelets {
            shared: Shared {
                client: Client::new(server, user, "kubelet"),
                catalogue: Catalogue::new(),
                rng: sim.rng("kubelet/latency"),
                ids: sim.rng("kubelet/ids"),
                queue: WorkQueue::default(),
                ended: Rc::default(),
                probes_done: Rc::default(),
                network: network.clone(),
                last_links: RefCell::default(),
                sim: sim.clone(),
                prints_server_logs,
            },
            nodes: Vec::new(),
            by_name: BTreeMap::new(),
            server: server.clone(),
        }
    }

    /// Switches a machine on: its kubelet registers the node.
    pub fn add_node(&mut self, config: NodeConfig) {
        let index = self.nodes.len();
        let name: Rc<str> = config.name.as_str().into();
        let user =
            User::new(format!("system:node:{name}"), &["system:nodes", "system:authenticated"]);
        let client = Client::new(&self.server, user, "kubelet");
        let source =
            EventSource { component: "kubelet".into(), host: api::Text::from(name.clone()) };
        let recorder = EventRecorder::new(client, &self.shared.sim, source);
        let mut node = Node::new(index, config, recorder, &mut self.shared);
        node.register(&mut self.shared);
        self.nodes.push(node);
        self.by_name.insert(name, index);
    }

    /// Stops the kubelet of a node, whose containers go on, or starts it again. False if there is
    /// no such node.
    pub fn set_running(&mut self, name: &str, runs: bool) -> bool {
        let Some(&index) = self.by_name.get(name) else {
            return false;
        };
        let node = &mut self.nodes[index];
        if node.is_stopped == runs {
            node.is_stopped = !runs;
            if runs {
                let pods: Vec<_> = self.server.borrow().pods_on_node(name).cloned().collect();
                node.resume(&pods, &mut self.shared);
            }
        }
        true
    }

    fn note_ended_processes(&mut self) {
        let ended = std::mem::take(&mut *self.shared.ended.borrow_mut());
        for end in ended {
            if let Some(node) = self.nodes.get_mut(end.node) {
                node.process_ended(&end, &mut self.shared);
            }
        }
        let done = std::mem::take(&mut *self.shared.probes_done.borrow_mut());
        for one in done {
            if let Some(node) = self.nodes.get_mut(one.node).filter(|node| !node.is_stopped) {
                node.probe_done(one, &mut self.shared);
            }
        }
    }
}

impl Component for Kubelets {
    fn name(&self) -> &'static str {
        "kubelet"
    }

    fn interests(&self) -> Vec<&'static Kind> {
        vec![&pod_kind::KIND]
    }

    fn observe(&mut self, change: &Change) {
        let node_name = Pod::of(&change.object).spec().node_name();
        if node_name.is_empty() {
            return;
        }
        let Some(index) = self.by_name.get(node_name).copied() else {
            return;
        };
        let Kubelets { nodes, shared, .. } = self;
        // A kubelet that does not run reads everything when it starts.
        if nodes[index].is_stopped {
            return;
        }
        let cause = Cause::Write(change.revision);
        match change.ty {
            ChangeType::Deleted => nodes[index].pod_removed(&change.object, cause, shared),
            _ => nodes[index].pod_changed(&change.object, cause, shared),
        }
    }

    fn next_wake(&self) -> Option<Time> {
        let has_news = |shared: &Shared| {
            !shared.ended.borrow().is_empty() || !shared.probes_done.borrow().is_empty()
        };
        if has_news(&self.shared) {
            return Some(self.shared.sim.now());
        }
        self.shared.queue.next_time()
    }

    fn wake(&mut self) {
        self.note_ended_processes();
        let now = self.shared.sim.now();
        let Some(((index, work), cause)) = self.shared.queue.pop(now) else {
            return;
        };
        let Some(node) = self.nodes.get_mut(index) else {
            return;
        };
        self.shared.client.set_cause(cause);
        node.recorder_cause(cause);
        match work {
            Work::Pod(_) | Work::Probe(_) if node.is_stopped => {}
            Work::Probe(key) => node.run_probe(&key, &mut self.shared),
            Work::Pod(uid) => node.look_at_pod(&uid, &mut self.shared),
            Work::Lease => node.renew_lease(&mut self.shared),
            Work::NodeStatus => node.report_status(&mut self.shared),
        }
    }
}

/// The uid by which a kubelet knows a Pod: that of the object, or of what it mirrors.
pub(crate) fn uid_of(object: &api::Value) -> Rc<str> {
    if let Some(uid) = mirror::static_uid(object) {
        return uid.into();
    }
    match object.get(&names::METADATA).get(&names::UID) {
        api::Value::Str(api::Text::Shared(uid)) => uid.clone(),
        other => other.as_str().unwrap_or_default().into(),
    }
}

/// The full names of all images of the catalogue, with every tag.
pub fn catalogue_images() -> Vec<String> {
    let catalogue = Catalogue::new();
    let images = catalogue.images().iter();
    images.flat_map(|i| i.tags.iter().map(|tag| format!("{}:{tag}", i.repository))).collect()
}
