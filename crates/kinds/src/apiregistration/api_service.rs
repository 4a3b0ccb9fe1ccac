//! APIService: who serves a version of an API group.
//!
//! The `Available` condition comes from a controller of the server.

use crate::Kind;
use crate::base64;
use crate::rules::check;
use crate::table::{AGE, Column, NAME, Row, age, metadata, name};
use api::apiregistration::v1::{APIService, ServiceReference};
use api::field::{ErrorList, Path};
use api::schema::types;
use api::{Value, View, names, validation};
use sim::Time;

/// `apiregistration.k8s.io/v1` APIService
pub static KIND: Kind = Kind {
    group: "apiregistration.k8s.io",
    kind: "APIService",
    plural: "apiservices",
    singular: "apiservice",
    categories: &["api-extensions"],
    ty: types::APIREGISTRATION_V1_API_SERVICE,
    storage_version_hash: "InPBPD7+PqM=",
    has_status: true,
    allows_unconditional_update: false,
    name_problems: validation::path_segment_name,
    set_defaults,
    validate,
    validate_status_update,
    columns: &[NAME, Column::text("Service"), Column::text("Available"), AGE],
    row,
    ..Kind::CLUSTER_SCOPED
};

const GROUP_PRIORITY_MAX: i64 = 20_000;
const VERSION_PRIORITY_MAX: i64 = 1_000;
const PORT: i64 = 443;

fn set_defaults(object: &mut Value) {
    object.update(&names::SPEC, |spec| {
        spec.update(&names::SERVICE, |service| {
            if !service.is_null() {
                service.set_default(&names::PORT, PORT);
            }
        });
    });
}

fn validate(object: &Value, errors: &mut ErrorList) {
    let spec = APIService::of(object).spec();
    let at = Path::new("spec");
    validate_name(object, errors);
    let group_at = at.child("group");
    match spec.group() {
        "" if spec.version() != "v1" => {
            let detail = "only v1 may have an empty group and it better be legacy kube";
            errors.required(&group_at, detail);
        }
        "" => {}
        group => check(validation::dns1123_subdomain, group, &group_at, errors),
    }
    check(validation::dns1035_label, spec.version(), &at.child("version"), errors);
    let priority = spec.group_priority_minimum();
    if !(1..=GROUP_PRIORITY_MAX).contains(&priority) {
        let detail = "must be positive and less than 20000";
        errors.invalid(&at.child("groupPriorityMinimum"), priority, detail);
    }
    if !(1..=VERSION_PRIORITY_MAX).contains(&spec.version_priority()) {
        let detail = "must be positive and less than 1000";
        errors.invalid(&at.child("versionPriority"), spec.version_priority(), detail);
    }
    let (bundle_at, skip_at) = (at.child("caBundle"), at.child("insecureSkipTLSVerify"));
    let has_bundle = !spec.ca_bundle().is_empty();
    let Some(service) = spec.service() else {
        if has_bundle {
            let shown = format!("{} bytes", base64::decoded_len(spec.ca_bundle()));
            errors.invalid(&bundle_at, shown, "local APIServices may not have a caBundle");
        }
        if spec.insecure_skip_tls_verify() {
            let detail = "local APIServices may not have insecureSkipTLSVerify";
            errors.invalid(&skip_at, true, detail);
        }
        return;
    };
    validate_service(service, &at.child("service"), errors);
    if spec.insecure_skip_tls_verify() && has_bundle {
        errors.invalid(&skip_at, true, "may not be true if caBundle is present");
    }
}

fn validate_name(object: &Value, errors: &mut ErrorList) {
    let spec = APIService::of(object).spec();
    let name = metadata(object).name();
    if name.is_empty() || !validation::path_segment_name(name).is_empty() {
        return; // This has been reported already.
    }
    let (version, group) = (spec.version(), spec.group());
    let fits = name.strip_prefix(version).and_then(|rest| rest.strip_prefix('.')) == Some(group);
    if !fits {
        let required = api::go::quote(&format!("{version}.{group}"));
        let detail = format!("must be `spec.version+\".\"+spec.group`: {required}");
        errors.invalid(&Path::new("metadata").child("name"), name, detail);
    }
}

fn validate_service(service: ServiceReference<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    if service.namespace().is_empty() {
        errors.required(&at.child("namespace"), "");
    }
    if service.name().is_empty() {
        errors.required(&at.child("name"), "");
    }
    let port = service.port().unwrap_or(PORT);
    let problems = validation::port_number(port);
    if !problems.is_empty() {
        let detail = format!("port is not valid: {}", problems.join(", "));
        errors.invalid(&at.child("port"), port, detail);
    }
}

fn validate_status_update(new: &Value, _: &Value, errors: &mut ErrorList) {
    let status = Path::new("status");
    let at = status.child("conditions");
    for (i, condition) in APIService::of(new).status().conditions().enumerate() {
        let words = &["True", "False", "Unknown"];
        if !words.contains(&condition.status()) {
            errors.not_supported(&at.index(i).child("status"), condition.status(), words);
        }
    }
}

fn row(object: &Value, now: Time) -> Row {
    let view = APIService::of(object);
    let service = view.spec().service().map_or_else(
        || "Local".to_owned(),
        |service| format!("{}/{}", service.namespace(), service.name()),
    );
    let mut conditions = view.status().conditions();
    let available = conditions.find(|condition| condition.type_() == "Available").map_or_else(
        || "Unknown".to_owned(),
        |condition| match (condition.status(), condition.reason()) {
            ("True", _) | (_, "") => condition.status().to_owned(),
            (status, reason) => format!("{status} ({reason})"),
        },
    );
    vec![name(object), service.into(), available.into(), age(object, now)]
}
