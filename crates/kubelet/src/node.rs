//! A node: its configuration, its Pods, its addresses.

use crate::image_manager::ImageStore;
use crate::latency::{POD_UPDATE, RELIST_PERIOD, VARIATION_PERCENT, WRITE_STATUS};
use crate::pod::{PodWorker, Step};
use crate::{Ended, Shared, Work, mirror, probe, uid_of};
use api::{Text, Value, list, names, object};
use client::EventRecorder;
use kinds::table;
use sim::{Cause, Duration, Time};
use std::collections::BTreeMap;
use std::rc::Rc;

/// How long pulls take on a node.
#[derive(Clone, Debug)]
pub enum Pulls {
    /// The same for every image: (a first pull, a check of an image that is present).
    Fixed(Duration, Duration),
    /// By the size of the image, at this many bytes a second.
    BySize(u64),
}

/// What a machine is before its kubelet starts.
#[derive(Clone, Debug)]
pub struct NodeConfig {
    /// Its name.
    pub name: String,
    /// Its address on the network of nodes.
    pub internal_ip: String,
    /// The network its Pods live in, `10.244.1.0/24`.
    pub pod_cidr: String,
    /// Its labels, besides those that every node gets.
    pub labels: Vec<(String, String)>,
    /// Its taints, as documents.
    pub taints: Vec<Value>,
    /// What it has, by resource.
    pub capacity: Vec<(String, String)>,
    /// What of it Pods may use, by resource.
    pub allocatable: Vec<(String, String)>,
    /// `status.nodeInfo`
    pub node_info: Value,
    /// The images that are on it from the start, in full.
    pub images: Vec<String>,
    /// How long pulls take.
    pub pulls: Pulls,
    /// The Pods in its directory of manifests.
    pub static_pods: Vec<Value>,
    /// When it was switched on; in the past for nodes that a cluster starts with.
    pub booted: Time,
}

/// A node as its kubelet sees it.
pub(crate) struct Node {
    pub(crate) index: usize,
    pub(crate) config: NodeConfig,
    pub(crate) recorder: EventRecorder,
    pub(crate) images: ImageStore,
    pub(crate) workers: BTreeMap<Rc<str>, PodWorker>,
    /// When the relist ticks, within each second.
    relist_phase: Time,
    next_ip: u32,
    /// `hostIP` and `hostIPs` of its Pods.
    pub(crate) host_ips: (Text, Value),
    /// Renewed every ten seconds; kept so that it need not be read again.
    pub(crate) lease: Value,
    pub(crate) is_stopped: bool,
    /// Until when the status manager is busy with another Pod.
    status_busy_until: Time,
}

impl Node {
    pub(crate) fn new(
        index: usize,
        config: NodeConfig,
        recorder: EventRecorder,
        shared: &mut Shared,
    ) -> Node {
        let phase = shared.rng.below(1_000);
        let host_ip = Text::from(config.internal_ip.clone());
        Node {
            index,
            images: ImageStore::new(&config.images),
            config,
            recorder,
            workers: BTreeMap::new(),
            relist_phase: Time::from_nanos(u64::from(phase) * 1_000_000),
            next_ip: 2,
            host_ips: (host_ip.clone(), list![object! { "ip": host_ip }]),
            lease: Value::Null,
            is_stopped: false,
            status_busy_until: Time::EPOCH,
        }
    }

    pub(crate) fn recorder_cause(&mut self, cause: Cause) {
        self.recorder.set_cause(cause);
    }

    /// A duration, varied as on a real machine.
    pub(crate) fn varied(shared: &mut Shared, middle: Duration) -> Duration {
        shared.rng.around(middle, VARIATION_PERCENT)
    }

    /// When the kubelet notices what happens now.
    pub(crate) fn next_relist(&self, now: Time) -> Time {
        (now + Duration::from_nanos(1)).next_tick(self.relist_phase, RELIST_PERIOD)
    }

    pub(crate) fn schedule(&self, shared: &mut Shared, at: Time, uid: &Rc<str>, cause: Cause) {
        shared.queue.add_at(at, (self.index, Work::Pod(uid.clone())), cause);
    }

    /// The API server has a Pod for this node, or has changed one.
    pub(crate) fn pod_changed(&mut self, object: &Value, cause: Cause, shared: &mut Shared) {
        if mirror::is_to_be_renewed(self, object) {
            return mirror::renew(self, object, shared);
        }
        let uid = uid_of(object);
        let now = shared.sim.now();
        let is_new = !self.workers.contains_key(&uid);
        let worker = self.workers.entry(uid.clone()).or_insert_with(|| PodWorker::new(object, now));
        // The kubelet's own reports of the status come back and give it nothing to do.
        let has_news = is_new || worker.has_news(object);
        worker.object = object.clone();
        worker.add_ephemeral_containers();
        if has_news {
            worker.wants_sync = true;
            let at = now + Node::varied(shared, POD_UPDATE);
            self.schedule(shared, at, &uid, cause);
        }
    }

    /// The kubelet starts again and finds these Pods bound to its node.
    pub(crate) fn resume(&mut self, pods: &[Value], shared: &mut Shared) {
        self.register(shared);
        let bound: Vec<Rc<str>> = pods.iter().map(uid_of).collect();
        let now = shared.sim.now();
        self.workers.retain(|uid, worker| {
            let stays = bound.contains(uid);
            if !stays {
                worker.kill_everything(now);
            }
            stays
        });
        for (pod, uid) in pods.iter().zip(&bound) {
            self.pod_changed(pod, Cause::Setup, shared);
            self.schedule(shared, now, uid, Cause::Setup);
        }
    }

    /// The API server no longer has a Pod: whatever still runs is killed.
    pub(crate) fn pod_removed(&mut self, object: &Value, cause: Cause, shared: &mut Shared) {
        if mirror::is_of(self, object) {
            shared.client.set_cause(cause);
            return mirror::create_missing(self, shared);
        }
        let uid = uid_of(object);
        if let Some(mut worker) = self.workers.remove(&uid) {
            worker.kill_everything(shared.sim.now());
        }
    }

    pub(crate) fn process_ended(&mut self, end: &Ended, shared: &mut Shared) {
        let now = shared.sim.now();
        let relist = self.next_relist(now);
        let Some(worker) = self.workers.get_mut(&end.pod) else {
            return;
        };
        if end.container_id.starts_with(crate::kill::POST_START) {
            worker.hook_code = Some(end.code);
            return self.schedule(shared, now, &end.pod, Cause::Setup);
        }
        let (recorder, id) = (&mut self.recorder, &end.container_id);
        if !crate::kill::hook_ended(recorder, worker, id, end.code, now) {
            worker.container_ended(&end.container_id, end.code, end.out_of_memory, now);
        }
        let is_restarting = matches!(worker.step, Some((Step::Restarting(_), _)));
        let is_stopping = worker.is_terminating() || is_restarting;
        if is_stopping {
            // Whoever asked the runtime to stop a container learns of it at once.
            self.schedule(shared, now, &end.pod, Cause::Setup);
        } else {
            worker.relist_at = Some(relist);
            self.schedule(shared, relist, &end.pod, Cause::Setup);
        }
    }

    /// The next free address of the node's network.
    pub(crate) fn take_ip(&mut self) -> Text {
        let network = self.config.pod_cidr.split('/').next().unwrap_or_default();
        let octets: Vec<u32> = network.split('.').filter_map(|part| part.parse().ok()).collect();
        let base = octets.iter().fold(0_u32, |base, octet| (base << 8) | octet);
        let ip = base + self.next_ip;
        // Addresses are given out in turn; .0, .1 and .255 of a /24 are not for Pods.
        self.next_ip = if self.next_ip >= 254 { 2 } else { self.next_ip + 1 };
        let [a, b, c, d] = ip.to_be_bytes();
        format!("{a}.{b}.{c}.{d}").into()
    }

    /// How Events name a Pod of this node.
    pub(crate) fn reference(object: &Value) -> client::ObjectReference {
        client::ObjectReference::to(&kinds::core::pod::KIND, object)
    }

    /// The same for one of its containers.
    pub(crate) fn container_reference(
        object: &Value,
        list: &str,
        container: &str,
    ) -> client::ObjectReference {
        Node::reference(object).at(format!("spec.{list}{{{container}}}"))
    }

    pub(crate) fn run_probe(&mut self, key: &probe::Key, shared: &mut Shared) {
        if let Some(mut worker) = self.workers.remove(&key.0) {
            probe::tick(self, &mut worker, key, shared);
            self.workers.insert(key.0.clone(), worker);
        }
    }

    pub(crate) fn probe_done(&mut self, done: probe::Done, shared: &mut Shared) {
        let uid = done.key.0.clone();
        if let Some(mut worker) = self.workers.remove(&uid) {
            probe::command_done(self, &mut worker, done, shared);
            self.workers.insert(uid, worker);
        }
    }

    pub(crate) fn look_at_pod(&mut self, uid: &Rc<str>, shared: &mut Shared) {
        if self.is_stopped {
            return;
        }
        let now = shared.sim.now();
        if now < self.status_busy_until {
            return self.schedule(shared, self.status_busy_until, uid, Cause::Setup);
        }
        let Some(mut worker) = self.workers.remove(uid) else {
            return;
        };
        let writes = shared.client.write_count();
        let is_gone = crate::sync::look(self, &mut worker, shared);
        if shared.client.write_count() != writes {
            self.status_busy_until = now + Node::varied(shared, WRITE_STATUS);
        }
        if !is_gone {
            self.workers.insert(uid.clone(), worker);
        }
    }
}

/// `default/web`
pub(crate) fn pod_name(object: &Value) -> String {
    let metadata = table::metadata(object);
    format!("{}_{}", metadata.name(), metadata.namespace())
}

/// The name of an object.
pub(crate) fn name_of(object: &Value) -> &str {
    object.get(&names::METADATA).get(&names::NAME).as_str().unwrap_or_default()
}
