//! From characters to tokens.
//!
//! YAML 1.1 as go-yaml v2.4 scans it, with its error texts. Two things make YAML hard to scan.
//! Blocks have no closing sign, so a stack of indents tells when one ends. And a key is known to
//! be one only when its colon comes, so every token that could begin a key is remembered, and the
//! queue of tokens is held back until that is settled.

mod block_scalar;
mod cursor;
mod keys;
mod plain;
mod quoted;
mod tags;

use super::problem::{Mark, Problem, Step};
use cursor::Cursor;
use keys::Keys;
use std::borrow::Cow;
use std::collections::VecDeque;

/// A piece of syntax.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind<'a>,
    pub(super) start: Mark,
    pub(super) end: Mark,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind<'a> {
    StreamStart,
    StreamEnd,
    /// `%YAML 1.1`
    Version(u32, u32),
    /// `%TAG !e! tag:example.com,2000:`
    TagDirective(&'a str, String),
    /// `---`
    DocumentStart,
    /// `...`
    DocumentEnd,
    BlockSequenceStart,
    BlockMappingStart,
    BlockEnd,
    FlowSequenceStart,
    FlowSequenceEnd,
    FlowMappingStart,
    FlowMappingEnd,
    BlockEntry,
    FlowEntry,
    Key,
    Value,
    Alias(&'a str),
    Anchor(&'a str),
    /// A handle (`!`, `!!`, `!e!` or nothing) and what follows it.
    Tag(&'a str, String),
    Scalar {
        value: Cow<'a, str>,
        /// Without quotes, and not in a block of its own.
        is_plain: bool,
    },
}

pub(super) struct Scanner<'a> {
    cursor: Cursor<'a>,
    /// Whether the text goes on with a character that must not occur.
    is_cut: bool,
    has_started: bool,
    tokens: VecDeque<Token<'a>>,
    /// Whether the first token is what it seems to be, and no key.
    is_ready: bool,
    /// How many tokens have been taken out of the queue.
    taken: usize,
    /// The column of the present block; -1 outside of all.
    indent: isize,
    outer_indents: Vec<isize>,
    /// How many brackets and braces are open.
    flow_level: usize,
    /// Whether a key may begin at the next token.
    key_allowed: bool,
    keys: Keys,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Scanner<'a> {
        let readable = cursor::readable(text);
        Scanner {
            cursor: Cursor::new(readable),
            is_cut: readable.len() < text.len(),
            has_started: false,
            tokens: VecDeque::new(),
            is_ready: false,
            taken: 0,
            indent: -1,
            outer_indents: Vec::new(),
            flow_level: 0,
            key_allowed: false,
            keys: Keys::new(),
        }
    }

    /// The next token, which stays in the queue. At the end it is always the end of the stream.
    pub(super) fn peek(&mut self) -> Result<&Token<'a>, Problem> {
        if !self.is_ready {
            while self.needs_more()? {
                self.fetch().map_err(|problem| self.or_forbidden(problem))?;
                if self.is_cut && self.cursor.is_near_end() {
                    return Err(self.forbidden());
                }
            }
            self.is_ready = true;
        }
        Ok(&self.tokens[0])
    }

    /// Takes the token that was looked at.
    pub(super) fn take(&mut self) -> Option<Token<'a>> {
        self.taken += 1;
        self.is_ready = false;
        self.tokens.pop_front()
    }

    fn needs_more(&mut self) -> Result<bool, Problem> {
        let Some(first) = self.tokens.front() else {
            return Ok(true);
        };
        if first.kind == Kind::StreamEnd {
            return Ok(false);
        }
        self.keys.may_be_key(self.taken, self.cursor.mark())
    }

    fn forbidden(&self) -> Problem {
        Problem {
            step: Step::Reader,
            text: "control characters are not allowed",
            mark: self.cursor.end_mark(),
            context: None,
        }
    }

    /// A problem at the end of a text that was cut off is none of the text's own.
    fn or_forbidden(&self, problem: Problem) -> Problem {
        if self.is_cut && self.cursor.is_near_end() { self.forbidden() } else { problem }
    }

    fn problem(&self, context: Option<Mark>, text: &'static str) -> Problem {
        Problem { step: Step::Scanner, text, mark: self.cursor.mark(), context }
    }

    fn push(&mut self, kind: Kind<'a>, start: Mark) {
        self.push_until(kind, start, self.cursor.mark());
    }

    fn push_until(&mut self, kind: Kind<'a>, start: Mark, end: Mark) {
        self.tokens.push_back(Token { kind, start, end });
    }

    fn fetch(&mut self) -> Result<(), Problem> {
        if !self.has_started {
            self.has_started = true;
            self.key_allowed = true;
            self.push(Kind::StreamStart, self.cursor.mark());
            return Ok(());
        }
        self.skip_to_token();
        self.close_blocks(self.cursor.mark().column as isize);
        let Some(byte) = self.cursor.byte(0) else {
            return self.stream_end();
        };
        if self.cursor.mark().column == 0 {
            if byte == b'%' {
                return self.directive();
            }
            if self.cursor.is_document_mark("---") {
                return self.document_mark(Kind::DocumentStart);
            }
            if self.cursor.is_document_mark("...") {
                return self.document_mark(Kind::DocumentEnd);
            }
        }
        let in_flow = self.flow_level > 0;
        let blank_follows = self.cursor.is_blank_or_end(1);
        match byte {
            b'[' => self.flow_start(Kind::FlowSequenceStart),
            b'{' => self.flow_start(Kind::FlowMappingStart),
            b']' => self.flow_end(Kind::FlowSequenceEnd),
            b'}' => self.flow_end(Kind::FlowMappingEnd),
            b',' => self.flow_entry(),
            b'-' if blank_follows => self.block_entry(),
            b'?' if in_flow || blank_follows => self.explicit_key(),
            b':' if in_flow || blank_follows => self.value(),
            b'*' | b'&' => self.anchor(),
            b'!' => self.tag(),
            b'|' | b'>' if !in_flow => self.block_scalar(),
            b'\'' | b'"' => self.quoted_scalar(),
            b'-' | b'?' | b':' => self.plain_scalar(),
            b'#' | b'|' | b'>' | b'%' | b'@' | b'`' | b' ' | b'\t' => Err(self
                .problem(Some(self.cursor.mark()), "found character that cannot start any token")),
            _ => self.plain_scalar(),
        }
    }

    /// Goes over spaces, comments and line ends. A line end in a block allows a key again.
    fn skip_to_token(&mut self) {
        loop {
            let tabs_allowed = self.flow_level > 0 || !self.key_allowed;
            while match self.cursor.byte(0) {
                Some(b' ') => true,
                Some(b'\t') => tabs_allowed,
                _ => false,
            } {
                self.cursor.skip(1);
            }
            if self.cursor.byte(0) == Some(b'#') {
                self.cursor.skip_line();
            }
            if !self.cursor.skip_break() {
                return;
            }
            if self.flow_level == 0 {
                self.key_allowed = true;
            }
        }
    }

    /// Ends the blocks that are indented more than `column`.
    fn close_blocks(&mut self, column: isize) {
        if self.flow_level > 0 {
            return;
        }
        while self.indent > column {
            self.push(Kind::BlockEnd, self.cursor.mark());
            self.indent = self.outer_indents.pop().unwrap_or(-1);
        }
    }

    /// Begins a block at `start` if that is indented more than the present one. `queue_place` is
    /// where its token goes.
    fn open_block(&mut self, kind: Kind<'a>, start: Mark, queue_place: usize) {
        let column = start.column as isize;
        if self.flow_level > 0 || self.indent >= column {
            return;
        }
        self.outer_indents.push(self.indent);
        self.indent = column;
        let end = start;
        self.tokens.insert(queue_place, Token { kind, start, end });
    }

    /// Notes that the next token could be a key.
    fn save_key(&mut self) -> Result<(), Problem> {
        if !self.key_allowed {
            return Ok(());
        }
        let mark = self.cursor.mark();
        // In a block nothing but a key can stand at its very indent.
        let is_required = self.flow_level == 0 && self.indent == mark.column as isize;
        let number = self.taken + self.tokens.len();
        self.keys.save(number, is_required, mark)
    }

    fn forget_key(&mut self) -> Result<(), Problem> {
        self.keys.forget(self.cursor.mark())
    }

    fn stream_end(&mut self) -> Result<(), Problem> {
        self.cursor.end_line();
        self.close_blocks(-1);
        self.forget_key()?;
        self.key_allowed = false;
        self.push(Kind::StreamEnd, self.cursor.mark());
        Ok(())
    }

    fn document_mark(&mut self, kind: Kind<'a>) -> Result<(), Problem> {
        self.close_blocks(-1);
        self.forget_key()?;
        self.key_allowed = false;
        let start = self.cursor.mark();
        self.cursor.skip(3);
        self.push(kind, start);
        Ok(())
    }

    fn flow_start(&mut self, kind: Kind<'a>) -> Result<(), Problem> {
        self.save_key()?;
        let number = self.taken + self.tokens.len();
        self.flow_level += 1;
        self.keys.push_level(number);
        self.key_allowed = true;
        self.push_sign(kind);
        Ok(())
    }

    fn flow_end(&mut self, kind: Kind<'a>) -> Result<(), Problem> {
        self.forget_key()?;
        if self.flow_level > 0 {
            self.flow_level -= 1;
            self.keys.pop_level();
        }
        self.key_allowed = false;
        self.push_sign(kind);
        Ok(())
    }

    fn flow_entry(&mut self) -> Result<(), Problem> {
        self.forget_key()?;
        self.key_allowed = true;
        self.push_sign(Kind::FlowEntry);
        Ok(())
    }

    /// Takes one character as a token.
    fn push_sign(&mut self, kind: Kind<'a>) {
        let start = self.cursor.mark();
        self.cursor.skip(1);
        self.push(kind, start);
    }

    fn block_entry(&mut self) -> Result<(), Problem> {
        // The parser reports dashes between brackets.
        if self.flow_level == 0 {
            let mark = self.cursor.mark();
            if !self.key_allowed {
                let text = "block sequence entries are not allowed in this context";
                return Err(self.problem(Some(mark), text));
            }
            self.open_block(Kind::BlockSequenceStart, mark, self.tokens.len());
        }
        self.forget_key()?;
        self.key_allowed = true;
        self.push_sign(Kind::BlockEntry);
        Ok(())
    }

    fn explicit_key(&mut self) -> Result<(), Problem> {
        if self.flow_level == 0 {
            let mark = self.cursor.mark();
            if !self.key_allowed {
                let text = "mapping keys are not allowed in this context";
                return Err(self.problem(Some(mark), text));
            }
            self.open_block(Kind::BlockMappingStart, mark, self.tokens.len());
        }
        self.forget_key()?;
        self.key_allowed = self.flow_level == 0;
        self.push_sign(Kind::Key);
        Ok(())
    }

    fn value(&mut self) -> Result<(), Problem> {
        let mark = self.cursor.mark();
        if let Some(key) = self.keys.take_valid(mark)? {
            // A key that was not waited for has left the queue already.
            let place = key.number.checked_sub(self.taken);
            let queue_place = place.unwrap_or(self.tokens.len());
            let token = Token { kind: Kind::Key, start: key.mark, end: key.mark };
            self.tokens.insert(queue_place, token);
            self.open_block(Kind::BlockMappingStart, key.mark, queue_place);
            self.key_allowed = false;
        } else {
            if self.flow_level == 0 {
                if !self.key_allowed {
                    let text = "mapping values are not allowed in this context";
                    return Err(self.problem(Some(mark), text));
                }
                self.open_block(Kind::BlockMappingStart, mark, self.tokens.len());
            }
            self.key_allowed = self.flow_level == 0;
        }
        self.push_sign(Kind::Value);
        Ok(())
    }
}
