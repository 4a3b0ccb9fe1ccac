//! DefaultIngressClass: Ingresses that name no class get the default one.

use super::default_class::name_default;
use super::{Attributes, Context, Plugin};
use api::{Status, Value, names};
use kinds::networking::{ingress, ingress_class};
use kinds::table;

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
        let (kind, field) = (&ingress_class::KIND, &names::INGRESS_CLASS_NAME);
        name_default(context, kind, &[IS_DEFAULT], object, field);
        Ok(())
    }
}
