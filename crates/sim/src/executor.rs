//! `async` tasks that run on virtual time, one at a time, in the order in which they were woken.

use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

/// Names one task of a [`Sim`](crate::Sim); never used again for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TaskId(u64);

type BoxedTask = Pin<Box<dyn Future<Output = ()>>>;

/// Which tasks can go on. Shared with wakers, which the standard library wants to be `Send`:
/// hence the lock, which nobody ever contends for.
#[derive(Debug, Default)]
struct ReadyList(Mutex<VecDeque<TaskId>>);

impl ReadyList {
    fn push(&self, task: TaskId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push_back(task);
    }
    fn pop(&self) -> Option<TaskId> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }
    fn is_empty(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }
}

/// A waker carries a task's id and nothing else.
struct TaskWaker {
    task: TaskId,
    ready: Arc<ReadyList>,
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        self.ready.push(self.task);
    }
}

/// The tasks of a simulation. A task that is being polled is out of the map, so that it may spawn
/// and abort others while it runs.
#[derive(Default)]
pub(crate) struct Executor {
    tasks: BTreeMap<TaskId, BoxedTask>,
    ready: Arc<ReadyList>,
    next_id: u64,
    polled: Option<TaskId>,
    polled_was_aborted: bool,
}

impl Executor {
    pub(crate) fn spawn(&mut self, future: BoxedTask) -> TaskId {
        let task = TaskId(self.next_id);
        self.next_id += 1;
        self.tasks.insert(task, future);
        self.ready.push(task);
        task
    }

    /// Takes the task out; the caller drops it, since its drop may call back.
    pub(crate) fn abort(&mut self, task: TaskId) -> Option<BoxedTask> {
        if self.polled == Some(task) {
            self.polled_was_aborted = true;
        }
        self.tasks.remove(&task)
    }

    pub(crate) fn is_alive(&self, task: TaskId) -> bool {
        self.tasks.contains_key(&task) || (self.polled == Some(task) && !self.polled_was_aborted)
    }

    pub(crate) fn has_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    /// The next task that can go on, taken out to be polled.
    pub(crate) fn begin_poll(&mut self) -> Option<(BoxedTask, Waker)> {
        while let Some(task) = self.ready.pop() {
            if let Some(future) = self.tasks.remove(&task) {
                self.polled = Some(task);
                self.polled_was_aborted = false;
                let ready = self.ready.clone();
                return Some((future, Waker::from(Arc::new(TaskWaker { task, ready }))));
            }
        }
        None
    }

    /// Puts the task back if it goes on; returns it if it was aborted meanwhile.
    pub(crate) fn end_poll(&mut self, future: BoxedTask, done: bool) -> Option<BoxedTask> {
        let task = self.polled.take().expect("a poll has begun");
        if done || self.polled_was_aborted {
            return Some(future);
        }
        self.tasks.insert(task, future);
        None
    }
}

/// Polls once.
pub(crate) fn poll(future: &mut BoxedTask, waker: &Waker) -> bool {
    matches!(future.as_mut().poll(&mut Context::from_waker(waker)), Poll::Ready(()))
}
