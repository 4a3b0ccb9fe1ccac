//! The environment of containers.

use crate::rules::{check, check_required, required};
use api::core::v1::{Container, EnvFromSource, EnvVar, ObjectFieldSelector, ResourceFieldSelector};
use api::field::{ErrorList, Path};
use api::{View, names, validation};

const FIELDS: [&str; 9] = [
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
];

const RESOURCES: [&str; 6] = [
    "limits.cpu",
    "limits.ephemeral-storage",
    "limits.memory",
    "requests.cpu",
    "requests.ephemeral-storage",
    "requests.memory",
];

/// Checks the variables of a container.
pub(super) fn validate(container: Container<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    for (i, variable) in container.env().enumerate() {
        let at = at.index(i);
        check_required(validation::env_var_name, variable.name(), &at.child("name"), errors);
        validate_source(variable, &at.child("valueFrom"), errors);
    }
}

fn validate_source(variable: EnvVar<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let Some(source) = variable.value_from() else {
        return;
    };
    let mut count = 0;
    if let Some(field) = source.field_ref() {
        count += 1;
        validate_field(field, &FIELDS, &at.child("fieldRef"), errors);
    }
    if let Some(resource) = source.resource_field_ref() {
        count += 1;
        validate_resource_field(resource, false, &at.child("resourceFieldRef"), errors);
    }
    let config_map = source.config_map_key_ref().map(|key| (key.name(), key.key()));
    let secret = source.secret_key_ref().map(|key| (key.name(), key.key()));
    for (field, key) in [("configMapKeyRef", config_map), ("secretKeyRef", secret)] {
        if let Some((name, key)) = key {
            count += 1;
            let at = at.child(field);
            check(validation::dns1123_subdomain, name, &at.child("name"), errors);
            check_required(validation::config_map_key, key, &at.child("key"), errors);
        }
    }
    let detail = match count {
        0 => {
            "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or \
             `secretKeyRef`"
        }
        _ if !variable.value().is_empty() => "may not be specified when `value` is not empty",
        1 => return,
        _ => "may not have more than one field specified at a time",
    };
    errors.invalid(at, "", detail);
}

/// Checks a reference to a field of the Pod; `allowed` is sorted.
pub(super) fn validate_field(
    field: ObjectFieldSelector<'_>,
    allowed: &[&str],
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    if field.api_version().is_empty() {
        return errors.required(&at.child("apiVersion"), "");
    }
    let path = field.field_path();
    if path.is_empty() {
        return errors.required(&at.child("fieldPath"), "");
    }
    if let Some(problem) = field_problem(field.api_version(), path) {
        let detail = format!("error converting fieldPath: {problem}");
        return errors.invalid(&at.child("fieldPath"), path, detail);
    }
    match subscript(path) {
        Some(("metadata.annotations", key)) => {
            let key = key.to_lowercase();
            for problem in validation::qualified_name(&key) {
                errors.invalid(at, key.as_str(), problem);
            }
        }
        Some((_, key)) => check(validation::qualified_name, key, at, errors),
        // The old name of the field is read as the new one.
        None if path == "spec.host" => {}
        None if allowed.contains(&path) => {}
        None => errors.not_supported(&at.child("fieldPath"), path, allowed),
    }
}

/// `metadata.labels['app']` is the entry `app` of `metadata.labels`.
fn subscript(path: &str) -> Option<(&str, &str)> {
    let (path, key) = path.strip_suffix("']")?.split_once("['")?;
    (!path.is_empty()).then_some((path, key))
}

fn field_problem(version: &str, path: &str) -> Option<String> {
    if version != "v1" {
        return Some(format!("unsupported pod version: {version}"));
    }
    match (subscript(path), path) {
        (Some(("metadata.annotations" | "metadata.labels", _)), _) => None,
        (Some(_), _) => Some(format!("field label does not support subscript: {path}")),
        (
            None,
            "metadata.annotations"
            | "metadata.labels"
            | "metadata.name"
            | "metadata.namespace"
            | "metadata.uid"
            | "spec.nodeName"
            | "spec.restartPolicy"
            | "spec.serviceAccountName"
            | "spec.schedulerName"
            | "status.phase"
            | "status.hostIP"
            | "status.hostIPs"
            | "status.podIP"
            | "status.podIPs"
            | "spec.host",
        ) => None,
        (None, _) => Some(format!("field label not supported: {path}")),
    }
}

/// Checks a reference to a resource of a container. Within a volume it has to name the container.
pub(super) fn validate_resource_field(
    field: ResourceFieldSelector<'_>,
    is_in_volume: bool,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    let resource = field.resource();
    let is_hugepages = |prefix: &str| resource.starts_with(prefix);
    if is_in_volume && field.container_name().is_empty() {
        errors.required(&at.child("containerName"), "");
    } else if resource.is_empty() {
        errors.required(&at.child("resource"), "");
    } else if !RESOURCES.contains(&resource)
        && !is_hugepages("requests.hugepages-")
        && !is_hugepages("limits.hugepages-")
    {
        errors.not_supported(&at.child("resource"), resource, &RESOURCES);
    }
    validate_divisor(field, &at.child("divisor"), errors);
}

const BYTE_DIVISORS: &str = "1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei";

fn validate_divisor(field: ResourceFieldSelector<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let divisor = field.value().get(&names::DIVISOR).as_str().unwrap_or("0");
    let resource = field.resource();
    let kind = resource.split_once('.').map_or("", |(_, kind)| kind);
    let is_bytes = BYTE_DIVISORS.split(", ").any(|allowed| allowed == divisor);
    let what = match kind {
        _ if divisor == "0" => return,
        "cpu" if matches!(divisor, "1" | "1m") => return,
        "cpu" => {
            let detail = "only divisor's values 1m and 1 are supported with the cpu resource";
            return errors.invalid(at, resource, detail);
        }
        _ if is_bytes => return,
        "memory" => "memory",
        "ephemeral-storage" => "local ephemeral storage",
        kind if kind.starts_with("hugepages-") => "hugepages",
        _ => return,
    };
    let detail =
        format!("only divisor's values {BYTE_DIVISORS} are supported with the {what} resource");
    errors.invalid(at, resource, detail);
}

/// Checks the sources of whole sets of variables.
pub(super) fn validate_from(container: Container<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    for (i, source) in container.env_from().enumerate() {
        validate_from_source(source, at, &at.index(i), errors);
    }
}

fn validate_from_source(
    source: EnvFromSource<'_>,
    list: &Path<'_>,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    if !source.prefix().is_empty() {
        check(validation::env_var_name, source.prefix(), &at.child("prefix"), errors);
    }
    let mut count = 0;
    let config_map = source.config_map_ref().map(|reference| reference.name());
    let secret = source.secret_ref().map(|reference| reference.name());
    for (field, name) in [("configMapRef", config_map), ("secretRef", secret)] {
        if let Some(name) = name {
            count += 1;
            let at = at.child(field);
            let at = at.child("name");
            match name {
                "" => required(name, &at, errors),
                name => {
                    for problem in
                        validation::dns1123_subdomain(&validation::mask_trailing_dash(name))
                    {
                        errors.invalid(&at, name, problem);
                    }
                }
            }
        }
    }
    match count {
        0 => errors.invalid(list, "", "must specify one of: `configMapRef` or `secretRef`"),
        1 => {}
        _ => errors.invalid(list, "", "may not have more than one field specified at a time"),
    }
}
