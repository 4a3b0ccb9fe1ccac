//! Waiting for something to change.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

/// A bell that tasks wait for. Whoever changes the thing it belongs to rings it; the tasks that
/// wait look at the thing again.
#[derive(Debug, Default)]
pub struct Notify {
    rung: Cell<u64>,
    next_key: Cell<u64>,
    waiters: RefCell<Vec<(u64, Waker)>>,
}

impl Notify {
    /// Wakes every task that waits.
    pub fn ring(&self) {
        self.rung.set(self.rung.get().wrapping_add(1));
        for (_, waker) in self.waiters.take() {
            waker.wake();
        }
    }

    /// Completes at the first ring after this call.
    pub fn changed(&self) -> Changed<'_> {
        Changed { bell: self, seen: self.rung.get(), key: None }
    }

    /// Completes as soon as `look` finds something, looking again after every ring.
    pub async fn until<T>(&self, mut look: impl FnMut() -> Option<T>) -> T {
        loop {
            if let Some(found) = look() {
                return found;
            }
            self.changed().await;
        }
    }
}

/// The future of [`Notify::changed`]. Dropping it leaves nothing behind.
pub struct Changed<'a> {
    bell: &'a Notify,
    seen: u64,
    key: Option<u64>,
}

impl Future for Changed<'_> {
    type Output = ();
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.bell.rung.get() != self.seen {
            return Poll::Ready(());
        }
        let mut waiters = self.bell.waiters.borrow_mut();
        let known = self.key.and_then(|key| waiters.iter_mut().find(|(k, _)| *k == key));
        if let Some((_, waker)) = known {
            waker.clone_from(context.waker());
        } else {
            let key = self.bell.next_key.get();
            self.bell.next_key.set(key + 1);
            waiters.push((key, context.waker().clone()));
            drop(waiters);
            self.key = Some(key);
        }
        Poll::Pending
    }
}

impl Drop for Changed<'_> {
    fn drop(&mut self) {
        if let Some(key) = self.key {
            self.bell.waiters.borrow_mut().retain(|(k, _)| *k != key);
        }
    }
}

/// Which of two futures was ready first.
pub enum Either<A, B> {
    /// The first one.
    First(A),
    /// The second one.
    Second(B),
}

/// Completes with whichever future completes first, the first one if both do; drops the other.
pub async fn race<A: Future, B: Future>(first: A, second: B) -> Either<A::Output, B::Output> {
    let mut first = std::pin::pin!(first);
    let mut second = std::pin::pin!(second);
    std::future::poll_fn(move |context| {
        if let Poll::Ready(value) = first.as_mut().poll(context) {
            return Poll::Ready(Either::First(value));
        }
        if let Poll::Ready(value) = second.as_mut().poll(context) {
            return Poll::Ready(Either::Second(value));
        }
        Poll::Pending
    })
    .await
}
