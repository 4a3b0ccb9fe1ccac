//! The environment variables of a container.
//!
//! Models `makeEnvironmentVariables`: values are taken when the container starts and never change.

use crate::Shared;
use crate::node::Node;
use crate::pod::{EnvironmentMap, PodWorker};
use api::core::v1::{Container, EnvVar, Service};
use api::{Value, View};
use images::Image;
use kinds::Kind;
use kinds::core::{config_map, service};
use std::rc::Rc;

/// What a container's environment came to.
pub(crate) struct Resolved {
    pub(crate) variables: EnvironmentMap,
    /// Those that name Services; the others come before them. Containers share them.
    pub(crate) links: Rc<EnvironmentMap>,
    /// Keys of ConfigMaps and Secrets that cannot be names of variables: what an Event says of them.
    pub(crate) skipped: Vec<String>,
}

/// The environment of a container, or what is missing: the message of CreateContainerConfigError.
pub(crate) fn resolve(
    node: &Node,
    worker: &PodWorker,
    container: Container<'_>,
    (image, tag): (&Image, &str),
    shared: &Shared,
) -> Result<Resolved, String> {
    let mut skipped = Vec::new();
    let mut environment = EnvironmentMap::new();
    environment.insert("PATH".into(), shell::DEFAULT_PATH.into());
    environment.insert("HOME".into(), "/root".into());
    environment.insert("HOSTNAME".into(), worker.pod().metadata().name().to_owned());
    for (name, value) in image.environment {
        environment.insert((*name).into(), (*value).into());
    }
    if let Some((name, value)) = image.tag_variable {
        environment.insert(name.into(), value(tag));
    }
    let namespace = worker.pod().metadata().namespace();
    let mut declared = EnvironmentMap::new();
    for source in container.env_from() {
        let prefix = source.prefix();
        if let Some(reference) = source.config_map_ref() {
            let optional = reference.optional().unwrap_or(false);
            let found = data_of(&config_map::KIND, worker, reference.name(), shared);
            match found {
                Some(data) => {
                    let keys = add_all(&mut declared, prefix, &data);
                    let source = format!("configMap {namespace}/{}", reference.name());
                    skipped.extend(skipped_message(&keys, &source));
                }
                None if optional => {}
                None => return Err(format!("configmap \"{}\" not found", reference.name())),
            }
        }
        if let Some(reference) = source.secret_ref() {
            let optional = reference.optional().unwrap_or(false);
            match secret_kind(shared).and_then(|k| data_of(k, worker, reference.name(), shared)) {
                Some(data) => {
                    let keys = add_all(&mut declared, prefix, &data);
                    let source = format!("secret {namespace}/{}", reference.name());
                    skipped.extend(skipped_message(&keys, &source));
                }
                None if optional => {}
                None => return Err(format!("secret \"{}\" not found", reference.name())),
            }
        }
    }
    for variable in container.env() {
        if let Some(value) = value_of(node, worker, container, variable, &declared, shared)? {
            declared.insert(variable.name().to_owned(), value);
        }
    }
    environment.extend(declared);
    Ok(Resolved { variables: environment, links: service_links(worker, shared), skipped })
}

fn skipped_message(keys: &[String], source: &str) -> Option<String> {
    let message = || {
        format!(
            "Keys [{}] from the EnvFrom {source} were skipped since they are considered invalid \
             environment variable names.",
            keys.join(", ")
        )
    };
    (!keys.is_empty()).then(message)
}

/// Variables that name the Services there are: those of the Pod's namespace, unless it does without
/// them, and the API server's.
fn service_links(worker: &PodWorker, shared: &Shared) -> Rc<EnvironmentMap> {
    let links = Rc::new(find_service_links(worker, shared));
    let mut last = shared.last_links.borrow_mut();
    if *last != links {
        *last = links;
    }
    last.clone()
}

fn find_service_links(worker: &PodWorker, shared: &Shared) -> EnvironmentMap {
    let pod = worker.pod();
    let namespace = pod.metadata().namespace();
    let mut services = Vec::new();
    services.extend(shared.client.get(&service::KIND, "default", "kubernetes"));
    if pod.spec().enable_service_links().unwrap_or(true) {
        services.extend(shared.client.list(&service::KIND, Some(namespace)));
    }
    let mut variables = EnvironmentMap::new();
    for found in &services {
        let view = Service::of(found);
        let ip = view.spec().cluster_ip();
        if ip.is_empty() || ip == "None" {
            continue;
        }
        let prefix = variable_name(view.metadata().name());
        for (number, port) in view.spec().ports().enumerate() {
            let protocol = port.protocol();
            let number_text = port.port().to_string();
            let url = format!("{}://{ip}:{number_text}", protocol.to_lowercase());
            let mut add = |suffix: &str, value: &str| {
                variables.insert(format!("{prefix}_{suffix}"), value.to_owned());
            };
            if number == 0 {
                add("SERVICE_HOST", ip);
                add("SERVICE_PORT", &number_text);
                add("PORT", &url);
            }
            if !port.name().is_empty() {
                add(&format!("SERVICE_PORT_{}", variable_name(port.name())), &number_text);
            }
            let of_port = format!("PORT_{number_text}_{protocol}");
            add(&of_port, &url);
            add(&format!("{of_port}_PROTO"), &protocol.to_lowercase());
            add(&format!("{of_port}_PORT"), &number_text);
            add(&format!("{of_port}_ADDR"), ip);
        }
    }
    variables
}

/// `my-db` as part of a variable's name: `MY_DB`.
fn variable_name(name: &str) -> String {
    name.to_uppercase().replace('-', "_")
}

/// Secrets are looked up by name, since they can be unknown to the server.
pub(crate) fn secret_kind(shared: &Shared) -> Option<&'static Kind> {
    shared.client.read(|server| server.registry().find_kind("", "v1", "Secret"))
}

/// The entries of a ConfigMap or Secret as text.
pub(crate) fn data_of(
    kind: &'static Kind,
    worker: &PodWorker,
    name: &str,
    shared: &Shared,
) -> Option<EnvironmentMap> {
    let object = shared.client.get(kind, worker.pod().metadata().namespace(), name)?;
    Some(data_of_object(kind, &object))
}

/// The entries of a ConfigMap or Secret as text.
pub(crate) fn data_of_object(kind: &'static Kind, object: &Value) -> EnvironmentMap {
    let is_encoded = kind.kind == "Secret";
    let entries = object["data"].as_map().cloned().unwrap_or_default();
    entries
        .iter()
        .map(|(key, value)| {
            let text = value.as_str().unwrap_or_default();
            let text = match is_encoded {
                true => decode_base64(text),
                false => text.to_owned(),
            };
            (key.to_string(), text)
        })
        .collect()
}

fn decode_base64(text: &str) -> String {
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::STANDARD.decode(text).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Adds what can be variables; gives the keys that cannot.
fn add_all(environment: &mut EnvironmentMap, prefix: &str, data: &EnvironmentMap) -> Vec<String> {
    let mut skipped = Vec::new();
    for (key, value) in data {
        let name = format!("{prefix}{key}");
        if api::validation::env_var_name(&name).is_empty() {
            environment.insert(name, value.clone());
        } else {
            skipped.push(name);
        }
    }
    skipped
}

fn value_of(
    node: &Node,
    worker: &PodWorker,
    container: Container<'_>,
    variable: EnvVar<'_>,
    declared: &EnvironmentMap,
    shared: &Shared,
) -> Result<Option<String>, String> {
    let Some(source) = variable.value_from() else {
        return Ok(Some(expand(variable.value(), declared)));
    };
    if let Some(field) = source.field_ref() {
        let path = field.field_path();
        let (name, ip) = (&node.config.name, &node.config.internal_ip);
        return worker
            .field(path, name, ip)
            .map(Some)
            .ok_or_else(|| format!("unsupported fieldPath: {path}"));
    }
    if let Some(field) = source.resource_field_ref() {
        return Ok(Some(resource_field(node, container, field)));
    }
    let namespace = worker.pod().metadata().namespace();
    if let Some(key) = source.config_map_key_ref() {
        let optional = key.optional().unwrap_or(false);
        let found = data_of(&config_map::KIND, worker, key.name(), shared);
        return look_up(
            found,
            key.name(),
            key.key(),
            optional,
            "configmap",
            "ConfigMap",
            namespace,
        );
    }
    if let Some(key) = source.secret_key_ref() {
        let optional = key.optional().unwrap_or(false);
        let found = secret_kind(shared).and_then(|k| data_of(k, worker, key.name(), shared));
        return look_up(found, key.name(), key.key(), optional, "secret", "Secret", namespace);
    }
    Ok(None)
}

fn look_up(
    found: Option<EnvironmentMap>,
    name: &str,
    key: &str,
    optional: bool,
    resource: &str,
    kind: &str,
    namespace: &str,
) -> Result<Option<String>, String> {
    match found {
        None if optional => Ok(None),
        None => Err(format!("{resource} \"{name}\" not found")),
        Some(data) => match data.get(key) {
            Some(value) => Ok(Some(value.clone())),
            None if optional => Ok(None),
            None => Err(format!("couldn't find key {key} in {kind} {namespace}/{name}")),
        },
    }
}

/// `limits.cpu` and the like, divided by the divisor; what is not limited counts as the node's.
fn resource_field(
    node: &Node,
    container: Container<'_>,
    field: api::core::v1::ResourceFieldSelector<'_>,
) -> String {
    let (list, resource) = field.resource().split_once('.').unwrap_or_default();
    let resources = container.resources();
    let amounts = if list == "limits" { resources.limits() } else { resources.requests() };
    let of_node = || {
        let found = node.config.allocatable.iter().find(|(name, _)| name == resource);
        found.and_then(|(_, amount)| amount.parse::<api::Quantity>().ok())
    };
    let amount = match amounts.get(resource) {
        Some(amount) => amount,
        None if list == "limits" => of_node().unwrap_or(api::Quantity::ZERO),
        None => api::Quantity::ZERO,
    };
    let divisor = field.divisor().filter(|d| !d.is_zero()).unwrap_or(api::Quantity::from(1));
    let quotient = amount.nanos().div_euclid(divisor.nanos());
    let rest = amount.nanos().rem_euclid(divisor.nanos());
    (quotient + i128::from(rest != 0)).to_string()
}

/// Replaces `$(NAME)` by what was declared before; `$$` stands for a dollar sign.
pub(crate) fn expand(text: &str, declared: &EnvironmentMap) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            out.push('$');
            rest = after;
        } else if let Some((name, after)) =
            rest.strip_prefix('(').and_then(|inner| inner.split_once(')'))
        {
            match declared.get(name) {
                Some(value) => out.push_str(value),
                None => out.push_str(&format!("$({name})")),
            }
            rest = after;
        } else {
            out.push('$');
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_expanded() {
        let declared: EnvironmentMap = [("A".to_owned(), "1".to_owned())].into();
        for (text, expanded) in [
            ("x$(A)y", "x1y"),
            ("$(B)", "$(B)"),
            ("$$(A)", "$(A)"),
            ("$A $", "$A $"),
            ("$(A", "$(A"),
        ] {
            assert_eq!(expand(text, &declared), expanded, "{text}");
        }
    }
}
