//! The connection between the learner's machine and the API server.

use apiserver::{ApiServer, ExecStreams, ForwardTarget, HttpRequest, PreparedStreams, Response};
use kubectl::{
    Api, ConnectionError, Forwarder, ListenError, Listener, LocalFuture, Streams, Upgrade,
};
use network::{Accept, Network};
use sim::{Cause, Duration, Sender, Sim, channel};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// Where the API server listens, as the machine of the recordings saw it.
pub const SERVER_URL: &str = "https://127.0.0.1:6443";

/// From the moment a request is sent until its answer is there: an API server on the same
/// machine answers small requests in two to three milliseconds.
const REQUEST_LATENCY: Duration = Duration::from_micros(2_500);

/// The same for a connection that goes on to a kubelet and its runtime.
const UPGRADE_LATENCY: Duration = Duration::from_millis(20);

/// The API server as programs on the machine reach it.
pub(crate) struct Connection {
    sim: Sim,
    server: Rc<RefCell<ApiServer>>,
    network: Network,
    cause: Rc<Cell<Cause>>,
}

impl Connection {
    /// A connection whose requests are caused by whatever `cause` holds when they are sent.
    pub(crate) fn new(
        sim: &Sim,
        server: &Rc<RefCell<ApiServer>>,
        network: &Network,
        cause: &Rc<Cell<Cause>>,
    ) -> Connection {
        Connection {
            sim: sim.clone(),
            server: server.clone(),
            network: network.clone(),
            cause: cause.clone(),
        }
    }
}

impl Api for Connection {
    fn is_at(&self, url: &str) -> bool {
        url.trim_end_matches('/') == SERVER_URL
    }

    fn request(&self, mut request: HttpRequest) -> LocalFuture<Result<Response, ConnectionError>> {
        request.cause = self.cause.get();
        let (sim, server) = (self.sim.clone(), self.server.clone());
        Box::pin(async move {
            sim.sleep(REQUEST_LATENCY / 2).await;
            let response = server.borrow_mut().handle_http(request);
            sim.sleep(REQUEST_LATENCY / 2).await;
            Ok(response)
        })
    }

    fn forward(
        &self,
        mut request: HttpRequest,
    ) -> LocalFuture<Result<Upgrade<Forwarder>, ConnectionError>> {
        request.cause = self.cause.get();
        let sim = self.sim.clone();
        let found = self.server.borrow_mut().forward_target(request);
        let upgrade = match found {
            Ok(target) => Upgrade::Switched(self.forwarder(target)),
            Err(response) => Upgrade::Refused(*response),
        };
        Box::pin(async move {
            sim.sleep(UPGRADE_LATENCY).await;
            Ok(upgrade)
        })
    }

    fn listen(&self, address: &str, port: u16) -> Result<Listener, ListenError> {
        let is_local = matches!(address, "127.0.0.1" | "::1" | "0.0.0.0" | "::");
        if !is_local {
            return Err(ListenError("bind: cannot assign requested address".to_owned()));
        }
        // Both address families are one place here; the second one hears nothing.
        if address.contains(':') {
            return Ok(Listener { port, connections: channel().1 });
        }
        let (sender, connections) = channel();
        let port = self
            .network
            .listen(port, Rc::new(Listening(sender)))
            .ok_or_else(|| ListenError("bind: address already in use".to_owned()))?;
        Ok(Listener { port, connections })
    }

    fn stream(
        &self,
        mut request: HttpRequest,
    ) -> LocalFuture<Result<Upgrade<Streams>, ConnectionError>> {
        request.cause = self.cause.get();
        let (sim, server) = (self.sim.clone(), self.server.clone());
        Box::pin(async move {
            sim.sleep(UPGRADE_LATENCY).await;
            let prepared = server.borrow_mut().prepare_streams(request);
            Ok(match prepared.and_then(PreparedStreams::open) {
                Ok(ExecStreams { stdin, stdout, stderr, status, resize }) => {
                    Upgrade::Switched(Streams { stdin, stdout, stderr, status, resize })
                }
                Err(response) => Upgrade::Refused(*response),
            })
        })
    }
}

/// A program that waits for connections.
struct Listening(Sender<kubectl::Connection>);

impl Accept for Listening {
    fn is_listening(&self) -> bool {
        !self.0.is_closed()
    }

    fn accept(&self, connection: network::Connection) -> bool {
        let network::Connection { send, receive } = connection;
        self.0.send(kubectl::Connection { send, receive }).is_ok()
    }
}

impl Connection {
    /// Opens connections to ports of a Pod until the Pod is gone.
    fn forwarder(&self, target: ForwardTarget) -> Forwarder {
        let (network, target) = (self.network.clone(), Rc::new(target));
        let (server, sim, watched) = (self.server.clone(), self.sim.clone(), target.clone());
        Forwarder {
            open: Box::new(move |port| {
                let opened = network.forward(&target, port);
                let opened = opened.map(|network::Connection { send, receive }| {
                    kubectl::Connection { send, receive }
                });
                Box::pin(async move { opened })
            }),
            closed: Box::pin(async move {
                while watched.exists(&server.borrow()) {
                    sim.sleep(LOST_CHECK).await;
                }
            }),
        }
    }
}

/// How often a forwarder looks whether its Pod is still there.
const LOST_CHECK: Duration = Duration::from_millis(500);
