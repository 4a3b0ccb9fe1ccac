//! Node: a machine that runs Pods.

use crate::internal;
use crate::table::{AGE, Column, NAME, NONE, Row, UNKNOWN, age, name};
use crate::{FieldSelector, Kind, Subresource};
use api::core::v1::Node;
use api::field::{ErrorList, Path};
use api::schema::types;
use api::{Value, View, validation};
use sim::Time;

const ROLE_PREFIX: &str = "node-role.kubernetes.io/";

/// `v1` Node
pub static KIND: Kind = Kind {
    kind: "Node",
    plural: "nodes",
    singular: "node",
    short_names: &["no"],
    ty: types::CORE_V1_NODE,
    storage_version_hash: "XwShjMxG9Fs=",
    has_status: true,
    subresources: &[Subresource::new(
        "proxy",
        "NodeProxyOptions",
        &["create", "delete", "get", "patch", "update"],
    )],
    validate,
    validate_update,
    field_selectors: &[FieldSelector {
        path: "spec.unschedulable",
        get: |object| Node::of(object).spec().unschedulable().to_string(),
    }],
    columns: &[
        NAME,
        Column::text("Status"),
        Column::text("Roles"),
        AGE,
        Column::text("Version"),
        Column::wide("Internal-IP"),
        Column::wide("External-IP"),
        Column::wide("OS-Image"),
        Column::wide("Kernel-Version"),
        Column::wide("Container-Runtime"),
    ],
    row,
    ..Kind::CLUSTER_SCOPED
};

fn validate(object: &Value, errors: &mut ErrorList) {
    let spec = Path::new("spec");
    let at = spec.child("taints");
    let mut seen: Vec<(&str, &str)> = Vec::new();
    for (i, taint) in Node::of(object).spec().taints().enumerate() {
        let at = at.index(i);
        for problem in validation::qualified_name(taint.key()) {
            errors.invalid(&at.child("key"), taint.key(), problem);
        }
        for problem in validation::label_value(taint.value()) {
            errors.invalid(&at.child("value"), taint.value(), problem);
        }
        let effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"];
        match taint.effect() {
            "" => errors.required(&at.child("effect"), ""),
            effect if effects.contains(&effect) => {}
            effect => errors.not_supported(&at.child("effect"), effect, &effects),
        }
        let pair = (taint.key(), taint.effect());
        if seen.contains(&pair) {
            errors.duplicate(&at, internal::print(types::CORE_V1_TAINT, View::value(taint)));
        }
        seen.push(pair);
    }
}

fn validate_update(new: &Value, old: &Value, errors: &mut ErrorList) {
    let (new, old) = (Node::of(new).spec(), Node::of(old).spec());
    let spec = Path::new("spec");
    if !old.pod_cidr().is_empty() && new.pod_cidr() != old.pod_cidr() {
        let detail = "node updates may not change podCIDR except from \"\" to valid";
        errors.forbidden(&spec.child("podCIDRs"), detail);
    }
    if !old.provider_id().is_empty() && new.provider_id() != old.provider_id() {
        let detail = "node updates may not change providerID except from \"\" to valid";
        errors.forbidden(&spec.child("providerID"), detail);
    }
}

fn row(object: &Value, now: Time) -> Row {
    let node = Node::of(object);
    let info = node.status().node_info();
    let or_unknown = |text: &str| match text {
        "" => Value::from(UNKNOWN),
        text => text.to_owned().into(),
    };
    vec![
        name(object),
        status(node).into(),
        roles(node).into(),
        age(object, now),
        info.kubelet_version().to_owned().into(),
        address(node, "InternalIP").into(),
        address(node, "ExternalIP").into(),
        or_unknown(info.os_image()),
        or_unknown(info.kernel_version()),
        or_unknown(info.container_runtime_version()),
    ]
}

/// `Ready,SchedulingDisabled`
fn status(node: Node<'_>) -> String {
    let ready = node.status().conditions().find(|condition| condition.type_() == "Ready");
    let word = match ready.map(|condition| condition.status()) {
        None => "Unknown",
        Some("True") => "Ready",
        Some(_) => "NotReady",
    };
    match node.spec().unschedulable() {
        true => format!("{word},SchedulingDisabled"),
        false => word.to_owned(),
    }
}

fn roles(node: Node<'_>) -> String {
    let mut roles: Vec<&str> = node
        .metadata()
        .labels()
        .iter()
        .filter_map(|(key, value)| match key.strip_prefix(ROLE_PREFIX) {
            Some(role) if !role.is_empty() => Some(role),
            _ if key == "kubernetes.io/role" && !value.is_empty() => Some(value),
            _ => None,
        })
        .collect();
    roles.sort_unstable();
    if roles.is_empty() { NONE.to_owned() } else { roles.join(",") }
}

fn address(node: Node<'_>, ty: &str) -> String {
    let found = node.status().addresses().find(|address| address.type_() == ty);
    found.map_or_else(|| NONE.to_owned(), |address| address.address().to_owned())
}
