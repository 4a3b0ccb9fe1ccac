//! Scalars in quotes.

use super::super::problem::{Mark, Problem};
use super::plain::Fold;
use super::{Kind, Scanner};
use std::borrow::Cow;

impl<'a> Scanner<'a> {
    pub(super) fn quoted_scalar(&mut self) -> Result<(), Problem> {
        self.save_key()?;
        self.key_allowed = false;
        let start = self.cursor.mark();
        let quote = self.cursor.byte(0).unwrap_or_default();
        self.cursor.skip(1);
        let value = match self.simple_quoted(quote) {
            Some(value) => Cow::Borrowed(value),
            None => Cow::Owned(self.folded_quoted(quote, start)?),
        };
        self.cursor.skip(1);
        let is_plain = false;
        self.push(Kind::Scalar { value, is_plain }, start);
        Ok(())
    }

    /// The text up to the closing quote, if it stands on this line and needs no change.
    fn simple_quoted(&mut self, quote: u8) -> Option<&'a str> {
        let start = self.cursor.mark();
        let special = |byte: &u8| matches!(byte, b'\\' | b'\n' | b'\r') || *byte == quote;
        let rest = self.cursor.rest().as_bytes();
        let length = rest.iter().position(special)?;
        let has_exotic_break = || {
            let text = &rest[..length];
            text.contains(&0xc2) || text.contains(&0xe2)
        };
        let is_doubled = quote == b'\'' && rest.get(length + 1) == Some(&quote);
        // A backslash between single quotes is nothing special, but rare enough.
        if rest[length] != quote || is_doubled || !rest[..length].is_ascii() && has_exotic_break() {
            return None;
        }
        self.cursor.advance(length);
        Some(self.cursor.since(start))
    }

    /// The general case; stops at the closing quote.
    fn folded_quoted(&mut self, quote: u8, start: Mark) -> Result<String, Problem> {
        let mut value = String::new();
        let mut fold = Fold::default();
        loop {
            if self.cursor.is_document_mark("---") || self.cursor.is_document_mark("...") {
                return Err(self.problem(Some(start), "found unexpected document indicator"));
            }
            if self.cursor.byte(0).is_none() {
                return Err(self.problem(Some(start), "found unexpected end of stream"));
            }
            self.quoted_word(quote, start, &mut value, &mut fold)?;
            if self.cursor.byte(0) == Some(quote) {
                return Ok(value);
            }
            let blanks = self.cursor.mark();
            let mut blanks_end = blanks;
            while self.cursor.is_blank() || self.cursor.is_break() {
                if self.cursor.is_break() {
                    self.cursor.read_break(fold.next());
                } else {
                    self.cursor.skip(1);
                    blanks_end = self.cursor.mark();
                }
            }
            if fold.has_begun() {
                fold.finish(&mut value);
            } else {
                value.push_str(self.cursor.between(blanks, blanks_end));
            }
        }
    }

    /// Appends the characters up to a blank, the closing quote, or an escaped line break.
    fn quoted_word(
        &mut self,
        quote: u8,
        start: Mark,
        value: &mut String,
        fold: &mut Fold,
    ) -> Result<(), Problem> {
        while !self.cursor.is_blank_or_end(0) {
            match self.cursor.byte(0) {
                Some(b'\'') if quote == b'\'' && self.cursor.byte(1) == Some(b'\'') => {
                    value.push('\'');
                    self.cursor.skip(2);
                }
                byte if byte == Some(quote) => break,
                Some(b'\\') if quote == b'"' => {
                    if self.cursor.break_length(1) > 0 {
                        self.cursor.skip(1);
                        self.cursor.skip_break();
                        fold.begin_escaped();
                        break;
                    }
                    value.push(self.escape(start)?);
                }
                _ => {
                    let here = self.cursor.mark();
                    self.cursor.skip_char();
                    value.push_str(self.cursor.since(here));
                }
            }
        }
        Ok(())
    }

    fn escape(&mut self, start: Mark) -> Result<char, Problem> {
        let plain = match self.cursor.byte(1) {
            Some(b'0') => '\0',
            Some(b'a') => '\u{7}',
            Some(b'b') => '\u{8}',
            Some(b't' | b'\t') => '\t',
            Some(b'n') => '\n',
            Some(b'v') => '\u{b}',
            Some(b'f') => '\u{c}',
            Some(b'r') => '\r',
            Some(b'e') => '\u{1b}',
            Some(byte @ (b' ' | b'"' | b'\'' | b'\\')) => char::from(byte),
            Some(b'N') => '\u{85}',
            Some(b'_') => '\u{a0}',
            Some(b'L') => '\u{2028}',
            Some(b'P') => '\u{2029}',
            Some(b'x') => return self.hex_escape(2, start),
            Some(b'u') => return self.hex_escape(4, start),
            Some(b'U') => return self.hex_escape(8, start),
            _ => return Err(self.problem(Some(start), "found unknown escape character")),
        };
        self.cursor.skip(2);
        Ok(plain)
    }

    fn hex_escape(&mut self, length: usize, start: Mark) -> Result<char, Problem> {
        self.cursor.skip(2);
        let mut code = 0u32;
        for ahead in 0..length {
            let byte = self.cursor.byte(ahead).unwrap_or_default();
            let Some(digit) = char::from(byte).to_digit(16) else {
                let text = "did not find expected hexdecimal number";
                return Err(self.problem(Some(start), text));
            };
            code = code << 4 | digit;
        }
        let Some(c) = char::from_u32(code) else {
            let text = "found invalid Unicode character escape code";
            return Err(self.problem(Some(start), text));
        };
        self.cursor.skip(length);
        Ok(c)
    }
}
