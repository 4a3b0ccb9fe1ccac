//! `namespace`

use super::fields::FieldSpec;
use super::resource::Resource;
use api::{Key, Value, names};

/// The service account that Pods have if nothing is said.
const DEFAULT_ACCOUNT: &str = "default";

/// Puts all objects into the kustomization's namespace.
pub(super) fn set(kustomization: &Value, resources: &mut [Resource]) {
    let Some(namespace) = kustomization["namespace"].as_str().filter(|name| !name.is_empty())
    else {
        return;
    };
    let accounts: Vec<String> = resources
        .iter()
        .filter(|resource| resource.kind() == "ServiceAccount")
        .flat_map(|account| account.earlier.iter().cloned().chain([account.name().to_owned()]))
        .collect();
    for resource in resources {
        if resource.kind() == "Namespace" {
            resource.rename(namespace.to_owned());
        } else if resource.is_namespaced() {
            resource.object.update(&names::METADATA, |metadata| {
                metadata.make_map().insert(&names::NAMESPACE, namespace.to_owned());
            });
        }
        for kind in ["RoleBinding", "ClusterRoleBinding"] {
            FieldSpec::found("", kind, "subjects").update(resource, &mut |subjects| {
                subjects.update_items(|subject| set_subject(subject, namespace, &accounts));
            });
        }
        FieldSpec::found("", "APIService", "spec/service/namespace")
            .update(resource, &mut |value| *value = namespace.to_owned().into());
    }
}

/// A subject follows if it is an account of the kustomization, or the default one.
fn set_subject(subject: &mut Value, namespace: &str, accounts: &[String]) {
    let name = subject["name"].as_str().unwrap_or_default();
    let follows = *subject.get(&names::KIND) == "ServiceAccount"
        && (name == DEFAULT_ACCOUNT || accounts.iter().any(|account| account == name));
    if follows {
        subject.make_map().insert(Key::from("namespace"), namespace.to_owned());
    }
}
