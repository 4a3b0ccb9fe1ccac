//! DefaultStorageClass: claims that name no class get the default one.

use super::default_class::name_default;
use super::{Attributes, Context, Plugin};
use api::{Status, Value, names};
use kinds::core::persistent_volume_claim;
use kinds::storage::storage_class;
use kinds::table;

const IS_DEFAULT: &str = "storageclass.kubernetes.io/is-default-class";
const IS_DEFAULT_BETA: &str = "storageclass.beta.kubernetes.io/is-default-class";
/// The annotation by which claims once named their class.
const CLASS_BETA: &str = "volume.beta.kubernetes.io/storage-class";

pub(super) struct DefaultStorageClass;

impl Plugin for DefaultStorageClass {
    fn admit(
        &mut self,
        context: &Context<'_>,
        attributes: &mut Attributes<'_>,
        object: &mut Value,
    ) -> Result<(), Status> {
        if !attributes.creates(&persistent_volume_claim::KIND)
            || !object.get(&names::SPEC).get(&names::STORAGE_CLASS_NAME).is_null()
            || table::metadata(object).annotations().get(CLASS_BETA).is_some()
        {
            return Ok(());
        }
        let (kind, field) = (&storage_class::KIND, &names::STORAGE_CLASS_NAME);
        name_default(context, kind, &[IS_DEFAULT, IS_DEFAULT_BETA], object, field);
        Ok(())
    }
}
