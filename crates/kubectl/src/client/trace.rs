//! What `-v` shows of requests and answers.

use super::phrase;
use apiserver::{Body, HttpRequest, Response, ResponseBody};
use shell::Context;

/// From this verbosity on, requests are told of.
const REQUESTS: i64 = 6;
/// From this one on, with their headers.
const HEADERS: i64 = 7;
/// From this one on, with bodies and the headers of answers.
const BODIES: i64 = 8;
/// From this one on, as a command of curl.
const CURL: i64 = 9;
/// From this one on, with whole bodies.
const WHOLE_BODIES: i64 = 10;

/// How much of a body is shown, in bytes, and at [`CURL`].
const BODY_BYTES_MAX: usize = 1_024;
const BODY_BYTES_MAX_AT_CURL: usize = 10_240;

/// Writes lines about requests to standard error.
pub(super) struct Trace {
    context: Context,
    verbosity: i64,
}

impl Trace {
    pub(super) fn new(context: &Context, verbosity: i64) -> Trace {
        Trace { context: context.clone(), verbosity }
    }

    fn log(&self, place: &str, message: &str) {
        self.context.complain(crate::klog::line(&self.context, 'I', place, message));
    }

    fn log_headers(&self, place: &str, headers: &[(&str, String)]) {
        for (name, value) in headers {
            self.log(place, &format!("    {name}: {value}"));
        }
    }

    /// The kubeconfig files were read.
    pub(super) fn configuration<'a>(&self, paths: impl Iterator<Item = &'a str>) {
        if self.verbosity >= REQUESTS {
            for path in paths {
                self.log("loader.go:395", &format!("Config loaded from file:  {path}"));
            }
        }
    }

    /// A request is about to be sent.
    pub(super) fn request(&self, server: &str, request: &HttpRequest) {
        if self.verbosity >= BODIES
            && let Some(body) = body_text(&request.body)
        {
            self.log_body("Request Body", &body);
        }
        let (method, url) = (request.method.as_str(), format!("{server}{}", request.path));
        match self.verbosity {
            HEADERS | BODIES => {
                self.log("round_trippers.go:463", &format!("{method} {url}"));
                self.log("round_trippers.go:469", "Request Headers:");
                self.log_headers("round_trippers.go:473", &request_headers(request));
            }
            CURL.. => {
                let headers: String = request_headers(request)
                    .iter()
                    .map(|(name, value)| format!(" -H \"{name}: {value}\""))
                    .collect();
                let line = format!("curl -v -X{method} {headers} '{url}'");
                self.log("round_trippers.go:466", &line);
            }
            _ => {}
        }
    }

    /// The answer has come.
    pub(super) fn response(&self, server: &str, request: &HttpRequest, response: &Response) {
        let code = response.code;
        let ending = format!("{code} {} in 1 milliseconds", phrase(code));
        match self.verbosity {
            HEADERS | BODIES => {
                self.log("round_trippers.go:574", &format!("Response Status: {ending}"));
            }
            REQUESTS.. => {
                let method = request.method.as_str();
                let line = format!("{method} {server}{} {ending}", request.path);
                self.log("round_trippers.go:553", &line);
            }
            _ => {}
        }
        if self.verbosity >= CURL {
            self.log(
                "round_trippers.go:570",
                "HTTP Statistics: GetConnection 0 ms ServerProcessing 0 ms Duration 1 ms",
            );
        }
        if self.verbosity >= BODIES {
            let body = match &response.body {
                ResponseBody::Value(value) => Some(api::json::to_string(value)),
                ResponseBody::Text(text) => Some(text.clone()),
                ResponseBody::Watch(_) | ResponseBody::Stream(_) | ResponseBody::Bytes { .. } => {
                    None
                }
            };
            self.log("round_trippers.go:577", "Response Headers:");
            let headers = self.response_headers(response, body.as_deref());
            self.log_headers("round_trippers.go:580", &headers);
            if let Some(body) = body {
                self.log_body("Response Body", &body);
            }
        }
    }

    fn response_headers(
        &self,
        response: &Response,
        body: Option<&str>,
    ) -> Vec<(&'static str, String)> {
        let ty = match &response.body {
            ResponseBody::Text(_) | ResponseBody::Stream(_) => "text/plain",
            ResponseBody::Value(_) | ResponseBody::Watch(_) => "application/json",
            ResponseBody::Bytes { content_type, .. } => content_type,
        };
        let mut headers = vec![
            ("Cache-Control", "no-cache, private".to_owned()),
            ("Content-Type", ty.to_owned()),
            ("Date", self.context.now().rfc1123("GMT")),
        ];
        if let Some(body) = body {
            headers.push(("Content-Length", body.len().to_string()));
        }
        for warning in &response.warnings {
            headers.push(("Warning", format!("299 - {}", crate::errors::quote(warning))));
        }
        headers
    }

    fn log_body(&self, title: &str, body: &str) {
        let limit = match self.verbosity {
            WHOLE_BODIES.. => usize::MAX,
            CURL.. => BODY_BYTES_MAX_AT_CURL,
            _ => BODY_BYTES_MAX,
        };
        let end = body.floor_char_boundary(limit);
        let (shown, rest) = body.split_at(end);
        let cut = match rest.len() {
            0 => String::new(),
            length => format!(" [truncated {length} chars]"),
        };
        self.log("request.go:1212", &format!("{title}: {shown}{cut}"));
    }
}

fn request_headers(request: &HttpRequest) -> Vec<(&'static str, String)> {
    let mut headers = vec![
        ("Accept", request.accept.clone()),
        ("User-Agent", request.user_agent.as_str().to_owned()),
    ];
    if !request.content_type.is_empty() {
        headers.push(("Content-Type", request.content_type.clone()));
    }
    if request.credentials.token.is_some() {
        headers.push(("Authorization", "Bearer <masked>".to_owned()));
    }
    let wanted = &request.credentials.impersonation;
    for (name, value) in [("Impersonate-User", &wanted.name), ("Impersonate-Uid", &wanted.uid)] {
        if !value.is_empty() {
            headers.push((name, value.to_string()));
        }
    }
    headers.extend(wanted.groups.iter().map(|group| ("Impersonate-Group", group.to_string())));
    headers
}

fn body_text(body: &Body) -> Option<String> {
    match body {
        Body::None => None,
        Body::Value(value) => Some(api::json::to_string(value)),
        Body::Bytes(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
    }
}
