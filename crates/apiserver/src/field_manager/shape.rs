//! How server-side apply looks at a value: as a whole, or part by part.

use api::schema::{Field, ListType, MapType, Type, TypeId};
use api::{Key, Value};

/// What the parts of a value are.
#[derive(Clone, Copy)]
pub(super) enum Shape {
    /// There are none: a scalar, or what is owned as a whole.
    Whole(&'static Type),
    /// The fields of a struct.
    Struct(TypeId),
    /// The entries of a map.
    Map(&'static Type),
    /// Scalars, each at most once.
    Set,
    /// Items that some of their fields tell apart.
    Items(&'static [&'static str], TypeId),
}

impl Shape {
    pub(super) fn of_field(field: &'static Field) -> Shape {
        Shape::new(&field.ty, field.list_type, Some(field.map_type))
    }

    /// That of an item of a list or an entry of a map.
    pub(super) fn of_element(ty: &'static Type) -> Shape {
        Shape::new(ty, ListType::Atomic, None)
    }

    fn new(ty: &'static Type, list_type: ListType, map_type: Option<MapType>) -> Shape {
        match (ty, list_type) {
            (Type::Pointer(inner), _) => Shape::new(inner, list_type, map_type),
            (Type::Struct(id), _) => match map_type.unwrap_or(id.get().map_type) {
                MapType::Granular => Shape::Struct(*id),
                MapType::Atomic => Shape::Whole(ty),
            },
            (Type::Map(element), _) if map_type != Some(MapType::Atomic) => Shape::Map(element),
            (Type::Slice(_), ListType::Set) => Shape::Set,
            (Type::Slice(Type::Struct(id)), ListType::Map(keys)) => Shape::Items(keys, *id),
            _ => Shape::Whole(ty),
        }
    }

    /// That of the part called `name`; `None` for a field that there is not.
    pub(super) fn part(self, name: &Key) -> Option<Shape> {
        match self {
            Shape::Struct(id) => id.get().field(name).map(Shape::of_field),
            Shape::Map(element) => Some(Shape::of_element(element)),
            Shape::Whole(_) | Shape::Set | Shape::Items(..) => None,
        }
    }

    /// What stands in a set of fields for an item of a list.
    pub(super) fn item_element(self, item: &Value) -> String {
        match self {
            Shape::Items(keys, id) => {
                let mut identity = Value::EMPTY_MAP;
                for key in keys {
                    let key = Key::from(*key);
                    let field = id.get().field(&key);
                    let value = match (item.get(&key), field.map_or("", |f| f.key_default)) {
                        (Value::Null, "") => continue,
                        (Value::Null, default) => Value::from(default),
                        (value, _) => value.clone(),
                    };
                    identity.make_map().insert(key, value);
                }
                format!("k:{}", api::json::to_string(&identity))
            }
            _ => format!("v:{}", api::json::to_string(item)),
        }
    }

    /// That of an item of a list.
    pub(super) fn item(self) -> Shape {
        match self {
            Shape::Items(_, id) => match id.get().map_type {
                MapType::Granular => Shape::Struct(id),
                MapType::Atomic => Shape::Whole(&Type::Any),
            },
            _ => Shape::Whole(&Type::Any),
        }
    }

    /// Whether a value has parts that are owned one by one.
    pub(super) fn has_parts(self, value: &Value) -> bool {
        match (self, value) {
            (Shape::Struct(_) | Shape::Map(_), Value::Map(map)) => !map.is_empty(),
            (Shape::Set | Shape::Items(..), Value::List(list)) => !list.is_empty(),
            _ => false,
        }
    }
}

/// What stands in a set of fields for a field or an entry of a map.
pub(super) fn field_element(name: &Key) -> String {
    format!("f:{name}")
}
