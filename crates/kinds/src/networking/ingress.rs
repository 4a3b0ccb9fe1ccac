//! Ingress: which requests from outside go to which Service.

use crate::rules::{check, one_of, port_number};
use crate::table::{AGE, Column, NAME, NONE, Row, age, name};
use crate::{Generation, Kind};
use api::core::v1::TypedLocalObjectReference;
use api::field::{BadValue, ErrorList, Path};
use api::networking::v1::{
    HTTPIngressPath, Ingress, IngressBackend, IngressRule, IngressServiceBackend, IngressSpec,
    IngressTLS,
};
use api::schema::types;
use api::{Value, View, names, validation};
use sim::Time;

/// `networking.k8s.io/v1` Ingress
pub static KIND: Kind = Kind {
    group: "networking.k8s.io",
    kind: "Ingress",
    plural: "ingresses",
    singular: "ingress",
    short_names: &["ing"],
    ty: types::NETWORKING_V1_INGRESS,
    storage_version_hash: "39NQlfNR+bo=",
    has_status: true,
    generation: Generation::OnSpec,
    prepare_create,
    validate,
    validate_create,
    validate_status_update,
    warnings,
    columns: &[
        NAME,
        Column::text("Class"),
        Column::text("Hosts"),
        Column::text("Address"),
        Column::text("Ports"),
        AGE,
    ],
    row,
    ..Kind::NAMESPACED
};

/// The annotation that named the class before there was a field for it.
const CLASS_ANNOTATION: &str = "kubernetes.io/ingress.class";

fn prepare_create(object: &mut Value) {
    let status = api::object! { "loadBalancer": Value::EMPTY_MAP };
    object.make_map().insert(&names::STATUS, status);
}

fn validate(object: &Value, errors: &mut ErrorList) {
    let spec = Ingress::of(object).spec();
    let at = Path::new("spec");
    if spec.rules().is_empty() && spec.default_backend().is_none() {
        let shown = BadValue::Plain("[]networking.IngressRule(nil)".into());
        let detail = "either `defaultBackend` or `rules` must be specified";
        errors.invalid(&at, shown, detail);
    }
    if let Some(backend) = spec.default_backend() {
        validate_backend(backend, &at.child("defaultBackend"), errors);
    }
    let list = at.child("rules");
    for (i, rule) in spec.rules().enumerate() {
        validate_rule(rule, &list.index(i), errors);
    }
    let list = at.child("tls");
    for (i, tls) in spec.tls().enumerate() {
        validate_tls(tls, &list.index(i), errors);
    }
    if let Some(class) = spec.ingress_class_name() {
        check(validation::dns1123_subdomain, class, &at.child("ingressClassName"), errors);
    }
}

/// A new Ingress must not name two classes.
fn validate_create(object: &Value, errors: &mut ErrorList) {
    let ingress = Ingress::of(object);
    let annotation = ingress.metadata().annotations().get(CLASS_ANNOTATION);
    if let (Some(annotation), Some(class)) = (annotation, ingress.spec().ingress_class_name())
        && annotation != class
    {
        let annotations = Path::new("annotations");
        let detail = "must match `ingressClassName` when both are specified";
        errors.invalid(&annotations.child(CLASS_ANNOTATION), annotation, detail);
    }
}

fn validate_host(host: &str, at: &Path<'_>, errors: &mut ErrorList) {
    if host.contains('*') {
        check(validation::wildcard_dns1123_subdomain, host, at, errors);
    } else {
        check(validation::dns1123_subdomain, host, at, errors);
    }
}

fn validate_tls(tls: IngressTLS<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let list = at.child("hosts");
    for (i, host) in tls.hosts().enumerate() {
        validate_host(host, &list.index(i), errors);
    }
    if !tls.secret_name().is_empty() {
        check(validation::dns1123_subdomain, tls.secret_name(), &at.child("secretName"), errors);
    }
}

fn validate_rule(rule: IngressRule<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let host = rule.host();
    if !host.is_empty() {
        let host_at = at.child("host");
        if validation::ip_address(host).is_empty() {
            errors.invalid(&host_at, host, "must be a DNS name, not an IP address");
        }
        validate_host(host, &host_at, errors);
    }
    let Some(http) = rule.http() else { return };
    let at = at.child("http");
    let list = at.child("paths");
    if http.paths().is_empty() {
        errors.required(&list, "");
    }
    for (i, path) in http.paths().enumerate() {
        validate_path(path, &list.index(i), errors);
    }
}

fn validate_path(path: HTTPIngressPath<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let type_at = at.child("pathType");
    let Some(ty) = path.path_type() else {
        return errors.required(&type_at, "pathType must be specified");
    };
    let path_at = at.child("path");
    let text = path.path();
    match ty {
        "Exact" | "Prefix" => {
            if !text.starts_with('/') {
                errors.invalid(&path_at, text, "must be an absolute path");
            }
            for sequence in ["//", "/./", "/../", "%2f", "%2F"] {
                if text.contains(sequence) {
                    errors.invalid(&path_at, text, format!("must not contain '{sequence}'"));
                }
            }
            for end in ["/..", "/."] {
                if text.ends_with(end) {
                    errors.invalid(&path_at, text, format!("cannot end with '{end}'"));
                }
            }
        }
        "ImplementationSpecific" => {
            if !text.is_empty() && !text.starts_with('/') {
                errors.invalid(&path_at, text, "must be an absolute path");
            }
        }
        other => {
            let types = ["Exact", "ImplementationSpecific", "Prefix"];
            one_of(other, &types, &type_at, errors);
        }
    }
    validate_backend(path.backend(), &at.child("backend"), errors);
}

fn validate_backend(backend: IngressBackend<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    match (backend.resource(), backend.service()) {
        (Some(_), Some(_)) => {
            errors.invalid(at, "", "cannot set both resource and service backends");
        }
        (Some(resource), None) => validate_resource(resource, &at.child("resource"), errors),
        (None, Some(service)) => validate_service(service, at, errors),
        (None, None) => errors.invalid(at, "", "resource or service backend is required"),
    }
}

fn validate_resource(
    resource: TypedLocalObjectReference<'_>,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    if let Some(group) = resource.api_group() {
        check(validation::dns1123_subdomain, group, &at.child("apiGroup"), errors);
    }
    for (field, text, missing) in [
        ("kind", resource.kind(), "kind is required"),
        ("name", resource.name(), "name is required"),
    ] {
        match text {
            "" => errors.required(&at.child(field), missing),
            text => check(validation::path_segment_name, text, &at.child(field), errors),
        }
    }
}

fn validate_service(service: IngressServiceBackend<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let service_at = at.child("service");
    match service.name() {
        "" => errors.required(&service_at.child("name"), ""),
        name => check(validation::dns1035_label, name, &service_at.child("name"), errors),
    }
    let port_at = service_at.child("port");
    let port = service.port();
    match (port.name(), port.number()) {
        ("", 0) => errors.required(at, "port name or number is required"),
        ("", number) => port_number(number, &port_at.child("number"), errors),
        (name, 0) => check(validation::port_name, name, &port_at.child("name"), errors),
        _ => errors.invalid(at, "", "cannot set both port name & port number"),
    }
}

fn validate_status_update(new: &Value, _: &Value, errors: &mut ErrorList) {
    let status = Path::new("status");
    let balancer = status.child("loadBalancer");
    let list = balancer.child("ingress");
    for (i, ingress) in Ingress::of(new).status().load_balancer().ingress().enumerate() {
        let at = list.index(i);
        if !ingress.ip().is_empty() && !validation::ip_address(ingress.ip()).is_empty() {
            errors.invalid(&at.child("ip"), ingress.ip(), "must be a valid IP address");
        }
        if !ingress.hostname().is_empty() {
            let at = at.child("hostname");
            check(validation::dns1123_subdomain, ingress.hostname(), &at, errors);
            if validation::ip_address(ingress.hostname()).is_empty() {
                let detail = "must be a DNS name, not an IP address";
                errors.invalid(&at, ingress.hostname(), detail);
            }
        }
    }
}

fn warnings(new: &Value, old: Option<&Value>) -> Vec<String> {
    let annotations = Ingress::of(new).metadata().annotations();
    if old.is_some() || annotations.get(CLASS_ANNOTATION).is_none() {
        return Vec::new();
    }
    vec![format!(
        "annotation \"{CLASS_ANNOTATION}\" is deprecated, please use 'spec.ingressClassName' \
         instead"
    )]
}

/// How many hosts a cell shows before it counts the rest.
const SHOWN_MAX: usize = 3;

fn hosts(spec: IngressSpec<'_>) -> String {
    let hosts: Vec<&str> = spec.rules().map(|rule| rule.host()).filter(|h| !h.is_empty()).collect();
    if hosts.is_empty() {
        return "*".to_owned();
    }
    let shown = hosts[..hosts.len().min(SHOWN_MAX)].join(",");
    match hosts.len() {
        0..=SHOWN_MAX => shown,
        _ => format!("{shown} + {} more...", spec.rules().len() - SHOWN_MAX),
    }
}

fn row(object: &Value, now: Time) -> Row {
    let ingress = Ingress::of(object);
    let spec = ingress.spec();
    let addresses: Vec<&str> = ingress
        .status()
        .load_balancer()
        .ingress()
        .map(|i| if i.ip().is_empty() { i.hostname() } else { i.ip() })
        .filter(|address| !address.is_empty())
        .collect();
    let ports = if spec.tls().is_empty() { "80" } else { "80, 443" };
    vec![
        name(object),
        spec.ingress_class_name().unwrap_or(NONE).to_owned().into(),
        hosts(spec).into(),
        addresses.join(",").into(),
        ports.into(),
        age(object, now),
    ]
}
