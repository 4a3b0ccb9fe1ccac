//! Objects that are many and seldom read, kept in a few hundred bytes each.
//!
//! One Event is like another but for names, times and counts. Such an object is kept as what
//! differs from an object of the same form, compressed with that object's texts as the dictionary.
//! It becomes a tree when somebody reads it, and stays one until the store needs the room.

use api::{Text, Value};
use lz4_flex::block::{compress_prepend_size_with_dict, decompress_size_prepended_with_dict};
use std::cell::{Cell, OnceCell};
use std::collections::BTreeMap;
use std::ops::Deref;
use std::rc::Rc;

/// So many forms of objects are told apart; objects of further forms are kept as they are.
const FORMS_MAX: usize = 256;
/// So many objects, and so large a part of all, may be trees before they are packed again.
const UNPACKED_MAX: usize = 1_000;
const UNPACKED_PART: usize = 8;

/// An object in the store: a tree, to whoever reads it.
#[derive(Debug)]
pub struct Object {
    packed: Option<Packed>,
    tree: OnceCell<Value>,
}

#[derive(Debug)]
struct Packed {
    base: Rc<Base>,
    difference: Box<[u8]>,
}

/// An object of some form, from which others of that form differ.
#[derive(Debug)]
struct Base {
    tree: Value,
    /// Its texts, in the order of the tree.
    dictionary: Vec<u8>,
    /// How often one of the others was made a tree.
    unpacked: Cell<usize>,
}

impl Object {
    /// An object that is kept as a tree.
    pub(super) fn plain(tree: Value) -> Object {
        Object { packed: None, tree: OnceCell::from(tree) }
    }

    /// Gives up the tree of an object that is packed as well.
    pub(super) fn pack_again(&mut self) {
        if self.packed.is_some() {
            self.tree.take();
        }
    }
}

impl Deref for Object {
    type Target = Value;
    fn deref(&self) -> &Value {
        self.tree.get_or_init(|| self.packed.as_ref().map(Packed::unpack).unwrap_or_default())
    }
}

impl Packed {
    fn unpack(&self) -> Value {
        let base = &*self.base;
        base.unpacked.set(base.unpacked.get() + 1);
        let bytes = decompress_size_prepended_with_dict(&self.difference, &base.dictionary);
        let bytes = bytes.expect("it was compressed with the same dictionary");
        let mut reader = Reader { rest: &bytes, skipped: 0 };
        reader.next_difference();
        reader.rebuild(&base.tree)
    }
}

/// Packs the objects of one resource.
#[derive(Default)]
pub(super) struct Packer(BTreeMap<u64, Rc<Base>>);

impl Packer {
    /// The object in the form in which it is to be kept, and the bytes of its tree that are shared
    /// with no other.
    pub(super) fn pack(&mut self, object: &Value) -> (Object, usize) {
        let form = form_of(object);
        let Some(base) = self.0.get(&form) else {
            if self.0.len() < FORMS_MAX {
                let dictionary = texts_of(object);
                let base = Base { tree: object.clone(), dictionary, unpacked: Cell::default() };
                self.0.insert(form, Rc::new(base));
            }
            return (Object::plain(object.clone()), 0);
        };
        let mut writer = Writer::default();
        if !writer.compare(&base.tree, object) {
            return (Object::plain(object.clone()), 0);
        }
        let difference = compress_prepend_size_with_dict(&writer.bytes, &base.dictionary);
        let packed = Packed { base: base.clone(), difference: difference.into() };
        let object_bytes = object.bytes_beyond(&base.tree);
        (Object { packed: Some(packed), tree: OnceCell::new() }, object_bytes)
    }

    /// Whether so many of `count` objects have become trees that they should be packed again. It
    /// begins to count anew then.
    pub(super) fn should_pack_again(&self, count: usize) -> bool {
        let unpacked: usize = self.0.values().map(|base| base.unpacked.get()).sum();
        let is_too_much = unpacked > UNPACKED_MAX.max(count / UNPACKED_PART);
        if is_too_much {
            self.0.values().for_each(|base| base.unpacked.set(0));
        }
        is_too_much
    }
}

/// A hash of all but texts and whole numbers: FNV-1a, 64 bits.
fn form_of(object: &Value) -> u64 {
    fn feed(hash: &mut u64, bytes: &[u8]) {
        for byte in bytes.iter().chain(&[0xff]) {
            *hash = (*hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    fn visit(value: &Value, hash: &mut u64) {
        match value {
            Value::Null => feed(hash, b"null"),
            Value::Bool(flag) => feed(hash, if *flag { b"true" } else { b"false" }),
            Value::Int(_) => feed(hash, b"int"),
            Value::Float(number) => feed(hash, &number.to_bits().to_le_bytes()),
            Value::Str(_) => feed(hash, b"text"),
            Value::List(list) => {
                feed(hash, b"list");
                list.iter().for_each(|item| visit(item, hash));
                feed(hash, b"end");
            }
            Value::Map(map) => {
                feed(hash, b"map");
                for (key, value) in map.iter() {
                    feed(hash, key.as_str().as_bytes());
                    visit(value, hash);
                }
                feed(hash, b"end");
            }
        }
    }
    let mut hash = 0xcbf2_9ce4_8422_2325;
    visit(object, &mut hash);
    hash
}

fn texts_of(object: &Value) -> Vec<u8> {
    fn visit(value: &Value, texts: &mut Vec<u8>) {
        match value {
            Value::Str(text) => texts.extend_from_slice(text.as_bytes()),
            Value::List(list) => list.iter().for_each(|item| visit(item, texts)),
            Value::Map(map) => map.iter().for_each(|(_, value)| visit(value, texts)),
            _ => {}
        }
    }
    let mut texts = Vec::new();
    visit(object, &mut texts);
    texts
}

/// Writes what differs: for each leaf that does, how many leaves before it do not, and what it is.
#[derive(Default)]
struct Writer {
    bytes: Vec<u8>,
    skipped: u64,
}

impl Writer {
    /// False if the two are not of one form.
    fn compare(&mut self, base: &Value, object: &Value) -> bool {
        match (base, object) {
            (Value::Map(base), Value::Map(object)) => {
                let mut pairs = base.iter().zip(object.iter());
                base.len() == object.len()
                    && pairs.all(|((a, base), (b, object))| a == b && self.compare(base, object))
            }
            (Value::List(base), Value::List(object)) => {
                let mut pairs = base.iter().zip(object.iter());
                base.len() == object.len() && pairs.all(|(base, object)| self.compare(base, object))
            }
            (base, object) if base == object => {
                self.skipped += 1;
                true
            }
            (Value::Str(_), Value::Str(text)) => {
                self.begin_leaf();
                self.number(text.len() as u64);
                self.bytes.extend_from_slice(text.as_bytes());
                true
            }
            (Value::Int(_), Value::Int(number)) => {
                self.begin_leaf();
                self.bytes.extend_from_slice(&number.to_le_bytes());
                true
            }
            _ => false,
        }
    }

    fn begin_leaf(&mut self) {
        let skipped = std::mem::take(&mut self.skipped);
        self.number(skipped);
    }

    /// Seven bits a byte, the lowest first.
    fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.bytes.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.bytes.push(number as u8);
    }
}

/// Reads what a [`Writer`] has written.
struct Reader<'a> {
    rest: &'a [u8],
    /// The leaves before the next one that differs.
    skipped: u64,
}

impl Reader<'_> {
    fn rebuild(&mut self, base: &Value) -> Value {
        match base {
            Value::Map(map) => {
                let mut copy = map.clone();
                for (at, (_, value)) in map.iter().enumerate() {
                    let part = self.rebuild(value);
                    if !part.is_same(value) {
                        *copy.value_mut_at(at) = part;
                    }
                }
                Value::Map(copy)
            }
            Value::List(list) => {
                let mut copy = list.clone();
                for (at, item) in list.iter().enumerate() {
                    let part = self.rebuild(item);
                    if !part.is_same(item) {
                        copy.make_mut()[at] = part;
                    }
                }
                Value::List(copy)
            }
            leaf if self.skipped > 0 => {
                self.skipped -= 1;
                leaf.clone()
            }
            leaf => {
                let value = self.leaf(leaf);
                self.next_difference();
                value
            }
        }
    }

    fn leaf(&mut self, base: &Value) -> Value {
        match base {
            Value::Int(_) => {
                let bytes = self.take(size_of::<i64>());
                Value::Int(i64::from_le_bytes(bytes.try_into().unwrap_or_default()))
            }
            _ => {
                let length = self.number() as usize;
                let text = String::from_utf8_lossy(self.take(length)).into_owned();
                Value::Str(Text::from(text))
            }
        }
    }

    fn next_difference(&mut self) {
        self.skipped = if self.rest.is_empty() { u64::MAX } else { self.number() };
    }

    fn number(&mut self) -> u64 {
        let mut number = 0;
        for shift in (0..u64::BITS).step_by(7) {
            let byte = self.take(1).first().copied().unwrap_or(0);
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                break;
            }
        }
        number
    }

    fn take(&mut self, count: usize) -> &[u8] {
        let (taken, rest) = self.rest.split_at(count.min(self.rest.len()));
        self.rest = rest;
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::{list, object};

    fn event(number: i64, pod: &str) -> Value {
        let name = format!("{pod}.17a{number:013}");
        object! {
            "count": number,
            "involvedObject": object! { "kind": "Pod", "name": pod.to_owned() },
            "message": format!("Created container {pod}"),
            "metadata": object! {
                "creationTimestamp": "2026-11-27T10:00:00Z",
                "managedFields": list![object! { "fieldsV1": Value::EMPTY_MAP }],
                "name": name,
                "namespace": "default",
            },
            "reason": "Created",
            "series": Value::Null,
        }
    }

    #[test]
    fn what_is_packed_comes_back_as_it_was() {
        let mut packer = Packer::default();
        let first = packer.pack(&event(1, "web-0")).0;
        assert!(first.packed.is_none());
        for (number, pod) in [(1, "web-0"), (7, "web-1"), (-3, "a-name-that-is-longer"), (0, "")] {
            let (object, _) = packer.pack(&event(number, pod));
            let bytes = object.packed.as_ref().map(|packed| packed.difference.len());
            assert!(bytes.is_some_and(|bytes| bytes < 150), "{bytes:?}");
            assert_eq!(*object, event(number, pod));
        }
    }

    #[test]
    fn another_form_is_told_apart() {
        let mut packer = Packer::default();
        packer.pack(&event(1, "web-0"));
        let mut other = event(2, "web-1");
        other.make_map().insert("series", true);
        assert!(packer.pack(&other).0.packed.is_none());
        assert_eq!(*packer.pack(&other).0, other);
        assert_eq!(*packer.pack(&event(3, "web-2")).0, event(3, "web-2"));
    }

    #[test]
    fn what_was_read_is_packed_again() {
        let mut packer = Packer::default();
        packer.pack(&event(1, "web-0"));
        let mut object = packer.pack(&event(2, "web-1")).0;
        assert!(!packer.should_pack_again(0));
        for _ in 0..=UNPACKED_MAX {
            assert_eq!(object["count"].as_i64(), Some(2));
            object.pack_again();
        }
        assert!(packer.should_pack_again(0));
        assert!(!packer.should_pack_again(0));
        assert!(object.tree.get().is_none());
    }
}
