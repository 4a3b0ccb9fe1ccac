//! The annotations that concern a Pod's spec.

use api::StringMap;
use api::core::v1::{Pod, PodSpec};
use api::field::{ErrorList, Path};

const MIRROR: &str = "kubernetes.io/config.mirror";
const DELETION_COST: &str = "controller.kubernetes.io/pod-deletion-cost";
const APP_ARMOR_PREFIX: &str = "container.apparmor.security.beta.kubernetes.io/";

/// Checks the annotations that concern a Pod's spec.
pub fn validate_pod_annotations(pod: Pod<'_>, errors: &mut ErrorList) {
    let metadata = Path::new("metadata");
    let at = metadata.child("annotations");
    validate(pod.metadata().annotations(), pod.spec(), &at, errors);
}

/// The same at any place.
pub(super) fn validate(
    annotations: StringMap<'_>,
    spec: PodSpec<'_>,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    if let Some(mirror) = annotations.get(MIRROR)
        && spec.node_name().is_empty()
    {
        let detail = "must set spec.nodeName if mirror pod annotation is set";
        errors.invalid(&at.key(MIRROR), mirror, detail);
    }
    if let Some(cost) = annotations.get(DELETION_COST)
        && !is_deletion_cost(cost)
    {
        errors.invalid(&at.key(DELETION_COST), cost, "must be a 32bit integer");
    }
    for (key, profile) in annotations.iter() {
        if let Some(container) = key.strip_prefix(APP_ARMOR_PREFIX) {
            validate_app_armor(spec, container, (key, profile), at, errors);
        }
    }
}

/// Signs and leading zeros are refused, as nothing should be written in two ways.
fn is_deletion_cost(cost: &str) -> bool {
    let digits = cost.strip_prefix('-').unwrap_or(cost);
    let is_canonical = digits == "0" && cost == "0" || !digits.starts_with(['0', '+']);
    is_canonical && cost.parse::<i32>().is_ok()
}

fn validate_app_armor(
    spec: PodSpec<'_>,
    container: &str,
    (key, profile): (&str, &str),
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    let mut containers = spec.containers().chain(spec.init_containers());
    let is_known = containers.any(|c| c.name() == container)
        || spec.ephemeral_containers().any(|c| c.name() == container);
    if !is_known {
        errors.invalid(&at.key(key), container, "container not found");
    }
    let is_profile = matches!(profile, "" | "runtime/default" | "unconfined")
        || profile.starts_with("localhost/");
    if !is_profile {
        errors.invalid(&at.key(key), profile, "invalid AppArmor profile name");
    }
}

/// Checks that the annotations that the kubelet acts on have not changed.
pub(super) fn validate_update(new: Pod<'_>, old: Pod<'_>, errors: &mut ErrorList) {
    let metadata = Path::new("metadata");
    let at = metadata.child("annotations");
    let (new, old) = (new.metadata().annotations(), old.metadata().annotations());
    for (key, _) in old.iter().filter(|(key, value)| new.get(key) != Some(value)) {
        if key.starts_with(APP_ARMOR_PREFIX) {
            errors.forbidden(&at.key(key), "may not remove or update AppArmor annotations");
        }
        if key == MIRROR {
            errors.forbidden(&at.key(key), "may not remove or update mirror pod annotation");
        }
    }
    for (key, _) in new.iter().filter(|(key, _)| old.get(key).is_none()) {
        if key.starts_with(APP_ARMOR_PREFIX) {
            errors.forbidden(&at.key(key), "may not add AppArmor annotations");
        }
        if key == MIRROR {
            errors.forbidden(&at.key(key), "may not add mirror pod annotation");
        }
    }
}
