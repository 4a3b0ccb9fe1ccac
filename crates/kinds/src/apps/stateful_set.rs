//! StatefulSet: Pods that keep their names and their storage.
//!
//! The server does not look into the Pods of its template: what is wrong with them comes out when
//! they are made.

use crate::apps::deployment::{SCALE, prepare_template_create};
use crate::core::persistent_volume_claim::{set_claim_defaults, spec_warnings};
use crate::rules::{is_empty_selector, label_selector, nonnegative};
use crate::table::{AGE, Column, NAME, Row, age, containers_and_images, name};
use crate::{Generation, Kind, internal, meta, pod_spec};
use api::apps::v1::{StatefulSet, StatefulSetSpec, StatefulSetUpdateStrategy};
use api::field::{ErrorList, Path};
use api::schema::types;
use api::{Key, Value, View, names};
use sim::Time;

/// `apps/v1` StatefulSet
pub static KIND: Kind = Kind {
    group: "apps",
    kind: "StatefulSet",
    plural: "statefulsets",
    singular: "statefulset",
    short_names: &["sts"],
    categories: &["all"],
    ty: types::APPS_V1_STATEFUL_SET,
    storage_version_hash: "H+vl74LkKdo=",
    has_status: true,
    subresources: &[SCALE],
    generation: Generation::OnSpec,
    set_defaults,
    prepare_create,
    prepare_update,
    validate,
    validate_update,
    validate_status_update,
    warnings,
    columns: &[
        NAME,
        Column::text("Ready"),
        AGE,
        Column::wide("Containers"),
        Column::wide("Images"),
    ],
    row,
    ..Kind::NAMESPACED
};

fn set_defaults(object: &mut Value) {
    object.update(&names::SPEC, |spec| {
        spec.set_default(&names::POD_MANAGEMENT_POLICY, "OrderedReady");
        spec.update(&names::UPDATE_STRATEGY, |strategy| {
            strategy.set_default(&names::TYPE, "RollingUpdate");
            if *strategy.get(&names::TYPE) == "RollingUpdate" {
                strategy.update(&names::ROLLING_UPDATE, |update| {
                    update.set_default(&names::PARTITION, 0);
                });
            }
        });
        spec.update(&names::PERSISTENT_VOLUME_CLAIM_RETENTION_POLICY, |policy| {
            policy.set_default(&names::WHEN_DELETED, "Retain");
            policy.set_default(&names::WHEN_SCALED, "Retain");
        });
        spec.set_default(&names::REPLICAS, 1);
        spec.set_default(&names::REVISION_HISTORY_LIMIT, 10);
        spec.update(&names::TEMPLATE, pod_spec::set_template_defaults);
        spec.update(&names::VOLUME_CLAIM_TEMPLATES, |claims| {
            claims.update_items(|claim| {
                claim.set_default(&names::API_VERSION, "v1");
                claim.set_default(&names::KIND, "PersistentVolumeClaim");
                set_claim_defaults(claim);
            });
        });
    });
}

fn prepare_create(object: &mut Value) {
    prepare_template_create(object);
    // Only an alpha feature reads how many Pods may be missing during an update.
    object.update(&names::SPEC, |spec| {
        spec.update(&names::UPDATE_STRATEGY, |strategy| {
            strategy.update(&names::ROLLING_UPDATE, |update| {
                if let Value::Map(map) = update {
                    map.remove(&names::MAX_UNAVAILABLE);
                }
            });
        });
    });
}

fn prepare_update(new: &mut Value, _: &Value) {
    prepare_create(new);
}

fn validate(object: &Value, errors: &mut ErrorList) {
    let spec = StatefulSet::of(object).spec();
    let at = Path::new("spec");
    let policy_at = at.child("podManagementPolicy");
    match spec.pod_management_policy() {
        "" => errors.required(&policy_at, ""),
        "OrderedReady" | "Parallel" => {}
        other => errors.invalid(&policy_at, other, "must be 'OrderedReady' or 'Parallel'"),
    }
    validate_strategy(spec.update_strategy(), &at.child("updateStrategy"), errors);
    validate_retention(spec, &at.child("persistentVolumeClaimRetentionPolicy"), errors);
    nonnegative(spec.replicas().unwrap_or(0), &at.child("replicas"), errors);
    nonnegative(spec.min_ready_seconds(), &at.child("minReadySeconds"), errors);
    if let Some(ordinals) = spec.ordinals() {
        nonnegative(ordinals.start(), &at.child("ordinals.start"), errors);
    }
    validate_template(spec, &at, errors);
}

fn validate_strategy(
    strategy: StatefulSetUpdateStrategy<'_>,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    let update_at = at.child("rollingUpdate");
    match strategy.type_() {
        "" => errors.required(at, ""),
        "OnDelete" => {
            if let Some(update) = strategy.rolling_update() {
                let ty = types::APPS_V1_ROLLING_UPDATE_STATEFUL_SET_STRATEGY;
                let shown = internal::print(ty, update.value());
                let detail = "only allowed for updateStrategy 'RollingUpdate'";
                errors.invalid(&update_at, shown, detail);
            }
        }
        "RollingUpdate" => {
            if let Some(update) = strategy.rolling_update() {
                let partition = update.partition().unwrap_or(0);
                nonnegative(partition, &update_at.child("partition"), errors);
            }
        }
        _ => {
            let shown = internal::print(StatefulSetUpdateStrategy::TYPE, strategy.value());
            errors.invalid(at, shown, "must be 'RollingUpdate' or 'OnDelete'");
        }
    }
}

fn validate_retention(spec: StatefulSetSpec<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let Some(policy) = spec.persistent_volume_claim_retention_policy() else { return };
    for (field, policy) in
        [("whenDeleted", policy.when_deleted()), ("whenScaled", policy.when_scaled())]
    {
        if !matches!(policy, "Retain" | "Delete") {
            errors.not_supported(&at.child(field), policy, &["Retain", "Delete"]);
        }
    }
}

fn validate_template(spec: StatefulSetSpec<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let selector_at = at.child("selector");
    let document = spec.value().get(&names::SELECTOR);
    let mut is_usable = true;
    match spec.selector() {
        None => errors.required(&selector_at, ""),
        Some(selector) => {
            is_usable = meta::validate_usable_selector(selector, &selector_at, errors);
            if is_empty_selector(selector) {
                let detail = "empty selector is invalid for statefulset";
                errors.invalid(&selector_at, label_selector(document), detail);
            }
        }
    }
    let template = spec.template().value();
    let template_at = at.child("template");
    if is_usable {
        pod_spec::validate_selected(document, template, &template_at, errors);
        pod_spec::validate_template_metadata(template, &template_at, errors);
    } else {
        errors.invalid(&selector_at, label_selector(document), "");
    }
    pod_spec::validate_long_running("StatefulSet", template, &template_at, errors);
}

/// The fields that can change.
const MUTABLE: [Key; 6] = [
    names::REPLICAS,
    names::TEMPLATE,
    names::UPDATE_STRATEGY,
    names::MIN_READY_SECONDS,
    names::ORDINALS,
    names::PERSISTENT_VOLUME_CLAIM_RETENTION_POLICY,
];

fn validate_update(new: &Value, old: &Value, errors: &mut ErrorList) {
    let fixed = |object: &Value| {
        let mut spec = object.get(&names::SPEC).clone();
        spec.make_map().retain(|key, _| !MUTABLE.contains(key));
        spec
    };
    if fixed(new) != fixed(old) {
        let detail = "updates to statefulset spec for fields other than 'replicas', 'ordinals', \
            'template', 'updateStrategy', 'persistentVolumeClaimRetentionPolicy' and \
            'minReadySeconds' are forbidden";
        errors.forbidden(&Path::new("spec"), detail);
    }
}

fn validate_status_update(new: &Value, _: &Value, errors: &mut ErrorList) {
    let at = Path::new("status");
    let status = StatefulSet::of(new).status();
    for (field, count) in [
        ("replicas", status.replicas()),
        ("readyReplicas", status.ready_replicas()),
        ("currentReplicas", status.current_replicas()),
        ("updatedReplicas", status.updated_replicas()),
        ("availableReplicas", status.available_replicas()),
        ("observedGeneration", status.observed_generation()),
        ("collisionCount", status.collision_count().unwrap_or(0)),
    ] {
        nonnegative(count, &at.child(field), errors);
    }
    let detail = "cannot be greater than status.replicas";
    for (field, count) in [
        ("readyReplicas", status.ready_replicas()),
        ("currentReplicas", status.current_replicas()),
        ("updatedReplicas", status.updated_replicas()),
        ("availableReplicas", status.available_replicas()),
    ] {
        if count > status.replicas() {
            errors.invalid(&at.child(field), count, detail);
        }
    }
    if status.available_replicas() > status.ready_replicas() {
        let detail = "cannot be greater than status.readyReplicas";
        errors.invalid(&at.child("availableReplicas"), status.available_replicas(), detail);
    }
}

fn warnings(new: &Value, old: Option<&Value>) -> Vec<String> {
    let mut warnings = Vec::new();
    if old.is_some_and(|old| old.get(&names::SPEC) == new.get(&names::SPEC)) {
        return warnings;
    }
    let spec = StatefulSet::of(new).spec();
    let at = Path::new("spec");
    pod_spec::template_warnings(spec.template().value(), &at.child("template"), &mut warnings);
    let list = at.child("volumeClaimTemplates");
    for (i, claim) in spec.volume_claim_templates().enumerate() {
        let at = list.index(i);
        spec_warnings(claim.spec(), &at.child("Spec"), &mut warnings);
    }
    if spec.revision_history_limit().is_some_and(|limit| limit < 0) {
        warnings.push(
            "spec.revisionHistoryLimit: a negative value retains all historical revisions; a \
             value >= 0 is recommended"
                .to_owned(),
        );
    }
    warnings
}

fn row(object: &Value, now: Time) -> Row {
    let set = StatefulSet::of(object);
    let [containers, images] = containers_and_images(set.spec().template().spec());
    let wanted = set.spec().replicas().unwrap_or(0);
    vec![
        name(object),
        format!("{}/{wanted}", set.status().ready_replicas()).into(),
        age(object, now),
        containers,
        images,
    ]
}
