//! The events of a watch.

use api::{Value, names};
use apiserver::WatchStream;
use shell::{Context, Either, race};
use sim::{Duration, Receiver, Time};

/// One event.
#[derive(Clone, Debug)]
pub struct Event {
    /// `ADDED`, `MODIFIED`, `DELETED`, `BOOKMARK` or `ERROR`.
    pub ty: String,
    /// The object.
    pub object: Value,
}

/// The events of a watch as they come, until the server ends it or time is up.
pub struct Events {
    context: Context,
    source: Source,
    end: Option<Time>,
}

/// Where events come from: the server is at hand, or behind a wire.
#[derive(Debug)]
pub(super) enum Source {
    /// Documents.
    Stream(WatchStream),
    /// Lines of JSON.
    Bytes {
        /// What has come and is no whole line yet.
        rest: Vec<u8>,
        /// What is to come.
        bytes: Receiver<Vec<u8>>,
    },
}

impl Events {
    pub(super) fn new(context: &Context, source: Source, timeout: Option<Duration>) -> Events {
        let end = timeout.map(|timeout| context.now() + timeout);
        Events { context: context.clone(), source, end }
    }

    /// The next event; `None` when the watch is over.
    pub async fn next(&mut self) -> Option<Event> {
        let Some(end) = self.end else { return self.source.next().await };
        let left = end.since(self.context.now());
        match race(self.source.next(), self.context.sleep(left)).await {
            Either::First(event) => event,
            Either::Second(()) => None,
        }
    }
}

impl Source {
    async fn next(&mut self) -> Option<Event> {
        match self {
            Source::Stream(stream) => {
                let event = stream.next().await?;
                Some(Event { ty: event.ty.to_owned(), object: event.object })
            }
            Source::Bytes { rest, bytes } => loop {
                if let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
                    let line: Vec<u8> = rest.drain(..=end).collect();
                    let Ok(document) = api::json::parse(&line) else { continue };
                    let ty = document.get(&names::TYPE).as_str().unwrap_or_default().to_owned();
                    return Some(Event { ty, object: document.get(&names::OBJECT).clone() });
                }
                rest.extend(bytes.recv().await?);
            },
        }
    }
}
