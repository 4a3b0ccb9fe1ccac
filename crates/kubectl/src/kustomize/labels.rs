//! `commonLabels`, `labels` and `commonAnnotations`

use super::fields::FieldSpec;
use super::resource::Resource;
use api::{Map, Value};

const OWN_LABELS: FieldSpec<'static> = FieldSpec::made("", "", "metadata/labels");

/// Labels of what objects make.
const TEMPLATES: &[FieldSpec<'static>] = &[
    FieldSpec::made("", "ReplicationController", "spec/template/metadata/labels"),
    FieldSpec::made("", "Deployment", "spec/template/metadata/labels"),
    FieldSpec::made("", "ReplicaSet", "spec/template/metadata/labels"),
    FieldSpec::made("", "DaemonSet", "spec/template/metadata/labels"),
    FieldSpec::made("apps", "StatefulSet", "spec/template/metadata/labels"),
    FieldSpec::made("batch", "Job", "spec/template/metadata/labels"),
    FieldSpec::made("batch", "CronJob", "spec/jobTemplate/metadata/labels"),
    FieldSpec::made("batch", "CronJob", "spec/jobTemplate/spec/template/metadata/labels"),
];

/// Selectors, and the labels of claims, which a selector may pick.
const SELECTORS: &[FieldSpec<'static>] = &[
    FieldSpec::made("", "Service", "spec/selector"),
    FieldSpec::made("", "ReplicationController", "spec/selector"),
    FieldSpec::made("", "Deployment", "spec/selector/matchLabels"),
    FieldSpec::made("", "ReplicaSet", "spec/selector/matchLabels"),
    FieldSpec::made("", "DaemonSet", "spec/selector/matchLabels"),
    FieldSpec::made("apps", "StatefulSet", "spec/selector/matchLabels"),
    FieldSpec::made("apps", "StatefulSet", "spec/volumeClaimTemplates/metadata/labels"),
    FieldSpec::found("batch", "Job", "spec/selector/matchLabels"),
    FieldSpec::found("batch", "CronJob", "spec/jobTemplate/spec/selector/matchLabels"),
    FieldSpec::found("policy", "PodDisruptionBudget", "spec/selector/matchLabels"),
    FieldSpec::found("networking.k8s.io", "NetworkPolicy", "spec/podSelector/matchLabels"),
    FieldSpec::found(
        "networking.k8s.io",
        "NetworkPolicy",
        "spec/ingress/from/podSelector/matchLabels",
    ),
    FieldSpec::found(
        "networking.k8s.io",
        "NetworkPolicy",
        "spec/egress/to/podSelector/matchLabels",
    ),
];

/// Selectors within the description of a Pod.
const POD_SELECTORS: &[&str] = &[
    "affinity/podAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/\
     labelSelector/matchLabels",
    "affinity/podAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels",
    "affinity/podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/\
     labelSelector/matchLabels",
    "affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/\
     matchLabels",
    "topologySpreadConstraints/labelSelector/matchLabels",
];

const ANNOTATIONS: &[FieldSpec<'static>] = &[
    FieldSpec::made("", "", "metadata/annotations"),
    FieldSpec::made("", "ReplicationController", "spec/template/metadata/annotations"),
    FieldSpec::made("", "Deployment", "spec/template/metadata/annotations"),
    FieldSpec::made("", "ReplicaSet", "spec/template/metadata/annotations"),
    FieldSpec::made("", "DaemonSet", "spec/template/metadata/annotations"),
    FieldSpec::made("", "StatefulSet", "spec/template/metadata/annotations"),
    FieldSpec::made("batch", "Job", "spec/template/metadata/annotations"),
    FieldSpec::made("batch", "CronJob", "spec/jobTemplate/metadata/annotations"),
    FieldSpec::made("batch", "CronJob", "spec/jobTemplate/spec/template/metadata/annotations"),
];

/// Sets the labels and annotations that the kustomization gives to all.
pub(super) fn set(kustomization: &Value, resources: &mut [Resource]) {
    for entry in kustomization["labels"].items() {
        let Some(pairs) = entry["pairs"].as_map() else { continue };
        let is_set = |option: &str| entry[option].as_bool().unwrap_or(false);
        let includes_selectors = is_set("includeSelectors");
        let includes_templates = includes_selectors || is_set("includeTemplates");
        for resource in resources.iter_mut() {
            set_labels(resource, pairs, includes_templates, includes_selectors);
            for field in entry["fields"].items() {
                custom_field(field).update(resource, &mut |labels| insert(labels, pairs));
            }
        }
    }
    if let Some(pairs) = kustomization["commonLabels"].as_map() {
        for resource in resources.iter_mut() {
            set_labels(resource, pairs, true, true);
        }
    }
    if let Some(pairs) = kustomization["commonAnnotations"].as_map() {
        for resource in resources.iter_mut() {
            for field in ANNOTATIONS {
                field.update(resource, &mut |annotations| insert(annotations, pairs));
            }
        }
    }
}

fn set_labels(resource: &mut Resource, pairs: &Map, templates: bool, selectors: bool) {
    let mut put = |labels: &mut Value| insert(labels, pairs);
    OWN_LABELS.update(resource, &mut put);
    if templates {
        for field in TEMPLATES {
            field.update(resource, &mut put);
        }
    }
    if selectors {
        for field in SELECTORS {
            field.update(resource, &mut put);
        }
        for path in POD_SELECTORS {
            let path = format!("spec/template/spec/{path}");
            for kind in ["Deployment", "StatefulSet"] {
                FieldSpec::found("apps", kind, &path).update(resource, &mut put);
            }
        }
    }
}

/// A field that the kustomization itself names.
fn custom_field(field: &Value) -> FieldSpec<'_> {
    let text = |name: &str| field[name].as_str().unwrap_or_default();
    FieldSpec {
        group: text("group"),
        kind: text("kind"),
        path: text("path"),
        create: field["create"].as_bool().unwrap_or(false),
    }
}

fn insert(labels: &mut Value, pairs: &Map) {
    let map = labels.make_map();
    for (key, value) in pairs.iter() {
        let text = match value {
            Value::Str(_) => value.clone(),
            other => Value::from(api::json::to_string(other)),
        };
        map.insert(key, text);
    }
}
