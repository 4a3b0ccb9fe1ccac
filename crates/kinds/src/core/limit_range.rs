//! LimitRange: how much the containers, Pods and claims of a namespace may ask for each.

use crate::Kind;
use crate::pod_spec::{
    is_extended_resource, is_hugepages, is_native_resource, is_standard_container_resource,
    quantity_literal, round_amounts, validate_resource_name,
};
use crate::rules::Seen;
use api::core::v1::{LimitRange, LimitRangeItem};
use api::field::{BadValue, ErrorList, Path};
use api::schema::types;
use api::{Key, Quantity, ResourceList, Value, View, names, validation};
use std::collections::BTreeSet;

/// `v1` LimitRange
pub static KIND: Kind = Kind {
    kind: "LimitRange",
    plural: "limitranges",
    singular: "limitrange",
    short_names: &["limits"],
    ty: types::CORE_V1_LIMIT_RANGE,
    storage_version_hash: "EBKMFVe6cwo=",
    allows_create_on_update: true,
    set_defaults,
    validate,
    ..Kind::NAMESPACED
};

const STANDARD_TYPES: [&str; 3] = ["Pod", "Container", "PersistentVolumeClaim"];

fn set_defaults(object: &mut Value) {
    object.update(&names::SPEC, |spec| {
        spec.update(&names::LIMITS, |limits| limits.update_items(set_item_defaults));
    });
}

fn set_item_defaults(item: &mut Value) {
    for list in [
        &names::MAX,
        &names::MIN,
        &names::DEFAULT,
        &names::DEFAULT_REQUEST,
        &names::MAX_LIMIT_REQUEST_RATIO,
    ] {
        item.update(list, round_amounts);
    }
    if *item.get(&names::TYPE) != "Container" {
        return;
    }
    // What is limited is limited by default, and what has a default limit is requested by default.
    fill(item, &names::DEFAULT, &names::MAX);
    fill(item, &names::DEFAULT_REQUEST, &names::DEFAULT);
    fill(item, &names::DEFAULT_REQUEST, &names::MIN);
}

fn fill(item: &mut Value, list: &Key, from: &Key) {
    let amounts = item.get(from).clone();
    item.update(list, |list| {
        for (resource, amount) in amounts.as_map().into_iter().flat_map(|map| map.iter()) {
            list.set_default(resource, amount.clone());
        }
    });
}

fn validate(object: &Value, errors: &mut ErrorList) {
    let spec = Path::new("spec");
    let list = spec.child("limits");
    let mut types = Seen::new();
    for (i, item) in LimitRange::of(object).spec().limits().enumerate() {
        let at = list.index(i);
        validate_type(item.type_(), &at.child("type"), errors);
        if !types.insert(item.type_()) {
            errors.duplicate(&at.child("type"), item.type_());
        }
        validate_item(item, &at, errors);
    }
}

fn validate_type(ty: &str, at: &Path<'_>, errors: &mut ErrorList) {
    let problems = validation::qualified_name(ty);
    if problems.is_empty() && !ty.contains('/') && !STANDARD_TYPES.contains(&ty) {
        errors.invalid(at, ty, "must be a standard limit type or fully qualified");
    }
    for problem in problems {
        errors.invalid(at, ty, problem);
    }
}

fn validate_item(item: LimitRangeItem<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let mut resources = BTreeSet::new();
    let is_pod = item.type_() == "Pod";
    for (field, list) in [
        ("max", item.max()),
        ("min", item.min()),
        ("default", item.default()),
        ("defaultRequest", item.default_request()),
        ("maxLimitRequestRatio", item.max_limit_request_ratio()),
    ] {
        let list_at = at.child(field);
        if is_pod && field.starts_with("default") {
            if !list.is_empty() {
                errors.forbidden(&list_at, "may not be specified when `type` is 'Pod'");
            }
            continue;
        }
        for (resource, _) in list.iter() {
            resources.insert(resource);
            validate_name(item.type_(), resource, &list_at.key(resource), errors);
        }
    }
    let has = |list: ResourceList<'_>| list.get("storage").is_some();
    if item.type_() == "PersistentVolumeClaim" && !has(item.min()) && !has(item.max()) {
        let detail =
            "either minimum or maximum storage value is required, but neither was provided";
        errors.required(&at.child("limits"), detail);
    }
    for resource in resources {
        validate_amounts(item, resource, at, errors);
    }
}

fn validate_name(ty: &str, resource: &str, at: &Path<'_>, errors: &mut ErrorList) {
    validate_resource_name(resource, at, errors);
    let shown = || BadValue::Plain(resource.to_owned());
    if matches!(ty, "Pod" | "Container") {
        if !resource.contains('/') {
            if !is_standard_container_resource(resource) {
                errors.invalid(at, shown(), "must be a standard resource for containers");
            }
        } else if !is_native_resource(resource) && !is_extended_resource(resource) {
            errors.invalid(at, shown(), "doesn't follow extended resource name standard");
        }
    }
}

fn validate_amounts(
    item: LimitRangeItem<'_>,
    resource: &str,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    let (min, max) = (item.min().get(resource), item.max().get(resource));
    let (default, request) = (item.default().get(resource), item.default_request().get(resource));
    let mut compare = |field: &str,
                       shown: Option<Quantity>,
                       (low_name, low): (&str, Option<Quantity>),
                       (high_name, high): (&str, Option<Quantity>)| {
        if let (Some(low), Some(high), Some(shown)) = (low, high, shown)
            && low > high
        {
            let detail = format!("{low_name} value {low} is greater than {high_name} value {high}");
            errors.invalid(&at.child(field).key(resource), quantity_literal(shown), detail);
        }
    };
    compare("min", min, ("min", min), ("max", max));
    compare("defaultRequest", request, ("min", min), ("default request", request));
    compare("defaultRequest", request, ("default request", request), ("max", max));
    compare("defaultRequest", request, ("default request", request), ("default limit", default));
    compare("default", min, ("min", min), ("default", default));
    compare("default", max, ("default", default), ("max", max));
    validate_ratio(item, resource, at, errors);
    let is_committed = is_native_resource(resource) && !is_hugepages(resource);
    if let (Some(default), Some(request)) = (default, request)
        && !is_committed
        && default != request
    {
        let detail = format!(
            "default value {default} must equal to defaultRequest value {request} in {resource}"
        );
        let at = at.child("defaultRequest");
        errors.invalid(&at.key(resource), quantity_literal(request), detail);
    }
}

fn validate_ratio(item: LimitRangeItem<'_>, resource: &str, at: &Path<'_>, errors: &mut ErrorList) {
    let Some(ratio) = item.max_limit_request_ratio().get(resource) else { return };
    let at = at.child("maxLimitRequestRatio");
    let at = at.key(resource);
    if ratio < Quantity::from(1) {
        errors.invalid(&at, quantity_literal(ratio), format!("ratio {ratio} is less than 1"));
    }
    if let (Some(min), Some(max)) = (item.min().get(resource), item.max().get(resource)) {
        let most = max.as_f64() / min.as_f64();
        if ratio.as_f64() > most {
            let detail = format!("ratio {ratio} is greater than max/min = {most:.6}");
            errors.invalid(&at, quantity_literal(ratio), detail);
        }
    }
}
