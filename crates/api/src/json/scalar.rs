//! Strings, numbers and words.

use super::read::Reader;
use super::{Error, Problem};
use crate::Value;

/// A string: a part of the text, or a copy without its escapes.
pub(super) enum Span {
    Plain(usize, usize),
    Unescaped(String),
}

impl Reader<'_> {
    pub(super) fn scalar(&mut self) -> Result<Value, Error> {
        match self.byte() {
            Some(b'"') => Ok(Value::Str(match self.string()? {
                Span::Plain(start, end) => self.shared.text(&self.text[start..end]),
                Span::Unescaped(text) => text.into(),
            })),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word(&TRUE, Value::Bool(true)),
            Some(b'f') => self.word(&FALSE, Value::Bool(false)),
            Some(b'n') => self.word(&NULL, Value::Null),
            _ => self.fail("looking for beginning of value"),
        }
    }

    fn word(&mut self, word: &[(u8, &'static str)], value: Value) -> Result<Value, Error> {
        for (byte, place) in word {
            if self.byte() != Some(*byte) {
                return self.fail(place);
            }
            self.at += 1;
        }
        Ok(value)
    }

    fn digits(&mut self) -> bool {
        let start = self.at;
        while matches!(self.byte(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        self.at > start
    }

    fn number(&mut self) -> Result<Value, Error> {
        let start = self.at;
        if self.byte() == Some(b'-') {
            self.at += 1;
        }
        if self.byte() == Some(b'0') {
            self.at += 1;
        } else if !self.digits() {
            return self.fail("in numeric literal");
        }
        let mut whole = true;
        if self.byte() == Some(b'.') {
            whole = false;
            self.at += 1;
            if !self.digits() {
                return self.fail("after decimal point in numeric literal");
            }
        }
        if matches!(self.byte(), Some(b'e' | b'E')) {
            whole = false;
            self.at += 1;
            if matches!(self.byte(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            if !self.digits() {
                return self.fail("in exponent of numeric literal");
            }
        }
        let text = &self.text[start..self.at];
        if whole && let Ok(number) = text.parse() {
            return Ok(Value::Int(number));
        }
        // The grammar above is a part of the float grammar: parsing cannot fail.
        let number = text.parse::<f64>().unwrap_or(f64::INFINITY);
        if number.is_infinite() && self.out_of_range.is_none() {
            self.out_of_range = Some(Error {
                problem: Problem::NumberOutOfRange(text.to_owned()),
                offset: self.original_offset(self.at),
            });
        }
        Ok(Value::Float(number))
    }

    /// Reads a string, the cursor being on its opening quote.
    pub(super) fn string(&mut self) -> Result<Span, Error> {
        self.at += 1;
        let start = self.at;
        self.skip_plain();
        if self.byte() == Some(b'"') {
            let end = self.at;
            self.at += 1;
            return Ok(Span::Plain(start, end));
        }
        let mut text = self.text[start..self.at].to_owned();
        loop {
            match self.byte() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(Span::Unescaped(text));
                }
                Some(b'\\') => {
                    self.at += 1;
                    let unescaped = self.escape()?;
                    text.push(unescaped);
                }
                _ => return self.fail("in string literal"),
            }
            let start = self.at;
            self.skip_plain();
            text.push_str(&self.text[start..self.at]);
        }
    }

    /// Goes to the next quote, backslash or control character.
    fn skip_plain(&mut self) {
        let rest = &self.text.as_bytes()[self.at..];
        let special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
        self.at += rest.iter().position(special).unwrap_or(rest.len());
    }

    fn escape(&mut self) -> Result<char, Error> {
        let unescaped = match self.byte() {
            Some(byte @ (b'"' | b'\\' | b'/')) => char::from(byte),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.at += 1;
                return self.unicode_escape();
            }
            _ => return self.fail("in string escape code"),
        };
        self.at += 1;
        Ok(unescaped)
    }

    /// A character outside the basic plane is written as two escapes; half of one is U+FFFD.
    fn unicode_escape(&mut self) -> Result<char, Error> {
        let first = self.four_hex_digits()?;
        if let Some(whole) = char::from_u32(first) {
            return Ok(whole);
        }
        if !(0xd800..0xdc00).contains(&first) || !self.text[self.at..].starts_with("\\u") {
            return Ok('\u{fffd}');
        }
        let after_first = self.at;
        self.at += 2;
        let second = self.four_hex_digits()?;
        if !(0xdc00..0xe000).contains(&second) {
            self.at = after_first;
            return Ok('\u{fffd}');
        }
        let code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
        Ok(char::from_u32(code).unwrap_or('\u{fffd}'))
    }

    fn four_hex_digits(&mut self) -> Result<u32, Error> {
        let mut code = 0;
        for _ in 0..4 {
            let digit = self.byte().and_then(|byte| char::from(byte).to_digit(16));
            let Some(digit) = digit else {
                return self.fail("in \\u hexadecimal character escape");
            };
            code = code * 16 + digit;
            self.at += 1;
        }
        Ok(code)
    }
}

const BEGINNING: &str = "looking for beginning of value";
const TRUE: [(u8, &str); 4] = [
    (b't', BEGINNING),
    (b'r', "in literal true (expecting 'r')"),
    (b'u', "in literal true (expecting 'u')"),
    (b'e', "in literal true (expecting 'e')"),
];
const FALSE: [(u8, &str); 5] = [
    (b'f', BEGINNING),
    (b'a', "in literal false (expecting 'a')"),
    (b'l', "in literal false (expecting 'l')"),
    (b's', "in literal false (expecting 's')"),
    (b'e', "in literal false (expecting 'e')"),
];
const NULL: [(u8, &str); 4] = [
    (b'n', BEGINNING),
    (b'u', "in literal null (expecting 'u')"),
    (b'l', "in literal null (expecting 'l')"),
    (b'l', "in literal null (expecting 'l')"),
];
