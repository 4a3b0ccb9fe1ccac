//! From events to the object tree.

use super::alias::{Anchors, Budget, Node, Target};
use super::base64;
use super::parser::{Data, Event, Parser, Properties};
use super::problem::Mark;
use super::resolve::{Scalar, resolve, resolve_tagged};
use super::{Error, Position};
use crate::gotemplate::format::{MapType, syntax};
use crate::json::{self, MAX_DEPTH};
use crate::{Key, Map, Text, Value};
use std::collections::BTreeSet;
use std::fmt;

/// Reads the first document of a text; nothing at all is `null`.
pub fn parse(text: &str) -> Result<Value, Error> {
    Composer::new(false).compose(text).map(|strict| strict.value)
}

/// [`parse`], reporting the keys that occur twice in a map.
pub fn parse_strict(text: &str) -> Result<Strict, Error> {
    Composer::new(true).compose(text)
}

/// What [`parse_strict`] gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Strict {
    /// The value; of equal keys the last one counts.
    pub value: Value,
    /// The keys that stand again in a map, in the order of the text.
    pub duplicates: Vec<Duplicate>,
}

/// A key that was in the map already. It prints as go-yaml prints it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duplicate {
    /// The key.
    pub key: String,
    /// Where its second value stands.
    pub value_position: Position,
}

impl fmt::Display for Duplicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.value_position.line;
        let key = crate::gotemplate::format::quote(&self.key);
        write!(f, "line {line}: key {key} already set in map")
    }
}

/// A list or a map that is being read.
struct Frame {
    kind: FrameKind,
    start: Mark,
    anchor: Option<usize>,
    nodes: u64,
    bytes: u64,
    depth: usize,
}

enum FrameKind {
    /// Items from here on in [`Composer::items`].
    List(usize),
    /// Entries from here on in [`Composer::entries`].
    Map {
        start: usize,
        key: Option<PendingKey>,
        /// The keys so far, if duplicates are wanted.
        seen: BTreeSet<Key>,
    },
}

impl Frame {
    fn expects_key(&self) -> bool {
        matches!(self.kind, FrameKind::Map { key: None, .. })
    }
}

/// A key that waits for its value.
enum PendingKey {
    Key(Key),
    /// `<<`
    Merge,
    /// A key that JSON cannot have: its type and its text.
    Unsupported(&'static str, String),
}

/// Errors of the steps after parsing count only if there is none of an earlier step.
#[derive(Default)]
struct LateErrors {
    /// Of go-yaml's decoder.
    decoding: Option<Error>,
    /// Of the conversion into something that JSON can express.
    conversion: Option<Error>,
    /// Of the JSON writer.
    writing: Option<Error>,
}

impl LateErrors {
    fn first(self) -> Option<Error> {
        self.decoding.or(self.conversion).or(self.writing)
    }
}

struct Composer {
    strict: bool,
    shared: json::Shared,
    anchors: Anchors,
    budget: Budget,
    frames: Vec<Frame>,
    items: Vec<Value>,
    entries: Vec<(Key, Value)>,
    root: Value,
    duplicates: Vec<Duplicate>,
    errors: LateErrors,
}

impl Composer {
    fn new(strict: bool) -> Composer {
        Composer {
            strict,
            shared: json::Shared::new(),
            anchors: Anchors::default(),
            budget: Budget::default(),
            frames: Vec::new(),
            items: Vec::new(),
            entries: Vec::new(),
            root: Value::Null,
            duplicates: Vec::new(),
            errors: LateErrors::default(),
        }
    }

    fn compose(mut self, text: &str) -> Result<Strict, Error> {
        let mut parser = Parser::new(text);
        while let Some(event) = parser.next()? {
            self.event(event)?;
        }
        match self.errors.first() {
            Some(error) => Err(error),
            None => Ok(Strict { value: self.root, duplicates: self.duplicates }),
        }
    }

    fn event(&mut self, event: Event) -> Result<(), Error> {
        let mark = event.start;
        match event.data {
            Data::Scalar { properties: Properties { anchor, tag }, value, is_plain } => {
                let tag = tag.as_deref();
                let is_merge = value == "<<"
                    && (is_plain && tag.is_none() || tag == Some("tag:yaml.org,2002:merge"));
                let node = self.scalar(tag, is_plain, &value, mark);
                if let Some(name) = anchor {
                    let id = self.anchors.open(name);
                    self.anchors.close(id, &node);
                }
                self.spend(mark);
                self.add(node, is_merge, mark);
            }
            Data::SequenceStart(properties) => {
                self.open(FrameKind::List(self.items.len()), properties, mark)?;
            }
            Data::MappingStart(properties) => {
                let kind =
                    FrameKind::Map { start: self.entries.len(), key: None, seen: BTreeSet::new() };
                self.open(kind, properties, mark)?;
            }
            Data::End => self.close(),
            Data::Alias(name) => self.alias(name, mark)?,
        }
        Ok(())
    }

    fn spend(&mut self, mark: Mark) {
        if !self.budget.spend() {
            self.fail_decoding("document contains excessive aliasing", mark);
        }
    }

    fn fail_decoding(&mut self, message: impl fmt::Display, mark: Mark) {
        let errors = &mut self.errors.decoding;
        errors.get_or_insert_with(|| Error::plain(message, mark));
    }

    fn open(&mut self, kind: FrameKind, properties: Properties, mark: Mark) -> Result<(), Error> {
        if self.frames.len() >= MAX_DEPTH {
            return Err(Error::too_deep(MAX_DEPTH, mark));
        }
        self.spend(mark);
        let anchor = properties.anchor.map(|name| self.anchors.open(name));
        self.frames.push(Frame { kind, start: mark, anchor, nodes: 1, bytes: 0, depth: 1 });
        Ok(())
    }

    fn close(&mut self) {
        let Some(frame) = self.frames.pop() else {
            return;
        };
        let value = match frame.kind {
            FrameKind::List(start) => {
                Value::from(self.items.drain(start..).collect::<Vec<Value>>())
            }
            FrameKind::Map { start, .. } => {
                Value::Map(self.entries.drain(start..).collect::<Map>())
            }
        };
        let node = Node {
            value,
            scalar: None,
            nodes: frame.nodes,
            bytes: frame.bytes,
            depth: frame.depth,
        };
        if let Some(id) = frame.anchor {
            self.anchors.close(id, &node);
        }
        self.add(node, false, frame.start);
    }

    fn alias(&mut self, name: &str, mark: Mark) -> Result<(), Error> {
        let mut node = match self.anchors.target(name) {
            Target::Unknown => {
                return Err(Error::plain(format_args!("unknown anchor '{name}' referenced"), mark));
            }
            Target::Itself => {
                self.fail_decoding(format_args!("anchor '{name}' value contains itself"), mark);
                self.add(Node::null(), false, mark);
                return Ok(());
            }
            Target::Node(node) => node.clone(),
        };
        if self.frames.len() + node.depth > MAX_DEPTH {
            return Err(Error::too_deep(MAX_DEPTH, mark));
        }
        if !self.budget.spend_alias(&node) {
            self.fail_decoding("document contains excessive aliasing", mark);
        }
        node.nodes = node.nodes.saturating_add(1);
        self.add(node, false, mark);
        Ok(())
    }

    fn scalar(&mut self, tag: Option<&str>, plain: bool, text: &str, mark: Mark) -> Node {
        let tag = tag.map(|tag| match tag.strip_prefix("tag:yaml.org,2002:") {
            Some(short) => format!("!!{short}"),
            None => tag.to_owned(),
        });
        let scalar = match tag.as_deref() {
            None if plain => resolve(text),
            None => Scalar::Text,
            Some("!!binary") => return self.binary(text, mark),
            Some(tag) => resolve_tagged(tag, text).unwrap_or_else(|message| {
                self.fail_decoding(message, mark);
                Scalar::Null
            }),
        };
        let value = self.json_value(scalar, text);
        Node { value, scalar: Some(scalar), nodes: 1, bytes: text.len() as u64, depth: 0 }
    }

    fn binary(&mut self, text: &str, mark: Mark) -> Node {
        let bytes = base64::decode(text).unwrap_or_else(|_| {
            self.fail_decoding("!!binary value contains invalid base64 data", mark);
            Vec::new()
        });
        let text = json::replace_invalid(&bytes);
        Node {
            value: Value::Str(self.shared.text(&text)),
            scalar: Some(Scalar::Text),
            nodes: 1,
            bytes: text.len() as u64,
            depth: 0,
        }
    }

    /// The value that comes out when the scalar is written as JSON and read again.
    fn json_value(&mut self, scalar: Scalar, text: &str) -> Value {
        match scalar {
            Scalar::Null => Value::Null,
            Scalar::Bool(flag) => Value::Bool(flag),
            Scalar::Int(number) => Value::Int(number),
            Scalar::Uint(number) => Value::Float(number as f64),
            // `check_value` refuses it, unless it is a key.
            Scalar::Float(number) if !number.is_finite() => Value::Null,
            Scalar::Float(number) => {
                let mut written = String::new();
                json::push_float(&mut written, number);
                written.parse().map_or(Value::Float(number), Value::Int)
            }
            Scalar::Timestamp | Scalar::Text => Value::Str(self.shared.text(text)),
        }
    }

    /// JSON has no infinity.
    fn check_value(&mut self, node: &Node, mark: Mark) {
        if let Some(Scalar::Float(number)) = node.scalar
            && !number.is_finite()
        {
            let number = json::general_float(number);
            let message = format!("json: unsupported value: {number}");
            let errors = &mut self.errors.writing;
            errors.get_or_insert_with(|| Error::conversion(message, mark));
        }
    }

    /// Puts a finished node where it belongs.
    fn add(&mut self, node: Node, is_merge: bool, mark: Mark) {
        let is_key = self.frames.last().is_some_and(Frame::expects_key);
        if !is_key {
            self.check_value(&node, mark);
        }
        let Some(frame) = self.frames.last_mut() else {
            self.root = node.value;
            return;
        };
        frame.nodes = frame.nodes.saturating_add(node.nodes);
        frame.bytes = frame.bytes.saturating_add(node.bytes);
        frame.depth = frame.depth.max(node.depth + 1);
        match &mut frame.kind {
            FrameKind::List(_) => self.items.push(node.value),
            FrameKind::Map { key, .. } => match key.take() {
                None => {
                    let key = if is_merge { PendingKey::Merge } else { self.key(node, mark) };
                    self.set_pending(key);
                }
                Some(PendingKey::Key(key)) => {
                    if self.strict {
                        self.note_duplicate(&key, mark);
                    }
                    self.entries.push((key, node.value));
                }
                Some(PendingKey::Merge) => self.merge(&node.value, mark),
                Some(PendingKey::Unsupported(type_name, key)) => {
                    let value = match &node.value {
                        Value::Null => "<nil>".to_owned(),
                        value => syntax(value, MapType::Any),
                    };
                    let message = format!(
                        "Unsupported map key of type: {type_name}, key: {key}, value: {value}"
                    );
                    let errors = &mut self.errors.conversion;
                    errors.get_or_insert_with(|| Error::conversion(message, mark));
                }
            },
        }
    }

    fn set_pending(&mut self, pending: PendingKey) {
        if let Some(Frame { kind: FrameKind::Map { key, .. }, .. }) = self.frames.last_mut() {
            *key = Some(pending);
        }
    }

    fn note_duplicate(&mut self, key: &Key, mark: Mark) {
        let Some(Frame { kind: FrameKind::Map { seen, .. }, .. }) = self.frames.last_mut() else {
            return;
        };
        if !seen.insert(key.clone()) {
            self.duplicates
                .push(Duplicate { key: key.as_str().to_owned(), value_position: mark.into() });
        }
    }

    /// The name that JSON gives to a key.
    fn key(&mut self, node: Node, mark: Mark) -> PendingKey {
        let name = match node.scalar {
            None => {
                let key = syntax(&node.value, MapType::Any);
                self.fail_decoding(format_args!("invalid map key: {key}"), mark);
                Text::EMPTY
            }
            Some(Scalar::Null) => {
                return PendingKey::Unsupported("%!s(<nil>)", "<nil>".to_owned());
            }
            Some(Scalar::Uint(number)) => {
                return PendingKey::Unsupported("uint64", format!("{number:#x}"));
            }
            Some(Scalar::Bool(flag)) => Text::Static(if flag { "true" } else { "false" }),
            Some(Scalar::Int(number)) => number.to_string().into(),
            Some(Scalar::Float(number)) => float_key(number).into(),
            Some(Scalar::Timestamp | Scalar::Text) => match node.value {
                Value::Str(text) => text,
                _ => Text::EMPTY,
            },
        };
        PendingKey::Key(self.shared.key(&name))
    }

    /// Adds the entries of `<<`. They replace what stands before, and what follows replaces them.
    fn merge(&mut self, value: &Value, mark: Mark) {
        let sources = match value {
            Value::Map(_) => std::slice::from_ref(value),
            other => other.items(),
        };
        let is_list_or_map = matches!(value, Value::Map(_) | Value::List(_));
        if !is_list_or_map || !sources.iter().all(|source| source.as_map().is_some()) {
            self.fail_decoding("map merge requires map or sequence of maps as the value", mark);
            return;
        }
        // The first map of a list has the last word.
        for map in sources.iter().rev().filter_map(Value::as_map) {
            self.entries.extend(map.entries().iter().cloned());
        }
    }
}

impl Node {
    fn null() -> Node {
        Node { value: Value::Null, scalar: Some(Scalar::Null), nodes: 1, bytes: 0, depth: 0 }
    }
}

/// A float as a key: JSON's writer is told that it has the precision of 32 bits.
fn float_key(number: f64) -> String {
    match json::general_float32(number as f32).as_str() {
        "+Inf" => ".inf".to_owned(),
        "-Inf" => "-.inf".to_owned(),
        "NaN" => ".nan".to_owned(),
        finite => finite.to_owned(),
    }
}
