//! From a document that anybody sent to the canonical form that the API server keeps.
//!
//! The canonical form is what Go would print after reading the document into its struct: unknown
//! fields gone, zero values left out where the field says so and spelled out where not, quantities
//! and times in their canonical texts, empty lists and maps gone (etcd's encoding does not know
//! them). A document that is canonical already comes back as the very same memory.

use crate::schema::{Field, Struct, Type, TypeId, go_name};
use crate::{Key, List, Map, Quantity, Text, Value, go};
use sim::Time;

/// A document that does not fit its type, in the words of Go's JSON decoder.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct DecodeError(pub String);

/// A canonical document, and what a strict reader would complain about.
#[derive(Clone, Debug)]
pub struct Decoded {
    /// The canonical document.
    pub value: Value,
    /// `unknown field "spec.foo"`, in the order of the document.
    pub strict_errors: Vec<String>,
}

/// At most so many strict errors are kept, as in `sigs.k8s.io/json`.
const STRICT_ERRORS_MAX: usize = 100;

/// Reads `value` as a `ty`.
pub fn decode(ty: TypeId, value: &Value) -> Result<Decoded, DecodeError> {
    decode_beside(ty, value, &Value::Null)
}

/// The same where the canonical document `known` is at hand: what `value` shares with it, at the
/// same place, need not be read again.
pub fn decode_beside(ty: TypeId, value: &Value, known: &Value) -> Result<Decoded, DecodeError> {
    let mut decoder = Decoder { places: Vec::new(), strict_errors: Vec::new(), fields: Vec::new() };
    let ty = ty.get();
    let Value::Map(map) = value else {
        let kind = json_kind(value);
        let expected = ty.go_name();
        return Err(DecodeError(format!(
            "json: cannot unmarshal {kind} into Go value of type {expected}"
        )));
    };
    let map = decoder.struct_(ty, map, known)?;
    Ok(Decoded { value: Value::Map(map), strict_errors: decoder.strict_errors })
}

/// The canonical form of a document that our own code wrote; what does not fit is left as it is.
pub fn canonical(ty: TypeId, value: &Value) -> Value {
    decode(ty, value).map_or_else(|_| value.clone(), |decoded| decoded.value)
}

/// What the present position is within.
enum Place {
    Field(&'static str),
    Index(usize),
    Entry(Key),
}

struct Decoder {
    places: Vec<Place>,
    strict_errors: Vec<String>,
    /// The structs on the way down, for messages.
    fields: Vec<&'static Struct>,
}

impl Decoder {
    fn struct_(
        &mut self,
        ty: &'static Struct,
        map: &Map,
        known: &Value,
    ) -> Result<Map, DecodeError> {
        self.fields.push(ty);
        let mut out = Rebuilt::new(map);
        let mut entries = map.entries().iter().peekable();
        for field in ty.fields_by_name() {
            let key = field.key();
            while let Some((unknown, _)) = entries.next_if(|(k, _)| *k < key) {
                self.unknown_field(unknown);
                out.drop_entry();
            }
            match entries.next_if(|(k, _)| *k == key) {
                Some((_, value)) => {
                    self.places.push(Place::Field(field.name()));
                    let decoded = self.field(field, value, known.get(&key))?;
                    self.places.pop();
                    out.keep_or_replace(decoded);
                }
                None => {
                    if let Some(zero) = zero_of_missing(field) {
                        out.add(key, zero);
                    }
                }
            }
        }
        for (unknown, _) in entries {
            self.unknown_field(unknown);
            out.drop_entry();
        }
        self.fields.pop();
        Ok(out.finish())
    }

    /// The canonical value of a field, or `None` if it is to be left out.
    fn field(
        &mut self,
        field: &'static Field,
        value: &Value,
        known: &Value,
    ) -> Result<Option<Value>, DecodeError> {
        if value.is_null() {
            return Ok(zero_of_missing(field));
        }
        let decoded = self.value(&field.ty, value, known)?;
        if is_left_out(field, &decoded) { Ok(zero_of_missing(field)) } else { Ok(Some(decoded)) }
    }

    fn value(
        &mut self,
        ty: &'static Type,
        value: &Value,
        known: &Value,
    ) -> Result<Value, DecodeError> {
        if matches!(value, Value::Map(_) | Value::List(_)) && value.is_same(known) {
            return Ok(value.clone());
        }
        match (ty, value) {
            (Type::Pointer(inner), _) => self.value(inner, value, known),
            (Type::Any, _) => Ok(value.clone()),
            (Type::Struct(id), Value::Map(map)) => {
                Ok(Value::Map(self.struct_(id.get(), map, known)?))
            }
            (Type::Struct(id), Value::Null) => Ok(zero_struct(id.get())),
            (Type::Slice(inner), Value::List(list)) => self.items(inner, list, known),
            (Type::Map(inner), Value::Map(map)) => self.entries(inner, map, known),
            (Type::Slice(_) | Type::Map(_), Value::Null) => Ok(Value::Null),
            (Type::String(_), Value::Str(_))
            | (Type::Bool, Value::Bool(_))
            | (Type::Int64, Value::Int(_))
            | (Type::Float64, Value::Float(_)) => Ok(value.clone()),
            (Type::Float64, Value::Int(number)) => Ok(Value::Float(*number as f64)),
            (Type::Int32, Value::Int(number)) if i32::try_from(*number).is_ok() => {
                Ok(value.clone())
            }
            (Type::String(_) | Type::Bytes, Value::Null) => Ok("".into()),
            (Type::Int32 | Type::Int64, Value::Null) => Ok(Value::Int(0)),
            (Type::Bool, Value::Null) => Ok(Value::Bool(false)),
            (Type::Bytes, Value::Str(text)) => bytes(text),
            (Type::Quantity, _) => quantity(value),
            (Type::Time | Type::MicroTime, Value::Null) => Ok(Value::Null),
            (Type::Time, Value::Str(text)) => {
                time(text, Time::rfc3339, "2006-01-02T15:04:05Z07:00")
            }
            (Type::MicroTime, Value::Str(text)) => {
                time(text, Time::rfc3339_micros, "2006-01-02T15:04:05.000000Z07:00")
            }
            (Type::IntOrString, Value::Str(_)) => Ok(value.clone()),
            (Type::IntOrString, Value::Int(number)) if i32::try_from(*number).is_ok() => {
                Ok(value.clone())
            }
            (Type::IntOrString, Value::Null) => Ok(Value::Int(0)),
            (Type::Time | Type::MicroTime, _) => Err(wrong_document(value, "string")),
            (Type::IntOrString, _) => Err(wrong_document(value, "int32")),
            _ => Err(self.mismatch(ty, value)),
        }
    }

    fn items(
        &mut self,
        inner: &'static Type,
        list: &List,
        known: &Value,
    ) -> Result<Value, DecodeError> {
        let mut changed: Option<Vec<Value>> = None;
        for (i, item) in list.iter().enumerate() {
            self.places.push(Place::Index(i));
            let decoded = self.value(inner, item, &known[i])?;
            self.places.pop();
            match &mut changed {
                Some(items) => items.push(decoded),
                None if decoded.is_same(item) => {}
                None => {
                    let mut items = list[..i].to_vec();
                    items.push(decoded);
                    changed = Some(items);
                }
            }
        }
        Ok(Value::List(changed.map_or_else(|| list.clone(), List::from)))
    }

    fn entries(
        &mut self,
        inner: &'static Type,
        map: &Map,
        known: &Value,
    ) -> Result<Value, DecodeError> {
        let mut out = Rebuilt::new(map);
        for (key, value) in map.iter() {
            self.places.push(Place::Entry(key.clone()));
            let decoded = self.value(inner, value, known.get(key))?;
            self.places.pop();
            out.keep_or_replace(Some(decoded));
        }
        Ok(Value::Map(out.finish()))
    }

    fn unknown_field(&mut self, name: &Key) {
        if self.strict_errors.len() < STRICT_ERRORS_MAX {
            let place = self.place();
            let dot = if place.is_empty() { "" } else { "." };
            self.strict_errors.push(format!("unknown field \"{place}{dot}{name}\""));
        }
    }

    /// `spec.containers[0].env`
    fn place(&self) -> String {
        let mut out = String::new();
        for place in &self.places {
            let dot = if out.is_empty() { "" } else { "." };
            match place {
                Place::Field(name) => out.push_str(&format!("{dot}{name}")),
                Place::Entry(key) => out.push_str(&format!("{dot}{key}")),
                Place::Index(index) => out.push_str(&format!("[{index}]")),
            }
        }
        out
    }

    /// `json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type
    /// int32`: the innermost struct, then the fields on the way without list positions.
    fn mismatch(&self, ty: &Type, value: &Value) -> DecodeError {
        let owner = self.fields.last().map_or("", |ty| ty.short_name());
        let names: Vec<&str> = self
            .places
            .iter()
            .filter_map(|place| match place {
                Place::Field(name) => Some(*name),
                _ => None,
            })
            .collect();
        let kind = json_kind_for(ty, value);
        let expected = match ty {
            Type::String(go) => go_name(go).to_owned(),
            other => go::type_name(other),
        };
        let path = names.join(".");
        DecodeError(format!(
            "json: cannot unmarshal {kind} into Go struct field {owner}.{path} of type {expected}"
        ))
    }
}

/// A map that is copied only once something in it changes.
struct Rebuilt<'a> {
    source: &'a Map,
    /// How many entries of the source have been dealt with.
    seen: usize,
    changed: Option<Vec<(Key, Value)>>,
}

impl<'a> Rebuilt<'a> {
    fn new(source: &'a Map) -> Rebuilt<'a> {
        Rebuilt { source, seen: 0, changed: None }
    }

    fn changed(&mut self) -> &mut Vec<(Key, Value)> {
        let (source, seen) = (self.source, self.seen);
        self.changed.get_or_insert_with(|| {
            let mut entries = Vec::with_capacity(source.len() + 2);
            entries.extend_from_slice(&source.entries()[..seen]);
            entries
        })
    }

    /// Deals with the next entry of the source.
    fn keep_or_replace(&mut self, value: Option<Value>) {
        let (key, old) = &self.source.entries()[self.seen];
        match value {
            Some(value) if self.changed.is_none() && value.is_same(old) => {}
            Some(value) => self.changed().push((key.clone(), value)),
            None => {
                self.changed();
            }
        }
        self.seen += 1;
    }

    fn drop_entry(&mut self) {
        self.keep_or_replace(None);
    }

    fn add(&mut self, key: Key, value: Value) {
        self.changed().push((key, value));
    }

    fn finish(self) -> Map {
        match self.changed {
            Some(entries) => entries.into_iter().collect(),
            None => self.source.clone(),
        }
    }
}

/// Whether Go leaves the field out of its documents.
fn is_left_out(field: &Field, value: &Value) -> bool {
    match (&field.ty, value) {
        (Type::Slice(_) | Type::Map(_), Value::List(list)) => list.is_empty(),
        (Type::Slice(_) | Type::Map(_), Value::Map(map)) => map.is_empty(),
        (_, _) if !field.omit_empty => false,
        (Type::String(_) | Type::Bytes, Value::Str(text)) => text.is_empty(),
        (Type::Int32 | Type::Int64, Value::Int(0)) => true,
        (Type::Float64, Value::Float(number)) => *number == 0.0,
        (Type::Bool, Value::Bool(false)) => true,
        _ => false,
    }
}

/// What Go prints for a field that nobody set; `None` if nothing.
fn zero_of_missing(field: &Field) -> Option<Value> {
    match &field.ty {
        // A struct is never empty in Go's eyes, so `omitempty` does nothing.
        Type::Struct(id) => Some(zero_struct(id.get())),
        Type::Time | Type::MicroTime => Some(Value::Null),
        _ if field.omit_empty => None,
        Type::String(_) | Type::Bytes => match field.ty {
            Type::Bytes => Some(Value::Null),
            _ => Some("".into()),
        },
        Type::Int32 | Type::Int64 | Type::IntOrString => Some(Value::Int(0)),
        Type::Float64 => Some(Value::Int(0)),
        Type::Bool => Some(Value::Bool(false)),
        Type::Quantity => Some("0".into()),
        Type::Any | Type::Pointer(_) | Type::Slice(_) | Type::Map(_) => Some(Value::Null),
    }
}

fn zero_struct(ty: &'static Struct) -> Value {
    let fields = ty.fields_by_name().iter();
    Value::Map(fields.filter_map(|f| Some((f.key(), zero_of_missing(f)?))).collect())
}

fn quantity(value: &Value) -> Result<Value, DecodeError> {
    let text = match value {
        Value::Str(text) => text.clone(),
        Value::Int(number) => Text::from(number.to_string()),
        Value::Float(number) => Text::from(number.to_string()),
        Value::Null => return Ok("0".into()),
        other => Text::from(go::plain(other)),
    };
    let parsed: Quantity =
        text.parse().map_err(|e: crate::QuantityError| DecodeError(e.to_string()))?;
    let canonical = parsed.to_string();
    match value {
        Value::Str(_) if canonical == *text => Ok(value.clone()),
        _ => Ok(canonical.into()),
    }
}

fn time(text: &Text, write: fn(Time) -> String, layout: &str) -> Result<Value, DecodeError> {
    let Some(time) = Time::parse_rfc3339(text) else {
        let (text, layout) = (go::quote(text), go::quote(layout));
        return Err(DecodeError(format!(
            "parsing time {text} as {layout}: cannot parse {text} as \"2006\""
        )));
    };
    let canonical = write(time);
    Ok(Value::Str(if canonical == **text { text.clone() } else { canonical.into() }))
}

/// Checks standard base64; line breaks are allowed and dropped.
fn bytes(text: &Text) -> Result<Value, DecodeError> {
    let is_digit = |b: u8| b.is_ascii_alphanumeric() || b == b'+' || b == b'/';
    let mut count = 0;
    let mut padding = 0;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'\n' | b'\r' => continue,
            b'=' if count % 4 >= 2 => padding += 1,
            digit if is_digit(digit) && padding == 0 => {}
            _ => {
                return Err(DecodeError(format!("illegal base64 data at input byte {at}")));
            }
        }
        count += 1;
    }
    if count % 4 != 0 {
        return Err(DecodeError(format!("illegal base64 data at input byte {}", count / 4 * 4)));
    }
    if text.contains(['\n', '\r']) {
        return Ok(text.replace(['\n', '\r'], "").into());
    }
    Ok(Value::Str(text.clone()))
}

fn wrong_document(value: &Value, expected: &str) -> DecodeError {
    let kind = json_kind(value);
    DecodeError(format!("json: cannot unmarshal {kind} into Go value of type {expected}"))
}

/// What Go calls a JSON value that it did not expect.
fn json_kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Int(_) | Value::Float(_) => "number",
        Value::Str(_) => "string",
        Value::List(_) => "array",
        Value::Map(_) => "object",
    }
}

/// A number that does not fit an integer field is named, a number in a text field is not.
fn json_kind_for(ty: &Type, value: &Value) -> String {
    match (ty, value) {
        (Type::Int32 | Type::Int64, Value::Int(_) | Value::Float(_)) => {
            format!("number {}", go::plain(value))
        }
        _ => json_kind(value).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{list, object};

    fn pod(spec: Value) -> Value {
        object! { "apiVersion": "v1", "kind": "Pod", "metadata": object! { "name": "p" }, "spec": spec }
    }

    fn decode_as(go: &str, value: &Value) -> Result<Decoded, DecodeError> {
        decode(TypeId::find(go).expect("in the table"), value)
    }

    #[test]
    fn the_canonical_form_is_what_go_prints() {
        let value = pod(object! {
            "hostNetwork": false,
            "nodeSelector": Value::EMPTY_MAP,
            "containers": list![object! {
                "name": "c",
                "resources": object! { "requests": object! { "cpu": 0.5, "memory": "1024Mi" } },
            }],
        });
        let decoded = decode_as("core/v1.Pod", &value).expect("fits");
        assert_eq!(
            decoded.value,
            object! {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": object! { "name": "p", "creationTimestamp": Value::Null },
                "spec": object! { "containers": list![object! {
                    "name": "c",
                    "resources": object! { "requests": object! { "cpu": "500m", "memory": "1Gi" } },
                }] },
                "status": Value::EMPTY_MAP,
            }
        );
        let again = decode_as("core/v1.Pod", &decoded.value).expect("fits");
        assert!(again.value.is_same(&decoded.value));
    }

    #[test]
    fn unknown_fields_are_named() {
        let value = pod(object! {
            "containers": list![object! { "name": "c", "port": 80 }],
            "replicas": 3,
        });
        let decoded = decode_as("core/v1.Pod", &value).expect("fits");
        assert_eq!(
            decoded.strict_errors,
            ["unknown field \"spec.containers[0].port\"", "unknown field \"spec.replicas\""]
        );
    }

    #[test]
    fn wrong_types_are_named_as_go_does() {
        let check = |go: &str, value: Value, message: &str| {
            let error = decode_as(go, &value).expect_err("does not fit");
            assert_eq!(error.0, message);
        };
        check(
            "apps/v1.Deployment",
            object! { "spec": object! { "replicas": "3" } },
            "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas \
             of type int32",
        );
        check(
            "core/v1.Pod",
            pod(object! { "containers": list![object! { "env": list![object! { "value": 1 }] }] }),
            "json: cannot unmarshal number into Go struct field EnvVar.spec.containers.env.value \
             of type string",
        );
        check(
            "core/v1.ConfigMap",
            object! { "data": object! { "a": true } },
            "json: cannot unmarshal bool into Go struct field ConfigMap.data of type string",
        );
        check(
            "apps/v1.Deployment",
            object! { "spec": object! { "replicas": 3_000_000_000_i64 } },
            "json: cannot unmarshal number 3000000000 into Go struct field \
             DeploymentSpec.spec.replicas of type int32",
        );
        check(
            "core/v1.Secret",
            object! { "data": object! { "a": "b!" } },
            "illegal base64 data at input byte 1",
        );
        check("core/v1.Pod", list![], "json: cannot unmarshal array into Go value of type v1.Pod");
    }
}
