//! The names of a StatefulSet's Pods, and what they are made of.

use super::KIND;
use super::claims;
use crate::history::CONTROLLER_REVISION_HASH;
use crate::pods;
use api::apps::v1::StatefulSet;
use api::{Value, View, names};
use kinds::table;

pub(super) const POD_NAME: &str = "statefulset.kubernetes.io/pod-name";
pub(super) const POD_INDEX: &str = "apps.kubernetes.io/pod-index";

/// The number at the end of a Pod's name, if the rest is the name of the set.
pub(super) fn ordinal(set: &Value, pod: &str) -> Option<i64> {
    let number = pod.strip_prefix(table::metadata(set).name())?.strip_prefix('-')?;
    let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    number.parse().ok().filter(|_| is_number)
}

/// The first number that the set counts from.
pub(super) fn start(set: StatefulSet<'_>) -> i64 {
    set.spec().ordinals().map_or(0, |ordinals| ordinals.start())
}

/// The name of the revision that a Pod was made from.
pub(super) fn revision_of(pod: &Value) -> &str {
    table::metadata(pod).labels().get(CONTROLLER_REVISION_HASH).unwrap_or_default()
}

/// The Pod with a number, made from the template of a revision.
pub(super) fn new_pod(set: &Value, template: &Value, revision: &str, ordinal: i64) -> Value {
    let mut pod = pods::from_template(template, KIND, set);
    let name = format!("{}-{ordinal}", table::metadata(set).name());
    pod.update(&names::METADATA, |metadata| {
        let metadata = metadata.make_map();
        metadata.remove(&names::GENERATE_NAME);
        metadata.insert(&names::NAME, name.clone());
    });
    set_identity(&mut pod, &name, ordinal);
    pod.update(&names::METADATA, |metadata| {
        metadata.update(&names::LABELS, |labels| {
            labels.make_map().insert(CONTROLLER_REVISION_HASH, revision.to_owned());
        });
    });
    let service = StatefulSet::of(set).spec().service_name().to_owned();
    pod.update(&names::SPEC, |spec| {
        let spec = spec.make_map();
        spec.insert(&names::HOSTNAME, name);
        if !service.is_empty() {
            spec.insert(&names::SUBDOMAIN, service);
        }
    });
    claims::add_volumes(set, &mut pod, ordinal);
    pod
}

/// Labels a Pod with its name and number.
pub(super) fn set_identity(pod: &mut Value, name: &str, ordinal: i64) {
    pod.update(&names::METADATA, |metadata| {
        metadata.update(&names::LABELS, |labels| {
            let labels = labels.make_map();
            labels.insert(POD_NAME, name.to_owned());
            labels.insert(POD_INDEX, ordinal.to_string());
        });
    });
}
