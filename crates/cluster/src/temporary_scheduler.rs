//! To be replaced.
use api::core::v1::Pod;
use api::{Value, View, object};
use apiserver::store::{Change, ObjectKey};
use apiserver::{ApiServer, User};
use client::{Client, Component, WorkQueue};
use kinds::Kind;
use kinds::core::{node, pod};
use sim::{Duration, Sim, Time};
use std::cell::RefCell;
use std::rc::Rc;
pub(crate) struct Scheduler {
    client: Client,
    sim: Sim,
    queue: WorkQueue<ObjectKey>,
    next: usize,
}
impl Scheduler {
    pub(crate) fn new(server: &Rc<RefCell<ApiServer>>, sim: &Sim) -> Scheduler {
        Scheduler {
            client: Client::new(server, User::new("system:kube-scheduler", &[]), "kube-scheduler"),
            sim: sim.clone(),
            queue: WorkQueue::default(),
            next: 0,
        }
    }
}
impl Component for Scheduler {
    fn name(&self) -> &'static str {
        "scheduler"
    }
    fn interests(&self) -> Vec<&'static Kind> {
        vec![&pod::KIND]
    }
    fn observe(&mut self, change: &Change) {
        if Pod::of(&change.object).spec().node_name().is_empty() {
            self.queue.add_at(
                self.sim.now() + Duration::from_millis(2),
                change.key.clone(),
                sim::Cause::Setup,
            );
        }
    }
    fn next_wake(&self) -> Option<Time> {
        self.queue.next_time()
    }
    fn wake(&mut self) {
        if let Some((key, _)) = self.queue.pop(self.sim.now()) {
            let nodes = self.client.list(&node::KIND, None);
            if nodes.is_empty() {
                return;
            }
            self.next += 1;
            let n: &Value = &nodes[self.next % nodes.len()];
            let name = n["metadata"]["name"].clone();
            let _ = self.client.post(
                &pod::KIND,
                &key,
                "binding",
                object! { "target": object! { "name": name } },
            );
        }
    }
}
