//! What the generated accessors are made of.

pub(crate) use crate::key::names;
pub(crate) use crate::schema::{TypeId, types};
pub(crate) use crate::{Key, Map, Quantity, Text, Value};
pub(crate) use sim::Time;

use std::marker::PhantomData;

/// A typed, read-only view of a document or a part of one.
///
/// A view of something that is not there reads as empty, as a Go struct would.
pub trait View<'a>: Copy {
    /// The type it shows.
    const TYPE: TypeId;
    /// A view of `value`.
    fn of(value: &'a Value) -> Self;
    /// What it shows.
    fn value(self) -> &'a Value;
    /// Whether there is nothing.
    fn is_absent(self) -> bool {
        self.value().is_null()
    }
}

/// A typed view through which a document is changed.
pub trait ViewMut<'a> {
    /// A view of `value`.
    fn of(value: &'a mut Value) -> Self;
}

/// A list of structs.
pub struct Views<'a, T> {
    items: std::slice::Iter<'a, Value>,
    of: PhantomData<T>,
}

impl<T> Clone for Views<'_, T> {
    fn clone(&self) -> Self {
        Views { items: self.items.clone(), of: PhantomData }
    }
}

impl<'a, T: View<'a>> Views<'a, T> {
    /// The items of a list, each seen as a `T`.
    pub fn of(items: &'a [Value]) -> Views<'a, T> {
        Views { items: items.iter(), of: PhantomData }
    }

    /// Whether there are no more items.
    pub fn is_empty(&self) -> bool {
        self.items.as_slice().is_empty()
    }

    /// The item at `index`.
    pub fn at(&self, index: usize) -> Option<T> {
        self.items.as_slice().get(index).map(T::of)
    }

    /// The values themselves.
    pub fn values(&self) -> &'a [Value] {
        self.items.as_slice()
    }
}

impl<'a, T: View<'a>> Iterator for Views<'a, T> {
    type Item = T;
    fn next(&mut self) -> Option<T> {
        self.items.next().map(T::of)
    }
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.items.size_hint()
    }
}
impl<'a, T: View<'a>> DoubleEndedIterator for Views<'a, T> {
    fn next_back(&mut self) -> Option<T> {
        self.items.next_back().map(T::of)
    }
}
impl<'a, T: View<'a>> ExactSizeIterator for Views<'a, T> {}

/// A list of strings.
#[derive(Clone)]
pub struct Strings<'a>(std::slice::Iter<'a, Value>);

impl<'a> Strings<'a> {
    /// Whether there are no more items.
    pub fn is_empty(&self) -> bool {
        self.0.as_slice().is_empty()
    }

    /// Whether `text` is among the items.
    pub fn has(&self, text: &str) -> bool {
        self.0.as_slice().iter().any(|item| item == text)
    }

    /// The values themselves.
    pub fn values(&self) -> &'a [Value] {
        self.0.as_slice()
    }
}

impl<'a> Iterator for Strings<'a> {
    type Item = &'a str;
    fn next(&mut self) -> Option<&'a str> {
        self.0.next().map(|item| item.as_str().unwrap_or_default())
    }
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}
impl ExactSizeIterator for Strings<'_> {}

/// A map from strings to strings, such as labels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StringMap<'a>(pub &'a Map);

impl<'a> StringMap<'a> {
    /// The value of `key`.
    pub fn get(self, key: &str) -> Option<&'a str> {
        self.0.get_str(key).and_then(Value::as_str)
    }

    /// The value of an interned key.
    pub fn get_key(self, key: &Key) -> Option<&'a str> {
        self.0.get(key).and_then(Value::as_str)
    }

    /// Whether there are no entries.
    pub fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// How many entries there are.
    pub fn len(self) -> usize {
        self.0.len()
    }

    /// The entries in the order of their keys.
    pub fn iter(self) -> impl ExactSizeIterator<Item = (&'a str, &'a str)> {
        self.0.entries().iter().map(|(k, v)| (k.as_str(), v.as_str().unwrap_or_default()))
    }
}

/// Amounts by resource name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ResourceList<'a>(pub &'a Map);

impl<'a> ResourceList<'a> {
    /// The amount of `resource`.
    pub fn get(self, resource: &str) -> Option<Quantity> {
        quantity(self.0.get_str(resource)?)
    }

    /// Whether no amounts are named.
    pub fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// The amounts in the order of their names; those that cannot be read are left out.
    pub fn iter(self) -> impl Iterator<Item = (&'a str, Quantity)> {
        self.0.entries().iter().filter_map(|(k, v)| Some((k.as_str(), quantity(v)?)))
    }
}

/// A number or a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntOrString<'a> {
    /// A number.
    Int(i64),
    /// A string, such as `25%` or the name of a port.
    Str(&'a str),
}

impl<'a> IntOrString<'a> {
    /// What the value holds; absent counts as 0, as in Go.
    pub fn of(value: &'a Value) -> IntOrString<'a> {
        match value {
            Value::Str(text) => IntOrString::Str(text),
            other => IntOrString::Int(other.as_i64().unwrap_or(0)),
        }
    }

    /// The number, or the percentage of `total`, rounded up or down; `None` if the string is not
    /// a percentage. As `intstr.GetScaledValueFromIntOrPercent` does.
    pub fn scaled(self, total: i64, round_up: bool) -> Option<i64> {
        match self {
            IntOrString::Int(number) => Some(number),
            IntOrString::Str(text) => {
                let percent: i64 = text.strip_suffix('%')?.parse().ok()?;
                let hundredfold = percent.checked_mul(total)?;
                Some(if round_up {
                    hundredfold.div_ceil_euclid(100)
                } else {
                    hundredfold.div_euclid(100)
                })
            }
        }
    }
}

trait DivCeil {
    fn div_ceil_euclid(self, by: i64) -> i64;
}
impl DivCeil for i64 {
    fn div_ceil_euclid(self, by: i64) -> i64 {
        self.div_euclid(by) + i64::from(self.rem_euclid(by) != 0)
    }
}

impl std::fmt::Display for IntOrString<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            IntOrString::Int(number) => number.fmt(f),
            IntOrString::Str(text) => text.fmt(f),
        }
    }
}

fn quantity(value: &Value) -> Option<Quantity> {
    match value {
        Value::Str(text) => text.parse().ok(),
        Value::Int(number) => Some(Quantity::from(*number)),
        _ => None,
    }
}

/// Getters, by the type of the field.
pub(crate) mod get {
    use super::*;

    pub(crate) fn any<'a>(value: &'a Value, name: &Key) -> &'a Value {
        value.get(name)
    }
    pub(crate) fn optional_str<'a>(value: &'a Value, name: &Key) -> Option<&'a str> {
        value.get(name).as_str()
    }
    pub(crate) fn str<'a>(value: &'a Value, name: &Key) -> &'a str {
        value.get(name).as_str().unwrap_or_default()
    }
    pub(crate) fn optional_int(value: &Value, name: &Key) -> Option<i64> {
        value.get(name).as_i64()
    }
    pub(crate) fn int(value: &Value, name: &Key) -> i64 {
        value.get(name).as_i64().unwrap_or_default()
    }
    pub(crate) fn float(value: &Value, name: &Key) -> f64 {
        value.get(name).as_f64().unwrap_or_default()
    }
    pub(crate) fn optional_bool(value: &Value, name: &Key) -> Option<bool> {
        value.get(name).as_bool()
    }
    pub(crate) fn bool(value: &Value, name: &Key) -> bool {
        value.get(name).as_bool().unwrap_or_default()
    }
    pub(crate) fn time(value: &Value, name: &Key) -> Option<Time> {
        Time::parse_rfc3339(value.get(name).as_str()?)
    }
    pub(crate) fn quantity(value: &Value, name: &Key) -> Option<Quantity> {
        super::quantity(value.get(name))
    }
    pub(crate) fn int_or_string<'a>(value: &'a Value, name: &Key) -> IntOrString<'a> {
        IntOrString::of(value.get(name))
    }
    pub(crate) fn optional_int_or_string<'a>(
        value: &'a Value,
        name: &Key,
    ) -> Option<IntOrString<'a>> {
        let value = value.get(name);
        (!value.is_null()).then(|| IntOrString::of(value))
    }
    pub(crate) fn view<'a, T: View<'a>>(value: &'a Value, name: &Key) -> T {
        T::of(value.get(name))
    }
    pub(crate) fn optional_view<'a, T: View<'a>>(value: &'a Value, name: &Key) -> Option<T> {
        let value = value.get(name);
        (!value.is_null()).then(|| T::of(value))
    }
    pub(crate) fn views<'a, T: View<'a>>(value: &'a Value, name: &Key) -> Views<'a, T> {
        Views::of(value.get(name).items())
    }
    pub(crate) fn strings<'a>(value: &'a Value, name: &Key) -> Strings<'a> {
        Strings(value.get(name).items().iter())
    }
    pub(crate) fn list<'a>(value: &'a Value, name: &Key) -> &'a [Value] {
        value.get(name).items()
    }
    pub(crate) fn map<'a>(value: &'a Value, name: &Key) -> &'a Map {
        const NONE: &Map = &Map::EMPTY;
        value.get(name).as_map().unwrap_or(NONE)
    }
    pub(crate) fn string_map<'a>(value: &'a Value, name: &Key) -> StringMap<'a> {
        StringMap(map(value, name))
    }
    pub(crate) fn resource_list<'a>(value: &'a Value, name: &Key) -> ResourceList<'a> {
        ResourceList(map(value, name))
    }
}

/// Setters, by the type of the field. `keep_zero` tells whether a zero value is written out.
pub(crate) mod set {
    use super::*;

    fn put(object: &mut Value, name: &Key, value: Value, keep: bool) {
        if keep {
            object.make_map().insert(name, value);
        } else {
            clear(object, name);
        }
    }
    pub(crate) fn clear(object: &mut Value, name: &Key) {
        if let Value::Map(map) = object {
            map.remove(name);
        }
    }
    pub(crate) fn text(object: &mut Value, name: &Key, value: impl Into<Text>, keep_zero: bool) {
        let text = value.into();
        let keep = keep_zero || !text.is_empty();
        put(object, name, Value::Str(text), keep);
    }
    pub(crate) fn int(object: &mut Value, name: &Key, value: i64, keep_zero: bool) {
        put(object, name, Value::Int(value), keep_zero || value != 0);
    }
    pub(crate) fn float(object: &mut Value, name: &Key, value: f64, keep_zero: bool) {
        put(object, name, Value::Float(value), keep_zero || value != 0.0);
    }
    pub(crate) fn bool(object: &mut Value, name: &Key, value: bool, keep_zero: bool) {
        put(object, name, Value::Bool(value), keep_zero || value);
    }
    pub(crate) fn time(
        object: &mut Value,
        name: &Key,
        value: impl Into<Option<Time>>,
        keep_zero: bool,
    ) {
        let value = value.into().map_or(Value::Null, |time| time.rfc3339().into());
        let keep = keep_zero || !value.is_null();
        put(object, name, value, keep);
    }
    pub(crate) fn micro_time(
        object: &mut Value,
        name: &Key,
        value: impl Into<Option<Time>>,
        keep_zero: bool,
    ) {
        let value = value.into().map_or(Value::Null, |time| time.rfc3339_micros().into());
        let keep = keep_zero || !value.is_null();
        put(object, name, value, keep);
    }
    pub(crate) fn value(object: &mut Value, name: &Key, value: impl Into<Value>, keep_zero: bool) {
        let value = value.into();
        let is_zero = match &value {
            Value::Null => true,
            Value::List(list) => list.is_empty(),
            _ => false,
        };
        put(object, name, value, keep_zero || !is_zero);
    }
    pub(crate) fn view<'a, T: ViewMut<'a>>(object: &'a mut Value, name: &Key) -> T {
        let value = object.entry(name);
        value.make_map();
        T::of(value)
    }
    pub(crate) fn list<'a>(object: &'a mut Value, name: &Key) -> &'a mut Vec<Value> {
        object.entry(name).make_list().make_mut()
    }
    pub(crate) fn map<'a>(object: &'a mut Value, name: &Key) -> &'a mut Map {
        object.entry(name).make_map()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apps::v1::{Deployment, DeploymentMut};
    use crate::{list, object};

    #[test]
    fn views_read_what_is_there_and_nothing_where_nothing_is() {
        let value = object! { "spec": object! {
            "replicas": 3,
            "strategy": object! { "rollingUpdate": object! { "maxSurge": "25%" } },
            "template": object! { "spec": object! { "containers": list![
                object! { "name": "web", "image": "nginx" }
            ] } },
        } };
        let deployment = Deployment::of(&value);
        assert_eq!(deployment.spec().replicas(), Some(3));
        assert_eq!(deployment.spec().min_ready_seconds(), 0);
        assert_eq!(deployment.status().conditions().len(), 0);
        let surge = deployment.spec().strategy().rolling_update().and_then(|u| u.max_surge());
        assert_eq!(surge.and_then(|s| s.scaled(3, true)), Some(1));
        let images: Vec<_> =
            deployment.spec().template().spec().containers().map(|c| c.image()).collect();
        assert_eq!(images, ["nginx"]);
        assert!(deployment.spec().selector().is_none());
    }

    #[test]
    fn setters_leave_out_what_go_leaves_out() {
        let mut value = Value::EMPTY_MAP;
        let mut deployment = DeploymentMut::of(&mut value);
        deployment.metadata_mut().set_name("web");
        deployment.spec_mut().set_replicas(0);
        deployment.status_mut().set_replicas(0);
        deployment.metadata_mut().labels_mut().insert("app", "web");
        deployment.metadata_mut().set_creation_timestamp(Time::from_seconds(0));
        assert_eq!(
            value,
            object! {
                "metadata": object! {
                    "name": "web",
                    "labels": object! { "app": "web" },
                    "creationTimestamp": "1970-01-01T00:00:00Z",
                },
                "spec": object! { "replicas": 0 },
                "status": object! {},
            }
        );
    }

    #[test]
    fn percentages_round_as_asked() {
        let check = |text: &str, total: i64, up: Option<i64>, down: Option<i64>| {
            assert_eq!(IntOrString::Str(text).scaled(total, true), up, "{text} of {total} up");
            assert_eq!(IntOrString::Str(text).scaled(total, false), down, "{text} of {total} down");
        };
        check("25%", 3, Some(1), Some(0));
        check("25%", 10, Some(3), Some(2));
        check("100%", 4, Some(4), Some(4));
        check("0%", 4, Some(0), Some(0));
        check("-10%", 15, Some(-1), Some(-2));
        check("many", 4, None, None);
    }
}
