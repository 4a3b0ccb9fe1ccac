//! IngressClass: which program serves an Ingress.

use crate::rules::{check, immutable, scalar};
use crate::table::{AGE, Column, NAME, NONE, Row, age, name};
use crate::{Generation, Kind};
use api::field::{ErrorList, Path};
use api::networking::v1::{IngressClass, IngressClassParametersReference};
use api::schema::types;
use api::{Value, View, names, validation};
use sim::Time;

/// `networking.k8s.io/v1` IngressClass
pub static KIND: Kind = Kind {
    group: "networking.k8s.io",
    kind: "IngressClass",
    plural: "ingressclasses",
    singular: "ingressclass",
    ty: types::NETWORKING_V1_INGRESS_CLASS,
    storage_version_hash: "l/iqIbDgFyQ=",
    generation: Generation::OnSpec,
    set_defaults,
    validate,
    validate_update,
    columns: &[NAME, Column::text("Controller"), Column::text("Parameters"), AGE],
    row,
    ..Kind::CLUSTER_SCOPED
};

const CONTROLLER_MAX: usize = 250;

fn set_defaults(object: &mut Value) {
    object.update(&names::SPEC, |spec| {
        spec.update(&names::PARAMETERS, |parameters| {
            if !parameters.is_null() {
                parameters.set_default(&names::SCOPE, "Cluster");
            }
        });
    });
}

fn validate(object: &Value, errors: &mut ErrorList) {
    let spec = IngressClass::of(object).spec();
    let at = Path::new("spec");
    let controller_at = at.child("controller");
    if spec.controller().len() > CONTROLLER_MAX {
        errors.too_long(&controller_at, CONTROLLER_MAX);
    }
    validate_controller(spec.controller(), &controller_at, errors);
    if let Some(parameters) = spec.parameters() {
        validate_parameters(parameters, &at.child("parameters"), errors);
    }
}

/// A controller is named like a path within a domain.
fn validate_controller(controller: &str, at: &Path<'_>, errors: &mut ErrorList) {
    if controller.is_empty() {
        return errors.required(at, "");
    }
    let Some((host, path)) = controller.split_once('/') else {
        let detail = "must be a domain-prefixed path (such as \"acme.io/foo\")";
        return errors.invalid(at, controller, detail);
    };
    if host.is_empty() || path.is_empty() {
        let detail = "must be a domain-prefixed path (such as \"acme.io/foo\")";
        return errors.invalid(at, controller, detail);
    }
    check(validation::dns1123_subdomain, host, at, errors);
    let is_allowed = |b: u8| b.is_ascii_alphanumeric() || b"/-._~%!$&'()*+,;=:".contains(&b);
    if !path.bytes().all(is_allowed) {
        let detail = "Invalid path (regex used for validation is \
            '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')";
        errors.invalid(at, path, detail);
    }
}

fn validate_parameters(
    parameters: IngressClassParametersReference<'_>,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    if let Some(group) = parameters.api_group() {
        check(validation::dns1123_subdomain, group, &at.child("apiGroup"), errors);
    }
    for (field, text, missing) in [
        ("kind", parameters.kind(), "kind is required"),
        ("name", parameters.name(), "name is required"),
    ] {
        match text {
            "" => errors.required(&at.child(field), missing),
            text => check(validation::path_segment_name, text, &at.child(field), errors),
        }
    }
    let (scope_at, namespace_at) = (at.child("scope"), at.child("namespace"));
    match (parameters.scope(), parameters.namespace()) {
        (None, _) => errors.required(&scope_at, ""),
        (Some("Namespace"), None | Some("")) => {
            errors.required(&namespace_at, "`parameters.scope` is set to 'Namespace'");
        }
        (Some("Namespace"), Some(namespace)) => {
            check(validation::dns1123_label, namespace, &namespace_at, errors);
        }
        (Some("Cluster"), Some(_)) => {
            errors.forbidden(&namespace_at, "`parameters.scope` is set to 'Cluster'");
        }
        (Some("Cluster"), None) => {}
        (Some(other), _) => errors.not_supported(&scope_at, other, &["Cluster", "Namespace"]),
    }
}

fn validate_update(new: &Value, old: &Value, errors: &mut ErrorList) {
    let controller =
        |class: &Value| Value::from(IngressClass::of(class).spec().controller().to_owned());
    let spec = Path::new("spec");
    immutable(&controller(new), &controller(old), &spec.child("controller"), scalar, errors);
}

fn row(object: &Value, now: Time) -> Row {
    let spec = IngressClass::of(object).spec();
    let parameters = spec.parameters().map_or_else(
        || NONE.to_owned(),
        |parameters| match parameters.api_group() {
            Some(group) => format!("{}.{group}/{}", parameters.kind(), parameters.name()),
            None => format!("{}/{}", parameters.kind(), parameters.name()),
        },
    );
    vec![name(object), spec.controller().to_owned().into(), parameters.into(), age(object, now)]
}
