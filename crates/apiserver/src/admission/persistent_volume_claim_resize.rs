//! PersistentVolumeClaimResize: only claims whose class allows it may grow.

use super::{Attributes, Context, Plugin};
use crate::request::Verb;
use api::core::v1::PersistentVolumeClaim;
use api::{Status, Value, View};
use kinds::core::persistent_volume_claim;
use kinds::storage::storage_class;
use kinds::table;

const STORAGE: &str = "storage";

pub(super) struct PersistentVolumeClaimResize;

impl Plugin for PersistentVolumeClaimResize {
    fn validate(
        &mut self,
        context: &Context<'_>,
        attributes: &mut Attributes<'_>,
        object: &Value,
    ) -> Result<(), Status> {
        let Some(old) = attributes.old.filter(|_| attributes.verb == Verb::Update) else {
            return Ok(());
        };
        if !attributes.is_for(&persistent_volume_claim::KIND) {
            return Ok(());
        }
        let size = |claim: &Value| {
            PersistentVolumeClaim::of(claim).spec().resources().requests().get(STORAGE)
        };
        let (Some(before), Some(after)) = (size(old), size(object)) else {
            return Ok(());
        };
        if after <= before {
            return Ok(());
        }
        let name = table::metadata(object).name();
        let refuse = |why: &str| Err(Status::forbidden(attributes.target.qualified(), name, why));
        if PersistentVolumeClaim::of(old).status().phase() != "Bound" {
            return refuse("Only bound persistent volume claims can be expanded");
        }
        let class = PersistentVolumeClaim::of(object).spec().storage_class_name();
        let class = class.and_then(|class| context.get(&storage_class::KIND, "", class));
        if class.is_none_or(|class| class["allowVolumeExpansion"].as_bool() != Some(true)) {
            return refuse(
                "only dynamically provisioned pvc can be resized and the storageclass that \
                 provisions the pvc must support resize",
            );
        }
        Ok(())
    }
}
