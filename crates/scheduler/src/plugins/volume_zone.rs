//! VolumeZone: a volume that is in a zone keeps its Pods there.

use super::volume_restrictions::PodVolume;
use crate::cache::{Cache, NodeId, PodClass};
use crate::framework::rejection::{Plugin, Rejection, Verdict};
use crate::storage::{Claim, Storage};
use api::StringMap;
use api::go::quote;
use kinds::table;

const OLD_ZONE: &str = "failure-domain.beta.kubernetes.io/zone";
const OLD_REGION: &str = "failure-domain.beta.kubernetes.io/region";
const ZONE: &str = "topology.kubernetes.io/zone";
const REGION: &str = "topology.kubernetes.io/region";
const LABELS: [&str; 4] = [OLD_ZONE, OLD_REGION, ZONE, REGION];
/// Separates zones in the label of a volume that is in several.
const SEPARATOR: &str = "__";

/// The zones and regions that the Pod's volumes ask for.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// A label and its acceptable values.
    required: Vec<(&'static str, Vec<String>)>,
}

/// Reads the labels of the volumes behind the Pod's claims.
pub(crate) fn pre_filter(class: &PodClass, storage: &dyn Storage) -> Result<State, Rejection> {
    let reject = |reason: String| Err(Rejection::unresolvable(Plugin::VolumeZone, reason));
    let mut state = State::default();
    for name in class.volumes.iter().filter_map(PodVolume::claim) {
        let Some(claim) = storage.claim(&class.namespace, name) else {
            return reject(format!("persistentvolumeclaim {} not found", quote(name)));
        };
        let claim = Claim(&claim);
        let volume_name = claim.volume_name();
        if volume_name.is_empty() {
            let storage_class = claim.storage_class_name();
            if storage_class.is_empty() {
                let reason = "PersistentVolumeClaim had no pv name and storageClass name";
                return reject(reason.to_owned());
            }
            if storage.class(storage_class).is_none() {
                let name = quote(storage_class);
                return reject(format!("storageclass.storage.k8s.io {name} not found"));
            }
            if claim.waits_for_consumer(storage) {
                continue;
            }
            return reject("PersistentVolume had no name".to_owned());
        }
        let Some(volume) = storage.volume(volume_name) else {
            return reject(format!("persistentvolume {} not found", quote(volume_name)));
        };
        let labels = table::metadata(&volume).labels();
        for label in LABELS {
            if let Some(zones) = labels.get(label) {
                let zones = zones.split(SEPARATOR).map(|zone| zone.trim().to_owned());
                state.required.push((label, zones.collect()));
            }
        }
    }
    Ok(state)
}

/// Whether the node is in the zones of the volumes. A node without zones takes all.
pub(crate) fn filter(state: &State, cache: &Cache, node: NodeId) -> Verdict {
    let labels = StringMap(&cache.node(node).labels);
    if LABELS.iter().all(|label| labels.get(label).is_none()) {
        return Ok(());
    }
    let new_name = |label: &'static str| match label {
        OLD_ZONE => ZONE,
        OLD_REGION => REGION,
        other => other,
    };
    let is_met = |(label, values): &(&'static str, Vec<String>)| {
        let value = labels.get(label).or_else(|| labels.get(new_name(label)));
        value.is_some_and(|value| values.iter().any(|v| v == value))
    };
    if state.required.iter().all(is_met) {
        return Ok(());
    }
    let reason = "node(s) had no available volume zone";
    Err(Rejection::unresolvable(Plugin::VolumeZone, reason))
}
