//! Priority: the name of a class becomes a number.

use super::{Attributes, Context, Plugin, name_or_prefix};
use api::core::v1::Pod;
use api::scheduling::v1::PriorityClass;
use api::{Status, Text, Value, View, names};
use kinds::core::pod;
use kinds::scheduling::priority_class;
use kinds::table;

const PREEMPTS: &str = "PreemptLowerPriority";

pub(super) struct Priority;

impl Plugin for Priority {
    fn admit(
        &mut self,
        context: &Context<'_>,
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
        let forbid = |object: &Value, why: String| {
            Err(Status::forbidden(attributes.target.qualified(), name_or_prefix(object), &why))
        };
        let name = Pod::of(object).spec().priority_class_name().to_owned();
        let class = match &*name {
            "" => default_class(context),
            _ => context.get(&priority_class::KIND, "", &name),
        };
        if class.is_none() && !name.is_empty() {
            return forbid(object, format!("no PriorityClass with name {name} was found"));
        }
        let view = class.map(PriorityClass::of);
        let priority = view.map_or(0, |class| class.value());
        let policy = view.and_then(|class| class.preemption_policy()).unwrap_or(PREEMPTS);
        let stored_policy = match policy {
            // Most Pods have this one, and need no memory for it.
            PREEMPTS => Text::from(PREEMPTS),
            other => Text::from(other.to_owned()),
        };
        let spec = Pod::of(object).spec();
        if let Some(given) = spec.priority().filter(|given| *given != priority) {
            let why = format!(
                "the integer value of priority ({given}) must not be provided in pod spec; \
                 priority admission controller computed {priority} from the given PriorityClass \
                 name"
            );
            return forbid(object, why);
        }
        if let Some(given) = spec.preemption_policy().filter(|given| *given != policy) {
            let why = format!(
                "the string value of PreemptionPolicy ({given}) must not be provided in pod spec; \
                 priority admission controller computed {policy} from the given PriorityClass name"
            );
            return forbid(object, why);
        }
        let default_name = class.filter(|_| name.is_empty()).map(table::name);
        object.update(&names::SPEC, |spec| {
            spec.make_map().insert(&names::PRIORITY, priority);
            spec.make_map().insert(&names::PREEMPTION_POLICY, stored_policy);
            if let Some(name) = default_name {
                spec.make_map().insert(&names::PRIORITY_CLASS_NAME, name);
            }
        });
        Ok(())
    }

    fn validate(
        &mut self,
        context: &Context<'_>,
        attributes: &mut Attributes<'_>,
        object: &Value,
    ) -> Result<(), Status> {
        let is_default = |class: &Value| PriorityClass::of(class).global_default();
        if !attributes.is_for(&priority_class::KIND) || !is_default(object) {
            return Ok(());
        }
        let name = table::metadata(object).name();
        match default_class(context).map(|class| table::metadata(class).name()) {
            Some(other) if other != name => {
                let why = format!(
                    "PriorityClass {other} is already marked as default. Only one default can exist"
                );
                Err(Status::forbidden(attributes.target.qualified(), name, &why))
            }
            _ => Ok(()),
        }
    }
}

/// The class of Pods that name none: of several the one with the lowest value.
fn default_class<'a>(context: &Context<'a>) -> Option<&'a Value> {
    let defaults = context
        .list(&priority_class::KIND, None)
        .filter(|class| PriorityClass::of(class).global_default());
    defaults.min_by_key(|class| PriorityClass::of(class).value())
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
