//! The way to the API server, and all that kubectl needs of the world beside its process.
//!
//! kubectl sees requests and responses and nothing else. Whoever starts it brings an [`Api`], which
//! adds what a network adds: latency, and connections that fail.

use api::Value;
use apiserver::{HttpRequest, Response};
use sim::{Receiver, Sender};
use std::future::Future;
use std::pin::Pin;

/// A future that runs on the simulation's own executor.
pub type LocalFuture<T> = Pin<Box<dyn Future<Output = T>>>;

/// The API server, seen from a client.
pub trait Api {
    /// Whether this is the server at that URL; nobody listens at any other.
    fn is_at(&self, _url: &str) -> bool {
        true
    }

    /// Sends a request and completes with the answer. Watches and logs that are followed come as
    /// bodies that go on.
    fn request(&self, request: HttpRequest) -> LocalFuture<Result<Response, ConnectionError>>;

    /// Sends a request for `exec` or `attach` and completes with its streams, or with the refusal.
    fn stream(
        &self,
        request: HttpRequest,
    ) -> LocalFuture<Result<Upgrade<Streams>, ConnectionError>> {
        let answer = self.request(request);
        Box::pin(async move { answer.await.map(Upgrade::Refused) })
    }

    /// Sends a request for `portforward`.
    fn forward(
        &self,
        request: HttpRequest,
    ) -> LocalFuture<Result<Upgrade<Forwarder>, ConnectionError>> {
        let answer = self.request(request);
        Box::pin(async move { answer.await.map(Upgrade::Refused) })
    }

    /// Listens on the machine that kubectl runs on: what `port-forward` needs. Port 0 means any
    /// free one.
    fn listen(&self, _address: &str, _port: u16) -> Result<Listener, ListenError> {
        Err(ListenError("cannot listen on this machine".to_owned()))
    }
}

/// What comes of a request to switch protocols.
#[derive(Debug)]
pub enum Upgrade<T> {
    /// The server did not switch; mostly a `Status`.
    Refused(Response),
    /// It did.
    Switched(T),
}

/// The streams of `exec` and `attach`. Dropping a sender closes that stream.
#[derive(Debug)]
pub struct Streams {
    /// To the program's standard input.
    pub stdin: Sender<Vec<u8>>,
    /// From its standard output.
    pub stdout: Receiver<Vec<u8>>,
    /// From its standard error; nothing comes when it runs on a terminal.
    pub stderr: Receiver<Vec<u8>>,
    /// One `Status` document at the end: success, or `NonZeroExitCode` with the code as a cause.
    pub status: Receiver<Value>,
    /// Columns and rows of the terminal.
    pub resize: Sender<(usize, usize)>,
}

/// A way to open connections to the ports of a Pod.
pub struct Forwarder {
    /// Opens a connection to this port of the Pod.
    pub open: Box<dyn Fn(u16) -> LocalFuture<Result<Connection, String>>>,
    /// Ends when the Pod is gone: `lost connection to pod`.
    pub closed: LocalFuture<()>,
}

impl std::fmt::Debug for Forwarder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Forwarder")
    }
}

/// A connection that carries bytes both ways. Dropping the sender closes that direction.
#[derive(Debug)]
pub struct Connection {
    /// To the other side.
    pub send: Sender<Vec<u8>>,
    /// From the other side.
    pub receive: Receiver<Vec<u8>>,
}

/// A port on the machine that kubectl runs on. Dropping it closes the port.
#[derive(Debug)]
pub struct Listener {
    /// The port, also if any was asked for.
    pub port: u16,
    /// The connections that are made to it.
    pub connections: Receiver<Connection>,
}

/// Why a port cannot be listened on, as Go prints it: `bind: address already in use`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ListenError(pub String);

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConnectionError {
    /// Nobody listens at this host and port.
    Refused(String),
    /// Anything else, in Go's words.
    Failed(String),
}
