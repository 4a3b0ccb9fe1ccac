//! StorageObjectInUseProtection: claims and volumes do not go while they are used.

use super::{Attributes, Context, Plugin};
use api::{Status, Value, names};
use kinds::core::{persistent_volume, persistent_volume_claim};

pub(super) struct StorageObjectInUseProtection;

impl Plugin for StorageObjectInUseProtection {
    fn admit(
        &mut self,
        _: &Context<'_>,
        attributes: &mut Attributes<'_>,
        object: &mut Value,
    ) -> Result<(), Status> {
        let finalizer = if attributes.creates(&persistent_volume_claim::KIND) {
            "kubernetes.io/pvc-protection"
        } else if attributes.creates(&persistent_volume::KIND) {
            "kubernetes.io/pv-protection"
        } else {
            return Ok(());
        };
        object.update(&names::METADATA, |metadata| {
            metadata.update(&names::FINALIZERS, |finalizers| {
                if !finalizers.items().iter().any(|there| *there == finalizer) {
                    finalizers.make_list().push(finalizer);
                }
            });
        });
        Ok(())
    }
}
