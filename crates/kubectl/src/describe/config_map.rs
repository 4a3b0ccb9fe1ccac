//! ConfigMaps.

use super::Subject;
use super::text::{Description, line, sorted};
use crate::errors::Result;
use api::core::v1::ConfigMap;
use std::rc::Rc;

pub(super) async fn describe(subject: Rc<Subject>) -> Result<Description> {
    let map: ConfigMap<'_> = subject.view();
    let metadata = map.metadata();
    let mut out = Description::default();
    line!(out, 0, "Name:\t{}", metadata.name());
    line!(out, 0, "Namespace:\t{}", metadata.namespace());
    out.labels("", "Labels", metadata.labels());
    out.annotations("Annotations", metadata.annotations());
    line!(out, 0, "\nData\n====");
    for (key, value) in sorted(map.data()) {
        line!(out, 0, "{key}:\n----\n{value}");
    }
    line!(out, 0, "\nBinaryData\n====");
    for (key, value) in sorted(map.binary_data()) {
        line!(out, 0, "{key}: {} bytes", super::secret::decoded(value).len());
    }
    line!(out, 0, "");
    subject.with_events(out).await
}
