//! Connections, and why there is none.

use sim::{Receiver, Sender, channel};

/// A connection that carries bytes both ways. Dropping the sender closes that direction.
#[derive(Debug)]
pub struct Connection {
    /// To the other side.
    pub send: Sender<Vec<u8>>,
    /// From the other side.
    pub receive: Receiver<Vec<u8>>,
}

/// Both ends of a new connection.
pub fn pair() -> (Connection, Connection) {
    let (to_server, from_client) = channel();
    let (to_client, from_server) = channel();
    let client = Connection { send: to_server, receive: from_server };
    let server = Connection { send: to_client, receive: from_client };
    (client, server)
}

/// Why there is no connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// No such name.
    #[error("no such host")]
    UnknownHost,
    /// Nobody listens there.
    #[error("connection refused")]
    Refused,
    /// Nothing answers at that address.
    #[error("connection timed out")]
    TimedOut,
}

/// What comes of calling a Pod.
#[derive(Debug)]
pub enum Dial {
    /// Somebody listens.
    Connected(Connection),
    /// The Pod is there, and nobody in it listens at this port.
    Refused,
    /// No Pod has this address.
    NoPod,
}

/// The Pods of the cluster, as far as the network needs them.
pub trait Pods {
    /// Calls a Pod by its address; `from` is the address that it sees the call come from.
    fn dial(&self, from: &str, ip: &str, port: u16) -> Dial;
}
