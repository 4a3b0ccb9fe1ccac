//! The events of a watch.

use api::{Value, names};
use apiserver::WatchStream;
use sim::Receiver;

/// One event.
#[derive(Clone, Debug)]
pub struct Event {
    /// `ADDED`, `MODIFIED`, `DELETED`, `BOOKMARK` or `ERROR`.
    pub ty: String,
    /// The object.
    pub object: Value,
}

/// The events of a watch as they come, whether the server is at hand or behind a wire.
#[derive(Debug)]
pub enum Events {
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
    /// The next event; `None` when the server has ended the watch.
    pub async fn next(&mut self) -> Option<Event> {
        match self {
            Events::Stream(stream) => {
                let event = stream.next().await?;
                Some(Event { ty: event.ty.to_owned(), object: event.object })
            }
            Events::Bytes { rest, bytes } => loop {
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
