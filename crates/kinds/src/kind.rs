//! What the API server has to know about a resource kind, as one value.

use crate::table::{Column, Row};
use api::field::ErrorList;
use api::schema::TypeId;
use api::{QualifiedResource, Value, validation};
use sim::Time;

/// A resource kind. One file of this crate holds one; the API server knows nothing else about it.
///
/// Behaviour that most kinds share is the default of [`Kind::NAMESPACED`] and
/// [`Kind::CLUSTER_SCOPED`]; a kind states only where it differs.
pub struct Kind {
    /// The API group; empty for the core group.
    pub group: &'static str,
    /// The version within the group.
    pub version: &'static str,
    /// The kind: `Deployment`.
    pub kind: &'static str,
    /// The resource: `deployments`.
    pub plural: &'static str,
    /// The resource in the singular, as kubectl also takes it.
    pub singular: &'static str,
    /// What kubectl also takes: `deploy`.
    pub short_names: &'static [&'static str],
    /// The groups of kinds that `kubectl get CATEGORY` lists it in.
    pub categories: &'static [&'static str],
    /// Whether its objects live in a namespace.
    pub is_namespaced: bool,
    /// What can be done with it.
    pub verbs: &'static [&'static str],
    /// Whether its objects are questions or answers that nobody stores, such as a review.
    pub is_virtual: bool,
    /// Its type in the schema.
    pub ty: TypeId,
    /// A short hash of the stored version, as discovery shows it; empty for what is not stored.
    pub storage_version_hash: &'static str,
    /// Whether it has a status that only the `status` subresource changes.
    pub has_status: bool,
    /// Further subresources, without `status`.
    pub subresources: &'static [Subresource],
    /// When `metadata.generation` grows.
    pub generation: Generation,
    /// Whether an update without a resourceVersion overwrites whatever there is.
    pub allows_unconditional_update: bool,
    /// Whether an update of an object that does not exist creates it.
    pub allows_create_on_update: bool,
    /// What is wrong with a name.
    pub name_problems: fn(&str) -> Vec<String>,
    /// Fills in what the author left out.
    pub set_defaults: fn(&mut Value),
    /// Brings a new object into its initial state, after defaulting.
    pub prepare_create: fn(&mut Value),
    /// Undoes what an update must not change (the new object, then the old one).
    pub prepare_update: fn(&mut Value, &Value),
    /// The same for an update of the status.
    pub prepare_status_update: fn(&mut Value, &Value),
    /// Finds what is wrong with an object; its metadata is checked elsewhere.
    pub validate: fn(&Value, &mut ErrorList),
    /// Finds what is wrong with a new object, beyond `validate`.
    pub validate_create: fn(&Value, &mut ErrorList),
    /// Finds what is wrong with a change (the new object, then the old one), beyond `validate`.
    pub validate_update: fn(&Value, &Value, &mut ErrorList),
    /// The same for a change of the status.
    pub validate_status_update: fn(&Value, &Value, &mut ErrorList),
    /// What everybody who uses the kind is told; empty if it is here to stay.
    pub deprecation: &'static str,
    /// What the author should be told although it is accepted (the new object, the old one).
    pub warnings: fn(&Value, Option<&Value>) -> Vec<String>,
    /// The seconds between a request to delete and the end; `None` if objects vanish at once.
    pub grace_period_seconds: Option<fn(&Value) -> i64>,
    /// The fields that `fieldSelector` takes besides `metadata.name` and `metadata.namespace`.
    pub field_selectors: &'static [FieldSelector],
    /// The columns that `kubectl get` shows.
    pub columns: &'static [Column],
    /// The cells of one object, as many as there are columns.
    pub row: fn(&Value, Time) -> Row,
    /// The labels of the status word that the picture shows; empty if the kind has none.
    pub conversion: Option<&'static Conversion>,
}

/// A further way to reach an object.
pub struct Subresource {
    /// Its name in the path: `scale`.
    pub name: &'static str,
    /// The group of what it takes and gives; empty for the core group.
    pub group: &'static str,
    /// The version of what it takes and gives; empty if it is that of the resource itself.
    pub version: &'static str,
    /// The kind of what it takes and gives.
    pub kind: &'static str,
    /// What can be done with it.
    pub verbs: &'static [&'static str],
}

impl Subresource {
    /// A subresource of the core group.
    pub const fn new(
        name: &'static str,
        kind: &'static str,
        verbs: &'static [&'static str],
    ) -> Subresource {
        Subresource { name, group: "", version: "", kind, verbs }
    }
}

/// When `metadata.generation` grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Generation {
    /// The kind has none.
    None,
    /// When `spec` changes.
    OnSpec,
    /// When `spec` or the annotations change, as for Deployments.
    OnSpecOrAnnotations,
    /// When anything but the metadata and the status changes.
    OnAnything,
}

/// A field by which objects can be selected.
pub struct FieldSelector {
    /// The path as written in a selector: `spec.nodeName`.
    pub path: &'static str,
    /// The field of an object.
    pub get: fn(&Value) -> String,
}

/// A second version of a kind: the objects are stored in another one.
pub struct Conversion {
    /// The kind in the stored version.
    pub stored: &'static Kind,
    /// From the stored version to this one.
    pub from_stored: fn(&Value) -> Value,
    /// From this version to the stored one.
    pub to_stored: fn(&Value) -> Value,
}

/// The verbs of an ordinary resource.
pub const ALL_VERBS: &[&str] =
    &["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

fn nothing(_: &mut Value) {}
fn nothing_on_update(_: &mut Value, _: &Value) {}
fn valid(_: &Value, _: &mut ErrorList) {}
fn valid_update(_: &Value, _: &Value, _: &mut ErrorList) {}
fn no_warnings(_: &Value, _: Option<&Value>) -> Vec<String> {
    Vec::new()
}

impl Kind {
    /// What most kinds of objects in a namespace have in common.
    pub const NAMESPACED: Kind = Kind {
        group: "",
        version: "v1",
        kind: "",
        plural: "",
        singular: "",
        short_names: &[],
        categories: &[],
        is_namespaced: true,
        verbs: ALL_VERBS,
        is_virtual: false,
        ty: api::schema::types::META_V1_PARTIAL_OBJECT_METADATA,
        storage_version_hash: "",
        has_status: false,
        subresources: &[],
        generation: Generation::None,
        allows_unconditional_update: true,
        allows_create_on_update: false,
        name_problems: validation::dns1123_subdomain,
        set_defaults: nothing,
        prepare_create: nothing,
        prepare_update: nothing_on_update,
        prepare_status_update: nothing_on_update,
        validate: valid,
        validate_create: valid,
        validate_update: valid_update,
        validate_status_update: valid_update,
        deprecation: "",
        warnings: no_warnings,
        grace_period_seconds: None,
        field_selectors: &[],
        columns: crate::table::NAME_AND_CREATED,
        row: crate::table::name_and_created,
        conversion: None,
    };

    /// What most kinds of objects outside of namespaces have in common.
    pub const CLUSTER_SCOPED: Kind = Kind { is_namespaced: false, ..Kind::NAMESPACED };

    /// `apps/v1`, or `v1` for the core group.
    pub fn api_version(&self) -> String {
        match self.group {
            "" => self.version.to_owned(),
            group => format!("{group}/{}", self.version),
        }
    }

    /// The resource with its group, as in `deployments.apps`.
    pub fn qualified(&self) -> QualifiedResource<'static> {
        QualifiedResource { group: self.group, resource: self.plural }
    }

    /// The status of an object that has just been created: with the fields that are always there.
    pub fn empty_status(&self) -> Value {
        let empty = api::canonical(self.ty, &Value::EMPTY_MAP);
        empty.get(&api::names::STATUS).clone()
    }

    /// The kind in the version in which its objects are stored.
    pub fn stored(&'static self) -> &'static Kind {
        self.conversion.map_or(self, |conversion| conversion.stored)
    }
}

impl std::fmt::Debug for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.api_version(), self.kind)
    }
}

impl PartialEq for Kind {
    /// Kinds are statics: the same kind is the same place.
    fn eq(&self, other: &Kind) -> bool {
        std::ptr::eq(self, other)
    }
}
impl Eq for Kind {}
