//! PersistentVolumeClaim: a request for storage.
//!
//! Binding a claim to a volume is the business of a controller.

use crate::pod_spec::{validate_quantity, validate_resource_name};
use crate::rules::{NOT_NEGATIVE, check, one_of};
use crate::table::{AGE, Column, NAME, Row, age, name};
use crate::{FieldSelector, Kind, internal, meta};
use api::core::v1::{
    PersistentVolumeClaim, PersistentVolumeClaimSpec, TypedLocalObjectReference,
    TypedObjectReference,
};
use api::field::{BadValue, ErrorList, Path};
use api::schema::types;
use api::{Key, Quantity, Strings, Value, View, go, names, validation};
use sim::Time;

/// `v1` PersistentVolumeClaim
pub static KIND: Kind = Kind {
    kind: "PersistentVolumeClaim",
    plural: "persistentvolumeclaims",
    singular: "persistentvolumeclaim",
    short_names: &["pvc"],
    ty: types::CORE_V1_PERSISTENT_VOLUME_CLAIM,
    storage_version_hash: "QWTyNDq0dC4=",
    has_status: true,
    set_defaults,
    prepare_create,
    prepare_update,
    prepare_status_update,
    validate,
    validate_update,
    validate_status_update,
    warnings,
    field_selectors: &[FieldSelector {
        path: "name",
        get: |object| crate::table::metadata(object).name().to_owned(),
    }],
    columns: &[
        NAME,
        Column::text("Status"),
        Column::text("Volume"),
        Column::text("Capacity"),
        Column::text("Access Modes"),
        Column::text("StorageClass"),
        Column::text("VolumeAttributesClass"),
        AGE,
        Column::wide("VolumeMode"),
    ],
    row,
    ..Kind::NAMESPACED
};

/// The annotation that named the storage class before there was a field for it.
const CLASS_ANNOTATION: &str = "volume.beta.kubernetes.io/storage-class";
const ACCESS_MODES: [&str; 4] =
    ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];

fn set_defaults(object: &mut Value) {
    set_claim_defaults(object);
}

/// Fills in a claim, also one within a StatefulSet.
pub fn set_claim_defaults(claim: &mut Value) {
    claim.update(&names::STATUS, |status| status.set_default(&names::PHASE, "Pending"));
    claim.update(&names::SPEC, set_spec_defaults);
}

/// Fills in the spec of a claim.
pub fn set_spec_defaults(spec: &mut Value) {
    spec.set_default(&names::VOLUME_MODE, "Filesystem");
    crate::pod_spec::round_resources(spec);
}

/// A new claim waits; what it is made from is said in two fields.
fn prepare_create(object: &mut Value) {
    object.make_map().insert(&names::STATUS, api::object! { "phase": "Pending" });
    object.update(&names::SPEC, normalize_spec);
}

fn prepare_update(new: &mut Value, _: &Value) {
    new.update(&names::SPEC, normalize_spec);
}

fn prepare_status_update(new: &mut Value, _: &Value) {
    new.update(&names::STATUS, |status| {
        for key in [&names::CURRENT_VOLUME_ATTRIBUTES_CLASS_NAME, &names::MODIFY_VOLUME_STATUS] {
            drop_field(status, key);
        }
    });
}

fn drop_field(value: &mut Value, key: &Key) {
    if let Value::Map(map) = value {
        map.remove(key);
    }
}

/// Drops what only alpha features read, and copies the source of the data from the field that is
/// set to the other.
fn normalize_spec(spec: &mut Value) {
    drop_field(spec, &names::VOLUME_ATTRIBUTES_CLASS_NAME);
    spec.update(&names::DATA_SOURCE_REF, |source| drop_field(source, &names::NAMESPACE));
    let (source, reference) =
        (spec.get(&names::DATA_SOURCE).clone(), spec.get(&names::DATA_SOURCE_REF).clone());
    let is_copied = ["PersistentVolumeClaim", "VolumeSnapshot"]
        .iter()
        .any(|kind| *reference.get(&names::KIND) == *kind);
    if !source.is_null() && reference.is_null() {
        spec.make_map().insert(&names::DATA_SOURCE_REF, source);
    } else if source.is_null() && is_copied {
        spec.make_map().insert(&names::DATA_SOURCE, reference);
    }
}

fn validate(object: &Value, errors: &mut ErrorList) {
    validate_spec(PersistentVolumeClaim::of(object).spec(), &Path::new("spec"), errors);
}

/// Checks the modes in which a volume can be mounted.
pub fn validate_access_modes(modes: Strings<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let has_single = modes.has("ReadWriteOncePod");
    let has_others = modes.clone().any(|mode| mode != "ReadWriteOncePod");
    for mode in modes {
        one_of(mode, &ACCESS_MODES, at, errors);
    }
    if has_single && has_others {
        let detail = "may not use ReadWriteOncePod with other access modes";
        errors.forbidden(at, detail);
    }
}

/// Checks the spec of a claim.
pub fn validate_spec(spec: PersistentVolumeClaimSpec<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let modes_at = at.child("accessModes");
    if spec.access_modes().is_empty() {
        errors.required(&modes_at, "at least 1 access mode is required");
    }
    if let Some(selector) = spec.selector() {
        meta::validate_selector(selector, &at.child("selector"), errors);
    }
    validate_access_modes(spec.access_modes(), &modes_at, errors);
    let resources_at = at.child("resources");
    let storage_at = resources_at.key("storage");
    match spec.resources().requests().get("storage") {
        None => errors.required(&storage_at, ""),
        Some(amount) if amount.sign() <= 0 => {
            errors.invalid(&storage_at, amount.to_string(), "must be greater than zero");
        }
        Some(amount) => validate_quantity("storage", amount, &storage_at, errors),
    }
    if let Some(class) = spec.storage_class_name().filter(|class| !class.is_empty()) {
        check(validation::dns1123_subdomain, class, &at.child("storageClassName"), errors);
    }
    if let Some(mode) = spec.volume_mode() {
        one_of(mode, &["Block", "Filesystem"], &at.child("volumeMode"), errors);
    }
    validate_sources(spec, at, errors);
}

fn validate_sources(spec: PersistentVolumeClaimSpec<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let source = spec.data_source();
    let reference = spec.data_source_ref();
    if let Some(source) = source {
        validate_source(SourceParts::of(source), &at.child("dataSource"), errors);
    }
    if let Some(reference) = reference {
        validate_source(SourceParts::of_reference(reference), &at.child("dataSourceRef"), errors);
    }
    if let (Some(source), Some(reference)) = (source, reference)
        && SourceParts::of(source) != SourceParts::of_reference(reference)
    {
        let shown = BadValue::Plain(at.child("dataSource").to_string());
        errors.invalid(at, shown, "must match dataSourceRef");
    }
}

#[derive(PartialEq)]
struct SourceParts<'a> {
    group: Option<&'a str>,
    kind: &'a str,
    name: &'a str,
}

impl<'a> SourceParts<'a> {
    fn of(source: TypedLocalObjectReference<'a>) -> SourceParts<'a> {
        SourceParts { group: source.api_group(), kind: source.kind(), name: source.name() }
    }

    fn of_reference(source: TypedObjectReference<'a>) -> SourceParts<'a> {
        SourceParts { group: source.api_group(), kind: source.kind(), name: source.name() }
    }
}

fn validate_source(source: SourceParts<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    if source.name.is_empty() {
        errors.required(&at.child("name"), "");
    }
    if source.kind.is_empty() {
        errors.required(&at.child("kind"), "");
    }
    let group = source.group.unwrap_or_default();
    if group.is_empty() && source.kind != "PersistentVolumeClaim" {
        errors.invalid(
            at,
            source.kind,
            "must be 'PersistentVolumeClaim' when referencing the default apiGroup",
        );
    }
    if !group.is_empty() {
        check(validation::dns1123_subdomain, group, &at.child("apiGroup"), errors);
    }
}

fn validate_update(new: &Value, old: &Value, errors: &mut ErrorList) {
    let (new_claim, old_claim) = (PersistentVolumeClaim::of(new), PersistentVolumeClaim::of(old));
    let at = Path::new("spec");
    let class = |claim: PersistentVolumeClaim<'_>| {
        claim.metadata().annotations().get(CLASS_ANNOTATION).map(str::to_owned)
    };
    let (new_class, old_class) = (class(new_claim), class(old_claim));
    let new_size = new_claim.spec().resources().requests().get("storage");
    let old_size = old_claim.spec().resources().requests().get("storage");
    let (mut new_spec, mut old_spec) =
        (new.get(&names::SPEC).clone(), old.get(&names::SPEC).clone());
    if old_claim.spec().volume_name().is_empty() {
        set_or_drop(&mut old_spec, &names::VOLUME_NAME, new_spec.get(&names::VOLUME_NAME).clone());
    }
    let had_no_class = old_claim.spec().storage_class_name().is_none();
    let named = new_claim.spec().storage_class_name();
    let takes_over = had_no_class && old_class.is_some() && named == old_class.as_deref();
    if !takes_over && new_class != old_class {
        let shown = new_class.unwrap_or_default();
        let metadata = Path::new("metadata");
        let at = metadata.child("annotations");
        errors.invalid(&at.key(CLASS_ANNOTATION), shown, crate::rules::IMMUTABLE);
    }
    if had_no_class && named.is_some() && (old_class.is_none() || named == old_class.as_deref()) {
        drop_field(&mut new_spec, &names::STORAGE_CLASS_NAME);
    }
    if new_claim.status().phase() == "Bound" {
        let old_requests = old_spec.get(&names::RESOURCES).get(&names::REQUESTS).clone();
        let storage = old_requests.get(&Key::from("storage")).clone();
        new_spec.update(&names::RESOURCES, |resources| {
            resources.update(&names::REQUESTS, |requests| {
                set_or_drop(requests, &Key::from("storage"), storage);
            });
        });
    }
    if new_spec != old_spec {
        let diff =
            internal::diff(types::CORE_V1_PERSISTENT_VOLUME_CLAIM_SPEC, &old_spec, &new_spec);
        let detail = "spec is immutable after creation except resources.requests and \
            volumeAttributesClassName for bound claims";
        errors.forbidden(&at, format!("{detail}\n{diff}"));
    }
    let size = |size: Option<Quantity>| size.unwrap_or(Quantity::ZERO);
    if size(new_size) < size(old_size) {
        let resources = at.child("resources");
        let requests = resources.child("requests");
        let detail = "field can not be less than previous value";
        errors.forbidden(&requests.child("storage"), detail);
    }
    let (new_mode, old_mode) =
        (new["spec"].get(&names::VOLUME_MODE), old["spec"].get(&names::VOLUME_MODE));
    crate::rules::immutable(
        new_mode,
        old_mode,
        &Path::new("volumeMode"),
        crate::rules::scalar,
        errors,
    );
}

fn set_or_drop(value: &mut Value, key: &Key, new: Value) {
    if *value.get(key) == new {
        return;
    }
    if new.is_null() {
        drop_field(value, key);
    } else {
        value.make_map().insert(key, new);
    }
}

fn validate_status_update(new: &Value, _: &Value, errors: &mut ErrorList) {
    let claim = PersistentVolumeClaim::of(new);
    let at = Path::new("status");
    let capacity_at = at.child("capacity");
    for (resource, amount) in claim.status().capacity().iter() {
        let at = capacity_at.key(resource);
        if amount.sign() < 0 {
            errors.invalid(&at, amount.to_string(), NOT_NEGATIVE);
        }
    }
    let allocated_at = at.child("allocatedResources");
    for (resource, amount) in claim.status().allocated_resources().iter() {
        if validate_resource_name(resource, &allocated_at, errors) {
            validate_quantity(resource, amount, &allocated_at.key(resource), errors);
        }
    }
}

fn warnings(new: &Value, _: Option<&Value>) -> Vec<String> {
    let mut warnings = Vec::new();
    claim_warnings(PersistentVolumeClaim::of(new), &Path::ROOT, &mut warnings);
    warnings
}

/// What the author of a claim at `at` should know.
pub fn claim_warnings(claim: PersistentVolumeClaim<'_>, at: &Path<'_>, warnings: &mut Vec<String>) {
    if claim.metadata().annotations().get(CLASS_ANNOTATION).is_some() {
        let metadata = at.child("metadata");
        let annotations = metadata.child("annotations");
        warnings.push(format!(
            "{}: deprecated since v1.8; use \"storageClassName\" attribute instead",
            annotations.key(CLASS_ANNOTATION)
        ));
    }
    spec_warnings(claim.spec(), &at.child("spec"), warnings);
}

/// What the author of a claim's spec should know.
pub fn spec_warnings(
    spec: PersistentVolumeClaimSpec<'_>,
    at: &Path<'_>,
    warnings: &mut Vec<String>,
) {
    let at = at.child("resources");
    let resources = spec.resources();
    for (list, amounts) in [("requests", resources.requests()), ("limits", resources.limits())] {
        if let Some(amount) = amounts.get("storage")
            && amount.is_fractional()
        {
            warnings.push(format!(
                "{}: fractional byte value {} is invalid, must be an integer",
                at.child(list).key("storage"),
                go::quote(&amount.to_string())
            ));
        }
    }
}

/// The modes as `kubectl get` shows them: `RWO,ROX`.
pub fn short_access_modes(modes: Strings<'_>) -> String {
    let order = [
        ("ReadWriteOnce", "RWO"),
        ("ReadOnlyMany", "ROX"),
        ("ReadWriteMany", "RWX"),
        ("ReadWriteOncePod", "RWOP"),
    ];
    let present = order.iter().filter(|(mode, _)| modes.has(mode)).map(|(_, short)| *short);
    present.collect::<Vec<_>>().join(",")
}

/// The storage class, from its field or from the annotation of old.
pub fn class<'a>(claim: PersistentVolumeClaim<'a>) -> &'a str {
    let annotated = claim.metadata().annotations().get(CLASS_ANNOTATION);
    annotated.or(claim.spec().storage_class_name()).unwrap_or_default()
}

/// What the column VOLUMEATTRIBUTESCLASS shows.
pub fn attributes_class(name: Option<&str>) -> Value {
    name.unwrap_or("<unset>").to_owned().into()
}

/// What the column VOLUMEMODE shows.
pub fn volume_mode(mode: Option<&str>) -> Value {
    mode.unwrap_or("<unset>").to_owned().into()
}

fn row(object: &Value, now: Time) -> Row {
    let claim = PersistentVolumeClaim::of(object);
    let spec = claim.spec();
    let phase = match claim.metadata().deletion_timestamp() {
        Some(_) => "Terminating",
        None => claim.status().phase(),
    };
    let is_bound = !spec.volume_name().is_empty();
    let capacity = claim.status().capacity().get("storage").filter(|_| is_bound);
    let modes =
        if is_bound { short_access_modes(claim.status().access_modes()) } else { String::new() };
    vec![
        name(object),
        phase.to_owned().into(),
        spec.volume_name().to_owned().into(),
        capacity.map(|amount| amount.to_string()).unwrap_or_default().into(),
        modes.into(),
        class(claim).to_owned().into(),
        attributes_class(spec.volume_attributes_class_name()),
        age(object, now),
        volume_mode(spec.volume_mode()),
    ]
}
