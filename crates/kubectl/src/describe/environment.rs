//! The environment of a container.

use super::pod_resources;
use super::text::{Description, line};
use api::Quantity;
use api::core::v1::{Container, EnvVar, Pod, ResourceFieldSelector};

/// Writes where variables come from, and the variables themselves.
pub(super) fn describe(out: &mut Description, container: Container<'_>, pod: Option<Pod<'_>>) {
    if !container.env_from().is_empty() {
        describe_sources(out, container);
    }
    if container.env().is_empty() {
        line!(out, 2, "Environment:\t<none>");
        return;
    }
    line!(out, 2, "Environment:");
    for variable in container.env() {
        describe_variable(out, container, variable, pod);
    }
}

fn describe_sources(out: &mut Description, container: Container<'_>) {
    line!(out, 2, "Environment Variables from:");
    for source in container.env_from() {
        let (from, name, optional) = if let Some(map) = source.config_map_ref() {
            ("ConfigMap", map.name(), map.optional())
        } else if let Some(secret) = source.secret_ref() {
            ("Secret", secret.name(), secret.optional())
        } else {
            ("", "", None)
        };
        let prefix = match source.prefix() {
            "" => String::new(),
            prefix => format!(" with prefix '{prefix}'"),
        };
        line!(out, 3, "{name}\t{from}{prefix}\tOptional: {}", optional.unwrap_or(false));
    }
}

fn describe_variable(
    out: &mut Description,
    container: Container<'_>,
    variable: EnvVar<'_>,
    pod: Option<Pod<'_>>,
) {
    let name = variable.name();
    let Some(source) = variable.value_from() else {
        let mut start = format!("{name}:");
        for part in variable.value().split('\n') {
            line!(out, 3, "{start}\t{part}");
            start.clear();
        }
        return;
    };
    if let Some(field) = source.field_ref() {
        let value = pod.map_or("", |pod| field_value(pod, field.field_path()));
        line!(out, 3, "{name}:\t{value} ({}:{})", field.api_version(), field.field_path());
    } else if let Some(field) = source.resource_field_ref() {
        let resource = field.resource();
        let mut value = resource_value(container, field).unwrap_or_default();
        if value == "0" && matches!(resource, "limits.cpu" | "limits.memory") {
            value = "node allocatable".to_owned();
        }
        line!(out, 3, "{name}:\t{value} ({resource})");
    } else if let Some(secret) = source.secret_key_ref() {
        line!(
            out,
            3,
            "{name}:\t<set to the key '{}' in secret '{}'>\tOptional: {}",
            secret.key(),
            secret.name(),
            secret.optional().unwrap_or(false)
        );
    } else if let Some(map) = source.config_map_key_ref() {
        line!(
            out,
            3,
            "{name}:\t<set to the key '{}' of config map '{}'>\tOptional: {}",
            map.key(),
            map.name(),
            map.optional().unwrap_or(false)
        );
    }
}

/// kubectl knows the values of these two fields alone.
fn field_value<'a>(pod: Pod<'a>, path: &str) -> &'a str {
    match path {
        "metadata.name" => pod.metadata().name(),
        "metadata.namespace" => pod.metadata().namespace(),
        _ => "",
    }
}

/// An amount of the container, divided and rounded up.
fn resource_value(container: Container<'_>, field: ResourceFieldSelector<'_>) -> Option<String> {
    let (which, resource) = field.resource().split_once('.')?;
    let amounts = match which {
        "limits" => container.resources().limits(),
        _ => container.resources().requests(),
    };
    let amount = amounts.get(resource).unwrap_or(Quantity::ZERO);
    let divisor = field.divisor().filter(|divisor| !divisor.is_zero());
    let divisor = divisor.unwrap_or(Quantity::from(1));
    Some(pod_resources::divided(amount, divisor, resource == "cpu").to_string())
}
