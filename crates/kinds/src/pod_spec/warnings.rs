//! What the author of a Pod should know although the Pod is accepted.
//!
//! Models `k8s.io/kubernetes/pkg/api/pod/warnings.go` in 1.29.

use crate::rules::Seen;
use api::core::v1::{
    Container, ContainerPort, NodeSelectorTerm, Pod, PodAffinityTerm, PodSpec, PodTemplateSpec,
    Volume,
};
use api::field::Path;
use api::{ResourceList, StringMap, Value, View, go, names, validation};
use std::collections::BTreeMap;

const NULL_SELECTOR: &str = "a null labelSelector results in matching no pod";

const DEPRECATED_NODE_LABELS: [(&str, &str, &str); 5] = [
    ("beta.kubernetes.io/arch", "v1.14", "kubernetes.io/arch"),
    ("beta.kubernetes.io/instance-type", "v1.17", "node.kubernetes.io/instance-type"),
    ("beta.kubernetes.io/os", "v1.14", "kubernetes.io/os"),
    ("failure-domain.beta.kubernetes.io/region", "v1.17", "topology.kubernetes.io/region"),
    ("failure-domain.beta.kubernetes.io/zone", "v1.17", "topology.kubernetes.io/zone"),
];

/// An annotation, what a name that it is the start of means the same, and what to know of it.
const DEPRECATED_ANNOTATIONS: [(&str, &str, &str); 4] = [
    (
        "scheduler.alpha.kubernetes.io/critical-pod",
        "",
        "non-functional in v1.16+; use the \"priorityClassName\" field instead",
    ),
    (
        "seccomp.security.alpha.kubernetes.io/pod",
        "container.seccomp.security.alpha.kubernetes.io/",
        "non-functional in v1.27+; use the \"seccompProfile\" field instead",
    ),
    (
        "security.alpha.kubernetes.io/sysctls",
        "",
        "non-functional in v1.11+; use the \"sysctls\" field instead",
    ),
    (
        "security.alpha.kubernetes.io/unsafe-sysctls",
        "",
        "non-functional in v1.11+; use the \"sysctls\" field instead",
    ),
];

/// Volumes that no longer work, in the order of the server.
const DEPRECATED_VOLUMES: [(&str, &str); 9] = [
    ("photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"),
    ("gitRepo", "deprecated in v1.11"),
    ("scaleIO", "deprecated in v1.16, non-functional in v1.22+"),
    ("flocker", "deprecated in v1.22, non-functional in v1.25+"),
    ("storageos", "deprecated in v1.22, non-functional in v1.25+"),
    ("quobyte", "deprecated in v1.22, non-functional in v1.25+"),
    ("glusterfs", "deprecated in v1.25, non-functional in v1.26+"),
    ("cephfs", "deprecated in v1.28, non-functional in v1.31+"),
    ("rbd", "deprecated in v1.28, non-functional in v1.31+"),
];

/// What the author of a new Pod should know. A change of a Pod is never worth a warning.
pub fn pod_warnings(new: &Value, old: Option<&Value>) -> Vec<String> {
    let mut warnings = Vec::new();
    if old.is_some() {
        return warnings;
    }
    let pod = Pod::of(new);
    let problems = validation::dns1123_label(pod.metadata().name());
    if !problems.is_empty() {
        warnings.push(format!(
            "metadata.name: this is used in the Pod's hostname, which can result in surprising \
             behavior; a DNS label is recommended: [{}]",
            problems.join(" ")
        ));
    }
    collect(pod.spec(), pod.metadata().annotations(), &Path::ROOT, &mut warnings);
    warnings
}

/// What the author of a pod template at `at` should know.
pub fn template_warnings(template: &Value, at: &Path<'_>, warnings: &mut Vec<String>) {
    let template = PodTemplateSpec::of(template);
    collect(template.spec(), template.metadata().annotations(), at, warnings);
}

/// What the author of a workload should know of its name, which becomes part of names of Pods.
pub fn workload_name_warning(object: &Value, warnings: &mut Vec<String>) {
    let problems = validation::dns1123_label(crate::table::metadata(object).name());
    if !problems.is_empty() {
        warnings.push(format!(
            "metadata.name: this is used in Pod names and hostnames, which can result in \
             surprising behavior; a DNS label is recommended: [{}]",
            problems.join(" ")
        ));
    }
}

fn collect(
    spec: PodSpec<'_>,
    annotations: StringMap<'_>,
    at: &Path<'_>,
    warnings: &mut Vec<String>,
) {
    let spec_at = at.child("spec");
    warn_of_node_labels(spec, &spec_at, warnings);
    let list = spec_at.child("topologySpreadConstraints");
    for (i, constraint) in spec.topology_spread_constraints().enumerate() {
        let at = list.index(i);
        warn_of_key(constraint.topology_key(), &at.child("topologyKey"), warnings);
        if constraint.label_selector().is_none() {
            warnings.push(format!("{}: {NULL_SELECTOR}", at.child("labelSelector")));
        }
    }
    let metadata_at = at.child("metadata");
    warn_of_annotations(annotations, &metadata_at.child("annotations"), warnings);
    let list = spec_at.child("volumes");
    for (i, volume) in spec.volumes().enumerate() {
        warn_of_volume(volume, &list.index(i), warnings);
    }
    warn_of_lists(spec, &spec_at, warnings);
    warn_of_fractions(spec.overhead(), &spec_at.child("overhead"), warnings);
    visit_containers(spec, &spec_at, |container, at| {
        warn_of_container(container, at, warnings);
    });
    warn_of_ports(spec, &spec_at, warnings);
    if spec.termination_grace_period_seconds().is_some_and(|seconds| seconds < 0) {
        warnings.push(format!(
            "{}: must be >= 0; negative values are invalid and will be treated as 1",
            spec_at.child("terminationGracePeriodSeconds")
        ));
    }
    warn_of_pod_affinity(spec, &spec_at.child("affinity"), warnings);
}

/// Calls `visit` with each container and its place.
fn visit_containers<'a>(
    spec: PodSpec<'a>,
    at: &Path<'_>,
    mut visit: impl FnMut(Container<'a>, &Path<'_>),
) {
    for (field, key) in [
        ("initContainers", &names::INIT_CONTAINERS),
        ("containers", &names::CONTAINERS),
        ("ephemeralContainers", &names::EPHEMERAL_CONTAINERS),
    ] {
        let list = at.child(field);
        for (i, container) in spec.value().get(key).items().iter().enumerate() {
            visit(Container::of(container), &list.index(i));
        }
    }
}

fn deprecation(label: &str) -> Option<String> {
    let (_, version, instead) =
        DEPRECATED_NODE_LABELS.iter().find(|(deprecated, _, _)| *deprecated == label)?;
    Some(format!("deprecated since {version}; use {} instead", go::quote(instead)))
}

/// Warns of a label of nodes that has another name now.
pub fn warn_of_key(key: &str, at: &Path<'_>, warnings: &mut Vec<String>) {
    if let Some(message) = deprecation(key) {
        warnings.push(format!("{at}: {key} is {message}"));
    }
}

fn warn_of_node_labels(spec: PodSpec<'_>, at: &Path<'_>, warnings: &mut Vec<String>) {
    let selector_at = at.child("nodeSelector");
    for (label, _) in spec.node_selector().iter() {
        if let Some(message) = deprecation(label) {
            warnings.push(format!("{}: {message}", selector_at.key(label)));
        }
    }
    let Some(nodes) = spec.affinity().and_then(|affinity| affinity.node_affinity()) else {
        return;
    };
    let affinity_at = at.child("affinity");
    let at = affinity_at.child("nodeAffinity");
    if let Some(selector) = nodes.required_during_scheduling_ignored_during_execution() {
        let at = at.child("requiredDuringSchedulingIgnoredDuringExecution");
        let list = at.child("nodeSelectorTerms");
        for (i, term) in selector.node_selector_terms().enumerate() {
            warn_of_term(term, &list.index(i), warnings);
        }
    }
    let list = at.child("preferredDuringSchedulingIgnoredDuringExecution");
    let terms = nodes.preferred_during_scheduling_ignored_during_execution();
    for (i, term) in terms.enumerate() {
        let at = list.index(i);
        warn_of_term(term.preference(), &at.child("preference"), warnings);
    }
}

fn warn_of_term(term: NodeSelectorTerm<'_>, at: &Path<'_>, warnings: &mut Vec<String>) {
    let list = at.child("matchExpressions");
    for (i, expression) in term.match_expressions().enumerate() {
        let at = list.index(i);
        warn_of_key(expression.key(), &at.child("key"), warnings);
    }
}

fn warn_of_annotations(annotations: StringMap<'_>, at: &Path<'_>, warnings: &mut Vec<String>) {
    for (name, prefix, message) in DEPRECATED_ANNOTATIONS {
        if annotations.get(name).is_some() {
            warnings.push(format!("{}: {message}", at.key(name)));
        }
        let with_prefix = |key: &&str| !prefix.is_empty() && key.starts_with(prefix);
        if let Some(key) = annotations.iter().map(|(key, _)| key).find(with_prefix) {
            warnings.push(format!("{}: {message}", at.key(key)));
        }
    }
}

fn warn_of_volume(volume: Volume<'_>, at: &Path<'_>, warnings: &mut Vec<String>) {
    for (source, message) in DEPRECATED_VOLUMES {
        if !volume.value()[source].is_null() {
            warnings.push(format!("{}: {message}", at.child(source)));
        }
    }
    let Some(template) = volume.ephemeral().and_then(|e| e.volume_claim_template()) else {
        return;
    };
    let at = at.child("ephemeral");
    let at = at.child("volumeClaimTemplate");
    let spec = template.spec();
    crate::core::persistent_volume_claim::spec_warnings(spec, &at.child("spec"), warnings);
}

/// Entries that stand in a list twice.
fn warn_of_lists(spec: PodSpec<'_>, at: &Path<'_>, warnings: &mut Vec<String>) {
    let list = at.child("hostAliases");
    let mut seen = Seen::new();
    for (i, alias) in spec.host_aliases().enumerate() {
        if !seen.insert(alias.ip()) {
            let at = list.index(i);
            warnings.push(format!("{}: duplicate ip {}", at.child("ip"), go::quote(alias.ip())));
        }
    }
    let list = at.child("imagePullSecrets");
    let mut seen = Seen::new();
    let mut empty = Vec::new();
    for (i, secret) in spec.image_pull_secrets().enumerate() {
        let at = list.index(i);
        let at = at.child("name");
        if !seen.insert(secret.name()) {
            warnings.push(format!("{at}: duplicate name {}", go::quote(secret.name())));
        }
        if secret.name().is_empty() {
            empty.push(format!("{at}: invalid empty name \"\""));
        }
    }
    warnings.append(&mut empty);
}

fn warn_of_fractions(amounts: ResourceList<'_>, at: &Path<'_>, warnings: &mut Vec<String>) {
    for resource in ["memory", "ephemeral-storage"] {
        warn_of_fraction(amounts, resource, at, warnings);
    }
}

fn warn_of_fraction(
    amounts: ResourceList<'_>,
    resource: &str,
    at: &Path<'_>,
    warnings: &mut Vec<String>,
) {
    if let Some(amount) = amounts.get(resource)
        && amount.milli_value() % 1_000 != 0
    {
        warnings.push(format!(
            "{}: fractional byte value \"{amount}\" is invalid, must be an integer",
            at.key(resource)
        ));
    }
}

fn warn_of_container(container: Container<'_>, at: &Path<'_>, warnings: &mut Vec<String>) {
    let resources = container.resources();
    let resources_at = at.child("resources");
    for resource in ["memory", "ephemeral-storage"] {
        warn_of_fraction(resources.limits(), resource, &resources_at.child("limits"), warnings);
        let requests_at = resources_at.child("requests");
        warn_of_fraction(resources.requests(), resource, &requests_at, warnings);
    }
    let list = at.child("env");
    let mut seen = Seen::new();
    for (i, variable) in container.env().enumerate() {
        if seen.insert(variable.name()) {
            continue;
        }
        // A value that builds on the previous one hides nothing.
        let reference = format!("$({})", variable.name());
        let extends = variable.value_from().is_none()
            && variable.value() != reference
            && variable.value().contains(&reference);
        if !extends {
            let name = go::quote(variable.name());
            warnings.push(format!("{}: hides previous definition of {name}", list.index(i)));
        }
    }
}

fn warn_of_ports(spec: PodSpec<'_>, at: &Path<'_>, warnings: &mut Vec<String>) {
    let mut all: BTreeMap<(i64, &str), Vec<(String, ContainerPort<'_>)>> = BTreeMap::new();
    visit_containers(spec, at, |container, at| {
        let list = at.child("ports");
        for (i, port) in container.ports().enumerate() {
            let at = list.index(i);
            if !port.host_ip().is_empty() && port.host_port() == 0 {
                warnings.push(format!("{at}: hostIP set without hostPort: {}", port_struct(port)));
            }
            let others = all.entry((port.container_port(), port.protocol())).or_default();
            for (other_at, other) in others.iter() {
                if let Some(relation) = port_relation(port, *other) {
                    warnings.push(format!("{at}: {relation} with {other_at}"));
                }
            }
            others.push((at.to_string(), port));
        }
    });
}

/// How two ports of the same number and protocol stand to each other.
fn port_relation(port: ContainerPort<'_>, other: ContainerPort<'_>) -> Option<&'static str> {
    let (a, b) = (port.host_port(), other.host_port());
    if port.host_ip() == other.host_ip() && a == b {
        Some("duplicate port definition")
    } else if a == 0 || b == 0 {
        Some("overlapping port definition")
    } else if a == b && port.host_ip().is_empty() != other.host_ip().is_empty() {
        Some("dangerously ambiguous port definition")
    } else {
        None
    }
}

/// `%+v` of a port.
fn port_struct(port: ContainerPort<'_>) -> String {
    format!(
        "{{Name:{} HostPort:{} ContainerPort:{} Protocol:{} HostIP:{}}}",
        port.name(),
        port.host_port(),
        port.container_port(),
        port.protocol(),
        port.host_ip()
    )
}

fn warn_of_pod_affinity(spec: PodSpec<'_>, at: &Path<'_>, warnings: &mut Vec<String>) {
    let Some(affinity) = spec.affinity() else {
        return;
    };
    for field in ["podAffinity", "podAntiAffinity"] {
        let terms = &affinity.value()[field];
        let at = at.child(field);
        let list = at.child("requiredDuringSchedulingIgnoredDuringExecution");
        let key = &names::REQUIRED_DURING_SCHEDULING_IGNORED_DURING_EXECUTION;
        for (i, term) in terms.get(key).items().iter().enumerate() {
            warn_of_pod_term(term, &list.index(i), warnings);
        }
        let list = at.child("preferredDuringSchedulingIgnoredDuringExecution");
        let key = &names::PREFERRED_DURING_SCHEDULING_IGNORED_DURING_EXECUTION;
        for (i, term) in terms.get(key).items().iter().enumerate() {
            let at = list.index(i);
            let term = term.get(&names::POD_AFFINITY_TERM);
            warn_of_pod_term(term, &at.child("podAffinityTerm"), warnings);
        }
    }
}

fn warn_of_pod_term(term: &Value, at: &Path<'_>, warnings: &mut Vec<String>) {
    if PodAffinityTerm::of(term).label_selector().is_none() {
        warnings.push(format!("{}: {NULL_SELECTOR}", at.child("labelSelector")));
    }
}
