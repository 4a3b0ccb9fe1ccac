//! What containers request and are limited to.

use crate::rules::NOT_NEGATIVE;
use api::core::v1::{PodSpec, ResourceRequirements};
use api::field::{BadValue, ErrorList, Path};
use api::{Quantity, ResourceList, validation};

const STANDARD: [&str; 20] = [
    "configmaps",
    "cpu",
    "ephemeral-storage",
    "limits.cpu",
    "limits.ephemeral-storage",
    "limits.memory",
    "memory",
    "persistentvolumeclaims",
    "pods",
    "replicationcontrollers",
    "requests.cpu",
    "requests.ephemeral-storage",
    "requests.memory",
    "requests.storage",
    "resourcequotas",
    "secrets",
    "services",
    "services.loadbalancers",
    "services.nodeports",
    "storage",
];

/// The resources that come in whole numbers only.
const WHOLE: [&str; 9] = [
    "pods",
    "resourcequotas",
    "services",
    "replicationcontrollers",
    "secrets",
    "configmaps",
    "persistentvolumeclaims",
    "services.nodeports",
    "services.loadbalancers",
];

/// Whether Kubernetes itself knows the resource.
pub fn is_standard_resource(name: &str) -> bool {
    STANDARD.contains(&name) || is_hugepages(name) || name.starts_with("requests.hugepages-")
}

/// Whether containers can have the resource without a prefix.
pub fn is_standard_container_resource(name: &str) -> bool {
    matches!(name, "cpu" | "memory" | "ephemeral-storage") || is_hugepages(name)
}

/// Whether the resource is memory in pages of a certain size.
pub fn is_hugepages(name: &str) -> bool {
    name.starts_with("hugepages-")
}

/// Whether the name is one of Kubernetes' own.
pub fn is_native_resource(name: &str) -> bool {
    !name.contains('/') || name.contains("kubernetes.io/")
}

/// Whether the resource is one that somebody added, such as a device.
pub fn is_extended_resource(name: &str) -> bool {
    !is_native_resource(name)
        && !name.starts_with("requests.")
        && validation::qualified_name(&format!("requests.{name}")).is_empty()
}

fn is_whole(name: &str) -> bool {
    WHOLE.contains(&name) || is_extended_resource(name)
}

/// Whether limits may promise more of the resource than there is.
fn may_be_overcommitted(name: &str) -> bool {
    is_native_resource(name) && !is_hugepages(name)
}

/// Resource names print themselves.
fn shown(name: &str) -> BadValue {
    BadValue::Plain(name.to_owned())
}

/// Checks the name of a resource of any kind.
pub fn validate_resource_name(name: &str, at: &Path<'_>, errors: &mut ErrorList) -> bool {
    let problems = validation::qualified_name(name);
    let is_qualified = problems.is_empty();
    for problem in problems {
        errors.invalid(at, shown(name), problem);
    }
    if is_qualified && !name.contains('/') && !is_standard_resource(name) {
        let detail = "must be a standard resource type or fully qualified";
        errors.invalid(at, shown(name), detail);
        return false;
    }
    is_qualified
}

/// Checks the name of a resource that containers can ask for.
pub fn validate_container_resource_name(name: &str, at: &Path<'_>, errors: &mut ErrorList) {
    validate_resource_name(name, at, errors);
    if !name.contains('/') {
        if !is_standard_container_resource(name) {
            errors.invalid(at, shown(name), "must be a standard resource for containers");
        }
    } else if !is_native_resource(name) && !is_extended_resource(name) {
        errors.invalid(at, shown(name), "doesn't follow extended resource name standard");
    }
}

/// Checks an amount of a resource.
pub fn validate_quantity(name: &str, amount: Quantity, at: &Path<'_>, errors: &mut ErrorList) {
    if amount.sign() < 0 {
        errors.invalid(at, amount.to_string(), NOT_NEGATIVE);
    }
    if is_whole(name) && amount.milli_value() % 1_000 != 0 {
        errors.invalid(at, quantity_literal(amount), "must be an integer");
    }
}

/// An amount as a Go struct.
pub fn quantity_literal(amount: Quantity) -> BadValue {
    let (value, scale) = amount.go_amount();
    BadValue::Plain(format!(
        "resource.Quantity{{i:resource.int64Amount{{value:{value}, scale:{scale}}}, \
         d:resource.infDecAmount{{Dec:(*inf.Dec)(nil)}}, s:\"{amount}\", Format:\"{}\"}}",
        amount.format().as_str()
    ))
}

/// Checks the requests and limits of a container.
pub(super) fn validate(resources: ResourceRequirements<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    validate_lists(resources.limits(), resources.requests(), at, errors);
    if !resources.claims().is_empty() {
        validate_claims(resources, &at.child("claims"), errors);
    }
}

fn validate_lists(
    limits: ResourceList<'_>,
    requests: ResourceList<'_>,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    let (limits_at, requests_at) = (at.child("limits"), at.child("requests"));
    let mut has_hugepages = false;
    let mut has_cpu_or_memory = false;
    let mut note = |name: &str| {
        has_hugepages |= is_hugepages(name);
        has_cpu_or_memory |= matches!(name, "cpu" | "memory");
    };
    for (name, amount) in limits.iter() {
        let at = limits_at.key(name);
        validate_container_resource_name(name, &at, errors);
        validate_quantity(name, amount, &at, errors);
        validate_hugepages(name, amount, &at, errors);
        note(name);
    }
    for (name, amount) in requests.iter() {
        let at = requests_at.key(name);
        validate_container_resource_name(name, &at, errors);
        validate_quantity(name, amount, &at, errors);
        validate_request(name, amount, limits.get(name), (&limits_at, &requests_at), errors);
        validate_hugepages(name, amount, &at, errors);
        note(name);
    }
    if has_hugepages && !has_cpu_or_memory {
        errors.forbidden(at, "HugePages require cpu or memory");
    }
}

fn validate_request(
    name: &str,
    amount: Quantity,
    limit: Option<Quantity>,
    (limits_at, requests_at): (&Path<'_>, &Path<'_>),
    errors: &mut ErrorList,
) {
    match limit {
        Some(limit) if amount != limit && !may_be_overcommitted(name) => {
            let detail = format!("must be equal to {name} limit of {limit}");
            errors.invalid(requests_at, amount.to_string(), detail);
        }
        Some(limit) if amount > limit => {
            let detail = format!("must be less than or equal to {name} limit of {limit}");
            errors.invalid(requests_at, amount.to_string(), detail);
        }
        None if !may_be_overcommitted(name) => {
            errors.required(limits_at, "Limit must be set for non overcommitable resources");
        }
        _ => {}
    }
}

/// Memory in pages comes in whole pages.
fn validate_hugepages(name: &str, amount: Quantity, at: &Path<'_>, errors: &mut ErrorList) {
    let Some(size) = name.strip_prefix("hugepages-") else {
        return;
    };
    let Ok(size) = size.parse::<Quantity>() else {
        return;
    };
    if size.value() > 0 && amount.value() % size.value() != 0 {
        let detail = format!("must be an integer multiple of the hugepage unit size ({size})");
        errors.invalid(at, amount.to_string(), detail);
    }
}

fn validate_claims(resources: ResourceRequirements<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let mut names = crate::rules::Seen::new();
    for (i, claim) in resources.claims().enumerate() {
        let at = at.index(i);
        match claim.name() {
            "" => errors.required(&at, ""),
            name if names.insert(name) => errors.not_found(&at, name),
            name => errors.duplicate(&at, name),
        }
    }
}

/// Checks what a Pod needs beyond its containers.
pub(super) fn validate_overhead(spec: PodSpec<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    if !spec.overhead().is_empty() {
        const NONE: &api::Map = &api::Map::EMPTY;
        validate_lists(spec.overhead(), ResourceList(NONE), at, errors);
    }
}
