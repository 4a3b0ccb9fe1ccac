//! Watches as clients see them.

use crate::codec;
use crate::request::Accept;
use crate::store::{ChangeType, StoreEvent, StoreWatch};
use api::{Status, Value, names, object};
use kinds::Kind;
use sim::{Duration, Sim, Time};
use std::cell::Cell;
use std::collections::VecDeque;
use std::future::{Future as _, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

/// One event of a watch: `{"type": "ADDED", "object": {…}}`.
#[derive(Clone, Debug)]
pub struct WatchEvent {
    /// `ADDED`, `MODIFIED`, `DELETED`, `BOOKMARK` or `ERROR`.
    pub ty: &'static str,
    /// The object, in the form that the client asked for.
    pub object: Value,
}

impl WatchEvent {
    /// The document that goes over the wire.
    pub fn to_value(&self) -> Value {
        object! { "type": self.ty, "object": &self.object }
    }
}

/// The events of a watch, as they happen. Dropping it ends the watch.
#[derive(Debug)]
pub struct WatchStream {
    pub(crate) kind: &'static Kind,
    pub(crate) accept: Accept,
    pub(crate) include_object: String,
    /// What comes before anything that happens from now on.
    pub(crate) initial: VecDeque<WatchEvent>,
    pub(crate) watch: StoreWatch,
    pub(crate) columns_sent: bool,
    /// When the client is told how far it has come, if it wants to know.
    pub(crate) bookmarks: Option<Bookmarks>,
    pub(crate) clock: Clock,
}

/// How often a client that wants to know is told up to where it has seen everything.
pub(crate) const BOOKMARK_PERIOD: Duration = Duration::from_secs(60);

/// What bookmarks are made of.
#[derive(Debug)]
pub(crate) struct Bookmarks {
    /// The revision of the last write of all.
    pub(crate) latest: Rc<Cell<u64>>,
    /// When the next one is due.
    pub(crate) next: Time,
}

/// Tells the time to tables; a `Sim` has no way to print itself.
#[derive(Clone)]
pub(crate) struct Clock(pub(crate) Sim);

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.now().fmt(f)
    }
}

impl WatchStream {
    /// The next event; `None` when the server has ended the watch.
    pub async fn next(&mut self) -> Option<WatchEvent> {
        if let Some(event) = self.initial.pop_front() {
            return Some(event);
        }
        let due = self.bookmarks.as_ref().map(|bookmarks| bookmarks.next);
        let mut due = due.map(|due| Box::pin(self.clock.0.sleep_until(due)));
        let received = {
            let mut change = pin!(self.watch.events.recv());
            poll_fn(|context| match (change.as_mut().poll(context), &mut due) {
                (Poll::Ready(change), _) => Poll::Ready(Some(change)),
                (Poll::Pending, Some(due)) => due.as_mut().poll(context).map(|()| None),
                (Poll::Pending, None) => Poll::Pending,
            })
            .await
        };
        match received {
            Some(change) => Some(self.translate(&change?)),
            None => self.due_bookmark(),
        }
    }

    /// The next event that has happened already.
    pub fn try_next(&mut self) -> Option<WatchEvent> {
        if let Some(event) = self.initial.pop_front() {
            return Some(event);
        }
        match self.watch.events.try_recv() {
            Some(event) => Some(self.translate(&event)),
            None => self.due_bookmark(),
        }
    }

    fn due_bookmark(&mut self) -> Option<WatchEvent> {
        let now = self.clock.0.now();
        let bookmarks = self.bookmarks.as_mut().filter(|bookmarks| bookmarks.next <= now)?;
        bookmarks.next = now + BOOKMARK_PERIOD;
        let revision = bookmarks.latest.get();
        Some(self.bookmark(revision))
    }

    fn translate(&mut self, event: &StoreEvent) -> WatchEvent {
        let ty = match event.ty {
            ChangeType::Added => "ADDED",
            ChangeType::Modified => "MODIFIED",
            ChangeType::Deleted => "DELETED",
        };
        self.encode(ty, &event.object, self.clock.0.now())
    }

    pub(crate) fn encode(&mut self, ty: &'static str, stored: &Value, now: Time) -> WatchEvent {
        let object = codec::from_stored(self.kind, stored);
        let object = match self.accept {
            Accept::Object => codec::with_type(self.kind, &object),
            Accept::Stored => object,
            Accept::Metadata => object! {
                "kind": "PartialObjectMetadata",
                "apiVersion": "meta.k8s.io/v1",
                "metadata": object.get(&names::METADATA),
            },
            Accept::Table => {
                let with_columns = !std::mem::replace(&mut self.columns_sent, true);
                let include = &self.include_object;
                codec::table_of_event(self.kind, &object, include, with_columns, now)
            }
        };
        WatchEvent { ty, object }
    }

    /// Lets the client know up to which revision it has seen everything.
    fn bookmark(&self, revision: u64) -> WatchEvent {
        let metadata = object! {
            "resourceVersion": revision.to_string(),
            "creationTimestamp": Value::Null,
        };
        // What a kind always has, it has here too.
        let empty = api::canonical(self.kind.ty, &object! { "metadata": metadata });
        let object = codec::with_type(self.kind, &empty);
        WatchEvent { ty: "BOOKMARK", object }
    }
}

/// The only event of a watch that asked for what is no longer known.
pub(crate) fn error_event(status: &Status) -> WatchEvent {
    WatchEvent { ty: "ERROR", object: status.to_value() }
}
