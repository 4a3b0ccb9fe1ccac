//! The streams of `exec` and `attach`, over whichever protocol the client speaks.

use super::flow::Flow;
use super::framing::{Framing, Message, StreamId};
use apiserver::ExecStreams;
use sim::{Receiver, Sender, Time};
use std::collections::BTreeMap;

/// What a stream is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Role {
    Stdin,
    Stdout,
    Stderr,
    Error,
    Resize,
}

/// The channels of a WebSocket, by number.
const CHANNELS: [Role; 5] = [Role::Stdin, Role::Stdout, Role::Stderr, Role::Error, Role::Resize];

impl Role {
    fn parse(text: &str) -> Option<Role> {
        Some(match text {
            "stdin" => Role::Stdin,
            "stdout" => Role::Stdout,
            "stderr" => Role::Stderr,
            "error" => Role::Error,
            "resize" => Role::Resize,
            _ => return None,
        })
    }
}

/// Which of the streams that a client may ask for its query asks for.
fn wanted(target: &str) -> impl Iterator<Item = &str> {
    let query = target.split_once('?').map_or("", |(_, query)| query);
    query.split('&').filter_map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let is_wanted = ["stdin", "stdout", "stderr", "tty"].contains(&name);
        (is_wanted && ["true", "1"].contains(&value)).then_some(name)
    })
}

/// How many streams a client opens over SPDY: those that it wants, one for errors, and one for the
/// size of its terminal if it has one.
fn stream_count(target: &str) -> usize {
    1 + wanted(target).count()
}

/// What a terminal shows, as the one on the other side has to be told: it is raw, so a new line
/// does not begin on the left by itself. Programs that draw the whole screen say so themselves.
fn with_carriage_returns(bytes: &[u8]) -> Vec<u8> {
    let mut shown = Vec::with_capacity(bytes.len());
    for &byte in bytes {
        if byte == b'\n' && shown.last() != Some(&b'\r') {
            shown.push(b'\r');
        }
        shown.push(byte);
    }
    shown
}

/// A program in a container and the client that talks to it.
pub(super) struct Exec {
    framing: Box<dyn Framing>,
    streams: ExecStreams,
    /// Gone when the client has closed it.
    stdin: Option<Sender<Vec<u8>>>,
    ids: BTreeMap<Role, StreamId>,
    /// How many streams the client is going to open.
    stream_count: usize,
    is_terminal: bool,
    /// What came before the stream it belongs to was opened.
    waiting: BTreeMap<Role, Vec<u8>>,
    is_over: bool,
}

impl Exec {
    /// With the streams that the client is going to open.
    pub(super) fn with_streams(
        streams: ExecStreams,
        framing: Box<dyn Framing>,
        target: &str,
    ) -> Exec {
        let stdin = Some(streams.stdin.clone());
        // The one clone that is left is the client's to close.
        let streams = ExecStreams { stdin: sim::channel().0, ..streams };
        Exec {
            framing,
            streams,
            stdin,
            ids: BTreeMap::new(),
            stream_count: stream_count(target),
            is_terminal: wanted(target).any(|name| name == "tty"),
            waiting: BTreeMap::new(),
            is_over: false,
        }
    }

    /// With the channels of a WebSocket. The client learns from an empty message that it may begin.
    pub(super) fn with_channels(
        streams: ExecStreams,
        mut framing: Box<dyn Framing>,
        target: &str,
    ) -> Exec {
        let stdout = CHANNELS.iter().position(|role| *role == Role::Stdout).unwrap_or_default();
        framing.data(stdout as StreamId, &[]);
        let mut exec = Exec::with_streams(streams, framing, target);
        exec.stream_count = CHANNELS.len();
        exec.ids = CHANNELS.into_iter().zip(0..).collect();
        exec
    }

    fn take(&mut self, message: Message) {
        match message {
            Message::Open(stream, headers) => {
                let role = headers.iter().find(|(name, _)| name == "streamtype");
                let role = role.and_then(|(_, value)| Role::parse(value));
                if let Some(role) = role {
                    self.ids.insert(role, stream);
                    let waiting = self.waiting.remove(&role).unwrap_or_default();
                    self.send(role, &waiting);
                }
            }
            Message::Data(stream, bytes) => match self.role_of(stream) {
                Some(Role::Stdin) if !bytes.is_empty() => {
                    if let Some(stdin) = &self.stdin {
                        // A program that has ended reads no more.
                        let _ = stdin.send(bytes);
                    }
                }
                Some(Role::Resize) => self.resize(&bytes),
                _ => {}
            },
            Message::End(stream) => {
                if self.role_of(stream) == Some(Role::Stdin) {
                    self.stdin = None;
                }
            }
        }
    }

    fn role_of(&self, stream: StreamId) -> Option<Role> {
        self.ids.iter().find(|(_, id)| **id == stream).map(|(role, _)| *role)
    }

    fn resize(&self, bytes: &[u8]) {
        for line in String::from_utf8_lossy(bytes).lines() {
            if let Ok(size) = api::json::parse(line.as_bytes()) {
                let side = |name: &str| size[name].as_i64().and_then(|n| usize::try_from(n).ok());
                if let (Some(columns), Some(rows)) = (side("Width"), side("Height")) {
                    // A program that has ended has no terminal.
                    let _ = self.streams.resize.send((columns, rows));
                }
            }
        }
    }

    fn send(&mut self, role: Role, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        match self.ids.get(&role) {
            Some(stream) => self.framing.data(*stream, bytes),
            None => self.waiting.entry(role).or_default().extend_from_slice(bytes),
        }
    }

    fn send_all(&mut self) {
        let mut stdout = drain(&mut self.streams.stdout);
        if self.is_terminal {
            stdout = with_carriage_returns(&stdout);
        }
        self.send(Role::Stdout, &stdout);
        let stderr = drain(&mut self.streams.stderr);
        self.send(Role::Stderr, &stderr);
    }
}

fn drain(receiver: &mut Receiver<Vec<u8>>) -> Vec<u8> {
    std::iter::from_fn(|| receiver.try_recv()).flatten().collect()
}

impl Flow for Exec {
    fn receive(&mut self, bytes: &[u8]) {
        match self.framing.receive(bytes) {
            Ok(messages) => messages.into_iter().for_each(|message| self.take(message)),
            Err(_) => self.is_over = true,
        }
    }

    fn pump(&mut self, _: Time, out: &mut Vec<u8>) -> bool {
        self.send_all();
        // A program may end before its client has opened the streams that tell of it.
        if self.ids.len() >= self.stream_count
            && let Some(status) = self.streams.status.try_recv()
        {
            self.send_all();
            self.send(Role::Error, api::json::to_string(&status).as_bytes());
            let ids: Vec<StreamId> = self.ids.values().copied().collect();
            ids.into_iter().for_each(|stream| self.framing.end(stream));
            self.framing.finish();
            self.is_over = true;
        }
        out.extend(self.framing.take_output());
        !self.is_over
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_counted() {
        let check = |query: &str, count| assert_eq!(stream_count(query), count, "{query}");
        check("/exec?command=true&stdout=true&stderr=true", 3);
        check("/exec?command=stdin&stdin=true&stdout=1&tty=true", 4);
        check("/exec?stdout=false", 1);
        check("/exec", 1);
    }

    #[test]
    fn lines_of_a_terminal_begin_on_the_left() {
        assert_eq!(with_carriage_returns(b"a\nb\r\n\n"), b"a\r\nb\r\n\r\n");
    }
}
