//! LimitRanger: what containers, Pods and claims of a namespace may ask for, and what they get if
//! they ask for nothing.
//!
//! Models `k8s.io/kubernetes/plugin/pkg/admission/limitranger`.

use super::{Attributes, Context, Plugin, name_or_prefix};
use crate::pod_resources::{self, Amounts, amounts};
use crate::request::Verb;
use api::core::v1::{Container, LimitRange, LimitRangeItem, PersistentVolumeClaim, Pod};
use api::{Key, Quantity, ResourceList, Status, Value, View, names};
use kinds::core::{limit_range, persistent_volume_claim, pod};

const ANNOTATION: &str = "kubernetes.io/limit-ranger";

pub(super) struct LimitRanger;

impl Plugin for LimitRanger {
    fn admit(
        &mut self,
        context: &Context<'_>,
        attributes: &mut Attributes<'_>,
        object: &mut Value,
    ) -> Result<(), Status> {
        if !attributes.creates(&pod::KIND) {
            return Ok(());
        }
        for range in context.list(&limit_range::KIND, Some(&attributes.target.namespace)) {
            set_defaults(object, LimitRange::of(range));
        }
        Ok(())
    }

    fn validate(
        &mut self,
        context: &Context<'_>,
        attributes: &mut Attributes<'_>,
        object: &Value,
    ) -> Result<(), Status> {
        let is_pod = attributes.creates(&pod::KIND);
        let is_claim =
            attributes.is_for(&persistent_volume_claim::KIND) && attributes.verb != Verb::Delete;
        if !is_pod && !is_claim {
            return Ok(());
        }
        for range in context.list(&limit_range::KIND, Some(&attributes.target.namespace)) {
            let mut problems = Vec::new();
            for item in LimitRange::of(range).spec().limits() {
                match is_pod {
                    true => check_pod(item, Pod::of(object), &mut problems),
                    false => check_claim(item, PersistentVolumeClaim::of(object), &mut problems),
                }
            }
            let mut seen: Vec<String> = Vec::new();
            for problem in problems {
                if !seen.contains(&problem) {
                    seen.push(problem);
                }
            }
            let why = match seen.as_slice() {
                [] => continue,
                [only] => only.clone(),
                several => format!("[{}]", several.join(", ")),
            };
            let name = name_or_prefix(object);
            return Err(Status::forbidden(attributes.target.qualified(), name, &why));
        }
        Ok(())
    }
}

/// Gives each container what it has not asked for, and says so in an annotation.
fn set_defaults(object: &mut Value, range: LimitRange<'_>) {
    let mut set: Vec<String> = Vec::new();
    let items: Vec<LimitRangeItem<'_>> =
        range.spec().limits().filter(|item| item.type_() == "Container").collect();
    object.update(&names::SPEC, |spec| {
        for (list, word) in
            [(&names::CONTAINERS, "container"), (&names::INIT_CONTAINERS, "init container")]
        {
            spec.update(list, |containers| {
                containers.update_items(|container| {
                    let name = Container::of(container).name().to_owned();
                    container.update(&names::RESOURCES, |resources| {
                        let request = |item: &LimitRangeItem<'_>| {
                            item.value().get(&names::DEFAULT_REQUEST).clone()
                        };
                        let limit =
                            |item: &LimitRangeItem<'_>| item.value().get(&names::DEFAULT).clone();
                        let requests = fill(resources, &names::REQUESTS, items.iter().map(request));
                        let limits = fill(resources, &names::LIMITS, items.iter().map(limit));
                        for (resources, kind) in [(requests, "request"), (limits, "limit")] {
                            if !resources.is_empty() {
                                let resources = resources.join(", ");
                                set.push(format!("{resources} {kind} for {word} {name}"));
                            }
                        }
                    });
                });
            });
        }
    });
    if set.is_empty() {
        return;
    }
    let text = format!("LimitRanger plugin set: {}", set.join("; "));
    object.update(&names::METADATA, |metadata| {
        metadata.update(&names::ANNOTATIONS, |annotations| {
            annotations.make_map().insert(ANNOTATION, text);
        });
    });
}

/// Adds the amounts that are missing from a list; returns which.
fn fill(resources: &mut Value, list: &Key, defaults: impl Iterator<Item = Value>) -> Vec<String> {
    let mut set = Vec::new();
    for amounts in defaults {
        for (resource, amount) in amounts.as_map().into_iter().flat_map(|map| map.iter()) {
            if resources.get(list).get(resource).is_null() {
                resources.update(list, |list| {
                    list.make_map().insert(resource, amount);
                });
                set.push(resource.to_string());
            }
        }
    }
    set.sort();
    set
}

fn check_pod(item: LimitRangeItem<'_>, pod: Pod<'_>, problems: &mut Vec<String>) {
    let spec = pod.spec();
    match item.type_() {
        "Container" => {
            for container in spec.containers().chain(spec.init_containers()) {
                let resources = container.resources();
                let (requests, limits) =
                    (amounts(resources.requests()), amounts(resources.limits()));
                check(item, &requests, &limits, problems);
            }
        }
        "Pod" => {
            check(item, &pod_resources::requests(spec), &pod_resources::limits(spec), problems);
        }
        _ => {}
    }
}

fn check(
    item: LimitRangeItem<'_>,
    requests: &Amounts,
    limits: &Amounts,
    problems: &mut Vec<String>,
) {
    let of = item.type_();
    for_each(item.min(), |resource, bound| {
        let rule = format!("minimum {resource} usage per {of} is {bound}");
        match (requests.get(resource), limits.get(resource)) {
            (None, _) => problems.push(format!("{rule}.  No request is specified")),
            (Some(request), _) if *request < bound => {
                problems.push(format!("{rule}, but request is {request}"));
            }
            (_, Some(limit)) if *limit < bound => {
                problems.push(format!("{rule}, but limit is {limit}"));
            }
            _ => {}
        }
    });
    for_each(item.max(), |resource, bound| {
        let rule = format!("maximum {resource} usage per {of} is {bound}");
        match (limits.get(resource), requests.get(resource)) {
            (None, _) => problems.push(format!("{rule}.  No limit is specified")),
            (Some(limit), _) if *limit > bound => {
                problems.push(format!("{rule}, but limit is {limit}"));
            }
            (_, Some(request)) if *request > bound => {
                problems.push(format!("{rule}, but request is {request}"));
            }
            _ => {}
        }
    });
    for_each(item.max_limit_request_ratio(), |resource, bound| {
        let rule = format!("{resource} max limit to request ratio per {of} is {bound}");
        let nonzero = |amounts: &Amounts| amounts.get(resource).copied().filter(|a| !a.is_zero());
        match (nonzero(requests), nonzero(limits)) {
            (None, _) => {
                problems.push(format!("{rule}, but no request is specified or request is 0"));
            }
            (_, None) => problems.push(format!("{rule}, but no limit is specified or limit is 0")),
            (Some(request), Some(limit)) => {
                let ratio = limit.as_f64() / request.as_f64();
                if ratio > bound.as_f64() {
                    problems.push(format!("{rule}, but provided ratio is {ratio:.6}"));
                }
            }
        }
    });
}

fn check_claim(
    item: LimitRangeItem<'_>,
    claim: PersistentVolumeClaim<'_>,
    problems: &mut Vec<String>,
) {
    if item.type_() != "PersistentVolumeClaim" {
        return;
    }
    let requests = amounts(claim.spec().resources().requests());
    let bounds = [("minimum", item.min()), ("maximum", item.max())];
    for (word, list) in bounds {
        for_each(list, |resource, bound| {
            let rule = format!("{word} {resource} usage per PersistentVolumeClaim is {bound}");
            match requests.get(resource) {
                None => problems.push(format!("{rule}.  No request is specified")),
                Some(request) => {
                    let is_bad =
                        if word == "minimum" { *request < bound } else { *request > bound };
                    if is_bad {
                        problems.push(format!("{rule}, but request is {request}"));
                    }
                }
            }
        });
    }
}

fn for_each(list: ResourceList<'_>, mut check: impl FnMut(&str, Quantity)) {
    for (resource, bound) in list.iter() {
        check(resource, bound);
    }
}
