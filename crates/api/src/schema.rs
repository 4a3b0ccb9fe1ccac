//! The Kubernetes 1.29 types as data: which fields each has, of which type, in which order.
//!
//! Generated from `schema/go-types.json` and `schema/list-types.tsv`. Decoding, patching, hashing,
//! `explain` and the editor's completion all read this table; nothing here knows a resource kind
//! by name.

use crate::Key;
use crate::key::{NameId, names};
use std::fmt;

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// A string; the Go name of its type, `string` or a named one (`core/v1.PodPhase`).
    String(&'static str),
    /// A 32-bit integer.
    Int32,
    /// A 64-bit integer.
    Int64,
    /// A floating-point number.
    Float64,
    /// A truth value.
    Bool,
    /// Bytes, written as base64.
    Bytes,
    /// An instant, to the second.
    Time,
    /// An instant, to the microsecond.
    MicroTime,
    /// An amount of a resource.
    Quantity,
    /// A number or a string, such as a percentage.
    IntOrString,
    /// A document that Kubernetes does not look into.
    Any,
    /// A struct.
    Struct(TypeId),
    /// A value that can be left out even if its zero value means something.
    Pointer(&'static Type),
    /// A list.
    Slice(&'static Type),
    /// A map with string keys.
    Map(&'static Type),
}

/// A field of a struct.
#[derive(Debug)]
pub struct Field {
    /// The Go name: `NodeName`.
    pub go: &'static str,
    pub(crate) name: NameId,
    /// Whether the fields of this struct stand among those of its parent.
    pub is_inline: bool,
    /// What it holds.
    pub ty: Type,
    /// Whether a zero value is left out of documents.
    pub omit_empty: bool,
    /// Whether a strategic merge patch merges this list or map.
    pub patch_merge: bool,
    /// Whether a strategic merge patch replaces this struct as a whole.
    pub patch_replace: bool,
    /// Whether a strategic merge patch may name the keys to retain.
    pub patch_retain_keys: bool,
    /// The field that tells the items of a merged list apart; empty for a list of scalars.
    pub patch_merge_key: &'static str,
    /// How server-side apply merges this list. Its keys are more exact than `patch_merge_key`.
    pub list_type: ListType,
    /// How server-side apply merges this map or struct.
    pub map_type: MapType,
    /// What a missing field counts as where it is the key of a list; empty if as nothing.
    pub key_default: &'static str,
}

/// How server-side apply merges a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListType {
    /// As a whole.
    Atomic,
    /// Scalar by scalar.
    Set,
    /// Item by item; the fields that tell items apart.
    Map(&'static [&'static str]),
}

/// How server-side apply merges a map or a struct.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MapType {
    /// Entry by entry.
    Granular,
    /// As a whole.
    Atomic,
}

/// A struct of the API.
pub struct Struct {
    /// The Go package and name: `core/v1.PodSpec`.
    pub go: &'static str,
    /// The fields in Go's order, inlined structs as one field.
    pub fields: &'static [Field],
    pub(crate) by_name: &'static [&'static Field],
    /// How server-side apply merges it as an item of a list; a field of this type has its own say.
    pub map_type: MapType,
}

/// Names a struct of the table.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TypeId(u16);

/// A constant for each struct.
#[allow(clippy::all)]
pub mod types {
    use super::{Field, ListType, MapType, Struct, Type, TypeId};
    use crate::key::NameId;
    include!(concat!(env!("OUT_DIR"), "/tables.rs"));
}

impl TypeId {
    /// The struct.
    pub fn get(self) -> &'static Struct {
        &types::STRUCTS[usize::from(self.0)]
    }

    /// The struct called `go`, as in `core/v1.PodSpec`.
    pub fn find(go: &str) -> Option<TypeId> {
        let found = types::STRUCTS.binary_search_by(|s| s.go.cmp(go));
        found.ok().map(|index| TypeId(index as u16))
    }

    /// All structs.
    pub fn all() -> impl Iterator<Item = TypeId> {
        (0..types::STRUCTS.len()).map(|index| TypeId(index as u16))
    }
}

impl fmt::Debug for TypeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.get().go)
    }
}

impl Field {
    /// The name in documents: `nodeName`. Meaningless for an inlined struct.
    pub fn key(&self) -> Key {
        self.name.key()
    }

    /// The characters of the name in documents.
    pub fn name(&self) -> &'static str {
        names::ALL_NAMES[usize::from(self.name.0)]
    }
}

impl Struct {
    /// The type's name without its package: `PodSpec`.
    pub fn short_name(&self) -> &'static str {
        self.go.rsplit_once('.').map_or(self.go, |(_, name)| name)
    }

    /// The type's name as Go's `%T` prints it: `v1.PodSpec`.
    pub fn go_name(&self) -> &'static str {
        go_name(self.go)
    }

    /// The field called `name` in documents, inlined structs included.
    pub fn field(&self, name: &Key) -> Option<&'static Field> {
        let id = name.id()?;
        let found = self.by_name.binary_search_by(|field| field.name.cmp(&id));
        found.ok().map(|index| self.by_name[index])
    }

    /// All fields, inlined structs opened, sorted by their names in documents.
    pub fn fields_by_name(&self) -> &'static [&'static Field] {
        self.by_name
    }
}

/// `core/v1.PodPhase` as Go's `%T` prints it: `v1.PodPhase`.
pub fn go_name(go: &'static str) -> &'static str {
    go.rsplit_once('/').map_or(go, |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_found_through_inlined_structs() {
        let volume = TypeId::find("core/v1.Volume").expect("in the table").get();
        let field = volume.field(&names::CONFIG_MAP).expect("from VolumeSource");
        assert_eq!(field.go, "ConfigMap");
        assert_eq!(volume.short_name(), "Volume");
        assert_eq!(volume.go_name(), "v1.Volume");
    }

    #[test]
    fn list_types_stand_where_the_recordings_show_them() {
        let field = |go: &str, name: &str| {
            let ty = TypeId::find(go).expect("in the table").get();
            ty.field(&Key::from(name)).expect("a field")
        };
        let list_type = |go, name| field(go, name).list_type;
        let ports = ListType::Map(&["containerPort", "protocol"]);
        assert_eq!(list_type("core/v1.Container", "ports"), ports);
        assert_eq!(list_type("core/v1.EphemeralContainer", "ports"), ports);
        let service_ports = ListType::Map(&["port", "protocol"]);
        assert_eq!(list_type("core/v1.ServiceSpec", "ports"), service_ports);
        assert_eq!(field("core/v1.ServicePort", "protocol").key_default, "TCP");
        let conditions = list_type("apps/v1.DeploymentStatus", "conditions");
        assert_eq!(conditions, ListType::Map(&["type"]));
        assert_eq!(list_type("meta/v1.ObjectMeta", "finalizers"), ListType::Set);
        assert_eq!(list_type("core/v1.Container", "args"), ListType::Atomic);
        assert_eq!(list_type("core/v1.PodSpec", "tolerations"), ListType::Atomic);

        let map_type = |go, name| field(go, name).map_type;
        assert_eq!(map_type("apps/v1.DeploymentSpec", "selector"), MapType::Atomic);
        assert_eq!(map_type("core/v1.ServiceSpec", "selector"), MapType::Atomic);
        assert_eq!(map_type("meta/v1.ObjectMeta", "labels"), MapType::Granular);
        assert_eq!(map_type("core/v1.PersistentVolumeSpec", "claimRef"), MapType::Granular);
        assert_eq!(types::CORE_V1_OBJECT_REFERENCE.get().map_type, MapType::Atomic);
    }

    #[test]
    fn every_index_is_sorted() {
        for ty in TypeId::all() {
            let fields = ty.get().fields_by_name();
            assert!(fields.windows(2).all(|p| p[0].name < p[1].name), "{ty:?}");
        }
    }
}
