//! RuntimeClass: Pods of a class take on what it costs and where it runs.

use super::{Attributes, Context, Plugin, name_or_prefix};
use api::core::v1::Pod;
use api::{Status, Value, View, names};
use kinds::core::pod;
use kinds::node::runtime_class;

pub(super) struct RuntimeClass;

impl Plugin for RuntimeClass {
    fn admit(
        &mut self,
        context: &Context<'_>,
        attributes: &mut Attributes<'_>,
        object: &mut Value,
    ) -> Result<(), Status> {
        if !attributes.creates(&pod::KIND) {
            return Ok(());
        }
        let Some(class) = class_of(context, attributes, object)? else {
            return Ok(());
        };
        let overhead = &class["overhead"]["podFixed"];
        let given = &object.get(&names::SPEC)["overhead"];
        if !overhead.is_null() && !given.is_null() && given != overhead {
            let why = "Pod's Overhead doesn't match RuntimeClass's defined Overhead";
            return Err(rejected(attributes, object, why));
        }
        let scheduling = &class["scheduling"];
        let selector = merged_selector(object, &scheduling["nodeSelector"])
            .map_err(|why| rejected(attributes, object, &why))?;
        object.update(&names::SPEC, |spec| {
            if !overhead.is_null() {
                spec.make_map().insert("overhead", overhead);
            }
            if !selector.is_null() {
                spec.make_map().insert(&names::NODE_SELECTOR, selector);
            }
            for toleration in scheduling["tolerations"].items() {
                if !spec.get(&names::TOLERATIONS).items().contains(toleration) {
                    spec.update(&names::TOLERATIONS, |all| {
                        all.make_list().push(toleration.clone())
                    });
                }
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
        if !attributes.creates(&pod::KIND) || object.get(&names::SPEC)["overhead"].is_null() {
            return Ok(());
        }
        let class = class_of(context, attributes, object)?;
        if class.is_none_or(|class| class["overhead"].is_null()) {
            let why = "Pod Overhead set without corresponding RuntimeClass defined Overhead";
            return Err(rejected(attributes, object, why));
        }
        Ok(())
    }
}

/// The class that a Pod names.
fn class_of<'a>(
    context: &Context<'a>,
    attributes: &Attributes<'_>,
    object: &Value,
) -> Result<Option<&'a Value>, Status> {
    let Some(name) = Pod::of(object).spec().runtime_class_name().filter(|name| !name.is_empty())
    else {
        return Ok(None);
    };
    let class = context.get(&runtime_class::KIND, "", name);
    let missing = || {
        let why = format!("RuntimeClass {} not found", api::go::quote(name));
        rejected(attributes, object, &why)
    };
    class.map(Some).ok_or_else(missing)
}

fn rejected(attributes: &Attributes<'_>, object: &Value, why: &str) -> Status {
    let why = format!("pod rejected: {why}");
    Status::forbidden(attributes.target.qualified(), name_or_prefix(object), &why)
}

/// The labels that a node must have for the Pod and for its class.
fn merged_selector(object: &Value, of_class: &Value) -> Result<Value, String> {
    let mut selector = object.get(&names::SPEC).get(&names::NODE_SELECTOR).clone();
    let Some(wanted) = of_class.as_map() else {
        return Ok(selector);
    };
    for (key, value) in wanted.iter() {
        let given = selector.get(key);
        if !given.is_null() && given != value {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            return Err(format!(
                "conflict: runtimeClass.scheduling.nodeSelector[{key}] = {}; \
                 pod.spec.nodeSelector[{key}] = {}",
                text(value),
                text(given)
            ));
        }
        selector.make_map().insert(key, value.clone());
    }
    Ok(selector)
}
