//! Names of objects within other objects, which follow when the objects are renamed.

use super::fields::FieldSpec;
use super::resource::Resource;
use api::{Key, Value, names};

/// Where Pods are described: the kinds, and the way to the description.
const POD_SPECS: &[(&str, &str)] = &[
    ("Pod", "spec"),
    ("PodTemplate", "template/spec"),
    ("Deployment", "spec/template/spec"),
    ("ReplicaSet", "spec/template/spec"),
    ("DaemonSet", "spec/template/spec"),
    ("StatefulSet", "spec/template/spec"),
    ("ReplicationController", "spec/template/spec"),
    ("Job", "spec/template/spec"),
    ("CronJob", "spec/jobTemplate/spec/template/spec"),
];

/// The names within the description of a Pod: the kind that is named, and where.
const IN_PODS: &[(&str, &str)] = &[
    ("ConfigMap", "volumes/configMap/name"),
    ("ConfigMap", "volumes/projected/sources/configMap/name"),
    ("ConfigMap", "containers/env/valueFrom/configMapKeyRef/name"),
    ("ConfigMap", "initContainers/env/valueFrom/configMapKeyRef/name"),
    ("ConfigMap", "containers/envFrom/configMapRef/name"),
    ("ConfigMap", "initContainers/envFrom/configMapRef/name"),
    ("Secret", "volumes/secret/secretName"),
    ("Secret", "volumes/projected/sources/secret/name"),
    ("Secret", "containers/env/valueFrom/secretKeyRef/name"),
    ("Secret", "initContainers/env/valueFrom/secretKeyRef/name"),
    ("Secret", "containers/envFrom/secretRef/name"),
    ("Secret", "initContainers/envFrom/secretRef/name"),
    ("Secret", "imagePullSecrets/name"),
    ("ServiceAccount", "serviceAccountName"),
    ("ServiceAccount", "serviceAccount"),
    ("PersistentVolumeClaim", "volumes/persistentVolumeClaim/claimName"),
    ("PriorityClass", "priorityClassName"),
];

/// Other names: the kind that is named, the kind that names it, and where.
const ELSEWHERE: &[(&str, &str, &str)] = &[
    ("ConfigMap", "Role", "rules/resourceNames"),
    ("ConfigMap", "ClusterRole", "rules/resourceNames"),
    ("Secret", "Role", "rules/resourceNames"),
    ("Secret", "ClusterRole", "rules/resourceNames"),
    ("Secret", "ServiceAccount", "imagePullSecrets/name"),
    ("Secret", "ServiceAccount", "secrets/name"),
    ("Secret", "Ingress", "spec/tls/secretName"),
    ("PersistentVolume", "PersistentVolumeClaim", "spec/volumeName"),
    ("StorageClass", "PersistentVolume", "spec/storageClassName"),
    ("StorageClass", "PersistentVolumeClaim", "spec/storageClassName"),
    ("StorageClass", "StatefulSet", "spec/volumeClaimTemplates/spec/storageClassName"),
    ("Service", "StatefulSet", "spec/serviceName"),
    ("Service", "Ingress", "spec/rules/http/paths/backend/service/name"),
    ("Service", "Ingress", "spec/defaultBackend/service/name"),
    ("Service", "APIService", "spec/service/name"),
    ("Service", "MutatingWebhookConfiguration", "webhooks/clientConfig/service/name"),
    ("Service", "ValidatingWebhookConfiguration", "webhooks/clientConfig/service/name"),
    ("IngressClass", "Ingress", "spec/ingressClassName"),
];

/// References that say themselves which kind they name.
const WITH_KIND: &[(&str, &str)] = &[
    ("RoleBinding", "roleRef"),
    ("ClusterRoleBinding", "roleRef"),
    ("RoleBinding", "subjects"),
    ("ClusterRoleBinding", "subjects"),
    ("HorizontalPodAutoscaler", "spec/scaleTargetRef"),
];

/// An object that may be named.
struct Target {
    kind: String,
    namespace: String,
    earlier: Vec<String>,
    name: String,
}

/// Writes the present names into everything that names an object by an earlier one.
pub(super) fn update(resources: &mut [Resource]) {
    let targets: Vec<Target> = resources
        .iter()
        .filter(|resource| !resource.earlier.is_empty())
        .map(|resource| Target {
            kind: resource.kind().to_owned(),
            namespace: resource.namespace().to_owned(),
            earlier: resource.earlier.clone(),
            name: resource.name().to_owned(),
        })
        .collect();
    for resource in resources {
        update_one(resource, &targets);
    }
}

fn update_one(resource: &mut Resource, targets: &[Target]) {
    let namespace = resource.namespace().to_owned();
    let rename = |kind: &str, value: &mut Value| {
        let renamed = |text: &str| {
            let found = targets.iter().find(|target| {
                target.kind == kind
                    && target.namespace == namespace
                    && target.name != text
                    && target.earlier.iter().any(|earlier| earlier == text)
            });
            found.map(|target| Value::from(target.name.clone()))
        };
        if let Some(new) = value.as_str().and_then(renamed) {
            *value = new;
        } else {
            value.update_items(|item| {
                if let Some(new) = item.as_str().and_then(renamed) {
                    *item = new;
                }
            });
        }
    };
    for (owner, path) in POD_SPECS {
        if *owner == resource.kind() {
            for (kind, below) in IN_PODS {
                let path = format!("{path}/{below}");
                FieldSpec::found("", owner, &path)
                    .update(resource, &mut |value| rename(kind, value));
            }
        }
    }
    for (kind, owner, path) in ELSEWHERE {
        FieldSpec::found("", owner, path).update(resource, &mut |value| rename(kind, value));
    }
    for (owner, path) in WITH_KIND {
        FieldSpec::found("", owner, path).update(resource, &mut |value| {
            let rename_in = |reference: &mut Value| {
                let kind = reference.get(&names::KIND).as_str().unwrap_or_default().to_owned();
                reference.update(&Key::from("name"), |name| rename(&kind, name));
            };
            match value {
                Value::List(_) => value.update_items(rename_in),
                _ => rename_in(value),
            }
        });
    }
}
