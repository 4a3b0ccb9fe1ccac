//! Answers that go on: watches and followed logs.
//!
//! The simulation runs on one thread; each stream has a thread that writes to its client.

// One thread for each client that waits; the simulation never leaves its own.
#![allow(clippy::disallowed_methods)]

use super::translate;
use apiserver::{Response, ResponseBody, WatchStream};
use sim::{Duration, Receiver, Time};
use std::io::{self, Write};
use std::sync::mpsc::{Sender, channel};
use tiny_http::Request;

enum Source {
    Watch(WatchStream),
    Bytes(Receiver<Vec<u8>>),
}

struct Stream {
    source: Source,
    client: Sender<Vec<u8>>,
    /// When the client wanted it to end.
    end: Time,
}

/// All answers that go on.
#[derive(Default)]
pub(super) struct Streams(Vec<Stream>);

/// How long a watch lasts when its client does not say: at least 30 minutes on a real server.
const WATCH_TIMEOUT: Duration = Duration::from_secs(30 * 60);

impl Streams {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Sends a response to its client.
    pub(super) fn answer(&mut self, request: Request, response: Response, url: &str, now: Time) {
        let Response { code, body, warnings } = response;
        match body {
            ResponseBody::Value(value) => {
                let text = api::json::to_string(&value);
                translate::document(request, code, text, "application/json", &warnings);
            }
            ResponseBody::Text(text) => {
                translate::document(request, code, text, "text/plain", &warnings);
            }
            ResponseBody::Watch(watch) => {
                let end = now + timeout(url);
                self.start(request, Source::Watch(watch), "application/json", end);
            }
            ResponseBody::Stream(bytes) => {
                self.start(request, Source::Bytes(bytes), "text/plain", Time::NEVER);
            }
        }
        self.pump(now);
    }

    fn start(&mut self, request: Request, source: Source, content: &'static str, end: Time) {
        let (client, pieces) = channel::<Vec<u8>>();
        std::thread::spawn(move || {
            let mut writer = request.into_writer();
            // A client that is gone ends the thread, and the sender learns of it.
            let _ = write_all(&mut writer, content, &pieces);
        });
        self.0.push(Stream { source, client, end });
    }

    /// Passes on what has happened.
    pub(super) fn pump(&mut self, now: Time) {
        self.0.retain_mut(|stream| stream.pump() && now < stream.end);
    }
}

impl Stream {
    /// False when it is over.
    fn pump(&mut self) -> bool {
        // An empty piece finds out whether the client is still there.
        if self.client.send(Vec::new()).is_err() {
            return false;
        }
        loop {
            let piece = match &mut self.source {
                Source::Watch(watch) => watch.try_next().map(|event| {
                    let mut line = api::json::to_string(&event.to_value()).into_bytes();
                    line.push(b'\n');
                    line
                }),
                Source::Bytes(bytes) => bytes.try_recv(),
            };
            let Some(piece) = piece else {
                return !matches!(&self.source, Source::Bytes(bytes) if bytes.is_finished());
            };
            if self.client.send(piece).is_err() {
                return false;
            }
        }
    }
}

fn write_all(
    writer: &mut dyn Write,
    content: &str,
    pieces: &std::sync::mpsc::Receiver<Vec<u8>>,
) -> io::Result<()> {
    write!(
        writer,
        "HTTP/1.1 200 OK\r\nContent-Type: {content}\r\nTransfer-Encoding: chunked\r\n\r\n"
    )?;
    writer.flush()?;
    for piece in pieces.iter().filter(|piece| !piece.is_empty()) {
        write!(writer, "{:x}\r\n", piece.len())?;
        writer.write_all(&piece)?;
        writer.write_all(b"\r\n")?;
        writer.flush()?;
    }
    writer.write_all(b"0\r\n\r\n")?;
    writer.flush()
}

/// `timeoutSeconds` of the query.
fn timeout(url: &str) -> Duration {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let seconds = pairs.find(|(name, _)| *name == "timeoutSeconds");
    let seconds = seconds.and_then(|(_, seconds)| seconds.parse().ok());
    seconds.filter(|seconds| *seconds > 0).map_or(WATCH_TIMEOUT, Duration::from_secs)
}
