//! ConfigMap: configuration as keys and values.

use crate::rules::check;
use crate::table::{AGE, Column, NAME, Row, age, name};
use crate::{Kind, base64};
use api::core::v1::ConfigMap;
use api::field::{ErrorList, Path};
use api::schema::types;
use api::{StringMap, Value, View, names, validation};
use sim::Time;

/// The most bytes that the data of a ConfigMap or Secret can have.
pub const BYTES_MAX: usize = 1024 * 1024;

/// `v1` ConfigMap
pub static KIND: Kind = Kind {
    kind: "ConfigMap",
    plural: "configmaps",
    singular: "configmap",
    short_names: &["cm"],
    ty: types::CORE_V1_CONFIG_MAP,
    storage_version_hash: "qFsyl6wFWjQ=",
    validate,
    validate_update,
    columns: &[NAME, Column::text("Data"), AGE],
    row,
    ..Kind::NAMESPACED
};

fn validate(object: &Value, errors: &mut ErrorList) {
    let map = ConfigMap::of(object);
    let mut bytes = 0;
    let at = Path::new("data");
    for (key, value) in map.data().iter() {
        check(validation::config_map_key, key, &at.key(key), errors);
        if map.binary_data().get(key).is_some() {
            errors.invalid(&at.key(key), key, "duplicate of key present in binaryData");
        }
        bytes += value.len();
    }
    let at = Path::new("binaryData");
    for (key, value) in map.binary_data().iter() {
        check(validation::config_map_key, key, &at.key(key), errors);
        if map.data().get(key).is_some() {
            errors.invalid(&at.key(key), key, "duplicate of key present in data");
        }
        bytes += base64::decoded_len(value);
    }
    if bytes > BYTES_MAX {
        // The server names no field: `[]: Too long: must have at most 1048576 bytes`.
        errors.too_long(&Path::ROOT.key(""), BYTES_MAX);
    }
}

fn validate_update(new: &Value, old: &Value, errors: &mut ErrorList) {
    if ConfigMap::of(old).immutable() != Some(true) {
        return;
    }
    let detail = "field is immutable when `immutable` is set";
    if ConfigMap::of(new).immutable() != Some(true) {
        errors.forbidden(&Path::new("immutable"), detail);
    }
    for key in [&names::DATA, &names::BINARY_DATA] {
        if new.get(key) != old.get(key) {
            errors.forbidden(&Path::new(key.as_str()), detail);
        }
    }
}

fn row(object: &Value, now: Time) -> Row {
    let map = ConfigMap::of(object);
    let entries = |map: StringMap<'_>| map.len() as i64;
    let count = entries(map.data()) + entries(map.binary_data());
    vec![name(object), count.into(), age(object, now)]
}
