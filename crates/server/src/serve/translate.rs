//! From real requests to requests of the simulation, and back.

use super::connection::Answer;
use super::http::{Head, Request};
use api::{Reason, Status};
use apiserver::{Body, HttpRequest, Method, User};
use sim::Cause;

const AUTHENTICATED: &str = "system:authenticated";

/// The request as the API server takes it.
pub(super) fn request(request: &Request) -> Result<HttpRequest, Status> {
    let method = Method::parse(&request.method).ok_or_else(|| {
        Status::new(Reason::MethodNotAllowed, "the server does not allow this method")
    })?;
    let text = |name| request.header(name).unwrap_or_default().to_owned();
    let body = match request.body.as_slice() {
        [] => Body::None,
        bytes => Body::Bytes(bytes.into()),
    };
    Ok(HttpRequest {
        method,
        path: request.target.clone(),
        body,
        content_type: text("Content-Type"),
        accept: text("Accept"),
        user: user(request),
        user_agent: text("User-Agent").into(),
        cause: Cause::default(),
    })
}

/// Credentials are not checked: a client is the administrator, or whom it impersonates.
fn user(request: &Request) -> User {
    match request.header("Impersonate-User") {
        None => User::new("kubernetes-admin", &["kubeadm:cluster-admins", AUTHENTICATED]),
        Some(name) => {
            let groups = request.all_headers("Impersonate-Group");
            User::acting_as(name.to_owned(), groups.map(|group| group.to_owned().into()).collect())
        }
    }
}

/// The head of an answer with these warnings.
pub(super) fn head(code: u16, content: &str, warnings: &[String]) -> Head {
    let head =
        Head::new(code).with("Cache-Control", "no-cache, private").with("Content-Type", content);
    warnings.iter().fold(head, |head, warning| {
        let quoted = warning.replace('\\', "\\\\").replace('"', "\\\"");
        head.with("Warning", &format!("299 - \"{quoted}\""))
    })
}

/// A failure.
pub(super) fn refusal(status: &Status) -> Answer {
    let text = api::json::to_string(&status.to_value());
    Answer::Document(head(status.code, "application/json", &[]), text.into_bytes())
}

/// A text about the front itself.
pub(super) fn text(code: u16, text: String) -> Answer {
    Answer::Document(head(code, "text/plain", &[]), text.into_bytes())
}
