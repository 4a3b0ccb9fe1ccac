//! The threads that read from clients and write to them. The simulation never leaves its own.

// One thread for each direction of each client that waits.
#![allow(clippy::disallowed_methods)]

use super::http::{self, Head, Request};
use std::io::{self, BufReader, BufWriter, Read as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

/// A connection, for as long as it carries an answer that goes on.
pub(super) type ConnectionId = u64;

/// What clients do.
pub(super) enum Event {
    /// One asks for something; the answer goes back the other way.
    Request(ConnectionId, Request, Sender<Answer>),
    /// One says more over a connection that speaks another protocol.
    Bytes(ConnectionId, Vec<u8>),
    /// One is gone.
    Closed(ConnectionId),
}

/// What a client gets.
pub(super) enum Answer {
    /// A whole document.
    Document(Head, Vec<u8>),
    /// Pieces of a document, as they come.
    Stream(Head, Receiver<Vec<u8>>),
    /// Another protocol, after this head; without one, everything is in the bytes.
    Raw(Option<Head>, Receiver<Vec<u8>>),
}

const READ_BYTES: usize = 64 * 1024;

/// Takes connections for as long as the program runs.
pub(super) fn listen(listener: TcpListener, events: Sender<Event>) {
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let events = events.clone();
            thread::spawn(move || {
                // A client that is gone or speaks no HTTP is no failure of ours.
                let _ = converse(&stream, &events);
                let _ = stream.shutdown(Shutdown::Both);
            });
        }
    });
}

/// Reads requests and writes their answers, one after the other.
fn converse(stream: &TcpStream, events: &Sender<Event>) -> io::Result<()> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    let mut writer = BufWriter::new(stream.try_clone()?);
    while let Some(request) = http::read_request(&mut reader, &mut writer)? {
        let (is_head, is_last) = (request.method == "HEAD", request.is_last);
        let id = COUNT.fetch_add(1, Ordering::Relaxed);
        let (sender, answer) = channel();
        let gone = |_| io::Error::from(io::ErrorKind::BrokenPipe);
        events.send(Event::Request(id, request, sender)).map_err(|_| gone(()))?;
        match answer.recv().map_err(|_| gone(()))? {
            Answer::Document(head, body) => {
                http::write_document(&mut writer, &head, &body, is_head)?;
                if is_last {
                    return Ok(());
                }
            }
            goes_on => return relay(id, goes_on, reader, writer, events),
        }
    }
    Ok(())
}

/// Writes what comes from the simulation and passes on what comes from the client, until either
/// has ended.
fn relay(
    id: ConnectionId,
    answer: Answer,
    mut reader: BufReader<&TcpStream>,
    mut writer: BufWriter<TcpStream>,
    events: &Sender<Event>,
) -> io::Result<()> {
    thread::spawn(move || {
        // The reading side notices that the connection has ended.
        let _ = match answer {
            Answer::Stream(head, pieces) => http::write_stream(&mut writer, &head, pieces),
            Answer::Raw(head, pieces) => http::write_raw(&mut writer, head.as_ref(), pieces),
            Answer::Document(..) => Ok(()),
        };
        let _ = writer.get_ref().shutdown(Shutdown::Both);
    });
    let mut buffer = vec![0; READ_BYTES];
    loop {
        let count = reader.read(&mut buffer).unwrap_or(0);
        let bytes = buffer.get(..count).unwrap_or_default();
        let event = if count == 0 { Event::Closed(id) } else { Event::Bytes(id, bytes.to_vec()) };
        if events.send(event).is_err() || count == 0 {
            return Ok(());
        }
    }
}
