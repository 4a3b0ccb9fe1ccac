//! The reader.

use super::scalar::Span;
use super::shared::Shared;
use super::{Error, MAX_DEPTH, Problem};
use crate::{Key, Map, Value};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt::Write;

/// Reads one JSON value; nothing but white space may follow it.
pub fn parse(bytes: &[u8]) -> Result<Value, Error> {
    let mut reader = Reader::new(bytes);
    let value = reader.value()?;
    reader.end()?;
    reader.finish(value)
}

/// What [`parse_strict`] gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Strict {
    /// The value; of equal keys the last one counts.
    pub value: Value,
    /// Where a key stands again, in the order of the text: `spec.containers[0].image`.
    pub duplicates: Vec<String>,
}

/// [`parse`], reporting the keys that occur twice in a map.
pub fn parse_strict(bytes: &[u8]) -> Result<Strict, Error> {
    let mut reader = Reader::new(bytes);
    let value = reader.value()?;
    reader.end()?;
    if reader.has_duplicates {
        return name_duplicates(bytes);
    }
    Ok(Strict { value: reader.finish(value)?, duplicates: Vec::new() })
}

/// Reads once more to say which keys they are: few texts have any, and to look for them is slow.
fn name_duplicates(bytes: &[u8]) -> Result<Strict, Error> {
    let mut reader = Reader::new(bytes);
    reader.seen = Some(Vec::new());
    let value = reader.value()?;
    reader.end()?;
    let duplicates = std::mem::take(&mut reader.duplicates);
    let value = reader.finish(value)?;
    Ok(Strict { value, duplicates })
}

/// Reads the first value of a stream of values and says how many bytes it takes, or how many have
/// been read when it failed. Only after a number out of range can the stream be read on.
pub fn parse_first(bytes: &[u8]) -> (Result<Value, Error>, usize) {
    let mut reader = Reader::new(bytes);
    let value = reader.value();
    let length = reader.original_offset(reader.at);
    (value.and_then(|value| reader.finish(value)), length)
}

/// A list or a map that is being read.
enum Frame {
    /// Items from here on in [`Reader::items`].
    List(usize),
    /// Entries from here on in [`Reader::entries`], and the key of the next one.
    Map(usize, Key),
}

/// Works with stacks of its own instead of calling itself: the browser's stack is small.
pub(super) struct Reader<'a> {
    original: &'a [u8],
    /// The text with U+FFFD in place of each byte that is not UTF-8.
    pub(super) text: Cow<'a, str>,
    pub(super) at: usize,
    pub(super) shared: Shared,
    frames: Vec<Frame>,
    items: Vec<Value>,
    entries: Vec<(Key, Value)>,
    /// Whether a map that has been read had a key twice.
    has_duplicates: bool,
    /// The keys of each open map, if somebody asked for duplicates.
    seen: Option<Vec<BTreeSet<Key>>>,
    duplicates: Vec<String>,
    /// A number that does not fit counts only if the text is well formed.
    pub(super) out_of_range: Option<Error>,
}

impl<'a> Reader<'a> {
    fn new(original: &'a [u8]) -> Reader<'a> {
        Reader {
            original,
            text: replace_invalid(original),
            at: 0,
            shared: Shared::new(),
            frames: Vec::new(),
            items: Vec::new(),
            entries: Vec::new(),
            has_duplicates: false,
            seen: None,
            duplicates: Vec::new(),
            out_of_range: None,
        }
    }

    fn finish(self, value: Value) -> Result<Value, Error> {
        self.out_of_range.map_or(Ok(value), Err)
    }

    pub(super) fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.byte(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    /// The error of the byte at the present place, or of the missing one.
    pub(super) fn fail<T>(&self, place: &'static str) -> Result<T, Error> {
        let offset = self.original_offset(self.at);
        Err(match self.original.get(offset) {
            Some(&byte) => {
                Error { problem: Problem::InvalidCharacter { byte, place }, offset: offset + 1 }
            }
            None => Error { problem: Problem::UnexpectedEnd, offset },
        })
    }

    /// Where a place of the text is in the bytes that came in.
    pub(super) fn original_offset(&self, at: usize) -> usize {
        if matches!(self.text, Cow::Borrowed(_)) {
            return at;
        }
        let mut original = 0;
        let mut here = 0;
        while here < at && original < self.original.len() {
            let (replaced, length) = next_char(&self.original[original..]);
            here += if replaced { '\u{fffd}'.len_utf8() } else { length };
            original += length;
        }
        original
    }

    fn end(&mut self) -> Result<(), Error> {
        self.skip_space();
        match self.byte() {
            None => Ok(()),
            Some(_) => self.fail("after top-level value"),
        }
    }

    fn value(&mut self) -> Result<Value, Error> {
        loop {
            self.skip_space();
            let mut value = match self.byte() {
                Some(b'{') => {
                    self.open_map()?;
                    match self.after_open_brace()? {
                        Some(empty) => empty,
                        None => continue,
                    }
                }
                Some(b'[') => {
                    self.open(Frame::List(self.items.len()))?;
                    self.skip_space();
                    if self.byte() != Some(b']') {
                        continue;
                    }
                    self.at += 1;
                    self.close()
                }
                _ => self.scalar()?,
            };
            loop {
                match self.place(value)? {
                    Placed::Next => break,
                    Placed::Closed(closed) => value = closed,
                    Placed::Root(root) => return Ok(root),
                }
            }
        }
    }

    fn open(&mut self, frame: Frame) -> Result<(), Error> {
        if self.frames.len() >= MAX_DEPTH {
            return self.fail("exceeded max depth");
        }
        self.at += 1;
        self.frames.push(frame);
        Ok(())
    }

    fn open_map(&mut self) -> Result<(), Error> {
        // The key is replaced before it is used.
        self.open(Frame::Map(self.entries.len(), crate::names::NAME))?;
        if let Some(seen) = &mut self.seen {
            seen.push(BTreeSet::new());
        }
        Ok(())
    }

    /// Reads up to the first value of a map, or the whole map if it is empty.
    fn after_open_brace(&mut self) -> Result<Option<Value>, Error> {
        self.skip_space();
        if self.byte() == Some(b'}') {
            self.at += 1;
            return Ok(Some(self.close()));
        }
        self.key()?;
        Ok(None)
    }

    /// Reads a key and its colon.
    fn key(&mut self) -> Result<(), Error> {
        self.skip_space();
        if self.byte() != Some(b'"') {
            return self.fail("looking for beginning of object key string");
        }
        let key = match self.string()? {
            Span::Plain(start, end) => self.shared.key(&self.text[start..end]),
            Span::Unescaped(text) => self.shared.key(&text),
        };
        if self.seen.is_some() {
            self.note_duplicate(&key);
        }
        if let Some(Frame::Map(_, current)) = self.frames.last_mut() {
            *current = key;
        }
        self.skip_space();
        if self.byte() != Some(b':') {
            return self.fail("after object key");
        }
        self.at += 1;
        Ok(())
    }

    fn note_duplicate(&mut self, key: &Key) {
        let Some(keys) = self.seen.as_mut().and_then(|seen| seen.last_mut()) else {
            return;
        };
        if !keys.insert(key.clone()) {
            let path = self.path(key);
            self.duplicates.push(path);
        }
    }

    /// The path of an entry of the innermost map.
    fn path(&self, key: &Key) -> String {
        let mut path = String::new();
        for (depth, frame) in self.frames.iter().enumerate() {
            match frame {
                Frame::List(start) => {
                    // Items of inner lists lie on the same stack, above this list's own.
                    let inner = self.frames[depth + 1..].iter().find_map(|frame| match frame {
                        Frame::List(start) => Some(*start),
                        Frame::Map(..) => None,
                    });
                    let index = inner.unwrap_or(self.items.len()) - start;
                    let _ = write!(path, "[{index}]");
                }
                Frame::Map(_, current) => {
                    if !path.is_empty() {
                        path.push('.');
                    }
                    let last = depth + 1 == self.frames.len();
                    path.push_str(if last { key } else { current }.as_str());
                }
            }
        }
        path
    }

    fn close(&mut self) -> Value {
        match self.frames.pop() {
            Some(Frame::List(start)) => {
                Value::from(self.items.drain(start..).collect::<Vec<Value>>())
            }
            Some(Frame::Map(start, _)) => {
                if let Some(seen) = &mut self.seen {
                    seen.pop();
                }
                let entry_count = self.entries.len() - start;
                let map: Map = self.entries.drain(start..).collect();
                self.has_duplicates |= map.len() < entry_count;
                Value::Map(map)
            }
            None => Value::Null,
        }
    }

    /// Puts a finished value where it belongs and reads what separates it from the next one.
    fn place(&mut self, value: Value) -> Result<Placed, Error> {
        match self.frames.last_mut() {
            None => return Ok(Placed::Root(value)),
            Some(Frame::List(_)) => {
                self.items.push(value);
                self.skip_space();
                match self.byte() {
                    Some(b',') => self.at += 1,
                    Some(b']') => {
                        self.at += 1;
                        return Ok(Placed::Closed(self.close()));
                    }
                    _ => return self.fail("after array element"),
                }
            }
            Some(Frame::Map(_, key)) => {
                let key = std::mem::replace(key, crate::names::NAME);
                self.entries.push((key, value));
                self.skip_space();
                match self.byte() {
                    Some(b',') => {
                        self.at += 1;
                        self.key()?;
                    }
                    Some(b'}') => {
                        self.at += 1;
                        return Ok(Placed::Closed(self.close()));
                    }
                    _ => return self.fail("after object key:value pair"),
                }
            }
        }
        Ok(Placed::Next)
    }
}

/// What became of a value.
enum Placed {
    /// Another one follows.
    Next,
    /// It was the last of this list or map.
    Closed(Value),
    /// It is the whole document.
    Root(Value),
}

/// The bytes as text, with U+FFFD in place of each byte that is no part of a character.
pub(crate) fn replace_invalid(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(bytes.len() + 8);
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| '\u{fffd}'));
    }
    Cow::Owned(text)
}

/// Whether the first character is replaced, and its length in bytes.
fn next_char(bytes: &[u8]) -> (bool, usize) {
    let head = &bytes[..bytes.len().min(4)];
    match head.utf8_chunks().next() {
        Some(chunk) if !chunk.valid().is_empty() => {
            (false, chunk.valid().chars().next().map_or(1, char::len_utf8))
        }
        _ => (true, 1),
    }
}
