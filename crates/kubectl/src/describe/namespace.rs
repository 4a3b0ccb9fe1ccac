//! Namespaces, with what limits the objects in them.

use super::text::{Description, date, line};
use super::{Subject, limit_range, resource_quota};
use crate::client::encode;
use crate::errors::Result;
use api::View;
use api::core::v1::{LimitRange, Namespace, ResourceQuota};
use std::rc::Rc;

pub(super) async fn describe(subject: Rc<Subject>) -> Result<Description> {
    let namespace: Namespace<'_> = subject.view();
    let metadata = namespace.metadata();
    let path = |resource: &str| format!("/api/v1/namespaces/{}/{resource}", encode(&subject.name));
    let quotas = subject.list(&path("resourcequotas"), &[]).await?;
    let ranges = subject.list(&path("limitranges"), &[]).await?;
    let mut out = Description::default();
    line!(out, 0, "Name:\t{}", metadata.name());
    out.labels("", "Labels", metadata.labels());
    out.annotations("Annotations", metadata.annotations());
    line!(out, 0, "Status:\t{}", namespace.status().phase());
    describe_conditions(&mut out, namespace);
    line!(out, 0, "");
    if quotas.is_empty() {
        line!(out, 0, "No resource quota.");
    } else {
        line!(out, 0, "Resource Quotas");
    }
    for quota in quotas.iter().map(ResourceQuota::of) {
        line!(out, 1, "Name:\t{}", quota.metadata().name());
        resource_quota::describe_scopes(&mut out, 1, "", quota);
        line!(out, 1, "Resource\tUsed\tHard");
        line!(out, 1, "--------\t---\t---");
        resource_quota::describe_amounts(&mut out, 1, quota);
    }
    line!(out, 0, "");
    if ranges.is_empty() {
        line!(out, 0, "No LimitRange resource.");
    } else {
        line!(out, 0, "Resource Limits");
        limit_range::describe_head(&mut out, " ");
    }
    for range in ranges.iter().map(LimitRange::of) {
        limit_range::describe_limits(&mut out, " ", range);
    }
    Ok(out)
}

fn describe_conditions(out: &mut Description, namespace: Namespace<'_>) {
    let conditions = namespace.status().conditions();
    if conditions.is_empty() {
        return;
    }
    line!(out, 0, "Conditions:");
    line!(out, 1, "Type\tStatus\tLastTransitionTime\tReason\tMessage");
    line!(out, 1, "----\t------\t------------------\t------\t-------");
    for condition in conditions {
        line!(
            out,
            1,
            "{} \t{} \t{} \t{} \t{}",
            condition.type_(),
            condition.status(),
            date(condition.last_transition_time()),
            condition.reason(),
            condition.message()
        );
    }
}
