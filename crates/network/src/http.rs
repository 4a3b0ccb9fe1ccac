//! One request and its answer.

use crate::connection::{ConnectError, Connection};
use crate::host::Host;
use crate::message::{Response, Url, parse_response};
use crate::network::Network;

/// The longest answer that is kept.
const RESPONSE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// A request to be sent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) headers: Vec<String>,
    pub(crate) body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RequestError {
    Connect(ConnectError),
    /// The connection was closed without a word.
    Empty,
}

impl Request {
    /// As it is sent.
    pub(crate) fn head(&self, url: &Url) -> String {
        let mut head = format!("{} {} HTTP/1.1\r\n", self.method, url.target);
        let has = |name: &str| {
            let mut names = self.headers.iter().filter_map(|line| line.split(':').next());
            names.any(|other| other.eq_ignore_ascii_case(name))
        };
        if !has("Host") {
            head.push_str(&format!("Host: {}\r\n", url.authority()));
        }
        if !has("User-Agent") {
            head.push_str("User-Agent: curl/7.88.1\r\n");
        }
        if !has("Accept") {
            head.push_str("Accept: */*\r\n");
        }
        for line in &self.headers {
            head.push_str(&format!("{line}\r\n"));
        }
        if !self.body.is_empty() {
            head.push_str(&format!("Content-Length: {}\r\n", self.body.len()));
        }
        head.push_str("\r\n");
        head
    }
}

/// Sends a request and completes with its answer.
pub(crate) async fn send(
    network: &Network,
    from: &Host,
    url: &Url,
    request: &Request,
) -> Result<Response, RequestError> {
    let connection = network.connect(from, &url.host, url.port()).await;
    let Connection { send, mut receive } = connection.map_err(RequestError::Connect)?;
    let message = [request.head(url).into_bytes(), request.body.clone()].concat();
    send.send(message).map_err(|_| RequestError::Empty)?;
    let mut bytes = Vec::new();
    loop {
        let piece = receive.recv().await;
        let has_ended = piece.is_none();
        bytes.extend(piece.unwrap_or_default());
        let is_complete = bytes.len() >= RESPONSE_BYTES_MAX || has_ended;
        if let Some(response) = parse_response(&bytes, &request.method, is_complete) {
            return Ok(response);
        }
        if is_complete {
            return Err(RequestError::Empty);
        }
    }
}
