//! From real requests to requests of the simulation, and back.

use super::connection::Answer;
use super::http::{Head, Request};
use api::{Reason, Status, Text};
use apiserver::{Body, Credentials, HttpRequest, Impersonation, Method, decode_percent};
use sim::Cause;

/// What the headers begin with that say more of whom a client wants to be.
const EXTRA_PREFIX: &str = "impersonate-extra-";

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
        credentials: credentials(request),
        user_agent: text("User-Agent").into(),
        cause: Cause::default(),
    })
}

/// Who the client says that it is.
fn credentials(request: &Request) -> Credentials {
    let text = |name| request.header(name).map(|text| Text::from(text.to_owned()));
    let token = request.header("Authorization").and_then(|header| {
        let (scheme, token) = header.split_once(' ')?;
        let token = token.trim();
        let is_token = scheme.eq_ignore_ascii_case("Bearer") && !token.is_empty();
        is_token.then(|| Text::from(token.to_owned()))
    });
    let extra = request.headers.iter().filter_map(|(name, value)| {
        let name = name.to_lowercase();
        let key = decode_percent(name.strip_prefix(EXTRA_PREFIX)?);
        Some((key.into(), value.clone().into()))
    });
    let groups = request.all_headers("Impersonate-Group");
    Credentials {
        user: None,
        certificate: request.certificate.clone().map(Text::from),
        token,
        impersonation: Impersonation {
            name: text("Impersonate-User").unwrap_or_default(),
            uid: text("Impersonate-Uid").unwrap_or_default(),
            groups: groups.map(|group| group.to_owned().into()).collect(),
            extra: extra.collect(),
        },
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_say_who_a_client_is() {
        let check = |headers: &[(&str, &str)], token: Option<&str>, extra: &[(&str, &str)]| {
            let owned = headers.iter().map(|(name, value)| ((*name).into(), (*value).into()));
            let request = Request { headers: owned.collect(), ..Request::default() };
            let found = credentials(&request);
            assert_eq!(found.token.as_ref().map(Text::as_str), token, "{headers:?}");
            let found = &found.impersonation.extra;
            let found: Vec<_> = found.iter().map(|(key, value)| (&**key, &**value)).collect();
            assert_eq!(found, extra, "{headers:?}");
        };
        check(&[("authorization", "bearer abc")], Some("abc"), &[]);
        for nothing in ["Basic abc", "Bearer ", "Bearer", ""] {
            check(&[("Authorization", nothing)], None, &[]);
        }
        let headers =
            [("Impersonate-Extra-Scopes", "a"), ("Impersonate-Extra-acme.com%2Fproject", "b")];
        check(&headers, None, &[("scopes", "a"), ("acme.com/project", "b")]);
    }
}
