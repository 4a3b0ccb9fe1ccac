//! ResourceQuota: how much all objects of a namespace may use together.
//!
//! Counting is the business of admission and of a controller.

use crate::pod_spec::{is_hugepages, round_amounts, validate_quantity, validate_resource_name};
use crate::rules::{IMMUTABLE, Seen};
use crate::table::{AGE, Column, NAME, Row, age, name};
use crate::{Kind, internal};
use api::core::v1::{ResourceQuota, ResourceQuotaSpec, ScopedResourceSelectorRequirement};
use api::field::{BadValue, ErrorList, Path};
use api::schema::types;
use api::{Quantity, ResourceList, Value, View, names, validation};
use sim::Time;

/// `v1` ResourceQuota
pub static KIND: Kind = Kind {
    kind: "ResourceQuota",
    plural: "resourcequotas",
    singular: "resourcequota",
    short_names: &["quota"],
    ty: types::CORE_V1_RESOURCE_QUOTA,
    storage_version_hash: "8uhSgffRX6w=",
    has_status: true,
    set_defaults,
    validate,
    validate_update,
    validate_status_update,
    columns: &[NAME, AGE, Column::text("Request"), Column::text("Limit")],
    row,
    ..Kind::NAMESPACED
};

const RESOURCES: [&str; 19] = [
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
];

const SCOPES: [&str; 6] = [
    "Terminating",
    "NotTerminating",
    "BestEffort",
    "NotBestEffort",
    "PriorityClass",
    "CrossNamespacePodAffinity",
];

const CONFLICTS: [[&str; 2]; 2] =
    [["BestEffort", "NotBestEffort"], ["Terminating", "NotTerminating"]];

/// Whether a quota can be set on a resource that has no prefix.
pub fn is_quota_resource(name: &str) -> bool {
    RESOURCES.contains(&name) || is_hugepages(name) || name.starts_with("requests.hugepages-")
}

fn set_defaults(object: &mut Value) {
    for part in [&names::SPEC, &names::STATUS] {
        object.update(part, |part| {
            for list in [&names::HARD, &names::USED] {
                part.update(list, round_amounts);
            }
        });
    }
}

fn validate(object: &Value, errors: &mut ErrorList) {
    let spec = ResourceQuota::of(object).spec();
    let at = Path::new("spec");
    validate_amounts(spec.hard(), &at.child("hard"), errors);
    validate_scopes(spec, &at.child("scopes"), errors);
    validate_scope_selector(spec, &at.child("scopeSelector"), errors);
}

fn validate_amounts(amounts: ResourceList<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    for (resource, amount) in amounts.iter() {
        let at = at.key(resource);
        validate_resource_name(resource, &at, errors);
        if !resource.contains('/') && !is_quota_resource(resource) {
            let shown = BadValue::Plain(resource.to_owned());
            errors.invalid(&at, shown, "must be a standard resource for quota");
        }
        validate_quantity(resource, amount, &at, errors);
    }
}

fn validate_scopes(spec: ResourceQuotaSpec<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let shown = || internal::print_strings("core.ResourceQuotaScope", spec.scopes());
    for scope in spec.scopes() {
        if !SCOPES.contains(&scope) {
            errors.invalid(at, shown(), "unsupported scope");
        }
        for (resource, _) in spec.hard().iter() {
            if is_quota_resource(resource) && !can_scope(scope, resource) {
                errors.invalid(at, shown(), "unsupported scope applied to resource");
            }
        }
    }
    for [one, other] in CONFLICTS {
        if spec.scopes().has(one) && spec.scopes().has(other) {
            errors.invalid(at, shown(), "conflicting scopes");
        }
    }
}

/// Whether a scope makes sense for a resource: some scopes only look at what Pods request.
fn can_scope(scope: &str, resource: &str) -> bool {
    match scope {
        "Terminating"
        | "NotTerminating"
        | "NotBestEffort"
        | "PriorityClass"
        | "CrossNamespacePodAffinity" => matches!(
            resource,
            "cpu"
                | "memory"
                | "ephemeral-storage"
                | "requests.cpu"
                | "requests.memory"
                | "requests.ephemeral-storage"
                | "limits.cpu"
                | "limits.memory"
                | "limits.ephemeral-storage"
                | "pods"
        ),
        "BestEffort" => resource == "pods",
        _ => true,
    }
}

fn validate_scope_selector(spec: ResourceQuotaSpec<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let Some(selector) = spec.scope_selector() else { return };
    let list = at.child("matchExpressions");
    let mut scopes = Seen::new();
    for (i, requirement) in selector.match_expressions().enumerate() {
        validate_requirement(spec, requirement, at, &list.index(i), errors);
        scopes.insert(requirement.scope_name());
    }
    for [one, other] in CONFLICTS {
        if scopes.has(one) && scopes.has(other) {
            let shown = internal::print(types::CORE_V1_SCOPE_SELECTOR, selector.value());
            errors.invalid(&list, shown, "conflicting scopes");
        }
    }
}

fn validate_requirement(
    spec: ResourceQuotaSpec<'_>,
    requirement: ScopedResourceSelectorRequirement<'_>,
    selector_at: &Path<'_>,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    let scope = requirement.scope_name();
    let scope_at = at.child("scopeName");
    if !SCOPES.contains(&scope) {
        errors.invalid(&scope_at, scope, "unsupported scope");
    }
    for (resource, _) in spec.hard().iter() {
        if is_quota_resource(resource) && !can_scope(scope, resource) {
            errors.invalid(selector_at, scope, "unsupported scope applied to resource");
        }
    }
    let operator = requirement.operator();
    let only_exists = matches!(
        scope,
        "BestEffort"
            | "NotBestEffort"
            | "Terminating"
            | "NotTerminating"
            | "CrossNamespacePodAffinity"
    );
    if only_exists && operator != "Exists" {
        let detail = "must be 'Exist' when scope is any of ResourceQuotaScopeTerminating, \
            ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, \
            ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";
        errors.invalid(&at.child("operator"), operator, detail);
    }
    let values_at = at.child("values");
    let count = requirement.values().len();
    match operator {
        "In" | "NotIn" if count == 0 => {
            let detail =
                "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector";
            errors.required(&values_at, detail);
        }
        "Exists" | "DoesNotExist" if count > 0 => {
            let shown = internal::print_strings("string", requirement.values());
            let detail = "must be no value when `operator` is 'Exists' or 'DoesNotExist' for \
                scope selector";
            errors.invalid(&values_at, shown, detail);
        }
        "In" | "NotIn" | "Exists" | "DoesNotExist" => {}
        other => errors.invalid(&at.child("operator"), other, "not a valid selector operator"),
    }
}

fn validate_update(new: &Value, old: &Value, errors: &mut ErrorList) {
    let (new, old) = (ResourceQuota::of(new).spec(), ResourceQuota::of(old).spec());
    let sorted = |spec: ResourceQuotaSpec<'_>| {
        let mut scopes: Vec<String> = spec.scopes().map(str::to_owned).collect();
        scopes.sort();
        scopes.dedup();
        scopes
    };
    if sorted(new) != sorted(old) {
        let spec = Path::new("spec");
        let shown = internal::print_strings("core.ResourceQuotaScope", new.scopes());
        errors.invalid(&spec.child("scopes"), shown, IMMUTABLE);
    }
}

fn validate_status_update(new: &Value, _: &Value, errors: &mut ErrorList) {
    let status = ResourceQuota::of(new).status();
    let at = Path::new("status");
    validate_amounts(status.hard(), &at.child("hard"), errors);
    let used_at = at.child("used");
    for (resource, amount) in status.used().iter() {
        let at = used_at.key(resource);
        if validation::qualified_name(resource).is_empty() {
            validate_quantity(resource, amount, &at, errors);
        } else {
            validate_resource_name(resource, &at, errors);
        }
    }
}

fn row(object: &Value, now: Time) -> Row {
    let status = ResourceQuota::of(object).status();
    let (mut requests, mut limits) = (Vec::new(), Vec::new());
    for (resource, hard) in status.hard().iter() {
        let used = status.used().get(resource).unwrap_or(Quantity::ZERO);
        let list = if resource.starts_with("limits") { &mut limits } else { &mut requests };
        list.push(format!("{resource}: {used}/{hard}"));
    }
    vec![name(object), age(object, now), requests.join(", ").into(), limits.join(", ").into()]
}
