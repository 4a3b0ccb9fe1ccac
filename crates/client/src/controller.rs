//! The loop that every controller shares.

use crate::{Client, Component, WorkQueue};
use api::Status;
use apiserver::store::Change;
use kinds::Kind;
use sim::{Cause, Duration, Sim, Time};

/// How long a worker needs to take a key from its queue and look at it. On an idle cluster this is
/// well under a millisecond; what counts is that controllers take turns.
const RECONCILE_COST: Duration = Duration::from_micros(500);
/// How long a worker waits for one write to be answered: an API server and etcd on one machine
/// need 2 to 5 ms.
const WRITE_COST: Duration = Duration::from_millis(2);

/// What a reconciliation leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reconcile {
    /// Nothing is left to do.
    Done,
    /// The key is to be looked at again.
    After(Duration),
}

/// A controller: what it looks at, and what it does about it.
pub trait Reconciler {
    /// What names the things it looks at; an `ObjectKey` where they are of one kind.
    type Key: Clone + Ord;

    /// What it is called: `deployment-controller`.
    fn name(&self) -> &'static str;

    /// The kinds whose changes can give it work.
    fn interests(&self) -> Vec<&'static Kind>;

    /// The keys that a change gives work for. `add` takes each, and a delay.
    fn keys(&self, change: &Change, client: &Client, add: &mut dyn FnMut(Self::Key, Duration));

    /// Brings the world closer to what the object `key` asks for.
    fn reconcile(&mut self, key: &Self::Key, client: &Client) -> Result<Reconcile, Status>;
}

/// A [`Reconciler`] with its queue, as a part of the cluster.
pub struct Controller<R: Reconciler> {
    reconciler: R,
    client: Client,
    sim: Sim,
    queue: WorkQueue<R::Key>,
    busy_until: Time,
}

impl<R: Reconciler> Controller<R> {
    /// A controller that talks to the API server through `client`.
    pub fn new(reconciler: R, client: Client, sim: &Sim) -> Controller<R> {
        Controller {
            reconciler,
            client,
            sim: sim.clone(),
            queue: WorkQueue::default(),
            busy_until: Time::EPOCH,
        }
    }

    /// Lets the controller look at `key` as soon as it can.
    pub fn add(&mut self, key: R::Key) {
        self.queue.add_at(self.sim.now(), key, Cause::Setup);
    }
}

impl<R: Reconciler> Component for Controller<R> {
    fn name(&self) -> &'static str {
        self.reconciler.name()
    }

    fn interests(&self) -> Vec<&'static Kind> {
        self.reconciler.interests()
    }

    fn observe(&mut self, change: &Change) {
        let now = self.sim.now();
        let cause = Cause::Write(change.revision);
        let queue = &mut self.queue;
        self.reconciler.keys(change, &self.client, &mut |key, delay| {
            queue.add_at(now + delay, key, cause);
        });
    }

    fn next_wake(&self) -> Option<Time> {
        self.queue.next_time().map(|at| at.max(self.busy_until))
    }

    fn wake(&mut self) {
        let now = self.sim.now();
        if now < self.busy_until {
            return;
        }
        let Some((key, cause)) = self.queue.pop(now) else {
            return;
        };
        self.client.set_cause(cause);
        let writes_before = self.client.write_count();
        match self.reconciler.reconcile(&key, &self.client) {
            Ok(outcome) => {
                self.queue.forget(&key);
                if let Reconcile::After(delay) = outcome {
                    self.queue.add_at(now + delay, key, cause);
                }
            }
            Err(_) => self.queue.add_after_failure(now, key, cause),
        }
        let writes = (self.client.write_count() - writes_before).min(1_000) as u32;
        self.busy_until = now + RECONCILE_COST + WRITE_COST * writes;
    }
}
