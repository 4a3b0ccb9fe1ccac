//! The scheduler as a part of the cluster.

use crate::algorithm::Algorithm;
use crate::binding::Bindings;
use crate::cache::Cache;
use crate::event_recorder::EventRecorder;
use crate::kinds_in_use::KindsInUse;
use crate::plugins::volume_binding::Reservations;
use crate::queue::SchedulingQueue;
use api::{Text, Value};
use apiserver::store::{Change, ChangeType, ObjectKey};
use apiserver::{ApiServer, User};
use client::{Client, Component};
use kinds::Kind;
use sim::{Cause, Duration, Rng, Sim, Time};
use std::cell::RefCell;
use std::rc::Rc;

/// The name by which Pods ask for this scheduler, and under which it reports.
pub(crate) const NAME: &str = "default-scheduler";
/// The host it runs on, unless told otherwise: the control plane of a kind cluster.
const DEFAULT_HOST: &str = "kind-control-plane";

/// How long looking at one Pod takes. A real scheduler places some 680 to 810 Pods a second
/// (scheduler_perf, 5,000 nodes), most of it spent in requests.
pub(crate) const SCHEDULING_CYCLE_COST: Duration = Duration::from_micros(1_500);

/// kube-scheduler.
pub struct Scheduler {
    pub(crate) client: Client,
    pub(crate) sim: Sim,
    pub(crate) rng: Rng,
    pub(crate) kinds: KindsInUse,
    pub(crate) cache: Cache,
    pub(crate) queue: SchedulingQueue,
    pub(crate) algorithm: Algorithm,
    pub(crate) bindings: Bindings,
    pub(crate) reservations: Reservations,
    pub(crate) recorder: EventRecorder,
    /// Grows whenever a Service or a workload may select other Pods than before.
    pub(crate) spread_version: u64,
    busy_until: Time,
}

impl Scheduler {
    /// A scheduler for the cluster of `server`, which knows what is there now.
    pub fn new(server: &Rc<RefCell<ApiServer>>, sim: &Sim) -> Scheduler {
        let groups = ["system:authenticated"];
        let user = User::new("system:kube-scheduler", &groups);
        let client = Client::new(server, user, "kube-scheduler");
        let kinds = KindsInUse::of(server.borrow().registry());
        let mut scheduler = Scheduler {
            recorder: EventRecorder::new(client.clone(), sim, NAME, DEFAULT_HOST),
            rng: sim.rng("scheduler"),
            kinds,
            cache: Cache::default(),
            queue: SchedulingQueue::new(sim.now()),
            algorithm: Algorithm::default(),
            bindings: Bindings::default(),
            reservations: Reservations::default(),
            spread_version: 0,
            busy_until: Time::EPOCH,
            sim: sim.clone(),
            client,
        };
        scheduler.read_all();
        scheduler
    }

    /// Names the host that it says it runs on: `default-scheduler-kind-control-plane`.
    pub fn on_host(mut self, host: &str) -> Scheduler {
        self.recorder.set_host(host);
        self
    }

    /// Takes note of everything that is there, as informers do at their start.
    fn read_all(&mut self) {
        let subjects: Vec<_> = self.kinds.subjects().collect();
        for (kind, subject) in subjects {
            let objects: Vec<Value> = self.client.list(kind, None);
            for object in &objects {
                let key = ObjectKey::of(object);
                self.handle(subject, &key, None, Some(object), Cause::Setup);
            }
        }
    }

    /// The Pods that wait for a node, as `namespace/name`, in no particular order.
    pub fn pending(&self) -> Vec<Text> {
        let keys = self.queue.pods().map(|pod| Text::from(pod.key.to_string()));
        keys.collect()
    }
}

impl Component for Scheduler {
    fn name(&self) -> &'static str {
        "kube-scheduler"
    }

    fn interests(&self) -> Vec<&'static Kind> {
        self.kinds.interests()
    }

    fn observe(&mut self, change: &Change) {
        let Some(subject) = self.kinds.subject(change.resource) else {
            return;
        };
        let new = (change.ty != ChangeType::Deleted).then_some(&change.object);
        // A deletion can bring a last change with it; what was known before is what goes.
        let old = change.previous.as_ref();
        let cause = Cause::Write(change.revision);
        self.handle(subject, &change.key, old, new, cause);
    }

    fn next_wake(&self) -> Option<Time> {
        let next_pod = self.queue.has_active().then_some(self.busy_until);
        let others = [
            next_pod,
            self.bindings.next_time(),
            self.queue.next_flush(),
            self.recorder.next_flush(),
        ];
        others.into_iter().flatten().min()
    }

    fn wake(&mut self) {
        let now = self.sim.now();
        self.continue_bindings(now);
        self.queue.flush(now);
        self.recorder.flush(now);
        if now < self.busy_until {
            return;
        }
        if let Some(pod) = self.queue.pop() {
            self.busy_until = now + SCHEDULING_CYCLE_COST;
            self.schedule_one(pod, now);
        }
    }
}
