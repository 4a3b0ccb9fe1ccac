//! PodDisruptionBudgets.

use super::Subject;
use super::text::{Description, line, or_unset, selector_line};
use crate::errors::Result;
use api::View;
use api::policy::v1::PodDisruptionBudget;
use std::rc::Rc;

pub(super) async fn describe(subject: Rc<Subject>) -> Result<Description> {
    let budget: PodDisruptionBudget<'_> = subject.view();
    let (spec, status) = (budget.spec(), budget.status());
    let mut out = Description::default();
    line!(out, 0, "Name:\t{}", budget.metadata().name());
    line!(out, 0, "Namespace:\t{}", budget.metadata().namespace());
    if let Some(least) = spec.min_available() {
        line!(out, 0, "Min available:\t{least}");
    } else if let Some(most) = spec.max_unavailable() {
        line!(out, 0, "Max unavailable:\t{most}");
    }
    let selector = spec.selector().map(|selector| selector_line(selector.value()));
    line!(out, 0, "Selector:\t{}", or_unset(selector));
    line!(out, 0, "Status:");
    line!(out, 2, "Allowed disruptions:\t{}", status.disruptions_allowed());
    line!(out, 2, "Current:\t{}", status.current_healthy());
    line!(out, 2, "Desired:\t{}", status.desired_healthy());
    line!(out, 2, "Total:\t{}", status.expected_pods());
    subject.with_events(out).await
}
