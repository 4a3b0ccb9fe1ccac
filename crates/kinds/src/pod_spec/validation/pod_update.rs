//! What of a Pod may change once it exists.
//!
//! The containers' images, the deadline (only towards sooner), more tolerations, and the gates
//! (only fewer). Whatever else differs is reported as the difference of the two specs.

use super::{annotations, scheduling};
use crate::rules::{INT32_MAX, in_range};
use api::core::v1::{Container, NodeSelector, Pod, PodSpec, Toleration};
use api::field::{ErrorList, Path};
use api::schema::types;
use api::{Key, Value, View, names};

const UPDATABLE: &str = "pod updates may not change fields other than \
    `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,\
    `spec.tolerations` (only additions to existing tolerations),\
    `spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

/// Checks a change of a Pod.
pub fn validate_pod_update(new: &Value, old: &Value, errors: &mut ErrorList) {
    let (new_pod, old_pod) = (Pod::of(new), Pod::of(old));
    annotations::validate_update(new_pod, old_pod, errors);
    let (new, old) = (new_pod.spec(), old_pod.spec());
    let at = Path::new("spec");
    for (field, key) in
        [("containers", &names::CONTAINERS), ("initContainers", &names::INIT_CONTAINERS)]
    {
        let at = at.child(field);
        if !validate_images(new.value().get(key), old.value().get(key), &at, errors) {
            return;
        }
    }
    if !validate_deadline(new, old, &at.child("activeDeadlineSeconds"), errors) {
        return;
    }
    validate_tolerations(new, old, &at.child("tolerations"), errors);
    validate_gates(new, old, &at.child("schedulingGates"), errors);
    if new.value() == old.value() {
        return;
    }
    let mut rest = with_updatable_fields_of(new.value(), old.value());
    if !old.scheduling_gates().is_empty() {
        validate_gated(&mut rest, old, &at, errors);
    }
    if rest != *old.value() {
        let diff = crate::internal::diff(types::CORE_V1_POD_SPEC, old.value(), &rest);
        errors.forbidden(&at, format!("{UPDATABLE}\n{diff}"));
    }
}

/// Checks that the containers are the same, each with an image; returns whether to go on.
fn validate_images(new: &Value, old: &Value, at: &Path<'_>, errors: &mut ErrorList) -> bool {
    if new.items().len() != old.items().len() {
        errors.forbidden(at, "pod updates may not add or remove containers");
        return false;
    }
    for (i, container) in new.items().iter().enumerate() {
        let image = Container::of(container).image();
        let image_at = at.index(i);
        let image_at = image_at.child("image");
        if image.is_empty() {
            errors.required(&image_at, "");
        } else if image.trim().len() != image.len() {
            let detail = "must not have leading or trailing whitespace";
            errors.invalid(&image_at, image, detail);
        }
    }
    true
}

/// A deadline can be set, and it can come sooner; returns whether to go on.
fn validate_deadline(
    new: PodSpec<'_>,
    old: PodSpec<'_>,
    at: &Path<'_>,
    errors: &mut ErrorList,
) -> bool {
    match (new.active_deadline_seconds(), old.active_deadline_seconds()) {
        (Some(new), _) if !(0..=INT32_MAX).contains(&new) => {
            in_range(new, 0, INT32_MAX, at, errors);
            false
        }
        (Some(new), Some(old)) if old < new => {
            errors.invalid(at, new, "must be less than or equal to previous value");
            false
        }
        (None, Some(_)) => {
            errors.invalid(at, "null", "must not update from a positive integer to nil value");
            true
        }
        _ => true,
    }
}

/// Existing tolerations stay, but for how long they last.
fn validate_tolerations(new: PodSpec<'_>, old: PodSpec<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let is_same = |a: Toleration<'_>, b: Toleration<'_>| {
        a.key() == b.key()
            && a.operator() == b.operator()
            && a.value() == b.value()
            && a.effect() == b.effect()
    };
    for toleration in old.tolerations() {
        if !new.tolerations().any(|other| is_same(toleration, other)) {
            let detail = "existing toleration can not be modified except its tolerationSeconds";
            return errors.forbidden(at, detail);
        }
    }
    scheduling::validate_tolerations(new.tolerations(), at, errors);
}

fn validate_gates(new: PodSpec<'_>, old: PodSpec<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    for (i, gate) in new.scheduling_gates().enumerate() {
        let name = gate.name();
        if !old.scheduling_gates().any(|other| other.name() == name) {
            let detail =
                format!("only deletion is allowed, but found new scheduling gate '{name}'");
            let at = at.index(i);
            errors.forbidden(&at.child("name"), detail);
        }
    }
}

/// The new spec with the old values of the fields that may change.
fn with_updatable_fields_of(new: &Value, old: &Value) -> Value {
    let mut rest = new.clone();
    for key in [&names::CONTAINERS, &names::INIT_CONTAINERS] {
        let old_containers = old.get(key).items();
        rest.update(key, |containers| {
            for (i, old) in old_containers.iter().enumerate() {
                let image = old.get(&names::IMAGE);
                if containers[i].get(&names::IMAGE) != image
                    && let Some(container) = containers.make_list().make_mut().get_mut(i)
                {
                    container.make_map().insert(&names::IMAGE, image.clone());
                }
            }
        });
    }
    for key in [&names::ACTIVE_DEADLINE_SECONDS, &names::SCHEDULING_GATES, &names::TOLERATIONS] {
        restore(&mut rest, old, key);
    }
    let (new_seconds, old_seconds) = (
        PodSpec::of(new).termination_grace_period_seconds(),
        PodSpec::of(old).termination_grace_period_seconds(),
    );
    if old_seconds.is_some_and(|old| old < 0) && new_seconds == Some(1) {
        restore(&mut rest, old, &names::TERMINATION_GRACE_PERIOD_SECONDS);
    }
    rest
}

/// Gives a field its old value.
fn restore(rest: &mut Value, old: &Value, key: &Key) {
    match old.get(key) {
        Value::Null => {
            rest.make_map().remove(key);
        }
        value if value == rest.get(key) => {}
        value => {
            rest.make_map().insert(key, value.clone());
        }
    }
}

/// While gates hold a Pod back, where it may run can be narrowed.
fn validate_gated(rest: &mut Value, old: PodSpec<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let selector = PodSpec::of(rest).node_selector();
    if selector != old.node_selector() {
        let at = at.child("nodeSelector");
        for (key, value) in old.node_selector().iter() {
            if selector.get(key) != Some(value) {
                let shown = crate::internal::print_string_map(selector);
                errors.invalid(
                    &at,
                    shown,
                    "only additions to spec.nodeSelector are allowed (no mutations or deletions)",
                );
                break;
            }
        }
        restore(rest, old.value(), &names::NODE_SELECTOR);
    }
    let affinity = |spec: &Value| spec.get(&names::AFFINITY).get(&names::NODE_AFFINITY).clone();
    if affinity(rest) != affinity(old.value()) {
        let at = at.child("affinity");
        let at = at.child("nodeAffinity");
        validate_node_affinity(&affinity(rest), &affinity(old.value()), &at, errors);
        restore_node_affinity(rest, old.value());
    }
}

fn validate_node_affinity(new: &Value, old: &Value, at: &Path<'_>, errors: &mut ErrorList) {
    let required = "requiredDuringSchedulingIgnoredDuringExecution";
    let terms = |affinity: &Value| {
        NodeSelector::of(affinity.get(&Key::from(required))).node_selector_terms().values().to_vec()
    };
    let (new_terms, old_terms) = (terms(new), terms(old));
    if old_terms.is_empty() {
        return;
    }
    let at = at.child(required);
    let at = at.child("nodeSelectorTerms");
    if new_terms.len() != old_terms.len() {
        let shown = api::field::BadValue::Plain(new_terms.len().to_string());
        errors.invalid(
            &at,
            shown,
            "no additions/deletions to non-empty NodeSelectorTerms list are allowed",
        );
        return;
    }
    for (i, (new, old)) in new_terms.iter().zip(&old_terms).enumerate() {
        for key in [&names::MATCH_EXPRESSIONS, &names::MATCH_FIELDS] {
            let (new, old) = (new.get(key).items(), old.get(key).items());
            if new.len() < old.len() || new[..old.len()] != *old {
                let shown = api::field::BadValue::Plain(api::go::plain(&Value::from(new.to_vec())));
                let detail = "only additions are allowed (no mutations or deletions)";
                errors.invalid(&at.index(i), shown, detail);
            }
        }
    }
}

fn restore_node_affinity(rest: &mut Value, old: &Value) {
    let old_affinity = old.get(&names::AFFINITY).clone();
    if old_affinity.is_null() {
        // A Pod without any affinity may get one to nodes, and no other.
        let only_nodes = rest
            .get(&names::AFFINITY)
            .as_map()
            .is_some_and(|map| map.iter().all(|(key, _)| *key == names::NODE_AFFINITY));
        if only_nodes {
            rest.make_map().remove(&names::AFFINITY);
        }
        return;
    }
    rest.update(&names::AFFINITY, |affinity| {
        restore(affinity, &old_affinity, &names::NODE_AFFINITY);
    });
}

/// Checks a change through the subresource `ephemeralcontainers`: they can only become more.
pub fn validate_ephemeral_containers_update(new: &Value, old: &Value, errors: &mut ErrorList) {
    let spec = Path::new("spec");
    let at = spec.child("ephemeralContainers");
    let (new, old) = (Pod::of(new).spec(), Pod::of(old).spec());
    for container in old.ephemeral_containers() {
        let name = container.name();
        let now = new.ephemeral_containers().find(|other| other.name() == name);
        let quoted = api::go::quote(name);
        match now {
            None => {
                let detail = format!("existing ephemeral containers {quoted} may not be removed\n");
                errors.forbidden(&at, detail);
            }
            Some(other) if other.value() != container.value() => {
                let ty = types::CORE_V1_EPHEMERAL_CONTAINER;
                let diff = crate::internal::diff(ty, container.value(), other.value());
                let detail =
                    format!("existing ephemeral containers {quoted} may not be changed\n{diff}");
                errors.forbidden(&at, detail);
            }
            Some(_) => {}
        }
    }
}
