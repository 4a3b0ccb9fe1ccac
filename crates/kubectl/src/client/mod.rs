//! Requests, as kubectl sends them.

mod call;
mod events;
mod trace;
mod warnings;

pub use call::{Call, encode, resource_path};
pub use events::Events;
use events::Source;
pub(crate) use warnings::{Warnings, prefix as warning_prefix};

use crate::errors::{Error, Result};
use crate::transport::{Api, ConnectionError, Forwarder, Streams, Upgrade};
use api::{Status, Value};
use apiserver::{Credentials, HttpRequest, Response, ResponseBody};
use shell::Context;
use sim::{Cause, Duration, Receiver};
use std::rc::Rc;
use trace::Trace;

/// What kubectl calls itself.
pub const USER_AGENT: &str = "kubectl/v1.29.4 (linux/amd64) kubernetes/55019c8";

/// The accept header of requests for tables.
pub const ACCEPT_TABLE: &str = "application/json;as=Table;v=v1;g=meta.k8s.io,\
                                application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json";
/// The accept header of all others.
pub const ACCEPT_OBJECT: &str = "application/json";

/// A connection to the server on behalf of one command.
pub struct Client {
    context: Context,
    api: Rc<dyn Api>,
    server: String,
    host: String,
    credentials: Credentials,
    trace: Trace,
    /// How long an answer may go on.
    timeout: Option<Duration>,
    warnings: Warnings,
}

impl Client {
    /// A client of the server at the URL `server`.
    pub(crate) fn new(
        context: &Context,
        api: &Rc<dyn Api>,
        server: &str,
        host: String,
        credentials: Credentials,
        verbosity: i64,
        timeout: Option<Duration>,
    ) -> Client {
        Client {
            context: context.clone(),
            api: api.clone(),
            server: server.to_owned(),
            host,
            credentials,
            trace: Trace::new(context, verbosity),
            timeout,
            warnings: Warnings::default(),
        }
    }

    /// How many different warnings the server has sent.
    pub(crate) fn warning_count(&self) -> usize {
        self.warnings.count()
    }

    /// The URL of the server.
    pub fn server(&self) -> &str {
        &self.server
    }

    fn http(&self, mut call: Call) -> HttpRequest {
        if let Some(timeout) = self.timeout {
            call = call.query(
                "timeout",
                crate::flags::format_duration(
                    i64::try_from(timeout.as_nanos()).unwrap_or(i64::MAX),
                ),
            );
        }
        HttpRequest {
            method: call.method,
            path: call.target(),
            body: call.body,
            content_type: call.content_type.to_owned(),
            accept: call.accept.to_owned(),
            credentials: self.credentials.clone(),
            user_agent: USER_AGENT.into(),
            cause: Cause::default(),
        }
    }

    /// What has been printed so far is seen before anything that takes time.
    async fn prepare(&self) -> Result<(), ConnectionError> {
        // An output that nobody reads is told of when the command ends.
        let _ = self.context.flush().await;
        match self.api.is_at(&self.server) {
            true => Ok(()),
            false => Err(ConnectionError::Refused(self.host.clone())),
        }
    }

    /// Tells where the configuration came from, for those who want to know.
    pub(crate) fn trace_configuration<'a>(&self, paths: impl Iterator<Item = &'a str>) {
        self.trace.configuration(paths);
    }

    /// Sends a call and completes with whatever comes back.
    pub async fn send(&self, call: Call) -> Result<Response, ConnectionError> {
        self.prepare().await?;
        let http = self.http(call);
        self.trace.request(&self.server, &http);
        let response = self.api.request(http.clone()).await?;
        self.trace.response(&self.server, &http, &response);
        self.warnings.print(&self.context, &response.warnings);
        Ok(response)
    }

    /// Sends a call and completes with the document, or with the failure it tells of.
    pub async fn value(&self, call: Call) -> Result<Value> {
        let response = self.send(call).await?;
        let code = response.code;
        match response.body {
            ResponseBody::Value(value) if code < 400 => Ok(value),
            ResponseBody::Text(text) if code < 400 => Ok(text.into()),
            ResponseBody::Value(value) => Err(failure(code, &value)),
            ResponseBody::Text(text) => Err(failure(code, &text.into())),
            // Nobody here asks for these where a document is expected.
            ResponseBody::Watch(_) | ResponseBody::Stream(_) | ResponseBody::Bytes { .. } => {
                Ok(Value::Null)
            }
        }
    }

    /// Begins a watch.
    pub async fn watch(&self, call: Call) -> Result<Events> {
        let response = self.send(call.query("watch", "true")).await?;
        let code = response.code;
        let events = |source| Ok(Events::new(&self.context, source, self.timeout));
        match response.body {
            ResponseBody::Watch(stream) => events(Source::Stream(stream)),
            ResponseBody::Stream(bytes) => events(Source::Bytes { rest: Vec::new(), bytes }),
            ResponseBody::Value(value) if code >= 400 => Err(failure(code, &value)),
            _ => Err(Error::Other("the server does not watch this resource".to_owned())),
        }
    }

    /// Reads a text, such as a log: what there is, and what will come if it is followed.
    pub async fn text(&self, call: Call) -> Result<(Vec<u8>, Option<Receiver<Vec<u8>>>)> {
        let response = self.send(call).await?;
        let code = response.code;
        match response.body {
            ResponseBody::Text(text) if code < 400 => Ok((text.into_bytes(), None)),
            ResponseBody::Stream(stream) => Ok((Vec::new(), Some(stream))),
            ResponseBody::Value(value) if code < 400 => {
                Ok((api::json::to_string(&value).into_bytes(), None))
            }
            ResponseBody::Value(value) => Err(failure(code, &value)),
            ResponseBody::Text(text) => Err(failure(code, &text.into())),
            ResponseBody::Bytes { bytes, .. } => Ok((bytes, None)),
            ResponseBody::Watch(_) => Ok((Vec::new(), None)),
        }
    }

    /// Begins an `exec` or `attach`.
    pub async fn stream(&self, call: Call) -> Result<Streams> {
        self.prepare().await?;
        match self.api.stream(self.http(call)).await? {
            Upgrade::Switched(streams) => Ok(streams),
            Upgrade::Refused(response) => Err(self.refused(response)),
        }
    }

    /// Begins a `portforward`.
    pub async fn forward(&self, call: Call) -> Result<Forwarder> {
        self.prepare().await?;
        match self.api.forward(self.http(call)).await? {
            Upgrade::Switched(forwarder) => Ok(forwarder),
            Upgrade::Refused(response) => Err(self.refused(response)),
        }
    }

    fn refused(&self, response: Response) -> Error {
        self.warnings.print(&self.context, &response.warnings);
        self.failure(response)
    }

    /// The failure that an answer tells of.
    pub(crate) fn failure(&self, response: Response) -> Error {
        match response.body {
            ResponseBody::Value(value) => failure(response.code, &value),
            ResponseBody::Text(text) => failure(response.code, &text.into()),
            _ => Error::Other("unable to upgrade connection".to_owned()),
        }
    }
}

/// The failure that a body tells of. A body that is no `Status` leaves the code alone to speak.
fn failure(code: u16, body: &Value) -> Error {
    if *body.get(&api::names::KIND) == "Status" {
        return Status::from_value(code, body).into();
    }
    let reasons = [
        api::Reason::NotFound,
        api::Reason::Forbidden,
        api::Reason::Unauthorized,
        api::Reason::BadRequest,
        api::Reason::MethodNotAllowed,
        api::Reason::ServiceUnavailable,
        api::Reason::TooManyRequests,
    ];
    let reason = reasons.into_iter().find(|reason| reason.code() == code);
    let message = match reason {
        Some(api::Reason::NotFound) => {
            "the server could not find the requested resource".to_owned()
        }
        Some(api::Reason::MethodNotAllowed) => {
            "the server does not allow this method on the requested resource".to_owned()
        }
        Some(api::Reason::Unauthorized) => {
            "the server has asked for the client to provide credentials".to_owned()
        }
        Some(api::Reason::Forbidden) => body.as_str().unwrap_or_default().trim().to_owned(),
        Some(api::Reason::ServiceUnavailable) => {
            "the server is currently unable to handle the request".to_owned()
        }
        _ => body.as_str().unwrap_or("the server responded with an unknown error").to_owned(),
    };
    let mut status = Status::new(reason.unwrap_or(api::Reason::Unknown), message);
    status.code = code;
    status.into()
}

fn phrase(code: u16) -> &'static str {
    match code {
        200 => "OK",
        201 => "Created",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        415 => "Unsupported Media Type",
        422 => "Unprocessable Entity",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        _ => "",
    }
}
