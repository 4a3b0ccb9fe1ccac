//! What commands do with objects of several kinds, as kubectl's package `polymorphichelpers` does:
//! find the template of a workload's Pods, compute the patch that a change makes, look at the
//! revisions of a workload, pick one of its Pods.

pub(crate) mod attachable;
pub(crate) mod change;
pub(crate) mod history;
pub(crate) mod logged_pod;
pub(crate) mod pod_spec;

use crate::print::typed_json::type_of;
use api::Value;

/// The object as kubectl's own types have it: unknown fields are gone, zero values are there.
pub(crate) fn typed(object: &Value) -> Value {
    let Some(ty) = type_of(object) else { return object.clone() };
    let mut typed = api::canonical(ty, object);
    for name in ["apiVersion", "kind"] {
        typed.make_map().insert(name, object[name].clone());
    }
    typed
}
