//! The rules of a PodSpec.
//!
//! Models `ValidatePodSpec` of `k8s.io/kubernetes/pkg/apis/core/validation` in 1.29 with the
//! feature gates that are on by default: the same errors in the same order. Entries of maps are
//! checked in the order of their keys, where the server takes them as they come.
//!
//! What is missing: the rules of Windows pods beyond their outline, resource claims (alpha), and
//! the leniency towards objects that an older server accepted.

mod affinity;
mod annotations;
mod containers;
mod dns;
mod env;
mod mounts;
mod pod_update;
mod ports;
mod probes;
mod projections;
mod resources;
mod scheduling;
mod security;
mod status;
mod template;
pub mod volume_sources;
mod volumes;

pub use affinity::validate_node_selector;
pub use annotations::validate_pod_annotations;
pub use pod_update::{validate_ephemeral_containers_update, validate_pod_update};
pub use ports::PROTOCOLS;
pub use resources::{
    is_extended_resource, is_hugepages, is_native_resource, is_standard_container_resource,
    is_standard_resource, quantity_literal, validate_container_resource_name, validate_quantity,
    validate_resource_name,
};
pub use scheduling::{TAINT_EFFECTS, validate_tolerations};
pub use status::validate_pod_status_update;
pub use template::{
    validate_long_running, validate_selected, validate_shareable_volumes, validate_template,
    validate_template_for, validate_template_metadata, validate_workload_template,
};

use crate::rules::{INT32_MAX, Seen, check, in_range};
use api::core::v1::{Pod, PodSpec};
use api::field::{ErrorList, Path};
use api::{Value, View, validation};

/// What the rules of one part of a spec have to know of the others.
struct Context<'a> {
    spec: PodSpec<'a>,
    /// The Pod that has the spec; nothing if it is that of a template.
    pod: Option<Pod<'a>>,
    /// The names of the volumes that are sound.
    volumes: Seen<&'a str>,
}

/// Checks the spec of a Pod at `at`.
pub fn validate_spec(spec: &Value, at: &Path<'_>, errors: &mut ErrorList) {
    validate_with(spec, Some(Pod::of(&Value::Null)), at, errors);
}

/// Checks a Pod: its annotations, its spec, and what only Pods and not templates must obey.
pub fn validate_pod(pod: &Value, errors: &mut ErrorList) {
    let pod = Pod::of(pod);
    validate_pod_annotations(pod, errors);
    let at = Path::new("spec");
    validate_with(pod.spec().value(), Some(pod), &at, errors);
    projections::validate_tokens_have_account(pod.spec(), &at, errors);
    containers::validate_image_spaces(pod.spec(), &at, errors);
}

/// Checks what a new Pod must not have.
pub fn validate_new_pod(pod: &Value, errors: &mut ErrorList) {
    let spec = Pod::of(pod).spec();
    let at = Path::new("spec");
    if !spec.ephemeral_containers().is_empty() {
        errors.forbidden(&at.child("ephemeralContainers"), "cannot be set on create");
    }
    if !spec.scheduling_gates().is_empty() && !spec.node_name().is_empty() {
        let detail = "cannot be set until all schedulingGates have been cleared";
        errors.forbidden(&at.child("nodeName"), detail);
    }
}

fn validate_with<'a>(spec: &'a Value, pod: Option<Pod<'a>>, at: &Path<'_>, errors: &mut ErrorList) {
    let spec = PodSpec::of(spec);
    let mut context = Context { spec, pod, volumes: Seen::new() };
    if spec.termination_grace_period_seconds().is_none() {
        errors.required(&at.child("terminationGracePeriodSeconds"), "");
    }
    volumes::validate(&mut context, &at.child("volumes"), errors);
    containers::validate_all(&context, at, errors);
    ports::validate_host_network(&context, at, errors);
    validate_policies(spec, at, errors);
    crate::meta::validate_labels(spec.node_selector(), &at.child("nodeSelector"), errors);
    security::validate_pod(spec, &at.child("securityContext"), errors);
    affinity::validate(spec, &at.child("affinity"), errors);
    dns::validate(spec, &at.child("dnsConfig"), errors);
    scheduling::validate_gates(spec, at, errors);
    scheduling::validate_spread(spec, &at.child("topologySpreadConstraints"), errors);
    security::validate_host_users(spec, at, errors);
    validate_names(spec, at, errors);
    scheduling::validate_tolerations_of(spec, &at.child("tolerations"), errors);
    dns::validate_host_aliases(spec, &at.child("hostAliases"), errors);
    validate_classes(spec, at, errors);
    security::validate_os(spec, at, errors);
}

fn validate_policies(spec: PodSpec<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let policies = ["Always", "OnFailure", "Never"];
    crate::rules::one_of_required(
        spec.restart_policy(),
        &policies,
        &at.child("restartPolicy"),
        errors,
    );
    let policies = ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];
    crate::rules::one_of_required(spec.dns_policy(), &policies, &at.child("dnsPolicy"), errors);
}

/// The names that a spec mentions, and its deadline, in the order of the server.
fn validate_names(spec: PodSpec<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let subdomain = validation::dns1123_subdomain;
    if !spec.service_account_name().is_empty() {
        check(subdomain, spec.service_account_name(), &at.child("serviceAccountName"), errors);
    }
    if !spec.node_name().is_empty() {
        check(subdomain, spec.node_name(), &at.child("nodeName"), errors);
    }
    if let Some(seconds) = spec.active_deadline_seconds() {
        in_range(seconds, 1, INT32_MAX, &at.child("activeDeadlineSeconds"), errors);
    }
    for (field, name) in [("hostname", spec.hostname()), ("subdomain", spec.subdomain())] {
        if !name.is_empty() {
            check(validation::dns1123_label, name, &at.child(field), errors);
        }
    }
}

fn validate_classes(spec: PodSpec<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let subdomain = validation::dns1123_subdomain;
    if !spec.priority_class_name().is_empty() {
        check(subdomain, spec.priority_class_name(), &at.child("priorityClassName"), errors);
    }
    if let Some(name) = spec.runtime_class_name() {
        check(subdomain, name, &at.child("runtimeClassName"), errors);
    }
    if let Some(policy) = spec.preemption_policy() {
        let policies = ["PreemptLowerPriority", "Never"];
        let at = at.child("preemptionPolicy");
        crate::rules::one_of_required(policy, &policies, &at, errors);
    }
    resources::validate_overhead(spec, &at.child("overhead"), errors);
}
