//! WebSockets: one channel for each stream, or SPDY within one.

use super::{Framing, FramingError, Incoming, Message, Spdy, StreamId};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest as _, Sha1};

/// What both sides append to a key, so that nobody answers by accident.
const KEY_SUFFIX: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const CONTINUATION: u8 = 0;
const TEXT: u8 = 1;
const BINARY: u8 = 2;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;
/// The bit of the last frame of a message.
const FINAL: u8 = 0x80;
const MASKED: u8 = 0x80;
/// The code of a close without trouble.
const NORMAL_CLOSURE: [u8; 2] = 1_000_u16.to_be_bytes();
/// How long a message may be.
const MESSAGE_BYTES_MAX: usize = 16 * 1024 * 1024;
/// The channel over which a client of `v5.channel.k8s.io` says which channel has ended.
const CLOSE_CHANNEL: u8 = 255;

/// The answer to a client's key.
pub(in super::super) fn accept_key(key: &str) -> String {
    STANDARD.encode(Sha1::digest(format!("{key}{KEY_SUFFIX}")))
}

/// Messages of a WebSocket, from its client and to it.
#[derive(Default)]
struct Socket {
    incoming: Incoming,
    /// The frames so far of a message that comes in several.
    message: Vec<u8>,
    output: Vec<u8>,
}

impl Socket {
    fn receive(&mut self, bytes: &[u8]) -> Result<Vec<Vec<u8>>, FramingError> {
        self.incoming.push(bytes);
        let mut messages = Vec::new();
        while let Some((first, payload)) = self.next_frame()? {
            match first & 0x0f {
                CONTINUATION | TEXT | BINARY => {
                    self.message.extend(payload);
                    if self.message.len() > MESSAGE_BYTES_MAX {
                        return Err(FramingError::Malformed);
                    }
                    if first & FINAL != 0 {
                        messages.push(std::mem::take(&mut self.message));
                    }
                }
                PING => self.send(PONG, &payload),
                PONG => {}
                CLOSE => {
                    self.send(CLOSE, payload.get(..2).unwrap_or_default());
                    return Err(FramingError::Closed);
                }
                _ => return Err(FramingError::Malformed),
            }
        }
        Ok(messages)
    }

    /// The first byte and the content of the next frame, if it is there.
    fn next_frame(&mut self) -> Result<Option<(u8, Vec<u8>)>, FramingError> {
        let bytes = self.incoming.bytes();
        let Some([first, second]) = bytes.first_chunk().copied() else {
            return Ok(None);
        };
        if second & MASKED == 0 {
            return Err(FramingError::Malformed);
        }
        let rest = bytes.get(2..).unwrap_or_default();
        let (length, extra) = match second & !MASKED {
            126 => (rest.first_chunk().map(|n| u64::from(u16::from_be_bytes(*n))), 2),
            127 => (rest.first_chunk().map(|n| u64::from_be_bytes(*n)), 8),
            short => (Some(u64::from(short)), 0),
        };
        let Some(length) = length else {
            return Ok(None);
        };
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if length > MESSAGE_BYTES_MAX {
            return Err(FramingError::Malformed);
        }
        let head = 2 + extra + 4;
        if bytes.len() < head + length {
            return Ok(None);
        }
        let mut frame = self.incoming.take(head + length);
        let payload = frame.split_off(head);
        let mask = frame.split_off(head - 4);
        let unmasked = payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask);
        Ok(Some((first, unmasked.collect())))
    }

    fn send(&mut self, opcode: u8, payload: &[u8]) {
        self.output.push(FINAL | opcode);
        match payload.len() {
            short @ 0..126 => self.output.push(short as u8),
            middle @ 126..0x1_0000 => {
                self.output.push(126);
                self.output.extend((middle as u16).to_be_bytes());
            }
            long => {
                self.output.push(127);
                self.output.extend((long as u64).to_be_bytes());
            }
        }
        self.output.extend(payload);
    }
}

/// A message's first byte is its channel: `v4.channel.k8s.io`, `v5.channel.k8s.io`.
#[derive(Default)]
pub(in super::super) struct Channels(Socket);

impl Framing for Channels {
    fn receive(&mut self, bytes: &[u8]) -> Result<Vec<Message>, FramingError> {
        let messages = self.0.receive(bytes)?;
        let messages = messages.into_iter().filter_map(|message| match message.as_slice() {
            [CLOSE_CHANNEL, channel, ..] => Some(Message::End(u32::from(*channel))),
            [channel, rest @ ..] => Some(Message::Data(u32::from(*channel), rest.to_vec())),
            [] => None,
        });
        Ok(messages.collect())
    }

    fn data(&mut self, stream: StreamId, bytes: &[u8]) {
        self.0.send(BINARY, &[&[stream as u8][..], bytes].concat());
    }

    fn end(&mut self, _: StreamId) {
        // Only the whole socket is closed.
    }

    fn finish(&mut self) {
        self.0.send(CLOSE, &NORMAL_CLOSURE);
    }

    fn take_output(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.0.output)
    }
}

/// Messages are pieces of a SPDY connection: `SPDY/3.1+portforward.k8s.io`.
pub(in super::super) struct Tunnel {
    socket: Socket,
    spdy: Spdy,
}

impl Tunnel {
    pub(in super::super) fn new() -> Tunnel {
        Tunnel { socket: Socket::default(), spdy: Spdy::new() }
    }
}

impl Framing for Tunnel {
    fn receive(&mut self, bytes: &[u8]) -> Result<Vec<Message>, FramingError> {
        let mut messages = Vec::new();
        for piece in self.socket.receive(bytes)? {
            messages.extend(self.spdy.receive(&piece)?);
        }
        Ok(messages)
    }

    fn data(&mut self, stream: StreamId, bytes: &[u8]) {
        self.spdy.data(stream, bytes);
    }

    fn end(&mut self, stream: StreamId) {
        self.spdy.end(stream);
    }

    fn finish(&mut self) {
        let rest = self.spdy.take_output();
        if !rest.is_empty() {
            self.socket.send(BINARY, &rest);
        }
        self.socket.send(CLOSE, &NORMAL_CLOSURE);
    }

    fn take_output(&mut self) -> Vec<u8> {
        let output = self.spdy.take_output();
        if !output.is_empty() {
            self.socket.send(BINARY, &output);
        }
        std::mem::take(&mut self.socket.output)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A frame as clients send it, masked.
    fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
        let mask = [1, 2, 3, 4];
        let masked = payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask);
        let mut frame = vec![first];
        match payload.len() {
            short @ 0..126 => frame.push(MASKED | short as u8),
            long => {
                frame.push(MASKED | 126);
                frame.extend((long as u16).to_be_bytes());
            }
        }
        frame.extend(mask);
        frame.extend(masked);
        frame
    }

    #[test]
    fn the_key_of_the_standard() {
        assert_eq!(accept_key("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    #[test]
    fn messages_come_in_pieces() {
        let mut channels = Channels::default();
        let long = [&[0][..], &[b'x'; 300]].concat();
        let mut bytes = frame(FINAL | BINARY, &long);
        bytes.extend(frame(BINARY, b"\x00a"));
        bytes.extend(frame(FINAL | CONTINUATION, b"b"));
        bytes.extend(frame(FINAL | BINARY, &[CLOSE_CHANNEL, 0]));
        let (first, second) = bytes.split_at(5);
        assert_eq!(channels.receive(first), Ok(Vec::new()));
        let expected = vec![
            Message::Data(0, vec![b'x'; 300]),
            Message::Data(0, b"ab".to_vec()),
            Message::End(0),
        ];
        assert_eq!(channels.receive(second), Ok(expected));
    }

    #[test]
    fn pings_and_goodbyes_are_answered() {
        let mut channels = Channels::default();
        assert_eq!(channels.receive(&frame(FINAL | PING, b"x")), Ok(Vec::new()));
        assert_eq!(channels.take_output(), [FINAL | PONG, 1, b'x']);
        let goodbye = frame(FINAL | CLOSE, &NORMAL_CLOSURE);
        assert_eq!(channels.receive(&goodbye), Err(FramingError::Closed));
        assert_eq!(channels.take_output(), [FINAL | CLOSE, 2, 0x03, 0xe8]);
    }

    #[test]
    fn clients_must_mask() {
        let bytes = [FINAL | BINARY, 1, 0];
        assert_eq!(Channels::default().receive(&bytes), Err(FramingError::Malformed));
    }
}
