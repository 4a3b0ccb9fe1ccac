//! DefaultIngressClass: Ingresses that name no class get the default one.

use super::{Attributes, Context, Plugin};
use api::{Status, Value, names};
use kinds::networking::{ingress, ingress_class};
use kinds::table;
use std::cmp::Reverse;

const IS_DEFAULT: &str = "ingressclass.kubernetes.io/is-default-class";
/// The annotation by which Ingresses once named their class.
const CLASS_ANNOTATION: &str = "kubernetes.io/ingress.class";

pub(super) struct DefaultIngressClass;

impl Plugin for DefaultIngressClass {
    fn admit(
        &mut self,
        context: &Context<'_>,
        attributes: &mut Attributes<'_>,
        object: &mut Value,
    ) -> Result<(), Status> {
        if !attributes.creates(&ingress::KIND)
            || !object.get(&names::SPEC).get(&names::INGRESS_CLASS_NAME).is_null()
            || table::metadata(object).annotations().get(CLASS_ANNOTATION).is_some()
        {
            return Ok(());
        }
        let is_default =
            |class: &&Value| table::metadata(class).annotations().get(IS_DEFAULT) == Some("true");
        // Of several the newest one counts, of equally old ones the first by name.
        let defaults = context.list(&ingress_class::KIND, None).filter(is_default);
        let newest = defaults.max_by_key(|class| {
            let metadata = table::metadata(class);
            (metadata.creation_timestamp(), Reverse(metadata.name()))
        });
        if let Some(class) = newest {
            let name = table::metadata(class).name().to_owned();
            object.update(&names::SPEC, |spec| {
                spec.make_map().insert(&names::INGRESS_CLASS_NAME, name);
            });
        }
        Ok(())
    }
}
