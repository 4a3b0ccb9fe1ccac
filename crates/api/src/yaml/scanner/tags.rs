//! Anchors, aliases, tags and directives.

use super::super::problem::{Mark, Problem};
use super::{Kind, Scanner};

const TAG_ENDS: &str = "did not find expected whitespace or line break";

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

impl<'a> Scanner<'a> {
    /// Takes letters, digits, dashes and underscores.
    fn name(&mut self) -> &'a str {
        let start = self.cursor.mark();
        while self.cursor.byte(0).is_some_and(is_name_byte) {
            self.cursor.skip(1);
        }
        self.cursor.since(start)
    }

    fn skip_blanks(&mut self) {
        while self.cursor.is_blank() {
            self.cursor.skip(1);
        }
    }

    /// `&name` or `*name`
    pub(super) fn anchor(&mut self) -> Result<(), Problem> {
        self.save_key()?;
        self.key_allowed = false;
        let start = self.cursor.mark();
        let is_alias = self.cursor.byte(0) == Some(b'*');
        self.cursor.skip(1);
        let name = self.name();
        let may_follow = self.cursor.is_blank_or_end(0)
            || matches!(
                self.cursor.byte(0),
                Some(b'?' | b':' | b',' | b']' | b'}' | b'%' | b'@' | b'`')
            );
        if name.is_empty() || !may_follow {
            let text = "did not find expected alphabetic or numeric character";
            return Err(self.problem(Some(start), text));
        }
        let kind = if is_alias { Kind::Alias(name) } else { Kind::Anchor(name) };
        self.push(kind, start);
        Ok(())
    }

    /// `!`, `!name`, `!!name`, `!handle!name` or `!<uri>`
    pub(super) fn tag(&mut self) -> Result<(), Problem> {
        self.save_key()?;
        self.key_allowed = false;
        let start = self.cursor.mark();
        let kind = if self.cursor.byte(1) == Some(b'<') {
            self.cursor.skip(2);
            let uri = self.tag_uri(String::new(), start)?;
            if self.cursor.byte(0) != Some(b'>') {
                return Err(self.problem(Some(start), "did not find the expected '>'"));
            }
            self.cursor.skip(1);
            Kind::Tag("", uri)
        } else {
            self.short_tag(start)?
        };
        if !self.cursor.is_blank_or_end(0) {
            return Err(self.problem(Some(start), TAG_ENDS));
        }
        self.push(kind, start);
        Ok(())
    }

    fn short_tag(&mut self, start: Mark) -> Result<Kind<'a>, Problem> {
        let handle = self.tag_handle();
        if handle.len() > 1 && handle.ends_with('!') {
            let suffix = self.tag_uri(String::new(), start)?;
            return Ok(Kind::Tag(handle, suffix));
        }
        // What was taken for a handle is the beginning of the name.
        let mut uri = handle[1..].to_owned();
        self.push_uri(&mut uri, start)?;
        Ok(if uri.is_empty() { Kind::Tag("", "!".to_owned()) } else { Kind::Tag("!", uri) })
    }

    /// Takes `!`, `!!` or `!name!`, or `!name` without an end.
    fn tag_handle(&mut self) -> &'a str {
        let start = self.cursor.mark();
        self.cursor.skip(1);
        self.name();
        if self.cursor.byte(0) == Some(b'!') {
            self.cursor.skip(1);
        }
        self.cursor.since(start)
    }

    fn tag_uri(&mut self, mut uri: String, start: Mark) -> Result<String, Problem> {
        self.push_uri(&mut uri, start)?;
        if uri.is_empty() {
            return Err(self.problem(Some(start), "did not find expected tag URI"));
        }
        Ok(uri)
    }

    fn push_uri(&mut self, uri: &mut String, start: Mark) -> Result<(), Problem> {
        while let Some(byte) = self.cursor.byte(0) {
            match byte {
                b'%' => uri.push(self.uri_escape(start)?),
                b';' | b'/' | b'?' | b':' | b'@' | b'&' | b'=' | b'+' | b'$' | b',' | b'.'
                | b'!' | b'~' | b'*' | b'\'' | b'(' | b')' | b'[' | b']' => {
                    uri.push(char::from(byte));
                    self.cursor.skip(1);
                }
                byte if is_name_byte(byte) => {
                    uri.push(char::from(byte));
                    self.cursor.skip(1);
                }
                _ => break,
            }
        }
        Ok(())
    }

    /// `%e3%81%82`: the bytes of one character.
    fn uri_escape(&mut self, start: Mark) -> Result<char, Problem> {
        let mut bytes = Vec::with_capacity(4);
        let mut length = 1;
        while bytes.len() < length {
            let digit = |ahead| self.cursor.byte(ahead).and_then(|b| char::from(b).to_digit(16));
            let (Some(b'%'), Some(high), Some(low)) = (self.cursor.byte(0), digit(1), digit(2))
            else {
                return Err(self.problem(Some(start), "did not find URI escaped octet"));
            };
            let byte = (high << 4 | low) as u8;
            if bytes.is_empty() {
                length = match byte {
                    0..0x80 => 1,
                    0xc0..0xe0 => 2,
                    0xe0..0xf0 => 3,
                    0xf0..0xf8 => 4,
                    _ => {
                        let text = "found an incorrect leading UTF-8 octet";
                        return Err(self.problem(Some(start), text));
                    }
                };
            } else if byte & 0xc0 != 0x80 {
                return Err(self.problem(Some(start), "found an incorrect trailing UTF-8 octet"));
            }
            bytes.push(byte);
            self.cursor.skip(3);
        }
        let text = std::str::from_utf8(&bytes).unwrap_or("\u{fffd}");
        Ok(text.chars().next().unwrap_or('\u{fffd}'))
    }

    /// `%YAML 1.1` or `%TAG !e! tag:example.com,2000:`
    pub(super) fn directive(&mut self) -> Result<(), Problem> {
        self.close_blocks(-1);
        self.forget_key()?;
        self.key_allowed = false;
        let start = self.cursor.mark();
        self.cursor.skip(1);
        let name = self.name();
        if name.is_empty() {
            let text = "could not find expected directive name";
            return Err(self.problem(Some(start), text));
        }
        if !self.cursor.is_blank_or_end(0) {
            let text = "found unexpected non-alphabetical character";
            return Err(self.problem(Some(start), text));
        }
        let kind = match name {
            "YAML" => self.version(start)?,
            "TAG" => self.tag_directive(start)?,
            _ => return Err(self.problem(Some(start), "found unknown directive name")),
        };
        self.push(kind, start);
        self.end_of_line(start)
    }

    fn version(&mut self, start: Mark) -> Result<Kind<'a>, Problem> {
        self.skip_blanks();
        let major = self.version_number(start)?;
        if self.cursor.byte(0) != Some(b'.') {
            let text = "did not find expected digit or '.' character";
            return Err(self.problem(Some(start), text));
        }
        self.cursor.skip(1);
        let minor = self.version_number(start)?;
        Ok(Kind::Version(major, minor))
    }

    fn version_number(&mut self, start: Mark) -> Result<u32, Problem> {
        let mut number = 0;
        let mut digits = 0;
        while let Some(digit @ b'0'..=b'9') = self.cursor.byte(0) {
            digits += 1;
            if digits > 2 {
                return Err(self.problem(Some(start), "found extremely long version number"));
            }
            number = number * 10 + u32::from(digit - b'0');
            self.cursor.skip(1);
        }
        if digits == 0 {
            return Err(self.problem(Some(start), "did not find expected version number"));
        }
        Ok(number)
    }

    fn tag_directive(&mut self, start: Mark) -> Result<Kind<'a>, Problem> {
        self.skip_blanks();
        if self.cursor.byte(0) != Some(b'!') {
            return Err(self.problem(Some(start), "did not find expected '!'"));
        }
        let handle = self.tag_handle();
        if handle != "!" && !handle.ends_with('!') {
            return Err(self.problem(Some(start), "did not find expected '!'"));
        }
        if !self.cursor.is_blank() {
            return Err(self.problem(Some(start), "did not find expected whitespace"));
        }
        self.skip_blanks();
        let prefix = self.tag_uri(String::new(), start)?;
        if !self.cursor.is_blank_or_end(0) {
            return Err(self.problem(Some(start), TAG_ENDS));
        }
        Ok(Kind::TagDirective(handle, prefix))
    }
}
