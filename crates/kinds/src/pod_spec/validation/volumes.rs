//! The volumes of a Pod.

use super::volume_sources::{self as sources, SourceRule, validate_sources};
use super::{Context, projections};
use crate::rules::{Seen, check, required};
use api::core::v1::{EmptyDirVolumeSource, EphemeralVolumeSource, Volume};
use api::field::{ErrorList, Path};
use api::{Value, View, go, names, validation};

/// The sources of volumes, in the order of the server. Two of them have a second name in errors.
const SOURCES: &[SourceRule] = &[
    SourceRule::new("emptyDir", validate_empty_dir),
    SourceRule::new("hostPath", sources::host_path),
    SourceRule::new("gitRepo", validate_git_repo),
    SourceRule {
        checked_at: "persistentDisk",
        ..SourceRule::new("gcePersistentDisk", sources::gce_disk)
    },
    SourceRule::new("awsElasticBlockStore", sources::aws_store),
    SourceRule::new("secret", projections::validate_secret),
    SourceRule::new("nfs", sources::nfs),
    SourceRule::new("iscsi", sources::iscsi),
    SourceRule::new("glusterfs", sources::glusterfs),
    SourceRule::new("flocker", sources::flocker),
    SourceRule::new("persistentVolumeClaim", validate_claim),
    SourceRule::new("rbd", sources::rbd),
    SourceRule::new("cinder", sources::cinder),
    SourceRule { forbidden_at: "cephFS", ..SourceRule::new("cephfs", sources::cephfs) },
    SourceRule::new("quobyte", sources::quobyte),
    SourceRule {
        forbidden_at: "downwarAPI",
        ..SourceRule::new("downwardAPI", projections::validate_downward)
    },
    SourceRule::new("fc", sources::fibre_channel),
    SourceRule::new("flexVolume", sources::flex_volume),
    SourceRule::new("configMap", projections::validate_config_map),
    SourceRule::new("azureFile", sources::azure_file),
    SourceRule::new("vsphereVolume", sources::vsphere),
    SourceRule::new("photonPersistentDisk", sources::photon),
    SourceRule::new("portworxVolume", sources::portworx),
    SourceRule::new("azureDisk", sources::azure_disk),
    SourceRule::new("storageos", sources::storage_os),
    SourceRule::new("projected", projections::validate_projected),
    SourceRule::new("scaleIO", sources::scale_io),
    SourceRule::new("csi", sources::csi),
    SourceRule::new("ephemeral", validate_ephemeral),
];

/// Checks the volumes and notes those that are sound; only they can be mounted.
pub(super) fn validate<'a>(context: &mut Context<'a>, at: &Path<'_>, errors: &mut ErrorList) {
    for (i, volume) in context.spec.volumes().enumerate() {
        let at = at.index(i);
        let before = errors.0.len();
        if validate_sources(SOURCES, volume.value(), &at, errors) == 0 {
            errors.required(&at, "must specify a volume type");
        }
        validate_claim_name(context, volume, &at, errors);
        let name: &'a str = volume.name();
        match name {
            "" => required(name, &at.child("name"), errors),
            name => check(validation::dns1123_label, name, &at.child("name"), errors),
        }
        if context.volumes.has(name) {
            errors.duplicate(&at.child("name"), name);
        }
        if errors.0.len() == before {
            context.volumes.insert(name);
        }
    }
    validate_created_claims(context, at, errors);
}

/// The claim that is made for an ephemeral volume is named after the Pod and the volume.
fn validate_claim_name(
    context: &Context<'_>,
    volume: Volume<'_>,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    let pod = context.pod.map_or("", |pod| pod.metadata().name());
    if volume.ephemeral().is_none() || pod.is_empty() || volume.name().is_empty() {
        return;
    }
    let claim = format!("{pod}-{}", volume.name());
    for problem in validation::dns1123_subdomain(&claim) {
        let detail = format!("PVC name {}: {problem}", go::quote(&claim));
        errors.invalid(&at.child("name"), volume.name(), detail);
    }
}

/// A volume must not refer to a claim that the Pod itself brings about.
fn validate_created_claims(context: &Context<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let pod = context.pod.map_or("", |pod| pod.metadata().name());
    let volumes = context.spec.volumes();
    let mut created = volumes.clone().filter(|volume| volume.ephemeral().is_some()).peekable();
    if pod.is_empty() || created.peek().is_none() {
        return;
    }
    for (i, volume) in volumes.enumerate() {
        let Some(claim) = volume.persistent_volume_claim() else {
            continue;
        };
        let claim = claim.claim_name();
        let is_created = claim
            .strip_prefix(pod)
            .and_then(|rest| rest.strip_prefix('-'))
            .is_some_and(|name| created.clone().any(|volume| volume.name() == name));
        if is_created {
            let at = at.index(i);
            let at = at.child("persistentVolumeClaim");
            let detail = "must not reference a PVC that gets created for an ephemeral volume";
            errors.invalid(&at.child("claimName"), claim, detail);
        }
    }
}

fn validate_empty_dir(source: &Value, at: &Path<'_>, errors: &mut ErrorList) {
    let limit = EmptyDirVolumeSource::of(source).size_limit();
    if limit.is_some_and(|limit| limit.sign() < 0) {
        let detail = "SizeLimit field must be a valid resource quantity";
        errors.forbidden(&at.child("sizeLimit"), detail);
    }
}

fn validate_git_repo(source: &Value, at: &Path<'_>, errors: &mut ErrorList) {
    sources::required_fields(source, &[&names::REPOSITORY], at, errors);
    let directory = source.get(&names::DIRECTORY).as_str().unwrap_or_default();
    crate::rules::local_descending_path(directory, &at.child("directory"), errors);
}

fn validate_claim(source: &Value, at: &Path<'_>, errors: &mut ErrorList) {
    sources::required_fields(source, &[&names::CLAIM_NAME], at, errors);
}

fn validate_ephemeral(source: &Value, at: &Path<'_>, errors: &mut ErrorList) {
    let at = at.child("volumeClaimTemplate");
    let Some(template) = EphemeralVolumeSource::of(source).volume_claim_template() else {
        return errors.required(&at, "");
    };
    let metadata_at = at.child("metadata");
    let metadata = template.metadata();
    crate::meta::validate_labels(metadata.labels(), &metadata_at.child("labels"), errors);
    let annotations_at = metadata_at.child("annotations");
    crate::meta::validate_annotations(metadata.annotations(), &annotations_at, errors);
    for (field, is_set) in [
        ("name", !metadata.name().is_empty()),
        ("generateName", !metadata.generate_name().is_empty()),
        ("namespace", !metadata.namespace().is_empty()),
        ("ownerReferences", !metadata.owner_references().is_empty()),
        ("finalizers", !metadata.finalizers().is_empty()),
    ] {
        if is_set {
            let detail = "cannot be set for an ephemeral volume";
            errors.forbidden(&metadata_at.child(field), detail);
        }
    }
    let spec = template.spec();
    crate::core::persistent_volume_claim::validate_spec(spec, &at.child("spec"), errors);
}

/// Whether two replicas could not both mount the volume: only read-only disks can be shared.
pub(super) fn validate_shareable(spec: &Value, at: &Path<'_>, errors: &mut ErrorList) {
    for (i, volume) in spec.get(&names::VOLUMES).items().iter().enumerate() {
        let disk = Volume::of(volume).gce_persistent_disk();
        if disk.is_some_and(|disk| !disk.read_only()) {
            let at = at.index(i);
            let at = at.child("gcePersistentDisk");
            let detail = "must be true for replicated pods > 1; GCE PD can only be mounted on \
                multiple machines if it is read-only";
            errors.invalid(&at.child("readOnly"), false, detail);
        }
    }
}

/// Whether something stood in a list before, by name.
pub(super) type Names<'a> = Seen<&'a str>;
