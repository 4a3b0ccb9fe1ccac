//! Bytes in files and pipes, strings in the shell: the lossless bridge between the two.
//!
//! Words, patterns and regular expressions want characters, files hold bytes. A byte that is not
//! part of valid UTF-8 becomes one of 128 noncharacter-like code points at the very end of the
//! private plane and turns back into itself on the way out, so that nothing is lost.

use std::borrow::Cow;

/// The code point that stands for the byte 0x80; the others follow it.
const FIRST_ESCAPE: u32 = 0x10_FF80;

fn escape(byte: u8) -> char {
    char::from_u32(FIRST_ESCAPE + u32::from(byte & 0x7f)).unwrap_or(char::REPLACEMENT_CHARACTER)
}

fn escaped_byte(character: char) -> Option<u8> {
    let code = u32::from(character);
    (code >= FIRST_ESCAPE).then(|| (code - FIRST_ESCAPE) as u8 | 0x80)
}

/// The string that `bytes` are, each byte outside valid UTF-8 escaped.
pub fn decode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        if chunk.valid().contains(|c| escaped_byte(c).is_some()) {
            decode_escapes(chunk.valid(), &mut text);
        } else {
            text.push_str(chunk.valid());
        }
        text.extend(chunk.invalid().iter().map(|byte| escape(*byte)));
    }
    text
}

/// Code points that we use as escapes but which stand in the data as such: byte by byte.
fn decode_escapes(valid: &str, text: &mut String) {
    for character in valid.chars() {
        if escaped_byte(character).is_some() {
            let mut buffer = [0; 4];
            let bytes = character.encode_utf8(&mut buffer).as_bytes();
            text.extend(bytes.iter().map(|byte| escape(*byte)));
        } else {
            text.push(character);
        }
    }
}

/// The bytes that `text` stands for: the inverse of [`decode`].
pub fn encode(text: &str) -> Cow<'_, [u8]> {
    // All escapes begin with this byte, and hardly any other text does.
    if !text.as_bytes().contains(&0xf4) {
        return Cow::Borrowed(text.as_bytes());
    }
    let mut bytes = Vec::with_capacity(text.len());
    for character in text.chars() {
        match escaped_byte(character) {
            Some(byte) => bytes.push(byte),
            None => {
                let mut buffer = [0; 4];
                bytes.extend_from_slice(character.encode_utf8(&mut buffer).as_bytes());
            }
        }
    }
    Cow::Owned(bytes)
}

/// Appends to bytes in either form.
pub trait Bytes {
    /// The bytes to write.
    fn bytes(&self) -> Cow<'_, [u8]>;
}

impl Bytes for str {
    fn bytes(&self) -> Cow<'_, [u8]> {
        encode(self)
    }
}
impl Bytes for String {
    fn bytes(&self) -> Cow<'_, [u8]> {
        encode(self)
    }
}
impl Bytes for [u8] {
    fn bytes(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(self)
    }
}
impl Bytes for Vec<u8> {
    fn bytes(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(self)
    }
}
impl<T: Bytes + ?Sized> Bytes for &T {
    fn bytes(&self) -> Cow<'_, [u8]> {
        (**self).bytes()
    }
}

/// How many columns `text` takes on a terminal.
pub fn width(text: &str) -> usize {
    unicode_width::UnicodeWidthStr::width(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_survives() {
        let check = |bytes: &[u8]| assert_eq!(&*encode(&decode(bytes)), bytes);
        check(b"plain");
        check("日本語".as_bytes());
        check(&(0..=255).collect::<Vec<u8>>());
        check(b"\xe6\x97");
        check("\u{10ff80}\u{10ffff}".as_bytes());
        assert_eq!(decode(b"a\xffb").chars().count(), 3);
    }
}
