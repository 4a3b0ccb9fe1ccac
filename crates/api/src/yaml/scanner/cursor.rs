//! Where the scanner is in the text.

use super::super::problem::Mark;

/// go-yaml reads its input in pieces of this size, and complains about a forbidden character when
/// it reads the piece, before it looks at what stands in front of it.
const PIECE: usize = 512;

/// The pieces in front of the first one with a forbidden character.
pub(super) fn readable(text: &str) -> &str {
    let Some(forbidden) = text.char_indices().find(|(_, c)| !is_allowed(*c)) else {
        return text;
    };
    let mut end = 0;
    loop {
        let next = text.floor_char_boundary(end + PIECE);
        if next > forbidden.0 {
            return &text[..end];
        }
        end = next;
    }
}

fn is_allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{fffd}' | '\u{10000}'..)
}

pub(super) struct Cursor<'a> {
    text: &'a str,
    mark: Mark,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Cursor<'a> {
        let mut mark = Mark::default();
        // A byte order mark counts at the very beginning only, as no character.
        if text.starts_with('\u{feff}') {
            mark.offset = '\u{feff}'.len_utf8();
        }
        Cursor { text, mark }
    }

    pub(super) fn mark(&self) -> Mark {
        self.mark
    }

    /// The place where the text ends.
    pub(super) fn end_mark(&self) -> Mark {
        let rest = &self.text[self.mark.offset..];
        let last_line = rest.rsplit('\n').next().unwrap_or(rest);
        let line = self.mark.line + rest.matches('\n').count();
        let before = if line == self.mark.line { self.mark.column } else { 0 };
        Mark { offset: self.text.len(), line, column: before + last_line.chars().count() }
    }

    /// Whether fewer characters are left than the scanner wants to see.
    pub(super) fn is_near_end(&self) -> bool {
        self.text.len() - self.mark.offset < 4
    }

    /// The byte so many bytes ahead.
    pub(super) fn byte(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.mark.offset + ahead).copied()
    }

    /// The text between an earlier place and this one.
    pub(super) fn since(&self, start: Mark) -> &'a str {
        &self.text[start.offset..self.mark.offset]
    }

    /// The text between two earlier places.
    pub(super) fn between(&self, start: Mark, end: Mark) -> &'a str {
        &self.text[start.offset..end.offset]
    }

    /// The text from here on.
    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.mark.offset..]
    }

    /// Goes over ASCII characters of this line.
    pub(super) fn skip(&mut self, count: usize) {
        self.mark.offset += count;
        self.mark.column += count;
    }

    /// Goes over so many bytes of this line.
    pub(super) fn advance(&mut self, bytes: usize) {
        let passed = &self.text.as_bytes()[self.mark.offset..self.mark.offset + bytes];
        // Continuation bytes are no characters of their own.
        let continued = passed.iter().filter(|&&byte| byte & 0xc0 == 0x80).count();
        self.mark.offset += bytes;
        self.mark.column += bytes - continued;
    }

    /// Goes over one character of this line.
    pub(super) fn skip_char(&mut self) {
        let lead = self.byte(0).unwrap_or_default();
        self.mark.offset += match lead {
            0..0xc0 => 1,
            0xc0..0xe0 => 2,
            0xe0..0xf0 => 3,
            0xf0.. => 4,
        };
        self.mark.column += 1;
    }

    /// Goes to the end of this line.
    pub(super) fn skip_line(&mut self) {
        let mut length = 0;
        while self.byte(length).is_some() && self.break_length(length) == 0 {
            length += 1;
        }
        self.advance(length);
    }

    /// How many bytes the line break has that is so many bytes ahead; 0 if there is none.
    pub(super) fn break_length(&self, ahead: usize) -> usize {
        match self.byte(ahead) {
            Some(b'\n') => 1,
            Some(b'\r') => 1 + usize::from(self.byte(ahead + 1) == Some(b'\n')),
            Some(0xc2) => 2 * usize::from(self.byte(ahead + 1) == Some(0x85)),
            Some(0xe2) if self.byte(ahead + 1) == Some(0x80) => {
                3 * usize::from(matches!(self.byte(ahead + 2), Some(0xa8 | 0xa9)))
            }
            _ => 0,
        }
    }

    /// Whether a space, a tab, a line break or the end is so many bytes ahead.
    pub(super) fn is_blank_or_end(&self, ahead: usize) -> bool {
        match self.byte(ahead) {
            None | Some(b' ' | b'\t') => true,
            Some(_) => self.break_length(ahead) > 0,
        }
    }

    pub(super) fn is_blank(&self) -> bool {
        matches!(self.byte(0), Some(b' ' | b'\t'))
    }

    pub(super) fn is_break(&self) -> bool {
        self.break_length(0) > 0
    }

    /// Whether this line begins with `---` or `...` and a blank.
    pub(super) fn is_document_mark(&self, dashes: &str) -> bool {
        self.mark.column == 0 && self.rest().starts_with(dashes) && self.is_blank_or_end(3)
    }

    /// Goes over a line break, if there is one.
    pub(super) fn skip_break(&mut self) -> bool {
        let length = self.break_length(0);
        if length == 0 {
            return false;
        }
        self.mark.offset += length;
        self.mark.line += 1;
        self.mark.column = 0;
        true
    }

    /// Goes over a line break and appends it. The breaks that ASCII does not have stay themselves.
    pub(super) fn read_break(&mut self, out: &mut String) {
        let start = self.mark;
        self.skip_break();
        let text = self.since(start);
        out.push_str(if text.len() == 3 { text } else { "\n" });
    }

    /// The end of the text ends its last line.
    pub(super) fn end_line(&mut self) {
        if self.mark.column > 0 {
            self.mark.column = 0;
            self.mark.line += 1;
        }
    }
}
