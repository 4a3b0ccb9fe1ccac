//! The documents of a manifest file, found as kubectl finds them.

use super::{Error, Position, parse};
use crate::Value;
use crate::json;
use std::borrow::Cow;

/// One document of a file, not looked into yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document<'a> {
    /// Its lines, without the line of dashes that separates it from the document before.
    pub text: Cow<'a, str>,
    /// The number of its first line in the file, counted from 1.
    pub first_line: usize,
}

/// A line of dashes with something else behind it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid Yaml document separator: {rest}")]
pub struct SeparatorError {
    /// What stands behind the dashes.
    pub rest: String,
    /// The number of the line in the file, counted from 1.
    pub line: usize,
}

/// Splits a file at the lines that are `---`. Documents without any line are left out, those of
/// comments only are not.
pub fn documents(text: &str) -> Documents<'_> {
    Documents { rest: text.strip_prefix('\u{feff}').unwrap_or(text), next_line: 1 }
}

/// The iterator of [`documents`]. It ends after an error, as kubectl does.
#[derive(Clone, Debug)]
pub struct Documents<'a> {
    rest: &'a str,
    next_line: usize,
}

impl<'a> Iterator for Documents<'a> {
    type Item = Result<Document<'a>, SeparatorError>;

    fn next(&mut self) -> Option<Self::Item> {
        let start = self.rest;
        let first_line = self.next_line;
        let mut length = 0;
        while !self.rest.is_empty() {
            let line_length = self.rest.find('\n').map_or(self.rest.len(), |at| at + 1);
            let (line, rest) = self.rest.split_at(line_length);
            self.rest = rest;
            self.next_line += 1;
            if let Some(after_dashes) = line.strip_prefix("---") {
                let after_dashes = after_dashes.trim();
                if !after_dashes.is_empty() && !after_dashes.starts_with('#') {
                    self.rest = "";
                    return Some(Err(SeparatorError {
                        rest: after_dashes.to_owned(),
                        line: self.next_line - 1,
                    }));
                }
                // Dashes at the very beginning are a part of the document that they open.
                if length > 0 {
                    break;
                }
            }
            length += line_length;
        }
        (length > 0).then(|| Ok(Document { text: with_line_ends(&start[..length]), first_line }))
    }
}

/// kubectl reads lines and writes each with one line feed.
fn with_line_ends(text: &str) -> Cow<'_, str> {
    if text.ends_with('\n') && !text.contains("\r\n") {
        return Cow::Borrowed(text);
    }
    let mut normal = text.replace("\r\n", "\n");
    if !normal.ends_with('\n') {
        normal.push('\n');
    }
    Cow::Owned(normal)
}

/// A document that has been read.
#[derive(Clone, Debug, PartialEq)]
pub struct Manifest {
    /// What it says.
    pub value: Value,
    /// The number of its first line in the file, counted from 1.
    pub first_line: usize,
}

/// Why a document cannot be read; nearly always the rest of the file cannot be read either.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ManifestError {
    /// A bad line of dashes.
    Separator(SeparatorError),
    /// A document that is not YAML.
    Yaml {
        /// What is wrong with it.
        error: Error,
        /// The number of its first line in the file, counted from 1.
        first_line: usize,
    },
    /// A text that begins with a brace and is not JSON.
    Json {
        /// What is wrong with it; the offset counts from the beginning of the file.
        error: json::Error,
        /// Where.
        position: Position,
    },
}

impl ManifestError {
    /// kubectl's message about the file `source`, without `error: `.
    pub fn message(&self, source: &str) -> String {
        let reason = match self {
            ManifestError::Separator(error) => error.to_string(),
            ManifestError::Yaml { error, .. } => {
                format!("error converting YAML to JSON: {error}")
            }
            ManifestError::Json { error, .. } => match &error.problem {
                json::Problem::UnexpectedEnd => "unexpected EOF".to_owned(),
                json::Problem::InvalidCharacter { .. } => {
                    format!("json: offset {}: {error}", error.offset)
                }
                // This one is found a step later, which has its own wording.
                json::Problem::NumberOutOfRange(_) => {
                    let source = crate::gotemplate::format::quote(source);
                    return format!("unable to decode {source}: {error}");
                }
            },
        };
        format!("error parsing {source}: {reason}")
    }

    /// Whether kubectl gives up on the file. It reads on behind a number that is out of range.
    pub fn is_final(&self) -> bool {
        !matches!(
            self,
            ManifestError::Json { error, .. }
                if matches!(error.problem, json::Problem::NumberOutOfRange(_))
        )
    }

    /// Where in the file, as far as it is known.
    pub fn position(&self) -> Option<Position> {
        match self {
            ManifestError::Separator(error) => Some(Position { line: error.line, column: 1 }),
            ManifestError::Yaml { error, first_line } => error.position.map(|position| Position {
                line: position.line + first_line - 1,
                column: position.column,
            }),
            ManifestError::Json { position, .. } => Some(*position),
        }
    }
}

/// Reads a manifest file as kubectl does: a file that begins with `{` is a stream of JSON values,
/// everything else is a stream of YAML documents. Empty documents are left out.
pub fn manifests(text: &str) -> Manifests<'_> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // kubectl decides after looking at so many bytes.
    let head = &text.as_bytes()[..text.len().min(4096)];
    let head = String::from_utf8_lossy(head);
    Manifests {
        format: if head.trim_start().starts_with('{') {
            Format::Json(Values { rest: text, offset: 0, at: START })
        } else {
            Format::Yaml(documents(text))
        },
    }
}

/// The iterator of [`manifests`]. It ends after an error that is final.
#[derive(Clone, Debug)]
pub struct Manifests<'a> {
    format: Format<'a>,
}

#[derive(Clone, Debug)]
enum Format<'a> {
    Yaml(Documents<'a>),
    Json(Values<'a>),
    Ended,
}

impl Iterator for Manifests<'_> {
    type Item = Result<Manifest, ManifestError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let found = match &mut self.format {
                Format::Yaml(documents) => next_yaml(documents)?,
                Format::Json(values) => values.next()?,
                Format::Ended => return None,
            };
            match found {
                Ok(manifest) if manifest.value.is_null() => {}
                Ok(manifest) => return Some(Ok(manifest)),
                Err(error) => {
                    if error.is_final() {
                        self.format = Format::Ended;
                    }
                    return Some(Err(error));
                }
            }
        }
    }
}

fn next_yaml(documents: &mut Documents) -> Option<Result<Manifest, ManifestError>> {
    let document = match documents.next()? {
        Ok(document) => document,
        Err(error) => return Some(Err(ManifestError::Separator(error))),
    };
    let first_line = document.first_line;
    Some(match parse(&document.text) {
        Ok(value) => Ok(Manifest { value, first_line }),
        Err(error) => Err(ManifestError::Yaml { error, first_line }),
    })
}

const START: Position = Position { line: 1, column: 1 };

/// JSON values one after the other.
#[derive(Clone, Debug)]
struct Values<'a> {
    rest: &'a str,
    /// How much of the file lies before the rest.
    offset: usize,
    /// Where the rest begins.
    at: Position,
}

impl Iterator for Values<'_> {
    type Item = Result<Manifest, ManifestError>;

    fn next(&mut self) -> Option<Self::Item> {
        let is_space = |c| matches!(c, ' ' | '\t' | '\r' | '\n');
        let start = self.rest.find(|c| !is_space(c))?;
        self.advance(start);
        let first_line = self.at.line;
        let (value, length) = json::parse_first(self.rest.as_bytes());
        let start = self.offset;
        self.advance(length);
        Some(match value {
            Ok(value) => Ok(Manifest { value, first_line }),
            Err(mut error) => {
                error.offset += start;
                let position = self.at;
                Err(ManifestError::Json { error, position })
            }
        })
    }
}

impl Values<'_> {
    fn advance(&mut self, length: usize) {
        let (passed, rest) = self.rest.split_at(length);
        self.rest = rest;
        self.offset += length;
        self.at = match passed.rfind('\n') {
            None => Position { column: self.at.column + passed.chars().count(), ..self.at },
            Some(at) => Position {
                line: self.at.line + passed.matches('\n').count(),
                column: passed[at + 1..].chars().count() + 1,
            },
        };
    }
}
