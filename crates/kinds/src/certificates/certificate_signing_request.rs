//! CertificateSigningRequest: the wish for a certificate, which somebody approves and a signer
//! fulfils.
//!
//! Who asks is written into the specification by the server, which knows it; so are the times of
//! conditions. What is missing: the request has to be a PEM block of the right type, but what is
//! in it, and its signature, are not looked at; the same goes for the certificate.

use crate::rules::{Seen, one_of_required};
use crate::table::{AGE, Column, NAME, NONE, Row, age, name};
use crate::{FieldSelector, Kind, Subresource, base64};
use api::certificates::v1::{CertificateSigningRequest, CertificateSigningRequestCondition};
use api::field::{BadValue, ErrorList, Path};
use api::schema::types;
use api::{Value, View, Views, human, names};
use sim::Time;

/// `certificates.k8s.io/v1` CertificateSigningRequest
pub static KIND: Kind = Kind {
    group: "certificates.k8s.io",
    kind: "CertificateSigningRequest",
    plural: "certificatesigningrequests",
    singular: "certificatesigningrequest",
    short_names: &["csr"],
    ty: types::CERTIFICATES_V1_CERTIFICATE_SIGNING_REQUEST,
    storage_version_hash: "95fRKMXA+00=",
    has_status: true,
    subresources: &[Subresource {
        group: "certificates.k8s.io",
        version: "v1",
        ..Subresource::new("approval", "CertificateSigningRequest", &["get", "patch", "update"])
    }],
    // Anything goes that can stand in a path.
    name_problems: |_| Vec::new(),
    prepare_update,
    prepare_status_update,
    validate,
    validate_update,
    validate_status_update,
    field_selectors: &[FieldSelector { path: "spec.signerName", get: signer_name }],
    columns: &[
        NAME,
        AGE,
        Column::text("SignerName"),
        Column::text("Requestor"),
        Column::text("RequestedDuration"),
        Column::text("Condition"),
    ],
    row,
    ..Kind::CLUSTER_SCOPED
};

/// The signer of requests from before there were signers.
const LEGACY_SIGNER: &str = "kubernetes.io/legacy-unknown";
const DURATION_SECONDS_MIN: i64 = 600;

/// What a certificate can be for, sorted.
const USAGES: &[&str] = &[
    "any",
    "cert sign",
    "client auth",
    "code signing",
    "content commitment",
    "crl sign",
    "data encipherment",
    "decipher only",
    "digital signature",
    "email protection",
    "encipher only",
    "ipsec end system",
    "ipsec tunnel",
    "ipsec user",
    "key agreement",
    "key encipherment",
    "microsoft sgc",
    "netscape sgc",
    "ocsp signing",
    "s/mime",
    "server auth",
    "signing",
    "timestamping",
];

const APPROVED: &str = "Approved";
const DENIED: &str = "Denied";
const FAILED: &str = "Failed";

fn signer_name(object: &Value) -> String {
    CertificateSigningRequest::of(object).spec().signer_name().to_owned()
}

/// A request stays what it was.
fn prepare_update(new: &mut Value, old: &Value) {
    new.make_map().insert(&names::SPEC, old.get(&names::SPEC).clone());
}

/// Whoever sets the certificate does not decide: the approval stays as it was. An approval that is
/// added or taken away is an error later.
fn prepare_status_update(new: &mut Value, old: &Value) {
    for ty in [APPROVED, DENIED] {
        let kept: Vec<Value> = conditions_of(old, ty).cloned().collect();
        if conditions_of(new, ty).count() != kept.len() {
            continue;
        }
        let mut kept = kept.into_iter();
        new.update(&names::STATUS, |status| {
            status.update(&names::CONDITIONS, |conditions| {
                conditions.update_items(|condition| {
                    if CertificateSigningRequestCondition::of(condition).type_() == ty {
                        *condition = kept.next().unwrap_or_default();
                    }
                });
            });
        });
    }
}

/// An approval changes only the conditions.
pub fn prepare_approval_update(new: &mut Value, old: &Value) {
    let conditions = new.get(&names::STATUS).get(&names::CONDITIONS).clone();
    let mut status = old.get(&names::STATUS).clone();
    if conditions.is_null() {
        status.make_map().remove(&names::CONDITIONS);
    } else {
        status.make_map().insert(&names::CONDITIONS, conditions);
    }
    new.make_map().insert(&names::STATUS, status);
    prepare_update(new, old);
}

fn conditions_of<'a>(object: &'a Value, ty: &'a str) -> impl Iterator<Item = &'a Value> {
    let conditions = CertificateSigningRequest::of(object).status().conditions();
    conditions.filter(move |condition| condition.type_() == ty).map(View::value)
}

fn validate(object: &Value, errors: &mut ErrorList) {
    let request = CertificateSigningRequest::of(object);
    let spec = request.spec();
    let at = Path::new("spec");
    if !is_pem(spec.request(), "CERTIFICATE REQUEST") {
        let detail = "PEM block type must be CERTIFICATE REQUEST";
        errors.invalid(&at.child("request"), bytes(spec.request()), detail);
    }
    let usages_at = at.child("usages");
    if spec.usages().is_empty() {
        errors.required(&usages_at, "usages must be provided");
    }
    for (i, usage) in spec.usages().enumerate() {
        if !USAGES.contains(&usage) {
            errors.not_supported(&usages_at.index(i), usage, USAGES);
        }
    }
    let mut seen = Seen::new();
    for (i, usage) in spec.usages().enumerate() {
        if !seen.insert(usage) {
            errors.duplicate(&usages_at.index(i), usage);
        }
    }
    let signer_at = at.child("signerName");
    match spec.signer_name() {
        LEGACY_SIGNER => {
            let detail = "the legacy signerName is not allowed via this API version";
            errors.invalid(&signer_at, LEGACY_SIGNER, detail);
        }
        name => super::validate_signer_name(name, &signer_at, errors),
    }
    if let Some(seconds) = spec.expiration_seconds().filter(|s| *s < DURATION_SECONDS_MIN) {
        let detail = "may not specify a duration less than 600 seconds (10 minutes)";
        errors.invalid(&at.child("expirationSeconds"), seconds, detail);
    }
    let status = Path::new("status");
    validate_conditions(request.status().conditions(), &status.child("conditions"), errors);
    let certificate = request.status().certificate();
    if !certificate.is_empty() && !is_pem(certificate, "CERTIFICATE") {
        let detail = "must contain at least one CERTIFICATE PEM block";
        errors.invalid(&status.child("certificate"), "<certificate data>", detail);
    }
}

/// Whether base64 of a document holds a block of a type.
fn is_pem(text: &str, ty: &str) -> bool {
    let document = base64::decode(text);
    let document = String::from_utf8_lossy(&document);
    let (begin, end) = (format!("-----BEGIN {ty}-----\n"), format!("\n-----END {ty}-----"));
    document.split_once(&begin).is_some_and(|(_, rest)| rest.contains(&end))
}

/// How an error prints bytes.
fn bytes(text: &str) -> BadValue {
    let bytes = base64::decode(text);
    if bytes.is_empty() {
        return BadValue::Plain("[]byte(nil)".to_owned());
    }
    let shown: Vec<String> = bytes.iter().map(|byte| format!("0x{byte:x}")).collect();
    BadValue::Plain(format!("[]byte{{{}}}", shown.join(", ")))
}

fn validate_conditions(
    conditions: Views<'_, CertificateSigningRequestCondition<'_>>,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    let mut seen = Seen::new();
    for (i, condition) in conditions.enumerate() {
        let at = at.index(i);
        let type_at = at.child("type");
        let ty = condition.type_();
        if ty.is_empty() {
            errors.required(&type_at, "");
        }
        let statuses: &[&str] = match ty {
            APPROVED | DENIED | FAILED => &["True"],
            _ => &["False", "True", "Unknown"],
        };
        one_of_required(condition.status(), statuses, &at.child("status"), errors);
        if (ty == APPROVED && seen.has(DENIED)) || (ty == DENIED && seen.has(APPROVED)) {
            let detail = "Approved and Denied conditions are mutually exclusive";
            errors.invalid(&type_at, ty, detail);
        }
        if !seen.insert(ty) {
            errors.duplicate(&type_at, ty);
        }
    }
}

fn validate_update(new: &Value, old: &Value, errors: &mut ErrorList) {
    validate_change(new, old, errors, Allowed { approval: false, certificate: false });
}

fn validate_status_update(new: &Value, old: &Value, errors: &mut ErrorList) {
    validate(new, errors);
    validate_change(new, old, errors, Allowed { approval: false, certificate: true });
}

/// Checks an approval.
pub fn validate_approval_update(new: &Value, old: &Value, errors: &mut ErrorList) {
    validate(new, errors);
    validate_change(new, old, errors, Allowed { approval: true, certificate: false });
}

/// What a way to change a request may change.
struct Allowed {
    approval: bool,
    certificate: bool,
}

fn validate_change(new: &Value, old: &Value, errors: &mut ErrorList, allowed: Allowed) {
    let status = Path::new("status");
    let at = status.child("conditions");
    let counts = |ty| (conditions_of(new, ty).count(), conditions_of(old, ty).count());
    for ty in [APPROVED, DENIED, FAILED] {
        let (new, old) = counts(ty);
        if new < old {
            errors.forbidden(&at, format!("updates may not remove a condition of type \"{ty}\""));
        }
    }
    if !allowed.approval {
        for ty in [APPROVED, DENIED] {
            let (count, old_count) = counts(ty);
            if count > old_count {
                errors.forbidden(&at, format!("updates may not add a condition of type \"{ty}\""));
            } else if count == old_count && !conditions_of(new, ty).eq(conditions_of(old, ty)) {
                let detail = format!("updates may not modify a condition of type \"{ty}\"");
                errors.forbidden(&at, detail);
            }
        }
    }
    let certificate = |object| CertificateSigningRequest::of(object).status().certificate();
    if certificate(new) == certificate(old) {
        return;
    }
    let at = status.child("certificate");
    if !allowed.certificate {
        errors.forbidden(&at, "updates may not set certificate content");
    } else if !certificate(old).is_empty() {
        errors.forbidden(&at, "updates may not modify existing certificate content");
    }
}

fn row(object: &Value, now: Time) -> Row {
    let request = CertificateSigningRequest::of(object);
    let spec = request.spec();
    let duration =
        spec.expiration_seconds().map_or_else(|| NONE.to_owned(), human::duration_seconds);
    vec![
        name(object),
        age(object, now),
        spec.signer_name().to_owned().into(),
        spec.username().to_owned().into(),
        duration.into(),
        condition(request).into(),
    ]
}

/// `Approved,Issued`
fn condition(request: CertificateSigningRequest<'_>) -> String {
    let has = |ty| request.status().conditions().any(|condition| condition.type_() == ty);
    let mut text = match (has(DENIED), has(APPROVED)) {
        (true, _) => DENIED,
        (_, true) => APPROVED,
        _ => "Pending",
    }
    .to_owned();
    if has(FAILED) {
        text.push_str(",Failed");
    }
    if !request.status().certificate().is_empty() {
        text.push_str(",Issued");
    }
    text
}
