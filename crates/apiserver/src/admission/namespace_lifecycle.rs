//! NamespaceLifecycle: nothing is created in a namespace that does not exist or is going.

use super::{Attributes, Context, Plugin};
use crate::request::Verb;
use api::core::v1::Namespace;
use api::status::StatusCause;
use api::{QualifiedResource, Status, Value, View};
use kinds::core::namespace;

pub(super) struct NamespaceLifecycle;

/// Namespaces that cannot be deleted.
const IMMORTAL: [&str; 3] = ["default", "kube-system", "kube-public"];

impl Plugin for NamespaceLifecycle {
    fn admit(
        &mut self,
        context: &Context<'_>,
        attributes: &mut Attributes<'_>,
        object: &mut Value,
    ) -> Result<(), Status> {
        let target = attributes.target;
        if !target.kind.is_namespaced || attributes.verb != Verb::Create {
            return Ok(());
        }
        let name = &*target.namespace;
        let Some(found) = context.get(&namespace::KIND, "", name) else {
            let namespaces = QualifiedResource { group: "", resource: "namespaces" };
            return Err(Status::not_found(namespaces, name));
        };
        if Namespace::of(found).status().phase() != "Terminating" {
            return Ok(());
        }
        let why = format!(
            "unable to create new content in namespace {name} because it is being terminated"
        );
        let object_name = super::name_or_prefix(object);
        let mut status = Status::forbidden(target.qualified(), object_name, &why);
        if let Some(details) = &mut status.details {
            details.causes.push(StatusCause {
                reason: "NamespaceTerminating".into(),
                message: format!("namespace {name} is being terminated"),
                field: "metadata.namespace".into(),
            });
        }
        Err(status)
    }

    fn validate_delete(
        &mut self,
        _: &Context<'_>,
        attributes: &mut Attributes<'_>,
        _: &Value,
    ) -> Result<(), Status> {
        let target = attributes.target;
        if target.kind == &namespace::KIND && IMMORTAL.contains(&&*target.name) {
            let why = "this namespace may not be deleted";
            return Err(Status::forbidden(target.qualified(), &target.name, why));
        }
        Ok(())
    }
}
