//! PersistentVolume: storage that a claim can be bound to.
//!
//! What is missing: `status.lastPhaseTransitionTime` follows the phase only at creation; later
//! the controller that changes the phase writes it.

use crate::core::persistent_volume_claim::{
    attributes_class, short_access_modes, validate_access_modes, volume_mode,
};
use crate::pod_spec::volume_sources::{self as sources, SourceRule, required_fields};
use crate::pod_spec::{round_amounts, validate_node_selector};
use crate::rules::{NOT_NEGATIVE, check, immutable, one_of, scalar};
use crate::table::{AGE, Column, NAME, Row, age, name};
use crate::{FieldSelector, Kind, internal};
use api::core::v1::{PersistentVolume, PersistentVolumeSpec, VolumeNodeAffinity};
use api::field::{BadValue, ErrorList, Path};
use api::schema::types;
use api::{Key, Value, View, names, object, validation};
use sim::Time;

/// `v1` PersistentVolume
pub static KIND: Kind = Kind {
    kind: "PersistentVolume",
    plural: "persistentvolumes",
    singular: "persistentvolume",
    short_names: &["pv"],
    ty: types::CORE_V1_PERSISTENT_VOLUME,
    storage_version_hash: "HN/zwEC+JgM=",
    has_status: true,
    set_defaults,
    prepare_create,
    prepare_update,
    validate,
    validate_update,
    warnings,
    field_selectors: &[FieldSelector {
        path: "name",
        get: |object| crate::table::metadata(object).name().to_owned(),
    }],
    columns: &[
        NAME,
        Column::text("Capacity"),
        Column::text("Access Modes"),
        Column::text("Reclaim Policy"),
        Column::text("Status"),
        Column::text("Claim"),
        Column::text("StorageClass"),
        Column::text("VolumeAttributesClass"),
        Column::text("Reason"),
        AGE,
        Column::wide("VolumeMode"),
    ],
    row,
    ..Kind::CLUSTER_SCOPED
};

/// The annotation that named the storage class before there was a field for it.
const CLASS_ANNOTATION: &str = "volume.beta.kubernetes.io/storage-class";

const SOURCES: &[SourceRule] = &[
    SourceRule::new("hostPath", sources::host_path),
    SourceRule {
        checked_at: "persistentDisk",
        ..SourceRule::new("gcePersistentDisk", sources::gce_disk)
    },
    SourceRule::new("awsElasticBlockStore", sources::aws_store),
    SourceRule::new("glusterfs", sources::glusterfs),
    SourceRule::new("flocker", sources::flocker),
    SourceRule::new("nfs", sources::nfs),
    SourceRule::new("rbd", sources::rbd),
    SourceRule::new("quobyte", sources::quobyte),
    SourceRule::new("cephfs", sources::cephfs),
    SourceRule::new("iscsi", sources::iscsi),
    SourceRule::new("cinder", sources::cinder),
    SourceRule::new("fc", sources::fibre_channel),
    SourceRule::new("flexVolume", sources::flex_volume),
    SourceRule::new("azureFile", validate_azure_file),
    SourceRule::new("vsphereVolume", sources::vsphere),
    SourceRule::new("photonPersistentDisk", sources::photon),
    SourceRule::new("portworxVolume", sources::portworx),
    SourceRule::new("azureDisk", sources::azure_disk),
    SourceRule::new("scaleIO", sources::scale_io),
    SourceRule::new("local", validate_local),
    SourceRule::new("storageos", sources::storage_os),
    SourceRule::new("csi", validate_csi),
];

fn set_defaults(object: &mut Value) {
    object.update(&names::STATUS, |status| status.set_default(&names::PHASE, "Pending"));
    object.update(&names::SPEC, |spec| {
        spec.set_default(&names::PERSISTENT_VOLUME_RECLAIM_POLICY, "Retain");
        spec.set_default(&names::VOLUME_MODE, "Filesystem");
        spec.update(&names::CAPACITY, round_amounts);
        crate::pod_spec::set_source_defaults(spec);
    });
}

fn prepare_create(object: &mut Value) {
    let created = object.get(&names::METADATA).get(&names::CREATION_TIMESTAMP).clone();
    let mut status = object! { "phase": "Pending" };
    if !created.is_null() {
        status.make_map().insert("lastPhaseTransitionTime", created);
    }
    object.make_map().insert(&names::STATUS, status);
    object.update(&names::SPEC, |spec| drop_field(spec, &names::VOLUME_ATTRIBUTES_CLASS_NAME));
}

fn prepare_update(new: &mut Value, _: &Value) {
    new.update(&names::SPEC, |spec| drop_field(spec, &names::VOLUME_ATTRIBUTES_CLASS_NAME));
}

fn drop_field(value: &mut Value, key: &Key) {
    if let Value::Map(map) = value {
        map.remove(key);
    }
}

fn validate(object: &Value, errors: &mut ErrorList) {
    validate_spec(PersistentVolume::of(object).spec(), &Path::new("spec"), errors);
}

fn validate_spec(spec: PersistentVolumeSpec<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let modes_at = at.child("accessModes");
    if spec.access_modes().is_empty() {
        errors.required(&modes_at, "");
    }
    validate_access_modes(spec.access_modes(), &modes_at, errors);
    validate_capacity(spec, &at.child("capacity"), errors);
    let policy_at = at.child("persistentVolumeReclaimPolicy");
    let policy = spec.persistent_volume_reclaim_policy();
    if !policy.is_empty() {
        one_of(policy, &["Delete", "Recycle", "Retain"], &policy_at, errors);
    }
    let has_affinity = validate_affinity(spec.node_affinity(), &at.child("nodeAffinity"), errors);
    if sources::validate_sources(SOURCES, spec.value(), at, errors) == 0 {
        errors.required(at, "must specify a volume type");
    }
    if spec.local().is_some() && !has_affinity {
        errors.required(&at.child("nodeAffinity"), "Local volume requires node affinity");
    }
    if policy == "Recycle" && spec.host_path().is_some_and(|host| is_root(host.path())) {
        errors.forbidden(&policy_at, "may not be 'recycle' for a hostPath mount of '/'");
    }
    if !spec.storage_class_name().is_empty() {
        let at = at.child("storageClassName");
        check(validation::dns1123_subdomain, spec.storage_class_name(), &at, errors);
    }
    if let Some(mode) = spec.volume_mode() {
        one_of(mode, &["Block", "Filesystem"], &at.child("volumeMode"), errors);
    }
}

fn is_root(path: &str) -> bool {
    path.starts_with('/') && path.split('/').all(|part| part.is_empty() || part == ".")
}

fn validate_capacity(spec: PersistentVolumeSpec<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let capacity = spec.capacity();
    if capacity.is_empty() {
        errors.required(at, "");
    }
    if capacity.get("storage").is_none() || capacity.0.len() > 1 {
        let shown = BadValue::Plain(internal::resource_list(capacity));
        errors.not_supported(at, shown, &["storage"]);
    }
    for (resource, amount) in capacity.iter() {
        let at = at.key(resource);
        if amount.sign() < 0 {
            errors.invalid(&at, amount.to_string(), NOT_NEGATIVE);
        }
        if amount.sign() <= 0 {
            errors.invalid(&at, amount.to_string(), "must be greater than zero");
        }
    }
}

/// Checks to which nodes a volume is tied; returns whether it is.
fn validate_affinity(
    affinity: Option<VolumeNodeAffinity<'_>>,
    at: &Path<'_>,
    errors: &mut ErrorList,
) -> bool {
    let Some(affinity) = affinity else { return false };
    match affinity.required() {
        None => errors.required(&at.child("required"), "must specify required node constraints"),
        Some(selector) => validate_node_selector(selector, &at.child("required"), errors),
    }
    true
}

fn validate_azure_file(source: &Value, at: &Path<'_>, errors: &mut ErrorList) {
    sources::azure_file(source, at, errors);
    if *source.get(&names::SECRET_NAMESPACE) == "" {
        errors.required(&at.child("secretNamespace"), "");
    }
}

fn validate_local(source: &Value, at: &Path<'_>, errors: &mut ErrorList) {
    let path = source.get(&names::PATH).as_str().unwrap_or_default();
    if path.is_empty() {
        return errors.required(&at.child("path"), "");
    }
    crate::rules::no_backsteps(path, &at.child("path"), errors);
}

fn validate_csi(source: &Value, at: &Path<'_>, errors: &mut ErrorList) {
    let driver = source.get(&names::DRIVER).as_str().unwrap_or_default();
    sources::csi_driver_name(driver, &at.child("driver"), errors);
    required_fields(source, &[&names::VOLUME_HANDLE], at, errors);
    for field in [
        "controllerPublishSecretRef",
        "controllerExpandSecretRef",
        "nodePublishSecretRef",
        "nodeExpandSecretRef",
    ] {
        let reference = &source[field];
        if !reference.is_null() {
            let fields = [&names::NAME, &names::NAMESPACE];
            required_fields(reference, &fields, &at.child(field), errors);
        }
    }
}

fn validate_update(new: &Value, old: &Value, errors: &mut ErrorList) {
    let (new_spec, old_spec) = (new.get(&names::SPEC), old.get(&names::SPEC));
    let source = |spec: &Value| -> Vec<(Key, Value)> {
        let is_source = |key: &Key| SOURCES.iter().any(|rule| rule.name == key.as_str());
        let map = spec.as_map().into_iter().flat_map(|map| map.iter());
        map.filter(|(key, _)| is_source(key)).map(|(k, v)| (k.clone(), v.clone())).collect()
    };
    let (new_source, old_source) = (source(new_spec), source(old_spec));
    if new_source != old_source {
        let document = |source: Vec<(Key, Value)>| Value::Map(source.into_iter().collect());
        let diff = internal::diff(
            types::CORE_V1_PERSISTENT_VOLUME_SOURCE,
            &document(old_source),
            &document(new_source),
        );
        let spec = Path::new("spec");
        let at = spec.child("persistentvolumesource");
        let detail = "spec.persistentvolumesource is immutable after creation";
        errors.forbidden(&at, format!("{detail}\n{diff}"));
    }
    let mode = |spec: &Value| spec.get(&names::VOLUME_MODE).clone();
    immutable(&mode(new_spec), &mode(old_spec), &Path::new("volumeMode"), scalar, errors);
    let affinity = |spec: &Value| spec.get(&names::NODE_AFFINITY).clone();
    if !affinity(old_spec).is_null() {
        let shown = |value: &Value| match value {
            Value::Null => "null".into(),
            value => internal::print(types::CORE_V1_VOLUME_NODE_AFFINITY, value),
        };
        let at = Path::new("nodeAffinity");
        immutable(&affinity(new_spec), &affinity(old_spec), &at, shown, errors);
    }
}

/// Sources that no longer work.
const DEPRECATED: [(&str, &str); 8] = [
    ("photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"),
    ("scaleIO", "deprecated in v1.16, non-functional in v1.22+"),
    ("storageos", "deprecated in v1.22, non-functional in v1.25+"),
    ("glusterfs", "deprecated in v1.25, non-functional in v1.26+"),
    ("flocker", "deprecated in v1.22, non-functional in v1.25+"),
    ("quobyte", "deprecated in v1.22, non-functional in v1.25+"),
    ("cephfs", "deprecated in v1.28, non-functional in v1.31+"),
    ("rbd", "deprecated in v1.28, non-functional in v1.31+"),
];

fn warnings(new: &Value, _: Option<&Value>) -> Vec<String> {
    let mut warnings = Vec::new();
    let volume = PersistentVolume::of(new);
    if volume.metadata().annotations().get(CLASS_ANNOTATION).is_some() {
        warnings.push(format!(
            "metadata.annotations[{CLASS_ANNOTATION}]: deprecated since v1.8; use \
             \"storageClassName\" attribute instead"
        ));
    }
    if volume.spec().persistent_volume_reclaim_policy() == "Recycle" {
        warnings.push(
            "spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. \
             Instead, the recommended approach is to use dynamic provisioning."
                .to_owned(),
        );
    }
    for (source, message) in DEPRECATED {
        if !volume.spec().value()[source].is_null() {
            warnings.push(format!("spec.{source}: {message}"));
        }
    }
    if let Some(amount) = volume.spec().capacity().get("storage")
        && amount.is_fractional()
    {
        warnings.push(format!(
            "spec.capacity[storage]: fractional byte value \"{amount}\" is invalid, must be an \
             integer"
        ));
    }
    warnings
}

fn row(object: &Value, now: Time) -> Row {
    let volume = PersistentVolume::of(object);
    let spec = volume.spec();
    let claim = spec.claim_ref().map(|claim| format!("{}/{}", claim.namespace(), claim.name()));
    let phase = match volume.metadata().deletion_timestamp() {
        Some(_) => "Terminating",
        None => volume.status().phase(),
    };
    let annotated = volume.metadata().annotations().get(CLASS_ANNOTATION);
    let capacity = spec.capacity().get("storage").unwrap_or(api::Quantity::ZERO);
    vec![
        name(object),
        capacity.to_string().into(),
        short_access_modes(spec.access_modes()).into(),
        spec.persistent_volume_reclaim_policy().to_owned().into(),
        phase.to_owned().into(),
        claim.unwrap_or_default().into(),
        annotated.unwrap_or(spec.storage_class_name()).to_owned().into(),
        attributes_class(spec.volume_attributes_class_name()),
        volume.status().reason().to_owned().into(),
        age(object, now),
        volume_mode(spec.volume_mode()),
    ]
}
