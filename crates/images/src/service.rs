//! Servers that are described instead of run.

use std::collections::BTreeMap;

/// What a server sees of its container.
pub struct ServiceContext<'a> {
    /// Its environment.
    pub environment: &'a BTreeMap<String, String>,
    /// Reads a file of its container: of a volume, one that somebody has changed, or the image's.
    pub read_file: &'a dyn Fn(&str) -> Option<Vec<u8>>,
    /// The date and time of day, as Go's default logger prints it: `2026/11/23 12:46:12`.
    pub log_time: String,
    /// Now, in UTC.
    pub now: sim::Time,
    /// Whether requests are logged.
    pub logs_requests: bool,
}

/// What a server does when it is started.
pub enum Start {
    /// It listens on these ports, and has printed these lines to standard error.
    Listening {
        /// The ports.
        ports: Vec<u16>,
        /// The lines.
        log: Vec<String>,
    },
    /// It ends at once.
    Exit {
        /// Its exit code.
        code: i32,
        /// What it printed to standard error.
        log: Vec<String>,
    },
}

/// An HTTP request to a server.
#[derive(Clone, Debug)]
pub struct HttpRequest {
    /// The method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// `User-Agent`
    pub user_agent: String,
    /// The address that it comes from.
    pub from: String,
}

/// The answer of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpResponse {
    /// The status code.
    pub code: u16,
    /// `Server`; servers written in Go do not say.
    pub server: String,
    /// `Content-Type`
    pub content_type: &'static str,
    /// The body.
    pub body: Vec<u8>,
    /// A line that the server logs about it.
    pub log: Option<String>,
}

/// A server that an image starts.
pub trait Service {
    /// What happens when the container starts.
    fn start(&self, context: &ServiceContext<'_>) -> Start;

    /// The answer to a request; `None` if it never comes.
    fn respond(&self, request: &HttpRequest, context: &ServiceContext<'_>) -> Option<HttpResponse>;

    /// How fast a request makes the server's memory grow until it is killed, in bytes a second;
    /// `None` for requests that do no harm.
    fn leak_bytes_per_second(&self, _request: &HttpRequest) -> Option<u64> {
        None
    }

    /// Whether it wants TLS at one of its ports.
    fn speaks_tls(&self, _port: u16) -> bool {
        false
    }

    /// Whether it is always as well as it has been once, so that nobody needs to ask again.
    fn is_steady(&self) -> bool {
        false
    }

    /// The exit code after a signal (its number, such as 15) if the server obeys it; `None` if
    /// it does not.
    fn exit_code_on(&self, signal: i32) -> Option<i32>;
}
