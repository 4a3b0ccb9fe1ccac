//! The API server over HTTP, for clients that nobody here wrote.
//!
//! This front only translates: bytes to `HttpRequest`, `Response` to bytes, real time to virtual
//! time. Controllers act after a response has gone out.

mod clock;
mod kubeconfig;
mod stream;
mod translate;

pub use clock::ClockKind;

use clock::Clock;
use session::{ReplayError, Session, Start};
use sim::Duration;
use std::io;
use std::path::PathBuf;
use stream::Streams;
use tiny_http::{Request, Server};

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
    Listen(u16, String),
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

/// Serves until the program is ended. `started` is told the address.
///
/// # Errors
/// If the server cannot be started.
pub fn serve(options: &Options, started: impl FnOnce(&str)) -> Result<(), ServeError> {
    let server = Server::http(("127.0.0.1", options.port))
        .map_err(|why| ServeError::Listen(options.port, why.to_string()))?;
    let port = server.server_addr().to_ip().map_or(options.port, |address| address.port());
    let address = format!("http://127.0.0.1:{port}");
    if let Some(path) = &options.kubeconfig {
        std::fs::write(path, kubeconfig::kubeconfig(&address))
            .map_err(|why| ServeError::Kubeconfig(path.clone(), why))?;
    }
    let clock = Clock::new(options.clock, options.speed);
    let session = Session::new(Start {
        profile: options.profile.clone(),
        kind_config: String::new(),
        seed: options.seed,
        begin_seconds: clock.begin_seconds(),
        kubeconfig: "/home/learner/.kube/config".to_owned(),
        columns: 200,
    })?;
    started(&address);
    Front { session, clock, streams: Streams::default() }.run(&server)
}

/// What a request without a body of its own costs when only requests move the clock.
const REQUEST_COST: Duration = Duration::from_micros(2_500);

struct Front {
    session: Session,
    clock: Clock,
    streams: Streams,
}

impl Front {
    fn run(mut self, server: &Server) -> Result<(), ServeError> {
        loop {
            self.clock.catch_up(&mut self.session);
            self.streams.pump(self.session.now());
            let wait = self.clock.wait(&self.session, !self.streams.is_empty());
            match server.recv_timeout(wait)? {
                Some(request) => self.answer(request),
                None => self.clock.idle(&mut self.session, !self.streams.is_empty()),
            }
        }
    }

    fn answer(&mut self, mut request: Request) {
        if let Some(millis) = clock::advance_of(request.url()) {
            self.session.run_until(self.session.now() + Duration::from_millis(millis));
            self.streams.pump(self.session.now());
            return translate::empty(request);
        }
        if let Some(seconds) = clock::settle_of(request.url()) {
            self.session.settle(Duration::from_secs(seconds));
            self.streams.pump(self.session.now());
            return translate::empty(request);
        }
        self.clock.pay(&mut self.session, REQUEST_COST);
        match translate::request(&mut request) {
            Ok(http) => {
                let target = http.path.clone();
                let response = self.session.request(http);
                self.streams.answer(request, response, &target, self.session.now());
            }
            Err(status) => translate::refuse(request, &status),
        }
    }
}
