//! Scalars without quotes.

use super::super::problem::Problem;
use super::{Kind, Scanner};
use std::borrow::Cow;

/// The line breaks between two words: a single one becomes a space.
#[derive(Default)]
pub(super) struct Fold {
    has_begun: bool,
    first: String,
    more: String,
}

impl Fold {
    pub(super) fn has_begun(&self) -> bool {
        self.has_begun
    }

    /// Where the next line break goes.
    pub(super) fn next(&mut self) -> &mut String {
        if self.has_begun {
            &mut self.more
        } else {
            self.has_begun = true;
            &mut self.first
        }
    }

    /// Begins with a line break that does not count.
    pub(super) fn begin_escaped(&mut self) {
        self.has_begun = true;
    }

    /// Appends what is left of the breaks.
    pub(super) fn finish(&mut self, out: &mut String) {
        if !self.first.starts_with('\n') {
            out.push_str(&self.first);
        } else if self.more.is_empty() {
            out.push(' ');
        }
        out.push_str(&self.more);
        self.has_begun = false;
        self.first.clear();
        self.more.clear();
    }
}

impl<'a> Scanner<'a> {
    pub(super) fn plain_scalar(&mut self) -> Result<(), Problem> {
        self.save_key()?;
        self.key_allowed = false;
        let start = self.cursor.mark();
        let indent = self.indent + 1;
        let mut value = Cow::Borrowed("");
        let mut end = start;
        let mut line_start = start;
        let mut fold = Fold::default();
        while !self.at_plain_end() {
            let length = self.plain_word_length();
            if length > 0 {
                if fold.has_begun() {
                    fold.finish(value.to_mut());
                    line_start = self.cursor.mark();
                }
                self.cursor.advance(length);
                end = self.cursor.mark();
            }
            if !self.cursor.is_blank() && !self.cursor.is_break() {
                break;
            }
            while self.cursor.is_blank() || self.cursor.is_break() {
                let in_indent = (self.cursor.mark().column as isize) < indent;
                if self.cursor.is_break() {
                    if !fold.has_begun() {
                        take_line(&mut value, self.cursor.between(line_start, end));
                    }
                    self.cursor.read_break(fold.next());
                } else if fold.has_begun() && in_indent && self.cursor.byte(0) == Some(b'\t') {
                    let text = "found a tab character that violates indentation";
                    return Err(self.problem(Some(start), text));
                } else {
                    self.cursor.skip(1);
                }
            }
            if self.flow_level == 0 && (self.cursor.mark().column as isize) < indent {
                break;
            }
        }
        if fold.has_begun() {
            self.key_allowed = true;
        } else {
            take_line(&mut value, self.cursor.between(line_start, end));
        }
        let is_plain = true;
        self.push_until(Kind::Scalar { value, is_plain }, start, end);
        Ok(())
    }

    /// Whether a comment or another document begins here.
    fn at_plain_end(&self) -> bool {
        self.cursor.byte(0) == Some(b'#')
            || self.cursor.is_document_mark("---")
            || self.cursor.is_document_mark("...")
    }

    /// How many bytes belong to the word that begins here.
    fn plain_word_length(&self) -> usize {
        let in_flow = self.flow_level > 0;
        let mut length = 0;
        while let Some(byte) = self.cursor.byte(length) {
            let ends = match byte {
                b' ' | b'\t' | b'\n' | b'\r' => true,
                b':' => self.cursor.is_blank_or_end(length + 1),
                b',' | b'?' | b'[' | b']' | b'{' | b'}' => in_flow,
                0xc2 | 0xe2 => self.cursor.break_length(length) > 0,
                _ => false,
            };
            if ends {
                break;
            }
            length += 1;
        }
        length
    }
}

/// Appends a line; the only one is not copied.
fn take_line<'a>(value: &mut Cow<'a, str>, line: &'a str) {
    if value.is_empty() {
        *value = Cow::Borrowed(line);
    } else {
        value.to_mut().push_str(line);
    }
}
