//! The connection between the learner's machine and the API server.

use apiserver::{ApiServer, ExecStreams, HttpRequest, Response, User};
use kubectl::{Api, ConnectionError, LocalFuture, Streams, Upgrade};
use sim::{Cause, Duration, Sim};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// Where the API server listens, as the machine of the recordings saw it.
pub const SERVER_URL: &str = "https://127.0.0.1:6443";

/// From the moment a request is sent until its answer is there: an API server on the same
/// machine answers small requests in two to three milliseconds.
const REQUEST_LATENCY: Duration = Duration::from_micros(2_500);

/// The same for a connection that goes on to a kubelet and its runtime.
const UPGRADE_LATENCY: Duration = Duration::from_millis(20);

/// The group that every user with valid credentials is in.
const AUTHENTICATED: &str = "system:authenticated";

/// The API server as programs on the machine reach it.
pub(crate) struct Connection {
    sim: Sim,
    server: Rc<RefCell<ApiServer>>,
    cause: Rc<Cell<Cause>>,
}

impl Connection {
    /// A connection whose requests are caused by whatever `cause` holds when they are sent.
    pub(crate) fn new(
        sim: &Sim,
        server: &Rc<RefCell<ApiServer>>,
        cause: &Rc<Cell<Cause>>,
    ) -> Connection {
        Connection { sim: sim.clone(), server: server.clone(), cause: cause.clone() }
    }
}

impl Api for Connection {
    fn is_at(&self, url: &str) -> bool {
        url.trim_end_matches('/') == SERVER_URL
    }

    fn request(&self, mut request: HttpRequest) -> LocalFuture<Result<Response, ConnectionError>> {
        request.user = authenticate(request.user);
        request.cause = self.cause.get();
        let (sim, server) = (self.sim.clone(), self.server.clone());
        Box::pin(async move {
            sim.sleep(REQUEST_LATENCY / 2).await;
            let response = server.borrow_mut().handle_http(request);
            sim.sleep(REQUEST_LATENCY / 2).await;
            Ok(response)
        })
    }

    fn stream(
        &self,
        mut request: HttpRequest,
    ) -> LocalFuture<Result<Upgrade<Streams>, ConnectionError>> {
        request.user = authenticate(request.user);
        request.cause = self.cause.get();
        let (sim, server) = (self.sim.clone(), self.server.clone());
        Box::pin(async move {
            sim.sleep(UPGRADE_LATENCY).await;
            let opened = server.borrow_mut().open_streams(request);
            Ok(match opened {
                Ok(ExecStreams { stdin, stdout, stderr, status, resize }) => {
                    Upgrade::Switched(Streams { stdin, stdout, stderr, status, resize })
                }
                Err(response) => Upgrade::Refused(*response),
            })
        })
    }
}

/// Whom the credentials in the kubeconfig file belong to, unless somebody else is impersonated.
fn authenticate(asked: User) -> User {
    if asked.name.is_empty() {
        return User::new("kubernetes-admin", &["kubeadm:cluster-admins", AUTHENTICATED]);
    }
    let mut groups = asked.groups.to_vec();
    if !groups.iter().any(|group| group == AUTHENTICATED) {
        groups.push(AUTHENTICATED.into());
    }
    User { name: asked.name, groups: groups.into() }
}
