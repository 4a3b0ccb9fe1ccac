//! SPDY/3.1, as far as Kubernetes uses it: streams that the client opens, and their bytes.
//!
//! Deliberately missing: flow control, which clients of Kubernetes do not do, and streams that the
//! server opens.

use super::headers::{Reader, Writer};
use super::{Framing, FramingError, Incoming, Message, StreamId};

/// The length of what stands before every frame.
const HEAD_BYTES: usize = 8;
/// The first bit of a control frame, and the version.
const CONTROL: u16 = 0x8003;
const SYN_STREAM: u16 = 1;
const SYN_REPLY: u16 = 2;
const RST_STREAM: u16 = 3;
const PING: u16 = 6;
/// The flag that nothing more of a stream comes.
const FINAL: u8 = 1;
/// How many bytes go into one frame.
const DATA_BYTES_MAX: usize = 64 * 1024;

/// The server's side of a connection.
pub(in super::super) struct Spdy {
    incoming: Incoming,
    output: Vec<u8>,
    reader: Reader,
    writer: Writer,
}

impl Spdy {
    pub(in super::super) fn new() -> Spdy {
        Spdy {
            incoming: Incoming::default(),
            output: Vec::new(),
            reader: Reader::new(),
            writer: Writer::default(),
        }
    }

    fn control(&mut self, kind: u16, body: &[u8]) {
        self.output.extend(CONTROL.to_be_bytes());
        self.output.extend(kind.to_be_bytes());
        self.output.extend((body.len() as u32).to_be_bytes());
        self.output.extend(body);
    }

    fn frame(&mut self, head: [u8; HEAD_BYTES], body: &[u8]) -> Result<Vec<Message>, FramingError> {
        let [a, b, c, d, flags, ..] = head;
        let is_final = flags & FINAL != 0;
        let first = u16::from_be_bytes([a, b]);
        if first & 0x8000 == 0 {
            let stream = u32::from_be_bytes([a, b, c, d]);
            let mut messages = vec![Message::Data(stream, body.to_vec())];
            messages.extend(is_final.then_some(Message::End(stream)));
            return Ok(messages);
        }
        if first != CONTROL {
            return Err(FramingError::Malformed);
        }
        let number = || body.first_chunk().map(|bytes| u32::from_be_bytes(*bytes) & 0x7fff_ffff);
        let number = || number().ok_or(FramingError::Malformed);
        Ok(match u16::from_be_bytes([c, d]) {
            SYN_STREAM => {
                let stream = number()?;
                // The stream it belongs to and its priority come before the headers.
                let block = body.get(10..).ok_or(FramingError::Malformed)?;
                let headers = self.reader.read(block)?;
                let reply = [&stream.to_be_bytes()[..], &self.writer.write(&[])].concat();
                self.control(SYN_REPLY, &reply);
                let mut messages = vec![Message::Open(stream, headers)];
                messages.extend(is_final.then_some(Message::End(stream)));
                messages
            }
            RST_STREAM => vec![Message::End(number()?)],
            PING => {
                self.control(PING, body);
                Vec::new()
            }
            // Settings, windows and goodbyes change nothing here.
            _ => Vec::new(),
        })
    }

    fn send(&mut self, stream: StreamId, flags: u8, bytes: &[u8]) {
        self.output.extend(stream.to_be_bytes());
        self.output.extend((u32::from(flags) << 24 | bytes.len() as u32).to_be_bytes());
        self.output.extend(bytes);
    }
}

impl Framing for Spdy {
    fn receive(&mut self, bytes: &[u8]) -> Result<Vec<Message>, FramingError> {
        self.incoming.push(bytes);
        let mut messages = Vec::new();
        while let Some(head) = self.incoming.bytes().first_chunk::<HEAD_BYTES>().copied() {
            let [.., x, y, z] = head;
            let whole = HEAD_BYTES + u32::from_be_bytes([0, x, y, z]) as usize;
            if self.incoming.bytes().len() < whole {
                break;
            }
            let frame = self.incoming.take(whole);
            messages.extend(self.frame(head, frame.get(HEAD_BYTES..).unwrap_or_default())?);
        }
        Ok(messages)
    }

    fn data(&mut self, stream: StreamId, bytes: &[u8]) {
        for piece in bytes.chunks(DATA_BYTES_MAX) {
            self.send(stream, 0, piece);
        }
    }

    fn end(&mut self, stream: StreamId) {
        self.send(stream, FINAL, &[]);
    }

    fn finish(&mut self) {
        // The end of the connection says it.
    }

    fn take_output(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.output)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A frame that opens stream 1, as a client sends it.
    fn open(writer: &mut Writer) -> Vec<u8> {
        let block = writer.write(&[("streamtype", "stdout")]);
        let body = [&[0, 0, 0, 1, 0, 0, 0, 0, 0, 0][..], &block].concat();
        [&[0x80, 3, 0, 1][..], &(body.len() as u32).to_be_bytes(), &body].concat()
    }

    #[test]
    fn a_stream_is_opened_used_and_ended() {
        let mut spdy = Spdy::new();
        let mut bytes = open(&mut Writer::default());
        bytes.extend([0, 0, 0, 1, 1, 0, 0, 2, b'h', b'i']);
        let (first, second) = bytes.split_at(bytes.len() - 1);
        let headers = vec![("streamtype".to_owned(), "stdout".to_owned())];
        assert_eq!(spdy.receive(first), Ok(vec![Message::Open(1, headers)]));
        let rest = vec![Message::Data(1, b"hi".to_vec()), Message::End(1)];
        assert_eq!(spdy.receive(second), Ok(rest));
        let reply = spdy.take_output();
        assert_eq!(reply.get(..4), Some(&[0x80, 3, 0, 2][..]));
        spdy.data(1, b"x");
        spdy.end(1);
        let expected = [0, 0, 0, 1, 0, 0, 0, 1, b'x', 0, 0, 0, 1, 1, 0, 0, 0];
        assert_eq!(spdy.take_output(), expected);
    }

    #[test]
    fn pings_come_back() {
        let mut spdy = Spdy::new();
        let ping = [0x80, 3, 0, 6, 0, 0, 0, 4, 0, 0, 0, 9];
        assert_eq!(spdy.receive(&ping), Ok(Vec::new()));
        assert_eq!(spdy.take_output(), ping);
    }

    #[test]
    fn another_version_is_refused() {
        let frame = [0x80, 2, 0, 6, 0, 0, 0, 0];
        assert_eq!(Spdy::new().receive(&frame), Err(FramingError::Malformed));
    }
}
