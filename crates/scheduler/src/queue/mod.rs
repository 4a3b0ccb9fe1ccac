//! The Pods that wait for a node.
//!
//! A Pod is *active* (it is looked at as soon as its turn comes), *backing off* (it has failed and
//! waits a moment) or *unschedulable* (it has failed and waits for an event that could help). As
//! kube-scheduler 1.29 without the feature gate `SchedulerQueueingHints`: every event of a sort
//! that a plugin has registered for takes all Pods which that plugin has turned down back into the
//! queue, at once if their backoff is over.

pub(crate) mod events;
mod nominator;
mod pod;

pub(crate) use events::ClusterEvent;
pub(crate) use nominator::Nominator;
pub(crate) use pod::{Place, QueuedPod};

use crate::cache::Uid;
use crate::plugins::priority_sort::Rank;
use crate::plugins::scheduling_gates;
use sim::{Cause, Duration, Time};
use std::collections::{BTreeMap, BTreeSet};

/// `podInitialBackoffSeconds` and `podMaxBackoffSeconds`.
const BACKOFF_INITIAL: Duration = Duration::from_secs(1);
const BACKOFF_MAX: Duration = Duration::from_secs(10);
/// How often the scheduler looks whether a backoff is over.
const BACKOFF_FLUSH: Duration = Duration::from_secs(1);
/// After so long a Pod is tried again without an event
/// (`DefaultPodMaxInUnschedulablePodsDuration`), and how often that is looked after.
const UNSCHEDULABLE_MAX: Duration = Duration::from_secs(300);
const UNSCHEDULABLE_FLUSH: Duration = Duration::from_secs(30);

/// The scheduling queue.
pub(crate) struct SchedulingQueue {
    pods: BTreeMap<Uid, QueuedPod>,
    active: BTreeSet<(Rank, Uid)>,
    /// By the time at which the backoff ends.
    backoff: BTreeSet<(Time, u64, Uid)>,
    /// In the order in which they came.
    unschedulable: BTreeSet<(u64, Uid)>,
    /// By the time at which they began to wait there.
    waiting_since: BTreeSet<(Time, Uid)>,
    /// When the tickers began to tick.
    started: Time,
    sequence: u64,
    cycle: u64,
    /// The last cycle during which something may have helped a Pod.
    move_request_cycle: Option<u64>,
    /// How many unschedulable Pods want others near by.
    affinity_count: usize,
    pub(crate) nominator: Nominator,
}

impl SchedulingQueue {
    /// An empty queue of a scheduler that starts now.
    pub(crate) fn new(now: Time) -> SchedulingQueue {
        SchedulingQueue {
            pods: BTreeMap::new(),
            active: BTreeSet::new(),
            backoff: BTreeSet::new(),
            unschedulable: BTreeSet::new(),
            waiting_since: BTreeSet::new(),
            started: now,
            sequence: 0,
            cycle: 0,
            move_request_cycle: None,
            affinity_count: 0,
            nominator: Nominator::default(),
        }
    }

    /// A Pod that waits.
    pub(crate) fn get(&self, uid: Uid) -> Option<&QueuedPod> {
        self.pods.get(&uid)
    }

    /// All Pods that wait.
    pub(crate) fn pods(&self) -> impl Iterator<Item = &QueuedPod> {
        self.pods.values()
    }

    /// Whether any unschedulable Pod wants others near by.
    pub(crate) fn has_affinity(&self) -> bool {
        self.affinity_count > 0
    }

    /// The Pods that wait for an event, in the order in which they came.
    pub(crate) fn unschedulable(&self) -> impl Iterator<Item = &QueuedPod> {
        let pods = self.unschedulable.iter();
        pods.filter_map(|(_, uid)| self.pods.get(uid))
    }

    /// Whether a Pod could be looked at now.
    pub(crate) fn has_active(&self) -> bool {
        !self.active.is_empty()
    }

    /// When something happens in the queue by itself.
    pub(crate) fn next_flush(&self) -> Option<Time> {
        let backoff = self.backoff.first();
        let backoff = backoff.map(|(until, _, _)| until.next_tick(self.started, BACKOFF_FLUSH));
        let oldest = self.waiting_since.first();
        // Only what has waited for longer than the limit is taken.
        let just_over = UNSCHEDULABLE_MAX + Duration::from_nanos(1);
        let oldest = oldest
            .map(|(since, _)| (*since + just_over).next_tick(self.started, UNSCHEDULABLE_FLUSH));
        backoff.into_iter().chain(oldest).min()
    }
}

/// Moving Pods.
impl SchedulingQueue {
    /// Puts a Pod at the end of where it belongs. The caller has taken it out of where it was.
    fn put(&mut self, mut pod: QueuedPod, place: Place) {
        self.sequence += 1;
        pod.sequence = self.sequence;
        self.put_back(pod, place);
    }

    /// Puts a Pod where it belongs, behind those that came before it.
    fn put_back(&mut self, mut pod: QueuedPod, place: Place) {
        pod.place = place;
        let uid = pod.uid;
        match place {
            Place::Active => {
                self.active.insert((pod.rank(), uid));
            }
            Place::Backoff => {
                self.backoff.insert((backoff_end(&pod), pod.sequence, uid));
            }
            Place::Unschedulable => {
                self.unschedulable.insert((pod.sequence, uid));
                if !pod.is_gated {
                    self.waiting_since.insert((pod.since, uid));
                }
                self.affinity_count += usize::from(pod.wants_others);
            }
        }
        self.pods.insert(uid, pod);
    }

    /// Takes a Pod out of the queue.
    fn take(&mut self, uid: Uid) -> Option<QueuedPod> {
        let pod = self.pods.remove(&uid)?;
        match pod.place {
            Place::Active => {
                self.active.remove(&(pod.rank(), uid));
            }
            Place::Backoff => {
                self.backoff.remove(&(backoff_end(&pod), pod.sequence, uid));
            }
            Place::Unschedulable => {
                self.unschedulable.remove(&(pod.sequence, uid));
                self.waiting_since.remove(&(pod.since, uid));
                self.affinity_count -= usize::from(pod.wants_others);
            }
        }
        Some(pod)
    }

    /// Lets a Pod be looked at, unless its gates hold it back.
    fn activate(&mut self, mut pod: QueuedPod) {
        pod.is_gated = !scheduling_gates::pre_enqueue(&pod.object);
        if pod.is_gated {
            use crate::framework::rejection::Plugin;
            pod.plugins.insert(Plugin::SchedulingGates);
            self.put(pod, Place::Unschedulable);
        } else {
            self.put(pod, Place::Active);
        }
    }

    /// Adds a Pod that has just come.
    pub(crate) fn add(&mut self, pod: QueuedPod) {
        self.take(pod.uid);
        self.nominate_as_stated(&pod);
        self.activate(pod);
    }

    /// Takes over a Pod's new state. A change of what it asks for lets it be tried again.
    pub(crate) fn update(&mut self, uid: Uid, now: Time, change: impl FnOnce(&mut QueuedPod)) {
        let Some(mut pod) = self.take(uid) else {
            return;
        };
        let place = pod.place;
        let old = pod.object.clone();
        let was_nominated = pod.nominated_node().is_some();
        change(&mut pod);
        if was_nominated && pod.nominated_node().is_none() {
            self.nominator.remove(uid);
        }
        self.nominate_as_stated(&pod);
        match place {
            Place::Unschedulable if pod::asks_for_something_else(&old, &pod.object) => {
                self.requeue(pod, now);
            }
            _ => self.put_back(pod, place),
        }
    }

    /// Keeps a nomination that the Pod's status states.
    fn nominate_as_stated(&mut self, pod: &QueuedPod) {
        if let Some(node) = pod.nominated_node() {
            self.nominator.add(pod.uid, node, pod.class);
        }
    }

    /// Removes a Pod that no longer waits.
    pub(crate) fn delete(&mut self, uid: Uid) -> Option<QueuedPod> {
        self.nominator.remove(uid);
        self.take(uid)
    }

    /// The Pod whose turn it is. A cycle begins.
    pub(crate) fn pop(&mut self) -> Option<QueuedPod> {
        let (_, uid) = *self.active.first()?;
        let mut pod = self.take(uid)?;
        pod.attempts += 1;
        self.cycle += 1;
        Some(pod)
    }

    /// Puts a Pod back that was tried in vain.
    pub(crate) fn add_unschedulable(&mut self, mut pod: QueuedPod, now: Time) {
        pod.since = now;
        // When an event came while the Pod was looked at, it may already have helped. When no
        // plugin turned it down, no event will: something went wrong.
        let missed_an_event = self.move_request_cycle.is_some_and(|cycle| cycle >= self.cycle);
        self.nominate_as_stated(&pod);
        let place = match missed_an_event || pod.plugins.is_empty() {
            true => Place::Backoff,
            false => Place::Unschedulable,
        };
        self.put(pod, place);
    }

    /// An event has happened that a Pod which is being looked at may have missed.
    pub(crate) fn note_event(&mut self) {
        self.move_request_cycle = Some(self.cycle);
    }

    /// Takes the Pods back into the queue that an event may have helped and `check` lets pass.
    /// `cause` is what has led to the event.
    pub(crate) fn move_all(
        &mut self,
        event: ClusterEvent,
        cause: Cause,
        now: Time,
        mut check: impl FnMut(&QueuedPod) -> bool,
    ) {
        self.note_event();
        let helps = |pod: &&QueuedPod| events::may_help(event, pod.plugins) && check(pod);
        let helped: Vec<Uid> = self.unschedulable().filter(helps).map(|pod| pod.uid).collect();
        for uid in helped {
            if let Some(mut pod) = self.take(uid) {
                pod.cause = cause;
                self.requeue(pod, now);
            }
        }
    }

    fn requeue(&mut self, pod: QueuedPod, now: Time) {
        if !pod.is_gated && backoff_end(&pod) > now {
            self.put(pod, Place::Backoff);
        } else {
            self.activate(pod);
        }
    }

    /// Does what the tickers would have done by now.
    pub(crate) fn flush(&mut self, now: Time) {
        while let Some((until, _, uid)) = self.backoff.first().copied()
            && until.next_tick(self.started, BACKOFF_FLUSH) <= now
        {
            if let Some(pod) = self.take(uid) {
                self.activate(pod);
            }
        }
        let just_over = UNSCHEDULABLE_MAX + Duration::from_nanos(1);
        let is_due =
            |since: Time| (since + just_over).next_tick(self.started, UNSCHEDULABLE_FLUSH) <= now;
        let overdue = self.waiting_since.iter().take_while(|(since, _)| is_due(*since));
        let overdue: Vec<Uid> = overdue.map(|(_, uid)| *uid).collect();
        for uid in overdue {
            if let Some(pod) = self.take(uid) {
                self.note_event();
                self.requeue(pod, now);
            }
        }
    }
}

/// When a Pod may be tried again: one second after the first failure, twice as long each time.
fn backoff_end(pod: &QueuedPod) -> Time {
    let doublings = pod.attempts.saturating_sub(1).min(8);
    pod.since + (BACKOFF_INITIAL * (1 << doublings)).min(BACKOFF_MAX)
}

#[cfg(test)]
mod tests;
