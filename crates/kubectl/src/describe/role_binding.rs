//! RoleBindings and ClusterRoleBindings.

use super::Subject;
use super::text::{Description, line};
use crate::errors::Result;
use api::View;
use api::rbac::v1::RoleBinding;
use std::rc::Rc;

pub(super) async fn describe(subject: Rc<Subject>) -> Result<Description> {
    // A ClusterRoleBinding has the same fields.
    let binding = RoleBinding::of(&subject.object);
    let mut out = Description::default();
    line!(out, 0, "Name:\t{}", binding.metadata().name());
    out.labels("", "Labels", binding.metadata().labels());
    out.annotations("Annotations", binding.metadata().annotations());
    line!(out, 0, "Role:");
    line!(out, 1, "Kind:\t{}", binding.role_ref().kind());
    line!(out, 1, "Name:\t{}", binding.role_ref().name());
    line!(out, 0, "Subjects:");
    line!(out, 1, "Kind\tName\tNamespace");
    line!(out, 1, "----\t----\t---------");
    for one in binding.subjects() {
        line!(out, 1, "{}\t{}\t{}", one.kind(), one.name(), one.namespace());
    }
    Ok(out)
}
