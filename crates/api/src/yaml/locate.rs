//! Where the values of a document stand in its text: for squiggles under what a message names.

use super::error::{Error, Position};
use super::parser::{Data, Parser};
use super::problem::Mark;
use crate::json::MAX_DEPTH;
use std::ops::Range;

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// Where it begins.
    pub start: Position,
    /// How many characters of its first line belong to it, at most 10,000.
    pub length: usize,
    /// Its bytes.
    pub bytes: Range<usize>,
}

/// An entry or an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Located<'a> {
    /// The key, if it is the entry of a map.
    pub key: Option<&'a Span>,
    /// The value. An absent one has no length.
    pub value: &'a Span,
    /// Whether the path was followed to its end; otherwise this is the part that exists.
    pub is_exact: bool,
}

/// The shape of a document: what stands where.
///
/// A document that is being typed is often broken. A line that does not fit is left out, and what
/// stands around it is found nevertheless.
#[derive(Clone, Debug, Default)]
pub struct Outline {
    nodes: Vec<Node>,
}

#[derive(Clone, Debug)]
struct Node {
    key: Option<(String, Span)>,
    value: Span,
    is_map: bool,
    /// Indexes of the entries or items.
    children: Vec<usize>,
}

/// So many lines may be left out of a broken document.
const REPAIRS: usize = 12;
/// Characters of a line beyond this are not counted.
const LONGEST: usize = 10_000;
/// Reading a long document again and again would be felt.
const LONGEST_REPAIRED: usize = 100_000;

impl Outline {
    /// Reads the shape of one document. It never fails: what cannot be read is missing.
    pub fn read(text: &str) -> Outline {
        let mut best = Attempt::read(text.to_owned());
        for _ in 0..REPAIRS {
            let Some(error) = &best.error else { break };
            if text.len() > LONGEST_REPAIRED {
                break;
            }
            let repaired = suspects(error).into_iter();
            let repaired = repaired.filter_map(|line| without_line(&best.text, line));
            match repaired.map(Attempt::read).max_by_key(Attempt::merit) {
                Some(next) => best = next,
                None => break,
            }
        }
        Outline { nodes: best.builder.finish(text) }
    }

    /// Follows a path such as `spec.containers[0].image` or `metadata.labels[app]`. Names with
    /// dots are found too. Where a step leads nowhere, the last thing found is the answer; there
    /// is none only for an empty document.
    pub fn locate(&self, path: &str) -> Option<Located<'_>> {
        let mut at = self.nodes.first()?;
        let mut rest = path.trim_start_matches('.');
        while !rest.is_empty() {
            let Some((child, after)) = self.step(at, rest) else {
                break;
            };
            at = child;
            rest = after.strip_prefix('.').unwrap_or(after);
        }
        Some(Located {
            key: at.key.as_ref().map(|(_, span)| span),
            value: &at.value,
            is_exact: rest.is_empty(),
        })
    }

    /// The child that the path goes on with, and the rest of the path.
    fn step<'a, 'p>(&'a self, node: &Node, path: &'p str) -> Option<(&'a Node, &'p str)> {
        if let Some(inside) = path.strip_prefix('[') {
            let (name, rest) = inside.split_once(']')?;
            let child = match node.is_map {
                true => self.entry(node, name.trim_matches(['"', '\''])),
                false => self.nodes.get(*node.children.get(name.parse::<usize>().ok()?)?),
            };
            return Some((child?, rest));
        }
        let ends = path.match_indices(['.', '[']).map(|(at, _)| at);
        // The longest name that exists: keys may contain dots.
        let mut ends: Vec<usize> = ends.take(16).collect();
        ends.push(path.len());
        ends.into_iter().rev().find_map(|end| {
            let name = path[..end].replace("\\.", ".");
            Some((self.entry(node, &name)?, &path[end..]))
        })
    }

    fn entry(&self, node: &Node, name: &str) -> Option<&Node> {
        let named = |child: &&Node| child.key.as_ref().is_some_and(|(key, _)| key == name);
        // The last of equal keys is the one that counts.
        let mut children = node.children.iter().rev().map(|&id| &self.nodes[id]);
        children.find(named).filter(|_| node.is_map)
    }
}

/// A text, perhaps without some lines, and how far it could be read.
struct Attempt {
    text: String,
    builder: Builder,
    error: Option<Error>,
}

impl Attempt {
    fn read(text: String) -> Attempt {
        let mut builder = Builder::default();
        let error = builder.read(&text).err();
        Attempt { text, builder, error }
    }

    /// Better attempts get further, and find more.
    fn merit(&self) -> (bool, Option<Position>, usize) {
        let reached = self.error.as_ref().and_then(|error| error.position);
        (self.error.is_none(), reached, self.builder.nodes.len())
    }
}

/// The lines that an error may be about, the best guess last: where it was found, the line before,
/// and where the construct begins that could not be finished.
fn suspects(error: &Error) -> Vec<usize> {
    let found = error.position.map_or(0, |position| position.line - 1);
    let begun = error.context.map(|position| position.line - 1);
    let mut lines = vec![found.saturating_sub(1), found];
    lines.extend(begun);
    lines
}

/// The text with blanks in place of a line; none if there is nothing to leave out.
fn without_line(text: &str, line: usize) -> Option<String> {
    let range = line_range(text, line)?;
    if text[range.clone()].trim().is_empty() {
        return None;
    }
    let mut text = text.to_owned();
    let blanks = " ".repeat(range.len());
    text.replace_range(range, &blanks);
    Some(text)
}

fn line_range(text: &str, line: usize) -> Option<Range<usize>> {
    let start = match line {
        0 => 0,
        _ => text.match_indices('\n').nth(line - 1)?.0 + 1,
    };
    let length = text[start..].find('\n').unwrap_or(text.len() - start);
    Some(start..start + length)
}

/// Nodes with marks in place of spans.
#[derive(Default)]
struct Builder {
    nodes: Vec<Raw>,
    open: Vec<usize>,
}

struct Raw {
    key: Option<(String, Mark, Mark)>,
    start: Mark,
    end: Mark,
    is_map: bool,
    children: Vec<usize>,
    /// The key that waits for its value, in a map.
    pending: Option<(String, Mark, Mark)>,
}

impl Builder {
    /// Reads as far as possible.
    fn read(&mut self, text: &str) -> Result<(), Error> {
        self.nodes.clear();
        self.open.clear();
        let mut parser = Parser::new(text);
        let mut skipped = 0usize;
        while let Some(event) = parser.next()? {
            if self.open.len() > MAX_DEPTH {
                break;
            }
            let (start, end) = (event.start, event.end);
            let is_key = self.expects_key() || skipped > 0;
            match event.data {
                Data::Scalar { .. } | Data::Alias(_) if skipped > 0 => {}
                Data::Scalar { value, .. } if is_key => self.set_key(&value, start, end),
                Data::Alias(name) if is_key => self.set_key(name, start, end),
                Data::Scalar { .. } | Data::Alias(_) => self.add(start, end, false),
                Data::SequenceStart(_) | Data::MappingStart(_) if is_key => skipped += 1,
                Data::SequenceStart(_) => self.begin(start, end, false),
                Data::MappingStart(_) => self.begin(start, end, true),
                Data::End if skipped > 0 => {
                    skipped -= 1;
                    if skipped == 0 {
                        self.set_key("", start, end);
                    }
                }
                Data::End => {
                    if let Some(id) = self.open.pop() {
                        self.nodes[id].end = end;
                    }
                }
            }
        }
        Ok(())
    }

    fn set_key(&mut self, name: &str, start: Mark, end: Mark) {
        if let Some(&map) = self.open.last() {
            self.nodes[map].pending = Some((name.to_owned(), start, end));
        }
    }

    fn expects_key(&self) -> bool {
        let map = self.open.last().map(|&id| &self.nodes[id]);
        map.is_some_and(|map| map.is_map && map.pending.is_none())
    }

    fn add(&mut self, start: Mark, end: Mark, is_map: bool) {
        let id = self.nodes.len();
        let key = self.open.last().and_then(|&parent| {
            self.nodes[parent].children.push(id);
            self.nodes[parent].pending.take()
        });
        self.nodes.push(Raw { key, start, end, is_map, children: Vec::new(), pending: None });
    }

    fn begin(&mut self, start: Mark, end: Mark, is_map: bool) {
        let id = self.nodes.len();
        self.add(start, end, is_map);
        self.open.push(id);
    }

    fn finish(mut self, text: &str) -> Vec<Node> {
        self.end_open(text);
        let nodes = self.nodes.into_iter();
        nodes
            .map(|raw| Node {
                key: raw.key.map(|(key, start, end)| (key, span(text, start, end))),
                value: span(text, raw.start, raw.end),
                is_map: raw.is_map,
                children: raw.children,
            })
            .collect()
    }

    /// What was not finished goes to the end of what it contains; a key without a value has an
    /// empty one.
    fn end_open(&mut self, text: &str) {
        while let Some(id) = self.open.pop() {
            if let Some((_, _, end)) = self.nodes[id].pending {
                self.open.push(id);
                self.add(end, end, false);
                self.open.pop();
            }
            let last = self.nodes[id].children.last();
            if let Some(end) = last.map(|&last| self.nodes[last].end)
                && end.offset <= text.len()
            {
                self.nodes[id].end = end;
            }
        }
    }
}

fn span(text: &str, start: Mark, end: Mark) -> Span {
    let from = text.floor_char_boundary(start.offset);
    let to = text.floor_char_boundary(end.offset.max(from));
    // The end of a block is where the next thing begins.
    let part = text[from..to].trim_end();
    Span {
        start: start.into(),
        length: part.chars().take(LONGEST).take_while(|c| !matches!(c, '\n' | '\r')).count(),
        bytes: from..from + part.len(),
    }
}
