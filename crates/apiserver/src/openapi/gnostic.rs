//! Version 2 in binary form: protocol buffers by the definition `openapi.v2` of gnostic.
//!
//! Fields are written in no particular order, as readers of protocol buffers want it. What our
//! documents do not contain is missing.

use api::{Map, Value};

/// A message that is being written.
#[derive(Default)]
struct Message(Vec<u8>);

const VARINT: u64 = 0;
const BYTES: u64 = 2;

impl Message {
    fn varint(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push((number as u8 & 0x7f) | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    fn bytes(&mut self, field: u64, bytes: &[u8]) {
        self.varint(field << 3 | BYTES);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    fn message(&mut self, field: u64, message: Message) {
        self.bytes(field, &message.0);
    }

    /// A text field, from the field of that name.
    fn text(&mut self, field: u64, map: &Map, name: &str) {
        if let Some(text) = map.get_str(name).and_then(Value::as_str) {
            self.bytes(field, text.as_bytes());
        }
    }

    fn flag(&mut self, field: u64, map: &Map, name: &str) {
        if map.get_str(name).and_then(Value::as_bool) == Some(true) {
            self.varint(field << 3 | VARINT);
            self.varint(1);
        }
    }

    /// Each entry of a map as a message of its name and value.
    fn named(&mut self, field: u64, map: &Map, encode: fn(&Value) -> Message) {
        for (name, value) in map.iter() {
            self.message(field, named(name.as_str(), encode(value)));
        }
    }

    /// What is said in extensions, as YAML; JSON is YAML too.
    fn extensions(&mut self, field: u64, map: &Map) {
        for (name, value) in map.iter().filter(|(name, _)| name.as_str().starts_with("x-")) {
            let mut any = Message::default();
            any.bytes(2, api::json::to_string(value).as_bytes());
            self.message(field, named(name.as_str(), any));
        }
    }
}

fn named(name: &str, value: Message) -> Message {
    let mut message = Message::default();
    message.bytes(1, name.as_bytes());
    message.message(2, value);
    message
}

/// A message that contains nothing but another.
fn wrapped(field: u64, inner: Message) -> Message {
    let mut outer = Message::default();
    outer.message(field, inner);
    outer
}

/// The document.
pub(super) fn encode(document: &Value) -> Vec<u8> {
    let mut message = Message::default();
    let map = document.as_map().cloned().unwrap_or_default();
    message.text(1, &map, "swagger");
    if let Some(info) = document["info"].as_map() {
        let mut part = Message::default();
        part.text(1, info, "title");
        part.text(2, info, "version");
        message.message(2, part);
    }
    if let Some(paths) = document["paths"].as_map() {
        let mut part = Message::default();
        part.named(2, paths, path_item);
        message.message(8, part);
    }
    if let Some(definitions) = document["definitions"].as_map() {
        let mut part = Message::default();
        part.named(1, definitions, schema);
        message.message(9, part);
    }
    message.0
}

/// The methods of a path and their fields.
const METHODS: [(&str, u64); 5] =
    [("get", 2), ("put", 3), ("post", 4), ("delete", 5), ("patch", 8)];

fn path_item(value: &Value) -> Message {
    let mut message = Message::default();
    for (method, field) in METHODS {
        if let Some(map) = value[method].as_map() {
            message.message(field, operation(map));
        }
    }
    for item in value["parameters"].items() {
        message.message(9, parameter(item));
    }
    message
}

fn operation(map: &Map) -> Message {
    let mut message = Message::default();
    let items = |name: &str| map.get_str(name).map(Value::items).unwrap_or_default();
    for tag in items("tags").iter().filter_map(Value::as_str) {
        message.bytes(1, tag.as_bytes());
    }
    message.text(5, map, "operationId");
    for item in items("parameters") {
        message.message(8, parameter(item));
    }
    if let Some(responses) = map.get_str("responses").and_then(Value::as_map) {
        let mut part = Message::default();
        part.named(1, responses, response);
        message.message(9, part);
    }
    message.extensions(13, map);
    message
}

fn response(value: &Value) -> Message {
    let mut response = Message::default();
    if let Some(map) = value.as_map() {
        response.text(1, map, "description");
    }
    wrapped(1, response)
}

/// A parameter, inside of the messages that say of which sort it is.
fn parameter(value: &Value) -> Message {
    let mut own = Message::default();
    let is_in_path = value["in"].as_str() == Some("path");
    if let Some(map) = value.as_map() {
        own.flag(1, map, "required");
        own.text(2, map, "in");
        own.text(3, map, "description");
        own.text(4, map, "name");
        let (ty, unique) = if is_in_path { (5, 19) } else { (6, 20) };
        own.text(ty, map, "type");
        own.flag(unique, map, "uniqueItems");
    }
    let sort = if is_in_path { 4 } else { 3 };
    [sort, 2, 1].into_iter().fold(own, |inner, field| wrapped(field, inner))
}

fn schema(value: &Value) -> Message {
    let mut message = Message::default();
    let Some(map) = value.as_map() else {
        return message;
    };
    message.text(1, map, "$ref");
    message.text(2, map, "format");
    message.text(4, map, "description");
    for name in value["required"].items().iter().filter_map(Value::as_str) {
        message.bytes(19, name.as_bytes());
    }
    if let Some(values) = map.get_str("additionalProperties") {
        message.message(21, wrapped(1, schema(values)));
    }
    if let Some(ty) = map.get_str("type").and_then(Value::as_str) {
        let mut item = Message::default();
        item.bytes(1, ty.as_bytes());
        message.message(22, item);
    }
    if let Some(items) = map.get_str("items") {
        message.message(23, wrapped(1, schema(items)));
    }
    if let Some(properties) = map.get_str("properties").and_then(Value::as_map) {
        let mut part = Message::default();
        part.named(1, properties, schema);
        message.message(25, part);
    }
    message.extensions(31, map);
    message
}
