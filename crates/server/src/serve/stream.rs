//! Answers that go on in one direction: watches, followed logs, what a node port says.

use super::flow::Flow;
use super::http::Request;
use apiserver::{WatchStream, wire};
use network::Connection;
use sim::{Duration, Receiver, Time};

/// How long a watch lasts when its client does not say: at least 30 minutes on a real server.
const WATCH_TIMEOUT: Duration = Duration::from_secs(30 * 60);

/// Changes, one document a line.
pub(super) struct Watch {
    pub(super) changes: WatchStream,
    /// When the client wanted it to end.
    pub(super) end: Time,
}

impl Flow for Watch {
    fn pump(&mut self, now: Time, out: &mut Vec<u8>) -> bool {
        while let Some(event) = self.changes.try_next() {
            out.extend_from_slice(wire::event(&event).as_bytes());
        }
        now < self.end
    }
}

/// When a watch that begins now ends, by `timeoutSeconds` of its query.
pub(super) fn watch_end(target: &str, now: Time) -> Time {
    let query = target.split_once('?').map_or("", |(_, query)| query);
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let seconds = pairs.find(|(name, _)| *name == "timeoutSeconds");
    let seconds = seconds.and_then(|(_, seconds)| seconds.parse().ok());
    now + seconds.filter(|seconds| *seconds > 0).map_or(WATCH_TIMEOUT, Duration::from_secs)
}

/// Bytes as they come.
pub(super) struct Bytes(pub(super) Receiver<Vec<u8>>);

impl Flow for Bytes {
    fn pump(&mut self, _: Time, out: &mut Vec<u8>) -> bool {
        while let Some(piece) = self.0.try_recv() {
            out.extend(piece);
        }
        !self.0.is_finished()
    }
}

/// What a simulated server answers to one request.
pub(super) struct Proxied {
    connection: Connection,
    /// What has come so far, until the length of the whole is known.
    head: Vec<u8>,
    /// How many bytes are still to come, once that is known.
    rest: Option<usize>,
}

impl Proxied {
    pub(super) fn new(connection: Connection) -> Proxied {
        Proxied { connection, head: Vec::new(), rest: None }
    }
}

/// A request as it is sent on to a port of a node.
pub(super) fn forwarded(request: &Request, target: &str, port: u16) -> Vec<u8> {
    let is_own = |name: &str| {
        let own = ["host", "connection", "transfer-encoding", "content-length"];
        own.iter().any(|other| other.eq_ignore_ascii_case(name))
    };
    let mut text = format!("{} {target} HTTP/1.1\r\nHost: localhost:{port}\r\n", request.method);
    for (name, value) in request.headers.iter().filter(|(name, _)| !is_own(name)) {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    if !request.body.is_empty() {
        text.push_str(&format!("Content-Length: {}\r\n", request.body.len()));
    }
    text.push_str("Connection: close\r\n\r\n");
    [text.as_bytes(), &request.body].concat()
}

impl Flow for Proxied {
    fn pump(&mut self, _: Time, out: &mut Vec<u8>) -> bool {
        while let Some(piece) = self.connection.receive.try_recv() {
            out.extend_from_slice(&piece);
            match &mut self.rest {
                Some(rest) => *rest = rest.saturating_sub(piece.len()),
                None => {
                    self.head.extend(piece);
                    self.rest = missing_bytes(&self.head);
                }
            }
        }
        self.rest != Some(0) && !self.connection.receive.is_finished()
    }
}

/// How many bytes of a message are still to come, if its head says how long it is.
fn missing_bytes(message: &[u8]) -> Option<usize> {
    const END: &[u8] = b"\r\n\r\n";
    let end = message.windows(END.len()).position(|window| window == END)?;
    let head = String::from_utf8_lossy(message.get(..end)?);
    let mut headers = head.lines().filter_map(|line| line.split_once(':'));
    let (_, length) = headers.find(|(name, _)| name.eq_ignore_ascii_case("content-length"))?;
    let whole = end + END.len() + length.trim().parse::<usize>().ok()?;
    Some(whole.saturating_sub(message.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_says_how_much_is_missing() {
        let check = |text: &str, missing: Option<usize>| {
            assert_eq!(missing_bytes(text.as_bytes()), missing, "{text:?}");
        };
        check("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n", None);
        check("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\na", Some(2));
        check("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", Some(0));
        check("HTTP/1.1 200 OK\r\n\r\nabc", None);
    }

    #[test]
    fn watches_end_when_their_clients_want() {
        let now = Time::from_seconds(100);
        assert_eq!(watch_end("/x?a=b&timeoutSeconds=5", now), Time::from_seconds(105));
        assert_eq!(watch_end("/x?timeoutSeconds=0", now), now + WATCH_TIMEOUT);
        assert_eq!(watch_end("/x", now), now + WATCH_TIMEOUT);
    }
}
