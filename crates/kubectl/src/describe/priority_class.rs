//! PriorityClasses.

use super::Subject;
use super::text::{Description, labels_line, line};
use crate::errors::Result;
use api::scheduling::v1::PriorityClass;
use std::rc::Rc;

pub(super) async fn describe(subject: Rc<Subject>) -> Result<Description> {
    let class: PriorityClass<'_> = subject.view();
    let mut out = Description::default();
    line!(out, 0, "Name:\t{}", class.metadata().name());
    line!(out, 0, "Value:\t{}", class.value());
    line!(out, 0, "GlobalDefault:\t{}", class.global_default());
    line!(out, 0, "PreemptionPolicy:\t{}", class.preemption_policy().unwrap_or_default());
    line!(out, 0, "Description:\t{}", class.description());
    line!(out, 0, "Annotations:\t{}", labels_line(class.metadata().annotations()));
    subject.with_events(out).await
}
