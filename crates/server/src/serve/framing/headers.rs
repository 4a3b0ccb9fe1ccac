//! Headers of SPDY/3: compressed by zlib, all of a connection as one text.

use super::FramingError;
use super::dictionary::dictionary;
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::inflate_flags::TINFL_FLAG_HAS_MORE_INPUT;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress};

/// The headers of a stream; names are in lower case.
pub(super) type Headers = Vec<(String, String)>;

/// How far back a compressed text refers: 32 KiB, with room to write ahead.
const WINDOW_BYTES: usize = 64 * 1024;
/// How long the headers of one stream may be.
const BLOCK_BYTES_MAX: usize = 64 * 1024;
/// The flag of zlib's second byte that a checksum of the dictionary follows.
const HAS_DICTIONARY: u8 = 0x20;

/// An empty piece, at which readers hand on what they have.
const FLUSH: [u8; 5] = [0, 0, 0, 0xff, 0xff];

/// Reads the headers that a client sends.
pub(super) struct Reader {
    inflate: Box<DecompressorOxide>,
    /// What was read last, the dictionary before everything, as a ring.
    window: Vec<u8>,
    position: usize,
    has_begun: bool,
}

impl Reader {
    pub(super) fn new() -> Reader {
        let mut window = dictionary();
        let position = window.len();
        window.resize(WINDOW_BYTES, 0);
        Reader { inflate: Box::default(), window, position, has_begun: false }
    }

    /// The next headers.
    pub(super) fn read(&mut self, compressed: &[u8]) -> Result<Headers, FramingError> {
        let mut rest = compressed;
        if !std::mem::replace(&mut self.has_begun, true) {
            let flags = rest.get(1).ok_or(FramingError::Malformed)?;
            let length = if flags & HAS_DICTIONARY == 0 { 2 } else { 6 };
            rest = rest.get(length..).ok_or(FramingError::Malformed)?;
        }
        parse(&self.inflate(rest)?)
    }

    fn inflate(&mut self, mut rest: &[u8]) -> Result<Vec<u8>, FramingError> {
        let mut text = Vec::new();
        loop {
            let from = self.position;
            let flags = TINFL_FLAG_HAS_MORE_INPUT;
            let (status, read, written) =
                decompress(&mut self.inflate, rest, &mut self.window, from, flags);
            rest = rest.get(read..).unwrap_or_default();
            text.extend_from_slice(self.window.get(from..from + written).unwrap_or_default());
            self.position = (from + written) % WINDOW_BYTES;
            if text.len() > BLOCK_BYTES_MAX {
                return Err(FramingError::Malformed);
            }
            match status {
                TINFLStatus::HasMoreOutput => {}
                TINFLStatus::NeedsMoreInput => return Ok(text),
                _ => return Err(FramingError::Malformed),
            }
        }
    }
}

/// Writes headers for a client: as zlib, but without making them smaller.
#[derive(Default)]
pub(super) struct Writer {
    has_begun: bool,
}

impl Writer {
    pub(super) fn write(&mut self, headers: &[(&str, &str)]) -> Vec<u8> {
        let mut text = (headers.len() as u32).to_be_bytes().to_vec();
        for word in headers.iter().flat_map(|(name, value)| [name, value]) {
            text.extend((word.len() as u32).to_be_bytes());
            text.extend(word.bytes());
        }
        let mut block = Vec::new();
        if !std::mem::replace(&mut self.has_begun, true) {
            block.extend([0x78, 0x01]);
        }
        for piece in text.chunks(usize::from(u16::MAX)) {
            let length = piece.len() as u16;
            block.push(0);
            block.extend(length.to_le_bytes());
            block.extend((!length).to_le_bytes());
            block.extend(piece);
        }
        block.extend(FLUSH);
        block
    }
}

fn parse(text: &[u8]) -> Result<Headers, FramingError> {
    let mut rest = text;
    let count = take_number(&mut rest)?;
    let mut headers = Vec::new();
    for _ in 0..count {
        let (name, value) = (take_word(&mut rest)?, take_word(&mut rest)?);
        headers.push((name.to_ascii_lowercase(), value));
    }
    Ok(headers)
}

fn take_number(rest: &mut &[u8]) -> Result<u32, FramingError> {
    let (number, after) = rest.split_first_chunk().ok_or(FramingError::Malformed)?;
    *rest = after;
    Ok(u32::from_be_bytes(*number))
}

fn take_word(rest: &mut &[u8]) -> Result<String, FramingError> {
    let length = take_number(rest)? as usize;
    let (word, after) = rest.split_at_checked(length).ok_or(FramingError::Malformed)?;
    *rest = after;
    Ok(String::from_utf8_lossy(word).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_can_be_read_again_and_again() {
        let (mut writer, mut reader) = (Writer::default(), Reader::new());
        let long = "x".repeat(60_000);
        for value in ["stdin", "", &long, "stdout"] {
            let block = writer.write(&[("streamtype", value), ("port", "80")]);
            let expected = [("streamtype", value), ("port", "80")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()));
            assert_eq!(reader.read(&block), Ok(expected.to_vec()));
        }
    }

    #[test]
    fn what_zlib_compresses_with_the_dictionary_can_be_read() {
        let first =
            b"\x78\xf9\xe3\xc6\xa7\xc2\x02\xa6\x23\x46\x70\x3a\x2b\x29\x4a\x4d\xcc\x85\x16\x25\
            \xac\xa9\xa0\x80\x06\x00\x00\x00\xff\xff";
        let second = b"\x02\x65\x1c\x0c\x29\x60\x62\x4e\xc9\x07\x97\xd1\x98\xa5\x18\xa3\x01\x00\x00\x00\xff\xff";
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let mut reader = Reader::new();
        assert_eq!(reader.read(first), Ok(vec![header("streamtype", "error")]));
        let expected = vec![header("streamtype", "stdout"), header("content-length", "0")];
        assert_eq!(reader.read(second), Ok(expected));
    }

    #[test]
    fn nonsense_is_refused() {
        for block in [&b""[..], b"\x78\x01", b"\x78\x01\xff\xff\xff", b"\x78\x01\x00\x01\x00"] {
            assert!(Reader::new().read(block).is_err(), "{block:?}");
        }
    }
}
