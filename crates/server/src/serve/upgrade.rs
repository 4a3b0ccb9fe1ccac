//! Clients that want to go on in another protocol, and in which.

use super::exec::Exec;
use super::flow::Flow;
use super::forward::Forward;
use super::framing::{Channels, Framing, Spdy, Tunnel, accept_key};
use super::http::{Head, Request};
use api::Status;
use apiserver::{ExecStreams, ForwardTarget};
use session::Session;

const SPDY: &str = "SPDY/3.1";
const STREAM_PROTOCOL: &str = "X-Stream-Protocol-Version";
const SOCKET_PROTOCOL: &str = "Sec-WebSocket-Protocol";
/// Protocols of `exec` and `attach` that are spoken here, the best first.
const EXEC_PROTOCOLS: [&str; 2] = ["v5.channel.k8s.io", "v4.channel.k8s.io"];
const FORWARD_PROTOCOL: &str = "portforward.k8s.io";
const TUNNEL_PROTOCOL: &str = "SPDY/3.1+portforward.k8s.io";

/// In which form a client wants its streams.
pub(super) enum Wanted<'a> {
    /// Those of SPDY, in the protocol of this name.
    Spdy(&'a str),
    /// The channels of a WebSocket, in the protocol of this name.
    Channels(&'a str),
    /// SPDY within a WebSocket.
    Tunnel,
}

/// What the client asks for, if anything.
pub(super) fn is_wanted(request: &Request) -> bool {
    request.header_says("Connection", "upgrade")
}

/// The first protocol of `known` that the client offers in the header of that name.
fn choose<'a>(request: &Request, header: &str, known: &[&'a str]) -> Option<&'a str> {
    known.iter().find(|name| request.words(header).any(|word| word == **name)).copied()
}

/// The form of the streams that the client asks for.
pub(super) fn wanted(request: &Request, is_exec: bool) -> Result<Wanted<'static>, Status> {
    let known: &[&str] = if is_exec { &EXEC_PROTOCOLS } else { &[FORWARD_PROTOCOL] };
    let found = if request.header_says("Upgrade", SPDY) {
        choose(request, STREAM_PROTOCOL, known).map(Wanted::Spdy)
    } else if request.header_says("Upgrade", "websocket") {
        let is_tunnel = !is_exec && request.header_says(SOCKET_PROTOCOL, TUNNEL_PROTOCOL);
        match is_tunnel {
            true => Some(Wanted::Tunnel),
            // Ports are forwarded over the same channels.
            false => choose(request, SOCKET_PROTOCOL, &EXEC_PROTOCOLS).map(Wanted::Channels),
        }
    } else {
        None
    };
    found.ok_or_else(|| {
        let offered: Vec<&str> =
            request.words(STREAM_PROTOCOL).chain(request.words(SOCKET_PROTOCOL)).collect();
        Status::bad_request(format!(
            "unable to upgrade: unable to negotiate protocol: client supports [{}], server \
             accepts [{}]",
            offered.join(" "),
            known.join(" ")
        ))
    })
}

impl Wanted<'_> {
    /// The head of the answer.
    pub(super) fn head(&self, request: &Request) -> Head {
        let head = Head::new(101).with("Connection", "Upgrade");
        let socket = |name: &str| {
            let key = accept_key(request.header("Sec-WebSocket-Key").unwrap_or_default());
            let head = head.clone().with("Upgrade", "websocket");
            head.with("Sec-WebSocket-Accept", &key).with(SOCKET_PROTOCOL, name)
        };
        match self {
            Wanted::Spdy(name) => head.with("Upgrade", SPDY).with(STREAM_PROTOCOL, name),
            Wanted::Channels(name) => socket(name),
            Wanted::Tunnel => socket(TUNNEL_PROTOCOL),
        }
    }

    fn framing(&self) -> Box<dyn Framing> {
        match self {
            Wanted::Spdy(_) => Box::new(Spdy::new()),
            Wanted::Channels(_) => Box::new(Channels::default()),
            Wanted::Tunnel => Box::new(Tunnel::new()),
        }
    }

    /// The streams of a program.
    pub(super) fn exec(&self, streams: ExecStreams, target: &str) -> Box<dyn Flow> {
        let framing = self.framing();
        Box::new(match self {
            Wanted::Channels(_) => Exec::with_channels(streams, framing, target),
            Wanted::Spdy(_) | Wanted::Tunnel => Exec::with_streams(streams, framing, target),
        })
    }

    /// The connections to a Pod's ports.
    pub(super) fn forward(
        &self,
        session: &Session,
        target: ForwardTarget,
        ports: &[u16],
    ) -> Box<dyn Flow> {
        let cluster = session.cluster();
        let (network, server) = (cluster.network(), cluster.server());
        let mut forward = Forward::with_streams(self.framing(), network, server, target);
        if matches!(self, Wanted::Channels(_)) {
            forward.connect_channels(ports);
        }
        Box::new(forward)
    }
}
