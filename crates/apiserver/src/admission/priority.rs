//! Priority: the name of a class becomes a number.

use super::{Attributes, Context, Plugin};
use api::core::v1::Pod;
use api::{Status, Value, View, names};
use kinds::core::pod;

pub(super) struct Priority;

impl Plugin for Priority {
    fn admit(
        &mut self,
        _: &Context<'_>,
        attributes: &mut Attributes<'_>,
        object: &mut Value,
    ) -> Result<(), Status> {
        if !attributes.is_for(&pod::KIND) {
            return Ok(());
        }
        if let Some(old) = attributes.old {
            keep(object, old);
            return Ok(());
        }
        let spec = Pod::of(object).spec();
        let system = match spec.priority_class_name() {
            "" => Some(0),
            "system-node-critical" => Some(2_000_001_000),
            "system-cluster-critical" => Some(2_000_000_000),
            _ => None,
        };
        let Some(priority) = system else {
            let why =
                format!("no PriorityClass with name {} was found", spec.priority_class_name());
            let name = super::name_or_prefix(object);
            return Err(Status::forbidden(attributes.target.qualified(), name, &why));
        };
        object.update(&names::SPEC, |spec| {
            spec.make_map().insert(&names::PRIORITY, priority);
            spec.set_default(&names::PREEMPTION_POLICY, "PreemptLowerPriority");
        });
        Ok(())
    }
}

/// A Pod that is replaced keeps its priority if the new one has none.
fn keep(object: &mut Value, old: &Value) {
    object.update(&names::SPEC, |spec| {
        for key in [&names::PRIORITY, &names::PREEMPTION_POLICY] {
            let held = old.get(&names::SPEC).get(key);
            if !held.is_null() {
                spec.set_default(key, held);
            }
        }
    });
}
