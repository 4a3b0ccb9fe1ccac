//! The threads that read from clients and write to them. The simulation never leaves its own.

// One thread for each direction of each client that waits.
#![allow(clippy::disallowed_methods)]

use super::http::{self, Head, Request};
use super::tls::{HANDSHAKE, Tls};
use rustls::ServerConfig;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
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

type Reader = BufReader<Box<dyn Read + Send>>;
type Writer = BufWriter<Box<dyn Write + Send>>;

const READ_BYTES: usize = 64 * 1024;

/// How clients are let in.
#[derive(Clone)]
pub(super) struct Door {
    /// For those who speak TLS, who show a certificate of their own or none.
    pub(super) tls: Arc<ServerConfig>,
    /// The certificate, in base64, that those count as showing who do not speak TLS and show no
    /// token either. Whoever reaches this machine's own address is let in as by `kubectl proxy`.
    pub(super) administrator: Arc<str>,
}

/// Takes connections for as long as the program runs. Clients may speak TLS or not.
pub(super) fn listen(listener: TcpListener, door: Door, events: Sender<Event>) {
    thread::spawn(move || {
        for socket in listener.incoming().flatten() {
            let (events, door) = (events.clone(), door.clone());
            thread::spawn(move || {
                // A client that is gone or speaks no HTTP is no failure of ours.
                let _ = Wire::accept(socket, &door).and_then(|wire| wire.converse(&events));
            });
        }
    });
}

/// A connection to a client.
#[derive(Clone)]
struct Wire {
    socket: Arc<TcpStream>,
    tls: Option<Tls>,
    administrator: Arc<str>,
}

impl Wire {
    fn accept(socket: TcpStream, door: &Door) -> io::Result<Wire> {
        socket.set_nodelay(true)?;
        let mut first = [0];
        let is_tls = socket.peek(&mut first)? > 0 && first[0] == HANDSHAKE;
        let tls = is_tls.then(|| Tls::accept(&socket, &door.tls)).transpose()?;
        Ok(Wire { socket: Arc::new(socket), tls, administrator: door.administrator.clone() })
    }

    fn reader(&self) -> io::Result<Reader> {
        Ok(BufReader::new(match &self.tls {
            Some(tls) => Box::new(tls.reader()),
            None => Box::new(self.socket.try_clone()?),
        }))
    }

    fn writer(&self) -> io::Result<Writer> {
        Ok(BufWriter::new(match &self.tls {
            Some(tls) => Box::new(tls.clone()),
            None => Box::new(self.socket.try_clone()?),
        }))
    }

    /// The certificate that counts for a request, in base64.
    fn certificate(&self, request: &Request) -> Option<String> {
        match &self.tls {
            Some(tls) => tls.certificate(),
            None if request.header("Authorization").is_some() => None,
            None => Some(self.administrator.to_string()),
        }
    }

    /// Reads requests and writes their answers, one after the other.
    fn converse(&self, events: &Sender<Event>) -> io::Result<()> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let (mut reader, mut writer) = (self.reader()?, self.writer()?);
        while let Some(mut request) = http::read_request(&mut reader, &mut writer)? {
            request.certificate = self.certificate(&request);
            let (is_head, is_last) = (request.method == "HEAD", request.is_last);
            let id = COUNT.fetch_add(1, Ordering::Relaxed);
            let (sender, answer) = channel();
            let gone = |_| io::Error::from(io::ErrorKind::BrokenPipe);
            events.send(Event::Request(id, request, sender)).map_err(|_| gone(()))?;
            match answer.recv().map_err(|_| gone(()))? {
                Answer::Document(head, body) => {
                    http::write_document(&mut writer, &head, &body, is_head)?;
                    if is_last {
                        break;
                    }
                }
                goes_on => return self.relay(id, goes_on, reader, writer, events),
            }
        }
        self.close();
        Ok(())
    }

    /// Writes what comes from the simulation and passes on what comes from the client, until either
    /// has ended.
    fn relay(
        &self,
        id: ConnectionId,
        answer: Answer,
        mut reader: Reader,
        mut writer: Writer,
        events: &Sender<Event>,
    ) -> io::Result<()> {
        let wire = self.clone();
        thread::spawn(move || {
            // The reading side notices that the connection has ended.
            let _ = match answer {
                Answer::Stream(head, pieces) => http::write_stream(&mut writer, &head, pieces),
                Answer::Raw(head, pieces) => http::write_raw(&mut writer, head.as_ref(), pieces),
                Answer::Document(..) => Ok(()),
            };
            wire.finish();
        });
        let mut buffer = vec![0; READ_BYTES];
        loop {
            let count = reader.read(&mut buffer).unwrap_or(0);
            let bytes = buffer.get(..count).unwrap_or_default();
            let event =
                if count == 0 { Event::Closed(id) } else { Event::Bytes(id, bytes.to_vec()) };
            if events.send(event).is_err() || count == 0 {
                self.close();
                return Ok(());
            }
        }
    }

    /// Says that nothing more will come. What the client still sends is taken until it closes the
    /// connection: one that is cut while it writes would call that an error.
    fn finish(&self) {
        if let Some(tls) = &self.tls {
            tls.close();
        }
        // What is closed already is closed.
        let _ = self.socket.shutdown(Shutdown::Write);
    }

    fn close(&self) {
        self.finish();
        // What is closed already is closed.
        let _ = self.socket.shutdown(Shutdown::Both);
    }
}
