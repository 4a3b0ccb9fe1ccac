//! The list of inputs, and how it is written down.

use crate::digest::Digest;
use crate::input::{Input, Start};
use serde::{Deserialize, Serialize};

/// The simulator's version. Another version may compute something else from the same inputs.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
/// How many inputs a session can hold.
pub const INPUTS_MAX: usize = 100_000;
/// How long an encoded session may be.
pub const LOG_BYTES_MAX: usize = 16 * 1024 * 1024;

/// One input and when it happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Nanoseconds of virtual time since the session began.
    pub at_ns: u64,
    /// The input.
    pub input: Input,
}

/// Everything a session is computed from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Log {
    /// The version that wrote it.
    pub version: String,
    /// What the session began with.
    pub start: Start,
    /// The inputs, oldest first.
    pub entries: Vec<Entry>,
    /// How far the session had come, in nanoseconds since it began.
    pub end_ns: u64,
    /// What had come of it by then.
    pub digest: Option<Digest>,
}

/// Why bytes are no session.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LogError {
    /// They are too many.
    #[error("a session of {0} bytes is longer than the {LOG_BYTES_MAX} that are read")]
    TooLong(usize),
    /// They mean nothing.
    #[error("this is no session: {0}")]
    Malformed(String),
    /// Its inputs are too many, or not in order of time.
    #[error("this is no session: {0}")]
    Inconsistent(&'static str),
}

impl Log {
    /// The log as bytes.
    pub fn encode(&self) -> Vec<u8> {
        // Only a serializer that writes elsewhere than to memory can fail.
        postcard::to_allocvec(self).unwrap_or_default()
    }

    /// Reads what [`Log::encode`] wrote.
    ///
    /// # Errors
    /// For anything else, however it is damaged.
    pub fn decode(bytes: &[u8]) -> Result<Log, LogError> {
        if bytes.len() > LOG_BYTES_MAX {
            return Err(LogError::TooLong(bytes.len()));
        }
        let log: Log =
            postcard::from_bytes(bytes).map_err(|why| LogError::Malformed(why.to_string()))?;
        if log.entries.len() > INPUTS_MAX {
            return Err(LogError::Inconsistent("it has too many inputs"));
        }
        let times = log.entries.iter().map(|entry| entry.at_ns).chain([log.end_ns]);
        if !times.is_sorted() {
            return Err(LogError::Inconsistent("its inputs are not in order of time"));
        }
        Ok(log)
    }
}
