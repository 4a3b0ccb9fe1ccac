//! The API server over HTTP, for clients that nobody here wrote.
//!
//! This front only translates: bytes to `HttpRequest`, `Response` to bytes, real time to virtual
//! time. Clients that speak TLS are who their certificate or token says, or anonymous. Clients that
//! speak plain HTTP and show no token are the administrator, for `curl` and other simple programs.
//! Controllers act after a response has gone out.

mod certificates;
mod clock;
mod connection;
mod exec;
mod flow;
mod forward;
mod framing;
mod http;
mod kubeconfig;
mod stream;
mod tls;
mod translate;
mod upgrade;

pub use clock::ClockKind;

use apiserver::{Response, ResponseBody, Upgrade, User, wire};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use certificates::Certificates;
use clock::Clock;
use connection::{Answer, ConnectionId, Door, Event};
use flow::{Flow, Flows};
use http::{Head, Request};
use network::ConnectError;
use session::{ReplayError, Session, Start};
use sim::Duration;
use std::io;
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};

/// What a server is started with.
#[derive(Clone, Debug)]
pub struct Options {
    /// The port on 127.0.0.1; 0 means any free one.
    pub port: u16,
    /// Where a kubeconfig file for it is written.
    pub kubeconfig: Option<PathBuf>,
    /// Virtual seconds in a real one.
    pub speed: f64,
    /// The cluster's profile.
    pub profile: String,
    /// What `kind create cluster --config` would be given; empty for one node.
    pub kind_config: String,
    /// What moves virtual time.
    pub clock: ClockKind,
    /// All randomness comes from here.
    pub seed: u64,
}

/// Why a server cannot run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The port cannot be listened on.
    #[error("cannot listen on port {0}: {1}")]
    Listen(u16, io::Error),
    /// The kubeconfig file cannot be written.
    #[error("{0}: {1}")]
    Kubeconfig(PathBuf, io::Error),
    /// The cluster cannot be made.
    #[error("{0}")]
    Start(#[from] ReplayError),
    /// The connection to clients is lost.
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// Serves until `/__stop` is asked for or the program is ended. `started` is told the address.
///
/// # Errors
/// If the server cannot be started.
pub fn serve(options: &Options, started: impl FnOnce(&str)) -> Result<(), ServeError> {
    let listener = TcpListener::bind(("127.0.0.1", options.port))
        .map_err(|why| ServeError::Listen(options.port, why))?;
    let address = format!("https://{}", listener.local_addr()?);
    let certificates = Certificates::new()?;
    if let Some(path) = &options.kubeconfig {
        std::fs::write(path, kubeconfig::kubeconfig(&address, &certificates))
            .map_err(|why| ServeError::Kubeconfig(path.clone(), why))?;
    }
    let clock = Clock::new(options.clock, options.speed);
    let session = Session::new(Start {
        profile: options.profile.clone(),
        kind_config: options.kind_config.clone(),
        seed: options.seed,
        begin_seconds: clock.begin_seconds(),
        kubeconfig: "/home/learner/.kube/config".to_owned(),
        columns: 200,
    })?;
    session.set_descriptions(|| Some(descriptions::TEXT.into()));
    let mut server = session.cluster().server().borrow_mut();
    let administrator = STANDARD.encode(&certificates.administrator.certificate);
    let groups = [certificates::ADMINISTRATORS, "system:authenticated"];
    server
        .trust_certificate(administrator.clone(), User::new(certificates::ADMINISTRATOR, &groups));
    drop(server);
    let (sender, events) = channel();
    let tls = tls::configuration(&certificates)?;
    connection::listen(listener, Door { tls, administrator: administrator.into() }, sender);
    started(&address);
    Front { session, clock, flows: Flows::default() }.run(&events);
    Ok(())
}

/// What a request without a body of its own costs when only requests move the clock.
const REQUEST_COST: Duration = Duration::from_micros(2_500);
/// A request for this path ends the server.
const STOP_PATH: &str = "/__stop";
/// Below this path are the ports that Services open on nodes.
const NODE_PORT_PATH: &str = "/__nodeport/";

struct Front {
    session: Session,
    clock: Clock,
    flows: Flows,
}

impl Front {
    fn run(mut self, events: &Receiver<Event>) {
        loop {
            self.clock.catch_up(&mut self.session);
            self.pump();
            let wait = self.clock.wait(&self.session, self.flows.move_the_clock());
            match events.recv_timeout(wait) {
                Ok(Event::Request(_, request, client)) if request.target == STOP_PATH => {
                    // Whoever wants the end does not insist on hearing of it.
                    let _ = client.send(Answer::Document(Head::new(204), Vec::new()));
                    return;
                }
                Ok(Event::Request(id, request, client)) => self.answer(id, &request, &client),
                Ok(Event::Bytes(id, bytes)) => {
                    self.clock.give_way();
                    self.flows.receive(id, &bytes);
                }
                Ok(Event::Closed(id)) => self.flows.remove(id),
                Err(RecvTimeoutError::Timeout) => {
                    self.clock.idle(&mut self.session, self.flows.move_the_clock());
                }
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// Passes on what has happened.
    fn pump(&mut self) {
        if self.flows.pump(self.session.now()) {
            self.clock.give_way();
        }
    }

    fn answer(&mut self, id: ConnectionId, request: &Request, client: &Sender<Answer>) {
        let answer = match self.answer_about_time(&request.target) {
            Some(answer) => answer,
            None => {
                self.clock.give_way();
                self.clock.pay(&mut self.session, REQUEST_COST);
                match request.target.strip_prefix(NODE_PORT_PATH) {
                    Some(rest) => self.answer_of_node_port(id, request, rest),
                    None => self.answer_of_server(id, request),
                }
            }
        };
        // A client that is gone needs no answer.
        let _ = client.send(answer);
    }

    /// What is asked of the clock.
    fn answer_about_time(&mut self, target: &str) -> Option<Answer> {
        if let Some(millis) = clock::advance_of(target) {
            self.session.run_until(self.session.now() + Duration::from_millis(millis));
        } else if let Some(seconds) = clock::settle_of(target) {
            self.session.settle(Duration::from_secs(seconds));
        } else if target == "/__clock/hold" {
            return Some(translate::text(200, self.flows.hold().to_string()));
        } else {
            return None;
        }
        self.pump();
        Some(Answer::Document(Head::new(204), Vec::new()))
    }

    fn answer_of_server(&mut self, id: ConnectionId, request: &Request) -> Answer {
        let http = match translate::request(request) {
            Ok(http) => http,
            Err(status) => return translate::refusal(&status),
        };
        if !upgrade::is_wanted(request) {
            let response = self.session.request(http);
            return self.pass_on(id, request, response);
        }
        let server = self.session.cluster().server().clone();
        let prepared = server.borrow_mut().prepare_upgrade(http);
        match prepared.and_then(|prepared| self.upgrade(request, prepared)) {
            Ok((head, flow)) => self.begin(id, flow, |pieces| Answer::Raw(Some(head), pieces)),
            Err(response) => self.pass_on(id, request, *response),
        }
    }

    fn upgrade(
        &self,
        request: &Request,
        upgrade: Upgrade,
    ) -> Result<(Head, Box<dyn Flow>), Box<Response>> {
        let is_exec = matches!(upgrade, Upgrade::Exec(_));
        let wanted = upgrade::wanted(request, is_exec).map_err(|why| Box::new(why.into()))?;
        let flow = match upgrade {
            Upgrade::Exec(prepared) => wanted.exec(prepared.open()?, &request.target),
            Upgrade::Forward(target, ports) => wanted.forward(&self.session, target, &ports),
        };
        Ok((wanted.head(request), flow))
    }

    /// `/__nodeport/30080/path`: what the port 30080 of a node answers to `/path`.
    fn answer_of_node_port(&mut self, id: ConnectionId, request: &Request, rest: &str) -> Answer {
        let (port, path) = rest.split_once('/').unwrap_or((rest, ""));
        let Ok(port) = port.parse() else {
            return translate::text(404, "no such port\n".to_owned());
        };
        let found = self.session.cluster().network().node_port(port);
        let sent = found.and_then(|connection| {
            let bytes = stream::forwarded(request, &format!("/{path}"), port);
            match connection.send.send(bytes) {
                Ok(()) => Ok(connection),
                Err(_) => Err(ConnectError::Refused),
            }
        });
        match sent {
            Ok(connection) => {
                let flow = stream::Proxied::new(connection);
                self.begin(id, Box::new(flow), |pieces| Answer::Raw(None, pieces))
            }
            Err(why) => translate::text(502, format!("{why}\n")),
        }
    }

    fn pass_on(&mut self, id: ConnectionId, request: &Request, response: Response) -> Answer {
        let Response { code, body, warnings } = response;
        let head = |content| translate::head(code, content, &warnings);
        match body {
            ResponseBody::Value(value) => {
                let text = wire::document(&request.target, &value);
                Answer::Document(head("application/json"), text.into_bytes())
            }
            ResponseBody::Bytes { content_type, bytes } => {
                Answer::Document(head(content_type), bytes)
            }
            ResponseBody::Text(text) => Answer::Document(head("text/plain"), text.into_bytes()),
            ResponseBody::Watch(changes) => {
                let end = stream::watch_end(&request.target, self.session.now());
                let flow = Box::new(stream::Watch { changes, end });
                let head = head("application/json");
                self.begin(id, flow, |pieces| Answer::Stream(head, pieces))
            }
            ResponseBody::Stream(bytes) => {
                let head = head("text/plain");
                let flow = Box::new(stream::Bytes(bytes));
                self.begin(id, flow, |pieces| Answer::Stream(head, pieces))
            }
        }
    }

    fn begin(
        &mut self,
        id: ConnectionId,
        flow: Box<dyn Flow>,
        answer: impl FnOnce(Receiver<Vec<u8>>) -> Answer,
    ) -> Answer {
        let (client, pieces) = channel();
        self.flows.add(id, flow, client);
        answer(pieces)
    }
}
