//! The handle that every part of a simulated world holds.

use crate::executor::{self, Executor, TaskId};
use crate::queue::{Entry, Queue, Token};
use crate::{Rng, Time};
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

/// What [`Sim::next`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// An event of the owner is due: dispatch it.
    Event(Token),
    /// A task ran; there is nothing to dispatch.
    Task,
}

struct Inner {
    now: Cell<Time>,
    seed: u64,
    queue: RefCell<Queue>,
    executor: RefCell<Executor>,
}

/// Virtual time, its events and its tasks. Cloning gives another handle to the same simulation.
#[derive(Clone)]
pub struct Sim(Rc<Inner>);

impl Sim {
    /// A simulation that starts at `start` and draws all its randomness from `seed`.
    pub fn new(seed: u64, start: Time) -> Sim {
        Sim(Rc::new(Inner {
            now: Cell::new(start),
            seed,
            queue: RefCell::default(),
            executor: RefCell::default(),
        }))
    }

    /// The present instant.
    pub fn now(&self) -> Time {
        self.0.now.get()
    }

    /// A random stream for the part called `label`; see [`Rng::derive`].
    pub fn rng(&self, label: &str) -> Rng {
        Rng::derive(self.0.seed, label)
    }

    /// Lets `token` become due at `at`, or now if that has passed.
    pub fn schedule(&self, at: Time, token: Token) {
        self.0.queue.borrow_mut().push(at.max(self.now()), Entry::Event(token));
    }

    /// Starts a task. It is polled for the first time when the loop comes round, not here.
    pub fn spawn(&self, future: impl Future<Output = ()> + 'static) -> TaskId {
        self.0.executor.borrow_mut().spawn(Box::pin(future))
    }

    /// Drops a task wherever it waits. A task may abort itself: it ends at its next await.
    pub fn abort(&self, task: TaskId) {
        let dropped = self.0.executor.borrow_mut().abort(task);
        drop(dropped);
    }

    /// Whether the task has neither finished nor been aborted.
    pub fn is_alive(&self, task: TaskId) -> bool {
        self.0.executor.borrow().is_alive(task)
    }

    /// Completes `pause` later.
    pub fn sleep(&self, pause: Duration) -> Sleep {
        self.sleep_until(self.now() + pause)
    }

    /// Completes at `at`, or at once if that has passed.
    pub fn sleep_until(&self, at: Time) -> Sleep {
        Sleep { sim: self.clone(), at, armed: false }
    }

    /// The instant of the next thing to happen: now if a task is ready, `None` if nothing will
    /// ever happen again without input.
    pub fn next_time(&self) -> Option<Time> {
        if self.0.executor.borrow().has_ready() {
            return Some(self.now());
        }
        self.0.queue.borrow().next_time()
    }

    /// Runs one ready task, or moves the clock to the next event due by `limit` and returns it.
    /// `None` when nothing is due by then; the clock is then left where it is.
    pub fn next(&self, limit: Time) -> Option<Due> {
        if self.run_one_task() {
            return Some(Due::Task);
        }
        let (at, entry) = self.0.queue.borrow_mut().pop_until(limit)?;
        debug_assert!(at >= self.now(), "time never runs backwards");
        self.0.now.set(at);
        match entry {
            Entry::Event(token) => Some(Due::Event(token)),
            Entry::Wake(waker) => {
                waker.wake();
                Some(Due::Task)
            }
        }
    }

    /// Moves the clock to `at` when nothing is due before; never backwards.
    pub fn advance_to(&self, at: Time) {
        self.0.now.set(self.now().max(at));
    }

    fn run_one_task(&self) -> bool {
        let begun = self.0.executor.borrow_mut().begin_poll();
        let Some((mut future, waker)) = begun else {
            return false;
        };
        let done = executor::poll(&mut future, &waker);
        let dropped = self.0.executor.borrow_mut().end_poll(future, done);
        drop(dropped);
        true
    }
}

/// The future of [`Sim::sleep`].
pub struct Sleep {
    sim: Sim,
    at: Time,
    armed: bool,
}

impl Future for Sleep {
    type Output = ();
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.sim.now() >= self.at {
            return Poll::Ready(());
        }
        if !self.armed {
            self.armed = true;
            let entry = Entry::Wake(context.waker().clone());
            self.sim.0.queue.borrow_mut().push(self.at, entry);
        }
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(sim: &Sim) -> Vec<Token> {
        let mut tokens = Vec::new();
        while let Some(due) = sim.next(Time::NEVER) {
            if let Due::Event(token) = due {
                tokens.push(token);
            }
        }
        tokens
    }

    #[test]
    fn events_come_by_time_and_then_by_order_of_scheduling() {
        let sim = Sim::new(0, Time::from_seconds(10));
        sim.schedule(Time::from_seconds(12), Token(1));
        sim.schedule(Time::from_seconds(11), Token(2));
        sim.schedule(Time::from_seconds(12), Token(3));
        sim.schedule(Time::from_seconds(1), Token(4));
        assert_eq!(run(&sim), [Token(4), Token(2), Token(1), Token(3)]);
        assert_eq!(sim.now(), Time::from_seconds(12));
    }

    #[test]
    fn tasks_sleep_on_virtual_time() {
        let sim = Sim::new(0, Time::EPOCH);
        let log: Rc<RefCell<Vec<(u64, &str)>>> = Rc::default();
        for (name, pause) in [("slow", 3), ("quick", 1)] {
            let (task_sim, log) = (sim.clone(), log.clone());
            sim.spawn(async move {
                for _ in 0..2 {
                    task_sim.sleep(Duration::from_secs(pause)).await;
                    log.borrow_mut().push((task_sim.now().seconds(), name));
                }
            });
        }
        run(&sim);
        assert_eq!(*log.borrow(), [(1, "quick"), (2, "quick"), (3, "slow"), (6, "slow")]);
    }

    #[test]
    fn an_aborted_task_never_goes_on() {
        let sim = Sim::new(0, Time::EPOCH);
        let reached = Rc::new(Cell::new(false));
        let (task_sim, flag) = (sim.clone(), reached.clone());
        let task = sim.spawn(async move {
            task_sim.sleep(Duration::from_secs(1)).await;
            flag.set(true);
        });
        sim.next(Time::EPOCH);
        assert!(sim.is_alive(task));
        sim.abort(task);
        assert!(!sim.is_alive(task));
        run(&sim);
        assert!(!reached.get());
    }

    #[test]
    fn nothing_past_the_limit_is_popped() {
        let sim = Sim::new(0, Time::EPOCH);
        sim.schedule(Time::from_seconds(5), Token(1));
        assert_eq!(sim.next(Time::from_seconds(4)), None);
        assert_eq!(sim.now(), Time::EPOCH);
        assert_eq!(sim.next_time(), Some(Time::from_seconds(5)));
    }
}
