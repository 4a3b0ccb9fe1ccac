//! A queue between two tasks: what a watch, a log stream or a terminal is made of.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

struct Shared<T> {
    items: VecDeque<T>,
    senders: usize,
    receiver_is_gone: bool,
    waker: Option<Waker>,
}

/// The writing end. Cloning gives another writer of the same queue.
pub struct Sender<T>(Rc<RefCell<Shared<T>>>);

/// The reading end.
pub struct Receiver<T>(Rc<RefCell<Shared<T>>>);

/// A queue without a bound of its own: whoever writes limits what is written.
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let shared = Rc::new(RefCell::new(Shared {
        items: VecDeque::new(),
        senders: 1,
        receiver_is_gone: false,
        waker: None,
    }));
    (Sender(shared.clone()), Receiver(shared))
}

impl<T> Sender<T> {
    /// Adds an item; gives it back if nobody will ever read it.
    pub fn send(&self, item: T) -> Result<(), T> {
        let mut shared = self.0.borrow_mut();
        if shared.receiver_is_gone {
            return Err(item);
        }
        shared.items.push_back(item);
        if let Some(waker) = shared.waker.take() {
            waker.wake();
        }
        Ok(())
    }

    /// Whether the reading end is gone.
    pub fn is_closed(&self) -> bool {
        self.0.borrow().receiver_is_gone
    }

    /// How many items wait to be read.
    pub fn len(&self) -> usize {
        self.0.borrow().items.len()
    }

    /// Whether no item waits to be read.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Sender<T> {
        self.0.borrow_mut().senders += 1;
        Sender(self.0.clone())
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        let mut shared = self.0.borrow_mut();
        shared.senders -= 1;
        if shared.senders == 0
            && let Some(waker) = shared.waker.take()
        {
            waker.wake();
        }
    }
}

impl<T> Receiver<T> {
    /// The next item, as soon as there is one; `None` when all writers are gone.
    pub async fn recv(&mut self) -> Option<T> {
        poll_fn(|context| {
            let mut shared = self.0.borrow_mut();
            match shared.items.pop_front() {
                Some(item) => Poll::Ready(Some(item)),
                None if shared.senders == 0 => Poll::Ready(None),
                None => {
                    shared.waker = Some(context.waker().clone());
                    Poll::Pending
                }
            }
        })
        .await
    }

    /// The next item, if one waits.
    pub fn try_recv(&mut self) -> Option<T> {
        self.0.borrow_mut().items.pop_front()
    }

    /// Whether all writers are gone and everything has been read.
    pub fn is_finished(&self) -> bool {
        let shared = self.0.borrow();
        shared.senders == 0 && shared.items.is_empty()
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        let mut shared = self.0.borrow_mut();
        shared.receiver_is_gone = true;
        let unread = std::mem::take(&mut shared.items);
        drop(shared);
        drop(unread);
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sender")
    }
}
impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Receiver")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Duration, Sim, Time};

    #[test]
    fn a_reader_waits_for_items_and_for_the_end() {
        let sim = Sim::new(0, Time::EPOCH);
        let (sender, mut receiver) = channel();
        let read = Rc::new(RefCell::new(Vec::new()));
        let (log, reader_sim) = (read.clone(), sim.clone());
        sim.spawn(async move {
            while let Some(item) = receiver.recv().await {
                log.borrow_mut().push((reader_sim.now().seconds(), item));
            }
            log.borrow_mut().push((reader_sim.now().seconds(), "end"));
        });
        let writer_sim = sim.clone();
        sim.spawn(async move {
            writer_sim.sleep(Duration::from_secs(1)).await;
            assert_eq!(sender.send("a"), Ok(()));
            writer_sim.sleep(Duration::from_secs(1)).await;
        });
        while sim.next(Time::NEVER).is_some() {}
        assert_eq!(*read.borrow(), [(1, "a"), (2, "end")]);
    }

    #[test]
    fn a_writer_learns_that_nobody_reads() {
        let (sender, receiver) = channel();
        drop(receiver);
        assert!(sender.is_closed());
        assert_eq!(sender.send(1), Err(1));
    }
}
