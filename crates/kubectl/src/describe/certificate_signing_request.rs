//! CertificateSigningRequests, with the subject that the request in them names.

use super::Subject;
use super::secret::decoded;
use super::text::{Description, date, labels_line, line};
use crate::errors::{Result, error};
use api::certificates::v1::CertificateSigningRequest;
use std::rc::Rc;

/// The attributes of a subject that are shown, by the last byte of their identifiers (2.5.4.x).
const ATTRIBUTES: [(u8, &str); 9] = [
    (3, "Common Name"),
    (5, "Serial Number"),
    (10, "Organization"),
    (11, "Organizational Unit"),
    (6, "Country"),
    (7, "Locality"),
    (8, "Province"),
    (9, "StreetAddress"),
    (17, "PostalCode"),
];

pub(super) async fn describe(subject: Rc<Subject>) -> Result<Description> {
    let request: CertificateSigningRequest<'_> = subject.view();
    let (metadata, spec) = (request.metadata(), request.spec());
    let pem = String::from_utf8_lossy(&decoded(spec.request())).into_owned();
    let attributes = requested_subject(&pem)
        .ok_or_else(|| error!("Error parsing CSR: PEM block type must be CERTIFICATE REQUEST"))?;
    let mut out = Description::default();
    line!(out, 0, "Name:\t{}", metadata.name());
    line!(out, 0, "Labels:\t{}", labels_line(metadata.labels()));
    line!(out, 0, "Annotations:\t{}", labels_line(metadata.annotations()));
    line!(out, 0, "CreationTimestamp:\t{}", date(metadata.creation_timestamp()));
    line!(out, 0, "Requesting User:\t{}", spec.username());
    out.field_if(0, "Signer", spec.signer_name());
    if let Some(seconds) = spec.expiration_seconds() {
        line!(out, 0, "Requested Duration:\t{}", api::human::duration_seconds(seconds));
    }
    line!(out, 0, "Status:\t{}", status(request));
    line!(out, 0, "Subject:");
    for (identifier, label) in ATTRIBUTES {
        let is_its = |(known, _): &&(u8, String)| *known == identifier;
        let values: Vec<&str> =
            attributes.iter().filter(is_its).map(|(_, value)| value.as_str()).collect();
        // These two are always shown.
        if matches!(identifier, 3 | 5) || !values.is_empty() {
            line!(out, 0, "\t{label}:\t{}", values.join("\n\t     \t"));
        }
    }
    subject.with_events(out).await
}

/// `Approved,Issued`
fn status(request: CertificateSigningRequest<'_>) -> String {
    let has = |ty: &str| request.status().conditions().any(|condition| condition.type_() == ty);
    let decision = match (has("Denied"), has("Approved")) {
        (true, _) => "Denied",
        (_, true) => "Approved",
        _ => "Pending",
    };
    let failed = if has("Failed") { ",Failed" } else { "" };
    let issued = if request.status().certificate().is_empty() { "" } else { ",Issued" };
    format!("{decision}{failed}{issued}")
}

/// The attributes of the subject of a PKCS #10 request in PEM.
fn requested_subject(pem: &str) -> Option<Vec<(u8, String)>> {
    const SEQUENCE: u8 = 0x30;
    const SET: u8 = 0x31;
    let body = pem.split("-----BEGIN CERTIFICATE REQUEST-----").nth(1)?;
    let body = body.split("-----END CERTIFICATE REQUEST-----").next()?;
    let der = decoded(&body.split_whitespace().collect::<String>());
    let (_, request, _) = element(&der)?;
    let (_, info, _) = element(request)?;
    let (_, _version, rest) = element(info)?;
    let (_, mut name, _) = element(rest)?;
    let mut attributes = Vec::new();
    while let Some((SET, set, rest)) = element(name) {
        name = rest;
        let Some((SEQUENCE, pair, _)) = element(set) else { continue };
        let Some((_, [0x55, 0x04, identifier], value)) = element(pair) else { continue };
        let (_, text, _) = element(value)?;
        attributes.push((*identifier, String::from_utf8_lossy(text).into_owned()));
    }
    Some(attributes)
}

/// The first element of DER: its tag, its content, and what follows.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    const LONG_FORM: u8 = 0x80;
    let (tag, rest) = der.split_first()?;
    let (first, mut rest) = rest.split_first()?;
    let mut length = usize::from(*first);
    if first & LONG_FORM != 0 {
        let (digits, after) = rest.split_at_checked(usize::from(first & !LONG_FORM))?;
        let digit = |sum: usize, byte: &u8| sum.checked_mul(256)?.checked_add(usize::from(*byte));
        length = digits.iter().try_fold(0, digit)?;
        rest = after;
    }
    let (content, rest) = rest.split_at_checked(length)?;
    Some((*tag, content, rest))
}
