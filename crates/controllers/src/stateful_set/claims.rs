//! The volume claims of a StatefulSet's Pods, and who owns them.

use super::{KIND, Sync, identity};
use crate::pods::POD;
use api::apps::v1::StatefulSet;
use api::{Reason, Status, Value, View, names, object};
use kinds::core::persistent_volume_claim;
use kinds::{Kind, table};

const CLAIM: &Kind = &persistent_volume_claim::KIND;

fn claim_name(template: &str, set: StatefulSet<'_>, ordinal: i64) -> String {
    format!("{template}-{}-{ordinal}", set.metadata().name())
}

/// Lets a Pod mount its claims; a volume of the template by the same name makes room.
pub(super) fn add_volumes(set: &Value, pod: &mut Value, ordinal: i64) {
    let view = StatefulSet::of(set);
    let templates = view.spec().volume_claim_templates();
    if templates.is_empty() {
        return;
    }
    let mut volumes: Vec<Value> = templates
        .clone()
        .map(|template| {
            let name = template.metadata().name();
            object! {
                "name": name.to_owned(),
                "persistentVolumeClaim": object! { "claimName": claim_name(name, view, ordinal) },
            }
        })
        .collect();
    let is_claimed = |volume: &&Value| {
        templates.clone().any(|template| *volume.get(&names::NAME) == *template.metadata().name())
    };
    pod.update(&names::SPEC, |spec| {
        let own = spec.get(&names::VOLUMES).items();
        volumes.extend(own.iter().filter(|volume| !is_claimed(volume)).cloned());
        spec.make_map().insert(&names::VOLUMES, volumes);
    });
}

impl Sync<'_> {
    fn claim_key(&self, template: &str, ordinal: i64) -> String {
        claim_name(template, self.view(), ordinal)
    }

    /// The names of a Pod's claims.
    fn claims_of(&self, ordinal: i64) -> Vec<String> {
        let templates = self.view().spec().volume_claim_templates();
        templates.map(|template| self.claim_key(template.metadata().name(), ordinal)).collect()
    }

    /// Creates the claims of a Pod that are missing.
    pub(super) fn create_claims(&mut self, ordinal: i64) -> Result<(), Status> {
        let namespace = self.view().metadata().namespace().to_owned();
        let templates: Vec<Value> = self.view().spec().volume_claim_templates().values().to_vec();
        let pod = format!("{}-{ordinal}", self.view().metadata().name());
        for template in templates {
            let name = self.claim_key(table::metadata(&template).name(), ordinal);
            if let Some(claim) = self.client.get(CLAIM, &namespace, &name) {
                if table::metadata(&claim).deletion_timestamp().is_some() {
                    return Err(Status::internal(format!("pvc {name} is being deleted")));
                }
                continue;
            }
            let claim = self.new_claim(&template, &name);
            let outcome = self.client.create(CLAIM, claim);
            let set = self.view().metadata().name().to_owned();
            let about = self.about();
            let recorder = &mut self.controller.recorder;
            if let Err(status) = outcome {
                let message = format!(
                    "create Claim {name} for Pod {pod} in StatefulSet {set} failed error: {status}"
                );
                recorder.warning(&about, "FailedCreate", message);
                return Err(status);
            }
            let message = format!("create Claim {name} Pod {pod} in StatefulSet {set} success");
            recorder.normal(&about, "SuccessfulCreate", message);
        }
        Ok(())
    }

    fn new_claim(&self, template: &Value, name: &str) -> Value {
        let mut claim = template.clone();
        let selector = self.object.get(&names::SPEC).get(&names::SELECTOR);
        let labels = selector.get(&names::MATCH_LABELS).clone();
        let namespace = self.object.get(&names::METADATA).get(&names::NAMESPACE).clone();
        claim.update(&names::METADATA, |metadata| {
            let metadata_map = metadata.make_map();
            metadata_map.insert(&names::NAME, name.to_owned());
            metadata_map.insert(&names::NAMESPACE, namespace);
            metadata.update(&names::LABELS, |own| {
                for (key, value) in labels.as_map().into_iter().flat_map(|labels| labels.iter()) {
                    own.make_map().insert(key.clone(), value);
                }
            });
        });
        claim
    }

    /// Lets each claim of a Pod belong to the set or to the Pod, as the policy wants: what belongs
    /// to them goes with them.
    pub(super) fn own_claims(&mut self, ordinal: i64, pod: &Value) -> Result<(), Status> {
        let spec = self.view().spec();
        let policy = spec.persistent_volume_claim_retention_policy();
        let goes_with_set = policy.is_some_and(|p| p.when_deleted() == "Delete");
        let goes_when_scaled = policy.is_some_and(|p| p.when_scaled() == "Delete");
        let is_condemned = !self.has_ordinal(ordinal);
        let by_pod = is_condemned && goes_when_scaled;
        let by_set = goes_with_set && !by_pod;
        let namespace = self.view().metadata().namespace().to_owned();
        for name in self.claims_of(ordinal) {
            let Some(mut claim) = self.client.get(CLAIM, &namespace, &name) else {
                continue;
            };
            let before = claim.clone();
            set_owner(&mut claim, KIND, &self.object, by_set);
            set_owner(&mut claim, POD, pod, by_pod);
            if claim == before {
                continue;
            }
            match self.client.update(CLAIM, claim) {
                Err(status) if status.reason != Reason::NotFound => return Err(status),
                _ => {}
            }
        }
        Ok(())
    }

    /// Whether the set has a Pod with this number, as it is scaled now.
    pub(super) fn has_ordinal(&self, ordinal: i64) -> bool {
        let start = identity::start(self.view());
        (start..start + self.view().spec().replicas().unwrap_or(1)).contains(&ordinal)
    }
}

/// Makes `owner` one of the owners of an object, or no longer.
fn set_owner(object: &mut Value, kind: &'static Kind, owner: &Value, owns: bool) {
    let metadata = table::metadata(owner);
    let uid = metadata.value().get(&names::UID).clone();
    if uid.is_null() {
        return;
    }
    let reference = object! {
        "apiVersion": kind.api_version(),
        "kind": kind.kind,
        "name": metadata.value().get(&names::NAME),
        "uid": &uid,
    };
    let has = table::metadata(object).owner_references().any(|o| Some(o.uid()) == uid.as_str());
    if has == owns {
        return;
    }
    object.update(&names::METADATA, |metadata| {
        let mut owners = metadata.get(&names::OWNER_REFERENCES).items().to_vec();
        if owns {
            owners.push(reference);
        } else {
            owners.retain(|owner| *owner.get(&names::UID) != uid);
        }
        let metadata = metadata.make_map();
        if owners.is_empty() {
            metadata.remove(&names::OWNER_REFERENCES);
        } else {
            metadata.insert(&names::OWNER_REFERENCES, owners);
        }
    });
}
