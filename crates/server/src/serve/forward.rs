//! Ports of a Pod, over whichever protocol the client speaks.

use super::flow::Flow;
use super::framing::{Framing, Message, StreamId};
use apiserver::{ApiServer, ForwardTarget};
use network::{Connection, Network};
use sim::{Receiver, Sender, Time};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// One connection to the Pod.
struct Link {
    /// Gone when the client sends no more.
    send: Option<Sender<Vec<u8>>>,
    receive: Receiver<Vec<u8>>,
    error_stream: StreamId,
}

/// All connections of a client to one Pod.
pub(super) struct Forward {
    framing: Box<dyn Framing>,
    network: Network,
    server: Rc<RefCell<ApiServer>>,
    target: ForwardTarget,
    /// By the stream that carries the bytes.
    links: BTreeMap<StreamId, Link>,
    /// Streams for errors, by the number of the request that they belong to.
    error_streams: BTreeMap<String, StreamId>,
    is_over: bool,
}

impl Forward {
    /// With pairs of streams that the client is going to open.
    pub(super) fn with_streams(
        framing: Box<dyn Framing>,
        network: &Network,
        server: &Rc<RefCell<ApiServer>>,
        target: ForwardTarget,
    ) -> Forward {
        Forward {
            framing,
            network: network.clone(),
            server: server.clone(),
            target,
            links: BTreeMap::new(),
            error_streams: BTreeMap::new(),
            is_over: false,
        }
    }

    /// With two channels of a WebSocket for each port: one for the bytes and one for errors. Each
    /// begins with the number of the port.
    pub(super) fn connect_channels(&mut self, ports: &[u16]) {
        for (port, data) in ports.iter().zip((0..).step_by(2)) {
            for channel in [data, data + 1] {
                self.framing.data(channel, &port.to_le_bytes());
            }
            self.connect(*port, data, data + 1);
        }
    }

    fn connect(&mut self, port: u16, data_stream: StreamId, error_stream: StreamId) {
        match self.network.forward(&self.target, port) {
            Ok(Connection { send, receive }) => {
                let link = Link { send: Some(send), receive, error_stream };
                self.links.insert(data_stream, link);
            }
            Err(why) => {
                self.framing.data(error_stream, why.as_bytes());
                self.framing.end(error_stream);
                self.framing.end(data_stream);
            }
        }
    }

    fn take(&mut self, message: Message) {
        match message {
            Message::Open(stream, headers) => self.open(stream, &headers),
            Message::Data(stream, bytes) => {
                let send = self.links.get(&stream).and_then(|link| link.send.as_ref());
                if let Some(send) = send.filter(|_| !bytes.is_empty()) {
                    // A program that has ended reads no more.
                    let _ = send.send(bytes);
                }
            }
            Message::End(stream) => {
                if let Some(link) = self.links.get_mut(&stream) {
                    link.send = None;
                }
            }
        }
    }

    /// A client opens the stream for errors first.
    fn open(&mut self, stream: StreamId, headers: &[(String, String)]) {
        let header = |wanted: &str| {
            let found = headers.iter().find(|(name, _)| name == wanted);
            found.map_or("", |(_, value)| value.as_str())
        };
        let request = header("requestid");
        match header("streamtype") {
            "error" => {
                self.error_streams.insert(request.to_owned(), stream);
            }
            "data" => {
                let error_stream = self.error_streams.remove(request).unwrap_or(stream);
                match header("port").parse() {
                    Ok(port) => self.connect(port, stream, error_stream),
                    Err(_) => self.framing.end(stream),
                }
            }
            _ => self.framing.end(stream),
        }
    }
}

impl Flow for Forward {
    fn receive(&mut self, bytes: &[u8]) {
        match self.framing.receive(bytes) {
            Ok(messages) => messages.into_iter().for_each(|message| self.take(message)),
            Err(_) => self.is_over = true,
        }
    }

    fn pump(&mut self, _: Time, out: &mut Vec<u8>) -> bool {
        let framing = &mut self.framing;
        self.links.retain(|stream, link| {
            while let Some(bytes) = link.receive.try_recv() {
                framing.data(*stream, &bytes);
            }
            let is_over = link.receive.is_finished();
            if is_over {
                framing.end(*stream);
                framing.end(link.error_stream);
            }
            !is_over
        });
        self.is_over |= !self.target.exists(&self.server.borrow());
        if self.is_over {
            self.framing.finish();
        }
        out.extend(self.framing.take_output());
        !self.is_over
    }
}
