//! What the page and the worker tell each other.

use serde::{Deserialize, Serialize};
use session::view::Changes;
use session::{Aspect, Input, ObjectName};

/// From the page to the worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Request {
    /// Begins a session, or goes on with one that was saved.
    Begin {
        /// The seed of a new session.
        seed: u64,
        /// The wall clock, in seconds of Unix time: when a new session begins.
        now_seconds: u64,
        /// The files that a new session begins with.
        files: Vec<(String, String)>,
        /// A saved session, as `session::Log` encodes it.
        saved: Option<Vec<u8>>,
    },
    /// Something that a person did.
    Input(Input),
    /// Time runs so many times as fast as the wall clock; 0 is a pause.
    Speed(f64),
    /// Lets time pass until something in the picture changes.
    Step,
    /// Asks about an object.
    Look {
        /// Comes back with the answer.
        number: u32,
        /// The object.
        object: ObjectName,
        /// What about it.
        aspect: Aspect,
    },
    /// Asks how a line could go on.
    Complete {
        /// Comes back with the answer.
        number: u32,
        /// The line.
        line: String,
        /// Where the cursor is, in bytes.
        cursor: u32,
    },
    /// Ends the worker as a mistake would, for the test of the card that is shown then.
    Panic,
}

/// From the worker to the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Report {
    /// So much of a saved session has been computed again.
    Restoring {
        /// Of a hundred.
        percent: u32,
    },
    /// The session runs.
    Ready {
        /// Whether it is one that was saved.
        restored: bool,
        /// Why the saved one could not be had.
        problem: Option<String>,
    },
    /// The virtual time, in milliseconds since the session began.
    Clock(u64),
    /// What has changed in the picture.
    Changes(Changes),
    /// What a terminal has shown since.
    Shown {
        /// Its number.
        terminal: u32,
        /// Bytes as programs write them.
        bytes: Vec<u8>,
    },
    /// Whether a terminal passes every key on.
    Raw(bool),
    /// The files of the home directory.
    Files(Vec<(String, String)>),
    /// The file that a program waits for somebody to edit: its path and what it holds.
    Editing(Option<(String, String)>),
    /// The answer to [`Request::Look`].
    Answer {
        /// Of the question.
        number: u32,
        /// What kubectl prints.
        text: String,
    },
    /// The answer to [`Request::Complete`].
    Completions {
        /// Of the question.
        number: u32,
        /// Where the word begins, in bytes.
        start: u32,
        /// What could stand there.
        words: Vec<String>,
    },
    /// The session, to be kept.
    Saved(Vec<u8>),
    /// An input was refused.
    Refused(String),
    /// The worker has ended by a mistake of ours.
    Failed(String),
    /// The worker has ended because a part of the simulator could not be loaded.
    Missing,
}

/// Bytes of a message.
pub fn encode<T: Serialize>(message: &T) -> Vec<u8> {
    // Only a serializer that writes elsewhere than to memory can fail.
    postcard::to_allocvec(message).unwrap_or_default()
}

/// A message, unless the bytes are none.
pub fn decode<T: for<'a> Deserialize<'a>>(bytes: &[u8]) -> Option<T> {
    postcard::from_bytes(bytes).ok()
}
