//! Several streams over one connection: how clients of `exec`, `attach` and `port-forward` do it.

mod dictionary;
mod headers;
mod spdy;
mod websocket;

pub(super) use spdy::Spdy;
pub(super) use websocket::{Channels, Tunnel, accept_key};

/// The number of a stream: its own in SPDY, that of its channel in a WebSocket.
pub(super) type StreamId = u32;

/// What a client says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Message {
    /// A new stream, and what it is for.
    Open(StreamId, Vec<(String, String)>),
    /// Bytes of a stream.
    Data(StreamId, Vec<u8>),
    /// No more bytes of a stream.
    End(StreamId),
}

/// Why nothing more can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum FramingError {
    /// The client has said goodbye.
    #[error("closed")]
    Closed,
    /// What comes is not what was agreed on.
    #[error("not the agreed protocol")]
    Malformed,
}

/// A protocol that carries several streams. What is to be sent gathers until it is taken.
pub(super) trait Framing {
    /// Reads what has come.
    fn receive(&mut self, bytes: &[u8]) -> Result<Vec<Message>, FramingError>;

    /// Sends bytes of a stream.
    fn data(&mut self, stream: StreamId, bytes: &[u8]);

    /// Says that no more bytes of a stream come.
    fn end(&mut self, stream: StreamId);

    /// Says that nothing more comes at all.
    fn finish(&mut self);

    /// What is to be sent.
    fn take_output(&mut self) -> Vec<u8>;
}

/// Bytes that have come and are not a whole frame yet.
#[derive(Default)]
struct Incoming(Vec<u8>);

impl Incoming {
    fn push(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Takes the first `count` bytes away.
    fn take(&mut self, count: usize) -> Vec<u8> {
        let rest = self.0.split_off(count.min(self.0.len()));
        std::mem::replace(&mut self.0, rest)
    }
}
