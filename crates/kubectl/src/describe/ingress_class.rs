//! IngressClasses.

use super::Subject;
use super::text::{Description, line};
use crate::errors::Result;
use api::networking::v1::IngressClass;
use std::rc::Rc;

pub(super) async fn describe(subject: Rc<Subject>) -> Result<Description> {
    let class: IngressClass<'_> = subject.view();
    let mut out = Description::default();
    line!(out, 0, "Name:\t{}", class.metadata().name());
    out.labels("", "Labels", class.metadata().labels());
    out.annotations("Annotations", class.metadata().annotations());
    line!(out, 0, "Controller:\t{}", class.spec().controller());
    if let Some(parameters) = class.spec().parameters() {
        line!(out, 0, "Parameters:");
        if let Some(group) = parameters.api_group() {
            line!(out, 1, "APIGroup:\t{group}");
        }
        line!(out, 1, "Kind:\t{}", parameters.kind());
        line!(out, 1, "Name:\t{}", parameters.name());
    }
    subject.with_events(out).await
}
