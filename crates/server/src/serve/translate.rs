//! From real requests to requests of the simulation, and back.

use api::{Reason, Status};
use apiserver::{Body, HttpRequest, Method, User};
use sim::Cause;
use std::io::Read as _;
use tiny_http::{Header, Request, Response};

/// How much of a body is read; the API server refuses less than that.
const BODY_BYTES_MAX: u64 = 16 * 1024 * 1024;
const AUTHENTICATED: &str = "system:authenticated";

fn header<'a>(request: &'a Request, name: &'static str) -> Option<&'a str> {
    let mut headers = request.headers().iter();
    headers.find(|header| header.field.equiv(name)).map(|header| header.value.as_str())
}

/// The request as the API server takes it.
pub(super) fn request(request: &mut Request) -> Result<HttpRequest, Status> {
    let method = Method::parse(request.method().as_str()).ok_or_else(|| {
        Status::new(Reason::MethodNotAllowed, "the server does not allow this method")
    })?;
    let mut bytes = Vec::new();
    request
        .as_reader()
        .take(BODY_BYTES_MAX)
        .read_to_end(&mut bytes)
        .map_err(|why| Status::bad_request(why.to_string()))?;
    let text = |name| header(request, name).unwrap_or_default().to_owned();
    Ok(HttpRequest {
        method,
        path: request.url().to_owned(),
        body: if bytes.is_empty() { Body::None } else { Body::Bytes(bytes.into()) },
        content_type: text("Content-Type"),
        accept: text("Accept"),
        user: user(request),
        user_agent: text("User-Agent").into(),
        cause: Cause::default(),
    })
}

/// Credentials are not checked: a client is the administrator, or whom it impersonates.
fn user(request: &Request) -> User {
    let Some(name) = header(request, "Impersonate-User") else {
        return User::new("kubernetes-admin", &["kubeadm:cluster-admins", AUTHENTICATED]);
    };
    let groups = request.headers().iter().filter(|h| h.field.equiv("Impersonate-Group"));
    let groups = groups.map(|header| header.value.as_str().to_owned().into()).collect();
    User::acting_as(name.to_owned(), groups)
}

/// A header; its name is one of ours and its value printable.
pub(super) fn make_header(name: &str, value: &str) -> Option<Header> {
    Header::from_bytes(name, value).ok()
}

/// Answers without a body.
pub(super) fn empty(request: Request) {
    // A client that is gone needs no answer.
    let _ = request.respond(Response::empty(204));
}

/// Answers with a document.
pub(super) fn document(
    request: Request,
    code: u16,
    text: String,
    content: &str,
    warnings: &[String],
) {
    let mut response = Response::from_string(text).with_status_code(code);
    response.add_header_if(make_header("Content-Type", content));
    for warning in warnings {
        let quoted = warning.replace('\\', "\\\\").replace('"', "\\\"");
        response.add_header_if(make_header("Warning", &format!("299 - \"{quoted}\"")));
    }
    // A client that is gone needs no answer.
    let _ = request.respond(response);
}

/// Answers with a failure.
pub(super) fn refuse(request: Request, status: &Status) {
    let text = api::json::to_string(&status.to_value());
    document(request, status.code, text, "application/json", &[]);
}

trait AddHeader {
    fn add_header_if(&mut self, header: Option<Header>);
}

impl<R: std::io::Read> AddHeader for Response<R> {
    fn add_header_if(&mut self, header: Option<Header>) {
        if let Some(header) = header {
            self.add_header(header);
        }
    }
}
