//! Secrets: their values stay secret.

use super::Subject;
use super::text::{Description, line, sorted};
use crate::errors::Result;
use api::core::v1::Secret;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::rc::Rc;

pub(super) async fn describe(subject: Rc<Subject>) -> Result<Description> {
    let secret: Secret<'_> = subject.view();
    let metadata = secret.metadata();
    let mut out = Description::default();
    line!(out, 0, "Name:\t{}", metadata.name());
    line!(out, 0, "Namespace:\t{}", metadata.namespace());
    out.labels("", "Labels", metadata.labels());
    out.annotations("Annotations", metadata.annotations());
    line!(out, 0, "\nType:\t{}", secret.type_());
    line!(out, 0, "\nData\n====");
    let is_for_account = secret.type_() == "kubernetes.io/service-account-token";
    for (key, value) in sorted(secret.data()) {
        let bytes = decoded(value);
        match is_for_account && key == "token" {
            true => line!(out, 0, "{key}:\t{}", String::from_utf8_lossy(&bytes)),
            false => line!(out, 0, "{key}:\t{} bytes", bytes.len()),
        }
    }
    Ok(out)
}

/// The bytes of a value in base64.
pub(super) fn decoded(value: &str) -> Vec<u8> {
    STANDARD.decode(value).unwrap_or_default()
}
