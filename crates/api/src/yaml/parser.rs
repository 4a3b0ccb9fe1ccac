//! From tokens to events: the grammar.

use super::problem::{Mark, Problem};
use super::scanner::{Kind, Scanner, Token};
use std::borrow::Cow;

/// A step in the description of a document.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Event<'a> {
    pub(super) data: Data<'a>,
    pub(super) start: Mark,
    pub(super) end: Mark,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Data<'a> {
    Alias(&'a str),
    Scalar {
        properties: Properties<'a>,
        value: Cow<'a, str>,
        /// Without quotes.
        is_plain: bool,
    },
    SequenceStart(Properties<'a>),
    MappingStart(Properties<'a>),
    /// The end of a sequence or a mapping.
    End,
}

/// What can stand in front of a node.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Properties<'a> {
    pub(super) anchor: Option<&'a str>,
    /// The whole tag: `tag:yaml.org,2002:int`.
    pub(super) tag: Option<String>,
}

/// What the grammar expects next.
#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    DocumentStart,
    DocumentContent,
    DocumentEnd,
    BlockNode,
    BlockSequenceEntry,
    IndentlessSequenceEntry,
    BlockMappingKey,
    BlockMappingValue,
    FlowSequenceFirstEntry,
    FlowSequenceEntry,
    FlowPairKey,
    FlowPairValue,
    FlowPairEnd,
    FlowMappingFirstKey,
    FlowMappingKey,
    FlowMappingValue,
    FlowMappingEmptyValue,
    Ended,
}

/// The events of the first document of a text.
pub(super) struct Parser<'a> {
    scanner: Scanner<'a>,
    state: State,
    /// What to go on with after the present node.
    states: Vec<State>,
    /// Where the open collections begin.
    starts: Vec<Mark>,
    /// Handles of tags and what they stand for.
    handles: Vec<(&'a str, String)>,
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str) -> Parser<'a> {
        Parser {
            scanner: Scanner::new(text),
            state: State::DocumentStart,
            states: Vec::new(),
            starts: Vec::new(),
            handles: Vec::new(),
        }
    }

    /// The next event; none after the end of the first document, whatever follows it.
    pub(super) fn next(&mut self) -> Result<Option<Event<'a>>, Problem> {
        loop {
            let event = match self.state {
                State::DocumentStart => {
                    self.document_start()?;
                    continue;
                }
                State::DocumentEnd => {
                    // A token that cannot be read spoils the document that ends here.
                    self.kind()?;
                    self.state = State::Ended;
                    continue;
                }
                State::Ended => return Ok(None),
                State::DocumentContent => self.document_content()?,
                State::BlockNode => self.node(true, false)?,
                State::BlockSequenceEntry => self.block_sequence_entry()?,
                State::IndentlessSequenceEntry => self.indentless_sequence_entry()?,
                State::BlockMappingKey => self.block_mapping_key()?,
                State::BlockMappingValue => self.block_mapping_value()?,
                State::FlowSequenceFirstEntry => self.flow_sequence_entry(true)?,
                State::FlowSequenceEntry => self.flow_sequence_entry(false)?,
                State::FlowPairKey => self.flow_pair_key()?,
                State::FlowPairValue => self.flow_pair_value()?,
                State::FlowPairEnd => self.flow_pair_end()?,
                State::FlowMappingFirstKey => self.flow_mapping_key(true)?,
                State::FlowMappingKey => self.flow_mapping_key(false)?,
                State::FlowMappingValue => self.flow_mapping_value(false)?,
                State::FlowMappingEmptyValue => self.flow_mapping_value(true)?,
            };
            return Ok(Some(event));
        }
    }

    fn kind(&mut self) -> Result<&Kind<'a>, Problem> {
        Ok(&self.scanner.peek()?.kind)
    }

    fn start(&mut self) -> Result<Mark, Problem> {
        Ok(self.scanner.peek()?.start)
    }

    /// Takes the present token, whose end it returns.
    fn skip(&mut self) -> Result<Mark, Problem> {
        let end = self.scanner.peek()?.end;
        self.scanner.take();
        Ok(end)
    }

    fn pop_state(&mut self) {
        self.state = self.states.pop().unwrap_or(State::Ended);
    }

    fn document_start(&mut self) -> Result<(), Problem> {
        // The start of the stream.
        self.skip()?;
        let has_directives = matches!(self.kind()?, Kind::Version(..) | Kind::TagDirective(..));
        match self.kind()? {
            Kind::StreamEnd => self.state = State::Ended,
            Kind::DocumentStart => self.explicit_document()?,
            _ if has_directives => self.explicit_document()?,
            _ => {
                self.add_default_handles();
                self.states.push(State::DocumentEnd);
                self.state = State::BlockNode;
            }
        }
        Ok(())
    }

    fn explicit_document(&mut self) -> Result<(), Problem> {
        self.directives()?;
        if *self.kind()? != Kind::DocumentStart {
            let mark = self.start()?;
            return Err(Problem::parser(None, "did not find expected <document start>", mark));
        }
        self.skip()?;
        self.states.push(State::DocumentEnd);
        self.state = State::DocumentContent;
        Ok(())
    }

    fn directives(&mut self) -> Result<(), Problem> {
        let mut has_version = false;
        loop {
            let mark = self.start()?;
            let error = match self.kind()? {
                Kind::Version(..) if has_version => "found duplicate %YAML directive",
                Kind::Version(1, 1) => {
                    has_version = true;
                    self.skip()?;
                    continue;
                }
                Kind::Version(..) => "found incompatible YAML document",
                Kind::TagDirective(handle, prefix) => {
                    let (handle, prefix) = (*handle, prefix.clone());
                    if self.handles.iter().all(|(known, _)| *known != handle) {
                        self.handles.push((handle, prefix));
                        self.skip()?;
                        continue;
                    }
                    "found duplicate %TAG directive"
                }
                _ => break,
            };
            return Err(Problem::parser(None, error, mark));
        }
        self.add_default_handles();
        Ok(())
    }

    /// The first handle of a name counts.
    fn add_default_handles(&mut self) {
        self.handles.push(("!", "!".to_owned()));
        self.handles.push(("!!", "tag:yaml.org,2002:".to_owned()));
    }

    fn document_content(&mut self) -> Result<Event<'a>, Problem> {
        let is_empty = matches!(
            self.kind()?,
            Kind::Version(..)
                | Kind::TagDirective(..)
                | Kind::DocumentStart
                | Kind::DocumentEnd
                | Kind::StreamEnd
        );
        if is_empty {
            self.pop_state();
            let mark = self.start()?;
            return Ok(empty(Properties::default(), mark, mark));
        }
        self.node(true, false)
    }

    /// A node with all that stands in front of it.
    fn node(&mut self, in_block: bool, may_be_indentless: bool) -> Result<Event<'a>, Problem> {
        let start = self.start()?;
        if let Kind::Alias(name) = *self.kind()? {
            self.pop_state();
            let end = self.skip()?;
            let data = Data::Alias(name);
            return Ok(Event { data, start, end });
        }
        let (properties, properties_end) = self.properties(start)?;
        let token = self.scanner.peek()?;
        let (token_start, end) = (token.start, token.end);
        let data = match token.kind {
            Kind::BlockEntry if may_be_indentless => {
                self.state = State::IndentlessSequenceEntry;
                Data::SequenceStart(properties)
            }
            Kind::Scalar { .. } => return self.scalar(properties, start),
            Kind::FlowSequenceStart => {
                self.state = State::FlowSequenceFirstEntry;
                Data::SequenceStart(properties)
            }
            Kind::FlowMappingStart => {
                self.state = State::FlowMappingFirstKey;
                Data::MappingStart(properties)
            }
            Kind::BlockSequenceStart if in_block => {
                self.begin_block(State::BlockSequenceEntry)?;
                Data::SequenceStart(properties)
            }
            Kind::BlockMappingStart if in_block => {
                self.begin_block(State::BlockMappingKey)?;
                Data::MappingStart(properties)
            }
            _ if properties != Properties::default() => {
                self.pop_state();
                return Ok(empty(properties, start, properties_end));
            }
            _ => {
                let text = "did not find expected node content";
                return Err(Problem::parser(Some(start), text, token_start));
            }
        };
        Ok(Event { data, start, end })
    }

    fn begin_block(&mut self, state: State) -> Result<(), Problem> {
        self.state = state;
        self.begin_collection()
    }

    /// Takes the token that begins a collection.
    fn begin_collection(&mut self) -> Result<(), Problem> {
        let start = self.start()?;
        self.starts.push(start);
        self.skip()?;
        Ok(())
    }

    fn scalar(&mut self, properties: Properties<'a>, start: Mark) -> Result<Event<'a>, Problem> {
        self.pop_state();
        match self.scanner.take() {
            Some(Token { kind: Kind::Scalar { value, is_plain }, end, .. }) => {
                Ok(Event { data: Data::Scalar { properties, value, is_plain }, start, end })
            }
            _ => Ok(empty(properties, start, start)),
        }
    }

    /// An anchor and a tag in any order, and where they end.
    fn properties(&mut self, start: Mark) -> Result<(Properties<'a>, Mark), Problem> {
        let mut properties = Properties::default();
        let mut end = start;
        loop {
            let mark = self.start()?;
            match self.kind()? {
                Kind::Anchor(name) if properties.anchor.is_none() => {
                    properties.anchor = Some(*name);
                }
                Kind::Tag(handle, suffix) if properties.tag.is_none() => {
                    let (handle, suffix) = (*handle, suffix.clone());
                    properties.tag = Some(match handle {
                        "" => suffix,
                        _ => self.prefix(handle, start, mark)? + &suffix,
                    });
                }
                _ => return Ok((properties, end)),
            }
            end = self.skip()?;
        }
    }

    fn prefix(&self, handle: &str, start: Mark, mark: Mark) -> Result<String, Problem> {
        let known = self.handles.iter().find(|(known, _)| *known == handle);
        known
            .map(|(_, prefix)| prefix.clone())
            .ok_or_else(|| Problem::parser(Some(start), "found undefined tag handle", mark))
    }

    /// Reads a node and goes on with `next`.
    fn node_then(
        &mut self,
        next: State,
        in_block: bool,
        may_be_indentless: bool,
    ) -> Result<Event<'a>, Problem> {
        self.states.push(next);
        self.node(in_block, may_be_indentless)
    }

    /// An absent node, after which `next` goes on.
    fn nothing_then(&mut self, next: State, mark: Mark) -> Event<'a> {
        self.state = next;
        empty(Properties::default(), mark, mark)
    }

    /// Takes the token that ends a collection.
    fn end_collection(&mut self) -> Result<Event<'a>, Problem> {
        let start = self.start()?;
        let end = self.skip()?;
        self.starts.pop();
        self.pop_state();
        let data = Data::End;
        Ok(Event { data, start, end })
    }

    fn unexpected<T>(&mut self, text: &'static str) -> Result<T, Problem> {
        let mark = self.start()?;
        Err(Problem::parser(self.starts.pop(), text, mark))
    }

    fn block_sequence_entry(&mut self) -> Result<Event<'a>, Problem> {
        match self.kind()? {
            Kind::BlockEntry => {
                let mark = self.skip()?;
                match self.kind()? {
                    Kind::BlockEntry | Kind::BlockEnd => {
                        Ok(self.nothing_then(State::BlockSequenceEntry, mark))
                    }
                    _ => self.node_then(State::BlockSequenceEntry, true, false),
                }
            }
            Kind::BlockEnd => self.end_collection(),
            _ => self.unexpected("did not find expected '-' indicator"),
        }
    }

    /// Items at the indent of the key they belong to have no end of their own.
    fn indentless_sequence_entry(&mut self) -> Result<Event<'a>, Problem> {
        if *self.kind()? != Kind::BlockEntry {
            self.pop_state();
            let start = self.start()?;
            let (data, end) = (Data::End, start);
            return Ok(Event { data, start, end });
        }
        let mark = self.skip()?;
        match self.kind()? {
            Kind::BlockEntry | Kind::Key | Kind::Value | Kind::BlockEnd => {
                Ok(self.nothing_then(State::IndentlessSequenceEntry, mark))
            }
            _ => self.node_then(State::IndentlessSequenceEntry, true, false),
        }
    }

    fn block_mapping_key(&mut self) -> Result<Event<'a>, Problem> {
        match self.kind()? {
            Kind::Key => {
                let mark = self.skip()?;
                self.block_mapping_node(State::BlockMappingValue, mark)
            }
            Kind::BlockEnd => self.end_collection(),
            _ => self.unexpected("did not find expected key"),
        }
    }

    fn block_mapping_value(&mut self) -> Result<Event<'a>, Problem> {
        if *self.kind()? == Kind::Value {
            let mark = self.skip()?;
            return self.block_mapping_node(State::BlockMappingKey, mark);
        }
        let mark = self.start()?;
        Ok(self.nothing_then(State::BlockMappingKey, mark))
    }

    fn block_mapping_node(&mut self, next: State, mark: Mark) -> Result<Event<'a>, Problem> {
        match self.kind()? {
            Kind::Key | Kind::Value | Kind::BlockEnd => Ok(self.nothing_then(next, mark)),
            _ => self.node_then(next, true, true),
        }
    }

    fn flow_sequence_entry(&mut self, is_first: bool) -> Result<Event<'a>, Problem> {
        if is_first {
            self.begin_collection()?;
        }
        if !is_first && *self.kind()? != Kind::FlowSequenceEnd {
            if *self.kind()? != Kind::FlowEntry {
                return self.unexpected("did not find expected ',' or ']'");
            }
            self.skip()?;
        }
        match self.kind()? {
            Kind::Key => {
                self.state = State::FlowPairKey;
                let start = self.start()?;
                let end = self.skip()?;
                let data = Data::MappingStart(Properties::default());
                Ok(Event { data, start, end })
            }
            Kind::FlowSequenceEnd => self.end_collection(),
            _ => self.node_then(State::FlowSequenceEntry, false, false),
        }
    }

    /// `[a: b]` is a list of one map.
    fn flow_pair_key(&mut self) -> Result<Event<'a>, Problem> {
        match self.kind()? {
            Kind::Value | Kind::FlowEntry | Kind::FlowSequenceEnd => {
                // As libyaml does, this swallows the token.
                let mark = self.skip()?;
                Ok(self.nothing_then(State::FlowPairValue, mark))
            }
            _ => self.node_then(State::FlowPairValue, false, false),
        }
    }

    fn flow_pair_value(&mut self) -> Result<Event<'a>, Problem> {
        if *self.kind()? == Kind::Value {
            self.skip()?;
            if !matches!(self.kind()?, Kind::FlowEntry | Kind::FlowSequenceEnd) {
                return self.node_then(State::FlowPairEnd, false, false);
            }
        }
        let mark = self.start()?;
        Ok(self.nothing_then(State::FlowPairEnd, mark))
    }

    fn flow_pair_end(&mut self) -> Result<Event<'a>, Problem> {
        self.state = State::FlowSequenceEntry;
        let start = self.start()?;
        let (data, end) = (Data::End, start);
        Ok(Event { data, start, end })
    }

    fn flow_mapping_key(&mut self, is_first: bool) -> Result<Event<'a>, Problem> {
        if is_first {
            self.begin_collection()?;
        }
        if !is_first && *self.kind()? != Kind::FlowMappingEnd {
            if *self.kind()? != Kind::FlowEntry {
                return self.unexpected("did not find expected ',' or '}'");
            }
            self.skip()?;
        }
        match self.kind()? {
            Kind::Key => {
                self.skip()?;
                match self.kind()? {
                    Kind::Value | Kind::FlowEntry | Kind::FlowMappingEnd => {
                        let mark = self.start()?;
                        Ok(self.nothing_then(State::FlowMappingValue, mark))
                    }
                    _ => self.node_then(State::FlowMappingValue, false, false),
                }
            }
            Kind::FlowMappingEnd => self.end_collection(),
            _ => self.node_then(State::FlowMappingEmptyValue, false, false),
        }
    }

    fn flow_mapping_value(&mut self, is_empty: bool) -> Result<Event<'a>, Problem> {
        if !is_empty && *self.kind()? == Kind::Value {
            self.skip()?;
            if !matches!(self.kind()?, Kind::FlowEntry | Kind::FlowMappingEnd) {
                return self.node_then(State::FlowMappingKey, false, false);
            }
        }
        let mark = self.start()?;
        Ok(self.nothing_then(State::FlowMappingKey, mark))
    }
}

/// A node that is not there.
fn empty<'a>(properties: Properties<'a>, start: Mark, end: Mark) -> Event<'a> {
    let data = Data::Scalar { properties, value: Cow::Borrowed(""), is_plain: true };
    Event { data, start, end }
}
