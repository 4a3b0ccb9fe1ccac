//! Scalars in blocks of their own: `|` and `>`.

use super::super::problem::{Mark, Problem};
use super::{Kind, Scanner};
use std::borrow::Cow;

/// What the first line of a block scalar says.
struct Header {
    start: Mark,
    keeps_breaks: bool,
    /// Whether the line breaks at the end are dropped or kept, if it says so.
    chomping: Option<Chomping>,
    /// How much deeper than its surroundings the text is indented, if it says so.
    increment: Option<usize>,
}

#[derive(Clone, Copy, PartialEq)]
enum Chomping {
    Strip,
    Keep,
}

impl<'a> Scanner<'a> {
    pub(super) fn block_scalar(&mut self) -> Result<(), Problem> {
        self.forget_key()?;
        self.key_allowed = true;
        let header = self.block_header()?;
        let outer = self.indent.max(0) as usize;
        let mut indent = header.increment.map(|increment| outer + increment);
        let mut end = self.cursor.mark();
        let mut value = String::new();
        let mut first_break = String::new();
        let mut more_breaks = String::new();
        self.block_breaks(&mut indent, &mut more_breaks, &header, &mut end)?;
        let mut line_before_was_blank = false;
        while Some(self.cursor.mark().column) == indent && self.cursor.byte(0).is_some() {
            // A line that begins with a blank is not folded into its neighbours.
            let is_blank = self.cursor.is_blank();
            let folds = !header.keeps_breaks && !line_before_was_blank && !is_blank;
            if !folds || !first_break.starts_with('\n') {
                value.push_str(&first_break);
            } else if more_breaks.is_empty() {
                value.push(' ');
            }
            value.push_str(&more_breaks);
            first_break.clear();
            more_breaks.clear();
            line_before_was_blank = is_blank;
            let line = self.cursor.mark();
            self.cursor.skip_line();
            value.push_str(self.cursor.since(line));
            if self.cursor.is_break() {
                self.cursor.read_break(&mut first_break);
            }
            end = self.cursor.mark();
            self.block_breaks(&mut indent, &mut more_breaks, &header, &mut end)?;
        }
        if header.chomping != Some(Chomping::Strip) {
            value.push_str(&first_break);
        }
        if header.chomping == Some(Chomping::Keep) {
            value.push_str(&more_breaks);
        }
        let kind = Kind::Scalar { value: Cow::Owned(value), is_plain: false };
        self.push_until(kind, header.start, end);
        Ok(())
    }

    /// Reads the first line: `|`, `>-`, `|2+ # comment`.
    fn block_header(&mut self) -> Result<Header, Problem> {
        let mut header = Header {
            start: self.cursor.mark(),
            keeps_breaks: self.cursor.byte(0) == Some(b'|'),
            chomping: None,
            increment: None,
        };
        self.cursor.skip(1);
        loop {
            match self.cursor.byte(0) {
                Some(sign @ (b'+' | b'-')) if header.chomping.is_none() => {
                    let keeps = sign == b'+';
                    header.chomping = Some(if keeps { Chomping::Keep } else { Chomping::Strip });
                }
                Some(b'0') if header.increment.is_none() => {
                    let text = "found an indentation indicator equal to 0";
                    return Err(self.problem(Some(header.start), text));
                }
                Some(digit @ b'1'..=b'9') if header.increment.is_none() => {
                    header.increment = Some(usize::from(digit - b'0'));
                }
                _ => break,
            }
            self.cursor.skip(1);
        }
        self.end_of_line(header.start)?;
        Ok(header)
    }

    /// Goes over blanks, a comment and the line break; nothing else may stand there.
    pub(super) fn end_of_line(&mut self, context: Mark) -> Result<(), Problem> {
        while self.cursor.is_blank() {
            self.cursor.skip(1);
        }
        if self.cursor.byte(0) == Some(b'#') {
            self.cursor.skip_line();
        }
        if !self.cursor.skip_break() && self.cursor.byte(0).is_some() {
            let text = "did not find expected comment or line break";
            return Err(self.problem(Some(context), text));
        }
        Ok(())
    }

    /// Goes over indentation and empty lines, whose breaks it collects. The first text decides
    /// about the indent, but never below what an empty line in front of it has.
    fn block_breaks(
        &mut self,
        indent: &mut Option<usize>,
        breaks: &mut String,
        header: &Header,
        end: &mut Mark,
    ) -> Result<(), Problem> {
        let mut deepest = 0;
        loop {
            let in_indent = |column| indent.is_none_or(|indent| column < indent);
            while in_indent(self.cursor.mark().column) && self.cursor.byte(0) == Some(b' ') {
                self.cursor.skip(1);
            }
            let column = self.cursor.mark().column;
            deepest = deepest.max(column);
            if in_indent(column) && self.cursor.byte(0) == Some(b'\t') {
                let text = "found a tab character where an indentation space is expected";
                return Err(self.problem(Some(header.start), text));
            }
            if !self.cursor.is_break() {
                break;
            }
            self.cursor.read_break(breaks);
            *end = self.cursor.mark();
        }
        if indent.is_none() {
            let least = (self.indent + 1).max(1) as usize;
            *indent = Some(deepest.max(least));
        }
        Ok(())
    }
}
