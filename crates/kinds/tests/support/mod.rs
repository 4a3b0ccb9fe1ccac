//! What several tests of this crate need: documents as the API server sees them.

use api::field::{ErrorList, Path};
use api::{Key, Value, names};
use kinds::{Kind, meta, table};

/// The kind of a document.
pub fn kind_of(document: &Value) -> &'static Kind {
    let text = |key: &Key| document.get(key).as_str().unwrap_or_default().to_owned();
    let (version, name) = (text(&names::API_VERSION), text(&names::KIND));
    let is_it = |kind: &&&Kind| kind.api_version() == version && kind.kind == name;
    let found = kinds::ALL.iter().find(is_it);
    found.unwrap_or_else(|| panic!("there is no {version} {name}"))
}

/// A document in canonical form, without its type; in the default namespace if it has to be in
/// one.
pub fn decode(kind: &Kind, document: &Value) -> Value {
    let mut document = document.clone();
    document.make_map().remove(&names::KIND);
    document.make_map().remove(&names::API_VERSION);
    if kind.is_namespaced {
        document.update(&names::METADATA, |metadata| {
            metadata.set_default(&names::NAMESPACE, "default");
        });
    }
    api::decode(kind.ty, &document).unwrap_or_else(|error| panic!("{error:?}")).value
}

/// A document with defaults.
pub fn defaulted(kind: &Kind, document: &Value) -> Value {
    let mut object = decode(kind, document);
    (kind.set_defaults)(&mut object);
    object
}

/// What is wrong with an object as such.
pub fn problems(kind: &'static Kind, object: &Value) -> ErrorList {
    let mut errors = ErrorList::new();
    if !kind.is_virtual {
        meta::validate(kind, table::metadata(object), &Path::new("metadata"), &mut errors);
    }
    (kind.validate)(object, &mut errors);
    errors
}
