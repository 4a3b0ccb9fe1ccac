//! Containers of every sort: what they have in common, and what tells them apart.

use super::{Context, env, mounts, ports, probes, resources, security};
use crate::rules::{Seen, check_required, one_of_required, required};
use api::core::v1::{Container, EphemeralContainer, PodSpec};
use api::field::{ErrorList, Path};
use api::{Value, View, names, validation};

/// The order in which the server lists what a container can have where it forbids it.
const FORBIDDEN_FOR_EPHEMERAL: &[(&str, fn(Container<'_>) -> bool)] = &[
    ("ports", |c| !c.ports().is_empty()),
    ("resources", |c| c.resources().value().as_map().is_some_and(|map| !map.is_empty())),
    ("resizePolicy", |c| !c.resize_policy().is_empty()),
    ("restartPolicy", |c| c.restart_policy().is_some()),
    ("livenessProbe", |c| c.liveness_probe().is_some()),
    ("readinessProbe", |c| c.readiness_probe().is_some()),
    ("startupProbe", |c| c.startup_probe().is_some()),
    ("lifecycle", |c| c.lifecycle().is_some()),
];

/// Checks the containers, the init containers, and the ephemeral ones.
pub(super) fn validate_all(context: &Context<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    validate_regular(context, &at.child("containers"), errors);
    validate_init(context, &at.child("initContainers"), errors);
    validate_ephemeral(context, &at.child("ephemeralContainers"), errors);
}

fn validate_regular(context: &Context<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let containers = context.spec.containers();
    if containers.is_empty() {
        return errors.required(at, "");
    }
    let mut seen = Seen::new();
    for (i, container) in containers.clone().enumerate() {
        let at = at.index(i);
        validate_common(context, container, &at, errors);
        if !seen.insert(container.name()) {
            errors.duplicate(&at.child("name"), container.name());
        }
        probes::validate_of_container(container, &at, errors);
        if container.restart_policy().is_some() {
            let detail = "may not be set for non-init containers";
            errors.forbidden(&at.child("restartPolicy"), detail);
        }
    }
    ports::validate_host_ports(containers, at, errors);
}

fn validate_init(context: &Context<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let containers = context.spec.init_containers();
    if containers.is_empty() {
        return;
    }
    let mut seen = Seen::new();
    for container in context.spec.containers() {
        seen.insert(container.name());
    }
    for (i, container) in containers.clone().enumerate() {
        let list = at;
        let at = at.index(i);
        validate_common(context, container, &at, errors);
        let restarts = container.restart_policy();
        if let Some(policy) = restarts
            && policy != "Always"
        {
            errors.not_supported(&at.child("restartPolicy"), policy, &["Always"]);
        }
        let is_new = container.name().is_empty() || seen.insert(container.name());
        if !is_new {
            errors.duplicate(&at.child("name"), container.name());
        }
        // Init containers run one after the other, so each is checked alone, as if it were the
        // first of the list.
        ports::validate_host_ports(std::iter::once(container), list, errors);
        if restarts == Some("Always") {
            probes::validate_of_container(container, &at, errors);
        } else {
            forbid_probes(container, &at, errors);
        }
    }
}

fn forbid_probes(container: Container<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    for (field, is_set) in [
        ("lifecycle", container.lifecycle().is_some()),
        ("livenessProbe", container.liveness_probe().is_some()),
        ("readinessProbe", container.readiness_probe().is_some()),
        ("startupProbe", container.startup_probe().is_some()),
    ] {
        if is_set {
            let detail = "may not be set for init containers without restartPolicy=Always";
            errors.forbidden(&at.child(field), detail);
        }
    }
}

fn validate_ephemeral(context: &Context<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let containers = context.spec.ephemeral_containers();
    if containers.is_empty() {
        return;
    }
    let mut seen = Seen::new();
    for container in context.spec.containers().chain(context.spec.init_containers()) {
        seen.insert(container.name());
    }
    for (i, ephemeral) in containers.enumerate() {
        let at = at.index(i);
        let container = Container::of(ephemeral.value());
        validate_common(context, container, &at, errors);
        validate_image_space(container, &at, errors);
        if !seen.insert(container.name()) {
            errors.duplicate(&at.child("name"), container.name());
        }
        validate_target(context.spec, ephemeral, &at, errors);
        let detail = "cannot be set for an Ephemeral Container";
        for (field, is_set) in FORBIDDEN_FOR_EPHEMERAL {
            if is_set(container) {
                errors.forbidden(&at.child(field), detail);
            }
        }
        let mounts = at.child("volumeMounts");
        for (i, mount) in container.volume_mounts().enumerate() {
            let at = mounts.index(i);
            if !mount.sub_path().is_empty() {
                errors.forbidden(&at.child("subPath"), detail);
            }
            if !mount.sub_path_expr().is_empty() {
                errors.forbidden(&at.child("subPathExpr"), detail);
            }
        }
    }
}

fn validate_target(
    spec: PodSpec<'_>,
    container: EphemeralContainer<'_>,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    let target = container.target_container_name();
    let mut others = spec.containers().chain(spec.init_containers());
    if !target.is_empty() && !others.any(|other| other.name() == target) {
        errors.not_found(&at.child("targetContainerName"), target);
    }
}

fn validate_common(
    context: &Context<'_>,
    container: Container<'_>,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    check_required(validation::dns1123_label, container.name(), &at.child("name"), errors);
    required(container.image(), &at.child("image"), errors);
    one_of_required(
        container.termination_message_policy(),
        &["File", "FallbackToLogsOnError"],
        &at.child("terminationMessagePolicy"),
        errors,
    );
    ports::validate(container, &at.child("ports"), errors);
    env::validate(container, &at.child("env"), errors);
    env::validate_from(container, &at.child("envFrom"), errors);
    mounts::validate(context, container, &at.child("volumeMounts"), errors);
    mounts::validate_devices(context, container, &at.child("volumeDevices"), errors);
    one_of_required(
        container.image_pull_policy(),
        &["Always", "IfNotPresent", "Never"],
        &at.child("imagePullPolicy"),
        errors,
    );
    resources::validate(container.resources(), &at.child("resources"), errors);
    security::validate_container(container, &at.child("securityContext"), errors);
}

/// Checks, for Pods alone, that no image has spaces around it.
pub(super) fn validate_image_spaces(spec: PodSpec<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    for (field, key) in
        [("containers", &names::CONTAINERS), ("initContainers", &names::INIT_CONTAINERS)]
    {
        let at = at.child(field);
        for (i, container) in spec.value().get(key).items().iter().enumerate() {
            validate_image_space(Container::of(container), &at.index(i), errors);
        }
    }
}

fn validate_image_space(container: Container<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let image: &Value = container.value().get(&names::IMAGE);
    let image = image.as_str().unwrap_or_default();
    if image.len() != image.trim().len() {
        let detail = "must not have leading or trailing whitespace";
        errors.invalid(&at.child("image"), image, detail);
    }
}
