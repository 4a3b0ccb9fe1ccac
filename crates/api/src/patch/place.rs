//! Where in the schema a patch is: what lists and maps it finds there, and how they merge.

use super::PatchError;
use crate::Key;
use crate::schema::{Field, Type, TypeId};

/// The type of the map at hand.
#[derive(Clone, Copy)]
pub(super) struct Place(Type);

/// How a list or a map is merged.
#[derive(Clone, Copy)]
pub(super) struct Strategy {
    /// A list: item by item.
    pub(super) merge: bool,
    /// A map: as a whole.
    pub(super) replace: bool,
    /// The patch names the keys to retain.
    pub(super) retain_keys: bool,
    /// The field that tells the items of a list apart; empty for scalars.
    pub(super) merge_key: &'static str,
}

impl Strategy {
    fn of(field: &Field) -> Strategy {
        Strategy {
            merge: field.patch_merge,
            replace: field.patch_replace,
            retain_keys: field.patch_retain_keys,
            merge_key: field.patch_merge_key,
        }
    }
}

impl Place {
    pub(super) fn top(ty: TypeId) -> Place {
        Place(Type::Struct(ty))
    }

    /// The place of the map in the field `key`.
    pub(super) fn map(self, key: &Key) -> Result<(Place, Strategy), PatchError> {
        let field = self.field(key)?;
        Ok((Place(field.ty), Strategy::of(field)))
    }

    /// The place of an item of the list in the field `key`.
    pub(super) fn list(self, key: &Key) -> Result<(Place, Strategy), PatchError> {
        let field = self.field(key)?;
        let item = match field.ty {
            Type::Slice(Type::Slice(_) | Type::Bytes) => return Err(PatchError::SliceOfSlice),
            Type::Slice(item) => *item,
            Type::Pointer(Type::Slice(item)) => **item,
            Type::Pointer(item) => *item,
            // To Go these are a list of numbers.
            Type::Bytes => Type::Int32,
            _ => return Err(PatchError::NotASlice(self.kind())),
        };
        Ok((Place(item), Strategy::of(field)))
    }

    fn field(self, key: &Key) -> Result<&'static Field, PatchError> {
        let opaque = match self.pointee() {
            Type::Struct(id) => return field_of(id, key),
            Type::Time => "Time",
            Type::MicroTime => "MicroTime",
            Type::Quantity => "Quantity",
            Type::IntOrString => "IntOrString",
            Type::Any => "RawExtension",
            _ => return Err(PatchError::NotAStruct(Place(self.pointee()).kind())),
        };
        Err(no_such_field(opaque, key))
    }

    fn pointee(self) -> Type {
        match self.0 {
            Type::Pointer(inner) => *inner,
            other => other,
        }
    }

    /// The kind of the type, as Go's `reflect` calls it.
    pub(super) fn kind(self) -> &'static str {
        match self.0 {
            Type::String(_) => "string",
            Type::Int32 => "int32",
            Type::Int64 => "int64",
            Type::Float64 => "float64",
            Type::Bool => "bool",
            Type::Bytes | Type::Slice(_) => "slice",
            Type::Map(_) => "map",
            Type::Pointer(_) => "ptr",
            Type::Struct(_)
            | Type::Time
            | Type::MicroTime
            | Type::Quantity
            | Type::IntOrString
            | Type::Any => "struct",
        }
    }
}

/// A field by its name, or as Go's JSON decoder does, by its name in other letter case.
fn field_of(id: TypeId, key: &Key) -> Result<&'static Field, PatchError> {
    let ty = id.get();
    let other_case = || {
        let mut fields = ty.fields_by_name().iter().copied();
        fields.find(|field| field.name().eq_ignore_ascii_case(key.as_str()))
    };
    let found = ty.field(key).or_else(other_case);
    found.ok_or_else(|| no_such_field(ty.short_name(), key))
}

fn no_such_field(ty: &'static str, key: &Key) -> PatchError {
    let field = key.as_str().to_owned();
    PatchError::NoSuchField { ty, field }
}
