//! What makes a Pod of a StatefulSet this one: its name, its labels, its claims.

use crate::controller_revision::HASH_LABEL;
use crate::pods;
use api::apps::v1::StatefulSet;
use api::{List, Text, Value, View, names, object};
use client::controller_reference;
use kinds::apps::stateful_set;
use kinds::table;

const POD_NAME: &str = "statefulset.kubernetes.io/pod-name";
const POD_INDEX: &str = "apps.kubernetes.io/pod-index";

/// The number at the end of a Pod's name, if the rest is the name of the set.
pub(super) fn ordinal_of(pod: &Value, set: &str) -> Option<i64> {
    let rest = table::metadata(pod).name().strip_prefix(set)?.strip_prefix('-')?;
    rest.parse().ok()
}

/// The revision that a Pod was made from.
pub(super) fn revision_of(pod: &Value) -> &str {
    table::metadata(pod).labels().get(HASH_LABEL).unwrap_or_default()
}

pub(super) fn pod_name(set: &Value, ordinal: i64) -> String {
    format!("{}-{ordinal}", table::metadata(set).name())
}

/// The Pod of an ordinal, made from the template of a revision.
pub(super) fn new_pod(set: &Value, revision: &Value, ordinal: i64) -> Value {
    let template = &revision["data"]["spec"]["template"];
    let name = pod_name(set, ordinal);
    let mut pod = pods::from_template(template, &stateful_set::KIND, set);
    pod.update(&names::METADATA, |metadata| {
        metadata.make_map().insert(&names::NAME, name.clone());
        metadata.update(&names::LABELS, |labels| {
            let map = labels.make_map();
            map.insert(POD_NAME, name.clone());
            map.insert(POD_INDEX, ordinal.to_string());
            map.insert(HASH_LABEL, table::metadata(revision).name().to_owned());
        });
    });
    let service = StatefulSet::of(set).spec().service_name().to_owned();
    let claims = claims(set, ordinal);
    pod.update(&names::SPEC, |spec| {
        spec.make_map().insert(&names::HOSTNAME, name);
        if !service.is_empty() {
            spec.make_map().insert(&names::SUBDOMAIN, service);
        }
        if !claims.is_empty() {
            spec.update(&names::VOLUMES, |volumes| *volumes = with_claims(volumes, set, &claims));
        }
    });
    pod
}

/// The volumes of the template, those called like a claim replaced by the claim.
fn with_claims(volumes: &Value, set: &Value, claims: &[Value]) -> Value {
    let templates = StatefulSet::of(set).spec().volume_claim_templates();
    let of_claims = templates.clone().zip(claims).map(|(template, claim)| {
        object! {
            "name": template.metadata().name().to_owned(),
            "persistentVolumeClaim": object! {
                "claimName": claim.get(&names::METADATA).get(&names::NAME),
            },
        }
    });
    let is_claim = |volume: &&Value| {
        templates.clone().any(|t| *volume.get(&names::NAME) == *t.metadata().name())
    };
    let others = volumes.items().iter().filter(|volume| !is_claim(volume)).cloned();
    Value::List(of_claims.chain(others).collect::<List>())
}

/// The claims of an ordinal.
pub(super) fn claims(set: &Value, ordinal: i64) -> Vec<Value> {
    let view = StatefulSet::of(set);
    let metadata = view.metadata();
    let selected = set.get(&names::SPEC).get(&names::SELECTOR).get(&names::MATCH_LABELS);
    let policy = view.spec().persistent_volume_claim_retention_policy();
    let is_owned = policy.is_some_and(|policy| policy.when_deleted() == "Delete");
    view.spec()
        .volume_claim_templates()
        .map(|template| {
            let mut claim = template.value().clone();
            let name = format!("{}-{}-{ordinal}", template.metadata().name(), metadata.name());
            for key in [&names::STATUS, &names::KIND, &names::API_VERSION] {
                claim.make_map().remove(key);
            }
            claim.update(&names::METADATA, |claim_metadata| {
                let map = claim_metadata.make_map();
                map.insert(&names::NAME, name);
                map.insert(&names::NAMESPACE, Text::from(metadata.namespace().to_owned()));
                if is_owned {
                    let owner = controller_reference(&stateful_set::KIND, set);
                    map.insert(&names::OWNER_REFERENCES, api::list![owner]);
                }
                claim_metadata.update(&names::LABELS, |labels| {
                    for (key, value) in selected.as_map().into_iter().flat_map(|map| map.iter()) {
                        labels.make_map().insert(key, value.clone());
                    }
                });
            });
            claim
        })
        .collect()
}
