//! Redirections and here-documents.

use super::{CutOff, HereDocument, Parser};
use crate::interpreter::ast::{Part, Redirect, RedirectKind, Word};
use crate::interpreter::lexer::{Kind, Lexer, Parsed, Quoting, REDIRECTIONS};
use std::cell::OnceCell;
use std::rc::Rc;

impl Parser<'_> {
    pub(in crate::interpreter) fn redirect(&mut self) -> Parsed<Option<Redirect>> {
        let lexeme = self.peek()?.clone();
        let mut variable = None;
        let (descriptor, operator) = match lexeme.kind {
            Kind::NamedDescriptor(name) => {
                self.advance()?;
                variable = Some(name);
                (None, self.peek()?.operator().unwrap_or_default())
            }
            Kind::Descriptor(number) => {
                self.advance()?;
                (Some(number), self.peek()?.operator().unwrap_or_default())
            }
            Kind::Operator(operator) if REDIRECTIONS.contains(&operator) => (None, operator),
            _ => return Ok(None),
        };
        self.advance()?;
        let lexeme = self.peek()?.clone();
        let Kind::Word(target) = lexeme.kind else {
            return Err(self.unexpected(None));
        };
        self.advance()?;
        let kind = match operator {
            "<" => RedirectKind::Read,
            ">" => RedirectKind::Write { clobber: false },
            ">|" => RedirectKind::Write { clobber: true },
            ">>" => RedirectKind::Append,
            "<>" => RedirectKind::ReadWrite,
            "<&" => RedirectKind::CopyInput,
            ">&" => RedirectKind::CopyOutput,
            "&>" => RedirectKind::Both { append: false },
            "&>>" => RedirectKind::Both { append: true },
            "<<<" => RedirectKind::HereString,
            _ => {
                let body = Rc::<OnceCell<Word>>::default();
                self.here_documents.push(HereDocument {
                    delimiter: target.clone(),
                    strip_tabs: operator == "<<-",
                    body: body.clone(),
                    line: lexeme.line,
                });
                RedirectKind::HereDocument(body)
            }
        };
        Ok(Some(Redirect { descriptor, variable, kind, target }))
    }

    /// Reads the texts of the here-documents of the line that just ended.
    pub(super) fn finish_here_documents(&mut self) {
        for document in std::mem::take(&mut self.here_documents) {
            let delimiter = document.delimiter.unquoted();
            let line = self.lexer.line;
            let (text, found) = self.here_document_text(&delimiter, document.strip_tabs);
            if !found {
                let ends_in_newline = self.lexer.chars.last() == Some(&'\n');
                self.cut_off.push(CutOff {
                    line: document.line,
                    last_line: self.lexer.line - u32::from(ends_in_newline),
                    delimiter,
                });
            }
            let body = if document.delimiter.is_quoted() {
                Word(vec![Part::Quoted(text)])
            } else {
                self.expandable(&text, line)
            };
            // Each document is read once.
            let _ = document.body.set(body);
        }
    }

    fn here_document_text(&mut self, delimiter: &str, strip_tabs: bool) -> (String, bool) {
        let mut text = String::new();
        while self.lexer.peek().is_some() {
            let mut line = String::new();
            while let Some(character) = self.lexer.next() {
                line.push(character);
                if character == '\n' {
                    break;
                }
            }
            let line = if strip_tabs { line.trim_start_matches('\t') } else { &line };
            if line.strip_suffix('\n').unwrap_or(line) == delimiter {
                return (text, true);
            }
            text.push_str(line);
        }
        (text, false)
    }

    /// The text of a here-document as a word; what is wrong in it stands for itself.
    fn expandable(&mut self, text: &str, line: u32) -> Word {
        let mut lexer = Lexer::new(text, self.lexer.dialect);
        lexer.line = line;
        lexer.depth = self.lexer.depth;
        let mut parts = Vec::new();
        while lexer.peek().is_some() {
            if lexer.part(&mut parts, Quoting::HereDocument).is_err() {
                return Word(vec![Part::Quoted(text.to_owned())]);
            }
        }
        Word(parts)
    }
}
