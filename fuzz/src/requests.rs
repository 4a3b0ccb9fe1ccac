//! Whole requests: lines of HTTP, as far as the API server sees it.
//!
//! An input is a list of requests with `===` between them. Each begins with method and path; the
//! next lines are content type and accepted type, and the rest is the body.

use crate::outcome;
use api::{Text, object};
use apiserver::store::StoreLimits;
use apiserver::{ApiServer, Body, HttpRequest, Method, Response, ResponseBody, User};
use sim::{Cause, Sim, Time};

/// More would only be slower.
const REQUESTS_MAX: usize = 8;
const EVENTS_MAX: usize = 100;

struct Server(ApiServer);

impl Server {
    fn new() -> Server {
        let sim = Sim::new(1, Time::from_seconds(1_795_000_000));
        let mut server = Server(ApiServer::new(&sim, StoreLimits::default()));
        let default = object! { "metadata": object! { "name": "default" } };
        let body = api::json::to_string(&default);
        for path in ["/api/v1/namespaces", "/api/v1/namespaces/default/serviceaccounts"] {
            server.send(Method::Post, path, "application/json", "", body.as_bytes());
        }
        server
    }

    fn send(
        &mut self,
        method: Method,
        path: &str,
        content_type: &str,
        accept: &str,
        body: &[u8],
    ) -> Response {
        self.0.handle_http(HttpRequest {
            method,
            path: path.to_owned(),
            body: if body.is_empty() { Body::None } else { Body::Bytes(body.into()) },
            content_type: content_type.to_owned(),
            accept: accept.to_owned(),
            credentials: User::new("kubernetes-admin", &["system:masters", "system:authenticated"]).into(),
            user_agent: Text::from("kubectl/v1.29.4"),
            cause: Cause::Setup,
        })
    }
}

fn one(server: &mut Server, text: &str) -> String {
    let mut lines = text.splitn(4, '\n');
    let mut line = || lines.next().unwrap_or_default();
    let (first, content_type, accept, body) = (line(), line(), line(), line());
    let (method, path) = first.split_once(' ').unwrap_or(("GET", first));
    let Some(method) = Method::parse(method) else {
        return String::new();
    };
    let response = server.send(method, path, content_type, accept, body.as_bytes());
    let words = match response.body {
        ResponseBody::Value(value) => {
            let _ = api::json::to_string(&value);
            let _ = api::yaml::try_to_string(&value);
            let word = |name: &'static str| value[name].as_str().unwrap_or_default().to_owned();
            format!("{} {}", word("kind"), word("message"))
        }
        ResponseBody::Text(text) => text,
        ResponseBody::Watch(mut stream) => {
            (0..EVENTS_MAX).map_while(|_| stream.try_next()).map(|event| event.ty).collect()
        }
        ResponseBody::Stream(_) => "stream".to_owned(),
    };
    format!("{} {words}\n", response.code)
}

/// Sends the requests of an input to a server of its own.
pub fn requests(bytes: &[u8]) -> u64 {
    let text = String::from_utf8_lossy(bytes);
    let mut server = Server::new();
    let requests = text.split("\n===\n").take(REQUESTS_MAX);
    let outcomes: String = requests.map(|request| one(&mut server, request)).collect();
    outcome(&outcomes)
}
