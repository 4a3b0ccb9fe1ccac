//! PriorityLevelConfiguration: how many requests of a kind are served at once.
//!
//! This version tells a number of shares that is missing from 0; in the stored one an annotation
//! does.

use super::priority_level_configuration_v1beta3 as stored;
use crate::{Conversion, Kind};
use api::schema::types;
use api::{Value, names};
use stored::KEEP_ZERO;

/// `flowcontrol.apiserver.k8s.io/v1` PriorityLevelConfiguration
pub static KIND: Kind = Kind {
    version: "v1",
    ty: types::FLOWCONTROL_V1_PRIORITY_LEVEL_CONFIGURATION,
    set_defaults: stored::set_defaults_v1,
    conversion: Some(&Conversion { stored: &stored::KIND, from_stored, to_stored }),
    ..stored::COMMON
};

fn has_zero_shares(object: &Value) -> bool {
    let limited = object.get(&names::SPEC).get(&names::LIMITED);
    limited.get(&names::NOMINAL_CONCURRENCY_SHARES).as_i64() == Some(0)
}

fn from_stored(object: &Value) -> Value {
    let metadata = crate::table::metadata(object);
    if metadata.annotations().get(KEEP_ZERO).is_none() {
        return object.clone();
    }
    let mut converted = object.clone();
    converted.update(&names::METADATA, |metadata| {
        let annotations = metadata.entry(&names::ANNOTATIONS).make_map();
        annotations.remove_str(KEEP_ZERO);
        if annotations.is_empty() {
            metadata.make_map().remove(&names::ANNOTATIONS);
        }
    });
    converted
}

fn to_stored(object: &Value) -> Value {
    if !has_zero_shares(object) {
        return object.clone();
    }
    let mut converted = object.clone();
    converted.update(&names::METADATA, |metadata| {
        metadata.entry(&names::ANNOTATIONS).make_map().insert(KEEP_ZERO, "");
    });
    converted
}
